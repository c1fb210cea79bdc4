--- For mqtt_codec: what stands behind the fixed header of each packet of MQTT 3.1 and 3.1.1, both ways.
-- A row of a packet: names (its fields), read(reader) -> packet, write(packet) -> bytes, flags of the first byte.
local M = {}

--- A text with its length in front (1.5.3).
function M.text(bytes)
  if #bytes > 65535 then
    error(("a text of MQTT has at most 65535 bytes, not %d"):format(#bytes), 2)
  end
  return string.pack(">s2", bytes)
end

--- A number of two bytes (1.5.2); 0 for nil.
function M.id(n)
  return string.pack(">I2", n or 0)
end

local word = M.id

--- Well-formed UTF-8 without U+0000 (1.5.3). utf8.len knows neither surrogates nor more than U+10FFFF.
local function read_text(reader, what)
  local bytes = reader:data(what)
  reader:check(utf8.len(bytes), "MQTT-1.5.3-1", "%s is not UTF-8", what)
  reader:check(not bytes:find("\0", 1, true), "MQTT-1.5.3-2", "%s contains U+0000", what)
  return bytes
end

local function read_id(reader)
  local id = reader:word("the packet identifier")
  reader:check(id ~= 0, "MQTT-2.3.1-1", "the packet identifier of %s is 0", reader.type)
  return id
end

--- A topic filter (4.7): at least one character; + alone in its level, # alone in the last one.
local function read_filter(reader)
  local filter = read_text(reader, "a topic filter")
  reader:check(filter ~= "", "MQTT-4.7.3-1", "a topic filter is empty")
  local hash = filter:find("#", 1, true)
  reader:check(not hash or hash == #filter and (hash == 1 or filter:sub(-2, -2) == "/"), "MQTT-4.7.1-2",
    "# is not the last level of its topic filter")
  for level in filter:gmatch("[^/]+") do
    reader:check(level == "+" or not level:find("+", 1, true), "MQTT-4.7.1-3", "+ is not a level of its own")
  end
  return filter
end

-- CONNECT -------------------------------------------------------------------------------------------------

local function check_protocol(reader, name, level)
  reader:check(name == "MQTT" or name == "MQIsdp", "MQTT-3.1.2-1", "the protocol name is neither MQTT nor MQIsdp")
  reader:check(level == 3 or level == 4, "MQTT-3.1.2-2", "protocol level %d is neither 3 nor 4", level)
  reader:check((name == "MQIsdp") == (level == 3), "MQTT-3.1.2-1", "protocol name and level %d do not belong together",
    level)
end

local function check_connect_flags(reader, flags)
  reader:check(flags & 1 == 0, "MQTT-3.1.2-3", "the reserved bit of the connect flags is set")
  if flags & 4 == 0 then
    reader:check(flags & 0x18 == 0, "MQTT-3.1.2-13", "a will QoS without a will")
    reader:check(flags & 0x20 == 0, "MQTT-3.1.2-15", "will retain without a will")
  end
  reader:check(flags & 0x18 ~= 0x18, "MQTT-3.1.2-14", "the will QoS is 3")
  reader:check(flags & 0x80 ~= 0 or flags & 0x40 == 0, "MQTT-3.1.2-22", "a password without a user name")
end

local function check_client_id(reader, packet)
  if packet.protocol_level == 3 then
    local n = #packet.client_id
    reader:check(n >= 1 and n <= 23, "MQTT 3.1, 3.1", "the client id has %d characters, not 1 to 23", n)
  else
    reader:check(packet.client_id ~= "" or packet.clean_session, "MQTT-3.1.3-7",
      "an empty client id without clean session")
  end
end

local function read_will(reader, flags)
  local topic = read_text(reader, "the will topic")
  reader:check(topic ~= "", "MQTT-4.7.3-1", "the will topic is empty")
  reader:check(not topic:find("[+#]"), "MQTT-4.7.1-1", "the will topic has a wildcard")
  return { topic = topic, payload = reader:data("the will message"), qos = flags >> 3 & 3, retain = flags & 0x20 ~= 0 }
end

M.CONNECT = {
  names = { "protocol_name", "protocol_level", "clean_session", "keep_alive", "client_id", "will", "user_name",
    "password" },
  read = function(reader)
    local name, level = reader:data("the protocol name"), reader:byte("the protocol level")
    check_protocol(reader, name, level)
    local flags = reader:byte("the connect flags")
    check_connect_flags(reader, flags)
    local packet = { protocol_name = name, protocol_level = level, clean_session = flags & 2 ~= 0,
      keep_alive = reader:word("the keep alive"), client_id = read_text(reader, "the client id") }
    check_client_id(reader, packet)
    packet.will = flags & 4 ~= 0 and read_will(reader, flags) or nil
    packet.user_name = flags & 0x80 ~= 0 and read_text(reader, "the user name") or nil
    packet.password = flags & 0x40 ~= 0 and reader:data("the password") or nil
    return packet
  end,
  write = function(p)
    local level, will = p.protocol_level or 4, p.will
    local flags = (p.clean_session ~= false and 2 or 0) | (p.user_name and 0x80 or 0) | (p.password and 0x40 or 0)
      | (will and 4 | (will.qos or 0) << 3 | (will.retain and 0x20 or 0) or 0)
    local body = M.text(p.protocol_name or (level == 3 and "MQIsdp" or "MQTT")) .. string.char(level, flags)
      .. word(p.keep_alive) .. M.text(p.client_id or "")
    body = body .. (will and M.text(will.topic) .. M.text(will.payload or "") or "")
    return body .. (p.user_name and M.text(p.user_name) or "") .. (p.password and M.text(p.password) or "")
  end,
}

M.CONNACK = {
  names = { "session_present", "code" },
  read = function(reader)
    local acknowledge, code = reader:byte("the acknowledge flags"), reader:byte("the return code")
    if reader.version ~= 3 then -- reserved and not used in MQTT 3.1
      reader:check(acknowledge <= 1, "3.2.2.1", "the reserved acknowledge flags are 0x%02X", acknowledge)
      reader:check(code == 0 or acknowledge & 1 == 0, "MQTT-3.2.2-4", "a session is present, but the code is %d", code)
    end
    reader:check(code <= 5, "3.2.2.3", "return code %d is reserved", code)
    return { session_present = acknowledge & 1 == 1, code = code }
  end,
  write = function(p)
    return string.char(p.session_present and 1 or 0, p.code or 0)
  end,
}

-- PUBLISH and its acknowledgements ------------------------------------------------------------------------

M.PUBLISH = {
  names = { "topic", "payload", "qos", "retain", "dup", "id" },
  read = function(reader)
    local flags = reader.flags
    local packet = { qos = flags >> 1 & 3, retain = flags & 1 ~= 0, dup = flags & 8 ~= 0 }
    reader:check(packet.qos ~= 3, "MQTT-3.3.1-4", "the QoS of PUBLISH is 3")
    reader:check(packet.qos ~= 0 or not packet.dup, "MQTT-3.3.1-2", "DUP in a PUBLISH of QoS 0")
    packet.topic = read_text(reader, "the topic name")
    reader:check(packet.topic ~= "", "MQTT-4.7.3-1", "the topic name is empty")
    reader:check(not packet.topic:find("[+#]"), "MQTT-3.3.2-2", "the topic name has a wildcard")
    packet.id = packet.qos > 0 and read_id(reader) or nil
    packet.payload = reader:take(reader:left(), "the payload")
    return packet
  end,
  write = function(p)
    local qos = p.qos or 0
    return M.text(p.topic or "") .. (qos > 0 and word(p.id) or "") .. (p.payload or ""),
      (p.dup and 8 or 0) | qos << 1 | (p.retain and 1 or 0)
  end,
}

for _, type in ipairs { "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "UNSUBACK" } do
  M[type] = {
    names = { "id" },
    read = function(reader)
      return { id = read_id(reader) }
    end,
    write = function(p)
      return word(p.id)
    end,
  }
end

-- SUBSCRIBE and UNSUBSCRIBE -------------------------------------------------------------------------------

M.SUBSCRIBE = {
  names = { "id", "topics", "dup" },
  read = function(reader)
    local packet = { id = read_id(reader), topics = {}, dup = reader.flags & 8 ~= 0 }
    reader:check(reader:left() > 0, "MQTT-3.8.3-3", "SUBSCRIBE has no topic filter")
    while reader:left() > 0 do
      local topic = { filter = read_filter(reader), qos = reader:byte("a requested QoS") }
      reader:check(topic.qos <= 2, "MQTT-3-8.3-4", "the requested QoS is 0x%02X", topic.qos)
      packet.topics[#packet.topics + 1] = topic
    end
    return packet
  end,
  write = function(p)
    local parts = { word(p.id) }
    for _, topic in ipairs(p.topics or {}) do
      parts[#parts + 1] = M.text(topic.filter) .. string.char(topic.qos or 0)
    end
    return table.concat(parts), p.dup and 10 or 2
  end,
}

M.SUBACK = {
  names = { "id", "codes" },
  read = function(reader)
    local packet = { id = read_id(reader), codes = {} }
    reader:check(reader:left() > 0, "3.9.3", "SUBACK has no return code")
    while reader:left() > 0 do
      local code = reader:byte("a return code")
      reader:check(code <= 2 or code == 0x80 and reader.version ~= 3, "MQTT-3.9.3-2", "return code 0x%02X is reserved",
        code)
      packet.codes[#packet.codes + 1] = code
    end
    return packet
  end,
  write = function(p)
    return word(p.id) .. string.char(table.unpack(p.codes or {}))
  end,
}

M.UNSUBSCRIBE = {
  names = { "id", "filters", "dup" },
  read = function(reader)
    local packet = { id = read_id(reader), filters = {}, dup = reader.flags & 8 ~= 0 }
    reader:check(reader:left() > 0, "MQTT-3.10.3-2", "UNSUBSCRIBE has no topic filter")
    while reader:left() > 0 do
      packet.filters[#packet.filters + 1] = read_filter(reader)
    end
    return packet
  end,
  write = function(p)
    local parts = { word(p.id) }
    for _, filter in ipairs(p.filters or {}) do
      parts[#parts + 1] = M.text(filter)
    end
    return table.concat(parts), p.dup and 10 or 2
  end,
}

for _, type in ipairs { "PINGREQ", "PINGRESP", "DISCONNECT" } do
  M[type] = {
    names = {},
    read = function()
      return {}
    end,
    write = function()
      return ""
    end,
  }
end

return M
