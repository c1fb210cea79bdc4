--- ModemManager with its simtech plugin: probing, initialisation and enabling (general-commands.md C3.3, C3.4).
-- On a tty it ends its lines with CR.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local mm = require "lib.modemmanager"

local ok, refused, unit, echoed = answer.ok, answer.refused, answer.unit, answer.echoed
local like, either = answer.like, answer.either

local USUAL = { get = mm.final(), is = "ok" }
local REFUSED = mm.final()

--- What the specification does not fix: information or not, and then one of these results.
local ANY = like ".*\r\n[^\r\n]+\r\n"
local ANY_ERROR = like "\r\n[^\r\n]*ERROR[^\r\n]*\r\n"

--- Without a value to compare: whatever the answer is, it must end in a way ModemManager understands.
local function ended(stream)
  return mm.final()(stream) ~= "timeout"
end

local SETTINGS = {
  { "ATE0\r", echoed("ATE0\r", ok()) }, { "ATV1\r", ok() }, { "AT+CMEE=1\r", ok() }, { "ATX4\r", ok() },
  { "AT&C1\r", ok() },
}
local QUIET = { SETTINGS[1] }

local CONTEXTS = ok('+CGDCONT: (1-24,100-179),"IP",,,(0-2),(0-4),(0-1),(0-1)',
  '+CGDCONT: (1-24,100-179),"PPP",,,(0-2),(0-4),(0-1),(0-1)',
  '+CGDCONT: (1-24,100-179),"IPV6",,,(0-2),(0-4),(0-1),(0-1)',
  '+CGDCONT: (1-24,100-179),"IPV4V6",,,(0-2),(0-4),(0-1),(0-1)')
local CONTEXT_TYPES = { "1-24 IP", "1-24 PPP", "1-24 IPV6", "1-24 IPV4V6" }

local FACILITIES = '+CLCK: ("PF","SC","AO","OI","OX","AI","IR","AB","AG","AC","FD","PN","PU","PP","PC")'
local WS46 = either(ok "+WS46: (12,22,25,28,29,30,31)", refused())
local ATI = ok("Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600G_V2.0.2",
  "IMEI: 860123456789014", "+GCAP: +CGSM")

local CSQ = mm.fields("%+CSQ:%s*(%d+),(%d+)", mm.ENABLED)
local MODE = mm.fields("%+CNSMOD:%s*%d,(%d+)", mm.ENABLED)

t.scenario "ModemManager: probing, with the plugins that ask for other makes" {
  tags = { "openings", "modemmanager", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      { "AT\r", echoed("AT\r", ok()) },
      { "AT+CGMI\r", echoed("AT+CGMI\r", ok "SIMCOM INCORPORATED"), get = mm.text, is = "SIMCOM INCORPORATED" },
      { "AT+CGMM\r", echoed("AT+CGMM\r", ok "SIMCOM_SIM7600G-H"), get = mm.text, is = "SIMCOM_SIM7600G-H" },
      { "AT%IPSYS?\r", echoed("AT%IPSYS?\r", refused()), get = REFUSED, is = "error" },
      { "AT+XACT=?\r", echoed("AT+XACT=?\r", refused()), get = REFUSED, is = "error" },
    }, USUAL)
  end,
}

t.scenario "ModemManager: initialisation" {
  tags = { "openings", "modemmanager", "bytes" }, needs = { "emulator" }, echo = true,
  cases = client.cases {
    { "settings, capabilities, character set",
      { "ATV1\r", ok() }, { "AT+CMEE=1\r", ok() }, { "ATX4\r", ok() }, { "AT&C1\r", ok() },
      { "AT+GCAP\r", ok "+GCAP: +CGSM", get = mm.fields "%+GCAP:%s*(%S+)", is = { "+CGSM" } },
      { "AT+WS46=?\r", WS46, get = ended, is = true },
      { "AT+CSCS=?\r", ok '+CSCS: ("IRA","GSM","UCS2")', get = mm.all '"(%w+)"', is = { "IRA", "GSM", "UCS2" } },
      { 'AT+CSCS="UCS2"\r', ok() },
      { "AT+CSCS?\r", ok '+CSCS: "UCS2"', get = mm.fields '%+CSCS: "(%w+)"', is = { "UCS2" } } },
    { "identity",
      { "AT+CGMI\r", ok "SIMCOM INCORPORATED", get = mm.text, is = "SIMCOM INCORPORATED" },
      { "AT+CGMM\r", ok "SIMCOM_SIM7600G-H", get = mm.text, is = "SIMCOM_SIM7600G-H" },
      { "AT+CGMR\r", ok "+CGMR: LE20B04SIM7600G22", get = mm.fields "%+CGMR: (%S+)", is = { "LE20B04SIM7600G22" } },
      { "AT+CGSN\r", ok "860123456789014", get = mm.text, is = "860123456789014" },
      { "ATI\r", ATI, get = mm.fields "IMEI: (%d+)", is = { "860123456789014" } },
      { "ATI1\r", ATI, get = mm.fields "IMEI: (%d+)", is = { "860123456789014" } } },
    { "modes and power",
      { "AT*CNTI=2\r", refused(), get = REFUSED, is = "error" },
      { "AT+WS46=?\r", WS46, get = ended, is = true },
      { "AT+GCAP\r", ok "+GCAP: +CGSM" },
      { "AT+CEREG=?\r", ok "+CEREG: (0-2)" },
      { "AT+C5GREG=?\r", refused(), get = REFUSED, is = "error" },
      { "AT+CGDCONT=?\r", CONTEXTS, get = mm.contexts, is = CONTEXT_TYPES },
      -- Of its first number ModemManager knows 0 to 2 only, and goes on without.
      { "AT+CNAOP?\r", ok "+CNAOP: 7,9,5,3", get = mm.fields "%+CNAOP: (%d+)", is = { "7" } },
      { "AT+CNMP?\r", ok "+CNMP: 2", get = mm.fields "%+CNMP: (%d+)", is = { "2" } },
      { "AT+CFUN?\r", ok "+CFUN: 1", get = mm.fields "%+CFUN: (%d)", is = { "1" } } },
    { "lock",
      -- Taken out of the stream as a line that comes by itself: one blank line less would hide it.
      { "AT+CPIN?\r", ok "+CPIN: READY", get = mm.fields("%+CPIN: (.*)", mm.LOCK), is = { "READY" } },
      { 'AT+CSIM=10,"0020000100"\r', ok '+CSIM: 4,"63C3"', get = mm.fields '63C(%x)"', is = { "3" } },
      { 'AT+CSIM=10,"002C000100"\r', ok '+CSIM: 4,"63CA"', get = mm.fields '63C(%x)"', is = { "A" } },
      { 'AT+CSIM=10,"0020008100"\r', ok '+CSIM: 4,"63C0"', get = mm.fields '63C(%x)"', is = { "0" } },
      { 'AT+CSIM=10,"002C008100"\r', ok '+CSIM: 4,"63CA"', get = mm.fields '63C(%x)"', is = { "A" } } },
    { "SIM",
      { "AT+CRSM=176,12258,0,0,10\r", ok '+CRSM: 144,0,"98881201000000001072"', get = mm.iccid,
        is = "89882110000000000127" },
      { "AT+CIMI\r", ok "001010123456789", get = mm.text, is = "001010123456789" },
      { "AT+CRSM=176,28589,0,0,4\r", ok '+CRSM: 144,0,"00000002"', get = mm.file, is = "00000002" },
      { "AT+CRSM=176,28486,0,0,17\r", ok '+CRSM: 144,0,"005465737420504C4D4EFFFFFFFFFFFFFF"', get = mm.provider,
        is = "Test PLMN" },
      { "AT+CRSM=176,28599,0,0,15\r", like('\r\n%+CRSM: 144,0,"' .. ("%x"):rep(30) .. '"\r\n\r\nOK\r\n') },
      { "AT+CRSM=176,28542,0,0,15\r", ok "+CRSM: 106,130", get = mm.file, is = false },
      { "AT+CPOL=?\r", ok "+CPOL: (1-80),(0-2)" },
      { "AT+CPOL?\r", like ".*\r\nOK\r\n" },
      { "AT+CRSM=176,28478,0,0,0\r", like "\r\n%+CRSM: %d+,%d+.*\r\n\r\nOK\r\n" },
      { "AT+CRSM=176,28479,0,0,0\r", like "\r\n%+CRSM: %d+,%d+.*\r\n\r\nOK\r\n" },
      { "AT+CNUM\r", ok() } },
    { "3GPP, messages, time",
      { "AT+CLCK=?\r", ok(FACILITIES), get = mm.fields '"(SC)"', is = { "SC" } },
      { 'AT+CLCK="SC",2\r', ok "+CLCK: 0", get = mm.fields "%+CLCK: (%d)", is = { "0" } },
      { "AT+CEMODE?\r", ANY, get = ended, is = true },
      { "AT+CGDCONT=?\r", CONTEXTS, get = mm.contexts, is = CONTEXT_TYPES },
      { "AT+CUSD=?\r", ok "+CUSD: (0-2)" },
      { "AT+CNMI=?\r", ok "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)" },
      { "AT+CPMS=?\r", ok '+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM"),("ME","SM")' },
      { "AT+CMGF=?\r", ok "+CMGF: (0-1)", get = mm.fields "%+CMGF: %((%d)%-(%d)%)", is = { "0", "1" } },
      { "AT+CTZU=1\r", ok() },
      { "AT+CCLK?\r", like '\r\n%+CCLK: "80/01/06,%d%d:%d%d:%d%d"\r\n\r\nOK\r\n' },
      { "AT+CESQ=?\r", ANY, get = ended, is = true },
      { "AT+CSCB=?\r", ANY, get = ended, is = true } },
    { "GNSS and voice",
      { "AT+CGPS=?\r", ok "+CGPS: (0-1),(1-3)" },
      { "AT+CLCC=?\r", ANY, get = ended, is = true },
      { "AT+CPCMREG=?\r", ok "+CPCMREG: (0-1)" },
      { "AT+CPCMFRM=?\r", ANY, get = ended, is = true } },
    -- The generic plugin, instead of simtech: an answer to CIND would lead it to AT+CMER=3,0,0,1, the trap
    -- of A15.
    { "generic plugin",
      { "AT+CIND=?\r", refused(), get = REFUSED, is = "error" },
      { "AT+CMER=?\r", ANY, get = ended, is = true } },
  },
  run = function(dev, env, p)
    client.play(dev, env, QUIET, USUAL)
    client.play(dev, env, p.steps, USUAL)
  end,
}

local ENABLE = {
  { "ATZ\r", ok() },
  { "ATE0\r", echoed("ATE0\r", ok()) }, { "ATV1\r", ok() }, { "AT+CMEE=1\r", ok() }, { "ATX4\r", ok() },
  { "AT&C1\r", ok() },
  { "AT+CFUN?\r", ok "+CFUN: 1", get = mm.fields "%+CFUN: (%d)", is = { "1" } },
}

t.scenario "ModemManager: enabling" {
  tags = { "openings", "modemmanager", "bytes" }, needs = { "emulator" }, echo = true,
  cases = client.cases {
    { "flow control",
      { "AT+IFC=?\r", ok "+IFC: (0,2),(0,2)", get = mm.fields "%+IFC: %(0,(2)%),%(0,(2)%)", is = { "2", "2" } },
      { "AT+IFC=2,2\r", ok() } },
    { "events",
      { "AT+CGEREP=?\r", ok "+CGEREP: (0-2),(0-1)" },
      { "AT+CGEREP=2\r", ok() },
      { "AT+CNSMOD=?\r", ok "+CNSMOD: (0-1)" },
      { "AT+CNSMOD=1\r", ok() },
      { "AT+AUTOCSQ=?\r", ok "+AUTOCSQ: (0-1),(0-1)" },
      { "AT+AUTOCSQ=1,1\r", ok() },
      -- Both answers are taken for lines that come by themselves; a solicited +CNSMOD has two numbers.
      { "AT+CSQ\r", ok "+CSQ: 16,99", get = CSQ, is = { "16", "99" } },
      { "AT+CNSMOD?\r", ok "+CNSMOD: 1,8", get = MODE, is = { "8" } } },
    { "registration",
      { "AT+CREG=2\r", ok() },
      { "AT+CGREG=2\r", ok() },
      { "AT+CEREG=2\r", ok() },
      { "AT+CREG?\r", ok '+CREG: 2,1,"775C","6F95933"',
        get = mm.fields('%+CREG: 2,(%d),"(%x+)","(%x+)"', mm.ENABLED), is = { "1", "775C", "6F95933" } },
      { "AT+CGREG?\r", ok '+CGREG: 2,1,"775C","6F95933"',
        get = mm.fields('%+CGREG: 2,(%d),"(%x+)","(%x+)"', mm.ENABLED), is = { "1", "775C", "6F95933" } },
      { "AT+CEREG?\r", ok '+CEREG: 2,1,"775C","6F95933",7',
        get = mm.fields('%+CEREG: 2,(%d),"(%x+)","(%x+)",(%d)', mm.ENABLED), is = { "1", "775C", "6F95933", "7" } } },
    { "operator",
      { "AT+COPS=3,2\r", ok() },
      { "AT+COPS?\r", ok '+COPS: 0,2,"00101",7', get = mm.fields '%+COPS: 0,2,"(%d+)",(%d)', is = { "00101", "7" } },
      { "AT+COPS=3,0\r", ok() },
      { "AT+COPS?\r", ok '+COPS: 0,0,"Test PLMN",7', get = mm.operator, is = "Test PLMN" } },
    { "operator's name in UCS2, as everything that is a name then",
      { 'AT+CSCS="UCS2"\r', ok() },
      { "AT+COPS=3,0\r", ok() },
      { "AT+COPS?\r", ok '+COPS: 0,0,"005400650073007400200050004C004D004E",7', get = mm.operator, is = "Test PLMN" } },
    { "messages; names of stores stay plain text under UCS2",
      { 'AT+CSCS="UCS2"\r', ok() },
      { "AT+CMGF=0\r", ok() },
      { 'AT+CPMS="ME","ME","ME"\r', like "\r\n%+CPMS: 0,%d+,0,%d+,0,%d+\r\n\r\nOK\r\n" },
      { 'AT+CPMS="SM","SM","SM"\r', ok "+CPMS: 0,50,0,50,0,50" },
      { "AT+CMGL=4\r", ok() },
      -- ds=1 needs mode 1.
      { "AT+CNMI=2,1,2,1,0\r", ANY_ERROR, get = function(stream) return mm.final()(stream) ~= "ok" end, is = true },
      { "AT+CNMI=2,1,2,2,0\r", ok() } },
    { "USSD and calls",
      { "AT+CUSD=1\r", ok() },
      { "AT+CLIP=1\r", ok() },
      { "AT+CRC=1\r", ok() },
      { "AT+CCWA=1\r", ok() },
      { "AT+CLCC=1\r", ok() } },
  },
  run = function(dev, env, p)
    client.play(dev, env, SETTINGS, USUAL)
    client.play(dev, env, ENABLE, USUAL)
    client.play(dev, env, p.steps, USUAL)
  end,
}

t.scenario "ModemManager: a modem that is off the air is switched on and announces its network" {
  tags = { "openings", "modemmanager" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, SETTINGS, USUAL)
    local stream = client.play(dev, env, {
      { "AT+CFUN=4\r", ok() },
      { "AT+CREG=2\r", ok() },
      { "AT+CREG?\r", ok "+CREG: 2,0", get = mm.fields("%+CREG: 2,(%d)", mm.ENABLED), is = { "0" } },
      { "AT+CFUN?\r", ok "+CFUN: 4", get = mm.fields "%+CFUN: (%d)", is = { "4" } },
    }, USUAL)
    stream:write "AT+CFUN=1\r"
    stream:await(unit '+CREG: 1,"775C","6F95933"')
    t.eq(stream.got:sub(1, 6), ok(), "OK first")
    stream:drain()
  end,
}
