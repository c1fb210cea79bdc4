local mqtt = require "modemtest.mqtt_codec"
local s = require "modemtest.spec"

--- Packets as the standard's figures give them: fields, bytes, and who sends it.
local VECTORS = {
  { "\x10\x10\0\4MQTT\4\2\0\x3C\0\4dev1", { type = "CONNECT", protocol_name = "MQTT", protocol_level = 4,
    clean_session = true, keep_alive = 60, client_id = "dev1" } },
  { "\x10\x12\0\6MQIsdp\3\0\0\0\0\4dev1", { type = "CONNECT", protocol_name = "MQIsdp", protocol_level = 3,
    clean_session = false, keep_alive = 0, client_id = "dev1" } },
  { "\x10\x22\0\4MQTT\4\xF6\1\x2C\0\1i\0\3w/t\0\4gone\0\3joe\0\2pw\0", nil }, -- a byte too many: see PROBLEMS
  { "\x10\x21\0\4MQTT\4\xF6\1\x2C\0\1i\0\3w/t\0\4gone\0\3joe\0\2pw", { type = "CONNECT", protocol_name = "MQTT",
    protocol_level = 4, clean_session = true, keep_alive = 300, client_id = "i", user_name = "joe", password = "pw",
    will = { topic = "w/t", payload = "gone", qos = 2, retain = true } } },
  { "\x10\x0C\0\4MQTT\4\2\0\0\0\0", { type = "CONNECT", protocol_name = "MQTT", protocol_level = 4,
    clean_session = true, keep_alive = 0, client_id = "" } },
  { "\x20\2\0\0", { type = "CONNACK", session_present = false, code = 0 } },
  { "\x20\2\1\0", { type = "CONNACK", session_present = true, code = 0 } },
  { "\x20\2\0\5", { type = "CONNACK", session_present = false, code = 5 } },
  { "\x30\7\0\3a/bhi", { type = "PUBLISH", qos = 0, retain = false, dup = false, topic = "a/b", payload = "hi" } },
  { "\x3D\7\0\3a/b\0\x0A", { type = "PUBLISH", qos = 2, retain = true, dup = true, topic = "a/b", id = 10,
    payload = "" } },
  { "\x40\2\0\1", { type = "PUBACK", id = 1 } }, { "\x50\2\xFF\xFF", { type = "PUBREC", id = 65535 } },
  { "\x62\2\1\0", { type = "PUBREL", id = 256 } }, { "\x70\2\0\2", { type = "PUBCOMP", id = 2 } },
  { "\x82\x0E\0\x0A\0\3a/b\1\0\3c/d\2", { type = "SUBSCRIBE", id = 10, dup = false,
    topics = { { filter = "a/b", qos = 1 }, { filter = "c/d", qos = 2 } } } },
  { "\x90\6\0\x0A\0\1\2\x80", { type = "SUBACK", id = 10, codes = { 0, 1, 2, 128 } } },
  { "\xA2\x0C\0\x0A\0\3a/b\0\3+/#", { type = "UNSUBSCRIBE", id = 10, dup = false, filters = { "a/b", "+/#" } } },
  { "\xB0\2\0\x0A", { type = "UNSUBACK", id = 10 } }, { "\xC0\0", { type = "PINGREQ" } },
  { "\xD0\0", { type = "PINGRESP" } }, { "\xE0\0", { type = "DISCONNECT" } },
}

local function without_bytes(packet)
  packet.bytes, packet.body, packet.flags = nil, nil, nil
  return packet
end

s.test("every packet, both ways", function()
  for _, vector in ipairs(VECTORS) do
    local bytes, fields = vector[1], vector[2]
    if fields then
      local packet, rest = mqtt.decode(bytes .. "\xC0")
      s.check(packet, ("%q: %s"):format(bytes, rest))
      s.eq(packet.bytes, bytes)
      s.eq({ without_bytes(packet), rest }, { fields, "\xC0" })
      s.eq(mqtt.encode(fields), bytes)
    end
  end
end)

s.test("a packet is incomplete at every byte but the last", function()
  for _, vector in ipairs(VECTORS) do
    for n = 0, vector[2] and #vector[1] - 1 or 0 do
      s.eq({ mqtt.decode(vector[1]:sub(1, n)) }, {}, ("%d bytes of %q"):format(n, vector[1]))
    end
  end
end)

s.test("the remaining length at its limits", function()
  for _, vector in ipairs { { 0, "\0" }, { 127, "\x7F" }, { 128, "\x80\1" }, { 16383, "\xFF\x7F" },
    { 16384, "\x80\x80\1" }, { 2097151, "\xFF\xFF\x7F" }, { 2097152, "\x80\x80\x80\1" },
    { 268435455, "\xFF\xFF\xFF\x7F" } } do
    s.eq(mqtt.remaining_length(vector[1]), vector[2])
  end
  s.fails("fail", "remaining length", mqtt.remaining_length, 268435456)
  local long = mqtt.encode { type = "PUBLISH", topic = "t", payload = ("x"):rep(200000) }
  s.eq(#mqtt.decode(long).payload, 200000)
end)

--- What the standard forbids: bytes, clause, options.
local PROBLEMS = {
  { "\x40\xFF\xFF\xFF\xFF\1", "2.2.3" }, { "\0\0", "2.2.1" }, { "\xF0\0", "2.2.1" },
  { "\x20\2\0\0", "2.2.1", { from = "client" } }, { "\x82\6\0\1\0\1a\0", "2.2.1", { from = "server" } },
  { "\x11\x0C\0\4MQTT\4\2\0\0\0\0", "MQTT-2.2.2-2" }, { "\x42\2\0\1", "MQTT-2.2.2-2" },
  { "\x60\2\0\1", "MQTT-3.6.1-1" }, { "\x80\6\0\1\0\1a\0", "MQTT-3.8.1-1" },
  { "\x8A\6\0\1\0\1a\0", "MQTT-3.8.1-1" }, { "\x80\6\0\1\0\1a\0", "MQTT-3.8.1-1", { version = 3 } },
  { "\xA0\5\0\1\0\1a", "MQTT-3.10.1-1" }, { "\xE1\0", "MQTT-3.14.1-1" }, { "\xE0\1x", "3.14" },
  { "\xC1\0", "MQTT-2.2.2-2" }, { "\xC0\1x", "3.12" },
  { "\x10\x0C\0\4MQTX\4\2\0\0\0\0", "MQTT-3.1.2-1" }, { "\x10\x0C\0\4MQTT\3\2\0\0\0\0", "MQTT-3.1.2-1" },
  { "\x10\x0C\0\4MQTT\5\2\0\0\0\0", "MQTT-3.1.2-2" }, { "\x10\x0C\0\4MQTT\4\3\0\0\0\0", "MQTT-3.1.2-3" },
  { "\x10\x0C\0\4MQTT\4\x0A\0\0\0\0", "MQTT-3.1.2-13" }, { "\x10\x0C\0\4MQTT\4\x22\0\0\0\0", "MQTT-3.1.2-15" },
  { "\x10\x0C\0\4MQTT\4\x1E\0\0\0\0", "MQTT-3.1.2-14" }, { "\x10\x0C\0\4MQTT\4\x42\0\0\0\0", "MQTT-3.1.2-22" },
  { "\x10\x0C\0\4MQTT\4\0\0\0\0\0", "MQTT-3.1.3-7" }, { "\x10\x0E\0\6MQIsdp\3\2\0\0\0\0", "MQTT 3.1, 3.1" },
  { "\x10\x0D\0\4MQTT\4\2\0\0\0\1\xFF", "MQTT-1.5.3-1" }, { "\x10\x0D\0\4MQTT\4\2\0\0\0\1\0", "MQTT-1.5.3-2" },
  { "\x10\x0F\0\4MQTT\4\2\0\0\0\3\xED\xA0\x80", "MQTT-1.5.3-1" }, { "\x10\x0B\0\4MQTT\4\2\0\0\0", "3.1" },
  { "\x10\x12\0\4MQTT\4\6\0\0\0\1i\0\1#\0\0", "MQTT-4.7.1-1" },
  { "\x10\x11\0\4MQTT\4\6\0\0\0\1i\0\0\0\0", "MQTT-4.7.3-1" },
  { VECTORS[3][1], "3.1" }, { "\x20\2\2\0", "3.2.2.1" }, { "\x20\2\1\5", "MQTT-3.2.2-4" }, { "\x20\2\0\6", "3.2.2.3" },
  { "\x20\1\0", "3.2" }, { "\x20\3\0\0\0", "3.2" }, { "\x36\5\0\1a\0\1", "MQTT-3.3.1-4" },
  { "\x38\3\0\1a", "MQTT-3.3.1-2" }, { "\x30\3\0\1#", "MQTT-3.3.2-2" }, { "\x30\3\0\1+", "MQTT-3.3.2-2" },
  { "\x30\2\0\0", "MQTT-4.7.3-1" }, { "\x30\3\0\2a", "3.3" }, { "\x32\5\0\1a\0\0", "MQTT-2.3.1-1" },
  { "\x32\4\0\1a\0", "3.3" }, { "\x30\3\0\1\xC0", "MQTT-1.5.3-1" }, { "\x40\2\0\0", "MQTT-2.3.1-1" },
  { "\x40\1\0", "3.4" }, { "\x50\3\0\1\0", "3.5" }, { "\x82\2\0\1", "MQTT-3.8.3-3" }, { "\x82\5\0\1\0\1a", "3.8" },
  { "\x82\6\0\1\0\1a\3", "MQTT-3-8.3-4" }, { "\x82\6\0\1\0\1a\x81", "MQTT-3-8.3-4" },
  { "\x82\5\0\1\0\0\0", "MQTT-4.7.3-1" }, { "\x82\7\0\1\0\2a#\0", "MQTT-4.7.1-2" },
  { "\x82\7\0\1\0\2#a\0", "MQTT-4.7.1-2" }, { "\x82\7\0\1\0\2##\0", "MQTT-4.7.1-2" },
  { "\x82\7\0\1\0\2a+\0", "MQTT-4.7.1-3" }, { "\x82\6\0\0\0\1a\0", "MQTT-2.3.1-1" },
  { "\x90\2\0\1", "3.9.3" }, { "\x90\3\0\1\3", "MQTT-3.9.3-2" }, { "\x90\3\0\1\x80", "MQTT-3.9.3-2", { version = 3 } },
  { "\xA2\2\0\1", "MQTT-3.10.3-2" }, { "\xA2\4\0\1\0\0", "MQTT-4.7.3-1" },
}

s.test("what the standard forbids is a problem with its clause", function()
  for _, row in ipairs(PROBLEMS) do
    local packet, problem = mqtt.decode(row[1], row[3])
    s.check(packet == nil and problem, ("accepted: %q"):format(row[1]))
    s.eq(problem.clause, row[2], ("%q: %s"):format(row[1], problem))
    s.match(tostring(problem), "%[" .. row[2]:gsub("%p", "%%%0") .. "%]")
  end
end)

s.test("a clause can be waived", function()
  local packet = mqtt.decode("\x8A\6\0\1\0\1a\0", { allow = { ["MQTT-3.8.1-1"] = true } })
  s.eq({ packet.dup, packet.topics }, { true, { { filter = "a", qos = 0 } } })
  s.eq(mqtt.decode("\xF0\0", { allow = { ["2.2.1"] = true } }).type, "reserved")
end)

s.test("MQTT 3.1 has a DUP in SUBSCRIBE, and undefined bits", function()
  s.eq(mqtt.decode("\x8A\6\0\1\0\1a\0", { version = 3 }).dup, true)
  s.eq(mqtt.decode("\x20\2\xFF\0", { version = 3 }).code, 0)
  s.eq(mqtt.decode("\xC9\0", { version = 3 }).type, "PINGREQ")
end)

s.test("encode says what it does not know, and may write what is wrong", function()
  s.fails("fail", "no packet 'CONACK'", mqtt.encode, { type = "CONACK" })
  s.fails("fail", "at most 65535", mqtt.encode, { type = "PUBLISH", topic = ("t"):rep(65536) })
  s.eq(mqtt.encode { type = "PUBREL", id = 0, flags = 0 }, "\x60\2\0\0")
  s.eq(mqtt.encode { type = "CONNACK", code = 99 }, "\x20\2\0\x63")
end)
