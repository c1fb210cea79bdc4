-- AT+CSSLCFG="ciphersuites": 0x002F is TLS_RSA_WITH_AES_128_CBC_SHA, 0xFFFF all (spec 5.1). Firmware that does not
-- have the setting refuses it and offers all.
local t = require "modemtest"
local tls = require "lib.tls_context"
require "lib.tls_server"

local RSA_AES_128_CBC_SHA, SIGNALLING = 0x002F, 0x00FF

--- Context CIPHERS as thing1's, with these cipher suites; back to all of them at the end. fn is told
-- whether the setting is in force.
local function with_suites(dev, suites, fn)
  tls.set(dev, tls.CIPHERS, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
    clientkey = "clientkey.pem" })
  fn(tls.set_where_offered(dev, tls.CIPHERS, "ciphersuites", suites))
  tls.set_where_offered(dev, tls.CIPHERS, "ciphersuites", "0xFFFF")
end

local function check_one(hello)
  for _, suite in ipairs(hello.suites) do
    t.check(suite == RSA_AES_128_CBC_SHA or suite == SIGNALLING, ("also 0x%04X"):format(suite))
  end
  t.check(hello.suites[RSA_AES_128_CBC_SHA], "0x002F is not offered")
end

local function check_many(hello)
  t.check(#hello.suites > 2, "not many suites are offered")
  t.check(hello.suites[RSA_AES_128_CBC_SHA], "0x002F is not among them")
end

t.scenario "both settings reach the broker" {
  tags = { "tls", "ciphersuites" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  matrix = { suites = { "0x002F", "0xFFFF", "0x002f", " 0xFFFF" } },
  run = function(dev, env, p)
    with_suites(dev, p.suites, function()
      tls.session(dev, env.broker.address, 0, tls.CIPHERS)
      tls.publish(dev, env, "hello")
    end)
  end,
}

t.scenario "0x002F is what is negotiated, not only what is stored" {
  tags = { "tls", "ciphersuites" },
  needs = { "mqtt", "tls", "broker" },
  uses = { "modem", "certificates", "peer" },
  run = function(dev, env)
    with_suites(dev, "0x002F", function(limited)
      local peer = env.peer:openssl { "-tls1_2" }
      tls.acquire(dev)
      local r = tls.begin_connect(dev, peer.address, tls.CIPHERS)
      t.eq(peer:accept() == "AES128-SHA", limited, "cipher suite AES128-SHA")
      r:result("+CMQTTCONNECT: 0,0")
      tls.disconnect(dev)
    end)
  end,
}

t.scenario "0x002F offers one suite, 0xFFFF many" {
  tags = { "tls", "ciphersuites" },
  needs = { "mqtt", "tls", "peer" },
  uses = { "modem", "certificates" },
  run = function(dev)
    tls.acquire(dev)
    with_suites(dev, "0x002F", function(limited)
      (limited and check_one or check_many)(tls.client_hello(dev, { context = tls.CIPHERS }))
    end)
    check_many(tls.client_hello(dev, { context = tls.CIPHERS }))
  end,
}

t.scenario "a server without the one suite gets 32, and 0xFFFF is the cure" {
  tags = { "tls", "ciphersuites" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  -- A key for ECDSA cannot do an RSA key exchange.
  broker = { certificate = "server-ec.crt", key = "server-ec.key" },
  run = function(dev, env)
    tls.acquire(dev)
    with_suites(dev, "0x002F", function(limited)
      tls.connect(dev, env.broker.address, limited and 32 or 0, tls.CIPHERS)
      if not limited then
        tls.disconnect(dev)
      end
    end)
    tls.connect(dev, env.broker.address, 0, tls.CIPHERS)
  end,
}
