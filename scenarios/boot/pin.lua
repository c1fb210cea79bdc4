--- PIN and PUK: states, counters, what the card keeps (general-commands.md A22).
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local QUIET = { pdn_event = "" }

local LOCKED = { ["sim.lock"] = "on", pdn_event = "" }

--- The card got ready: URCs of a PIN that was right.
local function gets_ready(dev)
  local ready = dev:expect_urc("+CPIN: READY")
  local sms = dev:expect_urc("SMS DONE", { after = ready })
  dev:expect_urc("PB DONE", { after = sms })
end

t.scenario "the right PIN, quoted or not" {
  tags = { "boot", "sim" }, needs = { "emulator" },
  sim = { keys = LOCKED },
  cases = { { pin = '"1234"' }, { pin = "1234" } },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: SIM PIN" }
    dev:cmd("AT+CIMI"):cme("SIM PIN required")
    dev:cmd("AT+SPIC"):cme("SIM PIN required")
    dev:cmd("AT+CREG?"):ok():lines { "+CREG: 0,0" }
    dev:cmd("AT+CPIN=%s", p.pin):ok()
    gets_ready(dev)
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: READY" }
    dev:cmd("AT+CPIN=%s", p.pin):cme("operation not allowed")
  end,
}

t.scenario "three wrong PINs lead to PUK, over a restart of the modem" {
  tags = { "boot", "sim" }, needs = { "emulator" },
  sim = { keys = LOCKED },
  run = function(dev, env)
    dev:cmd("AT+CMEE=1"):ok()
    dev:cmd('AT+CPIN="0000"'):cme(16)
    dev:cmd('AT+CPIN="0000"'):cme(16)
    env.sim:restart { kill = true } -- the card counts, not the modem
    dev:cmd("AT+CMEE=1"):ok()
    dev:cmd('AT+CPIN="0000"'):cme(16)
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: SIM PUK" }
    dev:cmd("AT+CIMI"):cme(12)
    dev:cmd('AT+CPIN="1234"'):error()
    dev:cmd('AT+CPIN="00000000","4321"'):cme(16)
    dev:cmd('AT+CPIN="12345678","4321"'):ok()
    gets_ready(dev)
    dev:cmd("AT+SPIC"):ok():lines { "+SPIC: 3,10,0,10" }
  end,
}

t.scenario "CLCK switches the question for the PIN on and off, CPWD changes it" {
  tags = { "boot", "sim" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd('AT+CLCK="SC",2'):ok():lines { "+CLCK: 0" }
    dev:cmd('AT+CLCK="SC",1,"1111"'):cme("incorrect password")
    dev:cmd('AT+CLCK="SC",1,"1234"'):ok()
    dev:cmd('AT+CLCK="SC",2'):ok():lines { "+CLCK: 1" }
    dev:cmd('AT+CPWD="SC","1234","98765432"'):ok()
    env.sim:restart()
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: SIM PIN" }
    dev:cmd("AT+CPIN=98765432"):ok()
    gets_ready(dev)
    dev:cmd('AT+CLCK="SC",0,"98765432"'):ok()
    env.sim:restart()
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: READY" }
  end,
}

t.scenario "a PIN is nowhere in the trace" {
  tags = { "boot", "sim" }, needs = { "emulator" },
  sim = { keys = { pdn_event = "", ["sim.lock"] = "on", ["sim.pin"] = "86420" },
    args = function(env) return { "--trace", env.tmp .. "/trace.jsonl" } end },
  run = function(dev, env)
    dev:cmd("AT+CPIN=86420"):ok()
    gets_ready(dev)
    dev:cmd('AT+CPWD="SC","86420","97531"'):ok()
    local trace = assert(io.open(env.tmp .. "/trace.jsonl")):read("a")
    t.match(trace, "CPWD")
    t.check(not trace:find("86420", 1, true) and not trace:find("97531", 1, true), "a PIN is in the trace")
  end,
}
