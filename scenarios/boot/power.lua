--- The pins of the module: PWRKEY, RESET, and a supply that breaks down.
local t = require "modemtest"

local function boots(dev, env)
  for _, line in ipairs { env.key "boot.ready", "+CPIN: READY", "SMS DONE", "PB DONE" } do
    dev:expect(line)
  end
  dev:cmd("ATE0"):ok()
end

t.scenario "a module that AT+CPOF switched off comes back with PWRKEY" {
  tags = { "boot", "power", "control" },
  needs = { "emulator" },
  sim = { keys = { pdn_event = "" } },
  run = function(dev, env)
    env.sim:set { time_percent = 0 }
    dev:cmd("AT+CPOF"):ok()
    env.sim:power("key")
    boots(dev, env)
  end,
}

t.scenario "RESET and a brown-out restart without a word" {
  tags = { "boot", "power", "control" },
  needs = { "emulator" },
  sim = { keys = { pdn_event = "" } },
  matrix = { action = { "reset", "cut" } },
  run = function(dev, env, p)
    dev:cmd("AT+CSQ"):lines { "+CSQ: 16,99" }:ok()
    env.sim:power(p.action)
    boots(dev, env)
  end,
}
