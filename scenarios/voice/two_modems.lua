--- Voice calls between two modems of one process.
local t = require "modemtest"
require "lib.second"

local END = "VOICE CALL: END: %d%d%d%d%d%d"
local uses = { "modem", "second" }
local two = { args = { "--count", "2" }, keys = { time_percent = 50 } }

t.scenario "RING there, ATA there, and both are told of the end" {
  tags = { "voice" },
  needs = { "emulator" },
  uses = uses,
  sim = two,
  cases = { { hangs_up = "modem" }, { hangs_up = "second" } },
  run = function(dev, env, p)
    env.second:cmd("AT+CLIP=1"):ok()
    dev:cmd("ATD+12025550101;"):ok()
    env.second:expect_urc("RING")
    env.second:expect_urc('+CLIP: "+12025550100",145,,,"",0')
    env.second:cmd("ATA"):lines { "VOICE CALL: BEGIN" }:ok()
    dev:expect("VOICE CALL: BEGIN")
    dev:cmd('AT+VTS="1,#"'):ok()
    env.second:expect_urc("+RXDTMF: 1")
    env.second:expect_urc("+RXDTMF: #")
    env.second:forget() -- it may have rung twice
    local one = p.hangs_up == "modem" and dev or env.second
    local other = p.hangs_up == "modem" and env.second or dev
    local hung_up = one:cmd("AT+CHUP")
    hung_up:info(END)
    hung_up:ok()
    other:expect(END)
    other:expect("NO CARRIER")
  end,
}

t.scenario "busy, and out of reach" {
  tags = { "voice" },
  needs = { "emulator" },
  uses = uses,
  sim = { args = { "--count", "2" }, keys = { callee = "answer" } },
  run = function(dev, env)
    env.second:cmd("ATD10011;"):ok()
    env.second:expect("VOICE CALL: BEGIN")
    dev:cmd("ATD+12025550101;"):ok()
    dev:expect("VOICE CALL: END")
    dev:expect("BUSY")
    env.second:cmd("AT+CFUN=4"):ok()
    env.second:expect(END)
    env.second:expect("NO CARRIER")
    dev:cmd("ATD+12025550101;"):ok()
    dev:expect("VOICE CALL: END")
    dev:expect("NO CARRIER")
  end,
}

t.scenario "the caller gives up: a missed call there" {
  tags = { "voice" },
  needs = { "emulator" },
  uses = uses,
  sim = two,
  run = function(dev, env)
    dev:cmd("ATD+12025550101;"):ok()
    env.second:expect_urc("RING")
    dev:cmd("AT+CHUP"):lines { "VOICE CALL: END" }:ok()
    env.second:expect("NO CARRIER")
    env.second:expect("MISSED_CALL: %d%d:%d%d[AP]M %+12025550100")
  end,
}
