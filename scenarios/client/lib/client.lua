--- What the scenarios of this folder share: a client with its broker, and that it is back at work.
local t = require "modemtest"
local watched = require "lib.watched_client"

local M = {}

M.PERCENT, M.REFERENCE, M.with = watched.PERCENT, watched.REFERENCE, watched.with
M.USES = { "certificates", "broker", "observer", "client" }
M.NEEDS = { "mqtt", "tls" }
M.SIM = { keys = { time_percent = M.PERCENT } }

--- How long a client may take to be back, in seconds: more than its modem's longest wait, and some attempts.
M.WITHIN = 5

local TELEMETRY = "thing1/telemetry"
local COMMANDS = "thing1/cmd"

--- client.scenario "name" { ... }: t.scenario with what all of them have, unless it says otherwise.
function M.scenario(name)
  return function(spec)
    spec.tags = { "client" }
    spec.needs, spec.uses = spec.needs or M.NEEDS, spec.uses or M.USES
    spec.sim, spec.client = spec.sim or M.SIM, spec.client or M.with()
    t.scenario(name)(spec)
  end
end

--- The counter of a message, which must be whole.
local function counter_of(m)
  local counter = m.payload:match('^{"counter":(%d+)}$')
  t.check(counter, "a message arrived damaged: " .. m.payload)
  return math.tointeger(counter)
end

--- n messages of the client reach the broker, whole, and their counters never go back. Returns the last counter.
function M.telemetry(env, n)
  local last = 0
  for _ = 1, n do
    local counter = counter_of(env.observer:expect_message(TELEMETRY, { within = M.WITHIN }))
    t.check(counter >= last, ("counter %d behind %d"):format(counter, last))
    last = counter
  end
  return last
end

--- The client is up: it publishes. From here on it must not delete what is stored in the modem.
function M.up(env)
  env.client:never("^AT%+CCERTDELE")
  M.published(env, 1)
end

--- n publishes succeed, behind what was seen last: by the modem, so that QoS does not matter.
function M.published(env, n)
  for _ = 1, n do
    env.client:expect_command("^AT%+CMQTTPUB", { within = M.WITHIN })
    env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTPUB", code = 0 }, { within = M.WITHIN })
  end
end

--- Arms a fault, waits until it has struck, and then for a client that is back: it publishes, and a command reaches it.
function M.survives(env, fault)
  env.client:forget()
  env.sim:fault(fault)
  env.client:expect_event({ event = "fault", step = "fired", name = fault.name }, { within = M.WITHIN })
  M.is_back(env)
end

--- It publishes, and it is subscribed.
function M.is_back(env)
  M.published(env, 2)
  env.observer:publish(COMMANDS, "are you there?", { qos = 1 })
  env.client:expect_event({ event = "mqtt", dir = "in", packet = "PUBLISH", topic = COMMANDS }, { within = M.WITHIN })
end

--- Our example clients print each message: "message TOPIC PAYLOAD", what is not printable as \xHH. Of another client
-- only its dialogue is known, and this says nothing.
function M.prints_message(env, payload)
  local speaks = false
  for _, line in ipairs(env.client.lines) do
    speaks = speaks or line.text == "subscribed"
  end
  if not speaks then
    env.note("what the client makes of the message is not known: it does not print 'message TOPIC PAYLOAD'")
    return
  end
  local line = env.client:output("^message ", { within = M.WITHIN / 2 })
  t.eq(line, "message " .. COMMANDS .. " " .. payload:gsub("[%c\\\128-\255]", function(c)
    return ("\\x%02X"):format(c:byte())
  end), "the message that the client got")
end

M.COMMANDS = COMMANDS
M.counter_of = counter_of
M.TELEMETRY = TELEMETRY

return M
