-- Causes in TLS: files, versions, dates, and servers that are something else.
local t = require "modemtest"
local cause = require "lib.cause"
local session = require "lib.mqtt_session"
local tls = require "lib.tls_context"

local function connect(dev, env, address, code)
  session.start(dev)
  session.acquire(dev, { id = "thing1", type = 1 })
  dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
  return dev:cmd("%s", session.connect_line(address)), tls.code(env, code)
end

--- CONNECT to the real broker behind 'before', which ends with this code.
local function with_broker(fields)
  local before, code = fields.before, fields.code
  fields.before, fields.code = nil, nil
  fields.needs = { "emulator", "mqtt", "tls", "broker.policy" }
  fields.uses = { "modem", "broker", "certificates" }
  fields.plant = function(dev, env)
    before(dev, env)
    local r, wanted = connect(dev, env, env.broker.address, code)
    r:result(("+CMQTTCONNECT: 0,%d"):format(wanted))
  end
  cause(fields)
end

with_broker {
  name = "the stored CA is not the server's", code = 32,
  before = function(dev, env)
    env.certificates:store(dev, "cacert.pem", env.certificates:file "hostile/UnknownRootCA.pem")
  end,
  first = { "CONNECT got 32", 'cacert ("cacert.pem")', "does not trust" }, remedy = "cacert",
}

with_broker {
  name = "the modem's clock is in the past", code = 32,
  before = function(dev)
    dev:cmd 'AT+CCLK="80/01/06,00:00:00+00"':ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end,
  first = { "not valid yet by the modem's clock", "80/01/06" }, remedy = "CCLK",
}

with_broker {
  name = "the server's certificate has expired", code = 32,
  broker = { certificate = "hostile/server-expired.crt" },
  before = function(dev)
    dev:cmd 'AT+CCLK="24/05/17,12:00:00+00"':ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
  end,
  first = { "expired", "ignorelocaltime is 0" },
}

with_broker {
  name = "the client certificate has expired", code = 32,
  before = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file "hostile/expired-certificate.pem.crt")
    files:store(dev, "clientkey.pem", files:file "hostile/expired-private.pem.key")
  end,
  first = { "client certificate", "expired" },
}

with_broker {
  name = "the client certificate comes from a CA that the server does not know", code = 32,
  before = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file "hostile/unknown-ca-certificate.pem.crt")
    files:store(dev, "clientkey.pem", files:file "hostile/unknown-ca-private.pem.key")
  end,
  first = { "CA", "client certificate" },
}

with_broker {
  name = "the key does not belong to the certificate", code = 34,
  before = function(dev, env)
    env.certificates:store(dev, "clientkey.pem", env.certificates:key "thing2")
  end,
  first = { 'key ("clientkey.pem") does not belong to the certificate ("clientcert.pem")' },
}

with_broker {
  name = "the key is locked with a password", code = 34,
  before = function(dev, env)
    env.certificates:store(dev, "clientkey.pem", env.certificates:file "thing1-private-encrypted.pem.key")
  end,
  first = { 'key ("clientkey.pem")', "password" },
}

with_broker {
  name = "a file was deleted", code = 34,
  before = function(dev) dev:cmd 'AT+CCERTDELE="clientcert.pem"':ok() end,
  first = { '"clientcert.pem"', "was deleted" }, remedy = "CCERT",
}

with_broker {
  name = "the stored CA is damaged", code = 34,
  before = function(dev, env)
    env.certificates:store(dev, "cacert.pem", env.certificates:file "hostile/CorruptRootCA.pem")
  end,
  first = { 'cacert ("cacert.pem")', "no usable certificate" },
}

with_broker {
  name = "authmode needs a file that the context does not name", code = 33,
  provision = false,
  before = function(dev) tls.set(dev, 0, { authmode = 1 }) end,
  first = { "CONNECT got 33", "authmode 1", "cacert" },
}

with_broker {
  name = "no common version of TLS", code = 32,
  before = function(dev) tls.set(dev, 0, { sslversion = 1 }) end,
  first = { "TLS version", "sslversion 1" }, remedy = 'AT+CSSLCFG="sslversion",0,4',
}

local function with_peer(fields)
  local peer_options, play, code = fields.peer or {}, fields.play, fields.code
  fields.peer, fields.play, fields.code = nil, nil, nil
  fields.needs = { "emulator", "mqtt", "tls", "peer" }
  fields.uses, fields.provision = { "modem", "certificates" }, false
  peer_options.unread = true
  fields.plant = function(dev, env)
    local peer = t.peer(peer_options)
    local r, wanted = connect(dev, env, peer.address, code)
    play(peer:accept())
    r:result(("+CMQTTCONNECT: 0,%d"):format(wanted))
  end
  cause(fields)
end

with_peer {
  name = "the port speaks HTTP, not TLS", code = 32, peer = { mqtt = false },
  play = function(c) c:send "HTTP/1.1 400 Bad Request\r\n\r\n" end,
  first = { "does not speak TLS" },
}

with_peer {
  name = "the server answers the ClientHello with an alert", code = 32,
  peer = { tls = { certificate = "server.crt", key = "server.key", at = { ClientHello = "alert unrecognized_name" } } },
  play = function(c) c:wait_gone() end,
  first = { "server name (SNI)", "unrecognized_name" }, remedy = "enableSNI",
}

with_peer {
  name = "the server closes when it sees the ClientHello", code = 26, peer = { mqtt = false },
  play = function(c) c:bytes(5); c:close() end,
  first = { "closed the connection", "ClientHello" },
}
