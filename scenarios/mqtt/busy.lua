--- Column BUSY of table 2.2: what a client answers while an operation of its own waits for the network.
-- With result_style async the port is free meanwhile; with sync it is blocked and input waits. The topic is this
-- key, so every firmware is tried with both.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

local ASYNC = { keys = { result_style = "async" } }
local SYNC = { keys = { result_style = "sync" } }

--- A number is a refusal with that code; "state": the two lines of DISC?.
local ROWS = {
  { "+CMQTTSTART", "", 23 },
  { "+CMQTTSTOP", "", 21 },
  { "+CMQTTACCQ", '=0,"other",0', 19 },
  { "+CMQTTREL", "=0", 14 },
  { "+CMQTTSSLCFG", "=0,1", "ERROR" },
  { "+CMQTTCFG", '="checkUTF8",0,0', "ERROR" },
  { "+CMQTTWILLTOPIC", "=0,1", 14 },
  { "+CMQTTWILLMSG", "=0,1,0", 14 },
  { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1', 14 },
  { "+CMQTTDISC", "=0,60", 14 },
  { "+CMQTTDISC", "?", "state" },
  { "+CMQTTTOPIC", "=0,1", 14 },
  { "+CMQTTPAYLOAD", "=0,1", 14 },
  { "+CMQTTSUBTOPIC", "=0,1,0", 14 },
  { "+CMQTTUNSUBTOPIC", "=0,1", 14 },
  { "+CMQTTSUB", "=0", 14 },
  { "+CMQTTSUB", "=0,1,0", 14 },
  { "+CMQTTUNSUB", "=0,0", 14 },
  { "+CMQTTUNSUB", "=0,1,0", 14 },
  { "+CMQTTPUB", "=0,0,60", 14 },
}

local function check_row(dev, env, row, connected)
  local command, rest, cell = table.unpack(row)
  local line = "AT" .. command .. rest
  if cell == "state" then
    dev:cmd(line):ok():lines({ "+CMQTTDISC: 0," .. (connected and 0 or 1), "+CMQTTDISC: 1,1" })
  elseif cell == "ERROR" then
    dev:cmd(line):error():lines({})
  else
    local index = (command == "+CMQTTSTART" or command == "+CMQTTSTOP") and "" or "0,"
    session.answered(dev, env, "busy", line, ("%s: %s%d"):format(command, index, cell))
  end
end

t.scenario "every command while CONNECT waits for CONNACK" {
  tags = { "mqtt", "preconditions", "busy" },
  needs = { "peer", "emulator" },
  sim = ASYNC,
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    dev:cmd("%s", session.connect_line(env.peer.address)):ok()
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    for _, row in ipairs(ROWS) do
      check_row(dev, env, row, false)
    end
    connection:connack()
    dev:expect_urc("+CMQTTCONNECT: 0,0")
  end,
}

--- The operations a connected client can have, and what ends them.
local OPERATIONS = {
  { name = "PUB", begin = function(dev)
    session.message(dev, "t", "")
    dev:cmd("AT+CMQTTPUB=0,1,60"):ok()
  end, packet = "PUBLISH", answer = mqtt.puback,
    result = "+CMQTTPUB: 0,0" },
  { name = "SUB", begin = function(dev)
    session.data(dev, "+CMQTTSUBTOPIC=0,%d,0", "t"):ok()
    dev:cmd("AT+CMQTTSUB=0"):ok()
  end, packet = "SUBSCRIBE", answer = function(id) return mqtt.suback(id, { 0 }) end,
    result = "+CMQTTSUB: 0,0" },
  { name = "UNSUB", begin = function(dev)
    session.data(dev, "+CMQTTUNSUBTOPIC=0,%d", "t"):ok()
    dev:cmd("AT+CMQTTUNSUB=0,0"):ok()
  end, packet = "UNSUBSCRIBE", answer = mqtt.unsuback,
    result = "+CMQTTUNSUB: 0,0" },
}

t.scenario "every command while an operation of a connected client waits" {
  tags = { "mqtt", "preconditions", "busy" },
  needs = { "peer", "emulator" },
  sim = ASYNC,
  uses = { "peer", "modem" },
  cases = OPERATIONS,
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    p.begin(dev)
    local packet = connection:expect(p.packet)
    for _, row in ipairs(ROWS) do
      check_row(dev, env, row, true)
    end
    connection:send(p.answer(packet.id))
    dev:expect_urc(p.result)
  end,
}

t.scenario "the other client works while one is busy" {
  tags = { "mqtt", "busy" },
  needs = { "peer", "emulator" },
  sim = ASYNC,
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    session.acquire(dev, { client = 1, id = "second" })
    dev:cmd("%s", session.connect_line(env.peer.address)):ok()
    local first = env.peer:accept()
    first:expect("CONNECT")
    local second = session.connect_peer(dev, env.peer, { client = 1 })
    session.publish(dev, "t", "from the second", { client = 1 })
    t.eq(second:expect("PUBLISH").payload, "from the second")
    first:connack()
    dev:expect_urc("+CMQTTCONNECT: 0,0")
  end,
}

t.scenario "with result_style sync a command typed during CONNECT is answered after it" {
  tags = { "mqtt", "busy" },
  needs = { "peer", "emulator" },
  sim = SYNC,
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    dev:forget()
    dev:send(session.connect_line(env.peer.address) .. "\rAT+CMQTTDISC?\r")
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    dev:quiet(0.2)
    connection:connack()
    dev:expect_bytes("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n" ..
      "\r\n+CMQTTDISC: 0,0\r\n+CMQTTDISC: 1,1\r\n\r\nOK\r\n")
  end,
}
