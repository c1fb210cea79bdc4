--- Values: what is typed, or sent behind the prompt, is not what the command takes.
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

local LOCAL = { "peer" }

recipe {
  code = 12, kind = "natural", field = 1,
  cause = "the address does not begin with tcp://",
  cure = 'Always "tcp://HOST:PORT", also for TLS: AT+CMQTTACCQ=0,"ID",1 chooses TLS.',
  spec = "4.8", evidence = "L TRK, C; F17",
  on = {
    { "+CMQTTCONNECT", '=0,"ssl://a1b2c3.example.com:8883",60,1' },
    { "+CMQTTCONNECT", '=0,"mqtts://a1b2c3.example.com:8883",60,1' },
    { "+CMQTTCONNECT", '=0,"a1b2c3.example.com:8883",60,1' },
    { "+CMQTTCONNECT", '=0,"tcp://a1b2c3.example.com:0",60,1' },
  },
}

recipe {
  code = 12, command = "+CMQTTSUB", rest = '=0,"sensor/1",1', kind = "natural", field = 2, state = "connected",
  cause = "a topic in quotes, where a SIM7600 wants its length",
  cure = "AT+CMQTTSUB=0,LENGTH,QOS, then the topic behind the prompt; or SUBTOPIC and SUB.",
  spec = "4.14", evidence = "L/C; F17",
  needs = LOCAL,
}

recipe {
  code = 12, kind = "natural", state = "acquired",
  cause = "a number is out of its range, before the connection",
  cure = "AT+CMQTT...=? prints the ranges of the firmware.",
  spec = "2.1", evidence = "I; L for the address",
  on = {
    { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",0,1' }, { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,2' },
    { "+CMQTTWILLTOPIC", "=0,0" }, { "+CMQTTWILLMSG", "=0,0,0" }, { "+CMQTTWILLMSG", "=0,4,3" },
    { "+CMQTTACCQ", '=1,"modemtest",2' },
  },
}

recipe {
  code = 12, kind = "natural", state = "connected",
  cause = "a number is out of its range",
  cure = "AT+CMQTT...=? prints the ranges of the firmware; the timeouts of PUB and DISC begin at 60 s on a SIM7600.",
  spec = "4.12", evidence = "I",
  needs = LOCAL,
  on = {
    { "+CMQTTPUB", "=0,3,60" }, { "+CMQTTPUB", "=0,1,181" }, { "+CMQTTPUB", "=0,1,60,2" }, { "+CMQTTDISC", "=0,181" },
    { "+CMQTTSUBTOPIC", "=0,4,3" }, { "+CMQTTSUB", "=0,4,3" }, { "+CMQTTSUB", "=0,2" }, { "+CMQTTUNSUB", "=0,4,2" },
  },
}

recipe {
  code = 22, kind = "natural", state = "acquired",
  cause = "a length is out of its range, before the connection",
  cure = "Client ids: 128 bytes, 23 on firmware of 2018. Addresses: 9 to 256. Wills: 1024.",
  spec = "2.1", evidence = "M name, I use; no field case",
  on = {
    { "+CMQTTACCQ", '=1,"' .. ("i"):rep(129) .. '",0', name = "a client id of 129 bytes" },
    { "+CMQTTCONNECT", '=0,"tcp://a",60,1' },
    { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1,"' .. ("u"):rep(257) .. '"', name = "a user name of 257 bytes" },
    { "+CMQTTWILLTOPIC", "=0,1025" }, { "+CMQTTWILLMSG", "=0,10241,0" },
  },
}

recipe {
  code = 22, kind = "natural", field = 1, state = "connected",
  cause = "a length is out of its range",
  how = "A message above 10240 bytes, or no byte at all; a topic above 1024.",
  cure = "Split large messages. For an empty message leave PAYLOAD out: PUB then sends one of no bytes.",
  spec = "4.10, 4.11", evidence = "M name, I use; no field case",
  needs = LOCAL,
  on = {
    { "+CMQTTTOPIC", "=0,1025" }, { "+CMQTTTOPIC", "=0,0" }, { "+CMQTTPAYLOAD", "=0,10241" },
    { "+CMQTTPAYLOAD", "=0,0" },
    { "+CMQTTSUBTOPIC", "=0,1025,0" }, { "+CMQTTSUB", "=0,1025,0" }, { "+CMQTTUNSUBTOPIC", "=0,1025" },
    { "+CMQTTUNSUB", "=0,1025,0" },
  },
}

local function fill(command, rest)
  return function(dev)
    for _ = 1, 5 do
      session.data(dev, command .. "=0,%d" .. rest, ("f"):rep(1024)):ok()
    end
  end
end

recipe {
  code = 22, kind = "natural", state = "connected",
  cause = "the topics of one SUB or UNSUB have more than 5120 bytes together",
  steps = { "five times AT+CMQTTSUBTOPIC=0,1024,0 with 1024 bytes each" },
  cure = "SUB with the list that is there, then collect the next one.",
  spec = "4.13", evidence = "M limit, I code",
  needs = LOCAL,
  on = {
    { "+CMQTTSUBTOPIC", "=0,1,0", enter = fill("+CMQTTSUBTOPIC", ",0") },
    { "+CMQTTUNSUBTOPIC", "=0,1", enter = fill("+CMQTTUNSUBTOPIC", "") },
  },
}

local BAD = "caf\xE9" -- as an editor writes it that is set to Latin-1

recipe {
  code = 2, kind = "natural", field = 1, state = "connected",
  cause = "the bytes behind the prompt are not UTF-8",
  how = "An é of Latin-1 (0xE9), or binary data as payload.",
  cure = 'Send UTF-8. For binary payloads AT+CMQTTCFG="checkUTF8",0,0 between ACCQ and CONNECT.',
  spec = "1.2", evidence = "M flag and code; I that it shows behind the data",
  needs = LOCAL,
  on = {
    { "+CMQTTPAYLOAD", "=0,4", BAD, field = 1 }, { "+CMQTTTOPIC", "=0,4", BAD }, { "+CMQTTSUBTOPIC", "=0,4,0", BAD },
    { "+CMQTTSUB", "=0,4,0", BAD }, { "+CMQTTUNSUBTOPIC", "=0,4", BAD }, { "+CMQTTUNSUB", "=0,4,0", BAD },
  },
}

recipe {
  code = 2, kind = "natural", state = "acquired",
  cause = "the bytes of the will, or of the client id, are not UTF-8",
  cure = "Send UTF-8; a client id has no switch that allows other bytes.",
  spec = "1.2, 4.3", evidence = "M flag and code; I that it shows behind the data",
  on = {
    { "+CMQTTACCQ", '=1,"' .. BAD .. '",0', name = "a client id in Latin-1" }, { "+CMQTTWILLTOPIC", "=0,4", BAD },
    { "+CMQTTWILLMSG", "=0,4,0", BAD },
  },
}

recipe {
  code = 18, command = "+CMQTTPUB", rest = "=0,1,60", kind = "natural", field = 1, state = "connected",
  cause = "no TOPIC since the last PUB",
  how = "Every PUB, successful or not, empties topic and payload.",
  steps = { "AT+CMQTTTOPIC=0,1", "> t", "AT+CMQTTPUB=0,0,60" },
  cure = "AT+CMQTTTOPIC and AT+CMQTTPAYLOAD again before each PUB.",
  spec = "4.12", evidence = "C svebert, W; F17",
  needs = LOCAL,
  enter = function(dev, _, connection)
    session.publish(dev, "t", "")
    connection:expect "PUBLISH"
  end,
}

recipe {
  code = 18, kind = "natural", state = "connected",
  cause = "no topic was given at all",
  cure = "AT+CMQTTTOPIC before PUB; AT+CMQTTSUBTOPIC before SUB, AT+CMQTTUNSUBTOPIC before UNSUB: each empties its "
    .. "list.",
  spec = "4.12, 4.14", evidence = "C for PUB, I for SUB and UNSUB",
  needs = LOCAL,
  on = { { "+CMQTTPUB", "=0,0,60" }, { "+CMQTTSUB", "=0" }, { "+CMQTTUNSUB", "=0,0" } },
}
