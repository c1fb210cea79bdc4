--- AT+CPING, AT+CPINGSTOP: echoes of the kernel of this machine (B4.5; capture lilygo90).
local t = require "modemtest"

--- The reference device prints what the command asked for, the other family what came back: with the
-- headers of IPv4 and ICMP, and the time to live that was left.
local function reply_line(env, address, bytes, ttl)
  local fields = env.key "cping_fields" == "reply" and ("%d,(%%d+),%%d+"):format(bytes + 28)
    or ("%d,(%%d+),%d"):format(bytes, ttl)
  return "%+CPING: 1," .. address:gsub("%.", "%%.") .. "," .. fields
end

--- Real time: the next one comes after ten seconds, in which the scenario does something else.
local SLOW = { keys = { time_percent = 100, pdn_event = "" } }

--- Skips where the kernel lets nobody send echoes: then every one is lost, and the emulator has said why.
local function pings_possible(dev, env)
  dev:cmd('AT+CPING="127.0.0.1",1,1'):ok()
  dev:expect_urc("%+CPING: [12].*")
  dev:expect_urc("%+CPING: 3,1,.*")
  if env.sim:log():find("refuses ICMP sockets", 1, true) then
    t.skip("the kernel refuses ICMP sockets to this user")
  end
end

t.scenario "a host answers its pings, and the sum is theirs" {
  tags = { "network", "ping" }, needs = { "emulator" },
  sim = { args = { "--connect-to", "h.example::127.0.0.1:", "--connect-to", "8.8.8.8::127.0.0.1:" } },
  cases = {
    { name = "127.0.0.1", address = "127.0.0.1", parameters = ",3,64,1000,10000,255", n = 3, bytes = 64, ttl = 255 },
    { name = "localhost", address = "127.0.0.1", parameters = ",2,188,1000,,16", n = 2, bytes = 188, ttl = 16 },
    { name = "localhost", address = "127.0.0.1", parameters = "", n = 4, bytes = 64, ttl = 255 },
    { name = "h.example", address = "127.0.0.1", parameters = ",1,4", n = 1, bytes = 4, ttl = 255 },
    { name = "8.8.8.8", address = "8.8.8.8", parameters = ",1,,,,64", n = 1, bytes = 64, ttl = 64 },
  },
  run = function(dev, env, p)
    pings_possible(dev, env)
    dev:cmd('AT+CPING="%s",1%s', p.name, p.parameters):ok()
    local least, most, sum = math.huge, 0, 0
    for _ = 1, p.n do
      local ms = tonumber(dev:expect_urc(reply_line(env, p.address, p.bytes, p.ttl))[1])
      least, most, sum = math.min(least, ms), math.max(most, ms), sum + ms
    end
    dev:expect_urc(("+CPING: 3,%d,%d,0,%d,%d,%d"):format(p.n, p.n, least, most, sum // p.n))
  end,
}

t.scenario "a ping that nobody answers is lost" {
  tags = { "network", "ping" }, needs = { "emulator" },
  run = function(dev)
    -- A broadcast address, to which the kernel sends nothing.
    dev:cmd('AT+CPING="127.255.255.255",1,2,64,1000'):ok()
    dev:expect_urc("+CPING: 2")
    dev:expect_urc("+CPING: 2")
    dev:expect_urc("+CPING: 3,2,0,2,0,0,0")
  end,
}

t.scenario "what cannot begin is a sum of nothing" {
  tags = { "network", "ping", "bytes" }, needs = { "emulator" },
  cases = {
    { name = "no network", host = "127.0.0.1", type = 1, keys = { network = "none" } },
    { name = "data refused", host = "127.0.0.1", type = 1, keys = { ["network.data"] = "refuse" } }, -- lilygo90
    { name = "no such name", host = "no..name", type = 1 },
    { name = "IPv6", host = "localhost", type = 2 },
  },
  run = function(dev, env, p)
    if p.keys then
      env.sim:set(p.keys)
    end
    dev:cmd('AT+CPING="%s",%d', p.host, p.type):bytes("\r\nOK\r\n\r\n+CPING: 3,0,0,0,0,0,0\r\n")
  end,
}

t.scenario "CPINGSTOP ends it, and one runs at a time" {
  tags = { "network", "ping" }, needs = { "emulator" }, sim = SLOW,
  run = function(dev)
    dev:cmd("AT+CPINGSTOP"):error()
    dev:cmd('AT+CPING="127.0.0.1",1,100,64,10000'):ok()
    dev:cmd('AT+CPING="127.0.0.1",1'):error()
    dev:expect_urc("%+CPING: [12].*")
    dev:cmd("AT+CPINGSTOP"):ok()
    dev:expect_urc("%+CPING: 3,1,.*")
    dev:cmd("AT+CPINGSTOP"):error()
    dev:no_urc("+CPING", { during = 0.3 })
  end,
}

t.scenario "the loss of the network ends it" {
  tags = { "network", "ping" }, needs = { "emulator" }, sim = SLOW,
  run = function(dev, env)
    dev:cmd('AT+CPING="127.0.0.1",1,100,64,10000'):ok()
    dev:expect_urc("%+CPING: [12].*")
    env.sim:set { network = "none" }
    dev:expect_urc("%+CPING: 3,1,.*")
  end,
}

t.scenario "what CPING takes, and its forms" {
  tags = { "network", "ping", "bytes" }, needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+CPING=?"):bytes("\r\n+CPING: IP address,(1,2),(1-100),(4-188),(1000-10000),(10000-100000),(16-255)"
      .. "\r\n\r\nOK\r\n")
    dev:cmd("AT+CPINGSTOP=?"):bytes("\r\nOK\r\n")
    for _, wrong in ipairs { "", "?", '="h"', '="",1', '="h",0', '="h",3', '="h",1,0', '="h",1,101', '="h",1,,3',
      '="h",1,,189', '="h",1,,,999', '="h",1,,,10001', '="h",1,,,,9999', '="h",1,,,,100001', '="h",1,,,,,15',
      '="h",1,,,,,256', '="h",1,,,,,16,1' } do
      dev:cmd("AT+CPING" .. wrong):error()
    end
  end,
}
