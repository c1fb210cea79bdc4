--- TinyGSM's helpers: messages, time, position, calls, battery (general-commands.md C1.6).
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local tinygsm = require "lib.tinygsm"

local ok, refused, unit, echoed, like = answer.ok, answer.refused, answer.unit, answer.echoed, answer.like

local USUAL = { get = tinygsm.final(1), is = 1 }
local PROMPT = { get = tinygsm.wait(1, ">"), is = 1 }
local SENT = like "\r\n%+CMGS: %d+\r\n\r\nOK\r\n"

t.scenario "TinyGSM: helpers" {
  tags = { "openings", "tinygsm", "bytes" }, needs = { "emulator" }, echo = true,
  sim = { keys = { ["gnss.fix"] = "none" } },
  cases = client.cases {
    { "battery and temperature",
      { "AT+CBC\r\n", ok "+CBC: 3.991V", get = tinygsm.battery, is = 3.991 },
      { "AT+CPMUTEMP\r\n", ok "+CPMUTEMP: 29", get = tinygsm.temperature, is = 29 } },
    { "sendSMS()",
      { "AT+CMGF=1\r\n", ok() },
      { 'AT+CSCS="GSM"\r\n', ok() },
      { 'AT+CMGS="+491700000000"\r\n', "\r\n> ", get = PROMPT.get, is = PROMPT.is },
      { "hello\26", SENT, get = tinygsm.final(60), is = 1 } },
    { "sendSMS_UTF8_text(): HEX is no character set of this modem, and the result is not looked at",
      { "AT+CMGF=1\r\n", ok() },
      { 'AT+CSCS="HEX"\r\n', refused(), is = 2 },
      { "AT+CSMP=17,167,0,8\r\n", ok() },
      { 'AT+CMGS="+491700000000"\r\n', "\r\n> ", get = PROMPT.get, is = PROMPT.is },
      { "00480069\26", SENT, get = tinygsm.final(60), is = 1 } },
    { "getNetworkTime() of a clock nobody has set",
      { "AT+CCLK?\r\n", like '\r\n%+CCLK: "80/01/06,%d%d:%d%d:%d%d"\r\n\r\nOK\r\n',
        get = tinygsm.date, is = { 2080, 1, 6, 0 } } },
    { "getNetworkTime() of one that was set",
      { 'AT+CCLK="24/05/17,12:34:56-20"\r\n', ok() },
      { "AT+CCLK?\r\n", like '\r\n%+CCLK: "24/05/17,12:3%d:%d%d%-20"\r\n\r\nOK\r\n',
        get = tinygsm.date, is = { 2024, 5, 17, -5 } } },
    { "getGPS() without a fix",
      { "AT+CGNSSMODE=15,1\r\n", ok() },
      { "AT+CGPS=1\r\n", ok() },
      { "AT+CGNSSINFO\r\n", ok "+CGNSSINFO: ,,,,,,,,,,,,,,,", get = tinygsm.fix, is = false },
      { "AT+CGPS=0\r\n", ok() .. unit "+CGPS: 0" } },
    { "no call to end or to answer",
      { "AT+CHUP\r\n", ok() },
      { "ATA\r\n", unit "NO CARRIER", get = tinygsm.wait(1, "NO CARRIER\r\n"), is = 1 } },
  },
  run = function(dev, env, p)
    client.play(dev, env, {
      { "AT\r\n", echoed("AT\r\n", ok()) }, { "ATE0\r\n", echoed("ATE0\r\n", ok()) },
    }, USUAL)
    client.play(dev, env, p.steps, USUAL)
  end,
}

t.scenario "TinyGSM: sendUSSD() gets text and coding scheme" {
  tags = { "openings", "tinygsm" }, needs = { "emulator" },
  run = function(dev, env)
    local stream = client.play(dev, env, {
      { "AT+CMGF=1\r\n", ok() },
      { 'AT+CSCS="HEX"\r\n', refused(), is = 2 },
    }, USUAL)
    stream:write('AT+CUSD=1,"*100#"\r\n', like '\r\nOK\r\n\r\n%+CUSD: %d,"[^"]*",%d+\r\n')
    local reply = t.check(tinygsm.ussd(stream), "no +CUSD")
    t.check(#reply[1] > 0 and reply[2] == 15, "text of the GSM alphabet")
    stream:finish()
  end,
}

-- Whether there is a time server is the world's business; that each try ends with a code is the modem's.
t.scenario "TinyGSM: NTPServerSync() ends with a code" {
  tags = { "openings", "tinygsm" }, needs = { "emulator" },
  run = function(dev, env)
    local stream = client.play(dev, env, {
      { "AT+CNTPCID=1\r\n", refused(), is = 2 },
      { 'AT+CNTP="127.0.0.1",0\r\n', ok() },
    }, USUAL)
    stream:write("AT+CNTP\r\n", like "\r\nOK\r\n\r\n%+CNTP: [0-6]\r\n")
    t.check(math.type(tinygsm.ntp(stream)) == "integer", "no code")
    stream:finish()
  end,
}

t.scenario "TinyGSM: a call is answered, tones are sent, and it is ended" {
  tags = { "openings", "tinygsm" }, needs = { "emulator" },
  run = function(dev, env)
    local stream = client.open(dev, env)
    env.sim:call { from = "+491700000000" }
    stream:write("")
    t.eq(tinygsm.wait(5, "\r\nRING\r\n")(stream), 1, "RING")
    for _, line in ipairs { "ATA\r\n", "AT+VTD=1\r\n", "AT+VTS=1\r\n", "AT+CHUP\r\n" } do
      t.eq(stream:ask { line, get = tinygsm.final(10) }, 1, line)
    end
    stream:drain()
    t.match(stream.all, "\r\nVOICE CALL: BEGIN\r\n")
    t.match(stream.all, "\r\nVOICE CALL: END: %d%d%d%d%d%d\r\n")
  end,
}
