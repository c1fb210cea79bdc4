--- The memories: writing, listing, reading, deleting (general-commands.md B4.7).
local t = require "modemtest"
local messages = require "lib.messages"

t.scenario "written, listed, read, deleted" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    t.eq(messages.write(dev, '"+27840000000"', "unsent"), 0)
    t.eq(messages.write(dev, '"+27840000000",145,"STO SENT"', "sent"), 1)
    t.eq(messages.write(dev, '"+27840000000",145,"REC UNREAD"', "received"), 2)
    dev:cmd("AT+CPMS?"):ok():lines { '+CPMS: "SM",3,50,"SM",3,50,"SM",3,50' }
    dev:cmd('AT+CMGL="STO UNSENT"'):ok():lines { '+CMGL: 0,"STO UNSENT","+27840000000","",', "unsent" }
    dev:cmd('AT+CMGL="STO SENT"'):ok():lines { '+CMGL: 1,"STO SENT","+27840000000","",', "sent" }
    dev:cmd('AT+CMGL="REC READ"'):ok():lines {}
    t.match(dev:cmd('AT+CMGL="REC UNREAD"'):ok():lines()[1],
      '^%+CMGL: 2,"REC UNREAD","%+27840000000","",' .. messages.STAMP .. "$")
    t.match(dev:cmd("AT+CMGR=2"):ok():lines()[1], '^%+CMGR: "REC READ",')
    dev:cmd("AT+CMGR=0"):ok():lines { '+CMGR: "STO UNSENT","+27840000000",""', "unsent" }
    t.eq(#dev:cmd('AT+CMGL="ALL"'):ok():lines(), 6)
    dev:cmd("AT+CMGRD=0"):ok():lines { '+CMGRD: "STO UNSENT","+27840000000",""', "unsent" }
    dev:cmd("AT+CMGR=0"):ok():lines {} -- an empty place
    dev:cmd("AT+CMGD=1"):ok()
    dev:cmd("AT+CMGD=1"):ok() -- it is empty already
    dev:cmd("AT+CMGD=0,4"):ok()
    dev:cmd('AT+CMGL="ALL"'):ok():lines {}
  end,
}

t.scenario "each message is a unit of its own" {
  tags = { "sms", "store", "bytes" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    messages.write(dev, '"1"', "a")
    messages.write(dev, '"2"', "b\r\nc")
    dev:cmd('AT+CMGL="ALL"'):bytes('\r\n+CMGL: 0,"STO UNSENT","1","",\r\na\r\n'
      .. '\r\n+CMGL: 1,"STO UNSENT","2","",\r\nb\r\nc\r\n\r\nOK\r\n')
    dev:cmd("AT+CMGR=0;+CMGR=1"):bytes('\r\n+CMGR: "STO UNSENT","1",""\r\na\r\n'
      .. '\r\n+CMGR: "STO UNSENT","2",""\r\nb\r\nc\r\n\r\nOK\r\n')
  end,
}

t.scenario "all header values" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    dev:cmd("AT+CSDH=1"):ok()
    messages.write(dev, '"+27840000000"', "text")
    dev:cmd("AT+CMGR=0"):ok():lines {
      '+CMGR: "STO UNSENT","+27840000000","",145,17,0,0,167,"+10000000000",145,4', "text" }
    dev:cmd('AT+CMGL="ALL"'):ok():lines { '+CMGL: 0,"STO UNSENT","+27840000000","",,145,4', "text" }
  end,
}

t.scenario "flags of CMGD" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  cases = {
    { name = "this one", line = "AT+CMGD=3", left = { 0, 1, 2 } },
    { name = "the read ones", line = "AT+CMGD=,1", left = { 0, 2, 3 } },
    { name = "and the sent ones", line = "AT+CMGD=0,2", left = { 0, 2 } },
    { name = "and the unsent ones", line = "AT+CMGD=1,3", left = { 0 } },
    { name = "all", line = "AT+CMGD=1,4", left = {} },
  },
  run = function(dev, _, p)
    messages.text_mode(dev)
    for _, state in ipairs { "REC UNREAD", "REC READ", "STO UNSENT", "STO SENT" } do
      messages.write(dev, ('"1",129,"%s"'):format(state), "x")
    end
    dev:cmd(p.line):ok()
    local left = {}
    for _, line in ipairs(dev:cmd('AT+CMGL="ALL"'):ok():lines()) do
      left[#left + 1] = math.tointeger(tonumber(line:match("^%+CMGL: (%d+),")))
    end
    t.eq(left, p.left)
  end,
}

t.scenario "the card and the module keep messages over power-off" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  matrix = { how = { "restart", "kill", "AT+CRESET" } },
  sim = messages.quiet,
  run = function(dev, env, p)
    messages.text_mode(dev)
    messages.send(dev, messages.FIRST, "received")
    dev:expect_urc('+CMTI: "SM",0')
    dev:cmd('AT+CPMS="SM","ME"'):ok():lines { "+CPMS: 1,50,0,23,1,50" }
    messages.write(dev, '"1"', "in the module")
    dev:cmd('AT+CSCA="+4917000000"'):ok()
    if p.how == "AT+CRESET" then
      dev:cmd("AT+CRESET"):ok()
      dev:expect_urc("PB DONE")
      dev:expect_urc(env.key "boot.ready")
      dev:expect_urc("+CPIN: READY")
      dev:expect_urc("SMS DONE")
      dev:cmd("ATE0"):ok()
    else
      env.sim:restart { kill = p.how == "kill" }
    end
    messages.text_mode(dev)
    dev:cmd('AT+CPMS="MT"'):ok():lines { "+CPMS: 2,73,1,50,1,50" }
    local lines = dev:cmd('AT+CMGL="ALL"'):ok():lines()
    t.match(lines[1], '^%+CMGL: 0,"REC UNREAD","%' .. messages.FIRST .. '"')
    t.eq({ lines[2], lines[3], lines[4] }, { "received", '+CMGL: 50,"STO UNSENT","1","",', "in the module" })
    dev:cmd("AT+CSCA?"):ok():lines { '+CSCA: "+4917000000",145' }
    t.eq(messages.send(dev, "+1", "x"), 1) -- the references go on
  end,
}

t.scenario "a full memory" {
  tags = { "sms", "store", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local other = messages.text_mode(env.sim:port(1))
    messages.text_mode(dev)
    for i = 0, 49 do
      t.eq(messages.write(other, '"1"', "x"), i)
    end
    other:cmd('AT+CMGW="1"'):prompt():data("x\x1a"):cms("Memory full")
    t.eq(messages.send(dev, messages.SECOND, "no room for this"), 0) -- the network takes it
    other:cmd("AT+CMGD=17"):ok()
    t.eq(messages.send(dev, messages.SECOND, "but for this"), 1)
    other:expect_urc('+CMTI: "SM",17')
    t.eq(other:cmd("AT+CMGR=17"):ok():lines()[2], "but for this")
  end,
}

t.scenario "places that do not exist" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    for _, command in ipairs { "CMGR", "CMGRD", "CMGD", "CMSS" } do
      for _, index in ipairs { "50", "72", "73", "99999", "-1" } do
        dev:cmd("AT+%s=%s", command, index):cms("Invalid memory index")
      end
    end
    for _, line in ipairs { "AT+CMGR", "AT+CMGR=", 'AT+CMGR="0"', "AT+CMGR=0,0", "AT+CMGD", "AT+CMGD=", "AT+CMGD=,",
      "AT+CMGD=0,5", "AT+CMGD=,0", "AT+CMGR?", 'AT+CMGL="SOME"', 'AT+CMGL="ALL",0' } do
      dev:cmd(line):error()
    end
    dev:cmd("AT+CMGL=4"):cms("Invalid text mode parameter")
    dev:cmd('AT+CMGF=0;+CMGL="ALL"'):ok():lines {}
  end,
}
