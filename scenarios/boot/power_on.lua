--- Power-on: what a modem says until it is ready, and what it answers meanwhile (general-commands.md A19).
local t = require "modemtest"

--- Bytes of the banner of this firmware.
local function banner(env, lines)
  local parts = { "\r\n" .. env.key "boot.ready" .. "\r\n" }
  for _, line in ipairs(lines) do
    parts[#parts + 1] = "\r\n" .. line .. "\r\n"
  end
  return table.concat(parts)
end

local CARDS = {
  { "ready", {}, { "+CPIN: READY", "SMS DONE", "PB DONE" } },
  { "with a PIN", { ["sim.lock"] = "on" }, { "+CPIN: SIM PIN" } },
  { "absent", { ["sim.card"] = "absent" }, {} },
  { "never ready", { ["sim.fault"] = "busy" }, {} },
  { "broken", { ["sim.fault"] = "failure" }, {} },
}

for _, card in ipairs(CARDS) do
  local name, keys, lines = table.unpack(card)
  keys["network"] = "none" -- the bearer, which some firmware reports by itself, is another matter
  t.scenario("the banner, byte for byte: card " .. name) {
    tags = { "boot", "bytes" }, needs = { "emulator" }, echo = true,
    sim = { args = { "--boot" }, keys = keys },
    run = function(dev, env)
      dev:expect_bytes(banner(env, lines))
      dev:cmd("AT"):bytes("AT\r\r\nOK\r\n")
    end,
  }
end

t.scenario "nothing is heard before the first line, and SIM busy until the card is ready" {
  tags = { "boot" }, needs = { "emulator" }, echo = true,
  -- a card that takes its time; until then the modem answers everything else
  sim = { args = { "--boot" }, keys = { pdn_event = "", ["sim.fault"] = "busy", time_percent = 0 } },
  run = function(dev, env)
    dev:expect_urc(env.key "boot.ready")
    dev:cmd("ATE0"):ok()
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CPIN?"):cme("SIM busy")
    dev:cmd("AT+CIMI"):cme("SIM busy")
    dev:cmd("AT+CREG?"):ok():lines { "+CREG: 0,0" }
    dev:cmd("AT+CGMM"):ok():lines { env.key "model" }
    env.sim:set { ["sim.fault"] = "none" }
    local ready = dev:expect_urc("+CPIN: READY")
    local sms = dev:expect_urc("SMS DONE", { after = ready })
    dev:expect_urc("PB DONE", { after = sms })
    dev:cmd("AT+CPIN?"):ok():lines { "+CPIN: READY" }
  end,
}

t.scenario "a modem without a card: what needs one says so, the rest works" {
  tags = { "boot", "sim" }, needs = { "emulator" },
  sim = { keys = { pdn_event = "", ["sim.card"] = "absent" } },
  run = function(dev)
    dev:cmd("AT+CMEE=2"):ok()
    for _, line in ipairs { "AT+CPIN?", "AT+CIMI", "AT+CICCID", "AT+CSPN?", 'AT+CLCK="SC",2', "AT+CNUM" } do
      dev:cmd(line):cme("SIM not inserted")
    end
    dev:cmd("AT+CMEE=1"):ok()
    dev:cmd("AT+CPIN?"):cme(10)
    dev:cmd("AT+CMEE=0"):ok()
    dev:cmd("AT+CPIN?"):error()
    dev:cmd("AT+CREG?;+CGREG?;+CGATT?"):ok():lines { "+CREG: 0,0", "+CGREG: 0,0", "+CGATT: 0" }
    dev:cmd("AT+NETOPEN"):error()
  end,
}

t.scenario "a card that is pushed in and pulled out" {
  tags = { "boot", "sim" }, needs = { "emulator" },
  sim = { keys = { pdn_event = "", ["sim.card"] = "absent" } },
  run = function(dev, env)
    dev:cmd("AT+CREG=1"):ok()
    env.sim:set { ["sim.card"] = "present" }
    dev:expect_urc("+CPIN: READY")
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    dev:expect_urc("SMS DONE")
    dev:expect_urc("PB DONE")
    env.sim:set { ["sim.card"] = "absent" }
    local gone = dev:expect_urc("+SIMCARD: NOT AVAILABLE")
    dev:expect_urc("+CREG: 0", { after = gone })
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+CPIN?"):cme("SIM not inserted")
  end,
}
