--- START, ACCQ, REL and STOP in every order, and the codes 9, 11, 19, 21 and 23 that hosts rely on.
local t = require "modemtest"
local session = require "lib.mqtt_session"

--- Steps: command, result line (a string), or a final result.
local ORDERS = {
  { name = "START START", { "START", "+CMQTTSTART: 0" }, { "START", "+CMQTTSTART: 23" },
    { "START", "+CMQTTSTART: 23" }, { "STOP", "+CMQTTSTOP: 0" } },
  { name = "STOP first", { "STOP", "+CMQTTSTOP: 9" }, { "STOP", "+CMQTTSTOP: 9" },
    { "START", "+CMQTTSTART: 0" } },
  { name = "START STOP STOP", { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" },
    { "STOP", "+CMQTTSTOP: 9" } },
  { name = "start again after STOP", { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" },
    { "START", "+CMQTTSTART: 0" }, { "STOP", "+CMQTTSTOP: 0" }, { "START", "+CMQTTSTART: 0" } },
  { name = "ACCQ before START", { 'ACCQ=0,"a",0', "+CMQTTACCQ: 0,9" }, { "START", "+CMQTTSTART: 0" },
    { 'ACCQ=0,"a",0', "OK" } },
  { name = "ACCQ twice", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=0,"a",0', "OK" },
    { 'ACCQ=0,"a",0', "+CMQTTACCQ: 0,19" }, { 'ACCQ=1,"a",0', "OK" },
    { 'ACCQ=1,"b",0', "+CMQTTACCQ: 1,19" } },
  { name = "STOP with a client", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=1,"a",0', "OK" },
    { "STOP", "+CMQTTSTOP: 21" }, { "REL=1", "OK" }, { "STOP", "+CMQTTSTOP: 0" } },
  { name = "REL of a free client", { "REL=0", "OK" }, { "START", "+CMQTTSTART: 0" }, { "REL=0", "OK" },
    { "REL=1", "OK" }, { 'ACCQ=0,"a",0', "OK" }, { "REL=0", "OK" }, { "REL=0", "OK" },
    { "STOP", "+CMQTTSTOP: 0" } },
  { name = "ACCQ after REL", { "START", "+CMQTTSTART: 0" }, { 'ACCQ=0,"a",0', "OK" }, { "REL=0", "OK" },
    { 'ACCQ=0,"b",0', "OK" }, { "REL=0", "OK" }, { "STOP", "+CMQTTSTOP: 0" } },
  -- A published application begins like this after power-up and depends on these very answers (2.1).
  { name = "DISC REL STOP on a cold modem", { "DISC=0,120", "+CMQTTDISC: 0,11" }, { "REL=0", "OK" },
    { "STOP", "+CMQTTSTOP: 9" }, { "START", "+CMQTTSTART: 0" } },
  { name = "STOP REL START ACCQ after the host restarted", { "START", "+CMQTTSTART: 0" },
    { 'ACCQ=0,"a",0', "OK" }, { "STOP", "+CMQTTSTOP: 21" }, { "REL=0", "OK" },
    { "START", "+CMQTTSTART: 23" }, { 'ACCQ=0,"a",0', "OK" } },
}

t.scenario "the service starts and stops in any order" {
  tags = { "mqtt", "start-stop" },
  cases = ORDERS,
  run = function(dev, _, p)
    for _, step in ipairs(p) do
      local r = dev:cmd("AT+CMQTT%s", step[1])
      if step[2] == "OK" then
        r:ok():lines {}
      elseif step[2]:find(" 0$") then
        r:result(step[2], { final = "OK" })
      else
        r:result(step[2], { final = "ERROR" })
      end
    end
  end,
}

t.scenario "result line and OK stand in the order of a SIM7600 with its bearer up" {
  tags = { "mqtt", "start-stop", "bytes" },
  run = function(dev, env)
    session.fixed(env)
    dev:cmd("AT+CMQTTSTART"):bytes("\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTART"):bytes("\r\n+CMQTTSTART: 23\r\n\r\nERROR\r\n")
    dev:cmd('AT+CMQTTACCQ=0,"a",0'):bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTOP"):bytes("\r\n+CMQTTSTOP: 21\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTREL=0"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTOP"):bytes("\r\n+CMQTTSTOP: 0\r\n\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTOP"):bytes("\r\n+CMQTTSTOP: 9\r\n\r\nERROR\r\n")
  end,
}

t.scenario "STOP forgets what the clients had" {
  tags = { "mqtt", "start-stop" },
  run = function(dev)
    session.start(dev)
    session.acquire(dev, { id = "gone" })
    dev:cmd("AT+CMQTTSSLCFG=0,5"):ok()
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
    session.start(dev)
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { '+CMQTTACCQ: 0,"",0,4', '+CMQTTACCQ: 1,"",0,4' }
    dev:cmd("AT+CMQTTSSLCFG?"):ok():lines { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1," }
  end,
}
