--- PUB against a scripted peer: the packets of QoS 0, 1 and 2, and every way the answer can fail to come.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

local function scenario(name)
  return function(spec)
    spec.tags = spec.tags or { "mqtt", "publish" }
    spec.needs = spec.needs or { "peer" }
    spec.uses = { "peer", "modem" }
    t.scenario(name)(spec)
  end
end

scenario "PUBLISH on the wire" {
  tags = { "mqtt", "publish", "bytes" },
  cases = {
    { name = "QoS 0", rest = "0,60", qos = 0 }, { name = "QoS 1", rest = "1,60", qos = 1 },
    { name = "QoS 2", rest = "2,60", qos = 2 }, { name = "retained", rest = "0,60,1", qos = 0, retain = true },
    { name = "QoS 1 retained", rest = "1,180,1", qos = 1, retain = true },
    { name = "QoS 1 with DUP", rest = "1,60,0,1", qos = 1, dup = true },
    { name = "flags given as 0", rest = "1,60,0,0", qos = 1 },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "hello")
    local r = dev:cmd("AT+CMQTTPUB=0,%s", p.rest)
    local packet = connection:expect("PUBLISH")
    t.eq(packet.bytes, mqtt.publish("a/b", "hello", { qos = p.qos, id = packet.id, retain = p.retain,
      dup = p.dup }), "the PUBLISH packet")
    if p.qos == 1 then
      connection:puback(packet.id)
    elseif p.qos == 2 then
      connection:pubrec(packet.id)
      t.eq(connection:expect("PUBREL").bytes, mqtt.pubrel(packet.id))
      connection:pubcomp(packet.id)
    end
    r:result("+CMQTTPUB: 0,0")
  end,
}

scenario "the result of QoS 1 and 2 waits for the last acknowledgement" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,2,60")
    local packet = connection:expect("PUBLISH")
    connection:pubrec(packet.id)
    connection:expect("PUBREL")
    dev:no_urc("+CMQTTPUB", { during = 0.1 })
    connection:pubcomp(packet.id)
    r:result("+CMQTTPUB: 0,0")
  end,
}

--- What the peer still sends when it closes: n bytes of the answer the modem waits for.
local function half_answer(connection, qos, n)
  local packet = connection:expect("PUBLISH")
  if qos == "1" then
    connection:send_part(mqtt.puback(packet.id), n)
  elseif qos == "2, PUBREC" then
    connection:send_part(mqtt.pubrec(packet.id), n)
  else
    connection:pubrec(packet.id)
    connection:expect("PUBREL")
    connection:send_part(mqtt.pubcomp(packet.id), n)
  end
end

scenario "the peer closes after n bytes of its acknowledgement: 6, then CONNLOST 1" {
  tags = { "mqtt", "publish", "failure" },
  matrix = { qos = { "1", "2, PUBREC", "2, PUBCOMP" }, n = { 0, 1, 2, 3 } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,%s,60", p.qos:sub(1, 1))
    half_answer(connection, p.qos, p.n)
    connection:close()
    session.failed(env, r, "+CMQTTPUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    -- TOPIC was emptied by the PUB that failed; the client needs CONNECT only.
    session.connect_peer(dev, env.peer)
    session.refused(dev, "AT+CMQTTPUB=0,1,60", "+CMQTTPUB: 0,18")
  end,
}

scenario "a reset while the acknowledgement is awaited: 6, then CONNLOST 2" {
  tags = { "mqtt", "publish", "failure" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,1,60")
    connection:expect("PUBLISH")
    connection:reset()
    session.failed(env, r, "+CMQTTPUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,2")
  end,
}

scenario "the bytes and the order of a refused PUB" {
  tags = { "mqtt", "publish", "failure", "bytes" },
  needs = { "broker.policy" },
  run = function(dev, env)
    session.fixed(env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,1,60")
    connection:expect("PUBLISH")
    connection:close()
    r:bytes(session.sync(env) and "\r\n+CMQTTPUB: 0,6\r\n\r\nERROR\r\n\r\n+CMQTTCONNLOST: 0,1\r\n"
      or "\r\nOK\r\n\r\n+CMQTTPUB: 0,6\r\n\r\n+CMQTTCONNLOST: 0,1\r\n")
  end,
}

scenario "no acknowledgement within the timeout of PUB is 17, and the connection stays" {
  tags = { "mqtt", "publish", "failure" },
  needs = { "emulator" },
  sim = { keys = { ["range.pub_timeout"] = "1-180" } },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "late")
    local r = dev:cmd("AT+CMQTTPUB=0,1,1")
    local late = connection:expect("PUBLISH")
    session.failed(env, r, "+CMQTTPUB: 0,17")
    connection:puback(late.id)
    session.publish(dev, "a/b", "next")
    t.eq(connection:expect("PUBLISH").payload, "next")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

scenario "a malformed acknowledgement ends the connection" {
  tags = { "mqtt", "publish", "failure", "malformed" },
  cases = {
    { name = "PUBACK too short", bytes = "\x40\x01\0" }, { name = "PUBACK too long", bytes = "\x40\x03\0\1\0" },
    { name = "remaining length of five bytes", bytes = "\x40\xFF\xFF\xFF\xFF\x01" },
    { name = "a second CONNACK", bytes = "\x20\x02\0\0" },
    { name = "a packet only clients send", bytes = "\x82\x05\0\1\0\0\0" },
    { name = "garbage", bytes = ("\xFF\x00\r\nOK\r\n"):rep(100) },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "a/b", "x")
    local r = dev:cmd("AT+CMQTTPUB=0,1,60")
    connection:expect("PUBLISH")
    connection:send(p.bytes)
    session.failed(env, r, "+CMQTTPUB: 0,24")
    -- The modem closes here; which cause it then names is not specified.
    dev:expect_urc("+CMQTTCONNLOST: 0,[12]")
    connection:wait_gone()
    session.connect_peer(dev, env.peer)
  end,
}
