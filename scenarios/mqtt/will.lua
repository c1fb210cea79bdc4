--- The will: the broker publishes it when the connection is lost, and not after DISC.
local t = require "modemtest"
local session = require "lib.mqtt_session"

local function open_with_will(dev, env, qos)
  session.start(dev)
  session.acquire(dev, { id = "will-client" })
  session.data(dev, "+CMQTTWILLTOPIC=0,%d", "will/topic"):ok()
  session.data(dev, "+CMQTTWILLMSG=0,%d," .. qos, "gone for good"):ok()
  session.connect(dev, env.broker.plain_address)
end

t.scenario "the will is published when the network goes away" {
  tags = { "mqtt", "will" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    open_with_will(dev, env, p.qos)
    dev:cmd("AT+CFUN=4"):ok()
    local will = env.observer:expect_message("will/topic")
    t.eq(will.payload, "gone for good")
    t.eq(will.qos, p.qos, "QoS of the will")
    t.eq(will.retain, false)
    t.eq(env.observer:retained("will/topic"), "", "a will of this modem is never retained")
    dev:expect_urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    dev:expect_urc("+CMQTTCONNLOST: 0,3")
    dev:expect_urc("+CMQTTNONET")
    dev:cmd("AT+CFUN=1"):ok()
    session.bearer_up(dev, env)
  end,
}

t.scenario "the will is published when the modem loses power" {
  tags = { "mqtt", "will" },
  needs = { "emulator" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  run = function(dev, env)
    open_with_will(dev, env, 1)
    env.sim:kill()
    t.eq(env.observer:expect_message("will/topic").payload, "gone for good")
  end,
}

t.scenario "after DISC there is no will" {
  tags = { "mqtt", "will" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer" },
  provision = false,
  run = function(dev, env)
    open_with_will(dev, env, 1)
    session.disconnect(dev)
    -- The broker has dealt with the first connection when the same id can publish again.
    session.connect(dev, env.broker.plain_address)
    session.publish(dev, "will/marker", "here again", { qos = 1 })
    env.observer:expect_message("will/marker")
    env.observer:no_message("will/topic", { during = 0 })
    session.disconnect(dev)
  end,
}
