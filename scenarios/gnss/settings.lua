--- Settings of the receiver: what is refused while it runs, what takes a restart, what is kept (B4.9, A9).
local t = require "modemtest"
local receiver = require "lib.receiver"

--- name, test answer, value of a fresh modem, another value, kept over power-off?
local SETTINGS = {
  { "+CGPSNMEA", "(0-262143)", "200191", "31", true },
  { "+CGPSNMEARATE", "(0-1)", "0", "1", true },
  { "+CGNSSMODE", "(0-15),(0-1)", "15,1", "1,0", true },
  { "+CGPSSSL", "(0,1)", "0", "1", true },
  { "+CGPSMD", "(0-1)", "1", "0", true },
  { "+CGPSMSB", "(0-1)", "1", "0", false },
  { "+CGPSHOR", "(0-1800000),(0-1800000)", "50,50", "5,10", false },
  { "+CGPSPMD", "(1-65407)", "65407", "127", true },
  { "+CGPSXE", "(0,1)", "0", "1", true },
  { "+CGPSXDAUTO", "(0,1)", "0", "1", true },
}

t.scenario "settings and where they are kept" {
  tags = { "gnss", "durability" }, needs = { "emulator" }, destructive = true, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    for _, s in ipairs(SETTINGS) do
      dev:cmd("AT%s=?;%s?", s[1], s[1]):ok():lines { s[1] .. ": " .. s[2], s[1] .. ": " .. s[3] }
      dev:cmd("AT%s=%s", s[1], s[4]):ok()
      dev:cmd("AT%s?", s[1]):ok():lines { s[1] .. ": " .. s[4] }
    end
    env.sim:restart { kill = true }
    for _, s in ipairs(SETTINGS) do
      dev:cmd("AT%s?", s[1]):ok():lines { s[1] .. ": " .. (s[5] and s[4] or s[3]) }
    end
  end,
}

t.scenario "some are for a receiver that is off" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=1"):ok()
    for _, line in ipairs { "+CGPSNMEA=31", "+CGPSMD=0", "+CGPSMSB=0" } do
      dev:cmd("AT%s", line):error()
    end
    dev:cmd("AT+CGPSNMEA?;+CGNSSMODE=15,1"):ok():lines { "+CGPSNMEA: 200191" }
  end,
}

t.scenario "CGPSNMEA takes a restart" {
  tags = { "gnss" }, needs = { "emulator" }, destructive = true,
  sim = { keys = receiver.keys { ["gnss.fix"] = "none", ["gnss.satellites"] = 0 } },
  run = function(dev, env)
    receiver.offered(env)
    local function first()
      dev:cmd("AT+CGPS=1;+CGPSINFOCFG=1,3"):ok()
      local line = dev:expect_urc("%$GP.*").line
      dev:cmd("AT+CGPSINFOCFG=0"):ok()
      dev:forget()
      return line
    end
    dev:cmd("AT+CGPSNMEA=2"):ok()
    t.eq(first(), "$GPGGA,,,,,,0,,,,,,,,*66")
    env.sim:restart()
    t.eq(first(), "$GPRMC,,V,,,,,,,,,,N*53")
  end,
}

t.scenario "assistance data need packet data" {
  tags = { "gnss", "network" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSXD=?;+CGPSXD?"):ok():lines { "+CGPSXD: (0-2)", "+CGPSXD: 0" }
    dev:cmd("AT+CGPSXD=0"):ok()
    dev:expect_urc("+CGPSXD: 0")
    env.sim:set { network = "none" }
    dev:cmd("AT+CGPSXD=1"):ok()
    dev:expect_urc("+CGPSXD: 227")
  end,
}

t.scenario "UE-assisted mode gives one fix, from a server" {
  tags = { "gnss", "network" }, needs = { "emulator" }, destructive = true, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSURL=?"):ok():lines {}
    dev:cmd("AT+CGPSURL?"):ok():lines { '+CGPSURL: ""' }
    dev:cmd('AT+CGPSURL="123.123.123.123:8888"'):ok()
    env.sim:restart()
    dev:cmd("AT+CGPSURL?"):ok():lines { '+CGPSURL: "123.123.123.123:8888"' }
    dev:cmd("AT+CGPS=1,3"):ok()
    dev:expect_urc("+CAGPSINFO: 4891070705,283822256,17%.6,%d%d%d%d%d%d%d%d,%d%d%d%d%d%d%.0")
    dev:expect_urc("+CGPS: 0")
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 0,1" }
  end,
}
