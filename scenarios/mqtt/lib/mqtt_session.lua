--- The steps every MQTT scenario repeats. Each demands success, so that a scenario's own lines are
-- about its topic.
local t = require "modemtest"

local M = {}

--- session.start(dev): AT+CMQTTSTART.
function M.start(dev)
  dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
end

--- session.acquire(dev [, {client=0, id="modemtest", type=0, version=}]): AT+CMQTTACCQ.
function M.acquire(dev, options)
  options = options or {}
  local version = options.version and "," .. options.version or ""
  dev:cmd('AT+CMQTTACCQ=%d,"%s",%d%s', options.client or 0, options.id or "modemtest",
    options.type or 0, version):ok()
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
  connection:send(peer.connack(0))
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

--- session.failed(env, r, want): an operation fails after it began: with result_style sync the result
-- line and ERROR, with async OK and later the result line.
function M.failed(env, r, want)
  r:result(want, { final = env.profile and (M.sync(env) and "ERROR" or "OK") })
end

--- session.sync(env): does this firmware hold OK back until the result is known?
function M.sync(env)
  return env.key("result_style") == "sync"
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
