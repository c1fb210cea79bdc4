--- Zephyr's modem_cellular with its SIM7080 profile on a SIM7600 (general-commands.md C4.6). Multiplexer and
-- call are in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local lines = require "lib.lines"

local ok, echoed = answer.ok, answer.echoed

local USUAL = { get = lines.zephyr "OK", is = "OK" }

t.scenario "Zephyr: the init script, and registration after it" {
  tags = { "openings", "zephyr", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    local at = echoed("AT\r", ok())
    client.play(dev, env, { { ("AT\r"):rep(4), at:rep(4) } })
    local stream = client.play(dev, env, {
      { "ATE0\r", echoed("ATE0\r", ok()) },
      { "AT+CFUN=4\r", ok() },
      { "AT+CMEE=1\r", ok() },
      { "AT+CREG=1\r", ok() },
      { "AT+CGREG=1\r", ok() },
      { "AT+CEREG=1\r", ok() },
      { "AT+CREG?\r", ok "+CREG: 1,0", get = lines.zephyr_registration "CREG", is = "0" },
      { "AT+CEREG?\r", ok "+CEREG: 1,0", get = lines.zephyr_registration "CEREG", is = "0" },
      { "AT+CGREG?\r", ok "+CGREG: 1,0", get = lines.zephyr_registration "CGREG", is = "0" },
      { "AT+CGSN\r", ok "860123456789014", get = lines.zephyr("OK", true), is = "860123456789014" },
      { "AT+CGMM\r", ok "SIMCOM_SIM7600G-H", get = lines.zephyr("OK", true), is = "SIMCOM_SIM7600G-H" },
      { "AT+CGACT=0,1\r", ok() },
      { 'AT+CGDCONT=1,"IP","internet"\r', ok() },
    }, USUAL)
    t.eq(stream:ask { "AT+CFUN=1\r", get = lines.zephyr "OK" }, "OK")
    for _, line in ipairs { "+CREG: 1\r\n", "+CGREG: 1\r\n", "+CEREG: 1\r\n" } do
      stream:await(line)
    end
    stream:drain()
  end,
}
