--- Reads the lines of an AT dialogue: what a command line asks for, what an answer line says.
local M = {}

--- Undoes the escapes of the trace: \\ and \xNN.
function M.unescape(text)
  return (text:gsub("\\(x?)(%x?%x?)", function(x, digits)
    if x == "x" and #digits == 2 then
      return string.char(tonumber(digits, 16))
    end
    return "\\" .. x .. digits
  end):gsub("\\\\", "\\"))
end

--- Splits at 'separator' outside of quotes.
local function split(text, separator)
  local parts, from, quoted = {}, 1, false
  for at = 1, #text do
    local c = text:sub(at, at)
    quoted = quoted ~= (c == '"')
    if c == separator and not quoted then
      parts[#parts + 1] = text:sub(from, at - 1)
      from = at + 1
    end
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end

local function trim(text)
  return text:match("^%s*(.-)%s*$")
end

--- Parameters as texts without their quotes; one that was left out is "".
function M.arguments(text)
  local list = {}
  for i, argument in ipairs(split(text, ",")) do
    argument = trim(argument)
    list[i] = argument:match('^"(.*)"$') or argument
  end
  return list
end

local function command(text)
  local plus, name, rest = trim(text):match("^(%+?)([^=?]*)(.*)$")
  local form, parameters = "exec", {}
  if rest == "=?" then
    form = "test"
  elseif rest:sub(1, 1) == "?" then
    form = "read"
  elseif rest:sub(1, 1) == "=" then
    form, parameters = "set", M.arguments(rest:sub(2))
  end
  return { name = trim(name):upper(), extended = plus ~= "", form = form, arguments = parameters,
    text = trim(text) }
end

--- The commands of a line "AT+A=1;+B?": a list of { name="A", form="set"|"read"|"test"|"exec", arguments={ "1" },
-- text= }. nil for a line that does not begin with AT.
function M.commands(line)
  local body = line:match("^%s*[Aa][Tt](.*)$")
  if not body then
    return nil
  end
  local list = {}
  for _, text in ipairs(split(body, ";")) do
    if trim(text) ~= "" then
      list[#list + 1] = command(text)
    end
  end
  return list
end

--- A line "+NAME: 0,6" of the modem: "NAME", { "0", "6" }. nil for another.
function M.answer(line)
  local name, rest = line:match("^[+*]([%w ]-):%s*(.*)$")
  if not name then
    name, rest = line:match("^%+([%w]+)$"), ""
  end
  if not name then
    return nil
  end
  return name, M.arguments(rest)
end

--- Is this line the end of an answer?
function M.is_final(line)
  return line == "OK" or line == "ERROR" or line == "NO CARRIER" or line == "BUSY" or line == "NO ANSWER"
    or line == "NO DIALTONE" or line:find("^CONNECT") ~= nil or line:find("^%+CM[ES] ERROR") ~= nil
end

--- Commands that wait for bytes behind a prompt, and which parameter says how many (nil: until Ctrl-Z).
M.DATA_LENGTH = { CMQTTTOPIC = 2, CMQTTPAYLOAD = 2, CMQTTSUBTOPIC = 2, CMQTTUNSUBTOPIC = 2, CMQTTWILLTOPIC = 2,
  CMQTTWILLMSG = 2, CCERTDOWN = 2, CFTRANRX = 2, CMGS = false, CMGW = false }

--- How many bytes this command (of commands()) asks for; nil when it asks for none.
function M.data_length(c)
  local at = M.DATA_LENGTH[c.name]
  if c.form ~= "set" then
    return nil
  end
  if c.name == "CMQTTSUB" or c.name == "CMQTTUNSUB" then
    at = #c.arguments > 2 and 2 or nil
  end
  return at and math.tointeger(tonumber(c.arguments[at])) or nil
end

--- The CMQTT commands whose result line names a client and a code, as AT+NAME=<client>,... does.
local WITHOUT_CLIENT = { CMQTTSTART = true, CMQTTSTOP = true, CMQTTCFG = true }

function M.client_of(c)
  if c.form == "set" and c.name:find("^CMQTT") and not WITHOUT_CLIENT[c.name] then
    return math.tointeger(tonumber(c.arguments[1]))
  end
  return nil
end

local CODE_ALONE = { CMQTTSTART = true, CMQTTSTOP = true, NETOPEN = true, NETCLOSE = true, CNTP = true }

--- The result code in an answer line of 'name', and the client it is about: code, client. nil when it has none.
function M.code(name, values)
  if CODE_ALONE[name] and #values == 1 then
    return math.tointeger(tonumber(values[1]))
  end
  if name:find("^CMQTT") and #values == 2 then
    return math.tointeger(tonumber(values[2])), math.tointeger(tonumber(values[1]))
  end
  return nil
end

--- Hides what is secret in a command line that comes from a terminal, not from the emulator's trace.
function M.without_secrets(line)
  local upper = line:upper()
  if upper:find("CPIN=", 1, true) or upper:find("CPWD=", 1, true) or upper:find("CLCK=", 1, true) then
    return (line:gsub("=.*", "=***"))
  end
  if upper:find('"KEYPWD"', 1, true) then
    return (line:gsub(',[^,]*$', ',"***"'))
  end
  if upper:find("CMQTTCONNECT=", 1, true) then
    local parts = split(line, ",")
    if #parts > 5 then
      parts[6] = '"***"'
      return table.concat(parts, ",", 1, 6)
    end
  end
  return line
end

return M
