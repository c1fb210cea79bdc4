--- The network and the card go, and come back.
local t = require "modemtest"
local scenario = require("lib.faults").scenario

scenario "the network goes, then the card, and both come back by themselves" {
  run = function(dev, env)
    dev:cmd("AT+CREG=1"):ok()
    local network = env.sim:fault { name = "modem.registration_lost", ms = 50 }
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    t.eq(network:fired(), 1)
    local card = env.sim:fault { name = "modem.sim_removed", ms = 50 }
    dev:expect_urc("+SIMCARD: NOT AVAILABLE")
    dev:expect_urc("+CREG: 0")
    dev:expect_urc("+CPIN: READY")
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    dev:expect_urc("SMS DONE")
    dev:expect_urc("PB DONE")
    t.eq(card:fired(), 1)
    dev:forget() -- some firmware tells of its bearer, too
  end,
}
