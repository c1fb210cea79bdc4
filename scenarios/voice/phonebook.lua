--- The phonebook of the card: written, found, dialled from, and there after a restart.
local t = require "modemtest"

t.scenario "written, read, found, deleted" {
  tags = { "phonebook" },
  needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+CPBS?"):lines { '+CPBS: "SM",0,200' }:ok()
    dev:cmd('AT+CPBW=1,"1234567890",129,"James"'):ok()
    dev:cmd('AT+CPBW=,"+4930123",145,"Anna"'):ok()
    dev:cmd("AT+CPBR=1,200"):lines { '+CPBR: 1,"1234567890",129,"James"', '+CPBR: 2,"+4930123",145,"Anna"' }:ok()
    dev:cmd('AT+CPBF="An"'):lines { '+CPBF: 2,"+4930123",145,"Anna"' }:ok()
    dev:cmd("AT+CPBW=1"):ok()
    dev:cmd("AT+CPBR=1"):lines {}:ok()
    dev:reset()
    dev:cmd("AT+CPBR=1,200"):lines { '+CPBR: 2,"+4930123",145,"Anna"' }:ok()
  end,
}

t.scenario "dialled by name and by place" {
  tags = { "phonebook", "voice" },
  needs = { "emulator" },
  sim = { keys = { time_percent = 100 } },
  cases = { { dial = '>"Bob"' }, { dial = ">7" }, { dial = ">SM7" } },
  run = function(dev, _, p)
    dev:cmd('AT+CPBW=7,"+49301",145,"Bob"'):ok()
    dev:cmd("ATD" .. p.dial .. ";"):ok()
    dev:cmd("AT+CLCC"):lines { '+CLCC: 1,0,2,0,0,"+49301",145' }:ok()
    dev:cmd("AT+CHUP"):lines { "VOICE CALL: END" }:ok()
    dev:cmd('ATD>"Eve";'):cme("not found")
  end,
}
