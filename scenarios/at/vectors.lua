--- Conformance vectors 1 to 9, 13 to 15 and 18 of general-commands.md D1, as exact bytes.
local t = require "modemtest"
local dialogue = require "lib.dialogue"

t.scenario "line and answer with echo on, byte for byte" {
  tags = { "at", "bytes", "echo" },
  echo = true,
  cases = {
    { name = "1: AT", { "AT\r", "AT\r\r\nOK\r\n" } },
    { name = "2: the LF of CR LF is neither echoed nor answered", { "AT\r\n", "AT\r\r\nOK\r\n" } },
    { name = "3: ATE0 is itself echoed", { "ATE0\r", "ATE0\r\r\nOK\r\n" }, { "AT\r", "\r\nOK\r\n" } },
    { name = "lower case is echoed as typed", { "at+csq\r", "at+csq\r\r\n+CSQ: 16,99\r\n\r\nOK\r\n" } },
    { name = "an error is echoed, too", { "AT+FOO\r", "AT+FOO\r\r\nERROR\r\n" } },
    { name = "ATE1 when it is on", { "ATE1\r", "ATE1\r\r\nOK\r\n" } },
    { name = "13: junk, then AT", { "~\xFF}#\xC0!}!}!} }4}\r\nAT\r\n\0", "AT\r\r\nOK\r\n" } },
  },
  run = function(dev, env, p)
    dialogue.play(dev, env, p)
  end,
}

t.scenario "line and answer with echo off, byte for byte" {
  tags = { "at", "bytes" },
  cases = {
    { name = "4: lower case", { "at+csq\r", "\r\n+CSQ: 16,99\r\n\r\nOK\r\n" } },
    { name = "5: an unknown command with CMEE=2", { "AT+CMEE=2\r", "\r\nOK\r\n" },
      { "AT+FOO\r", "\r\nERROR\r\n" } },
    { name = "6: a chain", { "AT+CREG?;+CGREG?;+CSQ\r",
      "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 16,99\r\n\r\nOK\r\n" } },
    { name = "7: a chain ends at its first error", { "AT+CPIN?;+FOO;+CSQ\r",
      "\r\n+CPIN: READY\r\n\r\nERROR\r\n" } },
    { name = "8: ATV0", { "ATV0\r", "0\r" }, { "AT\r", "0\r" }, { "AT+FOO\r", "4\r" },
      { "AT+CSQ\r", "+CSQ: 16,99\r\n0\r" }, { "ATV1\r", "\r\nOK\r\n" } },
    { name = "9: ATQ1", { "ATQ1\r", "" }, { "AT+CSQ\r", "\r\n+CSQ: 16,99\r\n" }, { "AT\r", "" },
      { "AT+FOO\r", "" }, { "ATQ0\r", "\r\nOK\r\n" } },
    { name = "18: two commands in one write", { "AT\rAT\r", "\r\nOK\r\n\r\nOK\r\n" } },
    { name = "a line break alone", { "\r", "" }, { "\n", "" }, { "\r\n\r\n", "" } },
    { name = "no prefix, no answer", { "HELLO\r", "" }, { "+CSQ\r", "" }, { "T\r", "" }, { "A\r", "" },
      { "AT\r", "\r\nOK\r\n" } },
    { name = "a prefix in any case", { "at\r", "\r\nOK\r\n" }, { "At\r", "\r\nOK\r\n" },
      { "aT\r", "\r\nOK\r\n" } },
    { name = "AT twice is a syntax error", { "ATAT\r", "\r\nERROR\r\n" } },
    { name = "an A too much before the prefix", { "AAAT\r", "\r\nOK\r\n" } },
  },
  run = function(dev, env, p)
    dialogue.play(dev, env, p)
  end,
}

t.scenario "ATI is one unit" {
  tags = { "at", "bytes" },
  run = function(dev, env)
    local key = env.key
    dev:cmd("ATI"):bytes(("\r\nManufacturer: %s\r\nModel: %s\r\nRevision: %s\r\nIMEI: %s\r\n+GCAP: %s\r\n\r\nOK\r\n")
      :format(key "manufacturer", key "model", key "revision", key "imei", key "gcap"))
  end,
}

t.scenario "on any modem: lines, errors and chains" {
  tags = { "at" },
  run = function(dev)
    dev:cmd("AT"):ok():lines {}
    dev:cmd("at+cmee=2"):ok()
    dev:cmd("AT+FOO"):error()
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: %d+,%d+")
    local lines = dev:cmd("AT+CREG?;+CGREG?;+CSQ"):ok():lines()
    t.eq(#lines, 3, "lines of three commands")
    t.match(lines[1], "^%+CREG: ")
    t.match(lines[2], "^%+CGREG: ")
    t.match(lines[3], "^%+CSQ: ")
    lines = dev:cmd("AT+CSQ;+FOO;+CREG?"):error():lines()
    t.eq(#lines, 1, "lines in front of the error")
  end,
}
