--- SUB and UNSUB whose answer does not come, or comes broken.
local t = require "modemtest"
local session = require "lib.mqtt_session"
local mqtt = require "modemtest.mqtt_codec"
require "lib.peer"

local OPERATIONS = {
  SUB = { command = "+CMQTTSUB=0,%d,1", packet = "SUBSCRIBE", line = "+CMQTTSUB: 0,",
    answer = function(id) return mqtt.suback(id, { 1 }) end },
  UNSUB = { command = "+CMQTTUNSUB=0,%d,0", packet = "UNSUBSCRIBE", line = "+CMQTTUNSUB: 0,",
    answer = mqtt.unsuback },
}

--- version: of MQTT, the firmware's default unless told.
local function begin(dev, env, operation, version)
  session.start(dev)
  if version then
    t.eq(session.acquire_version(dev, env, version), version, "the version of MQTT")
  else
    session.acquire(dev)
  end
  local connection = session.connect_peer(dev, env.peer)
  local r = session.data(dev, operation.command, "a/b")
  return connection, r, connection:expect(operation.packet).id
end

local function cases()
  local list = {}
  for name, last in pairs { SUB = 4, UNSUB = 3 } do
    for n = 0, last do
      list[#list + 1] = { name = ("%s, %d bytes"):format(name, n), op = name, n = n }
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

t.scenario "the peer closes after n bytes of its answer: 6, then CONNLOST 1" {
  tags = { "mqtt", "subscribe", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = cases(),
  run = function(dev, env, p)
    local operation = OPERATIONS[p.op]
    local connection, r, id = begin(dev, env, operation)
    connection:send(operation.answer(id):sub(1, p.n))
    connection:close()
    session.failed(env, r, operation.line .. "6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    session.connect_peer(dev, env.peer)
  end,
}

t.scenario "a reset instead of the answer: 6, then CONNLOST 2" {
  tags = { "mqtt", "subscribe", "failure" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  matrix = { op = { "SUB", "UNSUB" } },
  run = function(dev, env, p)
    local connection, r = begin(dev, env, OPERATIONS[p.op])
    connection:reset()
    session.failed(env, r, OPERATIONS[p.op].line .. "6")
    dev:expect_urc("+CMQTTCONNLOST: 0,2")
  end,
}

t.scenario "a malformed answer is 24" {
  tags = { "mqtt", "subscribe", "failure", "malformed" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "SUBACK without codes", op = "SUB", bytes = function(id) return "\x90\x02" .. mqtt.id(id) end },
    { name = "a code that does not exist", op = "SUB", bytes = function(id) return mqtt.suback(id, { 3 }) end },
    { name = "more codes than topics", op = "SUB", bytes = function(id) return mqtt.suback(id, { 0, 0 }) end },
    { name = "flags in the first byte", op = "SUB", bytes = function(id) return "\x92\x03" .. mqtt.id(id) .. "\0" end },
    { name = "UNSUBACK too long", op = "UNSUB", bytes = function(id) return "\xB0\x03" .. mqtt.id(id) .. "\0" end },
    { name = "UNSUBACK too short", op = "UNSUB", bytes = function() return "\xB0\x01\0" end },
  },
  run = function(dev, env, p)
    -- MQTT 3.1 leaves the reserved bits undefined; 3.1.1 demands that they are 0 (2.2.2).
    local connection, r, id = begin(dev, env, OPERATIONS[p.op], 4)
    connection:send(p.bytes(id))
    session.failed(env, r, OPERATIONS[p.op].line .. "24")
    dev:expect_urc("+CMQTTCONNLOST: 0,[12]")
    connection:wait_gone()
    session.connect_peer(dev, env.peer)
  end,
}

t.scenario "a message that comes before SUBACK is passed on, and SUB succeeds" {
  tags = { "mqtt", "subscribe", "receive" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection, r, id = begin(dev, env, OPERATIONS.SUB)
    connection:send(mqtt.publish("a/b", "early", { retain = true }) .. mqtt.suback(id, { 1 }))
    r:result("+CMQTTSUB: 0,0")
    session.expect_message(dev, "a/b", "early")
  end,
}
