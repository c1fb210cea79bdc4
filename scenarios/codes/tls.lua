--- TLS: codes 26, 32, 33 and 34 of CONNECT.
local t = require "modemtest"
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"
local tls = require "lib.tls_context"

local STEPS = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"modemtest",1', "AT+CMQTTSSLCFG=0,0" }

local function connect(fields)
  fields.command, fields.kind = "+CMQTTCONNECT", "natural"
  fields.rest = '=0,"tcp://BROKER:8883",60,1'
  local steps = { table.unpack(STEPS) }
  table.move(fields.settings or {}, 1, #(fields.settings or {}), #steps + 1, steps)
  fields.steps, fields.settings = steps, nil
  fields.shape = fields.shape or "unreached"
  recipe(fields)
end

--- CONNECT over TLS with this SSL context, to this address.
local function over_tls(dev, address, context)
  session.start(dev)
  session.acquire(dev, { type = 1 })
  dev:cmd("AT+CMQTTSSLCFG=0,%d", context or 0):ok()
  return dev:cmd("%s", session.connect_line(address))
end

--- The real broker, after before(dev, env) has done its mischief.
local function to_broker(before)
  return function(dev, env, _, expect)
    before(dev, env)
    expect(over_tls(dev, env.broker.address))
  end
end

local REAL = { needs = { "mqtt", "tls", "broker.policy" }, uses = { "modem", "broker", "certificates" } }

local function with_broker(fields)
  fields.needs, fields.uses, fields.code, fields.run = REAL.needs, REAL.uses, 32, to_broker(fields.before)
  fields.before = nil
  connect(fields)
end

-- 32 --------------------------------------------------------------------------------------------------------

with_broker {
  field = 2, cause = "the stored CA is not the root of the broker's certificate",
  settings = { 'AT+CCERTDOWN="cacert.pem",1188   (another root)', 'AT+CSSLCFG="authmode",0,2' },
  cure = "The root that the broker's chain ends in: AmazonRootCA1.pem for AWS IoT Core's -ats endpoints.",
  spec = "3.2", evidence = "L #100; F02",
  before = function(dev, env)
    env.certificates:store(dev, "cacert.pem", env.certificates:file "hostile/UnknownRootCA.pem")
  end,
}

with_broker {
  field = 3, cause = "dates are checked and the modem's clock is wrong",
  settings = { 'AT+CSSLCFG="ignorelocaltime",0,0', 'AT+CCLK="80/01/06,00:00:00+00"' },
  cure = 'Set the clock (AT+CTZU=1, AT+CNTP, AT+CCLK), or AT+CSSLCFG="ignorelocaltime",0,1.',
  spec = "5.1", evidence = "W A7672; F02",
  before = function(dev)
    dev:cmd 'AT+CCLK="80/01/06,00:00:00+00"':ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end,
}

with_broker {
  cause = "the server's certificate has expired and dates are checked",
  broker = { certificate = "hostile/server-expired.crt" },
  settings = { 'AT+CSSLCFG="ignorelocaltime",0,0' },
  cure = "A new certificate for the broker.",
  spec = "5.1", evidence = "I",
  before = function(dev)
    dev:cmd 'AT+CCLK="24/05/17,12:00:00+00"':ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end,
}

with_broker {
  field = 4, cause = "the broker does not accept the client's certificate",
  settings = { 'AT+CCERTDOWN="clientcert.pem",1200   (of a CA that the broker does not know)' },
  how = "Of another AWS account, inactive, revoked or expired: the broker ends the handshake with an alert.",
  cure = "Certificate and key of the very thing, active, registered in the account and region of the endpoint.",
  spec = "3.2", evidence = "W A7670C; F02",
  before = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file "hostile/unknown-ca-certificate.pem.crt")
    files:store(dev, "clientkey.pem", files:file "hostile/unknown-ca-private.pem.key")
  end,
}

with_broker {
  cause = "no common version of TLS", settings = { 'AT+CSSLCFG="sslversion",0,1' },
  how = "TLS 1.0 alone is offered; AWS IoT Core and today's brokers take 1.2.",
  cure = 'AT+CSSLCFG="sslversion",0,4 (all), or 3 (TLS 1.2).',
  spec = "5.1", evidence = "I",
  before = function(dev) tls.set(dev, 0, { sslversion = 1 }) end,
}

connect {
  code = 32, field = 1,
  cause = "the server serves many names and the modem names none",
  how = "Shared hosts choose their certificate by the name in ClientHello (SNI); without one they send an alert.",
  settings = { 'AT+CSSLCFG="enableSNI",0,0   (the default)' },
  cure = 'AT+CSSLCFG="enableSNI",0,1, and the name, not an IP address, in CONNECT.',
  spec = "5.1", evidence = "W A7672; L #49; F02",
  needs = { "tls", "peer" }, uses = { "modem", "certificates" }, provision = false,
  run = function(dev, _, _, expect)
    local peer = t.peer { tls = { certificate = "server.crt", key = "server.key",
      at = { ClientHello = "alert handshake_failure" } }, unread = true }
    local r = over_tls(dev, peer.address, tls.SPARE)
    local connection = peer:accept()
    expect(r)
    t.eq(connection.tls.server_name, nil, "the name in ClientHello")
  end,
}

connect {
  code = 32,
  cause = "the port does not speak TLS",
  how = "What answers is HTTP, say.",
  cure = "Check the port: 8883 for MQTT over TLS.",
  spec = "3.2", evidence = "I",
  needs = { "tls", "peer" }, uses = { "modem", "certificates" }, provision = false,
  run = function(dev, _, _, expect)
    local peer = t.peer { mqtt = false, unread = true }
    local r = over_tls(dev, peer.address, tls.SPARE)
    local connection = peer:accept()
    connection:send "HTTP/1.1 400 Bad Request\r\n\r\n"
    expect(r)
  end,
}

-- 26 --------------------------------------------------------------------------------------------------------

connect {
  code = 26, shape = "network", field = 1,
  cause = "the broker wants the client's certificate and authmode does not send it",
  how = "AWS IoT Core ends the handshake without it, and closes when it has read CONNECT.",
  settings = { 'AT+CSSLCFG="authmode",0,0   (the default)' },
  cure = 'AT+CSSLCFG="authmode",0,2 (or 3), with clientcert and clientkey named.',
  spec = "3.2", evidence = "L P10 SIM7600EI; F04",
  needs = { "tls", "peer" }, uses = { "modem", "certificates" }, provision = false,
  run = function(dev, _, _, expect)
    local peer = t.peer { tls = { certificate = "server.crt", key = "server.key", client_certificate = "optional" } }
    tls.set(dev, tls.SPARE, { authmode = 0 })
    local r = over_tls(dev, peer.address, tls.SPARE)
    local connection = peer:accept()
    t.eq(connection:handshake().certificate, nil, "the client's certificate")
    connection:expect "CONNECT"
    connection:close()
    expect(r)
  end,
}

connect {
  code = 26, field = 3,
  cause = "TLS to a port that speaks MQTT without it",
  how = "The broker cannot read a ClientHello and closes.",
  cure = "8883 instead of 1883 (CONNECT takes 1883 where no port is given), or server type 0 in ACCQ.",
  spec = "3.2", evidence = "I",
  needs = REAL.needs, uses = { "modem", "broker" }, provision = false,
  run = function(dev, env, _, expect)
    expect(over_tls(dev, env.broker.plain_address, tls.SPARE))
  end,
}

connect {
  code = 26,
  cause = "the server closes in the middle of the TLS handshake",
  cure = "A load balancer without a broker behind it, or a server that is full: its log knows.",
  spec = "3.2", evidence = "I",
  needs = { "tls", "peer" }, uses = { "modem", "certificates" }, provision = false,
  run = function(dev, _, _, expect)
    local peer = t.peer { mqtt = false, unread = true }
    local r = over_tls(dev, peer.address, tls.SPARE)
    peer:accept():close()
    expect(r)
  end,
}

-- 33, 34 ----------------------------------------------------------------------------------------------------

for i, row in ipairs {
  { "clientkey", 2 }, { "clientcert", 2 }, { "cacert", 1 },
} do
  local kind, authmode = row[1], row[2]
  connect {
    code = 33, shape = "at_once", field = i,
    cause = ("authmode %d needs a %s and the SSL context names none"):format(authmode, kind),
    settings = { ('AT+CSSLCFG="authmode",0,%d'):format(authmode) },
    how = "Contexts forget everything with a reset of the modem; the files themselves stay.",
    cure = ('AT+CSSLCFG="%s",0,"%s.pem", for the context that CMQTTSSLCFG names, or that of the client\'s number.')
      :format(kind, kind),
    spec = "3.2", evidence = "I; no field case",
    needs = { "tls" }, uses = { "modem", "certificates" },
    run = function(dev, _, _, expect)
      local context = tls.without(dev, kind)
      tls.set(dev, context, { authmode = authmode })
      expect(over_tls(dev, "127.0.0.1:8883", context))
    end,
  }
end

--- A file that cannot be used. bytes(env): what is stored under the name first; nil: nothing is.
local function unusable(fields)
  local kind, authmode, bytes = fields.file, fields.authmode or 2, fields.bytes
  fields.file, fields.authmode, fields.bytes = nil, nil, nil
  fields.code = 34
  fields.needs, fields.uses = { "tls" }, { "modem", "certificates" }
  fields.run = function(dev, env, _, expect)
    tls.set(dev, 0, { authmode = authmode, [kind] = "unusable.pem" })
    if bytes then
      env.certificates:store(dev, "unusable.pem", bytes(env.certificates))
    end
    expect(over_tls(dev, "127.0.0.1:8883"))
    if bytes then
      dev:cmd 'AT+CCERTDELE="unusable.pem"':ok()
    end
  end
  connect(fields)
end

unusable {
  field = 1, file = "clientcert",
  cause = "a file that the SSL context names is not stored",
  settings = { 'AT+CSSLCFG="clientcert",0,"a-name-with-a-slip.pem"' },
  cure = "AT+CCERTLIST shows what is stored, AT+CSSLCFG=0 what the context names: compare them letter by letter.",
  spec = "3.2", evidence = "I; F09",
}

unusable {
  field = 2, file = "clientkey",
  cause = "a file was stored incomplete or with bytes too many",
  settings = { 'AT+CCERTDOWN="clientkey.pem",1000   (of a file with 1679 bytes)' },
  how = "The length in CCERTDOWN counts every CR and LF; the modem takes exactly so many bytes, and says OK.",
  cure = "Delete it, and upload with the length of the file; nothing before the first byte, no CR of the terminal.",
  spec = "5.2", evidence = "C for the upload; F09",
  bytes = function(files) return files:key():sub(1, 1000) end,
}

unusable {
  field = 3, file = "clientkey",
  cause = "the key belongs to another certificate",
  settings = { 'AT+CSSLCFG="clientkey",0,"key-of-thing2.pem"' },
  cure = "The pair that AWS made together; `openssl x509 -modulus` and `openssl rsa -modulus` must print the same.",
  spec = "3.2", evidence = "W A7670C has 32 for it; I; F02",
  bytes = function(files) return files:key "thing2" end,
}

unusable {
  file = "cacert", authmode = 1,
  cause = "the CA file holds no certificate",
  settings = { 'AT+CCERTDOWN="cacert.pem",28   (the text of an error page)' },
  cure = "A PEM file begins with -----BEGIN CERTIFICATE-----; download it anew.",
  spec = "3.2", evidence = "I; F09",
  bytes = function() return "<html>404 Not Found</html>\r\n" end,
}

connect {
  code = 34,
  cause = "SSL 3.0 alone is allowed",
  settings = { 'AT+CSSLCFG="sslversion",0,0' },
  cure = 'AT+CSSLCFG="sslversion",0,4.',
  spec = "5.1", evidence = "I",
  needs = { "tls", "peer", "emulator" },
  run = function(dev, _, _, expect)
    local peer = t.peer { mqtt = false, unread = true }
    tls.set(dev, tls.SPARE, { sslversion = 0 })
    expect(over_tls(dev, peer.address, tls.SPARE))
  end,
}
