--- The steps every MQTT scenario repeats. Each demands success, so that a scenario's own lines are
-- about its topic.
local t = require "modemtest"
local text = require "modemtest.text"

local M = {}

--- session.key(env, name, reference) -> text
-- The value of a key of this run's profile; of a modem whose profile is not known that of the reference device.
function M.key(env, name, reference)
  return env.profile and tostring(env.key(name)) or reference
end

--- session.has(env, name): is what this key names there? Keys of present and absent.
function M.has(env, name)
  return M.key(env, name, name == "cfg.version" and "absent" or "present") == "present"
end

--- session.start(dev): AT+CMQTTSTART.
function M.start(dev)
  dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
end

local function acquire_line(options)
  return ('AT+CMQTTACCQ=%d,"%s",%d'):format(options.client or 0, options.id or "modemtest", options.type or 0)
end

--- session.acquire(dev [, {client=0, id="modemtest", type=0}]): AT+CMQTTACCQ.
function M.acquire(dev, options)
  dev:cmd("%s", acquire_line(options or {})):ok()
end

--- session.default_version(env) -> 3 (MQTT 3.1) or 4 (3.1.1): what a client speaks that was not told.
function M.default_version(env)
  return math.tointeger(tonumber(M.key(env, "mqtt_version_default", "4")))
end

--- session.acquire_version(dev, env, version [, options as above]) -> the version the client speaks now
-- ACCQ, and the version by the parameter of ACCQ or by AT+CMQTTCFG, whichever the firmware has. Firmware
-- that has neither refuses the parameter and speaks its default.
function M.acquire_version(dev, env, version, options)
  options = options or {}
  local with_parameter = dev:cmd("%s,%d", acquire_line(options), version)
  if M.has(env, "accq_version_param") then
    with_parameter:ok()
    return version
  end
  with_parameter:error():lines {}
  M.acquire(dev, options)
  local with_key = dev:cmd('AT+CMQTTCFG="version",%d,%d', options.client or 0, version)
  if M.has(env, "cfg.version") then
    with_key:ok():lines {}
    return version
  end
  with_key:error():lines {}
  return M.default_version(env)
end

--- session.client_line(env, client, id, type [, version]) -> the line of ACCQ? for a client.
function M.client_line(env, client, id, server_type, version)
  local shown = M.has(env, "accq_version_field") and "," .. (version or M.default_version(env)) or ""
  return ('+CMQTTACCQ: %d,"%s",%d%s'):format(client, id, server_type, shown)
end

--- session.settings_line(env, client, utf8, seconds) -> the line of CMQTTCFG? for a client.
function M.settings_line(env, client, utf8, seconds)
  return ("+CMQTTCFG: %d,%d%s"):format(client, utf8, M.has(env, "cfg.optimeout") and "," .. seconds or "")
end

--- session.connect_line(address [, {client=0, keepalive=60, clean=1, user=, password=}]) -> line
function M.connect_line(address, options)
  options = options or {}
  local line = ('AT+CMQTTCONNECT=%d,"tcp://%s",%d,%d'):format(options.client or 0, address,
    options.keepalive or 60, options.clean or 1)
  line = options.user and line .. ',"' .. options.user .. '"' or line
  return options.password and line .. ',"' .. options.password .. '"' or line
end

--- session.connect(dev, address [, options as above]): AT+CMQTTCONNECT.
function M.connect(dev, address, options)
  local client = options and options.client or 0
  -- No format: an address with a % is its own business.
  dev:cmd("%s", M.connect_line(address, options)):result(("+CMQTTCONNECT: %d,0"):format(client))
end

--- session.open(dev, address [, options of acquire and connect]): START, ACCQ and CONNECT.
function M.open(dev, address, options)
  M.start(dev)
  M.acquire(dev, options)
  M.connect(dev, address, options)
end

--- session.open_peer(dev, peer [, options]) -> connection, CONNECT packet
-- The same to the scripted peer, which accepts.
function M.open_peer(dev, peer, options)
  M.start(dev)
  M.acquire(dev, options)
  return M.connect_peer(dev, peer, options)
end

--- session.connect_peer(dev, peer [, options]) -> connection, CONNECT packet
function M.connect_peer(dev, peer, options)
  local client = options and options.client or 0
  local r = dev:cmd("%s", M.connect_line(peer.address, options))
  local connection = peer:accept()
  local packet = connection:expect("CONNECT")
  connection:connack()
  r:result(("+CMQTTCONNECT: %d,0"):format(client))
  return connection, packet
end

--- session.data(dev, command, bytes): a command with a prompt, and its data.
-- 'command' is the line without AT; its length is filled in where it says %d.
function M.data(dev, command, bytes)
  return dev:cmd("AT" .. command, #bytes):prompt():data(bytes)
end

--- session.message(dev, topic, payload [, client]): TOPIC and PAYLOAD (none when it is "").
function M.message(dev, topic, payload, client)
  client = client or 0
  M.data(dev, "+CMQTTTOPIC=" .. client .. ",%d", topic):ok()
  if payload ~= "" then
    M.data(dev, "+CMQTTPAYLOAD=" .. client .. ",%d", payload):ok()
  end
end

--- session.publish(dev, topic, payload [, {client=0, qos=0, retain=0}]): TOPIC, PAYLOAD, PUB.
function M.publish(dev, topic, payload, options)
  options = options or {}
  local client = options.client or 0
  M.message(dev, topic, payload, client)
  dev:cmd("AT+CMQTTPUB=%d,%d,60,%d", client, options.qos or 0, options.retain or 0)
    :result(("+CMQTTPUB: %d,0"):format(client))
end

--- session.subscribe(dev, filter [, {client=0, qos=0}]): SUB with a length.
function M.subscribe(dev, filter, options)
  options = options or {}
  local client = options.client or 0
  M.data(dev, ("+CMQTTSUB=%d,%%d,%d"):format(client, options.qos or 0), filter)
    :result(("+CMQTTSUB: %d,0"):format(client))
end

--- session.disconnect(dev [, client]): AT+CMQTTDISC.
function M.disconnect(dev, client)
  dev:cmd("AT+CMQTTDISC=%d,60", client or 0):result(("+CMQTTDISC: %d,0"):format(client or 0))
end

--- session.refused(dev, line, want): the result line with its code, and ERROR; no OK.
function M.refused(dev, line, want)
  dev:cmd("%s", line):result(want, { final = "ERROR" })
end

--- The answer before START, where nothing succeeds but START itself.
local function wanted_stopped(env, name, reference)
  local style = name == "+CMQTTSTOP" and M.key(env, "stop_not_started", "code")
    or M.key(env, "prestart_error", "table")
  if style == "plain" then
    return "ERROR"
  end
  return style == "code9" and reference:gsub("%d+$", "9") or reference
end

--- The key with the code of this refusal; nil where all firmware gives the same.
local function code_key(state, name)
  if name == "+CMQTTSTOP" and state ~= "free" then
    return "stop_with_client"
  elseif name == "+CMQTTREL" and state == "free" then
    return "rel_unacquired"
  end
  return name == "+CMQTTCONNECT" and state == "connected" and "connect_again" or nil
end

--- session.wanted(env, state, line, reference) -> what this firmware answers to a command
-- state: "stopped", "free" (started), "acquired", "connected", "busy"; reference: what the reference device answers:
-- a result line, "OK" or "ERROR". The same comes back, or what the profile has in its place.
function M.wanted(env, state, line, reference)
  local name = line:match("%+CMQTT%u+")
  if not env.profile or reference:find("[ ,]0$") then
    return reference
  elseif state == "stopped" then
    return wanted_stopped(env, name, reference)
  elseif name == "+CMQTTSTART" then
    return env.key("restart_error") == "plain" and "ERROR" or reference
  end
  local key = code_key(state, name)
  if not key then
    return reference
  end
  local code, client = tostring(env.key(key)), line:match("=(%d)")
  return code == "0" and "OK" or ("%s: %s%s"):format(name, client and client .. "," or "", code)
end

--- session.answered(dev, env, state, line, reference): the command, and the answer as session.wanted has it.
function M.answered(dev, env, state, line, reference)
  local want, r = M.wanted(env, state, line, reference), dev:cmd("%s", line)
  if want == "OK" then
    r:ok():lines {}
  elseif want == "ERROR" then
    r:error():lines {}
  else
    r:result(want, { final = want:find("[ ,]0$") and "OK" or "ERROR" })
  end
end

--- session.failed(env, r, want): an operation fails after it began: with result_style sync the result
-- line and ERROR, otherwise OK and later the result line.
function M.failed(env, r, want)
  r:result(want, { final = env.profile and (M.sync(env) and "ERROR" or "OK") })
end

--- session.unreached(env, r, want): a CONNECT fails before the link to the broker was up: with result_style
-- async OK and later the result line, otherwise (sync, link) the result line and ERROR.
function M.unreached(env, r, want)
  r:result(want, { final = env.profile and (env.key("result_style") == "async" and "OK" or "ERROR") })
end

--- session.sync(env): does this firmware hold OK back until the result is known?
function M.sync(env)
  return env.key("result_style") == "sync"
end

--- session.bearer_up(dev, env): what the firmware says by itself when its bearer comes up; most say nothing.
function M.bearer_up(dev, env)
  local event = M.key(env, "pdn_event", "")
  if event ~= "" then
    dev:expect_urc("+CGEV: " .. event)
  end
end

--- session.prompt(env) -> bytes of the data prompt.
function M.prompt(env)
  return text.unescape(M.key(env, "prompt", "\\r\\n>"))
end

local function line_bytes(line)
  return "\r\n" .. line .. "\r\n"
end

--- session.refusal_bytes(want) -> bytes of a result line and ERROR, or of "ERROR" alone.
function M.refusal_bytes(want)
  return (want == "ERROR" and "" or line_bytes(want)) .. line_bytes("ERROR")
end

--- session.service_bytes(env, "start" or "stop") -> bytes of START or STOP that succeeds, the bearer up
-- The keys order.start and order.stop; auto is the result line first.
function M.service_bytes(env, what)
  local line = line_bytes(("+CMQTT%s: 0"):format(what:upper()))
  local ok_first = M.key(env, "order." .. what, "urc_ok") == "ok_urc"
  return ok_first and line_bytes("OK") .. line or line .. line_bytes("OK")
end

--- session.expect_message(dev, topic, payload [, client]) -> message
function M.expect_message(dev, topic, payload, client)
  local m = dev:expect_message({ client = client or 0 })
  t.eq(m.topic, topic, "topic")
  t.eq(m.payload, payload, "payload")
  return m
end

--- session.fixed(env): exact bytes hold for a firmware whose profile is known; others are skipped.
function M.fixed(env)
  if not env.profile then
    t.skip("exact bytes need a device whose profile is known")
  end
end

return M
