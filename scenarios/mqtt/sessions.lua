--- Clean and persistent sessions: what the broker keeps for a client that is away.
local t = require "modemtest"
local session = require "lib.mqtt_session"

local function scenario(name)
  return function(spec)
    spec.tags = { "mqtt", "session" }
    spec.needs = { "broker.policy" }
    spec.uses = { "modem", "broker", "observer" }
    spec.provision = false
    t.scenario(name)(spec)
  end
end

--- The next message must be this one; so nothing came before it.
local function next_is(dev, env, payload)
  session.subscribe(dev, "sessions/marker", { qos = 1 })
  env.observer:publish("sessions/marker", payload, { qos = 1 })
  session.expect_message(dev, "sessions/marker", payload)
end

scenario "messages of a persistent session arrive after CONNECT, in order" {
  matrix = { qos = { 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address, { id = "sessions-kept", clean = 0 })
    session.subscribe(dev, "sessions/kept", { qos = p.qos })
    session.disconnect(dev)
    for i = 1, 3 do
      env.observer:publish("sessions/kept", "while away " .. i, { qos = p.qos })
    end
    session.connect(dev, env.broker.plain_address, { clean = 0 })
    for i = 1, 3 do
      session.expect_message(dev, "sessions/kept", "while away " .. i)
    end
    env.observer:publish("sessions/kept", "while here", { qos = p.qos })
    session.expect_message(dev, "sessions/kept", "while here")
  end,
}

scenario "a persistent session outlives REL and STOP: it belongs to the id, at the broker" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address, { id = "sessions-id", clean = 0 })
    session.subscribe(dev, "sessions/id", { qos = 1 })
    session.disconnect(dev)
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
    env.observer:publish("sessions/id", "stored", { qos = 1 })
    session.open(dev, env.broker.plain_address, { client = 1, id = "sessions-id", clean = 0 })
    session.expect_message(dev, "sessions/id", "stored", 1)
  end,
}

scenario "a clean session forgets subscriptions and messages" {
  cases = { { name = "clean both times", first = 1 }, { name = "persistent, then clean", first = 0 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address, { id = "sessions-clean", clean = p.first })
    session.subscribe(dev, "sessions/clean", { qos = 1 })
    session.disconnect(dev)
    env.observer:publish("sessions/clean", "lost", { qos = 1 })
    session.connect(dev, env.broker.plain_address, { clean = 1 })
    env.observer:publish("sessions/clean", "lost, too", { qos = 1 })
    next_is(dev, env, "nothing before")
  end,
}

scenario "QoS 0 is not kept for a client that is away" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address, { id = "sessions-qos0", clean = 0 })
    session.subscribe(dev, "sessions/qos0", { qos = 1 })
    session.disconnect(dev)
    env.observer:publish("sessions/qos0", "not kept", { qos = 0 })
    session.connect(dev, env.broker.plain_address, { clean = 0 })
    next_is(dev, env, "nothing stored")
  end,
}

scenario "a second client with the same id ends the first connection" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address, { id = "sessions-twin" })
    env.observer:client({ id = "sessions-twin" })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    session.refused(dev, "AT+CMQTTTOPIC=0,1", "+CMQTTTOPIC: 0,11")
  end,
}
