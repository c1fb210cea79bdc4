--- TinyGSM and a modem that starts, restarts, sleeps, or asks for its PIN (general-commands.md C1.2, A19 to A22).
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local tinygsm = require "lib.tinygsm"

local ok, refused, echoed = answer.ok, answer.refused, answer.echoed

local USUAL = { get = tinygsm.final(1), is = 1 }
local ECHO_OFF = {
  { "AT\r\n", echoed("AT\r\n", ok()) }, { "ATE0\r\n", echoed("ATE0\r\n", ok()) }, { "AT+CMEE=0\r\n", ok() },
}

--- begin() up to the SIM: testAT() until the modem hears it, then the settings.
local function begin(stream)
  local give_up = stream:deadline(10)
  while not stream:ask { "AT\r\n", get = tinygsm.alive } do
    t.check(t.now() < give_up, "the modem does not answer AT")
  end
  for _, line in ipairs { "ATE0\r\n", "AT+CMEE=0\r\n", "AT+CTZR=0\r\n", "AT+CTZU=1\r\n" } do
    t.eq(stream:ask { line, get = tinygsm.final(10) }, 1, line)
  end
end

--- getSimStatus(): again a second later, or as soon as the modem says something.
local function sim_status(stream)
  local give_up = stream:deadline(10)
  repeat
    local status = stream:ask { "AT+CPIN?\r\n", get = tinygsm.sim_status }
    if status ~= "retry" then
      return status
    end
    stream:byte(stream:pause(1))
  until t.now() > give_up
  return "error"
end

--- waitForNetwork()
local function network(stream)
  local give_up = stream:deadline(60)
  repeat
    local stat = stream:ask { "AT+CGREG?\r\n", get = tinygsm.registration }
    if stat == 1 or stat == 5 then
      return stat
    end
  until t.now() > give_up
  return false
end

t.scenario "TinyGSM: from power-on to the network" {
  tags = { "openings", "tinygsm", "boot" }, needs = { "emulator" }, echo = true, sim = { args = { "--boot" } },
  run = function(dev, env)
    local stream = client.open(dev, env)
    begin(stream)
    t.eq(sim_status(stream), "ready", "SIM")
    t.eq(network(stream), 1, "registration")
    stream:drain()
    if not stream.all:find("PB DONE", 1, true) then
      stream:await("\r\nPB DONE\r\n")
    end
  end,
}

t.scenario "TinyGSM: a SIM that is busy for a while is asked again" {
  tags = { "openings", "tinygsm", "boot" }, needs = { "emulator" }, echo = true,
  sim = { args = { "--boot" }, keys = { ["sim.fault"] = "busy" } },
  run = function(dev, env)
    local stream = client.open(dev, env)
    begin(stream)
    -- With CMEE=0, since "+CME ERROR: SIM busy" would not end TinyGSM's wait.
    t.eq(stream:ask { "AT+CPIN?\r\n", get = tinygsm.sim_status }, "retry")
    t.match(stream.got, "\r\nERROR\r\n$")
    env.sim:set { ["sim.fault"] = "none" }
    t.eq(sim_status(stream), "ready", "SIM")
    t.eq(network(stream), 1, "registration")
    stream:drain()
    if not stream.all:find("PB DONE", 1, true) then
      stream:await("\r\nPB DONE\r\n")
    end
  end,
}

t.scenario "TinyGSM: a locked SIM is unlocked" {
  tags = { "openings", "tinygsm", "bytes", "pin" }, needs = { "emulator" }, echo = true,
  sim = { keys = { ["sim.lock"] = "on" } },
  run = function(dev, env)
    client.play(dev, env, ECHO_OFF, USUAL)
    local stream = client.play(dev, env, {
      { "AT+CPIN?\r\n", ok "+CPIN: SIM PIN", get = tinygsm.sim_status, is = "locked" },
      { 'AT+CPIN="1234"\r\n', ok() .. answer.UNLOCKED },
      { "AT+CPIN?\r\n", ok "+CPIN: READY", get = tinygsm.sim_status, is = "ready" },
    }, USUAL)
    t.eq(network(stream), 1, "registration")
  end,
}

t.scenario "TinyGSM: restart() with a locked SIM, from its first AT" {
  tags = { "openings", "tinygsm", "bytes", "pin" }, needs = { "emulator" }, echo = true,
  sim = { keys = { ["sim.lock"] = "on" } },
  run = function(dev, env)
    client.play(dev, env, ECHO_OFF, USUAL)
    client.play(dev, env, {
      { 'AT+CPIN="1234"\r\n', ok() .. answer.UNLOCKED },
      { "AT+CRESET\r\n", ok() .. answer.BOOT_LOCKED },
      { "AT\r\n", echoed("AT\r\n", ok()) },
      { "AT+CPIN?\r\n", echoed("AT+CPIN?\r\n", ok "+CPIN: SIM PIN"), get = tinygsm.sim_status, is = "locked" },
    }, USUAL)
  end,
}

t.scenario "TinyGSM: restart()" {
  tags = { "openings", "tinygsm", "bytes", "boot" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, ECHO_OFF, USUAL)
    client.play(dev, env, { { "AT+CRESET\r\n", ok() .. answer.BOOT } }, USUAL)
    local stream = client.play(dev, env, ECHO_OFF, USUAL)
    t.eq(sim_status(stream), "ready", "SIM")
    t.eq(network(stream), 1, "registration")
  end,
}

t.scenario "TinyGSM: radioOff(), sleepEnable(), poweroff()" {
  tags = { "openings", "tinygsm", "bytes" }, needs = { "emulator" }, echo = true,
  sim = { keys = { time_percent = "0" } },
  run = function(dev, env)
    client.play(dev, env, ECHO_OFF, USUAL)
    client.play(dev, env, {
      { "AT+CFUN=4\r\n", ok() },
      { "AT+CGREG?\r\n", ok "+CGREG: 0,0", get = tinygsm.registration, is = 0 },
      { "AT+CSQ\r\n", ok "+CSQ: 99,99", get = tinygsm.signal, is = 99 },
      { "AT+CPIN?\r\n", ok "+CPIN: READY", get = tinygsm.sim_status, is = "ready" },
      { "AT+CSCLK=1\r\n", ok() },
      { "AT+CSCLK=0\r\n", ok() },
      { "AT+CSCLK=2\r\n", refused(), is = 2 },
      { "AT+CPOF\r\n", ok() },
    }, USUAL)
    dev:send("AT\r\n")
    dev:quiet(0.2)
  end,
}

t.scenario "power-on says RDY, the state of the SIM, SMS DONE and PB DONE, byte for byte" {
  tags = { "openings", "boot", "bytes" }, needs = { "emulator" }, echo = true, sim = { args = { "--boot" } },
  run = function(dev, env)
    local stream = client.open(dev, env)
    stream:write("", answer.BOOT)
    stream:finish()
    stream:exchange { "AT\r", echoed("AT\r", ok()) }
  end,
}
