--- Keep-alive: PINGREQ after the agreed time without traffic, and what a missing answer means.
-- One second, also where the firmware takes no less than a minute: no test can wait so long.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

local SECONDS_ALLOWED = { keys = { ["range.keepalive"] = "1-64800" } }

t.scenario "an idle connection sends PINGREQ and lives" {
  tags = { "mqtt", "keep-alive" },
  needs = { "peer" },
  sim = SECONDS_ALLOWED,
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer, { keepalive = 1 })
    for _ = 1, 2 do
      t.eq(connection:expect("PINGREQ").bytes, "\xC0\0")
      connection:pingresp()
    end
    session.publish(dev, "t", "alive")
    t.eq(connection:expect("PUBLISH").payload, "alive")
  end,
}

t.scenario "a ping that is not answered is +CMQTTPING 17, and the connection is not given up" {
  tags = { "mqtt", "keep-alive" },
  needs = { "peer" },
  sim = SECONDS_ALLOWED,
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer, { keepalive = 1 })
    connection:expect("PINGREQ")
    dev:expect_urc("+CMQTTPING: 0,17")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
    session.disconnect(dev)
  end,
}

t.scenario "a broker keeps a connection with a keep-alive of one second" {
  tags = { "mqtt", "keep-alive" },
  needs = { "broker.policy" },
  sim = SECONDS_ALLOWED,
  uses = { "modem", "broker", "observer" },
  provision = false,
  run = function(dev, env)
    session.open(dev, env.broker.plain_address, { keepalive = 1 })
    session.subscribe(dev, "keep-alive/to", { qos = 1 })
    -- Mosquitto closes after one and a half of it.
    dev:no_urc("+CMQTT", { during = 2.5 })
    env.observer:publish("keep-alive/to", "received", { qos = 1 })
    session.expect_message(dev, "keep-alive/to", "received")
    session.publish(dev, "keep-alive/from", "sent", { qos = 1 })
    t.eq(env.observer:expect_message("keep-alive/from").payload, "sent")
  end,
}
