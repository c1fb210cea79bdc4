--- CONNECT without TLS, or behind it: the broker is not there, refuses, closes, or answers what is no MQTT.
local t = require "modemtest"
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"
require "lib.plain_broker"

local COMMAND, LINE = "+CMQTTCONNECT", '=0,"tcp://BROKER:1883",60,1'

--- CONNECT to a peer; play(connection) is what it does behind the modem's CONNECT packet.
local function to_peer(play)
  return function(dev, _, _, expect)
    recipe.enter(dev, "acquired")
    local peer = t.peer {}
    local r = dev:cmd("%s", session.connect_line(peer.address))
    local connection = peer:accept()
    connection:expect "CONNECT"
    play(connection)
    expect(r)
  end
end

local function connect(fields)
  fields.command, fields.kind = COMMAND, fields.kind or "natural"
  fields.rest = fields.rest or LINE
  fields.needs = fields.needs or { "peer" }
  recipe(fields)
end

connect {
  code = 3, shape = "unreached", field = 1,
  cause = "nobody listens at that address and port",
  how = "A private or wrong address, a port the operator blocks, a broker that is down.",
  cure = "Try the address from another host in the mobile network; the port is 1883 unless it is given, also for TLS.",
  spec = "3.2", evidence = "L A7670E; F11",
  run = function(dev, _, _, expect)
    recipe.enter(dev, "acquired")
    local peer = t.peer {}
    peer:deaf()
    expect(dev:cmd("%s", session.connect_line(peer.address)))
  end,
}

connect {
  code = 25, shape = "unreached", rest = '=0,"tcp://broker.invalid:1883",60,1', field = 1,
  cause = "the name does not resolve",
  how = "A slip of the pen, or no DNS server in the context.",
  cure = 'AT+CDNSGIP="NAME" shows whether it is the name or the DNS; AT+CDNSCFG sets servers.',
  spec = "3.2", evidence = "I; no field case",
  needs = {}, run = nil,
}

connect {
  code = 17, shape = "network", field = 1,
  cause = "the broker takes the connection and does not answer CONNECT",
  how = "Nothing comes for 120 s; the scenario makes that 0.2 s (key connect_timeout_ms). A port of another service, "
    .. "mostly.",
  cure = "Check the port, and whether the broker is overloaded.",
  spec = "3.2", evidence = "I; no field case",
  sim = { keys = { connect_timeout_ms = 200 } },
  run = to_peer(function() end),
}

connect {
  code = 24, shape = "network", field = 1,
  cause = "the answer is no MQTT",
  how = "The port is one of HTTP, say.",
  cure = "Check the port: 1883 without TLS, 8883 with; websockets are something else.",
  spec = "3.2", evidence = "I",
  run = to_peer(function(connection) connection:send "HTTP/1.1 400 Bad Request\r\n\r\n" end),
}

connect {
  code = 24, shape = "network",
  cause = "CONNACK has a byte too much",
  cure = "A fault of the broker, or of a proxy before it.",
  spec = "3.2", evidence = "I",
  run = to_peer(function(connection) connection:send "\x20\x03\0\0\0" end),
}

connect {
  code = 24, shape = "network",
  cause = "CONNACK has a return code that MQTT does not know",
  cure = "A fault of the broker; it may speak MQTT 5.",
  spec = "3.2", evidence = "I",
  run = to_peer(function(connection) connection:send "\x20\x02\0\x06" end),
}

--- MQTT 3.1.1, table 3.1: the return codes of CONNACK.
local REFUSALS = {
  { 1, 27, "the broker does not speak this version of MQTT",
    "The last parameter of ACCQ: 3 is MQTT 3.1, 4 is 3.1.1 (A76XX: AT+CMQTTCFG=\"version\")." },
  { 2, 28, "the broker does not take this client id",
    "Another client id in ACCQ; some brokers take no more than 23 letters and digits." },
  { 3, 29, "the broker says that its service is not available", "Try later: the broker is starting, or full." },
  { 4, 30, "the broker says that user name or password are wrong",
    "The last two parameters of CONNECT, each in quotes." },
  { 5, 31, "the broker says that this client is not authorised",
    "User name, password and client id as the broker knows them. AWS IoT Core never answers so: it closes, 6." },
}

for _, row in ipairs(REFUSALS) do
  connect {
    code = row[2], shape = "network", field = 2, cause = row[3], how = ("CONNACK with return code %d."):format(row[1]),
    cure = row[4], spec = "3.2", evidence = "M names; not captured",
    run = to_peer(function(connection) connection:connack(row[1]) end),
  }
end

connect {
  code = 31, shape = "network", field = 1, rest = '=0,"tcp://BROKER:1883",60,1,"joe","wrong"',
  cause = "user name or password are wrong, and the broker is a Mosquitto",
  how = "Mosquitto answers 5 (not authorised) where others answer 4, also to a client that gives no password at all.",
  cure = "The last two parameters of CONNECT, each in quotes; mosquitto_sub -u NAME -P PASSWORD tries them.",
  spec = "3.2", evidence = "M name; the line not captured",
  needs = { "broker.policy" }, uses = { "login_broker", "modem" },
  run = function(dev, env, _, expect)
    recipe.enter(dev, "acquired")
    expect(dev:cmd("%s", session.connect_line(env.login_broker.address, { user = "joe", password = "wrong" })))
  end,
}

connect {
  code = 6, shape = "network",
  cause = "the broker closes without an answer",
  how = "Closed when it has read CONNECT, or in the middle of CONNACK.",
  cure = "The log of the broker knows why. AWS IoT Core: the policy, see above.",
  spec = "3.2", evidence = "W",
  run = to_peer(function(connection)
    connection:send_part("\x20\x02\0\0", 2)
    connection:close()
  end),
}

connect {
  code = 26, shape = "network", field = 2,
  cause = "the connection is reset while CONNACK is awaited",
  how = "A firewall or NAT of the operator, a crashed broker, or a TLS port that gets MQTT without TLS.",
  cure = "Is it a TLS port? Then ACCQ with server type 1.",
  spec = "3.2", evidence = "I",
  run = to_peer(function(connection) connection:reset() end),
}

local CLOSED = "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"

local function network_lost(_, firmware, line)
  return firmware.key "result_style" == "sync" and { line, "ERROR", CLOSED, "+CMQTTNONET" }
    or { "OK", CLOSED, line, "+CMQTTNONET" }
end

connect {
  code = 3, shape = network_lost,
  cause = "packet data is lost while CONNECT waits",
  how = "The cell is lost: +CMQTTNONET follows and the service has to be started again.",
  cure = "Wait for the registration, then AT+CMQTTSTART, ACCQ, CONNECT.",
  spec = "3.2", evidence = "I",
  sim = { keys = { pdn_event = "" } }, needs = { "peer", "emulator" },
  run = function(dev, env, _, expect)
    recipe.enter(dev, "acquired")
    local peer = t.peer {}
    local r = dev:cmd("%s", session.connect_line(peer.address))
    peer:accept():expect "CONNECT"
    env.sim:set { network = "none" }
    expect(r)
  end,
}

-- AWS IoT Core ----------------------------------------------------------------------------------------------

local AWS = { "mqtt", "tls", "broker.policy" }
local AWS_STEPS = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"CLIENT-ID",1', "AT+CMQTTSSLCFG=0,0",
  'AT+CSSLCFG="authmode",0,2   (and the three files)' }

--- CONNECT as thing1 over TLS, under this client id.
local function to_aws(id, before)
  return function(dev, env, _, expect)
    if before then
      before(dev, env)
    end
    session.start(dev)
    session.acquire(dev, { id = id, type = 1 })
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    expect(dev:cmd("%s", session.connect_line(env.broker.address)))
  end
end

connect {
  code = 6, shape = "network", field = 1, rest = '=0,"tcp://ENDPOINT:8883",60,1', steps = AWS_STEPS,
  cause = "the AWS IoT policy does not allow the client id",
  how = "AWS closes where others send CONNACK 5, so the modem can only say that nothing came.",
  cure = "iot:Connect on arn:aws:iot:REGION:ACCOUNT:client/CLIENT-ID, the very id given to ACCQ; `+` and `#` are no "
    .. "wildcards there.",
  spec = "4.8", evidence = "W; A; F03",
  needs = AWS, uses = { "modem", "broker", "certificates" },
  policy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = { "iot:Connect" },
    Resource = { "arn:aws:iot:eu-west-1:123456789012:client/thing1" } } } },
  run = to_aws "thing-1",
}

connect {
  code = 6, shape = "network", field = 2, rest = '=0,"tcp://ENDPOINT:8883",60,1', steps = AWS_STEPS,
  cause = "the certificate belongs to no thing that has a policy",
  how = "The certificate is good for TLS, and nothing is attached to it.",
  cure = "Attach a policy to the certificate, and the certificate to its thing.",
  spec = "4.8", evidence = "A; I; F03",
  needs = AWS, uses = { "modem", "broker", "certificates" },
  run = to_aws("thing1", function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file "hostile/unregistered-certificate.pem.crt")
    files:store(dev, "clientkey.pem", files:file "hostile/unregistered-private.pem.key")
  end),
}
