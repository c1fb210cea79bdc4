-- AT+CSSLCFG="sslversion": 0 SSL 3.0, 1 TLS 1.0, 2 TLS 1.1, 3 TLS 1.2, 4 all of them (spec 5.1).
local t = require "modemtest"
local tls = require "lib.tls_context"
require "lib.tls_server"

t.scenario "a broker of today, TLS 1.2 at least, is reached with sslversion 3 and 4 only" {
  tags = { "tls", "sslversion" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  cases = {
    { sslversion = 1, code = 32 }, { sslversion = 2, code = 32 },
    { sslversion = 3, code = 0 }, { sslversion = 4, code = 0 },
  },
  run = function(dev, env, p)
    tls.set(dev, 0, { sslversion = p.sslversion })
    tls.session(dev, env.broker.address, p.code)
  end,
}

t.scenario "SSL 3.0 alone gets 34: no TLS library of today has it" {
  tags = { "tls", "sslversion" },
  needs = { "mqtt", "tls", "emulator" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.set(dev, 0, { sslversion = 0 })
    tls.session(dev, env.broker.address, tls.code(env, 34))
    tls.set(dev, 0, { sslversion = 4 })
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "a server with one old version is reached with that version and with 4" {
  tags = { "tls", "sslversion" },
  needs = { "mqtt", "tls", "broker" }, -- the modem must reach this machine
  uses = { "modem", "certificates", "peer" },
  cases = {
    { server = "-tls1", sslversion = 1 }, { server = "-tls1_1", sslversion = 2 },
    { server = "-tls1_2", sslversion = 3 }, { server = "-tls1", sslversion = 4 },
    { server = "-tls1_1", sslversion = 4 }, { server = "-tls1_2", sslversion = 4 },
  },
  run = function(dev, env, p)
    local peer = env.peer:openssl { p.server, "-cipher", "ALL:@SECLEVEL=0" }
    tls.set(dev, 0, { sslversion = p.sslversion })
    tls.acquire(dev)
    local r = tls.begin_connect(dev, peer.address)
    peer:accept()
    r:result("+CMQTTCONNECT: 0,0")
    tls.disconnect(dev)
  end,
}

t.scenario "a server with another version is refused" {
  tags = { "tls", "sslversion" },
  needs = { "mqtt", "tls", "broker" },
  uses = { "modem", "certificates", "peer" },
  cases = {
    { server = "-tls1", sslversion = 2 }, { server = "-tls1", sslversion = 3 },
    { server = "-tls1_1", sslversion = 1 }, { server = "-tls1_1", sslversion = 3 },
    -- "all" ends at TLS 1.2 on this modem.
    { server = "-tls1_3", sslversion = 4 },
  },
  run = function(dev, env, p)
    local peer = env.peer:openssl { p.server, "-cipher", "ALL:@SECLEVEL=0" }
    tls.set(dev, 0, { sslversion = p.sslversion })
    tls.session(dev, peer.address, 32)
  end,
}

t.scenario "the version that is offered is the highest one allowed" {
  tags = { "tls", "sslversion" },
  needs = { "mqtt", "tls", "peer" },
  uses = { "modem", "certificates" },
  cases = {
    { sslversion = 1, offered = 0x0301 }, { sslversion = 2, offered = 0x0302 },
    { sslversion = 3, offered = 0x0303 }, { sslversion = 4, offered = 0x0303 },
  },
  run = function(dev, _, p)
    tls.set(dev, 0, { sslversion = p.sslversion })
    tls.acquire(dev)
    t.eq(tls.client_hello(dev).version, p.offered, "client_version")
  end,
}
