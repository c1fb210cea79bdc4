--- Supply voltage, temperature, converters and the auxiliary supply (general-commands.md B4.2, B4.12).
local t = require "modemtest"

--- Boot lines that some firmware adds are looked at in scenarios/boot.
local function keys(more)
  local all = { pdn_event = "", ["boot.ready"] = "RDY" }
  for key, value in pairs(more or {}) do
    all[key] = value
  end
  return { keys = all }
end

t.scenario "voltage and temperature are those of the world" {
  tags = { "hardware", "bytes" }, needs = { "emulator" }, sim = keys(),
  run = function(dev, env)
    dev:cmd("AT+CBC"):bytes("\r\n+CBC: 3.991V\r\n\r\nOK\r\n")
    dev:cmd("AT+CPMUTEMP"):bytes("\r\n+CPMUTEMP: 29\r\n\r\nOK\r\n")
    dev:cmd("AT+CBC=?;+CPMUTEMP=?"):ok():lines {}
    env.sim:set { ["battery.mv"] = 3591, temperature = -8 }
    dev:cmd("AT+CBC;+CPMUTEMP"):ok():lines { "+CBC: 3.591V", "+CPMUTEMP: -8" }
  end,
}

t.scenario "converters" {
  tags = { "hardware" }, needs = { "emulator" }, sim = keys { ["adc2.mv"] = 900 },
  run = function(dev, env)
    dev:cmd("AT+CADC=?;+CADC2=?"):ok():lines { "+CADC: (0,2)", "+CADC2: (0,2)" }
    dev:cmd("AT+CADC=2;+CADC2=2"):ok():lines { "+CADC: 1187", "+CADC2: 900" }
    env.sim:set { ["adc1.mv"] = 1800 }
    dev:cmd("AT+CADC=0"):ok():lines { "+CADC: 4095" }
  end,
}

t.scenario "the auxiliary supply" {
  tags = { "hardware" }, needs = { "emulator" }, sim = keys(),
  run = function(dev)
    dev:cmd("AT+CVAUXS=?;+CVAUXS?;+CVAUXV=?;+CVAUXV?"):ok():lines {
      "+CVAUXS: (0,1)", "+CVAUXS: 0", "+CVAUXV: (1700-3050)", "+CVAUXV: 2800",
    }
    dev:cmd("AT+CVAUXV=3050;+CVAUXS=1"):ok()
    dev:cmd("AT+CVAUXV?;+CVAUXS?"):ok():lines { "+CVAUXV: 3050", "+CVAUXS: 1" }
    for _, mv in ipairs { 61, 1650, 2825, 3100 } do
      dev:cmd("AT+CVAUXV=%d", mv):error()
    end
  end,
}

t.scenario "a voltage outside of the limits is told until it is right again" {
  tags = { "hardware", "bytes" }, needs = { "emulator" }, destructive = true, sim = keys(),
  run = function(dev, env)
    dev:cmd("AT+CVALARM=?;+CVALARM?"):ok():lines {
      "+CVALARM: (0,1),(3300-4000),(4001-4300)", "+CVALARM: 0,3300,4300",
    }
    dev:cmd("AT+CVALARM=1,3400,4200"):ok()
    dev:forget()
    env.sim:set { ["battery.mv"] = 3399 }
    dev:expect_bytes("\r\nUNDER-VOLTAGE WARNNING\r\n\r\nUNDER-VOLTAGE WARNNING\r\n")
    env.sim:set { ["battery.mv"] = 3991 }
    dev:forget()
    env.sim:set { ["battery.mv"] = 4201 }
    dev:expect_bytes("\r\nOVER-VOLTAGE WARNNING\r\n")
    dev:cmd("AT+CVALARM=0"):ok()
    dev:forget()
    dev:cmd("AT+CVALARM?"):ok():lines { "+CVALARM: 0,3400,4200" }
  end,
}

t.scenario "under the limit of CPMVT it switches itself off" {
  tags = { "hardware", "power" }, needs = { "emulator" }, destructive = true, sim = keys(),
  run = function(dev, env)
    dev:cmd("AT+CPMVT=?;+CPMVT?"):ok():lines { "+CPMVT: (0,1),(3200-4000),(4001-4300)", "+CPMVT: 0,3200,4300" }
    dev:cmd("AT+CPMVT=1,3400,4300"):ok()
    dev:cmd("AT+CPMVT?"):ok():lines { "+CPMVT: 1,3400,4300" }
    dev:forget()
    env.sim:set { ["battery.mv"] = 3399 }
    dev:expect_bytes("\r\nUNDER-VOLTAGE WARNNING POWER DOWN\r\n")
    dev:send("AT\r")
    dev:quiet(0.2) -- it is off, and what is sent to it is lost
    env.sim:set { ["battery.mv"] = 3991 }
    env.sim:power("key")
    dev:expect("RDY")
    dev:cmd("AT"):raw()
    dev:forget()
  end,
}

t.scenario "a critical temperature is told" {
  tags = { "hardware" }, needs = { "emulator" }, sim = keys(),
  run = function(dev, env)
    dev:cmd("AT+CMTE=?;+CMTE?"):ok():lines { "+CMTE: (0,1)", "+CMTE: 1" }
    for _, step in ipairs { { 81, "1" }, { 86, "2" }, { -30, "-1" }, { -46, "-2" } } do
      env.sim:set { temperature = step[1] }
      dev:expect_urc("+CMTE: " .. step[2])
    end
    dev:cmd("AT+CMTE=0"):ok()
    env.sim:set { temperature = 120 }
    dev:cmd("AT+CPMUTEMP"):ok():lines { "+CPMUTEMP: 120" }
  end,
}
