-- AT+CSSLCFG: test, read, query, set; ten contexts (spec 5.1). What the settings do is in ../tls.
local t = require "modemtest"
local settings = require "lib.ssl_settings"
local store = require "lib.cert_store"

t.scenario "the test command lists the settings of this firmware with their ranges" {
  tags = { "certificates", "contexts", "ranges" },
  needs = { "certificates" },
  run = function(dev, env)
    local name = store.name_range(env)
    local ranges = { sslversion = "0-4", authmode = "0-3", ignorelocaltime = "0,1", negotiatetime = "10-300",
      cacert = name, clientcert = name, clientkey = name, enableSNI = "0,1", keypwd = "0-128", password = name,
      ciphersuites = "0x002F,0xFFFF" }
    local lines = {}
    for _, key in ipairs(settings.NAMES) do
      if settings.has(env, key) then
        lines[#lines + 1] = ('+CSSLCFG: "%s",(0-9),(%s)\r\n'):format(key, ranges[key])
      end
    end
    dev:cmd("AT+CSSLCFG=?"):bytes("\r\n" .. table.concat(lines) .. "\r\nOK\r\n")
  end,
}

t.scenario "ten untouched contexts read as the manual's defaults, without blank lines between" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "emulator" }, -- a modem that was used is not untouched
  run = function(dev, env)
    local lines = {}
    for context = 0, 9 do
      lines[context + 1] = settings.line(env, context)
    end
    dev:cmd("AT+CSSLCFG?"):bytes("\r\n" .. table.concat(lines, "\r\n") .. "\r\n\r\nOK\r\n")
  end,
}

t.scenario "a query shows one context" {
  tags = { "certificates", "contexts" },
  needs = { "certificates", "emulator" },
  matrix = { context = { 0, 1, 8, 9 } },
  run = function(dev, env, p)
    dev:cmd("AT+CSSLCFG=%d", p.context):bytes("\r\n" .. settings.line(env, p.context) .. "\r\n\r\nOK\r\n")
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
  run = function(dev, env)
    local lines = {}
    for c = 0, 9 do
      local values = { sslversion = tostring(c % 5), authmode = tostring(c % 4), ignorelocaltime = tostring(c % 2),
        negotiatetime = tostring(10 + c), cacert = ('"ca-%d.pem"'):format(c), clientcert = ('"cert-%d.der"'):format(c),
        clientkey = ('"key-%d.pem"'):format(c), enableSNI = tostring(c % 2), keypwd = ('"secret %d"'):format(c),
        password = ('"password-%d.pem"'):format(c), ciphersuites = c % 2 == 0 and "0x002F" or "0xFFFF" }
      for _, name in ipairs(settings.names(env)) do
        dev:cmd('AT+CSSLCFG="%s",%d,%s', name, c, values[name]):bytes("\r\nOK\r\n")
      end
      lines[c + 1] = settings.line(env, c, values)
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

-- Settings that only some of this family have are in context-ranges.lua.
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
    'AT+CSSLCFG="ignorertctime",0,1', 'AT+CSSLCFG="alpnprotocol",0,1',
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
    dev:cmd('AT+CSSLCFG="negotiatetime",0,77'):ok()
    t.eq(settings.read(dev, 0).negotiatetime, "77", "negotiatetime")
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
