--- Settings: basic commands, S-registers, and what the bare and the numbered forms set (general-commands.md
-- A4, A8 to A11).
local t = require "modemtest"
local dialogue = require "lib.dialogue"

t.scenario "basic settings take their values, and none for 0 or the default" {
  tags = { "at", "settings" },
  run = function(dev)
    for _, setting in ipairs { { "X", 4 }, { "&C", 2 }, { "&D", 2 }, { "&S", 1 } } do
      local name, most = setting[1], setting[2]
      for value = 0, most do
        dev:cmd("AT%s%d", name, value):ok():lines {}
      end
      dev:cmd("AT%s%d", name, most + 1):error():lines {}
      dev:cmd("AT%s", name):ok():lines {}
    end
    dev:cmd("ATX1&C2&D2&S0"):ok():lines {}
  end,
}

--- Register, its value after power-on (A9), another one.
local REGISTERS = {
  { "S0", 0, 3 }, { "S6", 2, 255 }, { "S7", 0, 50 }, { "S8", 2, 0 }, { "S10", 14, 100 },
}

t.scenario "S-registers keep what is written, until ATZ or AT&F" {
  tags = { "at", "settings" },
  cases = { { restore = "ATZ" }, { restore = "ATZ0" }, { restore = "AT&F" }, { restore = "AT&F0" } },
  run = function(dev, _, p)
    for _, register in ipairs(REGISTERS) do
      local name, default, other = table.unpack(register)
      dev:cmd("AT%s?", name):ok():lines { ("%03d"):format(default) }
      dev:cmd("AT%s=%d", name, other):ok():lines {}
      dev:cmd("AT%s?", name):ok():lines { ("%03d"):format(other) }
    end
    dev:cmd(p.restore):ok()
    dev:cmd("ATE0"):ok()
    for _, register in ipairs(REGISTERS) do
      dev:cmd("AT%s?", register[1]):ok():lines { ("%03d"):format(register[2]) }
    end
  end,
}

t.scenario "S3, S4 and S5 are the characters of a line, byte for byte" {
  tags = { "at", "bytes", "settings" },
  cases = {
    { name = "S3 ends a line and frames answers", { "ATS3=33\r", "!\nOK!\n" },
      { "AT+CSQ!", "!\n+CSQ: 16,99!\n!\nOK!\n" }, { "ATS3?!", "!\n033!\n!\nOK!\n" }, { "ATS3=13!", "\r\nOK\r\n" } },
    { name = "S4 stands behind it", { "ATS4=63\r", "\r?OK\r?" }, { "ATS4?\r", "\r?063\r?\r?OK\r?" },
      { "AT+FOO\r", "\r?ERROR\r?" }, { "ATS4=10\r", "\r\nOK\r\n" }, { "ATS4?\r", "\r\n010\r\n\r\nOK\r\n" } },
    { name = "S5 takes a character back", { "ATS5=35\r", "\r\nOK\r\n" }, { "ATS5?\r", "\r\n035\r\n\r\nOK\r\n" },
      { "AT+CSX#Q\r", "\r\n+CSQ: 16,99\r\n\r\nOK\r\n" }, { "ATS5=8\r", "\r\nOK\r\n" } },
  },
  run = function(dev, env, p)
    dialogue.play(dev, env, p)
  end,
}

t.scenario "bare settings commands set the default" {
  tags = { "at", "settings" },
  cases = {
    { name = "+CMEE", other = 0, default = "+CMEE: 2" }, { name = "+CREG", other = 1, default = "+CREG: 0,1" },
    { name = "+CGREG", other = 1, default = "+CGREG: 0,1" }, { name = "+CEREG", other = 1, default = "+CEREG: 0,1" },
  },
  needs = { "emulator" },
  run = function(dev, _, p)
    local set = p.default:gsub(" %d", " " .. p.other)
    dev:cmd("AT%s=%d", p.name, p.other):ok():lines {}
    dev:cmd("AT%s?", p.name):ok():lines { set }
    dev:cmd("AT%s", p.name):ok():lines {}
    dev:cmd("AT%s?", p.name):ok():lines { p.default }
  end,
}

t.scenario "the number behind ATI does not matter" {
  tags = { "at", "identity" },
  run = function(dev)
    local wanted = dev:cmd("ATI"):ok():lines()
    t.check(#wanted >= 5, "lines of ATI")
    dev:cmd("ATI0"):ok():lines(wanted)
    dev:cmd("ATI1"):ok():lines(wanted)
  end,
}

t.scenario "NETOPEN, IPADDR and NETCLOSE" {
  tags = { "at", "network" },
  needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+IPADDR"):error():lines { "+IP ERROR: Network not opened" }
    dev:cmd("AT+NETOPEN?"):ok():lines { "+NETOPEN: 0" }
    dev:cmd("AT+NETOPEN"):ok()
    dev:expect_urc("+NETOPEN: 0")
    dev:cmd("AT+NETOPEN?"):ok():lines { "+NETOPEN: 1" }
    dev:cmd("AT+NETOPEN"):error():lines { "+IP ERROR: Network is already opened" }
    dev:cmd("AT+IPADDR"):ok():info("%+IPADDR: %d+%.%d+%.%d+%.%d+")
    dev:cmd("AT+NETCLOSE"):ok()
    dev:expect_urc("+NETCLOSE: 0")
    dev:cmd("AT+NETCLOSE"):error():lines { "+NETCLOSE: 2" }
  end,
}
