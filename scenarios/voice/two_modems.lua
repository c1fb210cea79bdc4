--- Voice calls between two modems of one process.
local t = require "modemtest"

local END = "VOICE CALL: END: %d%d%d%d%d%d"
local two = { args = { "--count", "2" }, keys = { time_percent = 50 } }

t.scenario "RING there, ATA there, and both are told of the end" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = two,
  cases = { { hangs_up = "the caller" }, { hangs_up = "the called" } },
  run = function(dev, env, p)
    local second = env.sim:port(1)
    second:cmd("AT+CLIP=1"):ok()
    dev:cmd("ATD+12025550101;"):ok()
    second:expect_urc("RING")
    second:expect_urc('+CLIP: "+12025550100",145,,,"",0')
    second:cmd("ATA"):lines { "VOICE CALL: BEGIN" }:ok()
    dev:expect("VOICE CALL: BEGIN")
    dev:cmd('AT+VTS="1,#"'):ok()
    second:expect_urc("+RXDTMF: 1")
    second:expect_urc("+RXDTMF: #")
    second:forget() -- it may have rung twice
    local one = p.hangs_up == "the caller" and dev or second
    local other = p.hangs_up == "the caller" and second or dev
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
  sim = { args = { "--count", "2" }, keys = { callee = "answer" } },
  run = function(dev, env)
    local second = env.sim:port(1)
    second:cmd("ATD10011;"):ok()
    second:expect("VOICE CALL: BEGIN")
    dev:cmd("ATD+12025550101;"):ok()
    dev:expect("VOICE CALL: END")
    dev:expect("BUSY")
    second:cmd("AT+CFUN=4"):ok()
    second:expect(END)
    second:expect("NO CARRIER")
    dev:cmd("ATD+12025550101;"):ok()
    dev:expect("VOICE CALL: END")
    dev:expect("NO CARRIER")
  end,
}

t.scenario "the caller gives up: a missed call there" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = two,
  run = function(dev, env)
    local second = env.sim:port(1)
    dev:cmd("ATD+12025550101;"):ok()
    second:expect_urc("RING")
    dev:cmd("AT+CHUP"):lines { "VOICE CALL: END" }:ok()
    second:expect("NO CARRIER")
    second:expect("MISSED_CALL: %d%d:%d%d[AP]M %+12025550100")
  end,
}
