--- Echo and the form of results: E, V, Q, Z and &F.
local t = require "modemtest"
local dialogue = require "lib.dialogue"

t.scenario "echo and result form, byte for byte" {
  tags = { "at", "bytes", "echo" },
  cases = {
    { name = "ATE1 is not echoed, what follows is", { "ATE1\r", "\r\nOK\r\n" }, { "AT\r", "AT\r\r\nOK\r\n" } },
    { name = "ATE is ATE0", { "ATE1\r", "\r\nOK\r\n" }, { "ATE\r", "ATE\r\r\nOK\r\n" }, { "AT\r", "\r\nOK\r\n" } },
    { name = "E takes effect after its line", { "ATE1+CSQ\r", "\r\n+CSQ: 16,99\r\n\r\nOK\r\n" },
      { "AT\r", "AT\r\r\nOK\r\n" } },
    { name = "echo under V0 and Q1", { "ATE1V0\r", "0\r" }, { "AT\r", "AT\r0\r" }, { "ATQ1\r", "ATQ1\r" },
      { "AT\r", "AT\r" }, { "ATQ0V1\r", "ATQ0V1\r\r\nOK\r\n" } },
    { name = "ATQ1 hides results, not information", { "ATQ1\r", "" },
      { "AT+CSQ;+CREG?\r", "\r\n+CSQ: 16,99\r\n\r\n+CREG: 0,1\r\n" }, { "ATQ\r", "\r\nOK\r\n" } },
    { name = "V0 of several lines", { "ATV0\r", "0\r" }, { "AT+CSQ;+CREG?\r", "+CSQ: 16,99\r\n+CREG: 0,1\r\n0\r" },
      { "AT+FOO\r", "4\r" }, { "ATV\r", "0\r" }, { "ATV1\r", "\r\nOK\r\n" } },
    { name = "ATZ and AT&F bring E1 V1 Q0 back", { "ATV0Q0\r", "0\r" }, { "ATZ\r", "\r\nOK\r\n" },
      { "AT\r", "AT\r\r\nOK\r\n" }, { "ATE0V0\r", "ATE0V0\r0\r" }, { "AT&F\r", "\r\nOK\r\n" },
      { "AT\r", "AT\r\r\nOK\r\n" } },
    { name = "a value out of range changes nothing", { "ATE2\r", "\r\nERROR\r\n" }, { "AT\r", "\r\nOK\r\n" },
      { "ATV2\r", "\r\nERROR\r\n" }, { "ATQ9\r", "\r\nERROR\r\n" }, { "AT\r", "\r\nOK\r\n" } },
    { name = "junk outside a line is not echoed", { "ATE1\r", "\r\nOK\r\n" }, { "xyz\r\n\0\xFF", "" },
      { "AT\r", "AT\r\r\nOK\r\n" } },
    { name = "S-registers print three digits", { "ATS3?\r", "\r\n013\r\n\r\nOK\r\n" },
      { "ATS0?S5?\r", "\r\n000\r\n\r\n008\r\n\r\nOK\r\n" }, { "ATS0=256\r", "\r\nERROR\r\n" } },
  },
  run = function(dev, env, p)
    dialogue.play(dev, env, p)
  end,
}

t.scenario "CMEE changes what a state error looks like, not a syntax error" {
  tags = { "at", "errors" },
  cases = { { n = 0 }, { n = 1 }, { n = 2 } },
  run = function(dev, env, p)
    dev:cmd("AT+CMEE=%d", p.n):ok()
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: " .. p.n }
    dev:cmd("AT+FOO"):error()
    dev:cmd("AT+CMQTTTOPIC=0"):error()
    dev:cmd('AT+CSSLCFG="sslversion",0,9'):error()
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: %d+,%d+")
    if env.profile and env.key("stop_not_started") == "code" then
      dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 9", { final = "ERROR" })
    end
    -- no PIN is pending: operation not allowed (general-commands.md A22)
    local shown = { "3", "operation not allowed" }
    local r = dev:cmd('AT+CPIN="1234"')
    if p.n == 0 then
      r:error()
    else
      r:cme(shown[p.n])
    end
    dev:cmd("AT+CMEE=3"):error()
    dev:cmd("AT+CMEE=2"):ok()
  end,
}
