--- The modem's clock: 1980 until something sets it; the host, the network, and what reads it (B4.2).
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local QUIET = { pdn_event = "" }

t.scenario "a fresh modem is in 1980 and knows no zone" {
  tags = { "network", "clock" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '^%+CCLK: "80/01/06,00:00:%d%d"$')
    dev:cmd('AT+CCLK="24/05/17,12:34:56+08"'):ok()
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '^%+CCLK: "24/05/17,12:3%d:%d%d%+08"$')
    env.sim:restart() -- a power cut: the clock of this module has no battery
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '^%+CCLK: "80/01/06,')
  end,
}

t.scenario "the network's time sets the clock and is told, as CTZU and CTZR say" {
  tags = { "network", "clock" }, needs = { "emulator" },
  sim = { keys = { ["network.nitz"] = "on", ["network.zone"] = 8, network = "none", pdn_event = "" } },
  run = function(dev, env)
    dev:cmd("AT+CTZR=1;+CTZU?"):ok():lines { "+CTZU: 1" }
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"80/')
    local before = os.date("!%y/%m/%d")
    env.sim:set { network = "home" }
    local told = dev:expect_urc("+CTZV: 8,(%d%d/%d%d/%d%d),%d%d:%d%d:%d%d")
    t.check(told[1] == before or told[1] == os.date("!%y/%m/%d"), "not today: " .. told.line)
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '%+08"$')
    dev:cmd("AT+CTZU=0;+CTZR=0"):ok()
    dev:cmd('AT+CCLK="26/01/01,00:00:00+00"'):ok()
    env.sim:set { network = "none" }
    env.sim:set { network = "home" }
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"26/01/01,')
  end,
}
