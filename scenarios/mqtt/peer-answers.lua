--- Answers that no real broker gives: half of one, one for somebody else, one too many, one that never ends.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

local function scenario(name)
  return function(spec)
    spec.needs = spec.needs or { "peer" }
    spec.uses = { "peer", "modem" }
    t.scenario(name)(spec)
  end
end

--- CONNECT whose answer play(connection) is; the response, the connection, and the packet. version: of
-- MQTT, where the firmware lets one choose.
local function connect(dev, env, play, version)
  session.start(dev)
  if version then
    session.acquire_version(dev, env, version)
  else
    session.acquire(dev)
  end
  local r = dev:cmd("%s", session.connect_line(env.peer.address))
  local connection = env.peer:accept()
  local packet = connection:expect("CONNECT", { client_id = "modemtest", keep_alive = 60, clean_session = true,
    will = false, user_name = false, password = false })
  play(connection)
  return r, connection, packet
end

scenario "a reset after n bytes of CONNACK is 26" {
  tags = { "mqtt", "connect", "failure" },
  matrix = { n = { 1, 2, 3 } },
  run = function(dev, env, p)
    local r = connect(dev, env, function(connection)
      connection:send_part(mqtt.connack(), p.n)
      connection:reset()
    end)
    session.failed(env, r, "+CMQTTCONNECT: 0,26")
    session.connect_peer(dev, env.peer)
  end,
}

scenario "n bytes of CONNACK and then silence is no answer: 17 when the time is over" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "emulator" },
  sim = { keys = { connect_timeout_ms = 200 } },
  matrix = { n = { 1, 2, 3 } },
  run = function(dev, env, p)
    local r, connection = connect(dev, env, function(connection)
      connection:send_part(mqtt.connack(), p.n)
    end)
    session.failed(env, r, "+CMQTTCONNECT: 0,17")
    connection:wait_gone()
  end,
}

scenario "a CONNACK with a session present, to a CONNECT that asked for a clean one, is malformed in MQTT 3.1.1: 24" {
  tags = { "mqtt", "connect", "malformed" },
  matrix = { version = { 3, 4 } },
  run = function(dev, env, p)
    local r, connection, packet = connect(dev, env, function(connection)
      connection:connack(0, { session_present = true })
    end, p.version)
    if packet.protocol_level == 3 then -- MQTT 3.1 does not use that byte
      r:result("+CMQTTCONNECT: 0,0")
    else
      session.failed(env, r, "+CMQTTCONNECT: 0,24")
      connection:wait_gone()
    end
  end,
}

scenario "an acknowledgement with another packet id is not the one awaited" {
  tags = { "mqtt", "publish" },
  cases = { { name = "PUBACK", qos = 1 }, { name = "PUBREC", qos = 2 } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,%d,60", p.qos)
    local packet = connection:expect("PUBLISH", { topic = "a/b", payload = "x", qos = p.qos })
    local other = packet.id ~ 0x100
    if p.qos == 1 then
      connection:puback(other)
      dev:no_urc("+CMQTTPUB", { during = 0.1 })
      connection:puback(packet)
    else
      connection:pubrec(other)
      -- Answered, so that the other side can forget the id; 3.1.1 leaves it open.
      connection:expect("PUBREL", { id = other })
      dev:no_urc("+CMQTTPUB", { during = 0.1 })
      connection:pubrec(packet)
      connection:expect("PUBREL", { id = packet.id })
      connection:pubcomp(packet)
    end
    r:result("+CMQTTPUB: 0,0")
  end,
}

scenario "a SUBACK with another packet id is not the one awaited" {
  tags = { "mqtt", "subscribe" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    local r = session.data(dev, "+CMQTTSUB=0,%d,1", "a/b")
    local packet = connection:expect("SUBSCRIBE", { topics = { { filter = "a/b", qos = 1 } } })
    connection:suback(packet.id ~ 0x100, { 1 })
    dev:no_urc("+CMQTTSUB", { during = 0.1 })
    connection:suback(packet)
    r:result("+CMQTTSUB: 0,0")
  end,
}

scenario "an answer nobody asked for changes nothing" {
  tags = { "mqtt" },
  cases = { { name = "PINGRESP", bytes = mqtt.pingresp() }, { name = "PUBACK", bytes = mqtt.puback(4711) },
    { name = "PUBCOMP", bytes = mqtt.pubcomp(4711) } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    connection:send(p.bytes)
    session.publish(dev, "t", "alive")
    connection:expect("PUBLISH", { payload = "alive" })
  end,
}

scenario "a message that never ends is waited for, and the end of the connection is CONNLOST 1" {
  tags = { "mqtt", "receive" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    -- The longest remaining length, 268435455 bytes; 20000 of them come.
    connection:send("\x30\xFF\xFF\xFF\x7F" .. mqtt.text("a/b") .. ("x"):rep(20000))
    session.publish(dev, "t", "meanwhile")
    connection:expect("PUBLISH", { payload = "meanwhile" })
    connection:close()
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
  end,
}

scenario "garbage on an idle connection ends it" {
  tags = { "mqtt", "malformed" },
  cases = { { name = "HTTP", bytes = "HTTP/1.1 400 Bad Request\r\n\r\n" }, { name = "0xFF", bytes = ("\xFF"):rep(64) },
    { name = "a CONNECT", bytes = mqtt.encode { type = "CONNECT", client_id = "broker" } } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    connection:send(p.bytes)
    -- Which cause the modem then names is not specified.
    dev:expect_urc("+CMQTTCONNLOST: 0,[12]")
    connection:wait_gone()
    session.connect_peer(dev, env.peer)
  end,
}

scenario "a hundred messages in one piece before SUBACK are all passed on" {
  tags = { "mqtt", "receive", "subscribe" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    local r = session.data(dev, "+CMQTTSUB=0,%d,1", "n")
    local packet, parts = connection:expect("SUBSCRIBE"), {}
    for i = 1, 100 do
      parts[i] = mqtt.publish("n", "message " .. i, { qos = 1, id = i })
    end
    connection:send(table.concat(parts) .. mqtt.suback(packet.id, { 1 }))
    r:result("+CMQTTSUB: 0,0")
    for i = 1, 100 do
      session.expect_message(dev, "n", "message " .. i)
      connection:expect("PUBACK", { id = i })
    end
  end,
}
