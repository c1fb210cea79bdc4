--- Fixture "peer": a scripted MQTT peer on plain TCP, on this machine.
-- It does only what the scenario tells it to, so that the answers no real broker gives can be given, and
-- the bytes a modem sends can be seen. Packets are read by their remaining length (MQTT 3.1.1, 2.2);
-- nothing is answered by itself. Written from the MQTT standard.
local uv = require "luv"
local t = require "modemtest"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"

local M = {}

local WAIT_SECONDS = 20

local NAMES = { "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE",
  "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT" }

--- The remaining length of MQTT 3.1.1, 2.2.3.
local function length_bytes(n)
  local out = ""
  repeat
    local digit = n % 128
    n = n // 128
    out = out .. string.char(n > 0 and digit | 128 or digit)
  until n == 0
  return out
end

--- peer.packet(first_byte, body) -> bytes
function M.packet(first, body)
  return string.char(first) .. length_bytes(#body) .. body
end

--- peer.text(bytes) -> bytes with their length in front (MQTT 3.1.1, 1.5.3)
function M.text(bytes)
  return string.pack(">s2", bytes)
end

--- peer.connack([code]), peer.suback(id, { codes }), peer.publish(topic, payload, {qos=, id=, retain=, dup=}),
-- and the packets that are an id alone.
function M.connack(code)
  return M.packet(0x20, string.char(0, code or 0))
end

function M.suback(id, codes)
  return M.packet(0x90, id .. string.char(table.unpack(codes)))
end

function M.publish(topic, payload, options)
  options = options or {}
  local qos = options.qos or 0
  local flags = (options.dup and 8 or 0) | qos << 1 | (options.retain and 1 or 0)
  return M.packet(0x30 | flags, M.text(topic) .. (qos > 0 and options.id or "") .. payload)
end

for name, first in pairs({ puback = 0x40, pubrec = 0x50, pubrel = 0x62, pubcomp = 0x70,
  unsuback = 0xB0 }) do
  M[name] = function(id)
    return M.packet(first, id)
  end
end

M.pingresp = M.packet(0xD0, "")

--- Takes one complete packet from the front of 'bytes': packet, rest. nil while one is incomplete.
local function split_packet(bytes)
  local length, shift, at = 0, 0, 2
  while true do
    local digit = bytes:byte(at)
    if not digit then
      return nil
    end
    length = length | (digit & 127) << shift
    shift, at = shift + 7, at + 1
    if digit < 128 then
      break
    end
    if shift > 21 then
      fault.raise("fail", "the modem sent a remaining length of more than four bytes")
    end
  end
  local stop = at + length - 1
  if #bytes < stop then
    return nil
  end
  local first = bytes:byte(1)
  return { type = NAMES[first >> 4] or "reserved", flags = first & 15, body = bytes:sub(at, stop),
    bytes = bytes:sub(1, stop) }, bytes:sub(stop + 1)
end

--- Topic, packet id ("" with QoS 0) and payload of a PUBLISH.
local function read_publish(packet)
  local topic, at = string.unpack(">s2", packet.body)
  packet.qos, packet.retain, packet.dup = packet.flags >> 1 & 3, packet.flags & 1 == 1,
    packet.flags & 8 == 8
  packet.id = packet.qos > 0 and packet.body:sub(at, at + 1) or ""
  packet.topic, packet.payload = topic, packet.body:sub(at + #packet.id)
end

local Connection = {}
Connection.__index = Connection

local function deadline(self, options)
  return task.now() + (options and options.within or WAIT_SECONDS) * 1000 * self.env._settings.factor
end

--- connection:packet([{within=}]) -> { type=, flags=, body=, bytes=, id= }
-- The next packet of the modem, whatever it is; of a PUBLISH also topic, payload, qos, retain, dup.
function Connection:packet(options)
  local packet = self.events:wait("a packet of the modem", deadline(self, options), function()
    local packet, rest = split_packet(self.buffer)
    if packet then
      self.buffer = rest
    elseif self.gone then
      fault.raise("fail", "the modem closed the connection", { wanted = "a packet", got = self.gone })
    end
    return packet
  end)
  if not packet then
    fault.raise("fail", "the modem sent no packet in time", { got = ("%q"):format(self.buffer) })
  end
  packet.id = packet.body:sub(1, 2)
  if packet.type == "PUBLISH" then
    read_publish(packet)
  end
  return packet
end

--- connection:expect(type [, {within=}]) -> packet
-- The next packet must be of this type: "CONNECT", "SUBSCRIBE", ...
function Connection:expect(type, options)
  local packet = self:packet(options)
  t.eq(packet.type, type, "the modem sent another packet")
  return packet
end

--- connection:send(bytes)
function Connection:send(bytes)
  self.env._transcript:note("peer>", bytes)
  self.tcp:write(bytes)
end

--- connection:close()
-- What was sent still goes out, then the end of the connection (FIN).
function Connection:close()
  if not self.closed then
    self.closed = true
    self.tcp:shutdown(task.callback(function()
      if not self.tcp:is_closing() then
        self.tcp:close()
      end
    end))
  end
end

--- connection:reset()
-- Ends the connection with RST.
function Connection:reset()
  self.closed = true
  self.tcp:close_reset()
end

--- connection:wait_gone([{within=}]) -> reason
-- Waits until the modem has closed the connection; "eof" for an orderly end.
function Connection:wait_gone(options)
  local gone = self.events:wait("the end of the connection", deadline(self, options), function()
    return self.gone
  end)
  return t.check(gone, "the modem did not close the connection")
end

local function on_accept(self)
  local connection = setmetatable({ env = self.env, events = mailbox.new(), buffer = "",
    tcp = uv.new_tcp() }, Connection)
  self.server:accept(connection.tcp)
  connection.tcp:nodelay(true)
  self.connections[#self.connections + 1] = connection
  connection.tcp:read_start(task.callback(function(err, bytes)
    if bytes then
      self.env._transcript:note("peer<", bytes)
      connection.buffer = connection.buffer .. bytes
    else
      connection.gone = err or "eof"
    end
    connection.events:changed()
  end))
  self.accepted:put(connection)
end

local Peer = setmetatable({}, { __index = M })
Peer.__index = Peer

--- env.peer:accept([{within=}]) -> connection
-- The next connection to env.peer.address.
function Peer:accept(options)
  local connection = self.accepted:wait("a connection", deadline(self, options), function()
    return self.accepted:take(function() return true end)
  end)
  return t.check(connection, "the modem did not connect")
end

local function setup(env)
  local self = setmetatable({ env = env, accepted = mailbox.new(), connections = {},
    server = uv.new_tcp() }, Peer)
  assert(self.server:bind("127.0.0.1", 0))
  assert(self.server:listen(16, task.callback(function(err)
    assert(not err, err)
    on_accept(self)
  end)))
  self.port = self.server:getsockname().port
  self.address = "127.0.0.1:" .. self.port
  return self
end

--- env.peer:deaf()
-- No longer listens: a connection to env.peer.address is refused.
function Peer:deaf()
  if not self.server:is_closing() then
    self.server:close()
  end
end

local function teardown(self)
  self:deaf()
  for _, connection in ipairs(self.connections) do
    if not connection.tcp:is_closing() then
      connection.tcp:close()
    end
  end
end

t.fixture "peer" { setup = setup, teardown = teardown }

return M
