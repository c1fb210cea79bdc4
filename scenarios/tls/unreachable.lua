-- Nobody there: 3 for TCP, 25 for a name that does not resolve; the same with TLS and without.
local t = require "modemtest"
local tls = require "lib.tls_context"

local TYPES = { 0, 1 }

t.scenario "nobody listening gets 3" {
  tags = { "tls", "unreachable" },
  needs = { "mqtt", "peer" },
  uses = { "modem", "certificates" },
  matrix = { server_type = TYPES },
  run = function(dev, _, p)
    tls.acquire(dev, p.server_type)
    tls.connect(dev, t.peer({ listen = false }).address, 3)
  end,
}

t.scenario "a name that does not resolve gets 25" {
  tags = { "tls", "unreachable" },
  needs = { "mqtt", "network" },
  uses = { "modem", "certificates" },
  matrix = { server_type = TYPES },
  run = function(dev, _, p)
    tls.acquire(dev, p.server_type)
    tls.connect(dev, "broker.invalid:8883", 25) -- RFC 6761: this name never exists
  end,
}

t.scenario "a broker that is stopped gets 3, and starting it is the cure" {
  tags = { "tls", "unreachable" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    env.broker:stop()
    tls.session(dev, env.broker.address, 3)
    env.broker:start()
    tls.connect(dev, env.broker.address, 0)
  end,
}
