--- Acknowledgements of received messages, and messages above the limits of section 6.1: topic 1024,
-- payload 10240 bytes. What is larger is acknowledged and dropped, and the session goes on.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

t.scenario "QoS 1 is acknowledged with PUBACK, QoS 2 with PUBREC and PUBCOMP" {
  tags = { "mqtt", "receive", "bytes" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    connection:publish("a", "one", { qos = 1, id = 0x1234 })
    t.eq(connection:packet().bytes, "\x40\2\x12\x34")
    session.expect_message(dev, "a", "one")
    connection:publish("a", "two", { qos = 2, id = 0xFFFF })
    t.eq(connection:packet().bytes, "\x50\2\xFF\xFF")
    connection:pubrel(0xFFFF)
    t.eq(connection:packet().bytes, "\x70\2\xFF\xFF")
    session.expect_message(dev, "a", "two")
  end,
}

t.scenario "a message of QoS 2 that is sent again is one message" {
  tags = { "mqtt", "receive" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    local again = { qos = 2, id = 7, dup = true }
    connection:send(mqtt.publish("a", "once", { qos = 2, id = 7 }) .. mqtt.publish("a", "once", again))
    connection:expect("PUBREC")
    connection:expect("PUBREC")
    connection:pubrel(7)
    connection:expect("PUBCOMP")
    session.expect_message(dev, "a", "once")
    -- Released: the same id is a new message now.
    connection:publish("a", "another", { qos = 2, id = 7 })
    connection:expect("PUBREC")
    session.expect_message(dev, "a", "another")
  end,
}

t.scenario "the largest message is passed on" {
  tags = { "mqtt", "receive", "limits" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local topic, body = ("t"):rep(1024), env.binary(10240)
    local connection = session.open_peer(dev, env.peer)
    connection:publish(topic, body, { qos = 1, id = 1 })
    connection:expect("PUBACK")
    session.expect_message(dev, topic, body)
  end,
}

t.scenario "a larger message is acknowledged and dropped" {
  tags = { "mqtt", "receive", "limits" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "payload 10241", topic = 1, size = 10241 }, { name = "topic 1025", topic = 1025, size = 1 },
    { name = "both", topic = 1025, size = 10241 }, { name = "payload 200000", topic = 8, size = 200000 },
    { name = "topic 65535", topic = 65535, size = 10 },
  },
  run = function(dev, env, p)
    local topic, body = ("t"):rep(p.topic), ("x"):rep(p.size)
    local connection = session.open_peer(dev, env.peer)
    connection:publish(topic, body)
    connection:publish(topic, body, { qos = 1, id = 1 })
    t.eq(connection:packet().bytes, "\x40\2\0\1")
    connection:publish(topic, body, { qos = 2, id = 2 })
    t.eq(connection:packet().bytes, "\x50\2\0\2")
    connection:pubrel(2)
    t.eq(connection:packet().bytes, "\x70\2\0\2")
    connection:publish("a", "next")
    session.expect_message(dev, "a", "next")
  end,
}

t.scenario "a larger message from a real broker is dropped, the next one arrives" {
  tags = { "mqtt", "receive", "limits" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "receive/limits", { qos = p.qos })
    env.observer:publish("receive/limits", ("x"):rep(10241), { qos = p.qos })
    env.observer:publish("receive/limits", "small", { qos = p.qos })
    session.expect_message(dev, "receive/limits", "small")
  end,
}

t.scenario "a malformed message ends the connection" {
  tags = { "mqtt", "receive", "malformed" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "QoS 3", bytes = "\x36\5\0\1a\0\1" }, { name = "topic longer than the packet", bytes = "\x30\3\0\9a" },
    { name = "no topic length", bytes = "\x30\1\0" }, { name = "packet id 0", bytes = "\x32\5\0\1a\0\0" },
    { name = "no packet id", bytes = "\x32\3\0\1a" }, { name = "a wildcard in the topic", bytes = "\x30\3\0\1#" },
    { name = "remaining length of five bytes", bytes = "\x30\xFF\xFF\xFF\xFF\x01" },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    connection:send(p.bytes)
    dev:expect_urc("+CMQTTCONNLOST: 0,[12]")
    connection:wait_gone()
    session.connect_peer(dev, env.peer)
  end,
}
