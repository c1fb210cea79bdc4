-- TLS where none is spoken, and none where it is.
local t = require "modemtest"
local tls = require "lib.tls_context"
local server = require "lib.tls_server"

local USES = { "modem", "certificates", "peer" }
local NEEDS = { "mqtt", "tls", "broker" }

t.scenario "TLS to the broker's plain port gets 26: it does not understand and closes" {
  tags = { "tls", "wrong-protocol" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.session(dev, env.broker.plain_address, 26)
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "no TLS to the broker's TLS port gets 26: it does not read on and resets the connection" {
  tags = { "tls", "wrong-protocol" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.acquire(dev, 0)
    tls.connect(dev, env.broker.address, 26)
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "an answer that is no TLS gets 32" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  matrix = { answer = { "HTTP/1.1 400 Bad Request\r\n\r\n", server.CONNACK .. "\0\0\0\0\0\0\0",
    "\x16\x03\x03\xFF\xFF no such record" } },
  run = function(dev, env, p)
    tls.session(dev, env.peer:listen(server.says(p.answer)).address, 32)
  end,
}

t.scenario "an alert instead of a ServerHello gets 32" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  matrix = { alert = { 40, 42, 70, 80 } },
  run = function(dev, env, p)
    local alert = "\x15\x03\x03\x00\x02\x02" .. string.char(p.alert)
    tls.session(dev, env.peer:listen(server.says(alert)).address, 32)
  end,
}

t.scenario "a TLS alert where an MQTT answer should be gets 24" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    tls.acquire(dev, 0)
    tls.connect(dev, env.peer:listen(server.says("\x15\x03\x03\x00\x02\x02\x46")).address, 24)
  end,
}
