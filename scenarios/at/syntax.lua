--- What the parser accepts and refuses: case, spaces, control characters, quotes, chains.
local t = require "modemtest"

t.scenario "the same command written in many ways" {
  tags = { "at", "syntax" },
  cases = {
    { line = "AT+CMEE=1" }, { line = "at+cmee=1" }, { line = "At+CmEe=1" }, { line = "AT +CMEE = 1" },
    { line = "AT+CMEE= 1 " }, { line = "  AT+CMEE=1" }, { line = "AT+CM\0EE=1" }, { line = "AT+CM\1\2EE=1" },
    { line = "AT+CM\tEE=1" }, { line = "xAT+CMEE=1" },
    { line = "AT;+CMEE=1" }, { line = "ATV1+CMEE=1" }, { line = "ATV1;+CMEE=1" }, { line = "AT+CMEE=1;" },
    { line = "ATV1Q0+CMEE=1" }, { line = "AT+CMEE=0;+CMEE=1" }, { line = "AT+CMEE=1;V1" },
    { line = "AT+CMEE=01" },
  },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("%s", p.line):ok()
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: 1" }
    dev:cmd("AT+CMEE=2"):ok()
  end,
}

t.scenario "what is a plain ERROR and changes nothing" {
  tags = { "at", "syntax" },
  cases = {
    { line = "AT+CMEE=" }, { line = "AT+CMEE=x" }, { line = "AT+CMEE=1x" }, { line = "AT+CMEE=1,1" },
    { line = "AT+CMEE=3" }, { line = "AT+CMEE=-1" }, { line = 'AT+CMEE="1' }, { line = "AT+CMEE1" },
    { line = "AT+CMEEE=1" }, { line = "AT+CME=1" }, { line = "AT+=1" }, { line = "AT+" }, { line = "AT=1" },
    { line = "AT?" }, { line = "AT+CMEE??" }, { line = "AT+CMEE=??" }, { line = "AT+CMEE?1" }, { line = "AT,,," },
    { line = "AT+CMEE=1\xE9" }, { line = "AT\xFF" }, { line = "AT+FOO=1;+CMEE=1" }, { line = "ATAT+CMEE=1" },
    { line = "AT+CMEE=0x1" }, { line = "AT+CMEE=99999999999999999999" },
    { line = "AT#" }, { line = "AT@" }, { line = "AT!" }, { line = "AT/" }, { line = 'AT"' },
  },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("%s", p.line):error():lines {}
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: 2" }
  end,
}

t.scenario "quotes: straight ones delimit, others do not" {
  tags = { "at", "syntax", "quotes" },
  cases = {
    { name = "straight", line = 'AT+CSSLCFG="sslversion",0,4', ok = true },
    { name = "with spaces after the commas", line = 'AT+CSSLCFG="authmode", 0, 0', ok = true },
    { name = "keyword in other case", line = 'AT+CSSLCFG="SslVersion",0,4', ok = true },
    { name = "one too much at the end, as logged", line = 'AT+CSSLCFG="sslversion",0,4"' },
    { name = "one too few", line = 'AT+CSSLCFG="sslversion,0,4' },
    { name = "typographic, as pasted from the PDF", line = "AT+CSSLCFG=“sslversion”,0,4" },
    { name = "typographic, Windows-1252", line = "AT+CSSLCFG=\x93sslversion\x94,0,4" },
    { name = "apostrophes", line = "AT+CSSLCFG='sslversion',0,4" },
    { name = "nested", line = 'AT+CSSLCFG=""sslversion"",0,4' },
    { name = "misspelled keyword", line = 'AT+CSSLCFG="ignorlocaltime",0,1' },
  },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=2"):ok()
    local r = dev:cmd("%s", p.line)
    if p.ok then
      r:ok():lines {}
    else
      r:error():lines {}
    end
  end,
}

t.scenario "separators inside quotes are text" {
  tags = { "at", "syntax", "quotes" },
  run = function(dev)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"a;b,c d",0;+CMQTTACCQ=1,"AT+CMQTTSTOP",1'):ok()
    local lines = dev:cmd("AT+CMQTTACCQ?"):ok():lines()
    t.match(lines[1], '^%+CMQTTACCQ: 0,"a;b,c d",0')
    t.match(lines[2], '^%+CMQTTACCQ: 1,"AT%+CMQTTSTOP",1')
  end,
}

t.scenario "a chain keeps what came before its error" {
  tags = { "at", "syntax", "chain" },
  run = function(dev)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CMEE=1;+FOO;+CMEE=0"):error():lines {}
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: 1" }
    dev:cmd("AT+CMEE=2;+CMEE?;+CMEE=1;+CMEE?"):ok():lines { "+CMEE: 2", "+CMEE: 1" }
    dev:cmd("AT+CMEE=2"):ok()
  end,
}

t.scenario "a command with a prompt inside a chain" {
  tags = { "at", "syntax", "chain" },
  run = function(dev)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"a",0'):ok()
    local r = dev:cmd("AT+CMEE=1;+CMQTTWILLTOPIC=0,4;+CMEE?")
    r:prompt():data("will"):ok():lines { "+CMEE: 1" }
    dev:cmd("AT+CMEE=2"):ok()
  end,
}
