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

local function on_bytes(err, bytes)
  if err or not bytes then
    if port then
      port:close()
      port = nil
    end
    return
  end
  buffer = buffer .. bytes
end

local function open_socket(host, number)
  local socket, result = uv.new_tcp(), nil
  socket:connect(host, tonumber(number), function(err) result = err or "connected" end)
  while not result do
    uv.run("once")
  end
  return result == "connected" and socket or nil
end

local function open_terminal(name)
  local fd = uv.fs_open(name, uv.constants.O_RDWR + uv.constants.O_NOCTTY, 0)
  return fd and os.execute("stty raw -echo <'" .. name .. "'") and uv.new_tty(fd, true)
end

--- Lets the loop run until found() is not nil, or the time (scaled by TIME_PERCENT, but not shorter than a busy machine
-- needs) has passed. Returns that.
local function wait(ms, found)
  local over, timer = false, uv.new_timer()
  timer:start(math.max(200, ms * PERCENT // 100), 0, function() over = true end)
  local value = found()
  while value == nil and not over do
    uv.run("once")
    value = found()
  end
  timer:close()
  return value
end

--- Opens the port, waiting until it is there.
local function open(name)
  local host, number = name:match("^socket://(.+):(%d+)$")
  buffer = ""
  repeat
    port = host and open_socket(host, number) or not host and open_terminal(name)
    if not port then
      wait(1000, function() end)
    end
  until port
  port:read_start(on_bytes)
end

local function write(bytes)
  if port then
    port:write(bytes)
  end
end

-- What comes --------------------------------------------------------------------------------------------------

local topic, payload = "", ""
local lost -- why the connection is gone
local rebooted = false

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
    lost, rebooted = "the modem has rebooted", true
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
    local line = wait(ms or 10000, function() return next_line() or (rebooted or not port) and "ERROR" or nil end)
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
  write(command .. "\r")
  return answer(result, ms)
end

local function enter(command, data)
  may_stop()
  write(command .. "\r")
  local prompt = wait(10000, function()
    if buffer:find("^[\r\n]*>") then
      buffer = buffer:gsub("^[\r\n]*>", "")
      return true
    end
    local line = next_line()
    return line and line:find("ERROR") and false or nil
  end)
  if prompt then
    write(data)
  end
  if prompt and answer() then
    return true
  end
  write(("\r"):rep(#data)) -- the modem may still wait for some
  answer(nil, 1000)
  return false
end

local broken = {} -- files that did not arrive whole

local function upload()
  local _, stored = ask("AT+CCERTLIST")
  for _, c in ipairs(CERTIFICATES) do
    if broken[c[1]] or not table.concat(stored, "\n"):find('"' .. c[1] .. '"', 1, true) then
      local file = assert(io.open(setting("CERTIFICATES") .. "/" .. c[3], "rb"))
      local bytes = file:read("a")
      file:close()
      broken[c[1]] = not enter(('AT+CCERTDOWN="%s",%d'):format(c[1], #bytes), bytes)
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
  if not ask("AT+CMQTTSTART", "CMQTTSTART", 60000) then
    return false, "START failed"
  end
  ask(('AT+CMQTTACCQ=0,"%s",%d'):format(setting("CLIENT_ID", THING), TLS and 1 or 0))
  ask('AT+CMQTTCFG="version",0,4')
  if TLS then
    ask("AT+CMQTTSSLCFG=0,0")
  end
  lost = nil
  local address = ('"tcp://%s:%s"'):format(setting("BROKER_HOST"), setting("BROKER_PORT"))
  if not ask("AT+CMQTTCONNECT=0," .. address .. ",60,1", "CMQTTCONNECT", 70000) then
    return false, "CONNECT failed"
  end
  say("connected")
  if not enter(("AT+CMQTTSUBTOPIC=0,%d,1"):format(#THING + 4), THING .. "/cmd")
    or not ask("AT+CMQTTSUB=0", "CMQTTSUB", 70000) then
    return false, "SUB failed"
  end
  say("subscribed")
  return true
end

local function publish(counter)
  local name, text = THING .. "/telemetry", ('{"counter":%d}'):format(counter)
  return enter(("AT+CMQTTTOPIC=0,%d"):format(#name), name)
    and enter(("AT+CMQTTPAYLOAD=0,%d"):format(#text), text)
    and ask(("AT+CMQTTPUB=0,%s,60"):format(QOS), "CMQTTPUB", 70000)
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
        counter = QOS == "2" and counter + 1 or counter -- it may have arrived
      end
    end
    if COUNT > 0 and counter > COUNT then
      os.exit(0)
    end
    wait(PAUSE_MS, function()
      next_line()
      lost = lost or not port and "the port is gone" or nil
      return lost or stopping or nil
    end)
    may_stop()
  end
  return counter
end

--- Until the modem answers.
local function wake()
  repeat
    if not port then
      open(setting("MODEM_PORT"))
    end
    buffer, rebooted = "", false
    local awake = ask("AT", nil, 1000)
    wait(300, function() end) -- answers of earlier commands go by
    buffer = ""
  until awake and ask("ATE0")
end

uv.new_signal():start("sigterm", function() stopping = true end)
local counter = 1
while true do
  wake()
  say("ready")
  local ok, why = connect()
  if ok then
    counter = work(counter)
    why = lost
  end
  say("lost %s", why)
  say("retry in 0")
end
