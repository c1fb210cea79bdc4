-- The broker or the network refuses, goes away, and comes back.
local t = require "modemtest"
local client = require "lib.client"

--- Growth must be seen on a busy machine, too: longer waits than elsewhere, and as many as tell the same wait from
-- growing ones when one of them is disturbed.
local SLOWER, FAILURES = 4, 5

local function fails_to_connect(env)
  for _ = 1, FAILURES do
    local failed = env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTCONNECT" },
      { within = client.WITHIN })
    t.check(failed.code ~= 0, "it is connected: the fault is not there any more")
  end
end

client.scenario "while the broker is away it tries again with growing waits, and is back when the broker is" {
  profile = client.REFERENCE,
  client = client.with { percent = SLOWER },
  run = function(_, env)
    client.up(env)
    env.broker:stop()
    fails_to_connect(env)
    env.broker:start()
    client.published(env, 2)
  end,
}

client.scenario "it gets over five CONNECTs that the broker refuses, with growing waits" {
  profile = client.REFERENCE,
  client = client.with { start = "manual", percent = SLOWER },
  run = function(_, env)
    env.sim:fault { name = "mqtt.result", command = "+CMQTTCONNECT", code = 29, count = FAILURES }
    env.client:start()
    fails_to_connect(env)
    client.up(env)
    client.is_back(env)
  end,
}

client.scenario "a subscription that failed is made again" {
  profile = client.REFERENCE,
  client = client.with { start = "manual" },
  run = function(_, env)
    env.sim:fault { name = "mqtt.result", command = "+CMQTTSUB", code = 6 }
    env.client:start()
    env.client:expect_event({ event = "fault", step = "fired" }, { within = client.WITHIN })
    client.is_back(env)
  end,
}

client.scenario "it comes back when the network does" {
  run = function(_, env)
    client.up(env)
    client.survives(env, { name = "modem.registration_lost", ms = 200,
      when = { event = "mqtt.result", operation = "+CMQTTPUB" } })
  end,
}

client.scenario "it comes back when the connection breaks in the middle of a publish" {
  run = function(_, env)
    client.up(env)
    client.survives(env, { name = "link.reset_peer", when = { event = "mqtt", packet = "PUBLISH", dir = "out" } })
  end,
}

client.scenario "a message that was not acknowledged is published again" {
  run = function(_, env)
    client.up(env)
    env.client:forget()
    env.sim:fault { name = "mqtt.result", command = "+CMQTTPUB", code = 17 } -- a lost PUBACK takes a minute to be one
    local data = env.client:expect_event({ event = "at.data", command = "+CMQTTPAYLOAD" }, { within = client.WITHIN })
    env.client:expect_event({ event = "fault", step = "fired" }, { within = client.WITHIN })
    local again = env.client:expect_event({ event = "at.data", command = "+CMQTTPAYLOAD" }, { within = client.WITHIN })
    t.eq(again.data, data.data, "what is published behind the message that was not acknowledged")
    client.is_back(env)
  end,
}

client.scenario "with QoS 2 no message arrives twice" {
  profile = client.REFERENCE,
  client = client.with {
    waive = { "qos2-on-aws" }, -- this broker is none of AWS's
    env = function(env)
      return { PUBLISH_MS = 2000, PUBLISH_QOS = 2, BROKER_TLS = 0, BROKER_PORT = env.broker.plain_port }
    end,
  },
  run = function(_, env)
    client.up(env)
    -- The broker has the message, and the modem no longer knows.
    client.survives(env, { name = "modem.brown_out", when = { event = "mqtt", packet = "PUBREL", dir = "out" } })
    local seen, last = {}, 0
    while last < 4 do
      last = client.counter_of(env.observer:expect_message(client.TELEMETRY, { within = client.WITHIN }))
      t.check(not seen[last], ("message %d arrived twice"):format(last))
      seen[last] = true
    end
  end,
}
