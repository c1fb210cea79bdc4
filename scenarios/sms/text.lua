--- Messages in text mode, and the prompt (general-commands.md A14, B4.7, C1.6).
local t = require "modemtest"
local messages = require "lib.messages"

t.scenario "the prompt, byte for byte" {
  tags = { "sms", "bytes" },
  needs = { "emulator" },
  cases = {
    { name = "19: ESC, and nothing is sent", { 'AT+CMGS="+1"\r', "\r\n> " }, { "hi\x1b", "\r\nOK\r\n" } },
    { name = "sent", { 'AT+CMGS="+1"\r', "\r\n> " }, { "hi\x1a", "\r\n+CMGS: 0\r\n\r\nOK\r\n" },
      { 'AT+CMGS="+1"\r', "\r\n> " }, { "hi\x1a", "\r\n+CMGS: 1\r\n\r\nOK\r\n" } },
    { name = "in one write, with a LF", { 'AT+CMGS="+1"\r\nhi\x1a', "\r\n> \r\n+CMGS: 0\r\n\r\nOK\r\n" } },
    { name = "a line break in the text", { 'AT+CMGS="+1"\r', "\r\n> " }, { "a\r", "\r\n> " },
      { "b\x1b", "\r\nOK\r\n" } },
    { name = "refused before the prompt", { 'AT+CMGS="Bob"\r', "\r\n+CMS ERROR: Invalid text mode parameter\r\n" } },
  },
  run = function(dev, env, p)
    messages.text_mode(dev)
    dev:forget()
    for _, step in ipairs(p) do
      dev:send(step[1])
      dev:expect_bytes(step[2])
    end
    dev:quiet(0.1)
    env.note(p.name)
  end,
}

t.scenario "text and its echo" {
  tags = { "sms", "echo" },
  needs = { "emulator" },
  echo = true,
  run = function(dev)
    messages.text_mode(dev)
    dev:forget()
    dev:send('AT+CMGS="+1"\r')
    dev:expect_bytes('AT+CMGS="+1"\r\r\n> ')
    dev:send("hello\ryou\x1a") -- each line begins with a prompt
    dev:expect_bytes("hello\r\r\n> you\r\n+CMGS: 0\r\n\r\nOK\r\n")
  end,
}

t.scenario "a message from one modem to the other" {
  tags = { "sms", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  cases = {
    { name = "plain", text = "Hello, world! [1] {2} ~" },
    { name = "160 characters", text = ("0123456789"):rep(16) },
    { name = "empty", text = "" },
    { name = "another character set", set = "GSM", text = "\0 and \2", shown = "@ and $" },
    { name = "a form of number", number = messages.SECOND:sub(2), text = "x" },
    { name = "with a type of address", number = messages.SECOND:sub(2), toda = ",145", text = "x" },
  },
  run = function(dev, env, p)
    local other = messages.text_mode(env.sim:port(1))
    messages.text_mode(dev)
    dev:cmd('AT+CSCS="%s"', p.set or "IRA"):ok()
    dev:cmd('AT+CMGS="%s"%s', p.number or messages.SECOND, p.toda or ""):prompt():data(p.text .. "\x1a"):ok()
      :lines { "+CMGS: 0" }
    other:expect_urc('+CMTI: "SM",0')
    local lines = other:cmd("AT+CMGR=0"):ok():lines()
    t.match(lines[1], '^%+CMGR: "REC UNREAD","%' .. messages.FIRST .. '","",' .. messages.STAMP .. "$")
    t.eq(lines[2] or "", p.shown or p.text)
    t.match(other:cmd("AT+CMGR=0"):ok():lines()[1], '^%+CMGR: "REC READ",')
    dev:no_urc("+CMTI", { during = 0.1 })
  end,
}

t.scenario "answers, in both directions" {
  tags = { "sms", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local other = messages.text_mode(env.sim:port(1))
    messages.text_mode(dev)
    for i = 0, 2 do
      t.eq(messages.send(dev, messages.SECOND, "ping"), i)
      other:expect_urc(('+CMTI: "SM",%d'):format(i))
      t.eq(messages.send(other, messages.FIRST, "pong"), i)
      dev:expect_urc(('+CMTI: "SM",%d'):format(i))
    end
    t.eq(#other:cmd('AT+CMGL="REC UNREAD"'):ok():lines(), 6)
    t.eq(#dev:cmd('AT+CMGL="ALL"'):ok():lines(), 6)
  end,
}

t.scenario "to oneself, and to a number that nobody has" {
  tags = { "sms" },
  needs = { "emulator" },
  run = function(dev, env)
    messages.text_mode(dev)
    t.eq(messages.send(dev, messages.FIRST, "note to self"), 0)
    dev:expect_urc('+CMTI: "SM",0')
    t.eq(dev:cmd("AT+CMGRD=0"):ok():lines()[2], "note to self")
    t.eq(messages.send(dev, "+4917000000", "is anybody there?"), 1)
    dev:no_urc("+CMT", { during = 0.1 })
    env.note("the network took it; it went nowhere")
  end,
}

t.scenario "TinyGSM sends: the results of its settings do not matter" {
  tags = { "sms", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  cases = { { name = "sendSMS" }, { name = "sendSMS_UTF16", utf16 = true } },
  run = function(dev, env, p)
    local other = messages.text_mode(env.sim:port(1))
    dev:cmd("AT+CMGF=1"):ok()
    if p.utf16 then
      dev:cmd('AT+CSCS="HEX"'):error()
      dev:cmd("AT+CSMP=17,167,0,8"):ok()
    else
      dev:cmd('AT+CSCS="GSM"'):ok()
    end
    dev:cmd('AT+CMGS="%s"', messages.SECOND):prompt():data((p.utf16 and "041F044004380432" or "Hi") .. "\x1a"):ok()
      :lines { "+CMGS: 0" }
    other:expect_urc('+CMTI: "SM",0')
    t.eq(other:cmd("AT+CMGR=0"):ok():lines()[2], p.utf16 and "041F044004380432" or "Hi")
  end,
}

t.scenario "UCS2: numbers and texts in hexadecimal digits" {
  tags = { "sms" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    dev:cmd('AT+CSCS="UCS2"'):ok()
    local own = "002B00310032003000320035003500350030003100300030"
    dev:cmd('AT+CMGS="%s"', own):prompt():data("00480069\x1a"):ok():lines { "+CMGS: 0" }
    dev:expect_urc('+CMTI: "SM",0')
    local lines = dev:cmd("AT+CMGR=0"):ok():lines()
    t.match(lines[1], '^%+CMGR: "REC UNREAD","' .. own .. '","",')
    t.eq(lines[2], "00480069")
    dev:cmd("AT+CSCA?"):ok():lines { '+CSCA: "002B00310030003000300030003000300030003000300030",145' }
    dev:cmd('AT+CMGS="%s"', messages.FIRST):cms("Invalid text mode parameter")
  end,
}

t.scenario "too long" {
  tags = { "sms" },
  needs = { "emulator" },
  cases = {
    { name = "161 characters", text = ("x"):rep(161) },
    { name = "160 with one of the extension table", text = ("x"):rep(159) .. "[" },
    { name = "71 of UCS2", dcs = 8, text = ("044F"):rep(71) },
    { name = "141 octets", dcs = 4, text = ("41"):rep(141) },
  },
  run = function(dev, _, p)
    messages.text_mode(dev)
    dev:cmd("AT+CSMP=17,167,0,%d", p.dcs or 0):ok()
    dev:cmd('AT+CMGS="+1"'):prompt():data(p.text .. "\x1a"):cms("SMS size more than expected")
    local fits = p.dcs and p.text:sub(p.dcs == 8 and 5 or 3) or p.text:sub(2)
    t.eq(messages.send(dev, "+1", fits), 0)
  end,
}

t.scenario "a long message in parts" {
  tags = { "sms", "two-modems" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local other = messages.text_mode(env.sim:port(1))
    messages.text_mode(dev)
    for part, text in ipairs { "the first ", "and the second" } do
      dev:cmd('AT+CMGSEX="%s",190,%d,2', messages.SECOND, part):prompt():data(text .. "\x1a"):ok()
        :lines { ("+CMGSEX: %d"):format(part - 1) }
      other:expect_urc(('+CMTI: "SM",%d'):format(part - 1))
    end
    t.eq(other:cmd("AT+CMGR=0"):ok():lines()[2], "the first ")
    t.eq(other:cmd("AT+CMGR=1"):ok():lines()[2], "and the second")
    -- the header says which part of which message it is: 05 00 03 BE 02 01
    other:cmd("AT+CMGF=0"):ok()
    t.match(other:cmd("AT+CMGR=0"):ok():lines()[2], "050003BE0201")
    t.match(other:cmd("AT+CMGR=1"):ok():lines()[2], "050003BE0202")
  end,
}

t.scenario "stored without an address" {
  tags = { "sms", "store" },
  needs = { "emulator" },
  run = function(dev)
    messages.text_mode(dev)
    dev:cmd("AT+CMGW"):prompt():data("a note\x1a"):ok():lines { "+CMGW: 0" }
    t.eq(dev:cmd("AT+CMGR=0"):ok():lines()[2], "a note")
  end,
}

t.scenario "a part of a long message, its address' type written" {
  tags = { "sms" },
  needs = { "emulator" },
  sim = messages.two,
  run = function(dev, env)
    local other = messages.text_mode(env.sim:port(1))
    messages.text_mode(dev)
    local r = dev:cmd('AT+CMGSEX="%s",145,190,1,2', messages.SECOND)
    r:prompt():data("the first half \x1a"):ok():lines { "+CMGSEX: 0" }
    other:expect_urc('+CMTI: "SM",0')
    t.eq(other:cmd("AT+CMGR=0"):ok():lines()[2], "the first half ")
  end,
}
