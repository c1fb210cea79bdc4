--- Packet data contexts and the network of sockets (general-commands.md B4.4, B4.5).
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local QUIET = { pdn_event = "" }

local ZERO = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

t.scenario "contexts are one unit without blank lines" {
  tags = { "network", "data", "bytes" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    dev:cmd("AT+CGDCONT?"):bytes('\r\n+CGDCONT: 1,"IP","internet","0.0.0.0",0,0,0,0\r\n'
      .. ('+CGDCONT: 2,"IPV4V6","ims","%s",0,0,0,0\r\n+CGDCONT: 3,"IPV4V6","%s","%s",0,0,0,1\r\n')
        :format(ZERO, env.key "context.sos", ZERO) .. "\r\nOK\r\n")
  end,
}

t.scenario "a context is defined, shown, deleted, and kept" {
  tags = { "network", "data" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    dev:cmd('AT+CGDCONT=1,"IP","my.apn",,0,0'):ok()
    dev:cmd('AT+CGDCONT=5,"IPV6","six"'):ok()
    dev:cmd("AT+CGDCONT=2"):ok()
    dev:cmd('AT+CGDCONT=1,"IPV4","x"'):error()
    dev:cmd('AT+CGDCONT=0,"IP","x"'):error()
    dev:cmd('AT+CGDCONT=25,"IP","x"'):error()
    env.sim:restart()
    local lines = dev:cmd("AT+CGDCONT?"):ok():lines()
    t.eq(#lines, 3)
    t.eq(lines[1], '+CGDCONT: 1,"IP","my.apn","0.0.0.0",0,0,0,0')
    t.eq(lines[3], '+CGDCONT: 5,"IPV6","six","0.0.0.0",0,0,0,0')
  end,
}

t.scenario "contexts are activated one by one and all at once" {
  tags = { "network", "data" }, needs = { "emulator" },
  sim = { keys = { ["context.ims"] = "active", pdn_event = "" } },
  run = function(dev)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CGACT?"):ok():lines { "+CGACT: 1,1", "+CGACT: 2,1", "+CGACT: 3,0" }
    dev:cmd("AT+CGACT=1,3"):ok()
    dev:cmd("AT+CGACT=0,2"):ok()
    dev:cmd("AT+CGACT?"):ok():lines { "+CGACT: 1,1", "+CGACT: 2,0", "+CGACT: 3,1" }
    dev:cmd("AT+CGACT=1"):ok()
    dev:cmd("AT+CGACT?"):ok():lines { "+CGACT: 1,1", "+CGACT: 2,1", "+CGACT: 3,1" }
    dev:cmd("AT+CGACT=1,9"):cme("unspecified GPRS error")
    dev:cmd("AT+CGPADDR=1"):ok():lines { "+CGPADDR: 1,10.4.20.106" }
    dev:cmd("AT+CGATT=0"):ok()
    dev:cmd("AT+CGACT?;+CGATT?"):ok():lines { "+CGACT: 1,0", "+CGACT: 2,0", "+CGACT: 3,0", "+CGATT: 0" }
    dev:cmd("AT+CGATT=1"):ok()
  end,
}

t.scenario "NETOPEN and NETCLOSE, byte for byte" {
  tags = { "network", "data", "bytes" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev)
    dev:cmd("AT+NETCLOSE"):bytes("\r\n+NETCLOSE: 2\r\n\r\nERROR\r\n")
    dev:cmd("AT+IPADDR"):bytes("\r\n+IP ERROR: Network not opened\r\n\r\nERROR\r\n")
    dev:cmd("AT+NETOPEN"):bytes("\r\nOK\r\n\r\n+NETOPEN: 0\r\n")
    dev:cmd("AT+NETOPEN"):bytes("\r\n+IP ERROR: Network is already opened\r\n\r\nERROR\r\n")
    dev:cmd("AT+NETOPEN?"):bytes("\r\n+NETOPEN: 1\r\n\r\nOK\r\n")
    dev:cmd("AT+IPADDR"):bytes("\r\n+IPADDR: 10.4.20.106\r\n\r\nOK\r\n")
    dev:cmd("AT+NETCLOSE"):bytes("\r\nOK\r\n\r\n+NETCLOSE: 0\r\n")
    dev:cmd("AT+NETOPEN?"):bytes("\r\n+NETOPEN: 0\r\n\r\nOK\r\n")
  end,
}

t.scenario "the password of a context comes before its user, and is not traced" {
  tags = { "network", "data" }, needs = { "emulator" },
  sim = { args = function(env) return { "--trace", env.tmp .. "/trace.jsonl" } end },
  run = function(dev, env)
    dev:cmd('AT+CGAUTH=1,1,"hidden-word","user"'):ok()
    dev:cmd("AT+CGAUTH?"):ok():lines { '+CGAUTH: 1,1,"user","hidden-word"' }
    local trace = assert(io.open(env.tmp .. "/trace.jsonl")):read("a")
    t.match(trace, "CGAUTH")
    t.check(not trace:find("hidden-word", 1, true), "a password is in the trace")
  end,
}
