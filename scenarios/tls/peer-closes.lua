-- The other side closes the connection while CONNECT waits: 26 before the MQTT CONNECT was sent, 6
-- behind it (spec 3.2).
local t = require "modemtest"
local tls = require "lib.tls_context"
require "lib.tls_server"

local NEEDS = { "mqtt", "tls", "broker" }
local USES = { "modem", "certificates", "peer" }

t.scenario "a peer that closes during the TLS handshake gets 26" {
  tags = { "tls", "close" },
  needs = { "mqtt", "tls", "peer" },
  uses = { "modem", "certificates" },
  matrix = { when = { "at once", "after bytes" } },
  run = function(dev, _, p)
    local peer = t.peer { mqtt = false, unread = true }
    tls.acquire(dev)
    tls.played(dev, peer, 26, function(connection)
      if p.when == "after bytes" then
        connection:bytes(1)
      end
      connection:close()
    end)
  end,
}

t.scenario "a peer without TLS that closes when it got the MQTT CONNECT gets 6" {
  tags = { "tls", "close" },
  needs = { "mqtt", "peer" },
  uses = { "modem", "certificates" },
  run = function(dev)
    tls.acquire(dev, 0)
    tls.played(dev, t.peer {}, 6, function(connection)
      connection:expect("CONNECT", { client_id = "thing1" })
      connection:close()
    end)
  end,
}

t.scenario "a server that asked for a certificate, got none and closes after the handshake gets 26" {
  tags = { "tls", "close", "authmode" },
  needs = NEEDS,
  uses = USES,
  matrix = { authmode = { 0, 1 } },
  run = function(dev, env, p)
    -- -verify asks and takes no for an answer, as AWS does; who got no certificate hangs up.
    local peer = env.peer:openssl { "-tls1_2", "-verify", "1" }
    tls.set(dev, 0, { authmode = p.authmode })
    tls.acquire(dev)
    local r = tls.begin_connect(dev, peer.address)
    peer:close_after_connect()
    r:result("+CMQTTCONNECT: 0,26")
  end,
}

t.scenario "a server that got the certificate and closes without an answer gets 6" {
  tags = { "tls", "close", "authmode" },
  needs = NEEDS,
  uses = USES,
  matrix = { authmode = { 2, 3 } },
  run = function(dev, env, p)
    local peer = env.peer:openssl { "-tls1_2", "-verify", "1" }
    tls.set(dev, 0, { authmode = p.authmode })
    tls.acquire(dev)
    local r = tls.begin_connect(dev, peer.address)
    peer:close_after_connect()
    r:result("+CMQTTCONNECT: 0,6")
  end,
}

t.scenario "a server that dies later is reported by CONNLOST 1" {
  tags = { "tls", "close" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local peer = env.peer:openssl { "-tls1_2" }
    tls.acquire(dev)
    local r = tls.begin_connect(dev, peer.address)
    peer:accept()
    r:result("+CMQTTCONNECT: 0,0")
    peer:stop()
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
  end,
}
