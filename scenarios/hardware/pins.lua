--- GPIO pins, the USB side, and the detection pin of the card holder (general-commands.md B4.12).
local t = require "modemtest"

local QUIET = { keys = { pdn_event = "" } }
local PINS = "(3,6,40,41,43,44,77)"

--- gpio.in with these pins high.
local function high(...)
  local bits, mask = { [3] = 1, [6] = 2, [40] = 4, [41] = 8, [43] = 16, [44] = 32, [77] = 64 }, 0
  for _, pin in ipairs { ... } do
    mask = mask | bits[pin]
  end
  return { ["gpio.in"] = mask }
end

t.scenario "outputs are driven, inputs are what is applied" {
  tags = { "hardware" }, needs = { "emulator" }, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+CGDRT=?;+CGSETV=?;+CGGETV=?"):ok():lines {
      "+CGDRT: " .. PINS .. ",(0-1)", "+CGSETV: " .. PINS .. ",(0-1)", "+CGGETV: " .. PINS,
    }
    dev:cmd("AT+CGSETV=43,1"):error() -- an input
    dev:cmd("AT+CGDRT=43,1;+CGSETV=43,1;+CGGETV=43;+CGDRT=43"):ok():lines { "+CGGETV: 43,1", "+CGDRT: 43,1" }
    env.sim:set(high(41, 77))
    dev:cmd("AT+CGGETV=41;+CGGETV=77;+CGGETV=6;+CGGETV=43"):ok():lines {
      "+CGGETV: 41,1", "+CGGETV: 77,1", "+CGGETV: 6,0", "+CGGETV: 43,1",
    }
    for _, line in ipairs { "+CGDRT=42,1", "+CGDRT=43,2", "+CGSETV=43", "+CGGETV?" } do
      dev:cmd("AT%s", line):error()
    end
  end,
}

t.scenario "a pin with a function of its own is no GPIO" {
  tags = { "hardware", "durability" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+CGFUNC=?"):ok():lines { "+CGFUNC: " .. PINS .. ",(0-1)" }
    dev:cmd("AT+CGFUNC=40"):ok():lines { "+CGFUNC: 40,1" }
    for _, line in ipairs { "+CGDRT=40,1", "+CGGETV=40", "+CGISR=40,1", "+CGFUNC=43,1" } do
      dev:cmd("AT%s", line):error()
    end
    dev:cmd("AT+CGFUNC=40,0;+CGDRT=40,1;+CGSETV=40,1"):ok()
    env.sim:restart()
    dev:cmd("AT+CGFUNC=40;+CGDRT=40"):ok():lines { "+CGFUNC: 40,0", "+CGDRT: 40,0" }
  end,
}

t.scenario "interrupts" {
  tags = { "hardware" }, needs = { "emulator" }, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+CGISR=?"):ok():lines { "+CGISR: " .. PINS .. ",(0-2),(0-1),(0-256)" }
    dev:cmd("AT+CGISR=41"):ok():lines { "+CGISR: 41,0" }
    dev:cmd("AT+CGISR=41,2,1"):ok()
    dev:cmd("AT+CGISR=41"):ok():lines { "+CGISR: 41,2,1,GPIO_41_ISR!" }
    env.sim:set(high(41))
    dev:expect_urc("GPIO_41_ISR!")
    dev:cmd('AT+CGISR=43,2,0,"DOOR"'):ok()
    env.sim:set(high(41, 43))
    env.sim:set(high(41))
    dev:expect_urc("DOOR")
    dev:cmd("AT+CGISR=41,0;+CGISR=43,0"):ok()
    env.sim:set(high())
    env.sim:set(high(41, 43))
    dev:cmd("AT+CGISR=43"):ok():lines { "+CGISR: 43,0" }
  end,
}

t.scenario "another composition on USB takes a restart" {
  tags = { "hardware", "durability" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+CUSBPIDSWITCH=?"):ok():lines {
      "+CUSBPIDSWITCH: (9000,9001,9002,9003,9004,9005,9006,9007,9011,9016,9018,9019,901A,901B,9020,9021,9022,9023,"
        .. "9024,9025,9026,9027,9028,9029,902A,902B),(0-1),(0-1)",
    }
    dev:cmd("AT+CUSBPIDSWITCH?"):ok():lines { "+CUSBPIDSWITCH: 9001" }
    dev:cmd("AT+CUSBPIDSWITCH=9099,1,1"):error()
    dev:cmd("AT+CUSBPIDSWITCH=9001,1,1"):ok() -- as it is
    dev:cmd("AT+CUSBPIDSWITCH=9011,1,1"):ok()
    dev:expect_urc("PB DONE")
    dev:forget()
    env.sim:restart()
    dev:cmd("AT+CUSBPIDSWITCH?"):ok():lines { "+CUSBPIDSWITCH: 9011" }
  end,
}

t.scenario "the detection pin of the card holder is kept" {
  tags = { "hardware", "durability" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+UIMHOTSWAPON=?;+UIMHOTSWAPON?"):ok():lines { "+UIMHOTSWAPON: (0-1)", "+UIMHOTSWAPON: 0" }
    dev:cmd("AT+UIMHOTSWAPON=1"):ok()
    env.sim:restart()
    dev:cmd("AT+UIMHOTSWAPON?"):ok():lines { "+UIMHOTSWAPON: 1" }
  end,
}
