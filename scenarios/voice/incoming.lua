--- Somebody outside calls. Real time, so that the phone rings every 5 s and nobody gives up meanwhile.
local t = require "modemtest"

local END = "VOICE CALL: END: %d%d%d%d%d%d"
local real_time = { keys = { time_percent = 100 } }

t.scenario "RING with the caller's number and name, ATA, and the caller hangs up" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = real_time,
  run = function(dev, env)
    dev:cmd('AT+CPBW=1,"02152063113",129,"gongsi"'):ok()
    dev:cmd("AT+CLIP=1;+CRC=0"):ok()
    env.sim:call { from = "02152063113" }
    dev:expect_urc("RING")
    dev:expect('+CLIP: "02152063113",128,,,"gongsi",0')
    dev:cmd("AT+CLCC"):lines { '+CLCC: 1,1,4,0,0,"02152063113",128' }:ok()
    dev:cmd("ATA"):lines { "VOICE CALL: BEGIN" }:ok()
    env.sim:call { action = "end" }
    dev:expect(END)
    dev:expect("NO CARRIER")
  end,
}

t.scenario "the caller gives up: a missed call" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = real_time,
  run = function(dev, env)
    dev:cmd("AT+CRC=1"):ok()
    env.sim:call { from = "+27840000000" }
    dev:expect("+CRING: VOICE")
    env.sim:call { action = "end" }
    dev:expect("NO CARRIER")
    dev:expect("MISSED_CALL: %d%d:%d%d[AP]M %+27840000000")
    dev:cmd('AT+CPBS="MC";+CPBR=1'):lines { '+CPBR: 1,"+27840000000",145,""' }:ok()
  end,
}

t.scenario "S0 answers by itself, AT+CHUP refuses" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = real_time,
  run = function(dev, env)
    dev:cmd("ATS0=1"):ok()
    env.sim:call { from = "1" }
    dev:expect_urc("RING")
    dev:expect("VOICE CALL: BEGIN")
    local hung_up = dev:cmd("ATS0=0;+CHUP")
    hung_up:info(END)
    hung_up:ok()
    env.sim:call { from = "1" }
    dev:expect_urc("RING")
    dev:cmd("AT+CHUP"):lines { "VOICE CALL: END" }:ok()
  end,
}

t.scenario "the called party answers when it likes" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = { keys = { callee = "ring", time_percent = 20 } },
  run = function(dev, env)
    dev:cmd("AT+CLCC=1"):ok()
    dev:cmd("ATD10011;"):ok()
    dev:expect('+CLCC: 1,0,2,0,0,"10011",129')
    dev:expect('+CLCC: 1,0,3,0,0,"10011",129')
    env.sim:call { action = "answer" }
    dev:expect("VOICE CALL: BEGIN")
    dev:expect('+CLCC: 1,0,0,0,0,"10011",129')
  end,
}
