-- A client comes up, publishes and takes commands.
local t = require "modemtest"
local client = require "lib.client"

t.scenario "it connects, subscribes and publishes" {
  tags = { "client" },
  needs = { "mqtt", "tls" },
  uses = { "certificates", "broker", "observer", "client" },
  sim = client.SIM,
  client = client.FAST,
  run = function(_, env)
    client.expect_telemetry(env, 2)
  end,
}

t.scenario "it finds the certificates in the modem and does not upload them again" {
  tags = { "client" },
  needs = { "mqtt", "tls" },
  uses = { "certificates", "broker", "observer", "client" },
  sim = client.SIM,
  client = client.FAST,
  run = function(_, env)
    client.expect_telemetry(env, 1)
    env.client:stop()
    env.client:forget()
    env.client:never("^AT%+CCERTDOWN")
    env.client:never("^AT%+CCERTDELE")
    env.client:start()
    client.expect_telemetry(env, 1)
  end,
}
