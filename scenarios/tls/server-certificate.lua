-- The server's certificate: authmode 1 and 2 demand a chain to cacert, 0 and 3 take any (spec 5.1).
local t = require "modemtest"
local tls = require "lib.tls_context"

--- A server that authmode 1 and 2 must refuse with 32, and 0 and 3 accept.
local function refused_where_verified(title, broker, before)
  broker.args = { "--no-client-cert" }
  t.scenario(title) {
    tags = { "tls", "server-certificate" },
    needs = { "mqtt", "tls" },
    uses = { "modem", "broker", "certificates" },
    broker = broker,
    cases = {
      { authmode = 0, code = 0 }, { authmode = 1, code = 32 },
      { authmode = 2, code = 32 }, { authmode = 3, code = 0 },
    },
    run = function(dev, env, p)
      tls.set(dev, 0, { authmode = p.authmode })
      if before then
        before(dev, env)
      end
      tls.session(dev, env.broker.address, p.code)
    end,
  }
end

refused_where_verified("a server of an unknown CA is refused where it is verified",
  { certificate = "hostile/server-unknown-ca.crt" })

refused_where_verified("the broker's CA is not the one that is stored", {}, function(dev, env)
  env.certificates:store(dev, "cacert.pem", env.certificates:file("hostile/UnknownRootCA.pem"))
end)

refused_where_verified("a thing's certificate is no CA", {}, function(dev, env)
  env.certificates:store(dev, "cacert.pem", env.certificates:certificate("thing1"))
end)

refused_where_verified("an expired server is refused when dates are checked",
  { certificate = "hostile/server-expired.crt" }, function(dev)
    dev:cmd('AT+CCLK="24/05/17,12:00:00+00"'):ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end)

refused_where_verified("a server that is not yet valid is refused when dates are checked",
  { certificate = "hostile/server-not-yet-valid.crt" }, function(dev)
    dev:cmd('AT+CCLK="24/05/17,12:00:00+00"'):ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end)

t.scenario "the right CA is the cure for a wrong one" {
  tags = { "tls", "server-certificate" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    env.certificates:store(dev, "cacert.pem", env.certificates:file("hostile/UnknownRootCA.pem"))
    tls.session(dev, env.broker.address, 32)
    env.certificates:store(dev, "cacert.pem", env.certificates:ca())
    tls.connect(dev, env.broker.address, 0)
    tls.publish(dev, env, "cured")
  end,
}

t.scenario "the name in the server's certificate does not matter: this modem has no setting for it" {
  tags = { "tls", "server-certificate" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  broker = { certificate = "hostile/server-wrong-name.crt" },
  matrix = { sni = { 0, 1 } },
  run = function(dev, env, p)
    tls.set_where_offered(dev, 0, "enableSNI", p.sni)
    tls.session(dev, env.broker.address, 0)
  end,
}

t.scenario "a server with an EC certificate is accepted" {
  tags = { "tls", "server-certificate", "ec" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  broker = { certificate = "server-ec.crt", key = "server-ec.key" },
  run = function(dev, env)
    tls.session(dev, env.broker.address, 0)
    tls.publish(dev, env, "EC")
  end,
}
