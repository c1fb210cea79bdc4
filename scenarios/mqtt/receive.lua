--- Received messages: the block of URCs of section 6.1, byte for byte as hardware prints it.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

t.scenario "a payload arrives in parts of at most 1500 bytes" {
  tags = { "mqtt", "receive" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  cases = {
    { size = 0, parts = {} }, { size = 1, parts = { 1 } }, { size = 1499, parts = { 1499 } },
    { size = 1500, parts = { 1500 } }, { size = 1501, parts = { 1500, 1 } },
    { size = 2039, parts = { 1500, 539 } }, { size = 3000, parts = { 1500, 1500 } },
    { size = 10240, parts = { 1500, 1500, 1500, 1500, 1500, 1500, 1240 } },
  },
  run = function(dev, env, p)
    local body = env.binary(p.size)
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "receive/parts", { qos = 1 })
    env.observer:publish("receive/parts", body, { qos = 1 })
    local m = session.expect_message(dev, "receive/parts", body)
    t.eq(m.payload_parts, p.parts, "sizes of the parts")
    t.eq(m.topic_parts, { #"receive/parts" }, "a topic is not split")
  end,
}

t.scenario "a message arrives with every combination of QoS" {
  tags = { "mqtt", "receive" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  matrix = { subscribed = { 0, 1, 2 }, published = { 0, 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "receive/qos", { qos = p.subscribed })
    for i = 1, 3 do
      env.observer:publish("receive/qos", "message " .. i, { qos = p.published })
    end
    for i = 1, 3 do
      session.expect_message(dev, "receive/qos", "message " .. i)
    end
  end,
}

--- The bytes of section 6.1 for a message in one part.
local function block(topic, payload)
  return ("\r\n+CMQTTRXSTART: 0,%d,%d\r\n\r\n+CMQTTRXTOPIC: 0,%d\r\n"):format(#topic, #payload, #topic)
    .. topic .. (payload == "" and "" or ("\r\n+CMQTTRXPAYLOAD: 0,%d\r\n"):format(#payload) .. payload)
    .. "\r\n+CMQTTRXEND: 0\r\n"
end

t.scenario "the bytes of a received message" {
  tags = { "mqtt", "receive", "bytes" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "as captured on a SIM7600", topic = "0123456789", payload = ("p"):rep(67) },
    { name = "empty", topic = "a/b", payload = "" },
    { name = "CR LF OK CR LF", topic = "a/b", payload = "\r\nOK\r\n" },
    { name = "ends with CR LF", topic = "a/b", payload = "x\r\n" },
    { name = "begins with LF", topic = "a/b", payload = "\n{\n}" },
    { name = "looks like URCs", topic = "a/b", payload = "\r\n+CMQTTCONNLOST: 0,1\r\n\r\n+CMQTTRXEND: 0\r\n" },
    { name = "looks like a prompt", topic = "a/b", payload = "\r\n>" },
    { name = "NUL", topic = "a/b", payload = "\0\0\0" },
    { name = "0xFF", topic = "a/b", payload = "\xFF\xFE\xFF" },
    { name = "Ctrl-Z", topic = "a/b", payload = "\x1A" },
    { name = "a topic with spaces and UTF-8", topic = "ä b/ü", payload = "x" },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    dev:forget()
    connection:publish(p.topic, p.payload)
    dev:expect_bytes(block(p.topic, p.payload))
  end,
}

t.scenario "2039 bytes are 1500 and 539, without a line end between the parts' bytes and the next header" {
  tags = { "mqtt", "receive", "bytes" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local body = env.binary(2039)
    local connection = session.open_peer(dev, env.peer)
    dev:forget()
    connection:publish("topic", body)
    dev:expect_bytes("\r\n+CMQTTRXSTART: 0,5,2039\r\n\r\n+CMQTTRXTOPIC: 0,5\r\ntopic\r\n+CMQTTRXPAYLOAD: 0,1500\r\n"
      .. body:sub(1, 1500) .. "\r\n+CMQTTRXPAYLOAD: 0,539\r\n" .. body:sub(1501) .. "\r\n+CMQTTRXEND: 0\r\n")
  end,
}

t.scenario "messages that come in one TCP segment stay apart, and one in many segments is one" {
  tags = { "mqtt", "receive" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    connection:send(mqtt.publish("a", "first") .. mqtt.publish("b", "second") .. mqtt.publish("c", ""))
    session.expect_message(dev, "a", "first")
    session.expect_message(dev, "b", "second")
    session.expect_message(dev, "c", "")
    for byte in mqtt.publish("slow", "byte by byte"):gmatch(".") do
      connection:send(byte)
    end
    session.expect_message(dev, "slow", "byte by byte")
  end,
}

t.scenario "a received message does not come between a prompt and its OK" {
  tags = { "mqtt", "receive", "data" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev:forget()
    dev:send("AT+CMQTTTOPIC=0,4\r")
    dev:expect_bytes(session.prompt(env))
    dev:send("to")
    connection:publish("a", "held back")
    dev:quiet(0.2)
    dev:send("pi")
    dev:expect_bytes("\r\nOK\r\n")
    session.expect_message(dev, "a", "held back")
  end,
}
