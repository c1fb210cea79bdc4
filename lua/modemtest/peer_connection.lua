--- One connection of a scripted peer: what t.peer's accept() returns. It does only what the scenario says.
-- Everything received is kept in order until a verb looks at it; packets that none looked at fail the scenario at
-- its end. Over TLS all of this is about what is inside; peer_tls.lua has the TLS part.
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local mqtt = require "modemtest.mqtt_codec"
local peer_tls = require "modemtest.peer_tls"
local task = require "modemtest.task"
local text = require "modemtest.text"

local M = {}

local WAIT_SECONDS = 20

--- What a modem sends when it pleases, or as its last word: nobody must look at it.
local MAY_STAY = { PINGREQ = true, DISCONNECT = true }

local Connection = {}
Connection.__index = Connection

local function note(self, actor, bytes)
  self.peer.transcript:note(actor, bytes)
end

--- The fields of a packet in one line, for people: no payload, no password.
local function describe(packet)
  local parts = {}
  for _, name in ipairs(text.sorted_keys(mqtt.fields(packet.type) or {})) do
    local value = packet[name]
    if name == "password" or name == "payload" then
      value = value and #value .. " bytes"
    elseif name == "will" then
      value = value and ("on %s, %d bytes"):format(text.escape(value.topic, 100), #value.payload)
    end
    if value ~= nil and value ~= false then
      parts[#parts + 1] = name .. " " .. text.show(value)
    end
  end
  return packet.type .. (#parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or "")
end

--- Names each packet in transcript and facts as it passes. A stream that is no MQTT is named once.
local function watch(self, side, bytes, options)
  local seen = self.seen[side]
  if seen.problem then
    return
  end
  seen.buffer = seen.buffer .. bytes
  while true do
    local packet, rest = mqtt.decode(seen.buffer, options)
    if not packet then
      if rest then
        seen.problem = tostring(rest)
        note(self, "peer", (side == "received" and "the modem sent: " or "the peer sent: ") .. seen.problem)
      end
      return
    end
    self.version = packet.type == "CONNECT" and packet.protocol_level or self.version
    seen.packets[#seen.packets + 1] = packet.type
    note(self, "peer", (side == "received" and "got " or "sent ") .. describe(packet))
    seen.buffer = rest
  end
end

local function decode_options(self)
  return { from = "client", version = self.version, allow = self.peer.allow }
end

--- For the layers below: bytes of the application.
function Connection:_got(bytes)
  note(self, "peer<", bytes)
  self.buffer, self.received = self.buffer .. bytes, self.received + #bytes
  if self.peer.mqtt then
    watch(self, "received", bytes, decode_options(self))
  end
  self.events:changed()
end

--- For the layers below: the modem's end of the connection.
function Connection:_ended(reason)
  if not self.gone then
    self.gone = reason
    self.layer:ended()
    note(self, "peer", "the modem ended the connection: " .. reason)
    self.events:changed()
  end
end

--- For the layers below: bytes for the wire.
function Connection:_write(bytes)
  if bytes ~= "" and not self.tcp:is_closing() then
    self.tcp:write(bytes)
  end
end

function Connection:_close_socket()
  if not self.tcp:is_closing() then
    self.tcp:close()
  end
end

local function on_read(self, err, bytes)
  if self.tcp:is_closing() then
    return
  elseif bytes then
    self.layer:input(bytes)
    return
  end
  self:_ended(err == "ECONNRESET" and "reset" or err or "eof")
  self:_close_socket()
end

--- TCP without anything in between: the layer of a plain peer.
local Plain = {}
Plain.__index = Plain

function Plain:input(bytes)
  self.connection:_got(bytes)
end

function Plain:output(bytes)
  self.connection:_write(bytes)
end

function Plain.close_notify() end

function Plain.ended() end

function Plain.release() end

--- For the peer: a connection on this socket, which is accepted already.
function M.new(peer, tcp)
  local self = setmetatable({ peer = peer, tcp = tcp, events = mailbox.new(), buffer = "", received = 0, sent = 0,
    version = 4, next_id = 1, seen = { received = { buffer = "", packets = {} }, sent = { buffer = "", packets = {} } },
  }, Connection)
  self.layer = peer.tls and peer_tls.new(self, peer.tls) or setmetatable({ connection = self }, Plain)
  self.tls = peer.tls and self.layer.info or nil
  tcp:nodelay(true)
  tcp:read_start(task.callback(function(err, bytes) on_read(self, err, bytes) end))
  return self
end

local function deadline(self, options)
  return self.peer:deadline(options and options.within or WAIT_SECONDS)
end

local function unread(self)
  return self.buffer == "" and "nothing" or text.escape(self.buffer, 300)
end

--- Waits until ready() gives something; the end of the connection fails. A layer that failed says why.
local function wait(self, what, options, ready)
  local found = self.events:wait(what, deadline(self, options), function()
    local result = ready()
    if result == nil and self.tls and self.tls.error then
      fault.raise("fail", "TLS failed: " .. self.tls.error, { wanted = what, got = unread(self) })
    elseif result == nil and self.gone then
      fault.raise("fail", "the modem ended the connection: " .. self.gone, { wanted = what, got = unread(self) })
    end
    return result
  end)
  if found == nil then
    fault.raise("fail", "it did not come in time", { wanted = what, got = unread(self) })
  end
  return found
end

--- connection:packet([{within=20}]) -> packet
-- The next packet of the modem, whatever it is, as a table of its fields, with type, flags, body and bytes. A packet
-- that MQTT forbids fails, with the clause.
function Connection:packet(options)
  return wait(self, "a packet of the modem", options, function()
    local packet, rest = mqtt.decode(self.buffer, decode_options(self))
    if packet then
      self.buffer = rest
    elseif rest then
      fault.raise("fail", "the modem sent what MQTT forbids",
        { wanted = "a packet of MQTT", got = ("%s: %s"):format(rest, unread(self)) })
    end
    return packet
  end)
end

--- connection:expect(type [, fields [, {within=20}]]) -> packet
-- The next packet must be of this type ("CONNECT", "SUBSCRIBE", ...), and these fields of it must be equal; false
-- for a field that it must not have.
function Connection:expect(type, fields, options)
  local known = mqtt.fields(type) or fault.raise("misuse", ("MQTT has no packet '%s'"):format(type))
  for name in pairs(fields or {}) do
    if not known[name] then
      fault.raise("misuse", ("%s has no field '%s': it has %s"):format(type, name,
        table.concat(text.sorted_keys(known), ", ")))
    end
  end
  local packet = self:packet(options)
  if packet.type ~= type then
    fault.raise("fail", "the modem sent another packet", { wanted = type, got = describe(packet) })
  end
  for name, wanted in pairs(fields or {}) do
    if not text.same(packet[name] or false, wanted) then
      fault.raise("fail", ("%s has another %s"):format(type, name),
        { wanted = text.show(wanted), got = text.show(packet[name]) })
    end
  end
  return packet
end

--- connection:bytes(n [, {within=20}]) -> bytes
-- The next n bytes, for what is no MQTT. n may be a function: it gets all bytes that came, and returns how many of
-- them to take, or nil to wait for more.
function Connection:bytes(n, options)
  return wait(self, type(n) == "number" and n .. " bytes" or "bytes", options, function()
    local count = type(n) == "number" and n or n(self.buffer)
    if not count or #self.buffer < count then
      return nil
    end
    local taken = self.buffer:sub(1, count)
    self.buffer = self.buffer:sub(count + 1)
    return taken
  end)
end

--- connection:send(bytes)
-- Exactly these bytes. What is wrong about them is the scenario's intention.
function Connection:send(bytes)
  if self.closed then
    fault.raise("misuse", "the peer has closed this connection")
  end
  note(self, "peer>", bytes)
  self.sent = self.sent + #bytes
  if self.peer.mqtt then
    watch(self, "sent", bytes, { from = "server", version = self.version })
  end
  self.layer:output(bytes)
end

--- connection:send_part(bytes, n)
-- Only the first n of these bytes; the rest is never sent.
function Connection:send_part(bytes, n)
  self:send(bytes:sub(1, n))
end

local function tls_only(self, verb)
  if not self.tls then
    fault.raise("misuse", verb .. "() on a peer without TLS")
  end
end

--- connection:send_changed(bytes, change)
-- TLS only: the records that hold these bytes, as change(records) returns them: cut short, with another version, ...
function Connection:send_changed(bytes, change)
  tls_only(self, "send_changed")
  note(self, "peer>", bytes)
  self.layer:output(bytes, change)
end

--- connection:raw(bytes)
-- TLS only: bytes outside of TLS, below it: garbage instead of a record.
function Connection:raw(bytes)
  tls_only(self, "raw")
  note(self, "peer", ("TLS: the peer sends %d bytes that are its own: %s"):format(#bytes, text.escape(bytes, 100)))
  self:_write(bytes)
end

--- connection:alert(name [, level])
-- TLS only: this alert of RFC 5246 ("handshake_failure", ...), fatal unless level is 1; encrypted when the handshake is
-- over. The connection stays open.
function Connection:alert(name, level)
  tls_only(self, "alert")
  self.layer:alert(name, level)
end

--- connection:close()
-- What was sent still goes out, then the end of our direction (FIN; over TLS behind a close_notify). The modem's
-- direction stays open until it ends it, so that this is never a reset.
function Connection:close()
  if not self.closed then
    self.layer:close_notify()
    self:drop()
  end
end

--- connection:drop()
-- As close(), but over TLS without close_notify, as a program that was killed.
function Connection:drop()
  if not self.closed then
    self.closed = "closed"
    note(self, "peer", "closes the connection")
    if not self.tcp:is_closing() then
      self.tcp:shutdown()
    end
  end
end

--- connection:reset()
-- Ends the connection with RST, in both directions.
function Connection:reset()
  if not self.tcp:is_closing() then
    self.closed = "reset"
    note(self, "peer", "resets the connection")
    self.tcp:close_reset()
  end
end

--- connection:wait_gone([{within=20}]) -> reason
-- Waits until the modem has ended its direction: "eof" for an orderly end, "reset".
function Connection:wait_gone(options)
  local gone = self.events:wait("the end of the connection", deadline(self, options), function()
    return self.gone
  end)
  if not gone then
    fault.raise("fail", "the modem did not close the connection", { got = unread(self) })
  end
  return gone
end

--- connection:quiet(seconds)
-- Nothing comes from the modem for so long, nor does it end the connection. What came before does not count.
function Connection:quiet(seconds)
  local before = self.received
  local broken = self.events:wait("the absence of bytes", task.now() + seconds * 1000, function()
    return self.received > before and "bytes" or self.gone
  end)
  if broken then
    fault.raise("fail", "the modem was not quiet",
      { wanted = "nothing", got = self.gone and "the end of the connection: " .. self.gone or unread(self) })
  end
end

--- connection:handshake([{within=20}]) -> info
-- TLS only: waits for the end of the handshake: { version, cipher, server_name, alpn, certificate }. Fails with what
-- happened instead. connection.tls holds what was seen at any time, also after a failure.
function Connection:handshake(options)
  tls_only(self, "handshake")
  return wait(self, "the end of the TLS handshake", options, function()
    return self.tls.done and self.tls or nil
  end)
end

--- connection:message(name [, {within=20}]) -> info
-- TLS only: waits until this message of the modem's handshake has arrived: "ClientHello", "Certificate",
-- "ClientKeyExchange", "CertificateVerify" or "Finished"; its Finished is encrypted, and so only seen to be there.
function Connection:message(name, options)
  tls_only(self, "message")
  local function has_come()
    for _, seen in ipairs(self.tls.messages) do
      if seen == name then
        return self.tls
      end
    end
    return nil
  end
  return wait(self, name .. " of the modem", options, has_come)
end

--- connection:ignore()
-- What came so far needs nobody to look at it.
function Connection:ignore()
  self.buffer = ""
end

-- Packets -------------------------------------------------------------------------------------------------

local function id_of(packet)
  if type(packet) == "table" then
    return packet.id
  end
  return packet or fault.raise("misuse", "a packet, or a packet identifier")
end

--- connection:connack([code [, {session_present=false}]])
-- CONNACK with this return code, 0 when left out.
function Connection:connack(code, options)
  self:send(mqtt.connack(code, options))
end

--- connection:suback(packet [, codes])
-- SUBACK for a SUBSCRIBE, or for a packet identifier: what was asked for is granted unless 'codes' says otherwise.
function Connection:suback(packet, codes)
  if not codes then
    codes = {}
    for i, topic in ipairs(type(packet) == "table" and packet.topics or {}) do
      codes[i] = topic.qos
    end
  end
  self:send(mqtt.suback(id_of(packet), codes))
end

--- connection:puback(packet), :pubrec, :pubrel, :pubcomp, :unsuback
-- That packet for another one, or for a packet identifier.
for _, name in ipairs { "puback", "pubrec", "pubrel", "pubcomp", "unsuback" } do
  Connection[name] = function(self, packet)
    self:send(mqtt[name](id_of(packet)))
  end
end

--- connection:pingresp()
function Connection:pingresp()
  self:send(mqtt.pingresp())
end

--- connection:publish(topic, payload [, {qos=0, id=, retain=false, dup=false}]) -> packet identifier
-- PUBLISH; with QoS 1 and 2 with the next packet identifier, from 1, unless 'id' says otherwise. It does not wait.
function Connection:publish(topic, payload, options)
  options = options or {}
  local id = options.id
  if not id and (options.qos or 0) > 0 then
    id, self.next_id = self.next_id, self.next_id % 65535 + 1
  end
  self:send(mqtt.publish(topic, payload, { id = id, qos = options.qos, retain = options.retain, dup = options.dup }))
  return id
end

-- For the peer --------------------------------------------------------------------------------------------

--- What nobody looked at, as lines.
function Connection:_leftovers()
  local left, buffer = {}, self.buffer
  while buffer ~= "" do
    local packet, rest = nil, nil
    if self.peer.mqtt then
      packet, rest = mqtt.decode(buffer, decode_options(self))
    end
    if not packet then
      left[#left + 1] = text.escape(buffer, 200) .. (rest and " (" .. tostring(rest) .. ")" or "")
      break
    elseif not MAY_STAY[packet.type] then
      left[#left + 1] = describe(packet)
    end
    buffer = rest
  end
  return left
end

--- See peer:facts().
function Connection:_facts()
  return { received = self.received, sent = self.sent, packets_received = self.seen.received.packets,
    packets_sent = self.seen.sent.packets, problem = self.seen.received.problem, modem_ended = self.gone,
    peer_ended = self.closed, tls = self.tls and peer_tls.facts(self.tls) or nil }
end

return M
