--- Retained messages: set, cleared, and received on subscribing.
local t = require "modemtest"
local session = require "lib.mqtt_session"

local function scenario(name)
  return function(spec)
    spec.tags = { "mqtt", "retained" }
    spec.needs = { "broker.policy" }
    spec.uses = { "modem", "broker", "observer" }
    spec.provision = false
    t.scenario(name)(spec)
  end
end

scenario "PUB with the retain flag stores the message, an empty one removes it" {
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    session.open(dev, env.broker.plain_address)
    session.publish(dev, "retained/set", "stored", { qos = p.qos, retain = 1 })
    t.eq(env.observer:expect_message("retained/set").payload, "stored")
    t.eq(env.observer:retained("retained/set"), "stored")
    session.publish(dev, "retained/set", "newer", { qos = p.qos, retain = 1 })
    t.eq(env.observer:expect_message("retained/set").payload, "newer")
    t.eq(env.observer:retained("retained/set"), "newer")
    session.publish(dev, "retained/set", "", { qos = p.qos, retain = 1 })
    t.eq(env.observer:expect_message("retained/set").payload, "")
    t.eq(env.observer:retained("retained/set"), "")
  end,
}

scenario "PUB without the retain flag stores nothing" {
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    session.publish(dev, "retained/not", "passing", { qos = 1 })
    t.eq(env.observer:expect_message("retained/not").retain, false)
    t.eq(env.observer:retained("retained/not"), "")
  end,
}

scenario "a retained message is received on subscribing, before or after the result" {
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    env.observer:publish("retained/old", "from before", { qos = 1, retain = true })
    session.open(dev, env.broker.plain_address)
    session.subscribe(dev, "retained/#", { qos = p.qos })
    session.expect_message(dev, "retained/old", "from before")
  end,
}
