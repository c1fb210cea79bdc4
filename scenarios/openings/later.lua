--- What is not modelled yet: sockets (AT+CIP...), the multiplexer, data calls. It is refused as hardware
-- refuses an unknown command, and what a client had written ahead harms nothing. Each scenario goes when
-- its subject comes; the answers that clients need are in general-commands.md C1.3, C2 and C4.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local esp = require "lib.esp_modem"
local lines = require "lib.lines"
local literal = require "lib.literal"
local tinygsm = require "lib.tinygsm"

local ok, refused, echoed = answer.ok, answer.refused, answer.echoed

local TINYGSM = { get = tinygsm.final(1), is = 2 }
local RT_THREAD = { get = lines.rt_thread(), is = "ERROR" }

t.scenario "refused: sockets" {
  tags = { "openings", "later", "bytes" }, needs = { "emulator" },
  cases = client.cases {
    -- The settings of sockets are there, and gprsConnect() insists on CIPCCFG.
    { "TinyGSM", usual = TINYGSM,
      { 'AT+CIPOPEN=0,"TCP","192.0.2.1",80\r\n', refused() }, { "AT+CIPSEND=0,5\r\n", refused() },
      { "AT+CIPRXGET=4,0\r\n", refused() }, { "AT+CIPCLOSE=0\r\n", refused() } },
    { "RT-Thread", usual = RT_THREAD,
      { "AT+CIPCLOSE?\r\n", refused() },
      { 'AT+CIPOPEN=1,"TCP","192.0.2.1",80\r\n', refused() } },
    { "Freematics, with the payload written ahead",
      { 'AT+CIPOPEN=0,"UDP","192.0.2.1",8081,8000\r', refused() },
      { 'AT+CIPSEND=0,5,"192.0.2.1",8081\rhello', refused(), get = literal.find("OK\r\n\r\n+CIPSEND:", "ERROR\r\n"),
        is = "ERROR\r\n" },
      { "AT\r", ok() } },
    { "vector 10",
      { "AT+CIPSEND=0,5\r\nhello", refused() }, { "AT\r", ok() } },
  },
  run = function(dev, env, p)
    client.play(dev, env, p.steps, p.usual)
  end,
}

t.scenario "refused: ArduPilot's transparent connection, with echo" {
  tags = { "openings", "later", "bytes" }, needs = { "emulator" }, echo = true,
  run = function(dev, env)
    local mode, open = "AT+CIPMODE=1\r\n", 'AT+CIPOPEN=0,"TCP","192.0.2.1",5760\r\n'
    client.play(dev, env, {
      { mode, echoed(mode, ok()), get = literal.find("CIPMODE=1\r\r\nOK\r", "ERROR\r"), is = "CIPMODE=1\r\r\nOK\r" },
      { open, echoed(open, refused()), get = literal.find("CONNECT ", "ERROR\r"), is = "ERROR\r" },
    })
  end,
}

t.scenario "refused: the multiplexer" {
  tags = { "openings", "later", "bytes" }, needs = { "emulator" },
  cases = client.cases {
    { "vector 16",
      { "AT+CMUX=0\r", refused() },
      -- SABM of the channels 0 to 2 is noise, then.
      { "\xF9\x03\x3F\x01\x1C\xF9\xF9\x07\x3F\x01\xDE\xF9\xF9\x0B\x3F\x01\x59\xF9", "" },
      { "AT\r", ok() } },
    { "OVMS",
      { "AT+CMUX=0;+CATR=6\r\n", refused(), get = lines.ovms(), is = { "ERROR" } } },
    { "Zephyr",
      { "AT+CMUX=0,0,5,127\r", refused(), get = lines.zephyr "ERROR", is = "ERROR" } },
  },
  run = function(dev, env, p)
    client.play(dev, env, p.steps)
  end,
}

t.scenario "refused: data calls" {
  tags = { "openings", "later", "bytes" }, needs = { "emulator" },
  cases = client.cases {
    { "vector 20", { "ATD*99#\r", refused() } },
    -- As an esp-protocols log has it.
    { "esp_modem, which tries ATO next",
      { "ATD*99#\r", refused(), get = esp.command(5, "CONNECT"), is = "fail" },
      { "ATO\r", refused(), get = esp.command(5, "CONNECT"), is = "fail" },
      { "AT\r", ok(), get = esp.command(1), is = "ok" } },
    { "pppd",
      { "ATD*99#\r", refused(), get = literal.find("CONNECT", "ERROR"), is = "ERROR" },
      { "ATD*99***1#\r", refused(), get = literal.find("CONNECT", "ERROR"), is = "ERROR" },
      { "ATD*99##\r", refused(), get = literal.find("CONNECT", "ERROR"), is = "ERROR" } },
    { "Zephyr",
      { "ATD*99***1#\r", refused(), get = lines.zephyr "ERROR", is = "ERROR" } },
    { "OVMS and ArduPilot",
      { 'AT+CGDCONT=1,"IP","internet";+CGDATA="PPP",1\r\n', refused(), get = lines.ovms(), is = { "ERROR" } },
      { 'AT+CGDATA="PPP",1\r\n', refused(), get = literal.find("CONNECT ", "ERROR\r\n"), is = "ERROR\r\n" } },
  },
  run = function(dev, env, p)
    client.play(dev, env, p.steps)
  end,
}
