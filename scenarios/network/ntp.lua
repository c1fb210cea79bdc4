--- AT+CNTP: the clock from an NTP server, which is real and on this machine (B4.10, C1.6).
local t = require "modemtest"
local ntp_server = require "lib.ntp_server"

--- The server is ntp.example; the modem's patience with it is made short where it must end.
local SIM = { args = ntp_server.arguments }
local IMPATIENT = { args = ntp_server.arguments, keys = { cntp_timeout_ms = 300 } }
local USES = { "ntp", "modem" }

local reply = ntp_server.reply

t.scenario "an NTP server sets the clock, in the zone that was given" {
  tags = { "network", "ntp", "clock" }, needs = { "emulator" }, uses = USES, sim = SIM,
  cases = {
    { zone = 0, clock = "24/05/17,12:3%d:%d%d%+00" },
    { zone = 32, clock = "24/05/17,20:3%d:%d%d%+32" },
    { zone = -20, clock = "24/05/17,07:3%d:%d%d%-20" },
  },
  run = function(dev, env, p)
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"80/01/06,')
    dev:cmd('AT+CNTP="ntp.example",%d', p.zone):ok()
    dev:cmd("AT+CNTP?"):lines { ('+CNTP: "ntp.example",%d'):format(p.zone) }:ok()
    dev:cmd("AT+CNTP"):result("+CNTP: 0")
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '^%+CCLK: "' .. p.clock .. '"$')
    local request = env.ntp:wait_request()
    t.eq(#request, 48)
    t.eq(request:byte(1), 4 << 3 | 3, "version 4, client")
  end,
}

t.scenario "what is no answer is passed over until the time is up" {
  tags = { "network", "ntp" }, needs = { "emulator" }, uses = USES, sim = IMPATIENT,
  cases = {
    { name = "nothing", answer = function() return {} end },
    { name = "rubbish", answer = function() return { "", "no time", ("\xFF"):rep(48), ("x"):rep(3000) } end },
    { name = "the request itself", answer = function(request) return { request } end },
    { name = "kiss-o'-death", answer = function(request) return { reply(request, { stratum = 0 }) } end },
    { name = "a server without a clock", answer = function(request) return { reply(request, { leap = 3 }) } end },
    { name = "broadcast", answer = function(request) return { reply(request, { mode = 5 }) } end },
    { name = "another's answer", answer = function(request)
      return { reply(request, { originate = ("\1"):rep(8) }) }
    end },
  },
  run = function(dev, env, p)
    env.ntp.answer = p.answer
    dev:cmd('AT+CNTP="ntp.example",0'):ok()
    dev:cmd("AT+CNTP"):result("+CNTP: 6", { final = "OK" })
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"80/01/06,') -- as nobody has set it
    env.ntp.answer = function(request)
      local packets = p.answer(request)
      packets[#packets + 1] = reply(request)
      return packets
    end
    dev:cmd("AT+CNTP"):result("+CNTP: 0") -- the good answer behind it counts
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"24/05/17,')
  end,
}

t.scenario "each other cause has its code" {
  tags = { "network", "ntp" }, needs = { "emulator" }, uses = USES, sim = SIM,
  cases = {
    { name = "a time before 1980", code = 3, prepare = function(_, env)
      env.ntp.answer = function(request) return { reply(request, { seconds = 315964799 }) } end
    end },
    { name = "nobody listens", code = 4, prepare = function(_, env) env.ntp:close() end },
    { name = "no such name", code = 4, prepare = function(dev) dev:cmd('AT+CNTP="no..name",0'):ok() end },
    { name = "no network", code = 4, prepare = function(_, env) env.sim:set { network = "none" } end },
  },
  run = function(dev, env, p)
    dev:cmd('AT+CNTP="ntp.example",0'):ok()
    p.prepare(dev, env)
    dev:cmd("AT+CNTP"):result(("+CNTP: %d"):format(p.code), { final = "OK" })
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"80/01/06,')
  end,
}

t.scenario "one at a time, and the loss of the network ends it" {
  tags = { "network", "ntp" }, needs = { "emulator" }, uses = USES,
  sim = { args = ntp_server.arguments, keys = { cntp_timeout_ms = 600000, pdn_event = "" } },
  run = function(dev, env)
    env.ntp.answer = function() return {} end
    dev:cmd('AT+CNTP="ntp.example"'):ok()
    dev:cmd("AT+CNTP"):ok()
    dev:cmd("AT+CNTP"):error()
    env.ntp:wait_request()
    env.sim:set { network = "none" }
    dev:expect_urc("+CNTP: 4")
  end,
}

t.scenario "what CNTP takes, and its forms" {
  tags = { "network", "ntp", "bytes" }, needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+CNTP=?"):bytes("\r\n+CNTP: 255,(-96~96)\r\n\r\nOK\r\n")
    dev:cmd("AT+CNTP?"):bytes('\r\n+CNTP: "pool.ntp.org",0\r\n\r\nOK\r\n')
    for _, wrong in ipairs { '="h",97', '="h",-97', '="",0', '="h",x', '="h",0,0', "=" } do
      dev:cmd("AT+CNTP" .. wrong):error()
    end
    dev:cmd("AT+CNTPCID=1"):error() -- SIM800's
  end,
}

t.scenario "TLS validity reads the clock that NTP has set" {
  tags = { "network", "ntp", "tls" }, needs = { "emulator", "mqtt", "tls" },
  uses = { "ntp", "modem", "broker", "certificates" }, sim = SIM,
  run = function(dev, env)
    local connect = ('AT+CMQTTCONNECT=0,"tcp://%s",60,1'):format(env.broker.address)
    dev:cmd('AT+CSSLCFG="ignorelocaltime",0,0'):ok()
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd(connect):result("+CMQTTCONNECT: 0,32") -- the certificate is from 2015 on, the modem in 1980
    dev:cmd('AT+CNTP="ntp.example",4'):ok()
    dev:cmd("AT+CNTP"):result("+CNTP: 0")
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd(connect):result("+CMQTTCONNECT: 0,0")
  end,
}
