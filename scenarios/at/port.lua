--- The client closes the port and opens it again, at any moment: the modem lives on.
local t = require "modemtest"

t.scenario "close and open between two commands" {
  tags = { "at", "port" },
  run = function(dev)
    dev:cmd("AT+CMEE=1"):ok()
    for _ = 1, 5 do
      dev:reopen()
      dev:cmd("AT"):ok()
    end
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: 1" }
    dev:cmd("AT+CMEE=2"):ok()
  end,
}

t.scenario "closed in the middle of a line: the line is still there, and CR ends it" {
  tags = { "at", "port" },
  cases = {
    { half = "A", answer = "" }, { half = "AT", answer = "\r\nOK\r\n" },
    { half = "AT+CS", answer = "\r\nERROR\r\n" }, { half = 'AT+CSSLCFG="ssl', answer = "\r\nERROR\r\n" },
    { name = "an overlong line", half = "AT" .. ("x"):rep(600), answer = "\r\nERROR\r\n" },
  },
  run = function(dev, _, p)
    dev:forget()
    dev:send(p.half)
    dev:reopen()
    dev:send("\r")
    dev:expect_bytes(p.answer)
    dev:quiet(0.1)
    dev:cmd("AT"):ok()
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
  end,
}

t.scenario "closed while answers are on their way" {
  tags = { "at", "port" },
  run = function(dev)
    for i = 1, 20 do
      dev:send(("AT+CSQ\r"):rep(i))
      dev:reopen()
    end
    -- What closing cut in two cannot be told apart any more; the last answer ends the search.
    dev:cmd("AT+CMEE=2"):ok()
    dev:send("AT+CMEE?\r")
    dev:expect_urc("+CMEE: 2")
    dev:forget()
  end,
}

t.scenario "closed behind the prompt: what is missing comes through the new port" {
  tags = { "at", "port", "data" },
  run = function(dev)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"a",0'):ok()
    dev:forget()
    dev:send("AT+CMQTTWILLTOPIC=0,8\r")
    dev:expect_bytes("\r\n>")
    dev:reopen()
    dev:send("will")
    dev:reopen()
    dev:send("/top")
    dev:expect_bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTREL=0"):ok()
  end,
}

t.scenario "answers nobody read are there for the next client" {
  tags = { "at", "port" },
  run = function(dev)
    dev:forget()
    dev:send("AT+CMQTTSTART\r")
    dev:close()
    dev:reopen()
    dev:expect_urc("+CMQTTSTART: 0")
    dev:forget()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
  end,
}
