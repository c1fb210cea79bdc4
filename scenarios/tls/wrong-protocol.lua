-- TLS where none is spoken, and none where it is.
local t = require "modemtest"
local tls = require "lib.tls_context"

local USES = { "modem", "certificates" }
local NEEDS = { "mqtt", "tls", "peer" }

t.scenario "TLS to the broker's plain port gets 26: it does not understand and closes" {
  tags = { "tls", "wrong-protocol" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.session(dev, env.broker.plain_address, 26)
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "no TLS to the broker's TLS port gets 6: it answers CONNECT by closing" {
  tags = { "tls", "wrong-protocol" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    tls.acquire(dev, 0)
    tls.connect(dev, env.broker.address, 6)
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "an answer that is no TLS gets 32" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  matrix = { answer = { "HTTP/1.1 400 Bad Request\r\n\r\n", "\x20\x02\0\0\0\0\0\0\0\0\0",
    "\x16\x03\x03\xFF\xFF no such record" } },
  run = function(dev, _, p)
    tls.acquire(dev)
    tls.played(dev, t.peer { tls = { at = { ClientHello = "stall" } } }, 32, function(connection)
      connection:message("ClientHello")
      connection:raw(p.answer)
    end)
  end,
}

t.scenario "an alert instead of a ServerHello gets 32" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  matrix = { alert = { "handshake_failure", "bad_certificate", "protocol_version", "internal_error" } },
  run = function(dev, _, p)
    tls.acquire(dev)
    tls.played(dev, t.peer { tls = { at = { ClientHello = "stall" } } }, 32, function(connection)
      connection:message("ClientHello")
      connection:alert(p.alert)
    end)
  end,
}

t.scenario "a TLS alert where an MQTT answer should be gets 24" {
  tags = { "tls", "wrong-protocol" },
  needs = NEEDS,
  uses = USES,
  run = function(dev)
    tls.acquire(dev, 0)
    tls.played(dev, t.peer {}, 24, function(connection)
      connection:expect("CONNECT")
      connection:send("\x15\x03\x03\x00\x02\x02\x46")
    end)
  end,
}
