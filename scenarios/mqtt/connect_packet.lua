--- What CONNECT puts on the wire: protocol name and level, flags, keep-alive, id, will, user, password.
-- Wanted bytes are written from the MQTT 3.1 and 3.1.1 standards, field by field.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

--- The CONNECT packet of these settings.
local function connect_packet(p, version)
  local will, user, password = p.will ~= nil, p.user ~= nil, p.password ~= nil
  local flags = (p.clean == 0 and 0 or 2) | (will and 4 or 0) | (will and p.will_qos << 3 or 0)
    | (password and 0x40 or 0) | (user and 0x80 or 0)
  local name = version == 3 and "MQIsdp" or "MQTT"
  local body = mqtt.text(name) .. string.char(version, flags)
    .. string.pack(">I2", p.keepalive or 60) .. mqtt.text(p.id or "modemtest")
  if will then
    body = body .. mqtt.text("w/t") .. mqtt.text(p.will)
  end
  body = user and body .. mqtt.text(p.user) or body
  return mqtt.packet(0x10, password and body .. mqtt.text(p.password) or body)
end

--- A copy of the case in which "shortest" and "longest" are what the firmware's ranges have.
local function in_range(dev, p)
  local values = {}
  for name, value in pairs(p) do
    values[name] = value
  end
  local function limit(command, index)
    local range = dev:ranges(command)[index]
    return p.limit == "lowest" and range[1].lo or range[#range].hi
  end
  if p.of == "keepalive" then
    values.keepalive = limit("+CMQTTCONNECT", 3)
  elseif p.of == "id" then
    values.id = ("i"):rep(limit("+CMQTTACCQ", 2))
  elseif p.of == "will" then
    values.will = ("w"):rep(limit("+CMQTTWILLMSG", 2))
  end
  return values
end

t.scenario "CONNECT on the wire" {
  tags = { "mqtt", "connect", "bytes" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "MQTT 3.1", version = 3 },
    { name = "MQTT 3.1.1", version = 4 },
    { name = "the default version" },
    { name = "persistent session", clean = 0 },
    { name = "the shortest keep-alive", of = "keepalive", limit = "lowest" },
    { name = "the longest keep-alive", of = "keepalive", limit = "highest" },
    { name = "user", user = "joe" },
    { name = "user and password", user = "joe", password = "s;e,c ret" },
    { name = "will with QoS 0", will = "gone", will_qos = 0 },
    { name = "will with QoS 1", will = "gone", will_qos = 1 },
    { name = "will with QoS 2", will = "gone", will_qos = 2, clean = 0 },
    { name = "all of it, MQTT 3.1", version = 3, will = "\r\nOK\r\n", will_qos = 1, user = "u",
      password = "p", clean = 0, keepalive = 300, id = "all-of-it" },
    { name = "the longest id", of = "id", limit = "highest" },
    { name = "the longest will", of = "will", limit = "highest", will_qos = 0 },
  },
  run = function(dev, env, case)
    local p, version = in_range(dev, case), session.default_version(env)
    session.start(dev)
    if p.version then
      version = session.acquire_version(dev, env, p.version, p)
    else
      session.acquire(dev, p)
    end
    if p.will then
      session.data(dev, "+CMQTTWILLTOPIC=0,%d", "w/t"):ok()
      session.data(dev, "+CMQTTWILLMSG=0,%d," .. p.will_qos, p.will):ok()
    end
    local _, packet = session.connect_peer(dev, env.peer, p)
    t.eq(packet.bytes, connect_packet(p, version), "the CONNECT packet")
  end,
}

t.scenario "half a will is none" {
  tags = { "mqtt", "connect", "will" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = { { name = "topic only", command = "+CMQTTWILLTOPIC=0,%d" },
    { name = "message only", command = "+CMQTTWILLMSG=0,%d,1" } },
  run = function(dev, env, p)
    session.start(dev)
    session.acquire(dev)
    session.data(dev, p.command, "alone"):ok()
    local _, packet = session.connect_peer(dev, env.peer)
    t.eq(packet.bytes, connect_packet({}, session.default_version(env)), "the CONNECT packet")
  end,
}

t.scenario "the will stays set for the next CONNECT of the client" {
  tags = { "mqtt", "connect", "will" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    session.data(dev, "+CMQTTWILLTOPIC=0,%d", "w/t"):ok()
    session.data(dev, "+CMQTTWILLMSG=0,%d,1", "first"):ok()
    session.data(dev, "+CMQTTWILLMSG=0,%d,2", "second"):ok()
    for _ = 1, 2 do
      local connection, packet = session.connect_peer(dev, env.peer)
      t.eq(packet.bytes, connect_packet({ will = "second", will_qos = 2 }, session.default_version(env)),
        "the CONNECT packet")
      session.disconnect(dev)
      connection:expect("DISCONNECT")
    end
  end,
}

t.scenario "DISC sends DISCONNECT and closes, without CONNLOST" {
  tags = { "mqtt", "disconnect" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = { { line = "AT+CMQTTDISC=0,60" }, { line = "AT+CMQTTDISC=0,0" }, { line = "AT+CMQTTDISC=0" },
    { line = "AT+CMQTTDISC=0, 120" } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    dev:cmd(p.line):result("+CMQTTDISC: 0,0")
    t.eq(connection:expect("DISCONNECT").bytes, "\xE0\0")
    t.eq(connection:wait_gone(), "eof")
    dev:no_urc("+CMQTTCONNLOST", { during = 0.1 })
    session.refused(dev, "AT+CMQTTDISC=0,60", "+CMQTTDISC: 0,11")
    dev:cmd("AT+CMQTTREL=0"):ok()
  end,
}
