--- START, ACCQ, REL and STOP in every order, and the codes 9, 11, 19, 21 and 23 that hosts rely on.
local t = require "modemtest"
local session = require "lib.mqtt_session"

--- Steps: command, result line (a string), or a final result. They are those of the reference device; behind
-- them the state of service or client, where other firmware answers otherwise in it.
local ORDERS = {
  { name = "START START", { "START", "+CMQTTSTART: 0" }, { "START", "+CMQTTSTART: 23", "free" },
    { "START", "+CMQTTSTART: 23", "free" }, { "STOP", "+CMQTTSTOP: 0" } },
  { name = "STOP first", { "STOP", "+CMQTTSTOP: 9", "stopped" }, { "STOP", "+CMQTTSTOP: 9", "stopped" },
    { "START", "+CMQTTSTART: 0" } },
  { name = "START STOP STOP", { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" },
    { "STOP", "+CMQTTSTOP: 9", "stopped" } },
  { name = "start again after STOP", { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" },
    { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" }, { "START", "+CMQTTSTART: 0" } },
  { name = "ACCQ before START", { 'ACCQ=0,"a",0', "+CMQTTACCQ: 0,9", "stopped" }, { "START", "+CMQTTSTART: 0" },
    { 'ACCQ=0,"a",0', "OK" } },
  { name = "ACCQ twice", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=0,"a",0', "OK" },
    { 'ACCQ=0,"a",0', "+CMQTTACCQ: 0,19" }, { 'ACCQ=1,"a",0', "OK" },
    { 'ACCQ=1,"b",0', "+CMQTTACCQ: 1,19" } },
  { name = "STOP with a client", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=1,"a",0', "OK" },
    { "STOP", "+CMQTTSTOP: 21", "acquired" }, { "REL=1", "OK" }, { "STOP", "+CMQTTSTOP: 0" } },
  { name = "REL of a free client", { "REL=0", "OK", "stopped" }, { "START", "+CMQTTSTART: 0" },
    { "REL=0", "OK", "free" }, { "REL=1", "OK", "free" }, { 'ACCQ=0,"a",0', "OK" }, { "REL=0", "OK" },
    { "REL=0", "OK", "free" },
    { "STOP", "+CMQTTSTOP: 0" } },
  { name = "ACCQ after REL", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=0,"a",0', "OK" }, { "REL=0", "OK" },
    { 'ACCQ=0,"b",0', "OK" }, { "REL=0", "OK" }, { "STOP", "+CMQTTSTOP: 0" } },
  -- A published application begins like this after power-up and depends on these very answers (2.1).
  { name = "DISC REL STOP on a cold modem", { "DISC=0,120", "+CMQTTDISC: 0,11", "stopped" },
    { "REL=0", "OK", "stopped" },
    { "STOP", "+CMQTTSTOP: 9", "stopped" }, { "START", "+CMQTTSTART: 0" } },
  { name = "STOP REL START ACCQ after the host restarted", { "START", "+CMQTTSTART: 0" },
    { 'ACCQ=0,"a",0', "OK" }, { "STOP", "+CMQTTSTOP: 21", "acquired" }, { "REL=0", "OK" },
    { "START", "+CMQTTSTART: 23", "free" }, { 'ACCQ=0,"a",0', "OK" } },
}

t.scenario "the service starts and stops in any order" {
  tags = { "mqtt", "start-stop" },
  cases = ORDERS,
  run = function(dev, env, p)
    for _, step in ipairs(p) do
      session.answered(dev, env, step[3], "AT+CMQTT" .. step[1], step[2])
    end
  end,
}

t.scenario "result line and OK stand in the firmware's order, the bearer up" {
  tags = { "mqtt", "start-stop", "bytes" },
  run = function(dev, env)
    session.fixed(env)
    local function refused(state, line, reference)
      dev:cmd(line):bytes(session.refusal_bytes(session.wanted(env, state, line, reference)))
    end
    dev:cmd("AT+CMQTTSTART"):bytes(session.service_bytes(env, "start"))
    refused("free", "AT+CMQTTSTART", "+CMQTTSTART: 23")
    dev:cmd('AT+CMQTTACCQ=0,"a",0'):bytes("\r\nOK\r\n")
    refused("acquired", "AT+CMQTTSTOP", "+CMQTTSTOP: 21")
    dev:cmd("AT+CMQTTREL=0"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTOP"):bytes(session.service_bytes(env, "stop"))
    refused("stopped", "AT+CMQTTSTOP", "+CMQTTSTOP: 9")
  end,
}

t.scenario "STOP forgets what the clients had" {
  tags = { "mqtt", "start-stop" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev, { id = "gone" })
    dev:cmd("AT+CMQTTSSLCFG=0,5"):ok()
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
    session.start(dev)
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { session.client_line(env, 0, "", 0),
      session.client_line(env, 1, "", 0) }
    dev:cmd("AT+CMQTTSSLCFG?"):ok():lines { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1," }
  end,
}
