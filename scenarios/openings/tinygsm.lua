--- TinyGSM on a SIM7600: init(), network and packet data (general-commands.md C1.2, C1.3).
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local tinygsm = require "lib.tinygsm"

local ok, refused, unit, echoed = answer.ok, answer.refused, answer.unit, answer.echoed

local USUAL = { get = tinygsm.final(1), is = 1 }

local INIT = {
  { "AT\r\n", echoed("AT\r\n", ok()) },
  { "ATE0\r\n", echoed("ATE0\r\n", ok()) },
  { "AT+CMEE=0\r\n", ok() },
  { "AT+CTZR=0\r\n", ok() },
  { "AT+CTZU=1\r\n", ok() },
  { "AT+CPIN?\r\n", ok "+CPIN: READY", get = tinygsm.sim_status, is = "ready" },
}

local function after_init(steps)
  return table.move(steps, 1, #steps, #INIT + 1, table.move(INIT, 1, #INIT, 1, {}))
end

t.scenario "TinyGSM: init(), then what it asks about the modem and the network" {
  tags = { "openings", "tinygsm", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, after_init {
      { "AT+CGREG?\r\n", ok "+CGREG: 0,1", get = tinygsm.registration, is = 1 },
      { "AT+CSQ\r\n", ok "+CSQ: 16,99", get = tinygsm.signal, is = 16 },
      { "AT+COPS?\r\n", ok '+COPS: 0,0,"Test PLMN",7', get = tinygsm.operator, is = "Test PLMN" },
      { "AT+CSPN?\r\n", ok '+CSPN: "Test PLMN",0', get = tinygsm.provider, is = "Test PLMN" },
      { "AT+CICCID\r\n", ok "+ICCID: 89882110000000000127", get = tinygsm.ccid, is = "89882110000000000127" },
      { "AT+GSN\r\n", ok "860123456789014", get = tinygsm.second_line, is = "860123456789014" },
      { "AT+CIMI\r\n", ok "001010123456789", get = tinygsm.second_line, is = "001010123456789" },
      { "AT+CNSMOD?\r\n", ok "+CNSMOD: 0,8", get = tinygsm.system_mode, is = 8 },
      { "AT+CPSI?\r\n", ok "+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-1093,-810,15" },
    }, USUAL)
  end,
}

t.scenario "TinyGSM: init() of a debug build" {
  tags = { "openings", "tinygsm", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "AT\r\n", echoed("AT\r\n", ok()) },
      { "ATE0\r\n", echoed("ATE0\r\n", ok()) },
      { "AT+CMEE=2\r\n", ok() },
      { "AT+CGMI\r\n", ok "SIMCOM INCORPORATED", get = tinygsm.name, is = "SIMCOM INCORPORATED" },
      { "AT+CGMM\r\n", ok "SIMCOM_SIM7600G-H", get = tinygsm.name, is = "SIMCOM_SIM7600G-H" },
      { "AT+CTZR=0\r\n", ok() },
      { "AT+CTZU=1\r\n", ok() },
      { "AT+CPIN?\r\n", ok "+CPIN: READY", get = tinygsm.sim_status, is = "ready" },
    }, USUAL)
  end,
}

-- gprsConnect(), with EnviroDIY's CIPRXGET.
t.scenario "TinyGSM: packet data is opened, asked for, and closed" {
  tags = { "openings", "tinygsm", "bytes" }, needs = { "emulator" }, echo = true,
  cases = client.cases {
    { "without a user" },
    { "with a user", { 'AT+CGAUTH=1,0,"secret","user"\r\n', ok() } },
  },
  run = function(dev, env, p)
    local before, behind = tinygsm.wait(60, "\r\n+NETCLOSE: 0"), tinygsm.wait(75, "\r\n+NETOPEN: 0")
    local steps = after_init {
      { "AT+NETCLOSE\r\n", refused "+NETCLOSE: 2", get = before, is = 2 },
    }
    table.move(p.steps, 1, #p.steps, #steps + 1, steps)
    local rest = {
      { 'AT+CGDCONT=1,"IP","internet","0.0.0.0",0,0\r\n', ok() },
      { "AT+CIPMODE=0\r\n", ok() }, { "AT+CIPSENDMODE=0\r\n", ok() },
      { "AT+CIPCCFG=10,0,0,0,1,0,75000\r\n", ok() }, { "AT+CIPTIMEOUT=75000,15000,15000\r\n", ok() },
      { "AT+CIPRXGET=1\r\n", ok() },
      { "AT+NETOPEN\r\n", ok() .. unit "+NETOPEN: 0", get = behind, is = 1 },
      { "AT+NETOPEN?\r\n", ok "+NETOPEN: 1", get = tinygsm.wait(1, "\r\n+NETOPEN: 1"), is = 1 },
      { "AT+IPADDR\r\n", ok "+IPADDR: 10.4.20.106", get = tinygsm.final(1), is = 1 },
      { "AT+IPADDR\r\n", ok "+IPADDR: 10.4.20.106", get = tinygsm.ip, is = "10.4.20.106" },
      { "AT+NETCLOSE\r\n", ok() .. unit "+NETCLOSE: 0", get = before, is = 1 },
      { "AT+NETOPEN?\r\n", ok "+NETOPEN: 0", get = tinygsm.final(1), is = 1 },
      { "AT+IPADDR\r\n", refused "+IP ERROR: Network not opened", is = 2 },
    }
    client.play(dev, env, table.move(rest, 1, #rest, #steps + 1, steps), USUAL)
  end,
}
