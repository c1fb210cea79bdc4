--- What the host is told of messages and reports that arrive (AT+CNMI, general-commands.md B4.7).
local t = require "modemtest"
local messages = require "lib.messages"

--- Both modems in text mode.
local function pair(dev, env)
  return messages.text_mode(dev), messages.text_mode(env.sim:port(1))
end

t.scenario "routed to the host" {
  tags = { "sms", "urc", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local first, second = pair(dev, env)
    second:cmd("AT+CNMI=2,2,0,0,0"):ok()
    messages.send(first, messages.SECOND, "over here")
    local head = second:expect_urc('+CMT: "%' .. messages.FIRST .. '","",' .. messages.STAMP)
    t.before(head, second:expect_urc("over here"))
    second:cmd("AT+CSDH=1"):ok()
    messages.send(first, messages.SECOND, "again")
    second:expect_urc('+CMT: "%' .. messages.FIRST .. '","",' .. messages.STAMP .. ',145,4,0,0,"%+10000000000",145,5')
    second:expect_urc("again")
    second:cmd('AT+CMGL="ALL"'):ok():lines {}
  end,
}

t.scenario "stored without a word" {
  tags = { "sms", "urc", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local first, second = pair(dev, env)
    second:cmd("AT+CNMI=2,0"):ok()
    messages.send(first, messages.SECOND, "silence")
    second:no_urc("+CMT", { during = 0.1 })
    t.eq(second:cmd("AT+CMGR=0"):ok():lines()[2], "silence")
  end,
}

t.scenario "kept back in mode 0" {
  tags = { "sms", "urc", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  cases = { { name = "and then let out", bfr = 0 }, { name = "and then dropped", bfr = 1 } },
  run = function(dev, env, p)
    local first, second = pair(dev, env)
    second:cmd("AT+CNMI=0,1,0,0,%d", p.bfr):ok()
    messages.send(first, messages.SECOND, "a")
    messages.send(first, messages.SECOND, "b")
    second:no_urc("+CMTI", { during = 0.1 })
    second:cmd("AT+CNMI=2"):ok()
    if p.bfr == 0 then
      second:expect_urc('+CMTI: "SM",0')
      second:expect_urc('+CMTI: "SM",1')
    end
    second:no_urc("+CMTI", { during = 0.1 })
  end,
}

t.scenario "a message that comes while the host types" {
  tags = { "sms", "urc", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local first, second = pair(dev, env)
    local typing = second:cmd('AT+CMGS="+1"'):prompt()
    messages.send(first, messages.SECOND, "interruption")
    second:quiet(0.1)
    typing:data("done\x1a"):ok():lines { "+CMGS: 0" }
    second:expect_urc('+CMTI: "SM",0')
  end,
}

t.scenario "status reports" {
  tags = { "sms", "urc", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  cases = { { name = "routed", cnmi = "1,1,0,1" }, { name = "stored", cnmi = "2,1,0,2" },
    { name = "not wanted", cnmi = "2,1,0,0" } },
  run = function(dev, env, p)
    local first, second = pair(dev, env)
    first:cmd("AT+CNMI=%s", p.cnmi):ok()
    first:cmd("AT+CSMP=49,167,0,0"):ok()
    t.eq(messages.send(first, messages.SECOND, "did you get it?"), 0)
    second:expect_urc('+CMTI: "SM",0')
    local report = '6,0,"%' .. messages.SECOND .. '",145,' .. messages.STAMP .. "," .. messages.STAMP .. ",0"
    if p.name == "routed" then
      first:expect_urc("+CDS: " .. report)
    elseif p.name == "stored" then
      first:expect_urc('+CDSI: "SM",0')
      first:cmd("AT+CMGR=0"):ok():info('+CMGR: "REC UNREAD",' .. report)
    end
    first:cmd("AT+CSMP=17"):ok() -- no report asked for
    messages.send(first, messages.SECOND, "and this?")
    second:expect_urc('+CMTI: "SM",1')
    first:no_urc("+CDS", { during = 0.1 })
  end,
}

t.scenario "nobody there to receive" {
  tags = { "sms", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  cases = { { name = "radio off", off = "AT+CFUN=4" }, { name = "switched off", off = "AT+CPOF" } },
  run = function(dev, env, p)
    local first, second = pair(dev, env)
    first:cmd("AT+CNMI=1,1,0,1;+CSMP=49"):ok()
    second:cmd(p.off):ok()
    if p.off == "AT+CPOF" then
      second:quiet(0.3) -- it is off by then
    end
    t.eq(messages.send(first, messages.SECOND, "hello?"), 0)
    first:no_urc("+CDS", { during = 0.1 })
    second:no_urc("+CMT", { during = 0.1 })
  end,
}
