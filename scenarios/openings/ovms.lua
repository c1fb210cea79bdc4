--- Open Vehicle Monitoring System 3: chains of up to fifteen commands (general-commands.md A5, C4.1).
-- Its multiplexer is in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local lines = require "lib.lines"

local ok, unit, echoed, like = answer.ok, answer.unit, answer.echoed, answer.like

local INIT = "AT+CPIN?;+CREG=1;+CGREG=1;+CEREG=1;+CTZU=1;+CTZR=1;+CLIP=1;+CMGF=1;+CNMI=1,2,0,0,0;+CSDH=1;+CMEE=2;"
    .. "+CSQ;+AUTOCSQ=1,1;E0;S0=0\r\n"

t.scenario "OVMS: init, identity, polls" {
  tags = { "openings", "ovms", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "AT\r\n", echoed("AT\r\n", ok()), get = lines.ovms(), is = { "OK" } },
      { INIT, echoed(INIT, unit "+CPIN: READY" .. ok "+CSQ: 16,99"),
        get = lines.ovms("^%+CPIN: (.*)\r$", "^%+CSQ: (%d+),"), is = { "OK", "READY", "16" } },
      { "AT+CGMR;+CICCID\r\n", unit "+CGMR: LE20B04SIM7600G22" .. ok "+ICCID: 89882110000000000127",
        get = lines.ovms("^%+CGMR: (.*)\r$", "^%+ICCID: (%d+)\r$"),
        is = { "OK", "LE20B04SIM7600G22", "89882110000000000127" } },
      { "AT+CREG?;+CGREG?;+CEREG?;+CCLK?;+CSQ\r\n",
        like('\r\n%+CREG: 1,1\r\n\r\n%+CGREG: 1,1\r\n\r\n%+CEREG: 1,1\r\n\r\n'
          .. '%+CCLK: "80/01/06,%d%d:%d%d:%d%d"\r\n\r\n%+CSQ: 16,99\r\n\r\nOK\r\n'),
        get = lines.ovms("^%+CREG: %d,(%d)", "^%+CGREG: %d,(%d)", "^%+CEREG: %d,(%d)", '^%+CCLK: "([^,]*),',
          "^%+CSQ: (%d+)"), is = { "OK", "1", "1", "1", "80/01/06", "16" } },
      { "AT+CPSI?\r\n", ok "+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-1093,-810,15",
        get = lines.ovms "^%+CPSI: (%w+),(%w+),", is = { "OK", "LTE", "Online" } },
      { "AT+COPS?\r\n", ok '+COPS: 0,0,"Test PLMN",7', get = lines.ovms '^%+COPS: %d,%d,"(.*)"',
        is = { "OK", "Test PLMN" } },
    })
  end,
}

t.scenario "OVMS: power-on, one AT a second until OK, then its init" {
  tags = { "openings", "ovms", "boot" }, needs = { "emulator" }, echo = true, sim = { args = { "--boot" } },
  run = function(dev, env)
    local stream = client.open(dev, env)
    stream:write ""
    stream:await "\r\nPB DONE\r\n"
    stream:exchange { "AT\r\n", echoed("AT\r\n", ok()), get = lines.ovms(), is = { "OK" } }
    local values = stream:ask { INIT, get = lines.ovms "^%+CPIN: (.*)\r$" }
    t.eq(values, { "OK", "READY" })
    stream:drain()
  end,
}

t.scenario "OVMS: its GNSS commands" {
  tags = { "openings", "ovms", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "ATE0\r\n", echoed("ATE0\r\n", ok()) },
      { "AT+CGPSNMEA=258\r\n", ok() },
      { "AT+CGPSINFOCFG=5,258\r\n", ok() },
    })
    local stream = client.open(dev, env)
    t.eq(stream:ask { "AT+CGPS=1,1\r\n", get = lines.ovms() }, { "OK" })
    t.eq(stream:ask { "AT+CGPSINFOCFG=0\r\n", get = lines.ovms() }, { "OK" })
    stream:drain()
  end,
}
