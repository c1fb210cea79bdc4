--- ArduPilot's SIM7600 driver: needs echo, and matches across it (general-commands.md C4.2).
-- Its transparent connection is in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local literal = require "lib.literal"

local ok, unit, echoed = answer.ok, answer.unit, answer.echoed

local ATI = ok("Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600G_V2.0.2",
  "IMEI: 860123456789014", "+GCAP: +CGSM")

t.scenario "ArduPilot: ATI and +++ until the IMEI shows, registration, network" {
  tags = { "openings", "ardupilot", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "ATI\r\n", echoed("ATI\r\n", ATI), get = literal.behind("IMEI: ", "\r"), is = "860123456789014" },
      { "+++", "" },
      { "ATI\r\n", echoed("ATI\r\n", ATI), get = literal.find "IMEI: ", is = "IMEI: " },
      { "AT+CREG?\r\n", echoed("AT+CREG?\r\n", ok "+CREG: 0,1"),
        get = literal.find("CREG: 0,1\r\n", "CREG: 0,5\r\n"), is = "CREG: 0,1\r\n" },
      { "AT+NETOPEN\r\n", echoed("AT+NETOPEN\r\n", ok() .. unit "+NETOPEN: 0"),
        get = literal.find "NETOPEN\r\r\nOK\r\n", is = "NETOPEN\r\r\nOK\r\n" },
      { "AT+CRESET\r\n", echoed("AT+CRESET\r\n", ok()) },
    })
    -- With the network open a reset says so first (field-failures.md F13).
    local stream = client.open(dev, env)
    stream:write("", unit "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY" .. answer.BOOT)
    stream:finish()
    stream:exchange { "ATI\r\n", echoed("ATI\r\n", ATI), get = literal.find "IMEI: ", is = "IMEI: " }
  end,
}
