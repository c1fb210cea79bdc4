--- pppd with a chat script: fixed text, ABORT strings (general-commands.md C4.5). The call itself is in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local literal = require "lib.literal"

local ok, unit, echoed = answer.ok, answer.unit, answer.echoed

local CHAIN = "ATI;+CSUB;+CSQ;+CPIN?;+COPS?;+CGREG?;&D2\r"
local CHAINED = unit("Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600G_V2.0.2",
  "IMEI: 860123456789014", "+GCAP: +CGSM")
  .. unit "+CSUB: B04V03" .. unit "+CSQ: 16,99" .. unit "+CPIN: READY" .. unit '+COPS: 0,0,"Test PLMN",7'
  .. ok "+CGREG: 0,1"

local OK = { get = literal.find("OK", "ERROR", "BUSY", "NO CARRIER", "NO DIALTONE"), is = "OK" }

t.scenario "pppd: the chat script up to the call, and the one that hangs up" {
  tags = { "openings", "pppd", "bytes" }, needs = { "emulator" }, echo = true,
  cases = { { name = "ATE0", off = true }, { name = "ATE1", off = false } },
  run = function(dev, env, p)
    local function answered(write, bytes)
      return p.off and bytes or echoed(write, bytes)
    end
    local first = p.off and "ATE0\r" or "ATE1\r"
    client.play(dev, env, {
      { "AT\r", echoed("AT\r", ok()) },
      { first, echoed(first, ok()) },
      { CHAIN, answered(CHAIN, CHAINED) },
      { 'AT+CGDCONT=1,"IP","internet",,0,0\r', answered('AT+CGDCONT=1,"IP","internet",,0,0\r', ok()) },
      { "+++", "" }, { "+++", "" }, { "+++", "" },
      { "ATH\r", answered("ATH\r", ok()) },
    }, OK)
  end,
}
