--- Fixture "broker" for sweeps: Mosquitto alone, with mutual TLS and a plain port, one for all scenarios of a file. It
-- takes QoS 2, which AWS IoT Core does not have, and knows no limits per second, which a sweep would run into.
local t = require "modemtest"
local plain_broker = require "lib.plain_broker"

t.fixture "broker" {
  scope = "file", uses = { "certificates" },
  setup = function(env)
    local certificates, tls_port = env.certificates, nil
    local function tls_listener()
      tls_port = plain_broker.free_port()
      return ("listener %d 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n"):format(tls_port,
        certificates:path("AmazonRootCA1.pem"), certificates:path("server.crt"), certificates:path("server.key"))
    end
    local broker = plain_broker.start(env, nil, tls_listener)
    broker.plain_host, broker.plain_port, broker.plain_address = broker.host, broker.port, broker.address
    broker.port, broker.address = tls_port, "127.0.0.1:" .. tls_port
    return broker
  end,
  teardown = plain_broker.stop,
}
