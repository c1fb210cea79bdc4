-- What a scripted TLS server shows and asks for: certificates that no correct server sends (all 32, spec 3.2), and the
-- modem's own certificate as the server sees it.
local t = require "modemtest"
local tls = require "lib.tls_context"
local binding = require "modemtest.tls"

local NEEDS = { "mqtt", "tls", "peer" }
local USES = { "modem", "certificates" }

t.scenario "a certificate that is not the server's, or none at all, gets 32 and an alert" {
  tags = { "tls", "server-certificate" },
  needs = NEEDS,
  uses = USES,
  cases = {
    { name = "another key", tls = { key = "hostile/server.key" } },
    { name = "another key, authmode 0", tls = { key = "hostile/server.key" }, authmode = 0 },
    { name = "the chain upside down", tls = { certificate = { "AmazonRootCA1.pem", "server.crt" } } },
    { name = "a foreign chain behind a foreign certificate",
      tls = { certificate = "hostile/server-unknown-ca.crt", chain = { "hostile/UnknownRootCA.pem" } } },
    { name = "bytes that are no certificate", tls = { der = ("\0"):rep(500) } },
    { name = "half a certificate", half = true },
  },
  run = function(dev, env, p)
    local options = p.tls or {}
    if p.half then
      local der = env.certificates:der(env.certificates:file("server.crt"))
      options = { der = der:sub(1, #der // 2) }
    end
    tls.set(dev, 0, { authmode = p.authmode })
    tls.acquire(dev)
    local connection = tls.played(dev, t.peer { tls = options }, 32, function() end)
    connection:wait_gone()
    t.check(connection.tls.alert, "the modem sent no alert")
    t.eq(connection.tls.done, false, "is the handshake over?")
  end,
}

t.scenario "a right chain reaches the server's MQTT, whatever is sent behind it" {
  tags = { "tls", "server-certificate" },
  needs = NEEDS,
  uses = USES,
  cases = { { name = "with its root", chain = { "AmazonRootCA1.pem" } },
    { name = "with a foreign root", chain = { "hostile/UnknownRootCA.pem", "AmazonRootCA1.pem" } } },
  run = function(dev, _, p)
    tls.acquire(dev)
    tls.played(dev, t.peer { tls = { chain = p.chain } }, 0, function(connection)
      connection:expect("CONNECT", { client_id = "thing1" })
      connection:connack()
    end)
    tls.disconnect(dev)
  end,
}

t.scenario "the server sees the modem's certificate where authmode sends one" {
  tags = { "tls", "client-certificate", "authmode" },
  needs = NEEDS,
  uses = USES,
  matrix = { authmode = { 0, 1, 2, 3 } },
  run = function(dev, env, p)
    local peer = t.peer { tls = { client_certificate = "optional", ca = "AmazonRootCA1.pem" } }
    tls.set(dev, 0, { authmode = p.authmode })
    tls.acquire(dev)
    tls.played(dev, peer, 0, function(connection)
      local info = connection:handshake()
      if p.authmode >= 2 then
        local own = binding.describe(env.certificates:der(env.certificates:certificate()))
        t.eq({ info.certificate, info.verify }, { own }, "the modem's certificate")
      else
        t.check(info.no_certificate, "a certificate was sent")
      end
      connection:expect("CONNECT")
      connection:connack()
    end)
    tls.disconnect(dev)
  end,
}

t.scenario "a server that demands a certificate refuses the handshake without one" {
  tags = { "tls", "client-certificate", "authmode" },
  needs = NEEDS,
  uses = USES,
  matrix = { authmode = { 0, 1 } },
  run = function(dev, _, p)
    tls.set(dev, 0, { authmode = p.authmode })
    tls.acquire(dev)
    local peer = t.peer { tls = { client_certificate = "required", ca = "AmazonRootCA1.pem" } }
    local connection = tls.played(dev, peer, 32, function() end)
    t.eq({ connection.tls.no_certificate, connection.tls.alert_sent }, { true, "handshake_failure" })
  end,
}
