--- How esp_modem's SIM7600 device reads (general-commands.md C2.1, C2.2, C2.5).
local M = {}

--- The LCP echo request that asks whether the modem is in data mode, and what asks the other modes.
M.LCP_ECHO = "\x7E\xFF\x03\xC0\x21\x09\x01\x00\x08\x99\xD1\x35\xC1\x8E\x2C\x7E"
M.AT_PROBE = "\r\nAT\r\n\0"
M.SABM = "\xF9\x03\x3F\x01\x1C\xF9"

--- Reads until judge(all so far) says something; it is asked whenever 'separator' comes in.
local function command(stream, seconds, separator, judge)
  local data, deadline = "", stream:deadline(seconds)
  while true do
    local byte = stream:byte(deadline)
    if not byte then
      return "timeout"
    end
    data = data .. byte
    local verdict = byte == separator and judge(data)
    if verdict then
      return verdict
    end
  end
end

--- esp_modem.command(seconds [, pass="OK" [, separator="\n"]]) -> reader of "ok", "fail" or "timeout"
-- generic_command(): 'pass' or ERROR anywhere in what came.
function M.command(seconds, pass, separator)
  return function(stream)
    return command(stream, seconds, separator or "\n", function(data)
      return data:find(pass or "OK", 1, true) and "ok" or data:find("ERROR", 1, true) and "fail"
    end)
  end
end

--- generic_get_string(): the last line of more than two characters before the one with OK. "" when it
-- was ERROR.
local function get_string(stream, seconds)
  local found
  command(stream, seconds, "\n", function(data)
    found = ""
    for line in data:gmatch("([^\n]*)\n") do
      line = line:gsub("\r+$", "")
      if line:find("OK", 1, true) then
        return "ok"
      end
      if line:find("ERROR", 1, true) then
        found = ""
        return "fail"
      end
      if #line > 2 then
        found = line
      end
    end
    return nil
  end)
  return found
end

function M.string(stream)
  return get_string(stream, 5)
end

--- read_pin(): is the card ready? false when it wants a PIN or the command failed.
function M.pin_ready(stream)
  local ready = false
  command(stream, 1, "\n", function(data)
    ready = data:find("READY", 1, true) ~= nil
    return data:find("OK", 1, true) or data:find("ERROR", 1, true)
  end)
  return ready
end

--- The part of an answer behind its prefix; nil where it is another answer.
local function behind(line, prefix)
  return line:sub(1, #prefix) == prefix and line:sub(#prefix + 1) or nil
end

local function parsed(prefix, parse, seconds)
  return function(stream)
    local rest = behind(get_string(stream, seconds or 1), prefix)
    return rest and parse(rest) or false
  end
end

--- get_signal_quality(): { rssi, ber }
M.signal = parsed("+CSQ: ", function(rest)
  local rssi, ber = rest:match("^(%d+),(%d+)$")
  return { tonumber(rssi), tonumber(ber) }
end)

--- get_operator_name(): { name, access technology }
M.operator = parsed("+COPS: ", function(rest)
  local name, act = rest:match('^%d+,%d+,"([^"]*)",(%d+)$')
  return { name, tonumber(act) }
end, 75)

--- get_network_registration_state()
M.registration = parsed("+CREG: ", function(rest) return tonumber(rest:match("^%d+,(%d+)$")) end)

--- get_network_system_mode()
M.system_mode = parsed("+CNSMOD: ", function(rest) return tonumber(rest:match("^%d+,(%d+)$")) end)

--- get_network_attachment_state()
M.attached = parsed("+CGATT: ", function(rest) return tonumber(rest) end)

--- get_battery_status(): millivolts, of "3.991V" only.
M.battery = parsed("+CBC: ", function(rest)
  local volts, millivolts = rest:match("^(%d+)%.(%d%d%d)V$")
  return volts and tonumber(volts) * 1000 + tonumber(millivolts)
end)

--- What came within a time after which esp_modem goes on.
local function within(stream, seconds, stop)
  local data, deadline = "", stream:pause(seconds)
  local byte = stream:byte(deadline)
  while byte do
    data = data .. byte
    if stop(data) then
      return data
    end
    byte = stream:byte(deadline)
  end
  return data
end

local function is_data(data)
  return data:find("\x7E.*\xC0\x21") ~= nil or data:find("\x7E\xFF\x7D\x23\xC0", 1, true) ~= nil
end

local function is_command(data)
  return data:byte() ~= 0xF9 and data:sub(1, 16):find("OK", 1, true) ~= nil
end

local function is_cmux(data)
  return data:find("\xF9\x03\x73", 1, true) ~= nil
end

--- esp_modem.detect(stream) -> "data", "command", "cmux" or "unknown"
-- esp_modem_set_mode(DETECT). stream.got is then what the last probe was answered with.
function M.detect(stream)
  stream:write(M.LCP_ECHO, { pattern = "^.*$" })
  if is_data(within(stream, 0.2, is_data)) then
    return "data"
  end
  stream:write(M.AT_PROBE, { pattern = "^.*$" })
  -- Not the client's 0.5 s, for a loaded machine: in command mode the answer ends the wait anyway.
  if is_command(within(stream, 5, is_command)) then
    return "command"
  end
  stream:write(M.SABM, { pattern = "^.*$" })
  return is_cmux(within(stream, 0.2, is_cmux)) and "cmux" or "unknown"
end

return M
