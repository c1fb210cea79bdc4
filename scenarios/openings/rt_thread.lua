--- RT-Thread's at_device for the sim76xx (general-commands.md C4.3). Its sockets are in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local lines = require "lib.lines"

local ok, unit, echoed, like = answer.ok, answer.unit, answer.echoed, answer.like

local USUAL = { get = lines.rt_thread(), is = "OK" }
local ECHO_OFF = { "ATE0\r\n", echoed("ATE0\r\n", ok()) }

t.scenario "RT-Thread: the device initialises" {
  tags = { "openings", "rt-thread", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    client.play(dev, env, {
      ECHO_OFF,
      { "ATI\r\n", ok("Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600G_V2.0.2",
        "IMEI: 860123456789014", "+GCAP: +CGSM"), get = lines.rt_thread "IMEI: (%d+)", is = { "860123456789014" } },
      { "AT+CPIN?\r\n", ok "+CPIN: READY", get = lines.rt_thread "(READY)", is = { "READY" } },
      { "AT+CSQ\r\n", ok "+CSQ: 16,99", get = lines.rt_thread "%+CSQ: (%d+),(%d+)", is = { "16", "99" } },
      { "AT+CREG?\r\n", ok "+CREG: 0,1", get = lines.rt_thread "%+CREG: %d+,(%d+)", is = { "1" } },
      { "AT+CGREG?\r\n", ok "+CGREG: 0,1", get = lines.rt_thread "%+CGREG: %d+,(%d+)", is = { "1" } },
      { "AT+CGATT?\r\n", ok "+CGATT: 1", get = lines.rt_thread "%+CGATT: (%d+)", is = { "1" } },
      { 'AT+CGDCONT=1,"IP","CMNET"\r\n', ok() },
      { "AT+NETOPEN?\r\n", ok "+NETOPEN: 0", get = lines.rt_thread "%+NETOPEN: (%d)", is = { "0" } },
      { "AT+NETOPEN\r\n", ok() .. unit "+NETOPEN: 0" },
      { "AT+CSOCKSETPN=1\r\n", ok() },
      { "AT+CCLK?\r\n", like '\r\n%+CCLK: "80/01/06,%d%d:%d%d:%d%d"\r\n\r\nOK\r\n',
        get = lines.rt_thread '%+CCLK: "([^,]*),', is = { "80/01/06" } },
    }, USUAL)
  end,
}

t.scenario "RT-Thread: names are resolved, and a host is pinged with parameters left out" {
  tags = { "openings", "rt-thread" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    local stream = client.play(dev, env, {
      ECHO_OFF,
      { 'AT+CDNSGIP="localhost"\r\n', ok '+CDNSGIP: 1,"localhost","127.0.0.1"',
        get = lines.rt_thread '%+CDNSGIP: 1,"[^"]*","([^"]*)"', is = { "127.0.0.1" } },
    }, USUAL)
    stream:write('AT+CPING="127.0.0.1",1,1,32,,,64\r\n')
    t.eq(lines.rt_thread()(stream), "OK")
    t.match(stream:await "+CPING: 3,1,", "^\r\nOK\r\n\r\n%+CPING: [12]")
    stream:await "\r\n\r\n+CPING: 3,1,"
    stream:drain()
  end,
}
