-- Causes in the modem's own state, in the command line, and behind a prompt.
local cause = require "lib.cause"
local session = require "lib.mqtt_session"

cause {
  name = "START twice",
  plant = function(dev, env)
    session.start(dev)
    session.answered(dev, env, "started", "AT+CMQTTSTART", "+CMQTTSTART: 23")
  end,
  first = { "already started" }, remedy = "success",
}

cause {
  name = "CONNECT of a client that is not acquired",
  plant = function(dev)
    session.start(dev)
    dev:cmd 'AT+CMQTTCONNECT=0,"tcp://127.0.0.1:1883",60,1':result("+CMQTTCONNECT: 0,20", { final = "ERROR" })
  end,
  first = { "CONNECT got 20", "not acquired" }, remedy = "AT+CMQTTACCQ",
}

cause {
  name = "an address with ssl://",
  plant = function(dev)
    session.start(dev)
    session.acquire(dev, { id = "m", type = 1 })
    dev:cmd 'AT+CMQTTCONNECT=0,"ssl://127.0.0.1:8883",60,1':result("+CMQTTCONNECT: 0,12", { final = "ERROR" })
  end,
  first = { "CONNECT got 12", "ssl://", "tcp://" },
}

cause {
  name = "ACCQ twice",
  plant = function(dev)
    session.start(dev)
    session.acquire(dev, { id = "first", type = 0 })
    dev:cmd 'AT+CMQTTACCQ=0,"second",0':result("+CMQTTACCQ: 0,19", { final = "ERROR" })
  end,
  first = { "ACCQ got 19", 'already acquired as "first"' },
}

cause {
  name = "STOP with an acquired client",
  plant = function(dev, env)
    session.start(dev)
    session.acquire(dev, { id = "m", type = 0 })
    dev:cmd "AT+CMQTTSTOP":result(("+CMQTTSTOP: %s"):format(env.key "stop_with_client"), { final = "ERROR" })
  end,
  first = { 'client 0 ("m")', "still acquired" }, remedy = "AT+CMQTTREL=0",
}

cause {
  name = "a file name that is none of a certificate",
  plant = function(dev) dev:cmd 'AT+CCERTDOWN="ca.txt",4':error() end,
  first = { '"ca.txt"' }, remedy = ".pem",
}

cause {
  name = "the next command is swallowed by a data entry that is too long",
  plant = function(dev)
    dev:cmd('AT+CCERTDOWN="ca.pem",14'):prompt():data "abcd\r\nAT+CSQ\r\n":ok()
  end,
  first = { "AT+CSQ", "announced" },
}

cause {
  name = "the data entry still waits",
  plant = function(dev)
    return dev:cmd 'AT+CCERTDOWN="ca.pem",14':prompt()
  end,
  after = function(r) r:data "14 bytes of it":ok() end,
  first = { "still waits for 14 bytes" },
}

cause {
  name = "the SIM wants its PIN",
  sim = { keys = { ["sim.lock"] = "on" } },
  plant = function(dev)
    dev:cmd "AT+CMEE=2":ok()
    dev:cmd 'AT+CIMI':cme "SIM PIN required"
  end,
  first = { "SIM", "PIN" }, remedy = "AT+CPIN",
}

cause {
  name = "no network when the service starts",
  sim = { keys = { ["network.data"] = "refuse", pdn_event = "" } },
  plant = function(dev) dev:cmd "AT+CMQTTSTART":result "+CMQTTSTART: 7" end,
  first = { "no packet data" }, remedy = "CEREG",
}

cause {
  name = "a setting that AT+CSSLCFG does not have",
  plant = function(dev) dev:cmd 'AT+CSSLCFG="ignorlocaltime",0,1':error() end,
  first = { "no such setting" }, remedy = "AT+CSSLCFG=?",
}

cause {
  name = "a command with a typing error",
  plant = function(dev) dev:cmd "AT+CMQTSTART":error() end,
  first = { "no command AT+CMQTSTART", "AT+CMQTTSTART" },
}

cause {
  name = "an answer that somebody forced",
  needs = { "emulator", "fault" },
  plant = function(dev, env)
    session.start(dev)
    session.acquire(dev, { id = "m", type = 0 })
    env.sim:fault { name = "mqtt.result", command = "+CMQTTCONNECT", code = 4 }
    local r = dev:cmd 'AT+CMQTTCONNECT=0,"tcp://127.0.0.1:1883",60,1'
    r:result "+CMQTTCONNECT: 0,4"
  end,
  first = { "CONNECT got 4", "fault" },
}
