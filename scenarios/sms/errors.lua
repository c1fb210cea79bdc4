--- What message commands answer when the card or the network is missing (general-commands.md A10, A22,
-- B4.7).
local t = require "modemtest"
local messages = require "lib.messages"

local LINES = { "AT+CMGF=1", 'AT+CMGS="+1"', "AT+CMGS=23", 'AT+CMGL="ALL"', "AT+CMGL=4", "AT+CMGR=0", "AT+CMGD=0",
  'AT+CMGW="+1"', "AT+CMSS=0", "AT+CPMS?", 'AT+CPMS="SM"', "AT+CNMI=2,1", "AT+CSCA?", "AT+CSMP?", "AT+CMGRD=0",
  "AT+CMGR=99" }

for _, case in ipairs {
  { "no card", "sim.card = absent", 310, "SIM not inserted" },
  { "a locked card", "sim.lock = on", 311, "SIM PIN required" },
  { "a card that stays busy", "sim.fault = busy", 314, "SIM busy" },
  { "a broken card", "sim.fault = failure", 313, "SIM failure" },
} do
  t.scenario(case[1]) {
    tags = { "sms", "sim" },
    needs = { "emulator" },
    sim = messages.with(case[2]),
    run = function(dev)
      for _, line in ipairs(LINES) do
        dev:cmd(line):cms(case[4])
      end
      dev:cmd("AT+CMEE=1"):ok()
      dev:cmd("AT+CMGF=1"):cms(case[3])
      dev:cmd("AT+CMEE=0"):ok()
      dev:cmd("AT+CMGF=1"):error()
      dev:cmd('AT+CSCS="GSM"'):ok() -- no matter of the card
    end,
  }
end

t.scenario "the right PIN, then SMS DONE, then messages" {
  tags = { "sms", "sim" },
  needs = { "emulator" },
  sim = messages.with("sim.lock = on\npdn_event ="), -- the bearer: see ../network/bearer.lua
  run = function(dev)
    dev:cmd("AT+CMGF=1"):cms("SIM PIN required")
    dev:cmd('AT+CPIN="1234"'):ok()
    dev:expect_urc("+CPIN: READY")
    dev:expect_urc("SMS DONE")
    dev:expect_urc("PB DONE")
    messages.text_mode(dev)
    dev:cmd("AT+CPMS?"):ok():lines { '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50' }
  end,
}

t.scenario "before SMS DONE" {
  tags = { "sms", "boot" },
  needs = { "emulator" },
  echo = true,
  -- SMS DONE comes after minutes: never, for this scenario
  sim = messages.with("boot.rdy_ms = 0\nboot.cpin_ms = 0\nboot.sms_ms = 600000\nboot.pb_ms = 600000\n" ..
    "time_percent = 100\npdn_event =", "--boot"),
  run = function(dev, env)
    dev:expect_urc(env.key "boot.ready")
    dev:expect_urc("+CPIN: READY")
    dev:cmd("AT+CMGF=1"):cms("SIM busy")
    dev:cmd("AT+CPMS?"):cms("SIM busy")
    dev:cmd('AT+CMGS="+1"'):cms("SIM busy")
  end,
}

for _, network in ipairs { "none", "denied" } do
  t.scenario("no network: " .. network) {
    tags = { "sms", "network" },
    needs = { "emulator" },
    sim = messages.with("network = " .. network),
    run = function(dev)
      messages.text_mode(dev)
      dev:cmd('AT+CMGS="+1"'):prompt():data("x\x1a"):cms("No network service")
      dev:cmd("AT+CMEE=1"):ok()
      dev:cmd('AT+CMGS="+1"'):prompt():data("x\x1a"):cms(331)
      dev:cmd('AT+CMGS="+1"'):prompt():data("x\x1b"):ok()
      t.eq(messages.write(dev, '"+1"', "later"), 0) -- the memory needs no network
      dev:cmd("AT+CMSS=0"):cms(331)
      dev:cmd('AT+CMGL="STO UNSENT"'):ok():lines { '+CMGL: 0,"STO UNSENT","+1","",', "later" }
    end,
  }
end

t.scenario "radio off and on again" {
  tags = { "sms", "network" },
  needs = { "emulator" },
  sim = messages.quiet,
  run = function(dev)
    messages.text_mode(dev)
    dev:cmd("AT+CREG=1"):ok()
    dev:cmd("AT+CFUN=4"):ok()
    dev:expect_urc("+CREG: 0")
    dev:cmd('AT+CMGS="+1"'):prompt():data("x\x1a"):cms("No network service")
    dev:cmd("AT+CFUN=1"):ok()
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    t.eq(messages.send(dev, "+1", "x"), 0)
  end,
}

t.scenario "no service centre" {
  tags = { "sms" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    dev:cmd('AT+CSCA=""'):ok()
    dev:cmd('AT+CMGS="+1"'):prompt():data("x\x1a"):cms("SMSC address unknown")
    dev:cmd('AT+CSCA="+10000000000",145'):ok()
    t.eq(messages.send(dev, "+1", "x"), 0)
  end,
}

t.scenario "an acknowledgement that nobody expects" {
  tags = { "sms" },
  needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+CNMA"):cms("NO +CNMA ACK EXPECTED")
    dev:cmd("AT+CSMS=1"):ok():lines { "+CSMS: 1,1,1" }
    dev:cmd("AT+CNMI=2,2"):ok()
    messages.text_mode(dev)
    messages.send(dev, messages.FIRST, "a")
    dev:expect_urc("+CMT: .*")
    dev:expect_urc("a")
    dev:cmd("AT+CNMA"):ok()
    dev:cmd("AT+CNMA"):cms("NO +CNMA ACK EXPECTED")
    messages.send(dev, messages.FIRST, "b")
    dev:expect_urc("+CMT: .*")
    dev:expect_urc("b")
    dev:cmd("AT+CNMA=0"):ok()
    dev:cmd("AT+CNMA=0"):cms("NO +CNMA ACK EXPECTED")
  end,
}
