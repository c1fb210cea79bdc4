--- The GNSS session: started, stopped, what it refuses meanwhile, how it begins (general-commands.md B4.9).
local t = require "modemtest"
local receiver = require "lib.receiver"

t.scenario "it is started and stopped; +CGPS: 0 comes when it has stopped" {
  tags = { "gnss", "bytes" }, needs = { "emulator" }, sim = { keys = { pdn_event = "" } },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=?"):bytes("\r\n+CGPS: (0-1),(1-3)\r\n\r\nOK\r\n")
    dev:cmd("AT+CGPS?"):bytes("\r\n+CGPS: 0,1\r\n\r\nOK\r\n")
    dev:cmd("AT+CGPS=0"):error()
    dev:cmd("AT+CGPS=1"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CGPS=1"):error()
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 1,1" }
    dev:cmd("AT+CGPS=0"):bytes("\r\nOK\r\n")
    dev:expect_urc("+CGPS: 0")
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 0,1" }
    dev:cmd("AT+CGPS=1,2"):ok()
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 1,2" }
  end,
}

t.scenario "while it is stopping it cannot be started" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys { ["gnss.stop_ms"] = 60000 } },
  run = function(dev, env)
    receiver.offered(env)
    env.sim:set { time_percent = 1000 }
    dev:cmd("AT+CGPS=1;+CGPS=0"):ok()
    for _, line in ipairs { "+CGPS=1", "+CGPS=0", "+CGPSHOT", "+CGPSCOLD", "+CGPSDEL" } do
      dev:cmd("AT%s", line):error()
    end
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 1,1" }
  end,
}

t.scenario "hot and cold start, and forgetting, are for a receiver that is off" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    for _, name in ipairs { "+CGPSHOT", "+CGPSCOLD", "+CGPSDEL" } do
      dev:cmd("AT%s=?", name):ok():lines {}
      dev:cmd("AT%s", name):ok()
      dev:cmd("AT+CGPS?"):ok():lines { name == "+CGPSDEL" and "+CGPS: 0,1" or "+CGPS: 1,1" }
      if name ~= "+CGPSDEL" then
        dev:cmd("AT%s", name):error()
        dev:cmd("AT+CGPSDEL"):error()
        dev:cmd("AT+CGPS=0"):ok()
        dev:expect_urc("+CGPS: 0")
      end
    end
  end,
}

t.scenario "with CGPSAUTO it starts with the modem" {
  tags = { "gnss", "durability" }, needs = { "emulator" }, destructive = true, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSAUTO=?;+CGPSAUTO?"):ok():lines { "+CGPSAUTO: (0,1)", "+CGPSAUTO: 0" }
    dev:cmd("AT+CGPSAUTO=1"):ok()
    env.sim:restart()
    dev:cmd("AT+CGPSAUTO?;+CGPS?"):ok():lines { "+CGPSAUTO: 1", "+CGPS: 1,1" }
    t.match(dev:cmd("AT+CGPSINFO"):ok():lines()[1], "^%+CGPSINFO: " .. receiver.PLACE)
    dev:cmd("AT+CGPSAUTO=0"):ok()
    env.sim:restart()
    dev:cmd("AT+CGPS?"):ok():lines { "+CGPS: 0,1" }
  end,
}

t.scenario "another family has none of these commands" {
  tags = { "gnss" }, needs = { "emulator", "profile:a76xx" },
  run = function(dev)
    for _, line in ipairs { "+CGPS=1", "+CGPS?", "+CGPS=?", "+CGNSSINFO", "+CGPSINFOCFG=1,31", "+CGPSCOLD" } do
      dev:cmd("AT%s", line):error()
    end
  end,
}
