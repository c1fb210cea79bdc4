--- esp_modem of esp-protocols on its SIM7600 device (general-commands.md C2).
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local esp = require "lib.esp_modem"

local ok, refused, unit, echoed, like = answer.ok, answer.refused, answer.unit, answer.echoed, answer.like

local USUAL = { get = esp.command(1), is = "ok" }
local ECHO_OFF = { "ATE0\r", echoed("ATE0\r", ok()) }

t.scenario "esp_modem: the mode of a modem that takes commands is detected" {
  tags = { "openings", "esp_modem", "bytes" }, needs = { "emulator" }, echo = true,
  cases = {
    { name = "with echo", before = "", first = "AT\r" }, { name = "without echo", before = "ATE0\r", first = "" },
  },
  run = function(dev, env, p)
    local stream = client.open(dev, env)
    if p.before ~= "" then
      stream:exchange { p.before, echoed(p.before, ok()) }
    end
    t.eq(esp.detect(stream), "command")
    t.check(#stream.got <= 16, "OK within 16 bytes")
    stream:await("OK\r\n")
    t.eq(stream.got, p.first .. ok(), "the answer to AT with a NUL")
    -- Another part of its detection, which a modem in command mode takes for noise.
    stream:exchange { esp.SABM .. "AT\r", p.first .. ok(), get = USUAL.get, is = "ok" }
  end,
}

t.scenario "esp_modem: the PPP example up to the call" {
  tags = { "openings", "esp_modem", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "AT+IFC=2,2\r", echoed("AT+IFC=2,2\r", ok()) },
      { "AT+CPIN?\r", echoed("AT+CPIN?\r", ok "+CPIN: READY"), get = esp.pin_ready, is = true },
      { "AT+CSQ\r", echoed("AT+CSQ\r", ok "+CSQ: 16,99"), get = esp.signal, is = { 16, 99 } },
      ECHO_OFF,
      { "AT+CSQ\r", ok "+CSQ: 16,99", get = esp.signal, is = { 16, 99 } },
      { 'AT+CGDCONT=1,"IP","internet"\r', ok() },
      { "AT+CIMI\r", ok "001010123456789", get = esp.string, is = "001010123456789" },
    }, USUAL)
  end,
}

-- In command mode the three pluses are noise, and so is the LF that esp_modem writes behind them.
t.scenario "esp_modem: leaving a data mode that never was" {
  tags = { "openings", "esp_modem", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      ECHO_OFF, { "+++\nAT\r", ok() }, { "+++", "" }, { "\n", "" }, { "AT\r", ok() },
    })
  end,
}

t.scenario "esp_modem: a locked SIM, its PIN without quotes" {
  tags = { "openings", "esp_modem", "bytes", "pin" }, needs = { "emulator" }, echo = true,
  sim = { keys = { ["sim.lock"] = "on" } },
  run = function(dev, env)
    client.play(dev, env, {
      { "AT+CPIN?\r", echoed("AT+CPIN?\r", ok "+CPIN: SIM PIN"), get = esp.pin_ready, is = false },
      { "AT+CPIN=1234\r", echoed("AT+CPIN=1234\r", ok()) .. answer.UNLOCKED },
      { "AT+CPIN?\r", echoed("AT+CPIN?\r", ok "+CPIN: READY"), get = esp.pin_ready, is = true },
    }, USUAL)
  end,
}

t.scenario "esp_modem: its commands" {
  tags = { "openings", "esp_modem", "bytes" }, needs = { "emulator" }, echo = true,
  sim = { keys = { time_percent = "0" } },
  cases = client.cases {
    { "identity",
      { "AT+CGSN\r", ok "860123456789014", get = esp.string, is = "860123456789014" },
      { "AT+CIMI\r", ok "001010123456789", get = esp.string, is = "001010123456789" },
      { "AT+CGMM\r", ok "SIMCOM_SIM7600G-H", get = esp.string, is = "SIMCOM_SIM7600G-H" } },
    { "network",
      { "AT+COPS?\r", ok '+COPS: 0,0,"Test PLMN",7', get = esp.operator, is = { "Test PLMN", 7 } },
      { "AT+CREG?\r", ok "+CREG: 0,1", get = esp.registration, is = 1 },
      { "AT+CGATT?\r", ok "+CGATT: 1", get = esp.attached, is = 1 },
      { "AT+CNSMOD?\r", ok "+CNSMOD: 0,8", get = esp.system_mode, is = 8 } },
    { "battery",
      { "AT+CBC\r", ok "+CBC: 3.991V", get = esp.battery, is = 3991 } },
    { "bands",
      { "AT+CNBP=0x0002000004FF0387\r", ok() } },
    { "functionality",
      { "AT+CFUN=4\r", ok() },
      { "AT+CREG?\r", ok "+CREG: 0,0", get = esp.registration, is = 0 },
      { "AT+CFUN=1\r", ok() } },
    { "settings",
      { "AT+CSCLK=0\r", ok() },
      { "AT+IPR=115200\r", ok() },
      { "AT&W\r", ok() },
      { "ATH\r", ok() } },
    { "GNSS",
      { "AT+CGPS=1\r", ok() },
      { "AT+CGPS=0\r", ok() .. unit "+CGPS: 0" } },
    -- The separator it waits for is the space behind the prompt.
    { "a message",
      { "AT+CMGF=1\r", ok() },
      { 'AT+CSCS="GSM"\r', ok() },
      { 'AT+CMGS="+491700000000"\r', "\r\n> ", get = esp.command(5, ">", " "), is = "ok" },
      { "hello\26", like "\r\n%+CMGS: %d+\r\n\r\nOK\r\n", get = esp.command(120), is = "ok" } },
    { "reset, until PB DONE",
      { "AT+CRESET\r", ok() .. answer.BOOT, get = esp.command(60, "PB DONE"), is = "ok" },
      { "AT\r", echoed("AT\r", ok()) } },
    { "an unknown command fails at once",
      { "AT+CPOWD=1\r", refused(), get = esp.command(1), is = "fail" } },
    { "power off",
      { "AT+CPOF\r", ok() },
      { "AT\r", "" } },
  },
  run = function(dev, env, p)
    client.play(dev, env, { ECHO_OFF }, USUAL)
    local steps = p.steps
    client.play(dev, env, steps, USUAL)
    if steps[#steps][2] == "" then
      dev:quiet(0.2)
    end
  end,
}
