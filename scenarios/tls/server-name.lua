-- AT+CSSLCFG="enableSNI": the server's name in the ClientHello (RFC 6066 3). Firmware that does not have the setting
-- refuses it and sends no name.
local t = require "modemtest"
local tls = require "lib.tls_context"
require "lib.tls_server"

local USES = { "modem", "certificates", "peer" }
local NEEDS = { "mqtt", "tls", "broker" }

local function port_of(address)
  return address:match(":(%d+)$")
end

t.scenario "the name is sent with enableSNI 1 and only then, and never an address" {
  tags = { "tls", "enableSNI" },
  needs = { "mqtt", "tls", "peer" },
  uses = { "modem", "certificates" },
  cases = {
    { sni = 0, host = "localhost", name = false },
    { sni = 1, host = "localhost", name = "localhost" },
    { sni = 1, host = "127.0.0.1", name = false },
  },
  run = function(dev, _, p)
    local offered = tls.set_where_offered(dev, 0, "enableSNI", p.sni)
    tls.acquire(dev)
    t.eq(tls.client_hello(dev, { host = p.host }).server_name or false, offered and p.name, "server name")
  end,
}

t.scenario "a server that knows itself by name refuses a wrong name with 32" {
  tags = { "tls", "enableSNI" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local offered = tls.set_where_offered(dev, 0, "enableSNI", 1)
    tls.acquire(dev)
    local certificate = { "-cert2", env.certificates:path("server.crt"),
      "-key2", env.certificates:path("server.key"), "-tls1_2", "-servername_fatal" }
    local other = env.peer:openssl { "-servername", "other.example", table.unpack(certificate) }
    if not offered then -- no name, no wrong name
      local r = tls.begin_connect(dev, "localhost:" .. port_of(other.address))
      other:accept()
      r:result("+CMQTTCONNECT: 0,0")
      return
    end
    tls.connect(dev, "localhost:" .. port_of(other.address), 32)
    local right = env.peer:openssl { "-servername", "localhost", table.unpack(certificate) }
    local r = tls.begin_connect(dev, "localhost:" .. port_of(right.address))
    right:wait_line('^Hostname in TLS extension: "localhost"$')
    right:accept()
    r:result("+CMQTTCONNECT: 0,0")
    tls.disconnect(dev)
  end,
}

t.scenario "the name stays the endpoint's where --connect-to leads elsewhere" {
  tags = { "tls", "enableSNI" },
  needs = { "mqtt", "tls", "emulator" },
  uses = { "certificates", "modem" },
  sim = { args = { "--connect-to", "a1b2c3-ats.iot.eu-west-1.amazonaws.com::127.0.0.1:" } },
  run = function(dev)
    tls.set(dev, 0, { authmode = 0 })
    local offered = tls.set_where_offered(dev, 0, "enableSNI", 1)
    tls.acquire(dev)
    local host = "a1b2c3-ats.iot.eu-west-1.amazonaws.com"
    t.eq(tls.client_hello(dev, { host = host }).server_name or false, offered and host, "server name")
  end,
}
