--- A modem on USB (usb = on): its port goes at a reset and at power-off, and a new one comes.
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local USB, NO_USB = { usb = "on", pdn_event = "" }, { pdn_event = "" }

--- The lines of power-on; echo is off again afterwards.
local function says_ready(dev, env)
  for _, line in ipairs { env.key "boot.ready", "+CPIN: READY", "SMS DONE", "PB DONE" } do
    dev:expect(line)
  end
  dev:cmd("ATE0"):ok()
end

local function boots(dev, env)
  dev:wait_gone()
  dev:reopen()
  says_ready(dev, env)
end

t.scenario "the port goes behind the answer and comes back" {
  tags = { "boot", "power", "usb" },
  needs = { "emulator" },
  matrix = { reset = { "AT+CRESET", "AT+CFUN=1,1", "AT+CFUN=6" } },
  sim = { keys = USB },
  run = function(dev, env, p)
    for _ = 1, 5 do
      dev:cmd(p.reset):ok()
      boots(dev, env)
    end
  end,
}

t.scenario "the port stays away while the module is off" {
  tags = { "boot", "power", "usb" },
  needs = { "emulator" },
  matrix = { usb_at_power_on = { "on", "off" } },
  sim = { keys = USB },
  run = function(dev, env, p)
    dev:cmd("AT+CPOF"):ok()
    dev:wait_gone()
    local ok, problem = pcall(dev.reopen, dev, { within = 0.2 })
    t.check(not ok, "the port is there although the module is off")
    t.match(tostring(problem), "ENOENT")
    env.sim:set { usb = p.usb_at_power_on }
    env.sim:power("key")
    dev:reopen()
    says_ready(dev, env)
  end,
}

t.scenario "pins take the port away, too" {
  tags = { "boot", "power", "usb" },
  needs = { "emulator" },
  matrix = { action = { "reset", "cut" } },
  sim = { keys = USB },
  run = function(dev, env, p)
    env.sim:power(p.action)
    boots(dev, env)
  end,
}

t.scenario "without usb the port stays open over a reset" {
  tags = { "boot", "power", "usb" },
  needs = { "emulator" },
  sim = { keys = NO_USB },
  run = function(dev, env)
    dev:cmd("AT+CRESET"):ok()
    says_ready(dev, env)
  end,
}
