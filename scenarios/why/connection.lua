-- Causes on the way to the broker, and in what it answers.
local t = require "modemtest"
local cause = require "lib.cause"
local session = require "lib.mqtt_session"

local NEEDS = { "emulator", "mqtt", "peer" }

local function begin(dev, address, options)
  session.start(dev)
  session.acquire(dev, { id = "modem-1", type = 0 })
  return dev:cmd("%s", session.connect_line(address, options))
end

--- CONNECT to a peer that plays its part; then(dev, connection) goes on with the open connection.
local function with_peer(fields)
  local play, code, go_on = fields.play, fields.code, fields.go_on
  fields.play, fields.code, fields.go_on = nil, nil, nil
  fields.needs = NEEDS
  fields.plant = function(dev)
    local peer = t.peer { unread = true }
    local r = begin(dev, peer.address)
    local connection = peer:accept()
    connection:expect "CONNECT"
    play(connection)
    r:result(("+CMQTTCONNECT: 0,%d"):format(code))
    if go_on then
      go_on(dev, connection)
    end
  end
  cause(fields)
end

cause {
  name = "the broker has not answered yet", needs = NEEDS,
  plant = function(dev)
    local peer = t.peer { unread = true }
    local r = begin(dev, peer.address)
    local connection = peer:accept()
    connection:expect "CONNECT"
    return function()
      connection:connack(0)
      r:result "+CMQTTCONNECT: 0,0"
    end
  end,
  after = function(answer) answer() end,
  first = { "CONNECT has no result yet", "has not answered with CONNACK" },
}

local function accepts(c) c:connack(0) end

cause {
  name = "nobody listens there", needs = NEEDS,
  plant = function(dev)
    local peer = t.peer { listen = false }
    begin(dev, peer.address):result "+CMQTTCONNECT: 0,3"
  end,
  first = { "CONNECT got 3", "nobody listens at 127.0.0.1" }, remedy = "port",
}

cause {
  name = "the name does not resolve",
  plant = function(dev) begin(dev, "nobody.invalid:1883"):result "+CMQTTCONNECT: 0,25" end,
  first = { "CONNECT got 25", '"nobody.invalid"', "resolved" },
}

local CONNACK = { "version of MQTT", "identifier rejected", "not available", "user name or password", "authorise" }

for code, words in ipairs(CONNACK) do
  with_peer {
    name = ("CONNACK %d"):format(code), code = 26 + code,
    play = function(c) c:connack(code) end,
    first = { ("CONNECT got %d"):format(26 + code), words, ("CONNACK %d"):format(code) },
  }
end

with_peer {
  name = "the peer resets the connection behind CONNECT", code = 26,
  play = function(c) c:reset() end,
  first = { "reset", "CONNACK" },
}

with_peer {
  name = "what answers is no MQTT", code = 24,
  play = function(c) c:send "SSH-2.0-OpenSSH_9.2\r\n" end,
  first = { "CONNECT got 24", "MQTT" }, remedy = "port",
}

with_peer {
  name = "the peer resets an idle connection", code = 0, play = accepts,
  go_on = function(dev, c)
    c:reset()
    dev:expect_urc "+CMQTTCONNLOST: 0,2"
  end,
  first = { "+CMQTTCONNLOST: 0,2", "reset" },
}

with_peer {
  name = "the host did not notice that the connection was lost", code = 0, play = accepts,
  go_on = function(dev, c)
    c:close()
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
    dev:cmd "AT+CMQTTTOPIC=0,5":result("+CMQTTTOPIC: 0,11", { final = "ERROR" })
  end,
  first = { "TOPIC got 11", "lost", "+CMQTTCONNLOST: 0,1" },
}

cause {
  name = "the network goes under a connection", needs = NEEDS,
  plant = function(dev, env)
    local peer = t.peer { unread = true }
    local r = begin(dev, peer.address)
    local connection = peer:accept()
    connection:connack(0)
    r:result "+CMQTTCONNECT: 0,0"
    env.sim:set { network = "none" }
    dev:expect_urc "+CMQTTCONNLOST: 0,3"
    dev:expect_urc "+CMQTTNONET"
    dev:forget()
  end,
  ask = { client = 0 },
  first = { "+CMQTTCONNLOST: 0,3", "network was lost" },
}

cause {
  name = "CONNECT of a client that is connected", needs = NEEDS,
  plant = function(dev, env)
    local peer = t.peer { unread = true }
    local r = begin(dev, peer.address)
    peer:accept():connack(0)
    r:result "+CMQTTCONNECT: 0,0"
    local code = env.key "connect_again"
    dev:cmd("%s", session.connect_line(peer.address)):result("+CMQTTCONNECT: 0," .. code, { final = "ERROR" })
  end,
  first = { "CONNECT got", "client 0 is already connected" }, remedy = "AT+CMQTTDISC=0",
}
