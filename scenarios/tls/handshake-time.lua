-- AT+CSSLCFG="negotiatetime": how long the TLS handshake may take (spec 5.1).
local t = require "modemtest"
local tls = require "lib.tls_context"
require "lib.tls_server"

t.scenario "a server that is silent gets 32 when negotiatetime is over" {
  tags = { "tls", "negotiatetime", "slow" },
  needs = { "mqtt", "tls", "broker" },
  uses = { "modem", "certificates", "peer" },
  run = function(dev, env)
    local peer = env.peer:listen()
    -- The shortest there is. Were it not obeyed, the default of 300 s would be far over the deadline.
    tls.set(dev, 0, { negotiatetime = 10 })
    tls.acquire(dev)
    tls.begin_connect(dev, peer.address):result("+CMQTTCONNECT: 0,32", { within = 60 })
    t.eq(peer.bytes:sub(1, 1), "\x16", "record type of what the peer got")
  end,
}
