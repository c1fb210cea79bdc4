--- MQTT 3.1 and 3.1.1 packets as tables, both ways: the harness's own reading of the standard.
-- Written from the OASIS standard (MQTT 3.1.1) and from MQTT 3.1; it shares nothing with the emulator's C, so that
-- a misreading there is found here. decode() is strict: whatever the standard forbids is a problem that names
-- its clause ([MQTT-x.x.x-n], or a section). encode() is not: a scripted peer must be able to send what is wrong.
--
-- Fields, besides type, flags, body and bytes (the whole packet), which every decoded packet has:
--   CONNECT protocol_name, protocol_level, clean_session, keep_alive, client_id, user_name, password,
--           will = { topic, payload, qos, retain }
--   CONNACK session_present, code         PUBLISH topic, payload, qos, retain, dup, id
--   SUBSCRIBE id, topics = { { filter, qos }, ... }, dup   SUBACK id, codes   UNSUBSCRIBE id, filters, dup
--   PUBACK PUBREC PUBREL PUBCOMP UNSUBACK id     PINGREQ PINGRESP DISCONNECT nothing
-- A field that a packet does not have is nil. An id is a number from 1 to 65535.
local fields_of = require "modemtest.mqtt_fields"

local M = {}

local LONGEST = 268435455 -- of what the remaining length can say (2.2.3)

--- The packets, by the number in the upper half of the first byte (2.2.1). flags: those of the lower half, false
-- where they mean something (2.2.2). by: who sends it.
local ROWS = {
  { type = "CONNECT", flags = 0, by = "client" }, { type = "CONNACK", flags = 0, by = "server" },
  { type = "PUBLISH", flags = false, by = "both" }, { type = "PUBACK", flags = 0, by = "both" },
  { type = "PUBREC", flags = 0, by = "both" },
  { type = "PUBREL", flags = 2, by = "both", clause = "MQTT-3.6.1-1" },
  { type = "PUBCOMP", flags = 0, by = "both" },
  { type = "SUBSCRIBE", flags = 2, by = "client", clause = "MQTT-3.8.1-1" },
  { type = "SUBACK", flags = 0, by = "server" },
  { type = "UNSUBSCRIBE", flags = 2, by = "client", clause = "MQTT-3.10.1-1" },
  { type = "UNSUBACK", flags = 0, by = "server" }, { type = "PINGREQ", flags = 0, by = "client" },
  { type = "PINGRESP", flags = 0, by = "server" },
  { type = "DISCONNECT", flags = 0, by = "client", clause = "MQTT-3.14.1-1" },
}

local NUMBER = {}
for number, row in ipairs(ROWS) do
  NUMBER[row.type] = number
  row.read, row.write, row.fields = fields_of[row.type].read, fields_of[row.type].write, {}
  for _, name in ipairs(fields_of[row.type].names) do
    row.fields[name] = true
  end
end

--- mqtt.fields(type) -> set of the names of its fields; nil for what is no packet of MQTT.
function M.fields(type)
  return NUMBER[type] and ROWS[NUMBER[type]].fields
end

--- mqtt.text(bytes) -> bytes with their length in front (1.5.3)
M.text = fields_of.text

--- mqtt.id(number) -> the two bytes of a packet identifier (2.3.1)
M.id = fields_of.id

--- mqtt.remaining_length(n) -> 1 to 4 bytes (2.2.3)
function M.remaining_length(n)
  if n < 0 or n > LONGEST then
    error(("a remaining length is 0 to %d, not %s"):format(LONGEST, n), 2)
  end
  local out = ""
  repeat
    local digit = n % 128
    n = n // 128
    out = out .. string.char(n > 0 and digit | 128 or digit)
  until n == 0
  return out
end

--- mqtt.packet(first_byte, body) -> bytes
function M.packet(first, body)
  return string.char(first) .. M.remaining_length(#body) .. body
end

--- mqtt.encode { type = "CONNACK", code = 0, ... } -> bytes
-- Of the fields above; what is left out is 0, "" or false. flags: other ones than the standard's.
function M.encode(packet)
  local number = NUMBER[packet.type]
  if not number then
    error(("MQTT has no packet '%s'"):format(packet.type), 2)
  end
  local row = ROWS[number]
  local body, flags = row.write(packet)
  return M.packet(number << 4 | (packet.flags or flags or row.flags), body)
end

--- mqtt.connack([code [, {session_present=false}]]), mqtt.suback(id, codes), mqtt.pingresp(), mqtt.publish(topic,
-- payload [, {qos=0, id=, retain=false, dup=false}]), and mqtt.puback(id), pubrec, pubrel, pubcomp, unsuback -> bytes
function M.connack(code, options)
  return M.encode { type = "CONNACK", code = code, session_present = options and options.session_present }
end

function M.suback(id, codes)
  return M.encode { type = "SUBACK", id = id, codes = codes }
end

function M.publish(topic, payload, options)
  options = options or {}
  return M.encode { type = "PUBLISH", topic = topic, payload = payload, id = options.id, qos = options.qos,
    retain = options.retain, dup = options.dup }
end

function M.pingresp()
  return M.encode { type = "PINGRESP" }
end

for _, type in ipairs { "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "UNSUBACK" } do
  M[type:lower()] = function(id)
    return M.encode { type = type, id = id }
  end
end

local Problem = {}
Problem.__index = Problem

function Problem:__tostring()
  return ("%s [%s]"):format(self.message, self.clause)
end

local Reader = {}
Reader.__index = Reader

--- For the readers of mqtt_fields: what does not hold ends the decoding, unless its clause is waived.
function Reader:check(holds, clause, message, ...)
  if not holds and not self.allow[clause] then
    error(setmetatable({ clause = clause, message = message:format(...) }, Problem), 0)
  end
end

--- The next n bytes; what: their name in messages.
function Reader:take(n, what)
  if #self.bytes - self.at + 1 < n then
    error(setmetatable({ clause = self.section, message = ("%s ends inside %s"):format(self.type, what) }, Problem), 0)
  end
  self.at = self.at + n
  return self.bytes:sub(self.at - n, self.at - 1)
end

function Reader:byte(what)
  return self:take(1, what):byte()
end

function Reader:word(what)
  return (string.unpack(">I2", self:take(2, what)))
end

--- A length and so many bytes.
function Reader:data(what)
  return self:take(self:word("the length of " .. what), what)
end

function Reader:left()
  return #self.bytes - self.at + 1
end

--- The flags of MQTT 3.1.1 are fixed; MQTT 3.1 leaves most undefined, and has a QoS of 1 and DUP in some.
local function check_flags(reader, row, flags)
  if row.flags then
    local wanted = flags == row.flags or reader.version == 3 and (row.flags == 0 or flags & 6 == row.flags)
    reader:check(wanted, row.clause or "MQTT-2.2.2-2", "the flags of %s are %d, not %d", row.type, flags, row.flags)
  end
end

local function read_packet(number, flags, body, options)
  local row = ROWS[number]
  local reader = setmetatable({ bytes = body, at = 1, flags = flags, version = options.version or 4,
    allow = options.allow or {}, type = row and row.type, section = row and "3." .. number }, Reader)
  reader:check(row, "2.2.1", "packet type %d is reserved", number)
  if not row then
    return { type = "reserved" }
  end
  reader:check(not options.from or row.by == "both" or row.by == options.from, "2.2.1",
    "only a %s sends %s", row.by, row.type)
  check_flags(reader, row, flags)
  local packet = row.read(reader)
  reader:check(reader:left() == 0, reader.section, "%s has %d bytes behind its end", row.type, reader:left())
  packet.type = row.type
  return packet
end

--- The remaining length of the packet at 'bytes' and where its body begins; nil while it is not complete, false
-- when it never ends.
local function read_length(bytes)
  local length = 0
  for i = 0, 3 do
    local digit = bytes:byte(2 + i)
    if not digit then
      return nil
    end
    length = length | (digit & 127) << 7 * i
    if digit < 128 then
      return length, 3 + i
    end
  end
  return false
end

--- mqtt.decode(bytes [, options]) -> packet, rest | nil | nil, problem
-- The first packet of 'bytes' and what is behind it; nil while it is incomplete. A problem is a table { message,
-- clause }, tostring() gives both; it is found as soon as the packet is complete. options: from ("client" or
-- "server": who sends; a packet of the other one is a problem); version (3 for MQTT 3.1, 4; the one of a CONNECT
-- rules itself); allow ({ ["MQTT-3.8.1-1"] = true }: these clauses may be violated). Raises nothing.
function M.decode(bytes, options)
  options = options or {}
  if #bytes < 2 then
    return nil
  end
  local length, at = read_length(bytes)
  if length == false then
    return nil, setmetatable({ clause = "2.2.3", message = "the remaining length has more than four bytes" }, Problem)
  elseif not length or #bytes < at + length - 1 then
    return nil
  end
  local first, body = bytes:byte(1), bytes:sub(at, at + length - 1)
  local ok, packet = pcall(read_packet, first >> 4, first & 15, body, options)
  if not ok then
    if getmetatable(packet) ~= Problem then
      error(packet, 0) -- a mistake of this module
    end
    return nil, packet
  end
  packet.flags, packet.body, packet.bytes = first & 15, body, bytes:sub(1, at + length - 1)
  return packet, bytes:sub(at + length)
end

return M
