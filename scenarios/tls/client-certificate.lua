-- The client's certificate as the broker sees it: Mosquitto refuses a bad one with a TLS alert (32).
local t = require "modemtest"
local tls = require "lib.tls_context"

t.scenario "a certificate the broker does not accept gets 32" {
  tags = { "tls", "client-certificate" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  matrix = { which = { "expired", "not-yet-valid", "unknown-ca" }, authmode = { 2, 3 } },
  run = function(dev, env, p)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file(("hostile/%s-certificate.pem.crt"):format(p.which)))
    files:store(dev, "clientkey.pem", files:file(("hostile/%s-private.pem.key"):format(p.which)))
    tls.set(dev, 0, { authmode = p.authmode })
    tls.session(dev, env.broker.address, 32)
  end,
}

t.scenario "the modem does not judge its own certificate's dates: that is the broker's affair" {
  tags = { "tls", "client-certificate", "ignorelocaltime" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  broker = { args = { "--no-client-cert" } },
  run = function(dev, env)
    local files = env.certificates
    dev:cmd('AT+CCLK="24/05/17,12:00:00+00"'):ok()
    files:store(dev, "clientcert.pem", files:file("hostile/expired-certificate.pem.crt"))
    files:store(dev, "clientkey.pem", files:file("hostile/expired-private.pem.key"))
    tls.set(dev, 0, { ignorelocaltime = 0 })
    tls.session(dev, env.broker.address, 0) -- this broker does not ask for it
  end,
}

t.scenario "a good certificate is the cure" {
  tags = { "tls", "client-certificate" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file("hostile/expired-certificate.pem.crt"))
    files:store(dev, "clientkey.pem", files:file("hostile/expired-private.pem.key"))
    tls.session(dev, env.broker.address, 32)
    files:store(dev, "clientcert.pem", files:certificate())
    files:store(dev, "clientkey.pem", files:key())
    tls.connect(dev, env.broker.address, 0)
    tls.publish(dev, env, "cured")
  end,
}
