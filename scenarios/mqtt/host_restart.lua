--- The host restarts, the modem does not: its MQTT state outlives the host's port.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

local function scenario(name)
  return function(spec)
    spec.tags = { "mqtt", "host-restart" }
    spec.needs = spec.needs or { "peer" }
    spec.uses = { "peer", "modem" }
    t.scenario(name)(spec)
  end
end

scenario "a restarted host finds the service started and the client connected" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev:reopen()
    local function refused(line, reference)
      session.answered(dev, env, "connected", line, reference)
    end
    refused("AT+CMQTTSTART", "+CMQTTSTART: 23")
    refused('AT+CMQTTACCQ=0,"modemtest",0', "+CMQTTACCQ: 0,19")
    refused(session.connect_line(env.peer.address), "+CMQTTCONNECT: 0,13")
    refused("AT+CMQTTREL=0", "+CMQTTREL: 0,14")
    refused("AT+CMQTTSTOP", "+CMQTTSTOP: 21")
    session.publish(dev, "t", "the old connection")
    t.eq(connection:expect("PUBLISH").payload, "the old connection")
  end,
}

scenario "the recovery that works in the field: DISC, REL, STOP, START" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev:reopen()
    session.disconnect(dev)
    connection:expect("DISCONNECT")
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
    session.open_peer(dev, env.peer)
  end,
}

scenario "a message that arrives while no host listens is there for the next one" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev:close()
    connection:publish("a", "while away", { qos = 1, id = 1 })
    connection:expect("PUBACK")
    dev:reopen()
    session.expect_message(dev, "a", "while away")
  end,
}

scenario "output that nobody reads for a while is complete afterwards" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    local body = env.binary(10240)
    dev:close()
    -- A hundred and sixty kilobytes: a pty holds four. The acknowledgement shows that the modem took them all.
    for i = 1, 16 do
      connection:publish("flood/" .. i, body)
    end
    connection:publish("flood/end", "", { qos = 1, id = 1 })
    connection:expect("PUBACK")
    dev:reopen()
    for i = 1, 16 do
      session.expect_message(dev, "flood/" .. i, body)
    end
    session.expect_message(dev, "flood/end", "")
    dev:cmd("AT"):ok()
  end,
}

scenario "the port is closed while CONNECT waits: the operation goes on" {
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    dev:forget()
    dev:send(session.connect_line(env.peer.address) .. "\r")
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    dev:reopen()
    connection:connack()
    dev:expect_urc("+CMQTTCONNECT: 0,0")
    dev:forget()
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

scenario "the port is closed while PUB waits, and its peer closes meanwhile" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "t", "x")
    dev:forget()
    dev:send("AT+CMQTTPUB=0,1,60\r")
    connection:expect("PUBLISH")
    dev:close()
    connection:close()
    dev:reopen()
    dev:expect_urc("+CMQTTPUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    dev:forget()
    session.connect_peer(dev, env.peer)
  end,
}

scenario "the port is closed in the middle of data: the modem waits for the rest" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.data(dev, "+CMQTTTOPIC=0,%d", "t"):ok()
    dev:forget()
    dev:send("AT+CMQTTPAYLOAD=0,10\r")
    dev:expect_bytes(session.prompt(env))
    dev:send("first")
    dev:reopen()
    dev:quiet(0.1)
    dev:send("other")
    dev:expect_bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTPUB=0,0,60"):result("+CMQTTPUB: 0,0")
    t.eq(connection:expect("PUBLISH").payload, "firstother")
  end,
}
