--- Where the modem is: fields and formats, the sky that changes, a track (general-commands.md B4.9).
local t = require "modemtest"
local receiver = require "lib.receiver"

t.scenario "no fix is empty fields, also while the receiver is off" {
  tags = { "gnss", "bytes" }, needs = { "emulator" }, sim = { keys = receiver.keys { ["gnss.fix"] = "none" } },
  run = function(dev, env)
    receiver.offered(env)
    local function no_fix()
      dev:cmd("AT+CGPSINFO"):bytes("\r\n" .. receiver.NO_FIX .. "\r\n\r\nOK\r\n")
      dev:cmd("AT+CGNSSINFO"):bytes("\r\n" .. receiver.NO_LONG_FIX .. "\r\n\r\nOK\r\n")
    end
    no_fix()
    dev:cmd("AT+CGPS=1"):ok()
    no_fix()
  end,
}

t.scenario "the fields of a fix are those of the captures" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=1,1"):ok()
    local before = os.date("!%d%m%y")
    local date = t.match(dev:cmd("AT+CGPSINFO"):ok():lines()[1],
      "^%+CGPSINFO: " .. receiver.PLACE .. "," .. receiver.WHEN .. ",17%.6,0%.0,$")
    t.check(date == before or date == os.date("!%d%m%y"), "not today: " .. date)
    t.match(dev:cmd("AT+CGNSSINFO"):ok():lines()[1],
      "^%+CGNSSINFO: 3,06,03,00," .. receiver.PLACE .. ",%d%d%d%d%d%d,%d%d%d%d%d%d%.0,17%.6,0%.0,,1%.2,0%.9,0%.9$")
    env.sim:set {
      ["gnss.lat"] = "-34.44488365", ["gnss.lon"] = "-150.85307885", ["gnss.alt"] = "-3.25", ["gnss.speed"] = "46.5",
      ["gnss.course"] = "255", ["gnss.fix"] = "2d", ["gnss.satellites"] = 8,
    }
    t.match(dev:cmd("AT+CGNSSINFO"):ok():lines()[1],
      "^%+CGNSSINFO: 2,06,02,00,3426%.693019,S,15051%.184731,W,%d+,%d+%.0,%-3%.3,46%.5,255%.0,1%.2,0%.9,0%.9$")
  end,
}

t.scenario "a fix is lost with the sky and comes back with it" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    local function fixed()
      return dev:cmd("AT+CGPSINFO"):ok():lines()[1] ~= receiver.NO_FIX
    end
    dev:cmd("AT+CGPS=1"):ok()
    t.eq(fixed(), true)
    for _, loss in ipairs { { ["gnss.fix"] = "none" }, { ["gnss.satellites"] = 2 } } do
      env.sim:set(loss)
      t.eq(fixed(), false)
      env.sim:set { ["gnss.fix"] = "3d", ["gnss.satellites"] = 9 }
      t.eq(fixed(), true)
    end
    dev:cmd("AT+CGPS=0"):ok()
    dev:expect_urc("+CGPS: 0")
    t.eq(fixed(), false)
  end,
}

t.scenario "the first fix takes its time" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys { ["gnss.cold_ms"] = 30000 } },
  run = function(dev, env)
    receiver.offered(env)
    -- The report in a second lies behind the fix, which takes 300 ms: a hundredth of real time.
    dev:cmd("AT+CGPS=1;+CGPSINFO=1;+CGPSINFO"):ok():lines { receiver.NO_FIX }
    dev:expect_urc("+CGPSINFO: " .. receiver.PLACE .. ".*")
    dev:cmd("AT+CGPSINFO=0"):ok()
    dev:forget()
  end,
}

t.scenario "a fix does not set the clock" {
  tags = { "gnss", "clock" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=1"):ok()
    t.match(dev:cmd("AT+CGPSINFO"):ok():lines()[1], receiver.PLACE)
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '^%+CCLK: "80/01/06,')
  end,
}

t.scenario "a track says where it is; what a point does not say the keys do" {
  tags = { "gnss" }, needs = { "emulator" },
  sim = {
    keys = receiver.keys { ["gnss.alt"] = "77" },
    args = function(env)
      return { "--gnss-track", env.file("track", "# it stands\n0,-33.5,151.25,,3.5,90\n1000000,-33.5,151.25\n") }
    end,
  },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=1"):ok()
    t.match(dev:cmd("AT+CGPSINFO"):ok():lines()[1],
      "^%+CGPSINFO: 3330%.000000,S,15115%.000000,E," .. receiver.WHEN .. ",77%.0,3%.5,90%.0$")
  end,
}
