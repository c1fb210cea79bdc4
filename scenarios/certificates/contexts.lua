-- AT+CSSLCFG: test, read, query, set; ten contexts (spec 5.1). What the settings do is in ../tls.
local t = require "modemtest"

local UNTOUCHED = '%d,4,0,1,300,"","","",0,"",0x0'

t.scenario "the test command lists ten settings with their ranges" {
  tags = { "certificates", "contexts", "ranges" },
  needs = { "certificates" },
  run = function(dev)
    dev:cmd("AT+CSSLCFG=?"):bytes('\r\n+CSSLCFG: "sslversion",(0-9),(0-4)\r\n'
      .. '+CSSLCFG: "authmode",(0-9),(0-3)\r\n+CSSLCFG: "ignorelocaltime",(0-9),(0,1)\r\n'
      .. '+CSSLCFG: "negotiatetime",(0-9),(10-300)\r\n+CSSLCFG: "cacert",(0-9),(5-128)\r\n'
      .. '+CSSLCFG: "clientcert",(0-9),(5-128)\r\n+CSSLCFG: "clientkey",(0-9),(5-128)\r\n'
      .. '+CSSLCFG: "enableSNI",(0-9),(0,1)\r\n+CSSLCFG: "keypwd",(0-9),(0-128)\r\n'
      .. '+CSSLCFG: "ciphersuites",(0-9),(0x002F,0xFFFF)\r\n\r\nOK\r\n')
  end,
}

t.scenario "ten untouched contexts read as the manual's defaults, without blank lines between" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "emulator" }, -- a modem that was used is not untouched
  run = function(dev)
    local lines = {}
    for context = 0, 9 do
      lines[context + 1] = "+CSSLCFG: " .. UNTOUCHED:format(context)
    end
    dev:cmd("AT+CSSLCFG?"):bytes("\r\n" .. table.concat(lines, "\r\n") .. "\r\n\r\nOK\r\n")
  end,
}

t.scenario "a query shows one context" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "emulator" },
  matrix = { context = { 0, 1, 8, 9 } },
  run = function(dev, _, p)
    dev:cmd("AT+CSSLCFG=%d", p.context)
        :bytes(("\r\n+CSSLCFG: " .. UNTOUCHED .. "\r\n\r\nOK\r\n"):format(p.context))
  end,
}

t.scenario "a query of another context is an error" {
  tags = { "certificates", "contexts" },
  needs = { "certificates" },
  matrix = { value = { "10", "-1", "99", "x", "", "0,0" } },
  run = function(dev, _, p)
    dev:cmd("AT+CSSLCFG=%s", p.value):bytes("\r\nERROR\r\n")
  end,
}

t.scenario "all ten contexts keep their own settings" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "emulator" },
  run = function(dev)
    local lines = {}
    for c = 0, 9 do
      local suites = c % 2 == 0 and "0x002F" or "0xFFFF"
      for _, setting in ipairs {
        ('"sslversion",%d,%d'):format(c, c % 5), ('"authmode",%d,%d'):format(c, c % 4),
        ('"ignorelocaltime",%d,%d'):format(c, c % 2), ('"negotiatetime",%d,%d'):format(c, 10 + c),
        ('"cacert",%d,"ca-%d.pem"'):format(c, c), ('"clientcert",%d,"cert-%d.der"'):format(c, c),
        ('"clientkey",%d,"key-%d.pem"'):format(c, c), ('"enableSNI",%d,%d'):format(c, c % 2),
        ('"keypwd",%d,"secret %d"'):format(c, c), ('"ciphersuites",%d,%s'):format(c, suites),
      } do
        dev:cmd("AT+CSSLCFG=" .. setting):bytes("\r\nOK\r\n")
      end
      lines[c + 1] = ('+CSSLCFG: %d,%d,%d,%d,%d,"ca-%d.pem","cert-%d.der","key-%d.pem",%d,"secret %d",%s')
          :format(c, c % 5, c % 4, c % 2, 10 + c, c, c, c, c % 2, c, suites)
    end
    dev:cmd("AT+CSSLCFG?"):bytes("\r\n" .. table.concat(lines, "\r\n") .. "\r\n\r\nOK\r\n")
  end,
}

t.scenario "a setting may be written in any letters, with spaces behind the commas" {
  tags = { "certificates", "contexts", "syntax" },
  needs = { "certificates" },
  matrix = { line = { 'at+csslcfg="negotiatetime",1,77', 'AT+CSSLCFG="NEGOTIATETIME",1,77',
    'AT+CSSLCFG="negotiatetime", 1, 77', 'AT+CSSLCFG="NegotiateTime",1,77' } },
  run = function(dev, _, p)
    dev:cmd('AT+CSSLCFG="negotiatetime",1,10'):ok()
    dev:cmd(p.line):ok()
    t.eq(dev:cmd("AT+CSSLCFG=1"):ok():info("%+CSSLCFG: 1,%d,%d,%d,(%d+),.*")[1], "77", "negotiatetime")
  end,
}

t.scenario "what is malformed or belongs to another family is an error and changes nothing" {
  tags = { "certificates", "contexts", "syntax" },
  needs = { "certificates" },
  matrix = { line = {
    'AT+CSSLCFG="sslversion",0,4"', 'AT+CSSLCFG="sslversion",0', 'AT+CSSLCFG="sslversion"',
    'AT+CSSLCFG="sslversion",0,', 'AT+CSSLCFG="sslversion",,4', 'AT+CSSLCFG="sslversion",0,4,4', "AT+CSSLCFG=",
    "AT+CSSLCFG", 'AT+CSSLCFG="",0,1', 'AT+CSSLCFG="cacert",0,"root.crt"', 'AT+CSSLCFG="cacert",0,""',
    'AT+CSSLCFG="ciphersuites",0,0x0035', 'AT+CSSLCFG="ciphersuites",0,0', 'AT+CSSLCFG="ignorlocaltime",0,1',
    'AT+CSSLCFG="convert",2,"ca.pem"', 'AT+CSSLCFG="sni",0,"a"', 'AT+CSSLCFG="ctxindex",0,1',
    'AT+CSSLCFG="protocol",0,1', 'AT+CSSLCFG="ciphersuite",0,0xFFFF', 'AT+CSSLCFG="seclevel",0,2',
    'AT+CSSLCFG="ignorertctime",0,1', 'AT+CSSLCFG="alpnprotocol",0,1', 'AT+CSSLCFG="password",0,"p.pem"',
    'AT+CSSLCFG="ignorecertCN",0,1', 'AT+CSSLCFG="use_tickets",0,1',
  } },
  run = function(dev, _, p)
    local before = dev:cmd("AT+CSSLCFG?"):ok():lines()
    dev:cmd(p.line):bytes("\r\nERROR\r\n")
    t.eq(dev:cmd("AT+CSSLCFG?"):ok():lines(), before, "the contexts")
  end,
}

t.scenario "settings may be made while a client is connected" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,0")
    dev:cmd('AT+CSSLCFG="enableSNI",0,1'):ok()
    t.eq(dev:cmd("AT+CSSLCFG=0"):ok():info('%+CSSLCFG: 0,.*,".-",".-",".-",(%d),.*')[1], "1", "enableSNI")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

t.scenario "a name that is not ASCII is given in hex and shown as entities" {
  tags = { "certificates", "contexts", "non-ascii" },
  needs = { "certificates" },
  matrix = { kind = { "cacert", "clientcert", "clientkey" } },
  run = function(dev, _, p)
    dev:cmd('AT+CSSLCFG="%s",5,{non-ascii}"262378344532443B262378353334453B2E70656D"', p.kind):ok()
    t.match(dev:cmd("AT+CSSLCFG=5"):ok():lines()[1], '"&#x4E2D;&#x534E;%.pem"', "context 5")
  end,
}
