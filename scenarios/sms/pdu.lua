--- Messages in PDU mode (general-commands.md B4.7; 3GPP TS 23.040).
local t = require "modemtest"
local messages = require "lib.messages"

--- An SMS-SUBMIT to modem1 with the text "hellohello"; 23 octets without the service centre.
local SUBMIT = "11000B912120550501F10000AA0AE8329BFD4697D9EC37"
--- What arrives: service centre +10000000000, from modem0, 28 octets.
local DELIVERED = "07910100000000F0040B912120550501F00000%d%d%d%d%d%d%d%d%d%d%d%d%d%d0AE8329BFD4697D9EC37"

t.scenario "sent and stored" {
  tags = { "sms", "pdu", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  matrix = { centre = { "00", "07910100000000F0" } },
  run = function(dev, env, p)
    local other = env.sim:port(1)
    dev:cmd("AT+CMGS=23"):prompt():data(p.centre .. SUBMIT .. "\x1a"):ok():lines { "+CMGS: 0" }
    other:expect_urc('+CMTI: "SM",0')
    local lines = other:cmd("AT+CMGL=4"):ok():lines()
    t.eq(lines[1], '+CMGL: 0,0,"",28')
    t.match(lines[2], DELIVERED)
    t.eq(other:cmd("AT+CMGR=0"):ok():lines()[1], '+CMGR: 1,"",28')
    messages.text_mode(other)
    t.eq(other:cmd("AT+CMGR=0"):ok():lines()[2], "hellohello")
  end,
}

t.scenario "sent and routed" {
  tags = { "sms", "pdu", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local other = env.sim:port(1)
    other:cmd("AT+CNMI=2,2,0,0,0"):ok()
    dev:cmd("AT+CMGS=23"):prompt():data("00" .. SUBMIT .. "\x1a"):ok():lines { "+CMGS: 0" }
    other:expect_urc("+CMT: ,28")
    other:expect_urc(DELIVERED)
    other:cmd("AT+CPMS?"):ok():lines { '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50' }
  end,
}

t.scenario "written and sent from the memory" {
  tags = { "sms", "pdu", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    dev:cmd("AT+CMGW=23"):prompt():data("00" .. SUBMIT .. "\x1a"):ok():lines { "+CMGW: 0" }
    dev:cmd("AT+CMGL=2"):ok():lines { '+CMGL: 0,2,"",23', "00" .. SUBMIT }
    dev:cmd("AT+CMSS=0"):ok():lines { "+CMSS: 0" }
    env.sim:port(1):expect_urc('+CMTI: "SM",0')
    dev:cmd("AT+CMGL=2"):ok():lines {}
    dev:cmd("AT+CMGL=3"):ok():lines { '+CMGL: 0,3,"",23', "00" .. SUBMIT }
  end,
}

t.scenario "what is no PDU" {
  tags = { "sms", "pdu" },
  needs = { "emulator" },
  run = function(dev)
    for _, length in ipairs { "6", "165", '"23"', "x", "-1" } do
      dev:cmd("AT+CMGS=%s", length):cms("Invalid PDU mode parameter")
    end
    for _, pdu in ipairs { "", "00", "00" .. SUBMIT:sub(1, -3), "00" .. SUBMIT .. "00", "00" .. SUBMIT:sub(1, -2),
      "00" .. SUBMIT:sub(1, -3) .. "XY", "hello", "0C" .. SUBMIT, "00" .. SUBMIT:gsub("^11", "13"),
      "00" .. SUBMIT:gsub("0AE8", "A1E8") } do
      dev:cmd("AT+CMGS=23"):prompt():data(pdu .. "\x1a"):cms("Invalid PDU mode parameter")
    end
    dev:cmd("AT+CMGS=23"):prompt():data("00" .. SUBMIT .. "\x1b"):ok()
  end,
}
