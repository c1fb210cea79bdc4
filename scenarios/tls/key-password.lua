-- AT+CSSLCFG="keypwd": the password of the key file (spec 5.1); the A76XX has "password" instead. Where a firmware
-- has neither, the right password cannot be given, and an encrypted key is a file that cannot be read.
local t = require "modemtest"
local tls = require "lib.tls_context"

--- Context KEY_PASSWORD as thing1's with this key file and password: is the password given?
local function use_key(dev, env, file, password)
  tls.set(dev, tls.KEY_PASSWORD, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
    clientkey = file })
  return tls.set_key_password(dev, env, tls.KEY_PASSWORD, password)
end

--- An encrypted key of make-certs and a password: CONNECT has this code, where the password can be given.
local function try(dev, env, key, file, p)
  tls.with_file(dev, env, file, env.certificates:file(key), function()
    local given = use_key(dev, env, file, p.password)
    tls.session(dev, env.broker.address, tls.code(env, given and p.code or 34), tls.KEY_PASSWORD)
    tls.set_key_password(dev, env, tls.KEY_PASSWORD, "")
  end)
end

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
    try(dev, env, "thing1-private-encrypted.pem.key", "encrypted-key.pem", p)
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
    try(dev, env, "thing1-private-encrypted-pkcs8.pem.key", "pkcs8-key.pem", p)
  end,
}

t.scenario "a password does no harm where the key has none" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    use_key(dev, env, "clientkey.pem", "not needed")
    tls.session(dev, env.broker.address, 0, tls.KEY_PASSWORD)
    tls.set_key_password(dev, env, tls.KEY_PASSWORD, "")
  end,
}

t.scenario "the right password is the cure" {
  tags = { "tls", "keypwd" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    local key = env.certificates:file("thing1-private-encrypted.pem.key")
    tls.with_file(dev, env, "encrypted-key.pem", key, function()
      use_key(dev, env, "encrypted-key.pem", "")
      tls.session(dev, env.broker.address, tls.code(env, 34), tls.KEY_PASSWORD)
      if tls.set_key_password(dev, env, tls.KEY_PASSWORD, "sim7600") then
        tls.connect(dev, env.broker.address, 0, tls.KEY_PASSWORD)
        tls.publish(dev, env, "opened")
      end
      tls.set_key_password(dev, env, tls.KEY_PASSWORD, "")
    end)
  end,
}
