#!/usr/bin/env lua5.4
--- An MQTT client on a SIM7600 that speaks with its modem as it should: counted data, results and not only OK,
-- reboots. It does the job of client-good, and has the same environment and output.
--
-- What is wrong: when the connection is lost it connects again at once, and again, until it succeeds. People write it
-- so because on the desk the broker is there again at the second attempt, and the sooner the better. In the field
-- a thousand devices lose the same broker in the same second; all of them keep it from coming back, AWS throttles each
-- client id to one CONNECT a second, and each TLS handshake costs data volume and battery.
local uv = require "luv"

local function setting(name, default)
  local value = os.getenv(name)
  return value and value ~= "" and value or default or error(name .. " is not set")
end

local PERCENT = tonumber(setting("TIME_PERCENT", "100"))
local THING = setting("THING_NAME", "thing1")
local COUNT = tonumber(setting("PUBLISH_COUNT", "-1"))
local QOS = setting("PUBLISH_QOS", "1")
local PAUSE_MS = tonumber(setting("PUBLISH_MS", "5000"))
local TLS = setting("BROKER_TLS", "1") == "1"
local CERTIFICATES = { -- name in the modem, keyword of CSSLCFG, file
  { "cacert.pem", "cacert", "AmazonRootCA1.pem" },
  { "clientcert.pem", "clientcert", THING .. "-certificate.pem.crt" },
  { "clientkey.pem", "clientkey", THING .. "-private.pem.key" },
}

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- The port ----------------------------------------------------------------------------------------------------

local port, buffer = nil, ""

local function give_up(why)
  io.stderr:write(why, "\n")
  os.exit(1)
end

local function on_bytes(err, bytes)
  if err or not bytes then
    give_up("the port is gone: " .. tostring(err))
  end
  buffer = buffer .. bytes
end

local function open(name)
  local host, number = name:match("^socket://(.+):(%d+)$")
  if host then
    port = uv.new_tcp()
    local connected
    port:connect(host, tonumber(number), function(err) connected = err or true end)
    while not connected do
      uv.run("once")
    end
  else
    local fd = assert(uv.fs_open(name, uv.constants.O_RDWR + uv.constants.O_NOCTTY, 0))
    os.execute("stty raw -echo <'" .. name .. "'")
    port = assert(uv.new_tty(fd, true))
  end
  port:read_start(on_bytes)
end

local timer = uv.new_timer()

--- Lets the loop run until found() is not nil, or the time (scaled by TIME_PERCENT) has passed. Returns that.
local function wait(ms, found)
  local over = false
  timer:start(math.max(20, ms * PERCENT // 100), 0, function() over = true end)
  local value = found()
  while value == nil and not over do
    uv.run("once")
    value = found()
  end
  timer:stop()
  return value
end

-- What comes --------------------------------------------------------------------------------------------------

local topic, payload = "", ""
local lost -- why the connection is gone

--- n counted bytes and the line end behind them; nil until they are there.
local function block(n)
  if #buffer < n + 2 then
    return nil
  end
  local bytes = buffer:sub(1, n)
  buffer = buffer:sub(n + 3)
  return bytes
end

--- The next whole line, without empty ones; nil.
local function take_line()
  local line, rest = buffer:match("^[\r\n ]*([^\r\n]+)\r+\n(.*)$") -- an echo ends with CR alone
  if line then
    buffer = rest
  end
  return line
end

local function escaped(bytes)
  return (bytes:gsub("[%c\\\128-\255]", function(c) return ("\\x%02X"):format(c:byte()) end))
end

--- Lines that come by themselves. True when this is one.
local function is_urc(line)
  local name, n = line:match("^%+CMQTTRX(%u+): 0,?(%d*)")
  if name == "START" then
    topic, payload = "", ""
  elseif name == "TOPIC" then
    topic = topic .. (wait(5000, function() return block(tonumber(n)) end) or "")
  elseif name == "PAYLOAD" then
    payload = payload .. (wait(5000, function() return block(tonumber(n)) end) or "")
  elseif name == "END" then
    say("message %s %s", topic, escaped(payload))
  elseif line:find("^RDY") or line:find("^%*ATREADY") then
    lost = "the modem has rebooted"
  elseif line:find("^%+CMQTTCONNLOST: 0") or line:find("^%+CMQTTNONET") then
    lost = line
  else
    return false
  end
  return true
end

--- A line that is the answer of a command; nil until one is there.
local function next_line()
  repeat
    local line = take_line()
    if not line or not is_urc(line) then
      return line
    end
  until false
end

-- Commands ----------------------------------------------------------------------------------------------------

--- Waits for OK, and for +CMQTTxxx: 0,CODE where 'result' names it. Returns success, lines.
local function answer(result, ms)
  local lines, ok, code = {}, false, nil
  repeat
    local line = wait(ms or 10000, next_line)
    if not line or line == "ERROR" or line:find("^%+CM[ES] ERROR") then
      return false, lines
    end
    ok = ok or line == "OK"
    code = code or result and line:match("^%+" .. result .. ": 0,(%d+)$") or line:match("^%+CMQTTST%u+: (%d+)$")
    lines[#lines + 1] = line
  until ok and (code or not result)
  return not result or code == "0", lines
end

local stopping = false

--- SIGTERM ends the client between two commands.
local function may_stop()
  if stopping then
    os.exit(0)
  end
end

local function ask(command, result, ms)
  may_stop()
  port:write(command .. "\r")
  return answer(result, ms)
end

local function enter(command, data)
  may_stop()
  port:write(command .. "\r")
  local prompt = wait(10000, function()
    if buffer:find("^[\r\n]*>") then
      buffer = buffer:gsub("^[\r\n]*>", "")
      return true
    end
    local line = next_line()
    return line and line:find("ERROR") and false or nil
  end)
  if not prompt then
    return false
  end
  port:write(data)
  return (answer())
end

local function upload()
  local _, stored = ask("AT+CCERTLIST")
  for _, c in ipairs(CERTIFICATES) do
    if not table.concat(stored, "\n"):find('"' .. c[1] .. '"', 1, true) then
      local file = assert(io.open(setting("CERTIFICATES") .. "/" .. c[3], "rb"))
      local bytes = file:read("a")
      file:close()
      enter(('AT+CCERTDOWN="%s",%d'):format(c[1], #bytes), bytes)
    end
  end
end

local function set_up_tls()
  upload()
  for _, what in ipairs({ '"sslversion",0,4', '"authmode",0,2', '"ignorelocaltime",0,1' }) do
    ask("AT+CSSLCFG=" .. what)
  end
  for _, c in ipairs(CERTIFICATES) do
    ask(('AT+CSSLCFG="%s",0,"%s"'):format(c[2], c[1]))
  end
end

local function connect()
  local _, state = ask("AT+CMQTTDISC?")
  if table.concat(state):find("+CMQTTDISC: 0,0", 1, true) then
    ask("AT+CMQTTDISC=0,60", "CMQTTDISC", 60000)
  end
  ask("AT+CMQTTREL=0")
  ask("AT+CMQTTSTOP", "CMQTTSTOP")
  if TLS then
    set_up_tls()
  end
  ask("AT+CMQTTSTART", "CMQTTSTART", 60000)
  ask(('AT+CMQTTACCQ=0,"%s",%d'):format(setting("CLIENT_ID", THING), TLS and 1 or 0))
  ask('AT+CMQTTCFG="version",0,4')
  if TLS then
    ask("AT+CMQTTSSLCFG=0,0")
  end
  lost = nil
  local address = ('"tcp://%s:%s"'):format(setting("BROKER_HOST"), setting("BROKER_PORT"))
  if not ask("AT+CMQTTCONNECT=0," .. address .. ",60,1", "CMQTTCONNECT", 130000) then
    return false, "CONNECT failed"
  end
  say("connected")
  if not enter(("AT+CMQTTSUBTOPIC=0,%d,1"):format(#THING + 4), THING .. "/cmd")
    or not ask("AT+CMQTTSUB=0", "CMQTTSUB", 130000) then
    return false, "SUB failed"
  end
  say("subscribed")
  return true
end

local function publish(counter)
  local name, text = THING .. "/telemetry", ('{"counter":%d}'):format(counter)
  return enter(("AT+CMQTTTOPIC=0,%d"):format(#name), name)
    and enter(("AT+CMQTTPAYLOAD=0,%d"):format(#text), text)
    and ask(("AT+CMQTTPUB=0,%s,60"):format(QOS), "CMQTTPUB", 130000)
end

--- Until the connection is lost. Returns the next counter.
local function work(counter)
  while not lost do
    if COUNT ~= 0 then
      if publish(counter) then
        say("published %d", counter)
        counter = counter + 1
      else
        lost = lost or "a publish failed"
      end
    end
    if COUNT > 0 and counter > COUNT then
      os.exit(0)
    end
    wait(PAUSE_MS, function()
      next_line()
      return lost or stopping or nil
    end)
    may_stop()
  end
  return counter
end

uv.new_signal():start("sigterm", function() stopping = true end)
open(setting("MODEM_PORT"))
while not ask("AT", nil, 1000) do
  buffer = ""
end
ask("ATE0")
say("ready")
local counter = 1
repeat
  local ok, why = connect()
  if ok then
    counter = work(counter)
    why = lost
  end
  say("lost %s", why)
  say("retry in 0")
  while not ask("AT", nil, 1000) do
    buffer = ""
  end
  ask("ATE0")
until false
