-- A client comes up on a modem that behaves, with nothing in it or with all that an earlier run left.
local client = require "lib.client"

client.scenario "it connects, subscribes and publishes" {
  run = function(_, env)
    client.up(env)
    client.telemetry(env, 2)
    client.is_back(env)
  end,
}

client.scenario("started again, it takes over a modem that is still connected and does not upload its certificates "
  .. "again") {
  run = function(_, env)
    client.up(env)
    env.client:kill()
    env.client:forget()
    env.client:never("^AT%+CCERTDOWN")
    env.client:start()
    client.is_back(env)
  end,
}

client.scenario "it uploads a certificate again that did not arrive whole" {
  profile = client.REFERENCE,
  -- The check takes the damaged file for one that is stored.
  client = client.with { start = "manual", waive = { "uploads-certificates-at-every-boot" } },
  run = function(_, env)
    env.sim:fault { name = "uart.drop", from = "host", at = 700,
      when = { event = "at.prompt", command = "+CCERTDOWN" } }
    env.client:start()
    client.up(env)
    client.is_back(env)
  end,
}
