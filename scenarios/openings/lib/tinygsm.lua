--- How TinyGSM's SIM7600 client reads (general-commands.md C1.1 to C1.3).
local M = {}

local OK, ERROR = "OK\r\n", "ERROR\r\n"

--- waitResponse(): after each byte, does what was read so far end with one of the targets? 0: none
-- did in time. With one target only, ERROR ends the wait, too; without any, OK does.
local function wait_response(stream, deadline, ...)
  local targets = { ... }
  targets[1] = targets[1] or OK
  targets[2] = targets[2] or ERROR
  local data = ""
  while true do
    local byte = stream:byte(deadline)
    if not byte then
      return 0, data
    end
    if byte ~= "\0" then
      data = data .. byte
      for index, target in ipairs(targets) do
        if data:sub(-#target) == target then
          return index, data
        end
      end
    end
  end
end

local function wait(stream, seconds, ...)
  return wait_response(stream, stream:deadline(seconds), ...)
end

--- Stream::readStringUntil(), one second a byte.
local function string_until(stream, last)
  local parts = {}
  while true do
    local byte = stream:byte(stream:deadline(1))
    if not byte or byte == last then
      return table.concat(parts)
    end
    parts[#parts + 1] = byte
  end
end

local function atoi(digits)
  return math.tointeger(tonumber(digits:match("^%s*([+-]?%d+)") or "0"))
end

--- streamGetIntBefore(): seven characters without the one that ends the number are no number.
local function int_before(stream, last)
  local digits = string_until(stream, last)
  return #digits > 0 and #digits < 7 and atoi(digits) or -9999
end

local function trimmed(line)
  return line:match("^%s*(.-)%s*$")
end

--- tinygsm.final(seconds) -> reader of the index: 1 OK, 2 ERROR, 0 neither in time.
function M.final(seconds)
  return function(stream)
    return (wait(stream, seconds))
  end
end

--- tinygsm.wait(seconds, target, ...) -> reader of the index of what came first.
function M.wait(seconds, ...)
  local targets = { ... }
  return function(stream)
    return (wait(stream, seconds, table.unpack(targets)))
  end
end

--- One round of testAT(): waits no longer than the client does before it sends the next AT.
function M.alive(stream)
  return wait_response(stream, stream:pause(0.2)) == 1
end

--- getModemName(): the answer without line breaks and OK.
function M.name(stream)
  local _, data = wait(stream, 5)
  return trimmed((data:gsub("\r\nOK\r\n", "")))
end

--- getSimStatus(): "ready", "locked" or "error"; "retry" where the client asks again after a second.
function M.sim_status(stream)
  if wait(stream, 1, "+CPIN:") ~= 1 then
    return "retry"
  end
  local state = wait(stream, 1, "READY", "SIM PIN", "SIM PUK", "NOT INSERTED", "NOT READY")
  wait(stream, 1)
  return state == 1 and "ready" or (state == 2 or state == 3) and "locked" or "error"
end

--- A getter: waits for 'prefix', takes the value with get(stream), and waits for the final result.
local function getter(prefix, get, seconds)
  return function(stream)
    if wait(stream, seconds or 1, prefix) ~= 1 then
      return false
    end
    local value = get(stream)
    wait(stream, 1)
    return value
  end
end

--- The text between the next two quotes.
local function quoted(stream)
  string_until(stream, '"')
  return string_until(stream, '"')
end

--- getRegistrationStatus()
M.registration = getter("+CGREG:", function(stream)
  string_until(stream, ",")
  return int_before(stream, "\n")
end)

M.signal = getter("+CSQ:", function(stream) return int_before(stream, ",") end)
M.operator = getter("+COPS:", quoted)
M.provider = getter("+CSPN:", quoted)
M.ccid = getter("\r\n+ICCID:", function(stream) return trimmed(string_until(stream, "\n")) end)
M.ip = getter("\r\n+IPADDR:", function(stream) return trimmed(string_until(stream, "\n")) end)
M.system_mode = getter("+CNSMOD:", function(stream)
  string_until(stream, ",")
  return int_before(stream, "\n")
end)

--- streamGetFloatBefore(), of "3.991V" and "29".
local function float_before(stream)
  return tonumber(string_until(stream, "\n"):match("^%s*([%d.]+)")) or -9999
end

M.battery = getter("+CBC:", float_before)
M.temperature = getter("\r\n+CPMUTEMP:", float_before)

--- getIMEI(), getIMSI(): the line behind the first line break.
function M.second_line(stream)
  string_until(stream, "\n")
  local line = string_until(stream, "\n")
  wait(stream, 1)
  return trimmed(line)
end

--- getNetworkTime(): { year, month, day, zone in hours }. Its year is of this century, come what may.
M.date = getter('+CCLK: "', function(stream)
  local year, month, day = int_before(stream, "/"), int_before(stream, "/"), int_before(stream, ",")
  int_before(stream, ":")
  int_before(stream, ":")
  stream:byte(stream:deadline(1))
  stream:byte(stream:deadline(1))
  local sign = stream:byte(stream:deadline(1))
  local zone = int_before(stream, "\n")
  return { year < 2000 and year + 2000 or year, month, day, sign == "-" and -zone / 4 or zone / 4 }
end, 2)

--- getGPS(): is there a fix? Without one the first field is empty.
M.fix = getter("\r\n+CGNSSINFO:", function(stream)
  local mode = int_before(stream, ",")
  return mode >= 1 and mode <= 3
end)

--- sendUSSD() behind its OK: { text, coding scheme }.
function M.ussd(stream)
  if wait(stream, 1) ~= 1 or wait(stream, 10, "+CUSD:") ~= 1 then
    return false
  end
  local reply = quoted(stream)
  string_until(stream, ",")
  return { reply, int_before(stream, "\n") }
end

--- NTPServerSync() behind its OK: the code of +CNTP.
function M.ntp(stream)
  return wait(stream, 10, "+CNTP:") == 1 and int_before(stream, "\n")
end

return M
