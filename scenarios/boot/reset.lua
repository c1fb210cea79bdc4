--- Reset, power-off and functionality: the farewell, what is lost and what survives (general-commands.md A20; A9).
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local QUIET = { pdn_event = "" }

--- Everything a modem says after its reset, up to PB DONE; echo is off again afterwards.
local function boots(dev, env)
  local ready = dev:expect_urc(env.key "boot.ready")
  local cpin = dev:expect_urc("+CPIN: READY", { after = ready })
  local sms = dev:expect_urc("SMS DONE", { after = cpin })
  dev:expect_urc("PB DONE", { after = sms })
  dev:cmd("ATE0"):ok()
end

local RESETS = { { line = "AT+CRESET" }, { line = "AT+CFUN=1,1" }, { line = "AT+CFUN=6" } }

t.scenario "what survives a reset and what does not" {
  tags = { "boot", "reset" }, needs = { "emulator" }, sim = { keys = QUIET },
  cases = RESETS,
  run = function(dev, env, p)
    dev:cmd('AT+CCERTDOWN="keep.pem",4'):prompt():data("abcd"):ok()
    dev:cmd('AT+CGDCONT=1,"IP","my.apn"'):ok()
    dev:cmd("AT+CREG=1;+CNMP=38"):ok()
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    dev:cmd("AT+CTZU=0;+IFC=2,2"):ok()
    dev:cmd('AT+CCLK="24/05/17,12:34:56+08"'):ok()
    dev:cmd("ATS0=3&C1;&W"):ok()
    dev:cmd('ATS0=5;+CMEE=0;+CSSLCFG="authmode",0,1'):ok()
    dev:cmd("AT+NETOPEN"):result("+NETOPEN: 0")
    dev:cmd(p.line):ok()
    dev:expect_urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    boots(dev, env)
    dev:cmd("AT+CCERTLIST"):ok():lines { '+CCERTLIST: "keep.pem"' }
    t.match(dev:cmd("AT+CGDCONT?"):ok():lines()[1], '"my.apn"')
    dev:cmd("AT+CNMP?;+CTZU?;+IFC?"):ok():lines { "+CNMP: 38", "+CTZU: 0", "+IFC: 2,2" }
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"24/05/17,12:3%d:%d%d%+08"')
    dev:cmd("ATS0?"):ok():lines { "003" }
    dev:cmd("AT+CMEE?;+NETOPEN?"):ok():lines { "+CMEE: 2", "+NETOPEN: 0" }
    t.match(dev:cmd("AT+CREG?"):ok():lines()[1], "^%+CREG: 0,")
    t.match(dev:cmd("AT+CSSLCFG=0"):ok():lines()[1], "^%+CSSLCFG: 0,4,0,")
  end,
}

t.scenario "settings of &W come back with Z, factory values with &F, V shows them" {
  tags = { "boot", "settings" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev)
    dev:cmd("ATS0=2&C1&W"):ok()
    dev:cmd("ATS0=7&C0"):ok()
    t.match(dev:cmd("AT&V"):ok():lines()[1], "^&C: 0; .* S0: 7; ")
    dev:cmd("ATZE0"):ok()
    t.match(dev:cmd("AT&V"):ok():lines()[1], "^&C: 1; .* S0: 2; ")
    dev:cmd("AT&FE0"):ok()
    t.match(dev:cmd("AT&V"):ok():lines()[1], "^&C: 2; .* S0: 0; .*;$")
    dev:cmd("ATZ1"):error()
    dev:cmd("AT&W1"):error()
  end,
}

t.scenario "functionality 0, 4 and back to 1" {
  tags = { "boot", "cfun" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev)
    dev:cmd("AT+CREG=1"):ok()
    dev:cmd("AT+CFUN=4"):ok()
    dev:expect_urc("+CREG: 0")
    dev:cmd("AT+CPIN?;+CFUN?;+CSQ"):ok():lines { "+CPIN: READY", "+CFUN: 4", "+CSQ: 99,99" }
    dev:cmd("AT+CFUN=1"):ok()
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    dev:cmd("AT+CFUN=0"):ok()
    local off = dev:expect_urc("+CREG: 0")
    dev:expect_urc("+SIMCARD: NOT AVAILABLE", { after = off })
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CPIN?"):cme("SIM not inserted")
    dev:cmd("AT+CFUN=1"):ok()
    for _, line in ipairs { "+CPIN: READY", "SMS DONE", "PB DONE", "+CREG: 2", "+CREG: 1" } do
      dev:expect_urc(line)
    end
    dev:cmd("AT+CFUN=7"):ok()
    dev:expect_urc("+CREG: 0")
    dev:cmd("AT+CFUN=1"):error()
    dev:cmd("AT+CFUN?"):ok():lines { "+CFUN: 7" }
  end,
}
