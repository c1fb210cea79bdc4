--- Packets that are lost, late, doubled or damaged between the modem and its broker, and what the modem makes of it.
local t = require "modemtest"
local faults = require "lib.faults"
local session = require "lib.mqtt_session"

local peer, scenario = faults.peer, faults.with_peer

local function open(dev, options)
  local p = peer()
  return session.open_peer(dev, p, options), p
end

scenario "the 2nd PUBLISH after SUBACK is lost on its way, and no other" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "out", packet = "PUBLISH", nth = 2,
      when = { event = "mqtt", packet = "SUBACK", dir = "in" } }
    local c = open(dev)
    session.publish(dev, "before", "0")
    c:expect("PUBLISH", { topic = "before" })
    local sub = session.data(dev, "+CMQTTSUB=0,%d,0", "x")
    c:suback(c:expect("SUBSCRIBE"), { 0 })
    sub:result("+CMQTTSUB: 0,0")
    for _, topic in ipairs { "one", "two", "three" } do
      session.publish(dev, topic, "0")
    end
    c:expect("PUBLISH", { topic = "one" })
    c:expect("PUBLISH", { topic = "three" })
    t.eq(fault:fired(), 1)
  end,
}

scenario "a PUBACK that is lost ends a publish by its time limit, and the connection stands" {
  sim = { keys = { ["range.pub_timeout"] = "1-180" } },
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "in", packet = "PUBACK" }
    local c = open(dev)
    session.message(dev, "a", "b")
    local r = dev:cmd("AT+CMQTTPUB=0,1,1")
    c:puback(c:expect("PUBLISH", { qos = 1 }))
    session.failed(env, r, "+CMQTTPUB: 0,17")
    t.eq(fault:fired(), 1)
  end,
}

scenario "a SUBACK that comes twice changes nothing" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.duplicate", direction = "in", packet = "SUBACK" }
    local c = open(dev)
    local sub = session.data(dev, "+CMQTTSUB=0,%d,0", "x")
    c:suback(c:expect("SUBSCRIBE"), { 0 })
    sub:result("+CMQTTSUB: 0,0")
    session.publish(dev, "still", "there")
    c:expect("PUBLISH", { topic = "still" })
    t.eq(fault:fired(), 1)
  end,
}

scenario "a PINGRESP that is lost is told, and the connection stands" {
  sim = { keys = { ["range.keepalive"] = "1-64800" } },
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "in", packet = "PINGRESP" }
    local c = open(dev, { keepalive = 1 })
    c:expect("PINGREQ")
    c:pingresp()
    dev:expect_urc("+CMQTTPING: 0,17")
    session.disconnect(dev)
    t.eq(fault:fired(), 1)
  end,
}

scenario "a CONNACK whose code is damaged is the code that arrived" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.corrupt", direction = "in", packet = "CONNACK", at = 3, mask = 2 }
    session.start(dev)
    session.acquire(dev)
    local p = peer()
    local r = dev:cmd("%s", session.connect_line(p.address))
    local c = p:accept()
    c:expect("CONNECT")
    c:connack(0)
    session.failed(env, r, "+CMQTTCONNECT: 0,28")
    t.eq(fault:fired(), 1)
  end,
}

scenario "a PUBLISH that is late comes all the same, and what is behind it stays behind it" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.delay", direction = "in", packet = "PUBLISH", ms = 50 }
    local c = open(dev)
    c:publish("a", "late")
    c:publish("b", "behind")
    session.expect_message(dev, "a", "late")
    session.expect_message(dev, "b", "behind")
    t.eq(fault:fired(), 1)
  end,
}

scenario "while the payload prompt is open, packets of the broker are lost; then they are not" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "in", packet = "PUBLISH", count = 0,
      when = { event = "at.prompt", command = "+CMQTTPAYLOAD" },
      ["until"] = { event = "at.data", command = "+CMQTTPAYLOAD" } }
    local c = open(dev)
    session.data(dev, "+CMQTTTOPIC=0,%d", "t"):ok()
    local r = dev:cmd("AT+CMQTTPAYLOAD=0,1")
    r:prompt()
    c:publish("a", "lost")
    fault:expect()
    r:data("x"):ok()
    c:publish("b", "seen")
    session.expect_message(dev, "b", "seen")
    t.eq(fault:fired(), 1)
  end,
}
