--- PUB, SUB and UNSUB of a connected client: the broker refuses, closes, is silent, or answers what is no MQTT.
local t = require "modemtest"
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

local LOST = { "+CMQTTCONNLOST: 0,1" }

--- What each operation types, and the packet it becomes.
local OPERATIONS = {
  { "+CMQTTPUB", "=0,1,60", packet = "PUBLISH", steps = { "AT+CMQTTTOPIC=0,4", "> a/bc" },
    enter = function(dev) session.message(dev, "a/bc", "") end },
  { "+CMQTTSUB", "=0,4,1", "a/bc", packet = "SUBSCRIBE" },
  { "+CMQTTUNSUB", "=0,4,0", "a/bc", packet = "UNSUBSCRIBE" },
}

--- The operations with a field each that the others must not have: of(names, extra).
local function of(...)
  local list = {}
  for _, name in ipairs { ... } do
    for _, row in ipairs(OPERATIONS) do
      if row[1] == name then
        list[#list + 1] = row
      end
    end
  end
  return list
end

--- The packet of the operation arrives at the peer, then play(connection, packet).
local function at_peer(play)
  return function(dev, env, row, expect)
    -- MQTT 3.1.1: the version before it says nothing about reserved bits.
    session.start(dev)
    session.acquire_version(dev, env, 4)
    local peer = t.peer {}
    local connect = dev:cmd("%s", session.connect_line(peer.address))
    local connection = peer:accept()
    connection:expect "CONNECT"
    connection:connack(0)
    connect:result "+CMQTTCONNECT: 0,0"
    if row.enter then
      row.enter(dev, env)
    end
    local r = recipe.type(dev, env, row)
    play(connection, connection:expect(row.packet))
    expect(r)
  end
end

local function operation(fields)
  fields.kind, fields.state = "natural", "connected"
  fields.shape, fields.needs = fields.shape or "network", fields.needs or { "peer" }
  recipe(fields)
end

operation {
  code = 6, behind = LOST, on = of("+CMQTTPUB", "+CMQTTSUB", "+CMQTTUNSUB"), field = 2,
  cause = "the broker closes instead of answering",
  how = "Any broker may; SUB and UNSUB with DUP flag 1 make a broker do it, since MQTT 3.1.1 reserves that bit.",
  cure = "CONNECT again (no REL, no ACCQ); leave dup out. Do not repeat the operation in a loop: it will be refused "
    .. "again.",
  spec = "3.2", evidence = "L P10 for PUB and SUB; F06",
  run = at_peer(function(connection) connection:close() end),
}

operation {
  code = 6, behind = { "+CMQTTCONNLOST: 0,2" }, on = of("+CMQTTPUB", "+CMQTTSUB", "+CMQTTUNSUB"),
  cause = "the connection is reset instead of an answer",
  how = "By a NAT that forgot the connection, or a broker that crashed.",
  cure = "CONNECT again; a shorter keep-alive keeps a NAT awake.",
  spec = "3.2", evidence = "I",
  run = at_peer(function(connection) connection:reset() end),
}

operation {
  code = 24, behind = { "+CMQTTCONNLOST: 0,2" }, on = of("+CMQTTPUB", "+CMQTTSUB", "+CMQTTUNSUB"),
  cause = "the answer is no packet of MQTT",
  how = "Packet type 15 comes. The modem closes the connection.",
  cure = "A fault of the broker, or of a proxy before it.",
  spec = "3.2", evidence = "I",
  run = at_peer(function(connection) connection:send "\xF0\0" end),
}

operation {
  code = 17, on = of "+CMQTTPUB", field = 1, sim = { keys = { ["range.pub_timeout"] = "1-180" } },
  cause = "PUBACK does not come within the timeout of PUB",
  how = "The timeout is 60 s at least; the scenario allows 1 s. AWS IoT Core is silent on QoS 2 and above 100 "
    .. "publishes a second.",
  cure = "The connection stays: publish again, with dup 1. QoS 0 or 1 on AWS.",
  spec = "3.2", evidence = "I; no field case",
  run = function(dev, env, row, expect)
    local short = setmetatable({ rest = "=0,1,1" }, { __index = row })
    at_peer(function() end)(dev, env, short, expect)
  end,
}

operation {
  code = 17, on = of("+CMQTTSUB", "+CMQTTUNSUB"), sim = { keys = { optimeout_default = 1 } },
  cause = "SUBACK or UNSUBACK does not come within optimeout",
  how = 'The limit is 120 s; AT+CMQTTCFG="optimeout",0,20 makes it 20, the scenario 1 s.',
  cure = "The connection stays: try again, and look at the broker's log.",
  spec = "3.2", evidence = "I; no field case",
  run = at_peer(function() end),
}

operation {
  code = 1, on = of "+CMQTTSUB", field = 1,
  cause = "the broker refuses the topic filter",
  how = "SUBACK with 0x80: Mosquitto and others by their access lists. AWS IoT Core closes instead, 6.",
  cure = "The access list of the broker; the spelling of the filter.",
  spec = "3.2", evidence = "I",
  run = at_peer(function(connection, packet) connection:suback(packet, { 0x80 }) end),
}

local CLOSED = "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"

operation {
  code = 6, on = of("+CMQTTPUB", "+CMQTTSUB", "+CMQTTUNSUB"), needs = { "peer", "emulator" },
  sim = { keys = { pdn_event = "" } },
  shape = function(_, firmware, line)
    local lost = { "+CMQTTCONNLOST: 0,3", "+CMQTTNONET" }
    if firmware.key "result_style" == "sync" then
      return { line, "ERROR", CLOSED, table.unpack(lost) }
    end
    return { "OK", CLOSED, line, table.unpack(lost) }
  end,
  cause = "packet data is lost while the answer is awaited",
  how = "The cell is lost; the service has stopped.",
  cure = "Wait for the registration, then AT+CMQTTSTART, ACCQ, CONNECT.",
  spec = "3.2", evidence = "I; L P10 for CONNLOST and NONET",
  run = function(dev, env, row, expect)
    at_peer(function() env.sim:set { network = "none" } end)(dev, env, row, expect)
  end,
}

-- AWS IoT Core ----------------------------------------------------------------------------------------------

local function allow(action, resource)
  return { Effect = "Allow", Action = { action }, Resource = { "arn:aws:iot:eu-west-1:123456789012:" .. resource } }
end

local POLICY = { Version = "2012-10-17", Statement = { allow("iot:Connect", "client/thing1"),
  allow("iot:Publish", "topic/thing1/*"), allow("iot:Subscribe", "topicfilter/thing1/*") } }

local AWS = { needs = { "mqtt", "tls", "broker.policy" }, uses = { "modem", "broker", "certificates" } }

local function on_aws(fields)
  fields.kind, fields.needs, fields.uses, fields.policy = "natural", AWS.needs, AWS.uses, POLICY
  fields.state, fields.shape = "connected", fields.shape or "network"
  local steps = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"thing1",1', "AT+CMQTTSSLCFG=0,0",
    'AT+CSSLCFG="authmode",0,2   (and the three files)', 'AT+CMQTTCONNECT=0,"tcp://ENDPOINT:8883",60,1' }
  fields.steps = table.move(fields.steps or {}, 1, #(fields.steps or {}), #steps + 1, steps)
  fields.run = function(dev, env, row, expect)
    session.start(dev)
    session.acquire(dev, { id = "thing1", type = 1 })
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    session.connect(dev, env.broker.address)
    if row.enter then
      row.enter(dev)
    end
    expect(recipe.type(dev, env, row))
  end
  recipe(fields)
end

on_aws {
  code = 6, command = "+CMQTTPUB", rest = "=0,1,60", behind = LOST, field = 1,
  cause = "the AWS IoT policy does not allow the topic",
  how = "AWS closes the connection in place of PUBACK. Hosts that look at PUB only connect and publish for ever.",
  steps = { "AT+CMQTTTOPIC=0,6", "> thing2" },
  cure = "iot:Publish on arn:aws:iot:REGION:ACCOUNT:topic/TOPIC; * and ? are the wildcards there, + and # are letters.",
  spec = "4.12", evidence = "W; L P10 for the lines; F05",
  enter = function(dev) session.message(dev, "thing2", "21.5") end,
}

on_aws {
  code = 0, command = "+CMQTTPUB", rest = "=0,0,60", behind = LOST, shape = "success",
  cause = "the AWS IoT policy does not allow the topic, and QoS is 0",
  how = "Nothing is acknowledged with QoS 0: the bytes were written, and the connection goes afterwards.",
  steps = { "AT+CMQTTTOPIC=0,6", "> thing2" },
  cure = "QoS 1 while a device is developed; iot:Publish on the topic.",
  spec = "3.2", evidence = "A; I; F05",
  enter = function(dev) session.message(dev, "thing2", "21.5") end,
}

on_aws {
  code = 6, command = "+CMQTTSUB", rest = "=0,6,1", data = "thing2", behind = LOST, field = 1,
  cause = "the AWS IoT policy does not allow the topic filter",
  how = "AWS closes the connection in place of SUBACK. A host that subscribes after every CONNECT loops.",
  cure = "iot:Subscribe on arn:aws:iot:REGION:ACCOUNT:topicfilter/FILTER, and iot:Receive on topic/TOPIC.",
  spec = "4.14", evidence = "A; L P10 for the lines; F06",
}
