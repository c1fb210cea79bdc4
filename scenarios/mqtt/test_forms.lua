--- Test forms (=?) of all MQTT commands, literally as section 4 of the specification prints them. They
-- answer in every state, also before START.
local t = require "modemtest"
local session = require "lib.mqtt_session"

local FORMS = {
  { "+CMQTTSTART", {} },
  { "+CMQTTSTOP", {} },
  { "+CMQTTACCQ", { "+CMQTTACCQ: (0-1),(1-128),(0-1),(3-4)" } },
  { "+CMQTTREL", { "+CMQTTREL: (0-1)" } },
  { "+CMQTTSSLCFG", { "+CMQTTSSLCFG: (0,1),(0-9)" } },
  { "+CMQTTWILLTOPIC", { "+CMQTTWILLTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTWILLMSG", { "+CMQTTWILLMSG: (0-1),(1-1024),(0-2)" } },
  { "+CMQTTCONNECT", { "+CMQTTCONNECT: (0-1),(9-256),(1-64800),(0-1)" } },
  { "+CMQTTDISC", { "+CMQTTDISC: (0-1),(0,60-180)" } },
  { "+CMQTTTOPIC", { "+CMQTTTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTPAYLOAD", { "+CMQTTPAYLOAD: (0-1),(1-10240)" } },
  { "+CMQTTPUB", { "+CMQTTPUB: (0-1),(0-2),(60-180),(0-1),(0-1)" } },
  { "+CMQTTSUBTOPIC", { "+CMQTTSUBTOPIC: (0-1),(1-1024),(0-2)" } },
  { "+CMQTTSUB", { "+CMQTTSUB: (0-1),(1-1024),(0-2),(0-1)" } },
  { "+CMQTTUNSUBTOPIC", { "+CMQTTUNSUBTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTUNSUB", { "+CMQTTUNSUB: (0-1),(1-1024),(0-1)" } },
  { "+CMQTTCFG", {
    '+CMQTTCFG: "checkUTF8",(0-1),(0-1)',
    '+CMQTTCFG: "optimeout",(0-1),(20-120)',
    '+CMQTTCFG: "aliauth",(0-1),"productkey","devicename","devicesecret"',
  } },
}

t.scenario "test forms before START" {
  tags = { "mqtt", "test-form" },
  run = function(dev)
    for _, form in ipairs(FORMS) do
      dev:cmd("AT%s=?", form[1]):ok():lines(form[2])
    end
  end,
}

t.scenario "test forms with the service started and a client acquired" {
  tags = { "mqtt", "test-form" },
  run = function(dev)
    session.start(dev)
    session.acquire(dev)
    for _, form in ipairs(FORMS) do
      dev:cmd("AT%s=?", form[1]:lower()):ok():lines(form[2])
    end
  end,
}
