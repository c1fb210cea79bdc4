--- SUB and UNSUB in all their forms: what is asked of the broker, and what arrives afterwards.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

local function scenario(name)
  return function(spec)
    spec.tags = spec.tags or { "mqtt", "subscribe" }
    spec.needs = spec.needs or { "broker.policy" }
    spec.uses = spec.uses or { "peer", "modem" }
    spec.provision = false
    t.scenario(name)(spec)
  end
end

local BROKER = { "modem", "broker", "observer" }

--- filters: { "a", 0, "b", 1 }; the body of SUBSCRIBE behind its packet id.
local function filters_with_qos(list)
  local out = ""
  for i = 1, #list, 2 do
    out = out .. mqtt.text(list[i]) .. string.char(list[i + 1])
  end
  return out
end

scenario "SUB of a list is one SUBSCRIBE with all topics in order" {
  cases = {
    { name = "one", list = { "a/b", 1 } },
    { name = "three", list = { "a/b", 0, "c/+/d", 1, "#", 2 } },
    { name = "the same twice", list = { "a", 0, "a", 2 } },
    { name = "fifty", list = (function()
      local list = {}
      for i = 1, 50 do
        list[2 * i - 1], list[2 * i] = "topic/" .. i, i % 3
      end
      return list
    end)() },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    local granted = {}
    for i = 1, #p.list, 2 do
      session.data(dev, "+CMQTTSUBTOPIC=0,%d," .. p.list[i + 1], p.list[i]):ok()
      granted[#granted + 1] = p.list[i + 1]
    end
    local r = dev:cmd("AT+CMQTTSUB=0")
    local packet = connection:expect("SUBSCRIBE")
    t.eq(packet.bytes, mqtt.packet(0x82, mqtt.id(packet.id) .. filters_with_qos(p.list)), "the SUBSCRIBE packet")
    connection:suback(packet.id, granted)
    r:result("+CMQTTSUB: 0,0")
    session.refused(dev, "AT+CMQTTSUB=0", "+CMQTTSUB: 0,18")
  end,
}

scenario "the forms of SUB" {
  cases = {
    { name = "list", line = "AT+CMQTTSUB=0", list = true },
    { name = "list, dup 0", line = "AT+CMQTTSUB=0,0", list = true },
    { name = "list, dup 1", line = "AT+CMQTTSUB=0,1", list = true, first = 0x8A },
    { name = "length and QoS", line = "AT+CMQTTSUB=0,3,1" },
    { name = "length, QoS and dup 0", line = "AT+CMQTTSUB=0,3,1,0" },
    { name = "length, QoS and dup 1", line = "AT+CMQTTSUB=0,3,1,1", first = 0x8A },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    if p.list then
      session.data(dev, "+CMQTTSUBTOPIC=0,%d,1", "a/b"):ok()
    end
    local r = dev:cmd("%s", p.line)
    if not p.list then
      r:prompt():data("a/b")
    end
    local packet = connection:expect("SUBSCRIBE")
    t.eq(packet.bytes, mqtt.packet(p.first or 0x82, mqtt.id(packet.id) .. filters_with_qos { "a/b", 1 }),
      "the SUBSCRIBE packet")
    connection:suback(packet.id, { 1 })
    r:result("+CMQTTSUB: 0,0")
  end,
}

scenario "SUB with a length does not touch the list" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.data(dev, "+CMQTTSUBTOPIC=0,%d,0", "listed"):ok()
    local r = session.data(dev, "+CMQTTSUB=0,%d,2", "direct")
    local packet = connection:expect("SUBSCRIBE")
    t.eq(packet.body:sub(3), filters_with_qos { "direct", 2 })
    connection:suback(packet.id, { 2 })
    r:result("+CMQTTSUB: 0,0")
    r = dev:cmd("AT+CMQTTSUB=0")
    packet = connection:expect("SUBSCRIBE")
    t.eq(packet.body:sub(3), filters_with_qos { "listed", 0 })
    connection:suback(packet.id, { 0 })
    r:result("+CMQTTSUB: 0,0")
  end,
}

scenario "what SUB and UNSUB refuse at once" {
  cases = {
    { line = "AT+CMQTTSUB=0", code = 18 }, { line = "AT+CMQTTSUB=0,0", code = 18 },
    { line = "AT+CMQTTSUB=0,2", code = 12 }, { line = "AT+CMQTTSUB=0,30", code = 12 },
    { line = 'AT+CMQTTSUB=0,"a/b",1', code = 12 }, { line = "AT+CMQTTSUB=0,0,1", code = 22 },
    { line = "AT+CMQTTUNSUB=0,0", code = 18 }, { line = "AT+CMQTTUNSUB=0,1", code = 18 },
    { line = "AT+CMQTTUNSUB=0", code = 18 }, { line = "AT+CMQTTUNSUB=0,0,0", code = 22 },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.refused(dev, p.line, ("%s: 0,%d"):format(p.line:match("%+%u+"), p.code))
    session.publish(dev, "t", "first packet")
    t.eq(connection:expect("PUBLISH").payload, "first packet", "nothing was sent before")
  end,
}

scenario "the list holds 5120 bytes" {
  cases = { { name = "SUBTOPIC", command = "+CMQTTSUBTOPIC", rest = ",0" },
    { name = "UNSUBTOPIC", command = "+CMQTTUNSUBTOPIC", rest = "" } },
  run = function(dev, env, p)
    session.open_peer(dev, env.peer)
    for _ = 1, 4 do
      session.data(dev, p.command .. "=0,%d" .. p.rest, ("t"):rep(1024)):ok()
    end
    session.data(dev, p.command .. "=0,%d" .. p.rest, ("t"):rep(1023)):ok()
    -- The length is known before the data: no prompt.
    session.refused(dev, ("AT%s=0,2%s"):format(p.command, p.rest), p.command .. ": 0,22")
    session.data(dev, p.command .. "=0,%d" .. p.rest, "t"):ok()
    session.refused(dev, ("AT%s=0,1%s"):format(p.command, p.rest), p.command .. ": 0,22")
  end,
}

scenario "the forms of UNSUB" {
  cases = {
    { name = "list, dup 0", line = "AT+CMQTTUNSUB=0,0", list = { "a", "b/c" } },
    { name = "list, dup 1", line = "AT+CMQTTUNSUB=0,1", list = { "a" }, first = 0xAA },
    { name = "list, dup left out", line = "AT+CMQTTUNSUB=0", list = { "a", "b", "c" } },
    { name = "length and dup 0", line = "AT+CMQTTUNSUB=0,3,0", data = "a/b" },
    { name = "length and dup 1", line = "AT+CMQTTUNSUB=0,3,1", data = "a/b", first = 0xAA },
    { name = "length alone, as two libraries send it", line = "AT+CMQTTUNSUB=0,3", data = "a/b" },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    local filters = p.data and mqtt.text(p.data) or ""
    for _, topic in ipairs(p.list or {}) do
      session.data(dev, "+CMQTTUNSUBTOPIC=0,%d", topic):ok()
      filters = filters .. mqtt.text(topic)
    end
    local r = dev:cmd("%s", p.line)
    if p.data then
      r:prompt():data(p.data)
    end
    local packet = connection:expect("UNSUBSCRIBE")
    t.eq(packet.bytes, mqtt.packet(p.first or 0xA2, mqtt.id(packet.id) .. filters), "the UNSUBSCRIBE packet")
    connection:unsuback(packet.id)
    r:result("+CMQTTUNSUB: 0,0")
    session.refused(dev, "AT+CMQTTUNSUB=0,0", "+CMQTTUNSUB: 0,18")
  end,
}

scenario "a topic the broker refuses with SUBACK 0x80 is 1, and the connection stays" {
  tags = { "mqtt", "subscribe", "failure" },
  cases = { { name = "the only one", codes = { 0x80 } }, { name = "one of three", codes = { 0, 0x80, 1 } } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    for i = 1, #p.codes do
      session.data(dev, "+CMQTTSUBTOPIC=0,%d,1", "topic" .. i):ok()
    end
    local r = dev:cmd("AT+CMQTTSUB=0")
    connection:suback(connection:expect("SUBSCRIBE").id, p.codes)
    session.failed(env, r, "+CMQTTSUB: 0,1")
    session.publish(dev, "t", "still here")
    t.eq(connection:expect("PUBLISH").payload, "still here")
  end,
}

scenario "a filter that is not UTF-8 is refused with 2 after the data" {
  tags = { "mqtt", "subscribe", "utf-8" },
  cases = { { command = "+CMQTTSUBTOPIC", rest = ",0" }, { command = "+CMQTTSUB", rest = ",0" },
    { command = "+CMQTTUNSUBTOPIC", rest = "" }, { command = "+CMQTTUNSUB", rest = ",0" } },
  run = function(dev, env, p)
    session.open_peer(dev, env.peer)
    session.data(dev, p.command .. "=0,%d" .. p.rest, "a\xFFb")
      :result(p.command .. ": 0,2", { final = "ERROR" })
  end,
}

scenario "subscribed topics arrive, others do not, and none after UNSUB" {
  uses = BROKER,
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "sub/+/in", { qos = 1 })
    env.observer:publish("sub/other", "not for us", { qos = 1 })
    env.observer:publish("sub/a/in", "for us", { qos = 1 })
    session.expect_message(dev, "sub/a/in", "for us")
    session.data(dev, "+CMQTTUNSUB=0,%d,0", "sub/+/in"):result("+CMQTTUNSUB: 0,0")
    session.subscribe(dev, "sub/marker")
    env.observer:publish("sub/a/in", "too late", { qos = 1 })
    env.observer:publish("sub/marker", "end", { qos = 1 })
    session.expect_message(dev, "sub/marker", "end")
  end,
}

scenario "UNSUB of a topic that was never subscribed is 0" {
  uses = BROKER,
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.data(dev, "+CMQTTUNSUB=0,%d,0", "never/subscribed"):result("+CMQTTUNSUB: 0,0")
  end,
}

scenario "what the client publishes to its own subscription comes back after the result of PUB" {
  uses = BROKER,
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "sub/echo", { qos = 1 })
    session.publish(dev, "sub/echo", "to myself", { qos = 1 })
    session.expect_message(dev, "sub/echo", "to myself")
  end,
}

scenario "a filter the broker takes for malformed: 6 and CONNLOST" {
  tags = { "mqtt", "subscribe", "failure" },
  uses = BROKER,
  cases = { { filter = "a/#/b" }, { filter = "a+" }, { filter = "#a" } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    local r = session.data(dev, "+CMQTTSUB=0,%d,0", p.filter)
    session.failed(env, r, "+CMQTTSUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    session.connect(dev, env.broker.plain_address)
  end,
}
