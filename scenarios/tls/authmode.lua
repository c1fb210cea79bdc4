-- AT+CSSLCFG="authmode": 0 nobody, 1 the server, 2 both, 3 the client only (spec 5.1, 3.2).
local t = require "modemtest"
local tls = require "lib.tls_context"

t.scenario "a broker that demands a certificate is served by authmode 2 and 3 only" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  cases = {
    -- As AWS does, the broker completes the handshake and closes behind it (field-failures.md F04).
    { authmode = 0, code = 26 }, { authmode = 1, code = 26 },
    { authmode = 2, code = 0 }, { authmode = 3, code = 0 },
  },
  run = function(dev, env, p)
    tls.set(dev, 0, { authmode = p.authmode })
    tls.session(dev, env.broker.address, p.code)
  end,
}

t.scenario "a broker that demands no certificate is served by every authmode" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  broker = { args = { "--no-client-cert" } },
  matrix = { authmode = { 0, 1, 2, 3 } },
  run = function(dev, env, p)
    tls.set(dev, 0, { authmode = p.authmode })
    tls.session(dev, env.broker.address, 0)
    tls.publish(dev, env, "hello")
  end,
}

t.scenario "authmode 0 and 1 need no certificate of their own, authmode 3 no CA" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  broker = { args = { "--no-client-cert" } },
  cases = {
    { authmode = 0, context = tls.CA_ONLY, unnamed = { clientcert = true, clientkey = true } },
    { authmode = 1, context = tls.CA_ONLY, unnamed = { clientcert = true, clientkey = true } },
    { authmode = 3, context = tls.WITHOUT.cacert, unnamed = { cacert = true } },
  },
  run = function(dev, env, p)
    if p.context == tls.CA_ONLY then
      tls.set(dev, p.context, { cacert = "cacert.pem" })
    else
      tls.without(dev, "cacert")
    end
    tls.check_unnamed(dev, p.context, p.unnamed)
    tls.set(dev, p.context, { authmode = p.authmode })
    tls.session(dev, env.broker.address, 0, p.context)
  end,
}

t.scenario "authmode 0 needs no file at all" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls", "emulator" }, -- a modem that was used has no untouched context
  uses = { "modem", "broker" },
  broker = { args = { "--no-client-cert" } },
  run = function(dev, env)
    tls.session(dev, env.broker.address, 0, 2)
  end,
}

t.scenario "a new authmode takes effect at the next connection, not before" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    tls.session(dev, env.broker.address, 0)
    tls.set(dev, 0, { authmode = 0 })
    tls.publish(dev, env, "still connected")
    tls.disconnect(dev)
    tls.connect(dev, env.broker.address, 26)
    tls.set(dev, 0, { authmode = 2 })
    tls.connect(dev, env.broker.address, 0)
  end,
}
