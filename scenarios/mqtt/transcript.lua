--- The specification's own dialogues (section 9) as bytes, with a plain broker and with a scripted peer.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

--- The host's side of section 9.1 behind the certificates: line, data after a prompt or nil, what the peer
-- does, and the modem's bytes, or service and refused: see wanted_bytes.
local OK = "\r\nOK\r\n"
local SESSION = {
  { "AT+CMQTTSTART", service = "start" },
  { 'AT+CMQTTACCQ=0,"dev1",0', answer = OK },
  { "AT+CMQTTSSLCFG=0,0", answer = OK },
  { 'AT+CMQTTCONNECT=0,"tcp://%s",60,1', answer = "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n",
    packet = "CONNECT", reply = function() return mqtt.connack(0) end },
  { "AT+CMQTTSUBTOPIC=0,3,1", data = "a/b", answer = OK },
  { "AT+CMQTTSUB=0", answer = "\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n", packet = "SUBSCRIBE",
    reply = function(id) return mqtt.suback(id, { 1 }) end },
  { "AT+CMQTTTOPIC=0,3", data = "a/b", answer = OK },
  { "AT+CMQTTPAYLOAD=0,5", data = "hello", answer = OK },
  { "AT+CMQTTPUB=0,1,60", packet = "PUBLISH",
    reply = function(id) return mqtt.puback(id) .. mqtt.publish("a/b", "hello", { qos = 1, id = 1 }) end,
    answer = "\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n" ..
      "\r\n+CMQTTRXSTART: 0,3,5\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na/b\r\n+CMQTTRXPAYLOAD: 0,5\r\nhello" ..
      "\r\n+CMQTTRXEND: 0\r\n" },
  { "AT+CMQTTPUB=0,1,60", answer = "\r\n+CMQTTPUB: 0,18\r\n\r\nERROR\r\n", before = "PUBACK" },
  { "AT+CMQTTUNSUBTOPIC=0,3", data = "a/b", answer = OK },
  { "AT+CMQTTUNSUB=0,0", answer = "\r\nOK\r\n\r\n+CMQTTUNSUB: 0,0\r\n", packet = "UNSUBSCRIBE",
    reply = mqtt.unsuback },
  { "AT+CMQTTSTOP", state = "connected", refused = "+CMQTTSTOP: 21" },
  { "AT+CMQTTDISC=0,60", answer = "\r\nOK\r\n\r\n+CMQTTDISC: 0,0\r\n", packet = "DISCONNECT" },
  { "AT+CMQTTDISC?", answer = "\r\n+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,1\r\n\r\nOK\r\n" },
  { "AT+CMQTTREL=0", answer = OK },
  { "AT+CMQTTSTOP", service = "stop" },
  { "AT+CMQTTSTOP", state = "stopped", refused = "+CMQTTSTOP: 9" },
}

--- The bytes of a step. START and STOP have them in the firmware's order; a refusal in a state may be another.
local function wanted_bytes(env, step)
  if step.service then
    return session.service_bytes(env, step.service)
  elseif step.refused then
    return session.refusal_bytes(session.wanted(env, step.state, step[1], step.refused))
  end
  return step.answer
end

t.scenario "the full session of section 9.1, byte for byte" {
  tags = { "mqtt", "bytes", "transcript" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.fixed(env)
    local connection
    for _, step in ipairs(SESSION) do
      if step.before then
        connection:expect(step.before)
      end
      local r = dev:cmd("%s", (step[1]:gsub("%%s", env.peer.address)))
      if step.data then
        r:bytes(session.prompt(env)):data(step.data)
      end
      if step.packet then
        connection = connection or env.peer:accept()
        local packet = connection:expect(step.packet)
        if step.reply then
          connection:send(step.reply(packet.id))
        end
      end
      r:bytes(wanted_bytes(env, step))
    end
  end,
}

t.scenario "the refusals of section 9.2 that need no network, byte for byte" {
  tags = { "mqtt", "bytes", "transcript" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.fixed(env)
    session.start(dev)
    dev:cmd("AT+CMQTTSTART"):bytes(session.refusal_bytes(session.wanted(env, "free", "AT+CMQTTSTART",
      "+CMQTTSTART: 23")))
    session.acquire(dev)
    dev:cmd('AT+CMQTTACCQ=0,"dev1",0'):bytes("\r\n+CMQTTACCQ: 0,19\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTTOPIC=0,3"):bytes("\r\n+CMQTTTOPIC: 0,11\r\n\r\nERROR\r\n")
    dev:cmd('AT+CMQTTCONNECT=0,"ssl://a.example:8883",60,1')
      :bytes("\r\n+CMQTTCONNECT: 0,12\r\n\r\nERROR\r\n")
    session.connect_peer(dev, env.peer)
    dev:cmd('AT+CMQTTSUB=0,"a/b",1'):bytes("\r\n+CMQTTSUB: 0,12\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTPAYLOAD=0,0"):bytes("\r\n+CMQTTPAYLOAD: 0,22\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTTOPIC=2,3"):bytes("\r\n+CMQTTTOPIC: 2,10\r\n\r\nERROR\r\n")
  end,
}

t.scenario "a connection refused by closing it, byte for byte" {
  tags = { "mqtt", "bytes", "transcript" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.fixed(env)
    session.start(dev)
    session.acquire(dev)
    local r = dev:cmd("%s", session.connect_line(env.peer.address))
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    connection:close()
    r:bytes(session.sync(env) and "\r\n+CMQTTCONNECT: 0,6\r\n\r\nERROR\r\n"
      or "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,6\r\n")
  end,
}

t.scenario "SUB with a length answers after SUBACK" {
  tags = { "mqtt", "bytes", "transcript" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.fixed(env)
    local connection = session.open_peer(dev, env.peer)
    local r = dev:cmd("AT+CMQTTSUB=0,3,1"):bytes(session.prompt(env)):data("a/b")
    connection:suback(connection:expect("SUBSCRIBE").id, { 1 })
    r:bytes("\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n")
  end,
}
