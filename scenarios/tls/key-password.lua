-- AT+CSSLCFG="keypwd": the password of the key file (spec 5.1).
local t = require "modemtest"
local tls = require "lib.tls_context"

t.scenario "an encrypted key opens with its password only" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  cases = {
    { password = "sim7600", code = 0 },
    { password = "Sim7600", code = 34 },
    { password = "sim76000", code = 34 },
    { password = "", code = 34 },
  },
  run = function(dev, env, p)
    local key = env.certificates:file("thing1-private-encrypted.pem.key")
    tls.with_file(dev, env, "encrypted-key.pem", key, function()
      tls.set(dev, tls.KEY_PASSWORD, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
        clientkey = "encrypted-key.pem", keypwd = p.password })
      tls.session(dev, env.broker.address, p.code, tls.KEY_PASSWORD)
      tls.set(dev, tls.KEY_PASSWORD, { keypwd = "" })
    end)
  end,
}

t.scenario "an encrypted PKCS#8 key, as OpenSSL 3 writes it, opens with its password only" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  cases = {
    { password = "sim7600", code = 0 },
    { password = "sim76000", code = 34 },
    { password = "", code = 34 },
  },
  run = function(dev, env, p)
    local key = env.certificates:file("thing1-private-encrypted-pkcs8.pem.key")
    tls.with_file(dev, env, "pkcs8-key.pem", key, function()
      tls.set(dev, tls.KEY_PASSWORD, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
        clientkey = "pkcs8-key.pem", keypwd = p.password })
      tls.session(dev, env.broker.address, p.code, tls.KEY_PASSWORD)
      tls.set(dev, tls.KEY_PASSWORD, { keypwd = "" })
    end)
  end,
}

t.scenario "a password does no harm where the key has none" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.set(dev, tls.KEY_PASSWORD, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
      clientkey = "clientkey.pem", keypwd = "not needed" })
    tls.session(dev, env.broker.address, 0, tls.KEY_PASSWORD)
    tls.set(dev, tls.KEY_PASSWORD, { keypwd = "" })
  end,
}

t.scenario "the right password is the cure" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    local key = env.certificates:file("thing1-private-encrypted.pem.key")
    tls.with_file(dev, env, "encrypted-key.pem", key, function()
      tls.set(dev, tls.KEY_PASSWORD, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
        clientkey = "encrypted-key.pem", keypwd = "" })
      tls.session(dev, env.broker.address, 34, tls.KEY_PASSWORD)
      tls.set(dev, tls.KEY_PASSWORD, { keypwd = "sim7600" })
      tls.connect(dev, env.broker.address, 0, tls.KEY_PASSWORD)
      tls.publish(dev, env, "opened")
      tls.set(dev, tls.KEY_PASSWORD, { keypwd = "" })
    end)
  end,
}
