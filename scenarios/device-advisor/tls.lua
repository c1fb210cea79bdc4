--- AWS's TLS tests: docs/DEVICE-ADVISOR.md says what each demands.
local t = require "modemtest"
local mqtt = require "modemtest.mqtt_codec"
local advisor = require "lib.advisor"

local CONNECTED = { event = "mqtt.result", operation = "+CMQTTCONNECT", code = 0 }

--- The suites that AWS recommends and a SIM7600 can offer, by their IANA names.
local RECOMMENDED = { "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256", "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256",
  "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384", "TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384",
  "TLS-ECDHE-RSA-WITH-AES-128-CBC-SHA256", "TLS-ECDHE-ECDSA-WITH-AES-128-CBC-SHA256" }

local USES = { "certificates", "client" }
local MANUAL = advisor.client { start = "manual" }

--- The handshake with a server of this certificate does not come about, and the client sees that. Returns the
-- connection.
local function refuses(env, certificate, accepted)
  local peer = advisor.peer { certificate = certificate, key = "hostile/server.key" }
  env.client:never "^AT%+CMQTTSUB"
  env.client:start { peer = peer }
  local c = peer:accept { within = advisor.WITHIN }
  t.check(not pcall(c.handshake, c, { within = advisor.WITHIN }), accepted)
  local refused = { event = "mqtt.result", operation = "+CMQTTCONNECT", code = 32 }
  env.client:expect_event(refused, { within = advisor.WITHIN })
  return c
end

advisor.test "TLS Connect" {
  run = function(env)
    env.client:expect_event(CONNECTED, { within = advisor.WITHIN })
    local done
    for _, event in ipairs(env.sim:trace()) do
      done = event.event == "tls" and event.step == "handshake done" and event or done
    end
    t.check(done, "the client connected without TLS")
    if done.version ~= "TLSv1.2" then
      return "connected with " .. done.version .. "; AWS asks for TLS 1.2 at least"
    end
  end,
}

advisor.test "TLS Device Support for AWS IoT recommended Cipher Suites" {
  uses = USES,
  -- The client is ended in the middle of its work, once for each suite.
  client = advisor.client { start = "manual", waive = { "next-command-before-final-result" } },
  run = function(env)
    local missing = {}
    for _, suite in ipairs(RECOMMENDED) do
      local peer = advisor.peer { ciphers = { suite },
        certificate = suite:find("ECDSA") and "server-ec.crt" or "server.crt",
        key = suite:find("ECDSA") and "server-ec.key" or "server.key" }
      env.client:start { peer = peer }
      local c = peer:accept { within = advisor.WITHIN }
      if pcall(c.handshake, c, { within = advisor.WITHIN }) then
        c:expect("CONNECT", {}, { within = advisor.WITHIN })
        c:connack(0)
      else
        missing[#missing + 1] = suite
      end
      env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTCONNECT" }, { within = advisor.WITHIN })
      env.client:stop()
    end
    t.check(#missing < #RECOMMENDED, "none of the recommended suites was accepted")
    return #missing > 0 and "not supported: " .. table.concat(missing, ", ") or nil
  end,
}

advisor.test "TLS Incorrect Subject Name Server Cert" {
  uses = USES, client = MANUAL,
  -- The module compares no names, whatever AT+CSSLCFG says; a client cannot make it.
  xfail = { emulator = "a SIM7600 never checks the name in the server's certificate (mqtt-ssl-commands.md 5)" },
  run = function(env)
    local peer = advisor.peer { certificate = "hostile/server-wrong-name.crt", key = "hostile/server.key" }
    env.client:start { peer = peer }
    local c = peer:accept { within = advisor.WITHIN }
    t.check(not pcall(c.handshake, c, { within = advisor.WITHIN }), "it accepted a certificate for another name")
  end,
}

advisor.test "TLS Unsecure Server Cert" {
  uses = USES, client = MANUAL,
  run = function(env)
    refuses(env, "hostile/server-unknown-ca.crt", "it accepted a certificate of an unknown CA")
  end,
}

advisor.test "TLS Expired Server Cert" {
  uses = USES, client = MANUAL,
  -- The network tells the time as the modem registers: one whose clock nobody set cannot know.
  sim = advisor.sim { network = "none", ["network.nitz"] = "on" },
  run = function(env)
    env.sim:set { network = "home" }
    local c = refuses(env, "hostile/server-expired.crt", "it accepted an expired certificate")
    if not c.tls.alert then
      return "it closed the connection without a TLS alert"
    end
  end,
}

advisor.test "TLS Large Size Server Cert" {
  uses = USES, client = MANUAL,
  run = function(env)
    -- Four certificates, nearly three times the bytes of the one in TLS Connect. AWS: a fifth more.
    local c = advisor.open(env, { certificate = "chain/server.crt",
      chain = { "chain/IntermediateCA2.pem", "chain/IntermediateCA1.pem", "AmazonRootCA1.pem" } })
    advisor.serve(c, "SUBSCRIBE")
  end,
}

advisor.test "TLS Receive Maximum Size Fragments" {
  uses = USES, client = MANUAL,
  run = function(env)
    local c = advisor.open(env, { record_size = 16384 })
    c:suback(advisor.serve(c, "SUBSCRIBE"), { 0 })
    local one = mqtt.encode { type = "PUBLISH", topic = "thing1/cmd", payload = ("x"):rep(4060), qos = 0 }
    c:send(one:rep(4))
    for _ = 1, 4 do
      env.client:expect_event({ event = "mqtt", dir = "in", packet = "PUBLISH", topic = "thing1/cmd" },
        { within = advisor.WITHIN })
    end
    c:puback(c:expect("PUBLISH", {}, { within = advisor.WITHIN }))
  end,
}
