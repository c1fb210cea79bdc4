-- AT+CSSLCFG="negotiatetime": how long the TLS handshake may take (spec 5.1).
local t = require "modemtest"
local tls = require "lib.tls_context"

t.scenario "a server that is silent gets 32 when negotiatetime is over" {
  tags = { "tls", "negotiatetime", "slow" },
  needs = { "mqtt", "tls", "peer" },
  uses = { "modem", "certificates" },
  run = function(dev)
    local peer = t.peer { tls = { at = { ClientHello = "stall" } } }
    -- The shortest there is. Were it not obeyed, the default of 300 s would be far over the deadline.
    tls.set(dev, 0, { negotiatetime = 10 })
    tls.acquire(dev)
    local r = tls.begin_connect(dev, peer.address)
    peer:accept():message("ClientHello")
    r:result("+CMQTTCONNECT: 0,32", { within = 60 })
  end,
}
