-- MQTT over TLS records that no real broker sends: one byte each, several for a message, changed ones, half of one; and
-- the ways a TLS connection can end (spec 3.2, section 6).
local t = require "modemtest"
local tls = require "lib.tls_context"
local mqtt = require "modemtest.mqtt_codec"

local function scenario(name)
  return function(spec)
    spec.tags = { "tls", "records", table.unpack(spec.tags or {}) }
    spec.needs = { "mqtt", "tls", "peer" }
    spec.uses = { "modem", "certificates" }
    t.scenario(name)(spec)
  end
end

--- CONNECT over TLS to a peer with these options, not answered yet: the response, and the connection.
local function begin(dev, options)
  local peer = t.peer { tls = options or {} }
  tls.acquire(dev)
  local r = tls.begin_connect(dev, peer.address)
  local connection = peer:accept()
  connection:handshake()
  connection:expect("CONNECT", { client_id = "thing1" })
  return r, connection
end

local function connected(dev, options)
  local r, connection = begin(dev, options)
  connection:connack()
  r:result("+CMQTTCONNECT: 0,0")
  return connection
end

local function expect_message(dev, topic, payload)
  local m = dev:expect_message({ client = 0 })
  t.eq({ m.topic, m.payload }, { topic, payload }, "the message")
end

scenario "records of one byte" {
  matrix = { version = { "TLSv1.0", "TLSv1.2" } },
  run = function(dev, env, p)
    local connection = connected(dev, { record_size = 1, min_version = p.version, max_version = p.version })
    t.eq(connection.tls.version, p.version)
    local body = env.binary(300)
    connection:publish("a/b", body, { qos = 1, id = 7 })
    connection:expect("PUBACK", { id = 7 })
    expect_message(dev, "a/b", body)
  end,
}

scenario "a message of several records, and several messages in one" {
  run = function(dev, env)
    local connection = connected(dev)
    -- 40000 bytes are three records of TLS; what is longer than the modem can pass on is acknowledged and dropped.
    connection:publish("a/b", env.binary(40000), { qos = 1 })
    connection:expect("PUBACK", { id = 1 })
    connection:send(mqtt.publish("a", "one") .. mqtt.publish("b", "two") .. mqtt.publish("c", "three"))
    for _, m in ipairs { { "a", "one" }, { "b", "two" }, { "c", "three" } } do
      expect_message(dev, m[1], m[2])
    end
  end,
}

local CHANGES = {
  { name = "another version", change = function(record) return "\x17\3\9" .. record:sub(4) end },
  { name = "a byte changed", change = function(record)
    return record:sub(1, -2) .. string.char(record:byte(-1) ~ 1)
  end },
  { name = "longer than TLS allows", change = function(record)
    return record:sub(1, 3) .. "\xFF\xFF" .. record:sub(6)
  end },
  { name = "garbage in between", change = function(record) return "\0\0\0\0\0\0" .. record end },
  { name = "sent twice", change = function(record) return record .. record end, connected = true },
}

scenario "a record that was changed on the way ends the connection" {
  tags = { "malformed" },
  cases = CHANGES,
  run = function(dev, _, p)
    local connection = connected(dev)
    connection:send_changed(mqtt.publish("a", "x"), p.change)
    if p.connected then -- the first of both was right
      expect_message(dev, "a", "x")
    end
    -- Which cause the modem then names is not specified.
    dev:expect_urc("+CMQTTCONNLOST: 0,[12]")
    connection:wait_gone()
  end,
}

scenario "n bytes of the record with CONNACK, and the end: 6" {
  matrix = { n = { 1, 5, 20 } },
  run = function(dev, _, p)
    local r, connection = begin(dev)
    connection:send_changed(mqtt.connack(), function(record) return record:sub(1, p.n) end)
    connection:drop()
    r:result("+CMQTTCONNECT: 0,6")
  end,
}

scenario "an idle connection ends: with close_notify, without, with a fatal alert" {
  tags = { "close" },
  cases = {
    { name = "close_notify and FIN", play = function(c) c:close() end, cause = "1" },
    { name = "close_notify alone", play = function(c) c:alert("close_notify") end, cause = "1" },
    { name = "FIN alone", play = function(c) c:drop() end, cause = "1" },
    { name = "a fatal alert", play = function(c) c:alert("internal_error") end, cause = "[12]" },
    { name = "RST", play = function(c) c:reset() end, cause = "2" },
  },
  run = function(dev, _, p)
    p.play(connected(dev))
    dev:expect_urc("+CMQTTCONNLOST: 0," .. p.cause)
  end,
}

scenario "the server ends the handshake at any message of the modem" {
  tags = { "close" },
  matrix = {
    message = { "ClientHello", "Certificate", "ClientKeyExchange", "CertificateVerify", "Finished" },
    how = { "close", "reset", "alert handshake_failure" },
  },
  run = function(dev, _, p)
    local peer = t.peer { tls = { client_certificate = "required", ca = "AmazonRootCA1.pem",
      at = { [p.message] = p.how } } }
    tls.acquire(dev)
    tls.played(dev, peer, p.how:find("^alert") and 32 or 26, function(connection)
      connection:message(p.message)
    end)
  end,
}
