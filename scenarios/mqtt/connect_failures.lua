--- CONNECT that does not succeed: each row of table 3.2 by its real cause.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

--- CONNECT to the peer; play(connection) is what the peer does behind the modem's CONNECT packet.
-- version: of MQTT, the firmware's default unless told.
local function connect_fails(dev, env, code, play, version)
  session.start(dev)
  if version then
    t.eq(session.acquire_version(dev, env, version), version, "the version of MQTT")
  else
    session.acquire(dev)
  end
  local r = dev:cmd("%s", session.connect_line(env.peer.address))
  local connection = env.peer:accept()
  connection:expect("CONNECT")
  play(connection)
  session.failed(env, r, "+CMQTTCONNECT: 0," .. code)
  return connection
end

--- After a failure the client is acquired, not connected, and connects without REL and ACCQ.
local function connects_again(dev, env)
  dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
  local connection = session.connect_peer(dev, env.peer)
  session.publish(dev, "t", "again")
  t.eq(connection:expect("PUBLISH").payload, "again")
end

t.scenario "a refusal of the broker" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "CONNACK 1: 27", connack = 1, code = 27 }, { name = "CONNACK 2: 28", connack = 2, code = 28 },
    { name = "CONNACK 3: 29", connack = 3, code = 29 }, { name = "CONNACK 4: 30", connack = 4, code = 30 },
    { name = "CONNACK 5: 31", connack = 5, code = 31 },
  },
  run = function(dev, env, p)
    local connection = connect_fails(dev, env, p.code, function(connection)
      connection:connack(p.connack)
    end)
    connection:wait_gone()
    connects_again(dev, env)
  end,
}

t.scenario "a malformed answer is 24 and ends the connection" {
  tags = { "mqtt", "connect", "failure", "malformed" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "CONNACK too short", bytes = "\x20\x01\0" },
    { name = "CONNACK too long", bytes = "\x20\x03\0\0\0" },
    { name = "CONNACK with reserved flags", bytes = "\x20\x02\x02\0" },
    { name = "flags in the first byte", bytes = "\x21\x02\0\0" },
    { name = "a remaining length of five bytes", bytes = "\x20\xFF\xFF\xFF\xFF\x01" },
    { name = "the largest remaining length", bytes = "\x20\xFF\xFF\xFF\x7F" },
    { name = "SUBACK first", bytes = "\x90\x03\0\1\0" },
    { name = "PINGRESP first", bytes = "\xD0\0" },
    { name = "a message first", bytes = mqtt.publish("t", "m") },
    { name = "a packet only clients send", bytes = "\xC0\0" },
    { name = "packet type 0", bytes = "\0\0" },
    { name = "packet type 15", bytes = "\xF0\0" },
    { name = "HTTP", bytes = "HTTP/1.1 400 Bad Request\r\nServer: none\r\n\r\n" },
    { name = "zeros", bytes = ("\0"):rep(4096) },
    { name = "0xFF", bytes = ("\xFF"):rep(4096) },
  },
  run = function(dev, env, p)
    -- MQTT 3.1 leaves the reserved bits undefined; 3.1.1 demands that they are 0 (2.2.2, 3.2.2.1).
    local connection = connect_fails(dev, env, 24, function(connection)
      connection:send(p.bytes)
    end, 4)
    connection:wait_gone()
    connects_again(dev, env)
  end,
}

t.scenario "the peer closes after n bytes of its CONNACK" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  matrix = { n = { 0, 1, 2, 3 } },
  run = function(dev, env, p)
    connect_fails(dev, env, 6, function(connection)
      connection:send_part(mqtt.connack(), p.n)
      connection:close()
    end)
    connects_again(dev, env)
  end,
}

t.scenario "a reset while CONNACK is awaited is 26" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    connect_fails(dev, env, 26, function(connection)
      connection:reset()
    end)
    connects_again(dev, env)
  end,
}

t.scenario "a CONNACK that comes byte by byte is one" {
  tags = { "mqtt", "connect" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    local r = dev:cmd("%s", session.connect_line(env.peer.address))
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    connection:send("\x20")
    connection:send("\x02")
    connection:send("\0")
    connection:send("\0")
    r:result("+CMQTTCONNECT: 0,0")
  end,
}

t.scenario "a broker that is not there is 3" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    env.peer:deaf()
    for _ = 1, 2 do
      session.unreached(env, dev:cmd("%s", session.connect_line(env.peer.address)), "+CMQTTCONNECT: 0,3")
    end
    dev:cmd("AT+CMQTTREL=0"):ok()
  end,
}

t.scenario "a name that does not exist is 25" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "broker.policy" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    -- RFC 6761: this top-level domain never resolves.
    session.unreached(env, dev:cmd("%s", session.connect_line("broker.invalid:1883")),
      "+CMQTTCONNECT: 0,25")
  end,
}

t.scenario "no answer to CONNECT is 17 when the time for it is over" {
  tags = { "mqtt", "connect", "failure" },
  needs = { "emulator" },
  uses = { "peer", "modem" },
  sim = { keys = { connect_timeout_ms = 200 } },
  run = function(dev, env)
    local connection = connect_fails(dev, env, 17, function() end)
    connection:wait_gone()
    connects_again(dev, env)
  end,
}

t.scenario "an address that is none is 12 at once" {
  tags = { "mqtt", "connect", "parameters" },
  cases = {
    { address = "ssl://a.example:8883" }, { address = "mqtt://a.example:1883" }, { address = "a.example:1883" },
    { address = "tcp:/a.example:1883" }, { address = "tcp//a.example:1883" }, { address = "tcp://:1883" },
    { address = "tcp://a.example:" }, { address = "tcp://a.example:0" }, { address = "tcp://a.example:65536" },
    { address = "tcp://a.example:x" }, { address = "tcp://a.example:-1" }, { address = " tcp://a.example:1883" },
  },
  run = function(dev, _, p)
    session.start(dev)
    session.acquire(dev)
    session.refused(dev, ('AT+CMQTTCONNECT=0,"%s",60,1'):format(p.address), "+CMQTTCONNECT: 0,12")
    dev:cmd("AT+CMQTTREL=0"):ok()
  end,
}

t.scenario "an address without a port means 1883" {
  tags = { "mqtt", "connect" },
  needs = { "emulator" },
  uses = { "peer", "modem" },
  sim = { args = function(env)
    return { "--connect-to", "broker.example:1883:127.0.0.1:" .. env.peer.port }
  end },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    local r = dev:cmd('AT+CMQTTCONNECT=0,"tcp://broker.example",60,1')
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    connection:connack()
    r:result("+CMQTTCONNECT: 0,0")
    dev:cmd("AT+CMQTTCONNECT?"):ok():lines { '+CMQTTCONNECT: 0,"tcp://broker.example",60,1',
      "+CMQTTCONNECT: 1" }
  end,
}

t.scenario "the SSL binding is gone after a failed CONNECT and after DISC, and stays as long as the profile says" {
  tags = { "mqtt", "connect", "settings" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local function bound(text)
      dev:cmd("AT+CMQTTSSLCFG?"):ok():lines { "+CMQTTSSLCFG: 0," .. text, "+CMQTTSSLCFG: 1," }
    end
    session.start(dev)
    session.acquire(dev)
    dev:cmd("AT+CMQTTSSLCFG=0,3"):ok()
    bound("3")
    local r = dev:cmd("%s", session.connect_line(env.peer.address))
    local connection = env.peer:accept()
    connection:expect("CONNECT")
    connection:connack(5)
    session.failed(env, r, "+CMQTTCONNECT: 0,31")
    bound("")
    dev:cmd("AT+CMQTTSSLCFG=0,4"):ok()
    session.connect_peer(dev, env.peer)
    bound(session.key(env, "sslcfg_clear", "failure") == "always" and "" or "4")
    session.disconnect(dev)
    bound("")
  end,
}
