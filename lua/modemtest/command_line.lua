--- What a host's bytes mean as command lines: V.250 5.2 and 5.3, A2 to A5 of the general commands.
-- Written from the specification, never from an emulator's code: the coverage of a run (coverage.lua)
-- is counted with it.
local M = {}

--- Characters behind the prefix, and commands, that a line may have (A6).
local LINE_MAX, COMMANDS_MAX = 559, 39

--- Spaces outside quotes mean nothing.
local function without_spaces(text)
  local out, quoted = {}, false
  for char in text:gmatch(".") do
    quoted = quoted ~= (char == '"')
    if quoted or char ~= " " then
      out[#out + 1] = char
    end
  end
  return table.concat(out)
end

--- The place of the first ';' outside quotes behind 'from'; nil and whether a quote stays open.
local function separator(text, from)
  local quoted = false
  for at = from, #text do
    local char = text:sub(at, at)
    quoted = quoted ~= (char == '"')
    if char == ";" and not quoted then
      return at
    end
  end
  return nil, quoted
end

--- Arguments as they stand between commas outside quotes; none in an empty text.
local function arguments_of(text)
  local list, from, quoted = {}, 1, false
  for at = 1, #text do
    local char = text:sub(at, at)
    quoted = quoted ~= (char == '"')
    if char == "," and not quoted then
      list[#list + 1] = text:sub(from, at - 1)
      from = at + 1
    end
  end
  if text ~= "" then
    list[#list + 1] = text:sub(from)
  end
  return list
end

--- +NAME, +NAME?, +NAME=?, +NAME=arguments; nil for anything else.
local function extended(text)
  local name, tail = text:match("^([%+%$%*%^][%w!%%%-%./:_]+)(.*)$")
  if not name then
    return nil
  end
  local command = { name = name:upper(), arguments = 0 }
  if tail == "" then
    command.form = "X"
  elseif tail == "?" then
    command.form = "R"
  elseif tail == "=?" then
    command.form = "T"
  elseif tail:sub(1, 1) == "=" then
    local list = arguments_of(tail:sub(2))
    local key = #list > 1 and list[1]:match('^"(%a[%w/]*)"$')
    command.form, command.arguments, command.key = "W", #list, key and key:lower() or nil
  else
    return nil
  end
  return command
end

--- S3=13, S3?; E0, &F, D...; the command and where the next one begins, or nil.
local function basic(text, from)
  local name, sign, value, stop = text:match("^([sS]%d+)([?=])(%d*)()", from)
  if name then
    if sign == "?" then
      return { name = name:upper(), form = "R", arguments = 0 }, from + #name + 1
    end
    return { name = name:upper(), form = "W", arguments = 1, value = tonumber(value) or 0 }, stop
  end
  name, value, stop = text:match("^([&\\]?%a)(%d*)()", from)
  if not name or name:upper() == "S" then
    return nil
  end
  name = name:upper()
  if name == "D" then -- the dial string goes to the ';' behind it, which belongs to it
    local last = separator(text, from) or #text
    local number = text:sub(from + 1, last)
    local data_call = number:find("^%*99") ~= nil -- surveys count these as a command of its own
    return { name = data_call and "D*99" or "D", form = (data_call or number == "") and "X" or "W",
      arguments = (data_call or number == "") and 0 or 1 }, last + 1
  end
  return { name = name, form = value ~= "" and "W" or "X", arguments = value ~= "" and 1 or 0,
    value = tonumber(value) or 0 }, stop
end

--- The commands in a line's text behind "AT": list of { name, form, arguments, key, value }, and whether
-- that is all of it (false: the rest is a syntax error). form: T, R, W or X; arguments: how many were
-- written; key: a quoted word in front of others, in lower case; value: the number of a basic command.
function M.split(body)
  local text, list, from = without_spaces(body), {}, 1
  while from <= #text do
    local command
    if text:sub(from, from) == ";" then
      from = from + 1
    elseif text:find("^[%+%$%*%^]", from) then
      local stop, open = separator(text, from)
      command = not open and extended(text:sub(from, (stop or #text + 1) - 1)) or nil
      from = stop or #text + 1
      list[#list + 1] = command
      if not command then
        return list, false
      end
    else
      command, from = basic(text, from)
      list[#list + 1] = command
      if not command then
        return list, false
      end
    end
  end
  if #list == 0 then
    list[1] = { name = "", form = "X", arguments = 0 } -- AT alone
  end
  return list, true
end

local Reader = {}
Reader.__index = Reader

--- Reads what a host sends: reader:feed(bytes) calls on_line(commands, complete) for each command line.
function M.reader(on_line)
  local self = setmetatable({ on_line = on_line }, Reader)
  self:reset()
  return self
end

--- As after power-on; what was half typed is gone.
function Reader:reset()
  self.buffer, self.inside = "", false
  self.terminator, self.line_feed, self.backspace = "\r", "\n", "\b" -- S3, S4, S5
end

--- What is left of a line's bytes when it was edited (A9) and control characters are ignored (A4).
local function edited(self, bytes)
  if not bytes:find("%c") and not bytes:find(self.backspace, 1, true) then
    return bytes
  end
  local kept = {}
  for char in bytes:gmatch(".") do
    if char == self.backspace then
      kept[#kept] = nil
    elseif not char:find("%c") then
      kept[#kept + 1] = char
    end
  end
  return table.concat(kept)
end

local function heed_settings(self, commands)
  for _, command in ipairs(commands) do
    local set = command.form == "W" and command.value and command.value <= 255 and string.char(command.value)
    if command.name == "Z" or command.name == "&F" then
      self.terminator, self.line_feed, self.backspace = "\r", "\n", "\b"
    elseif command.name == "S3" and set then
      self.terminator = set
    elseif command.name == "S4" and set then
      self.line_feed = set
    elseif command.name == "S5" and set then
      self.backspace = set
    end
  end
end

local function line_ended(self, body)
  local commands, complete = {}, false
  if #body <= LINE_MAX then
    commands, complete = M.split(body)
  end
  if #commands > COMMANDS_MAX then
    commands, complete = {}, false
  end
  heed_settings(self, commands)
  self.last = { commands = commands, complete = complete }
  self.on_line(commands, complete)
end

--- Takes the prefix off the buffer: true where a line begins or A/ repeated one.
local function take_prefix(self)
  local from = self.buffer:find("[aA]+[^aA]")
  if not from then
    self.buffer = self.buffer:match("[aA]$") or ""
    return false
  end
  local at = self.buffer:find("[^aA]", from)
  local char = self.buffer:sub(at, at)
  self.buffer = self.buffer:sub(at + 1)
  self.inside = char:upper() == "T"
  if char == "/" and self.last then
    self.on_line(self.last.commands, self.last.complete)
  end
  return true
end

local function take_line(self)
  local at = self.buffer:find(self.terminator, 1, true)
  if not at then
    return false
  end
  local body = edited(self, self.buffer:sub(1, at - 1))
  self.buffer, self.inside = self.buffer:sub(at + 1), false
  line_ended(self, body)
  return true
end

--- What the modem frames with S3 and S4, as it would be with CR and LF.
function Reader:with_cr_lf(bytes)
  if self.terminator == "\r" and self.line_feed == "\n" then
    return bytes
  end
  local plain = { [self.line_feed] = "\n", [self.terminator] = "\r" }
  return (bytes:gsub(".", plain))
end

function Reader:feed(bytes)
  self.buffer = self.buffer .. bytes
  while (self.inside and take_line or take_prefix)(self) do end
end

return M
