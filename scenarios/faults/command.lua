--- Commands that answer something else, or not at all.
local t = require "modemtest"
local scenario = require("lib.faults").scenario

scenario "an answer is another one, as often as declared" {
  cases = {
    { name = "error", bytes = "\r\nERROR\r\n" },
    { name = "cme", code = 30, bytes = "\r\n+CME ERROR: 30\r\n" },
    { name = "cms", code = 500, bytes = "\r\n+CMS ERROR: 500\r\n" },
    { name = "ok", bytes = "\r\nOK\r\n" },
  },
  run = function(dev, env, p)
    dev:cmd("AT+CMEE=1"):ok()
    local fault = env.sim:fault { name = "command.answer", command = "+CSQ", answer = p.name, code = p.code, count = 2 }
    dev:cmd("AT+CSQ"):bytes(p.bytes)
    dev:cmd("AT+CSQ"):bytes(p.bytes)
    t.eq(fault:fired(), 2)
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    t.eq(fault:fired(), 2)
  end,
}

scenario "the second command of a name has no answer; the others have" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "command.answer", command = "+CSQ", answer = "none", nth = 2 }
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    dev:send("AT+CSQ\r")
    fault:expect()
    dev:send("AT\r")
    dev:expect_bytes("\r\nOK\r\n")
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    t.eq(fault:fired(), 1)
  end,
}
