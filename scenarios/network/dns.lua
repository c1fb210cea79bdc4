--- AT+CDNSGIP, AT+CDNSGHNAME: names from the real resolver (B4.5; capture lilygo90).
local t = require "modemtest"

--- A label of more than 63 bytes: no name, and no name server is asked about it.
local NO_NAME = ("x"):rep(64) .. ".invalid"

t.scenario "names are resolved, without NETOPEN" {
  tags = { "network", "dns", "bytes" }, needs = { "emulator" },
  sim = { args = { "--connect-to", "h.example::127.0.0.3:", "--connect-to", "other.example:123:127.0.0.4:1",
    "--connect-to", "other.example::localhost:" } },
  cases = {
    { name = "localhost", address = "127.0.0.1" },
    { name = "192.0.2.7", address = "192.0.2.7" },     -- an address is its own
    { name = "h.example", address = "127.0.0.3" },     -- --connect-to, to an address
    { name = "other.example", address = "127.0.0.1" }, -- to a name; the rule for a port is none for names
  },
  run = function(dev, _, p)
    dev:cmd('AT+CDNSGIP="%s"', p.name)
      :bytes(('\r\n+CDNSGIP: 1,"%s","%s"\r\n\r\nOK\r\n'):format(p.name, p.address))
    dev:cmd("AT+NETOPEN?"):lines { "+NETOPEN: 0" }:ok()
  end,
}

t.scenario "an address has a name" {
  tags = { "network", "dns" }, needs = { "emulator" },
  run = function(dev)
    t.match(dev:cmd('AT+CDNSGHNAME="127.0.0.1"'):ok():lines()[1],
      '^%+CDNSGHNAME: 1,"[%w.-]+","127%.0%.0%.1"$') -- localhost, on most machines
    dev:cmd('AT+CDNSGHNAME="localhost"'):lines { "+CDNSGHNAME: 0,10" }:error()
  end,
}

t.scenario "no name: 0,10 and a plain ERROR, whatever CMEE says" {
  tags = { "network", "dns", "bytes" }, needs = { "emulator" },
  cases = {
    { name = "no such name" },
    { name = "no network", keys = { network = "none" } },
    { name = "data refused", keys = { ["network.data"] = "refuse" } }, -- lilygo90
  },
  run = function(dev, env, p)
    if p.keys then
      env.sim:set(p.keys)
    end
    for cmee = 0, 2 do
      dev:cmd("AT+CMEE=%d", cmee):ok()
      dev:cmd('AT+CDNSGIP="%s";+CSQ', p.keys and "localhost" or NO_NAME)
        :bytes("\r\n+CDNSGIP: 0,10\r\n\r\nERROR\r\n")
    end
  end,
}

t.scenario "forms of CDNSGIP and CDNSGHNAME" {
  tags = { "network", "dns" }, needs = { "emulator" },
  run = function(dev)
    for _, name in ipairs { "CDNSGIP", "CDNSGHNAME" } do
      dev:cmd("AT+%s=?", name):bytes("\r\nOK\r\n")
      dev:cmd("AT+%s?", name):error()
      dev:cmd("AT+%s", name):error()
      dev:cmd('AT+%s=""', name):error()
      dev:cmd('AT+%s="a","b"', name):error()
    end
  end,
}
