--- The service and its clients: codes that a modem gives by itself, by the state it is in (table 2.2).
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

recipe {
  code = 7, command = "+CMQTTSTART", kind = "natural", field = 1, state = "stopped", shape = "at_once",
  cause = "registered, but the network gives no packet data",
  how = "AT+CREG? is 0,1 all the same, and AT+NETOPEN a plain ERROR.",
  cure = "The APN in AT+CGDCONT=1,... as the operator of the card has it; is the card enabled for data?",
  spec = "2.2", evidence = "C for NETOPEN; I for START; F11",
  needs = { "emulator" }, sim = { keys = { ["network.data"] = "refuse", pdn_event = "" } },
}

recipe {
  code = 7, command = "+CMQTTSTART", kind = "natural", field = 2, state = "stopped", shape = "at_once",
  cause = "there is no network to register in",
  how = "Aeroplane mode stands for every reason: no SIM, no antenna, registration denied.",
  steps = { "AT+CFUN=4" },
  cure = "Wait for +CEREG: 0,1 or 0,5 and AT+CGATT?: 1 before START; check the SIM, the antenna and the APN "
    .. "(AT+CGDCONT).",
  spec = "2.2", evidence = "M name, I use",
  run = function(dev, env, row, expect)
    dev:cmd("AT+CFUN=4"):ok()
    expect(dev:cmd("AT%s", row.command))
    dev:cmd("AT+CFUN=1"):ok()
    session.bearer_up(dev, env)
  end,
}

recipe {
  code = 9, kind = "natural", state = "stopped",
  cause = "the service is not started",
  how = "After every reset of the modem, AT+CMQTTSTOP and +CMQTTNONET the service has to be started again.",
  cure = "AT+CMQTTSTART first. As the answer to a STOP that only makes sure, it is no fault.",
  spec = "2.2", evidence = "L for STOP; I for the others; F17",
  on = {
    { "+CMQTTSTOP", "", field = 1 }, { "+CMQTTACCQ", '=0,"modemtest",0' }, { "+CMQTTWILLTOPIC", "=0,4" },
    { "+CMQTTWILLMSG", "=0,4,0" }, { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1' },
  },
}

recipe {
  code = 10, kind = "natural", state = "free",
  cause = "the client index is not 0 or 1",
  cure = "A modem has two clients, 0 and 1.",
  spec = "2.1", evidence = "M name, I use",
  on = {
    { "+CMQTTACCQ", '=2,"modemtest",0' },
    { "+CMQTTREL", "=2", state = "acquired" }, { "+CMQTTWILLTOPIC", "=2,4" },
    { "+CMQTTWILLMSG", "=2,4,0" }, { "+CMQTTCONNECT", '=2,"tcp://127.0.0.1:1883",60,1' }, { "+CMQTTDISC", "=2,60" },
    { "+CMQTTTOPIC", "=2,4" }, { "+CMQTTPAYLOAD", "=2,4" }, { "+CMQTTPUB", "=2,0,60" }, { "+CMQTTSUBTOPIC", "=2,4,0" },
    { "+CMQTTSUB", "=2,4,0" }, { "+CMQTTUNSUBTOPIC", "=2,4" }, { "+CMQTTUNSUB", "=2,4,0" },
  },
}

recipe {
  code = 19, command = "+CMQTTACCQ", rest = '=0,"modemtest",0', kind = "natural", field = 1,
  cause = "the client is acquired already: the host was restarted and the modem was not",
  how = "The host forgets with its reset what the modem still has.",
  cure = "Take it as done, or begin with DISC, REL and STOP; all three may be refused harmlessly.",
  spec = "2.2", evidence = "L, C; F01",
}

recipe {
  code = 20, kind = "natural", state = "free",
  cause = "the client is not acquired",
  cure = "AT+CMQTTACCQ first; after +CMQTTNONET and AT+CMQTTSTOP again.",
  spec = "2.2", evidence = "I; L A7670G for REL; F17",
  on = {
    { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1', field = 1 }, { "+CMQTTWILLTOPIC", "=0,4" },
    { "+CMQTTWILLMSG", "=0,4,0" },
    { "+CMQTTREL", "=0", impossible = function(key)
      return key "rel_unacquired" == "0" and "this firmware takes a REL that has nothing to release" or nil
    end },
  },
}

recipe {
  code = 21, command = "+CMQTTSTOP", kind = "natural", field = 1,
  cause = "a client is still acquired",
  cure = "AT+CMQTTDISC and AT+CMQTTREL for each client, then STOP.",
  spec = "2.2", evidence = "L/C; F01",
}

recipe {
  code = 23, command = "+CMQTTSTART", kind = "natural", field = 1, state = "free",
  cause = "the service is started already: the host was restarted and the modem was not",
  cure = "Take it as started; AT+CMQTTACCQ? and AT+CMQTTDISC? tell what else the modem still has.",
  spec = "4.1", evidence = "L, two projects; F01",
}

recipe {
  code = 13, kind = "natural", state = "connected",
  cause = "the client is connected already",
  cure = "Go on with the connection that is there (AT+CMQTTDISC? tells 0,0), or AT+CMQTTDISC first.",
  spec = "2.2", evidence = "C for CONNECT; I for the will; F01",
  needs = { "peer" },
  on = {
    { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1', field = 1 }, { "+CMQTTWILLTOPIC", "=0,4" },
    { "+CMQTTWILLMSG", "=0,4,0" },
  },
}

local LOST = {
  { "+CMQTTTOPIC", "=0,4", field = 1 }, { "+CMQTTPAYLOAD", "=0,4" }, { "+CMQTTPUB", "=0,0,60" },
  { "+CMQTTSUBTOPIC", "=0,4,0" }, { "+CMQTTSUB", "=0,4,0" }, { "+CMQTTUNSUBTOPIC", "=0,4" },
  { "+CMQTTUNSUB", "=0,4,0" }, { "+CMQTTDISC", "=0,60" },
}

recipe {
  code = 11, kind = "natural", field = 1, state = "connected",
  cause = "the connection was lost and the host did not notice",
  how = "The broker closes; the line +CMQTTCONNLOST: 0,1 goes by unread.",
  cure = "Watch for +CMQTTCONNLOST and +CMQTTNONET at any time; then CONNECT again, without REL and ACCQ.",
  spec = "2.2", evidence = "L TRK; F07",
  needs = { "peer" },
  on = LOST,
  run = function(dev, env, row, expect)
    recipe.enter(dev, "connected"):close()
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
    dev:forget()
    expect(recipe.type(dev, env, row))
  end,
}

recipe {
  code = 11, kind = "natural", state = "acquired",
  cause = "there was no CONNECT yet",
  cure = "AT+CMQTTCONNECT, and its result line +CMQTTCONNECT: 0,0, come first: OK alone is not the connection.",
  spec = "2.2", evidence = "C, L TRK; F07",
  on = LOST,
}

recipe {
  code = 11, kind = "natural", state = "stopped",
  cause = "the service is not even started",
  cure = "AT+CMQTTSTART, ACCQ, CONNECT.",
  spec = "2.1", evidence = "C for TOPIC and DISC, I for the others",
  on = LOST,
}

recipe {
  code = 14, command = "+CMQTTREL", rest = "=0", kind = "natural", field = 2, state = "connected",
  cause = "the client is still connected",
  cure = "AT+CMQTTDISC first.",
  spec = "2.2", evidence = "C; F08",
  needs = { "peer" },
}

--- What must not be typed while an operation of the same client runs.
local BUSY = {
  { "+CMQTTREL", "=0" }, { "+CMQTTWILLTOPIC", "=0,4" }, { "+CMQTTWILLMSG", "=0,4,0" },
  { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1' }, { "+CMQTTDISC", "=0,60" },
  { "+CMQTTTOPIC", "=0,4", field = 1 },
  { "+CMQTTPAYLOAD", "=0,4" }, { "+CMQTTPUB", "=0,0,60" }, { "+CMQTTSUBTOPIC", "=0,4,0" }, { "+CMQTTSUB", "=0" },
  { "+CMQTTSUB", "=0,4,0" }, { "+CMQTTUNSUBTOPIC", "=0,4" }, { "+CMQTTUNSUB", "=0,0" }, { "+CMQTTUNSUB", "=0,4,0" },
}

local function only_async(key)
  return key "result_style" == "sync"
    and "the port is silent while an operation runs: what is typed waits, and is answered by the state behind it" or nil
end

recipe {
  code = 14, kind = "natural", field = 1, state = "busy",
  cause = "an operation of the client still waits for the broker",
  how = "AT+CMQTTPUB=0,1,60 got its OK, and +CMQTTPUB: 0,0 is not here yet: the broker's PUBACK takes 200 to 800 ms.",
  steps = { "AT+CMQTTTOPIC=0,1", "> t", "AT+CMQTTPUB=0,1,60" },
  cure = "OK is not the result: wait for the line +CMQTT...: 0,n of an operation before the next command of that "
    .. "client.",
  spec = "2.2", evidence = "L FM, TRK, SIM7663E; F08",
  needs = { "peer" }, impossible = only_async,
  on = BUSY,
  run = function(dev, env, row, expect)
    local connection = recipe.enter(dev, "connected")
    session.data(dev, "+CMQTTTOPIC=0,%d", "t"):ok()
    dev:cmd("AT+CMQTTPUB=0,1,60"):ok()
    local publish = connection:expect "PUBLISH"
    dev:forget()
    expect(recipe.type(dev, env, row))
    connection:puback(publish)
    dev:expect_urc "+CMQTTPUB: 0,0"
  end,
}
