--- Lines that a command must refuse, made from its rows: values at the edges of their ranges, wrong types,
-- parameters missing and too many, quotes, forms that it does not have. And the valid edges.
local sorted_keys = require("modemtest.text").sorted_keys
local offered = require "lib.offered"

local M = {}

--- A plain ERROR, byte for byte: syntax errors and values out of range (general-commands.md A10).
M.ERROR = "\r\nERROR\r\n"

local LINE_MAX = 559 -- characters behind AT (general-commands.md A6)

local function pem(n)
  return ("a"):rep(n - 4) .. ".pem"
end

--- What a string parameter of this name must look like to mean something, n bytes of it.
local TEXT = {
  time = function(n) return ("24/05/17,12:34:56+08"):sub(1, n) end,
  server_addr = function(n) return "tcp://" .. ("0"):rep(n - 6) end,
  filename = pem, cacert_file = pem, clientcert_file = pem, clientkey_file = pem,
}

--- A string of n bytes in quotes: one that means something where there is one, else letters.
local function text_of(param, n)
  local text = TEXT[param.name] and TEXT[param.name](n)
  return '"' .. (text and #text == n and text or ("a"):rep(n)) .. '"'
end

--- The words that a parameter takes, from its range ("IRA","GSM").
local function words_of(param)
  local words = {}
  for word in param.range:gmatch('"([^"]+)"') do
    words[#words + 1] = word
  end
  return words
end

--- A value in range, as it is written.
local function valid(param)
  if param.type == "word" then
    return '"' .. words_of(param)[1] .. '"'
  end
  if param.type == "string" then
    return text_of(param, math.max(param.parts[1][1], 1))
  end
  return tostring(param.parts[1][1])
end

local function inside(param, value)
  for _, part in ipairs(param.parts) do
    if value >= part[1] and value <= part[2] then
      return true
    end
  end
  return false
end

--- The values at the edges of a parameter's parts that are in its range, or those that are not.
local function edges(param, wanted)
  if param.type == "word" then
    return wanted and words_of(param) or { "NOSUCHWORD", "" }
  end
  local list, seen = {}, {}
  for _, part in ipairs(param.parts) do
    for _, value in ipairs { part[1] - 1, part[1], part[2], part[2] + 1 } do
      local possible = value >= 0 or param.type == "number"
      if possible and not seen[value] and inside(param, value) == wanted then
        seen[value], list[#list + 1] = true, value
      end
    end
  end
  return list
end

local function written(param, value)
  return param.type == "string" and text_of(param, value) or param.type == "word" and '"' .. value .. '"'
      or tostring(value)
end

--- What one way to write a command takes: the words in front (a quoted key), its parameters, how many of
-- them must be there.
local function shape(row, prefix, params)
  local least = #params
  while least > 0 and params[least].optional do
    least = least - 1
  end
  return { row = row, prefix = prefix, params = params, least = least }
end

local function shapes(command)
  local list = {}
  for _, row in ipairs(command.rows) do
    local keys = sorted_keys(row.keys)
    for _, key in ipairs(keys) do
      list[#list + 1] = shape(row, { '"' .. key .. '"' }, row.keys[key])
    end
    if #keys == 0 and row.forms:find("W") then
      list[#list + 1] = shape(row, {}, row.parameters)
    end
  end
  return list
end

--- Is there a row of this name that takes so many words? Then another row decides.
local function taken(command, count)
  for _, row in ipairs(command.rows) do
    local keyed = next(row.keys) ~= nil
    local s = shape(row, {}, row.parameters)
    if not keyed and row.forms:find("W") and count >= s.least and count <= #s.params then
      return true
    end
  end
  return false
end

--- The words of a line whose parameter i is 'word'; what comes in front of it is valid, and what must follow.
local function words_with(s, i, word)
  local words = { table.unpack(s.prefix) }
  for k = 1, math.max(i, s.least) do
    words[#words + 1] = k == i and word or valid(s.params[k])
  end
  return words
end

local Lines = {}
Lines.__index = Lines

--- answer: exact bytes, or nil: refused, in one of the ways that the state allows. comma, equals: as they
-- are written, "," and "=" if not given.
function Lines:add(words, answer, comma, equals)
  local line = "AT" .. self.command.name .. (equals or "=") .. table.concat(words, comma or ",")
  if #line - 2 <= LINE_MAX then
    self[#self + 1] = { line = line, answer = answer }
  end
end

--- The answer to a value out of range: with a code of its own, or a plain ERROR; nil where the modem's
-- state may be looked at first, or the form of the refusal is not that of the MQTT commands.
local function out_of_range(s, param, words, value)
  if s.row.depends_on_state and not param.early or type(value) == "number" and value < 0 and param.refuse ~= 0 then
    return nil
  end
  if param.refuse == 0 then
    return M.ERROR
  end
  return s.row.name:find("^%+CMQTT") and ("\r\n%s: %s,%d\r\n"):format(s.row.name, words[1], param.refuse) .. M.ERROR
      or nil
end

local BAD_NUMBERS = { "x", "1x", "1\xE9", "“1”", "\x931\x94", "'1'", "1.0", "2147483648", "4294967297", ("9"):rep(100) }
local BAD_TEXTS = { "“a”", "\x93a\x94", '"a"b', 'a"b"', '""a""' }

local function bad_values(lines, s)
  for i, param in ipairs(s.params) do
    for _, value in ipairs(edges(param, false)) do
      local words = words_with(s, i, written(param, value))
      local answer = out_of_range(s, param, words, value)
      lines:add(words, answer)
      lines:add(words, answer, " , ", " = ")
    end
    for _, word in ipairs(param.type == "number" and BAD_NUMBERS or BAD_TEXTS) do
      lines:add(words_with(s, i, word), M.ERROR)
    end
    if param.type == "number" then
      lines:add(words_with(s, i, '"1"'), param.refuse_type == 0 and M.ERROR or nil)
    end
  end
end

local function bad_counts(lines, s, command)
  for count = 0, s.least - 1 do
    local words = { table.unpack(words_with(s, 0), 1, #s.prefix + count) }
    if not taken(command, #words) then
      lines:add(words, M.ERROR)
    end
    local emptied = words_with(s, count + 1, "")
    if #emptied > 1 then
      lines:add(emptied, M.ERROR)
    end
  end
  local most = words_with(s, #s.params, #s.params > 0 and valid(s.params[#s.params]) or "")
  most[#most + 1] = "1"
  if not taken(command, #most) then
    lines:add(most, M.ERROR)
  end
end

local function bad_quotes(lines, s)
  local words = words_with(s, 0)
  words[math.max(#words, 1)] = (words[#words] or "") .. '"'
  lines:add(words, M.ERROR)
  for i, word in ipairs(words_with(s, 0)) do
    if word:find('^"') then
      for _, bad in ipairs { word:sub(2), word:sub(1, -2), "“" .. word:sub(2, -2) .. "”" } do
        local changed = words_with(s, 0)
        changed[i] = bad
        lines:add(changed, M.ERROR)
      end
    end
  end
end

--- Lines with values that an extended command refuses: list of { line, answer (nil: see refused_somehow) }.
function M.values(command)
  local lines = setmetatable({ command = command }, Lines)
  for _, s in ipairs(shapes(command)) do
    bad_values(lines, s)
    bad_counts(lines, s, command)
    bad_quotes(lines, s)
    if #s.prefix > 0 then
      lines:add({ '"nosuchkey"', "0" }, M.ERROR)
    end
  end
  for _, row in ipairs(command.rows) do
    for _, key in ipairs(row.refused_keys) do
      lines:add({ '"' .. key .. '"', "0", "1" }, M.ERROR)
    end
  end
  return lines
end

--- Lines with values that a basic command or an S-register refuses.
function M.basic_values(command)
  local list = {}
  local param = command.rows[1].parameters[1]
  local sign = command.name:find("^S%d") and "=" or ""
  for _, value in ipairs(param and command.forms.W and edges(param, false) or {}) do
    if value >= 0 then -- a minus is no part of the number, but the next command
      list[#list + 1] = { line = ("AT%s%s%d"):format(command.name, sign, value), answer = M.ERROR }
    end
  end
  if param and command.forms.W then
    list[#list + 1] = { line = ("AT%s%s%s"):format(command.name, sign, ("9"):rep(100)), answer = M.ERROR }
  end
  return list
end

local FORM_LINES = { T = { "=?" }, R = { "?" }, X = { "" }, W = { "=", "=1", '="a"', "=1,1" } }

local MALFORMED = { "??", "?1", "?=", "\xE9?", "\xE9=?", '="', ' "?' }

--- Lines in the forms that the command does not have, and in none.
function M.forms(command)
  local list = {}
  local function add(tail)
    list[#list + 1] = { line = "AT" .. command.name .. tail, answer = M.ERROR }
  end
  for form in ("TRWX"):gmatch(".") do
    for _, tail in ipairs(command.forms[form] and {} or FORM_LINES[form]) do
      add(tail)
    end
  end
  for _, tail in ipairs(offered.is_extended(command.name) and MALFORMED or {}) do
    add(tail)
  end
  return list
end

--- Does a line of so many words mean something? Not where a text in it is just letters.
local function is_meant(s, count)
  for i = 1, count - #s.prefix do
    if s.params[i].type == "string" and not TEXT[s.params[i].name] then
      return false
    end
  end
  return true
end

--- Lines with the edges of a command's ranges: list of { line, data (bytes for a prompt), strict (a plain
-- ERROR is wrong) }.
function M.valid_edges(command)
  local list, extended = {}, offered.is_extended(command.name)
  local sign = (extended or command.name:find("^S%d")) and "=" or ""
  for _, s in ipairs(shapes(command)) do
    for i, param in ipairs(s.params) do
      for _, value in ipairs(edges(param, true)) do
        local words = words_with(s, i, written(param, value))
        for _, mark in ipairs { "", " " } do
          local line = "AT" .. command.name .. mark .. sign .. mark .. table.concat(words, "," .. mark)
          if #line - 2 <= LINE_MAX then
            list[#list + 1] = { line = line, words = words, shape = s, strict = is_meant(s, #words) }
          end
        end
      end
    end
  end
  return list
end

--- What a prompt after such a line is given: so many bytes as it announced, or the end of a message.
function M.data(edge)
  for i, param in ipairs(edge.shape.params) do
    local n = param.name:lower():find("len") and tonumber(edge.words[#edge.shape.prefix + i])
    if n then
      return ("d"):rep(n)
    end
  end
  return "\x1B"
end

return M
