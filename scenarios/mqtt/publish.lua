--- PUB: what the broker and an independent client really receive, and what TOPIC and PAYLOAD live for.
local t = require "modemtest"
local session = require "lib.mqtt_session"

--- A scenario with a connected modem's surroundings: a plain broker and an observer.
local function scenario(name)
  return function(spec)
    spec.tags = spec.tags or { "mqtt", "publish" }
    spec.needs = { "broker.policy" }
    spec.uses = { "modem", "broker", "observer" }
    spec.provision = false
    t.scenario(name)(spec)
  end
end

scenario "a message reaches the broker as it was typed" {
  matrix = { qos = { 0, 1, 2 }, size = { 1, 255, 1024, 10240 } },
  run = function(dev, env, p)
    local body = env.bytes(p.size)
    session.open(dev, env.broker.plain_address)
    session.publish(dev, "publish/sized", body, { qos = p.qos })
    local m = env.observer:expect_message("publish/sized")
    t.eq(m.payload, body, "payload")
    t.eq(m.qos, p.qos, "QoS")
    t.eq(m.retain, false, "retain flag of a message to a live subscriber")
  end,
}

scenario "bytes that mean something to a terminal are payload" {
  cases = {
    { name = "CR LF OK CR LF", bytes = "\r\nOK\r\n" }, { name = "an AT command", bytes = "AT+CMQTTSTOP\r" },
    { name = "Ctrl-Z and ESC", bytes = "a\x1Ab\x1Bc" }, { name = "prompt", bytes = "\r\n>" },
    { name = "NUL", bytes = "a\0b\0" }, { name = "backspace", bytes = "abc\b\b" },
    { name = "+++", bytes = "+++" }, { name = "UTF-8", bytes = "Grüße, 世界 🌍" },
    { name = "JSON", bytes = '{"message":"Hello"}' },
    -- A line feed within 50 ms of the command's CR belongs to the line (rule 7 of 1.2); with CR LF the
    -- next one is data.
    { name = "a line feed first", bytes = "\nafter a line feed", line_end = "\r\n" },
  },
  run = function(dev, env, p)
    dev.line_end = p.line_end or "\r"
    session.open(dev, env.broker.plain_address)
    session.publish(dev, "publish/bytes", p.bytes, { qos = 1 })
    t.eq(env.observer:expect_message("publish/bytes").payload, p.bytes)
  end,
}

scenario "with checkUTF8 off any bytes are payload" {
  run = function(dev, env)
    local all = {}
    for i = 0, 255 do
      all[i + 1] = string.char(i)
    end
    local body = table.concat(all)
    session.start(dev)
    session.acquire(dev)
    dev:cmd('AT+CMQTTCFG="checkUTF8",0,0'):ok()
    session.connect(dev, env.broker.plain_address)
    session.publish(dev, "publish/binary", body, { qos = 1 })
    t.eq(env.observer:expect_message("publish/binary").payload, body)
  end,
}

scenario "without PAYLOAD an empty message is published" {
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.publish(dev, "publish/empty", "", { qos = p.qos })
    t.eq(env.observer:expect_message("publish/empty").payload, "")
  end,
}

scenario "TOPIC and PAYLOAD are empty after PUB" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.refused(dev, "AT+CMQTTPUB=0,0,60", "+CMQTTPUB: 0,18")
    session.publish(dev, "publish/once", "first")
    t.eq(env.observer:expect_message("publish/once").payload, "first")
    session.refused(dev, "AT+CMQTTPUB=0,0,60", "+CMQTTPUB: 0,18")
    session.publish(dev, "publish/once", "")
    t.eq(env.observer:expect_message("publish/once").payload, "", "PAYLOAD was emptied, too")
  end,
}

scenario "a payload alone is no message" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.data(dev, "+CMQTTPAYLOAD=0,%d", "no topic"):ok()
    session.refused(dev, "AT+CMQTTPUB=0,1,60", "+CMQTTPUB: 0,18")
  end,
}

scenario "a second TOPIC or PAYLOAD replaces the first" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.message(dev, "publish/first", "a longer first payload")
    session.message(dev, "publish/second", "short")
    dev:cmd("AT+CMQTTPUB=0,1,60"):result("+CMQTTPUB: 0,0")
    t.eq(env.observer:expect_message("publish/second").payload, "short")
    env.observer:no_message("publish/first", { during = 0 })
  end,
}

scenario "the longest topic" {
  run = function(dev, env)
    local topic = "publish/" .. ("t"):rep(1016)
    session.open(dev, env.broker.plain_address)
    session.publish(dev, topic, "far", { qos = 1 })
    t.eq(env.observer:expect_message(topic).payload, "far")
  end,
}

-- Of one QoS: a QoS 2 message is handed on to a subscriber only at its PUBREL, and one of QoS 0 behind it
-- may then arrive first (MQTT 3.1.1, 4.6).
scenario "messages keep their order" {
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    for i = 1, 12 do
      session.publish(dev, "publish/order", "number " .. i, { qos = p.qos })
    end
    for i = 1, 12 do
      t.eq(env.observer:expect_message("publish/order").payload, "number " .. i)
    end
  end,
}

scenario "text that is not UTF-8 is refused with 2 after the data" {
  tags = { "mqtt", "publish", "utf-8" },
  cases = {
    { name = "0xFF", bytes = "a\xFFb" }, { name = "cut short", bytes = "\xE4\xB8" },
    { name = "overlong", bytes = "\xC0\xAF" }, { name = "surrogate", bytes = "\xED\xA0\x80" },
    { name = "above U+10FFFF", bytes = "\xF4\x90\x80\x80" },
  },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.data(dev, "+CMQTTTOPIC=0,%d", p.bytes):result("+CMQTTTOPIC: 0,2", { final = "ERROR" })
    session.data(dev, "+CMQTTTOPIC=0,%d", "publish/good"):ok()
    session.data(dev, "+CMQTTPAYLOAD=0,%d", p.bytes):result("+CMQTTPAYLOAD: 0,2", { final = "ERROR" })
    dev:cmd("AT+CMQTTPUB=0,1,60"):result("+CMQTTPUB: 0,0")
    t.eq(env.observer:expect_message("publish/good").payload, "", "the refused payload was not kept")
  end,
}

scenario "a topic with a wildcard makes the broker close: 6 and CONNLOST" {
  tags = { "mqtt", "publish", "failure" },
  cases = { { topic = "publish/+" }, { topic = "publish/#" } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.message(dev, p.topic, "x")
    session.failed(env, dev:cmd("AT+CMQTTPUB=0,1,60"), "+CMQTTPUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    session.refused(dev, "AT+CMQTTTOPIC=0,5", "+CMQTTTOPIC: 0,11")
    session.connect(dev, env.broker.plain_address)
    session.publish(dev, "publish/after", "again", { qos = 1 })
    t.eq(env.observer:expect_message("publish/after").payload, "again")
  end,
}

scenario "with QoS 0 nothing is awaited: the same failure shows as CONNLOST only" {
  tags = { "mqtt", "publish", "failure" },
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.message(dev, "publish/#", "x")
    dev:cmd("AT+CMQTTPUB=0,0,60"):result("+CMQTTPUB: 0,0")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
  end,
}
