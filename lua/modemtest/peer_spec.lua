local mqtt = require "modemtest.mqtt_codec"
local peer = require "modemtest.peer"
local process = require "modemtest.process"
local s = require "modemtest.spec"
local task = require "modemtest.task"
local transcript = require "modemtest.transcript"
local transport = require "modemtest.transport"

local CONNECT = mqtt.encode { type = "CONNECT", client_id = "dev1", keep_alive = 60 }

--- Calls fn(peer, client, received): a client of luv is connected to the peer; received.bytes is what it got.
local function with_peer(options, fn)
  local p = peer.new({ transcript = transcript.new(), factor = 0.1, host = "127.0.0.1" }, options)
  local client = assert(transport.open_tcp("127.0.0.1", p.port, task.now() + 5000))
  local received = { bytes = "" }
  client.on_data = function(bytes) received.bytes = received.bytes .. bytes end
  client.on_gone = function(reason) received.gone = reason end
  local ok, err = pcall(fn, p, client, received)
  client:close()
  p:_close()
  if not ok then
    error(err, 0)
  end
end

local function until_true(ready)
  local limit = task.now() + 5000
  while not ready() do
    s.check(task.now() < limit, "it did not happen")
    task.turn()
  end
end

s.test("a packet in any pieces", function()
  with_peer({}, function(p, client)
    local c = p:accept()
    for i = 1, #CONNECT do
      client:write(CONNECT:sub(i, i))
      task.turn()
    end
    local packet = c:expect("CONNECT", { client_id = "dev1", keep_alive = 60, user_name = false })
    s.eq({ packet.bytes, packet.clean_session }, { CONNECT, true })
    s.eq(p:_leftovers(), {})
  end)
end)

s.test("what expect refuses", function()
  with_peer({}, function(p, client)
    local c = p:accept()
    client:write(CONNECT .. CONNECT .. CONNECT)
    s.fails("fail", "another packet", c.expect, c, "SUBSCRIBE")
    s.fails("fail", "another client_id\n  wanted \"x\"\n  got    \"dev1\"", c.expect, c, "CONNECT", { client_id = "x" })
    s.fails("misuse", "has no field 'clientid'", c.expect, c, "CONNECT", { clientid = "x" })
    s.fails("misuse", "MQTT has no packet 'CONECT'", c.expect, c, "CONECT")
    c:packet()
    s.fails("fail", "did not come in time", c.packet, c, { within = 0.1 })
    client:write("\xC1\0")
    s.fails("fail", "PINGREQ are 1, not 0 %[MQTT%-2%.2%.2%-2%]", c.packet, c)
    s.eq(p:facts().connections[1].problem, "the flags of PINGREQ are 1, not 0 [MQTT-2.2.2-2]")
  end)
end)

s.test("unread packets and connections are leftovers; a ping and a DISCONNECT are not", function()
  with_peer({}, function(p, client)
    until_true(function() return #p.connections == 1 end)
    s.eq(p:_leftovers(), { "a connection that no accept() took" })
    local c = p:accept()
    client:write("\xC0\0" .. mqtt.encode { type = "PUBACK", id = 7 } .. "\xE0\0")
    until_true(function() return c.received == 8 end)
    s.eq(p:_leftovers(), { "PUBACK (id 7)" })
    c:ignore()
    s.eq(p:_leftovers(), {})
  end)
end)

s.test("every answer as bytes", function()
  with_peer({}, function(p, _, received)
    local c = p:accept()
    c:connack()
    c:connack(5)
    c:connack(0, { session_present = true })
    c:suback({ id = 258, topics = { { filter = "a", qos = 1 }, { filter = "b", qos = 2 } } })
    c:suback(1, { 0x80 })
    c:unsuback(1)
    c:puback({ id = 2 })
    c:pubrec(3)
    c:pubrel(4)
    c:pubcomp(5)
    c:pingresp()
    s.eq({ c:publish("t", "x"), c:publish("t", "x", { qos = 1 }), c:publish("t", "x", { qos = 2, dup = true }),
      c:publish("t", "", { qos = 1, id = 9, retain = true }) }, { nil, 1, 2, 9 })
    c:send_part("abcdef", 3)
    local wanted = "\x20\2\0\0\x20\2\0\5\x20\2\1\0\x90\4\1\2\1\2\x90\3\0\1\x80\xB0\2\0\1\x40\2\0\2\x50\2\0\3\x62\2\0\4"
      .. "\x70\2\0\5\xD0\0\x30\4\0\1tx\x32\6\0\1t\0\1x\x3C\6\0\1t\0\2x\x33\5\0\1t\0\9abc"
    until_true(function() return #received.bytes >= #wanted end)
    s.eq(received.bytes, wanted)
    s.fails("misuse", "packet identifier", c.puback, c)
  end)
end)

s.test("close lets the other side speak on, reset does not", function()
  with_peer({}, function(p, client, received)
    local c = p:accept()
    c:send("bye")
    c:close()
    until_true(function() return received.gone end)
    s.eq({ received.bytes, received.gone }, { "bye", "the modem's side was closed" })
    s.eq(c:wait_gone(), "eof")
    s.fails("misuse", "has closed", c.send, c, "x")
    s.eq(client.closed, true)
  end)
  with_peer({}, function(p, _, received)
    local c = p:accept()
    c:reset()
    until_true(function() return received.gone end)
    s.eq({ received.gone, p:facts().connections[1].peer_ended }, { "ECONNRESET", "reset" })
  end)
end)

s.test("the end of the connection fails a wait at once, and counts as noise for quiet", function()
  with_peer({}, function(p, client)
    local c = p:accept()
    c:quiet(0.01)
    client:write("\xC0")
    s.fails("fail", "not quiet", c.quiet, c, 5)
    client:close()
    s.fails("fail", "ended the connection: eof\n  wanted a packet", c.packet, c)
    s.fails("fail", "not quiet", c.quiet, c, 5)
  end)
end)

s.test("deaf, and a port that never listened, refuse", function()
  with_peer({}, function(p)
    p:accept()
    p:deaf()
    s.check(not transport.open_tcp("127.0.0.1", p.port, task.now() + 5000), "connected")
    p:quiet(0.01)
    s.fails("fail", "the modem did not connect", p.accept, p, { within = 0.1 })
  end)
  local refusing = peer.new({ transcript = transcript.new(), factor = 1, host = "127.0.0.1" }, { listen = false })
  s.check(not transport.open_tcp("127.0.0.1", refusing.port, task.now() + 5000), "connected")
  refusing:_close()
end)

s.test("bytes that are no MQTT", function()
  with_peer({ mqtt = false }, function(p, client)
    local c = p:accept()
    client:write("GET / HTTP/1.1\r\n\r\n")
    s.eq(c:bytes(3), "GET")
    s.eq(c:bytes(function(all) return select(2, all:find("\r\n\r\n", 1, true)) end), " / HTTP/1.1\r\n\r\n")
    s.fails("misuse", "without TLS", c.handshake, c)
  end)
end)

s.test("options are checked", function()
  local owner = { transcript = transcript.new(), factor = 1, host = "127.0.0.1" }
  s.fails("misuse", "no option 'prot'", peer.new, owner, { prot = 1 })
  s.fails("misuse", "listen must be a boolean", peer.new, owner, { listen = 1 })
  s.fails("error", "cannot listen on 192%.0%.2%.1", peer.new, owner, { host = "192.0.2.1" })
  s.fails("misuse", "t%.peer outside", require("modemtest").peer)
end)

--- Calls fn(peer, program): a program of Mosquitto's clients with these arguments talks to the peer.
local function with_program(file, args, fn)
  local p = peer.new({ transcript = transcript.new(), factor = 1, host = "127.0.0.1" }, {})
  local list = { "-h", "127.0.0.1", "-p", tostring(p.port) }
  table.move(args, 1, #args, #list + 1, list)
  local program, message = process.spawn { file = file, args = list, name = file }
  local ok, err = pcall(function()
    s.check(program, message)
    fn(p, program)
  end)
  p:_close()
  if program then
    program:stop(5)
  end
  if not ok then
    error(err, 0)
  end
end

s.test("mosquitto_pub, a client of other hands, publishes with QoS 2", function()
  local args = { "-i", "foreign", "-u", "joe", "-P", "secret", "-k", "30", "-q", "2", "-r", "-t", "a/b", "-m", "hello",
    "--will-topic", "w/t", "--will-payload", "gone", "--will-qos", "1", "--will-retain" }
  with_program("mosquitto_pub", args, function(p, program)
    local c = p:accept()
    c:expect("CONNECT", { protocol_name = "MQTT", protocol_level = 4, client_id = "foreign", keep_alive = 30,
      clean_session = true, user_name = "joe", password = "secret",
      will = { topic = "w/t", payload = "gone", qos = 1, retain = true } })
    c:connack()
    local packet = c:expect("PUBLISH", { topic = "a/b", payload = "hello", qos = 2, retain = true, dup = false })
    c:pubrec(packet)
    c:expect("PUBREL", { id = packet.id })
    c:pubcomp(packet)
    c:expect("DISCONNECT")
    s.eq(c:wait_gone(), "eof")
    program:wait_exit(task.now() + 20000)
    s.eq(program:stop(0).code, 0)
    s.eq(p:facts().connections[1].packets_received, { "CONNECT", "PUBLISH", "PUBREL", "DISCONNECT" })
  end)
end)

s.test("mosquitto_sub speaks MQTT 3.1 and gets a message", function()
  local args = { "-V", "mqttv31", "-i", "foreign", "-q", "1", "-t", "a/#", "-t", "b/+", "-C", "1" }
  with_program("mosquitto_sub", args, function(p, program)
    local c = p:accept()
    c:expect("CONNECT", { protocol_name = "MQIsdp", protocol_level = 3 })
    c:connack()
    local packet = c:expect("SUBSCRIBE", { topics = { { filter = "a/#", qos = 1 }, { filter = "b/+", qos = 1 } } })
    c:suback(packet)
    c:publish("a/x", "to you", { qos = 1 })
    program:wait_line("^to you$", task.now() + 20000)
    c:expect("PUBACK", { id = 1 })
  end)
end)
