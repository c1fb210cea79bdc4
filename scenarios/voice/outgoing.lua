--- Voice calls to somebody outside, who does what the key callee says.
local t = require "modemtest"

local END = "VOICE CALL: END: %d%d%d%d%d%d"

t.scenario "a call that is answered, and hung up here" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = { keys = { callee = "answer" } },
  run = function(dev)
    dev:cmd("ATD+49 30 123-45;"):ok()
    dev:expect("VOICE CALL: BEGIN")
    dev:cmd("AT+CLCC"):lines { '+CLCC: 1,0,0,0,0,"+493012345",145' }:ok()
    dev:cmd("AT+CPAS"):lines { "+CPAS: 4" }:ok()
    dev:cmd("ATH"):ok() -- CVHU=1: it leaves the call alone
    local hung_up = dev:cmd("AT+CHUP")
    hung_up:info(END)
    hung_up:ok()
    dev:cmd("AT+CHUP"):lines {}:ok()
    dev:cmd("AT+CLCC"):lines {}:ok()
  end,
}

t.scenario "a call that fails: its lines, in words and in numbers" {
  tags = { "voice" },
  needs = { "emulator" },
  cases = {
    { callee = "none", result = "NO CARRIER", number = "3" },
    { callee = "busy", result = "BUSY", number = "7" },
    { callee = "ring", result = "NO ANSWER", number = "8" },
  },
  run = function(dev, env, p)
    env.sim:set { callee = p.callee }
    dev:cmd("ATD10011;"):ok()
    dev:expect("VOICE CALL: END")
    dev:expect(p.result)
    dev:forget()
    dev:send("ATV0D10011;\r")
    dev:expect_bytes("0\rVOICE CALL: END\r\n" .. p.number .. "\r")
    dev:send("ATV1\r")
    dev:expect_bytes("\r\nOK\r\n")
  end,
}

t.scenario "ATH under CVHU=0: OK, then the lines of the end" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = { keys = { callee = "answer" } },
  run = function(dev)
    dev:cmd("AT+CVHU=0"):ok()
    dev:cmd("ATD10011;"):ok()
    dev:expect("VOICE CALL: BEGIN")
    dev:cmd("ATH"):lines {}:ok()
    dev:expect(END)
    dev:expect("NO CARRIER")
  end,
}

t.scenario "loss of the network ends the call" {
  tags = { "voice", "network" },
  needs = { "emulator" },
  sim = { keys = { callee = "answer" } },
  run = function(dev, env)
    dev:cmd("ATD10011;"):ok()
    dev:expect("VOICE CALL: BEGIN")
    env.sim:set { network = "none" }
    dev:expect(END)
    dev:expect("NO CARRIER")
    dev:send("ATD10011;\r")
    dev:expect_bytes("\r\nNO CARRIER\r\n")
  end,
}

t.scenario "a data call finds no carrier" {
  tags = { "voice", "data" },
  needs = { "emulator" },
  run = function(dev)
    dev:send("ATD10011\r")
    dev:expect_bytes("\r\nNO CARRIER\r\n")
    dev:cmd("AT"):ok()
  end,
}

t.scenario "data mode is not modelled: its commands are refused" {
  tags = { "voice", "data" },
  needs = { "emulator" },
  cases = { { line = "ATD*99#" }, { line = "ATD*99***1#" }, { line = "ATDT*99#" }, { line = "ATO" } },
  run = function(dev, _, p)
    dev:send(p.line .. "\r")
    dev:expect_bytes("\r\nERROR\r\n")
    dev:cmd("AT"):ok()
  end,
}

t.scenario "a call is held and taken back, and ended by its number" {
  tags = { "voice" },
  needs = { "emulator" },
  sim = { keys = { callee = "answer" } },
  run = function(dev)
    dev:cmd("ATD10011;"):ok()
    dev:expect("VOICE CALL: BEGIN")
    dev:cmd("AT+CHLD=2"):ok():lines {}
    dev:cmd("AT+CLCC"):lines { '+CLCC: 1,0,1,0,0,"10011",129' }:ok()
    dev:cmd("AT+CHLD=2"):ok()
    dev:cmd("AT+CLCC"):lines { '+CLCC: 1,0,0,0,0,"10011",129' }:ok()
    dev:cmd("AT+CHLD=11"):ok()
    dev:expect(END)
    dev:cmd("AT+CHLD=11"):cme("operation not allowed")
  end,
}

t.scenario "ATA takes no value, ATD wants one" {
  tags = { "voice", "errors" },
  needs = { "emulator" },
  run = function(dev)
    dev:cmd("ATA1"):bytes("\r\nERROR\r\n")
    dev:cmd("ATD"):bytes("\r\nERROR\r\n")
  end,
}
