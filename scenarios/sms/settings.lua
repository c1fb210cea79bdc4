--- What the message settings answer (general-commands.md B4.7, part E), and the rules of AT+CNMI.
local t = require "modemtest"

t.scenario "message settings after power-on" {
  tags = { "sms", "settings" },
  needs = { "emulator" },
  cases = {
    { name = "CMGF?", "AT+CMGF?", { "+CMGF: 0" } },
    { name = "CMGF=?", "AT+CMGF=?", { "+CMGF: (0-1)" } },
    { name = "CSCS=?", "AT+CSCS=?", { '+CSCS: ("IRA","GSM","UCS2")' } },
    { name = "CSCS?", "AT+CSCS?", { '+CSCS: "IRA"' } },
    { name = "CPMS?", "AT+CPMS?", { '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50' } },
    { name = "CPMS=?", "AT+CPMS=?", { '+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM"),("ME","SM")' } },
    { name = "CPMS", 'AT+CPMS="SM","SM","SM"', { "+CPMS: 0,50,0,50,0,50" } },
    { name = "CNMI?", "AT+CNMI?", { "+CNMI: 2,1,0,0,0" } },
    { name = "CNMI=?", "AT+CNMI=?", { "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)" } },
    { name = "CSCA?", "AT+CSCA?", { '+CSCA: "+10000000000",145' } },
    { name = "CSMP?", "AT+CSMP?", { "+CSMP: 17,167,0,0" } },
    { name = "CSDH=?", "AT+CSDH=?", { "+CSDH: (0-1)" } },
    { name = "CSMS?", "AT+CSMS?", { "+CSMS: 0,1,1,1" } },
    { name = "CSMS=0", "AT+CSMS=0", { "+CSMS: 1,1,1" } },
    { name = "CGSMS?", "AT+CGSMS?", { "+CGSMS: 3" } },
    { name = "CMGD=?", "AT+CMGD=?", { "+CMGD: (0-49),(0-4)" } },
    { name = "CMGL=? in PDU mode", "AT+CMGL=?", { "+CMGL: (0-4)" } },
    { name = "CMGL=? in text mode", "AT+CMGF=1;+CMGL=?",
      { '+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")' } },
    { name = "CMGL, empty", 'AT+CMGF=1;+CMGL="ALL"', {} },
    { name = "CMGR=? and CMGS=?", "AT+CMGR=?;+CMGS=?;+CMGW=?", {} },
    { name = "bare forms set the default", 'AT+CMGF=1;+CSCS="GSM";+CNMI=2,0;+CMGF;+CSCS;+CNMI;+CMGF?;+CSCS?;+CNMI?',
      { "+CMGF: 0", '+CSCS: "IRA"', "+CNMI: 2,1,0,0,0" } },
  },
  run = function(dev, _, p)
    dev:cmd(p[1]):ok():lines(p[2])
  end,
}

t.scenario "CNMI and its modes" {
  tags = { "sms", "settings" },
  needs = { "emulator" },
  run = function(dev)
    -- ds=1 and mt=3 need mode 1, mt=2 needs mode 1 or 2
    for _, wrong in ipairs { "2,1,2,1,0", "0,0,0,1", "2,3", "0,3", "0,2", "3,1", "2,4", "2,1,1", "2,1,0,3",
      "2,1,0,0,2", "2,1,0,0,0,0" } do
      dev:cmd("AT+CNMI=%s", wrong):error()
    end
    dev:cmd("AT+CNMI?"):ok():lines { "+CNMI: 2,1,0,0,0" }
    for _, right in ipairs { "2,2,0,0,0", "1,2,0,0,0", "1,3,0,1,0", "2,1,2,2,0", "0,1,0,2,1", "0,0,0,0,0" } do
      dev:cmd("AT+CNMI=%s", right):ok()
      dev:cmd("AT+CNMI?"):ok():lines { "+CNMI: " .. right }
    end
    dev:cmd("AT+CNMI=2,1"):ok() -- the others keep their values
    dev:cmd("AT+CNMI?"):ok():lines { "+CNMI: 2,1,0,0,0" }
  end,
}

t.scenario "AT&F and a restart bring the settings back" {
  tags = { "sms", "settings" },
  needs = { "emulator" },
  matrix = { how = { "AT&F", "restart" } },
  run = function(dev, env, p)
    dev:cmd('AT+CMGF=1;+CSCS="UCS2";+CSMP=17,167,0,8;+CSDH=1;+CNMI=1,2'):ok()
    dev:cmd('AT+CPMS="ME","ME","ME"'):ok():lines { "+CPMS: 0,23,0,23,0,23" }
    if p.how == "restart" then
      env.sim:restart()
    else
      dev:cmd("AT&FE0"):ok()
    end
    dev:cmd("AT+CMGF?;+CSCS?;+CSMP?;+CSDH?;+CNMI?;+CPMS?"):ok():lines {
      "+CMGF: 0", '+CSCS: "IRA"', "+CSMP: 17,167,0,0", "+CSDH: 0", "+CNMI: 2,1,0,0,0",
      '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50' }
  end,
}

t.scenario "the opening of ModemManager" { -- general-commands.md C3.4
  tags = { "sms", "settings" },
  needs = { "emulator" },
  run = function(dev)
    dev:cmd('AT+CSCS="UCS2"'):ok()
    dev:cmd("AT+CSCS?"):ok():lines { '+CSCS: "UCS2"' }
    dev:cmd("AT+CNMI=?"):ok():info("+CNMI: .*")
    dev:cmd("AT+CPMS=?"):ok():info("+CPMS: .*")
    dev:cmd("AT+CMGF=?"):ok():info("+CMGF: .*")
    dev:cmd("AT+CMGF=0"):ok()
    dev:cmd('AT+CPMS="ME","ME","ME"'):ok():lines { "+CPMS: 0,23,0,23,0,23" }
    dev:cmd("AT+CMGL=4"):ok():lines {}
    dev:cmd("AT+CNMI=2,1,2,1,0"):error()
    dev:cmd("AT+CNMI=2,1,2,2,0"):ok()
  end,
}
