--- Fixture "things": other things of the same broker, as mosquitto_pub and mosquitto_sub with their certificates.
-- Second clients that share no code with the modem or with the harness.
local t = require "modemtest"
local fault = require "modemtest.fault"
local process = require "modemtest.process"
local task = require "modemtest.task"

local SECONDS = 30

local Things = {}
Things.__index = Things

local Subscriber = {}
Subscriber.__index = Subscriber

local function deadline(env)
  return task.now() + SECONDS * 1000 * env._settings.factor
end

--- Runs the program as this thing. options: client_id (else the thing's name), qos, args (further ones).
local function run(self, program, thing, topic, options, args)
  local certificates = self.env.certificates
  local list = { "-oL", program, "-h", "localhost", "-p", tostring(self.env.broker.port),
    "-i", options.client_id or thing, "-q", tostring(options.qos or 1), "-t", topic,
    "--cafile", certificates:path("AmazonRootCA1.pem"),
    "--cert", certificates:path(thing .. "-certificate.pem.crt"),
    "--key", certificates:path(thing .. "-private.pem.key") }
  table.move(args, 1, #args, #list + 1, list)
  table.move(options.args or {}, 1, #(options.args or {}), #list + 1, list)
  local p, message = process.spawn { file = "stdbuf", args = list, name = program,
    on_stderr = function(line) self.env._transcript:note(thing, line) end }
  if not p then
    fault.raise("error", message)
  end
  self.running[#self.running + 1] = p
  return p
end

--- env.things:publish(thing, topic, payload [, {qos=1, retain=false, client_id=thing, fails=false, args={}}])
-- Waits until mosquitto_pub has ended; it must have succeeded, or with 'fails' must not.
function Things:publish(thing, topic, payload, options)
  options = options or {}
  local args = { "-m", payload }
  if options.retain then
    args[#args + 1] = "-r"
  end
  self.env._transcript:note(thing, ("publishes to %s: %s"):format(topic, payload))
  local p = run(self, "mosquitto_pub", thing, topic, options, args)
  if not p:wait_exit(deadline(self.env)) then
    fault.raise("fail", "mosquitto_pub did not end in time")
  end
  local failed = p.exit.code ~= 0
  t.eq(failed, options.fails == true, "mosquitto_pub failed (" .. p:story() .. ")")
end

--- env.things:subscribe(thing, filter [, { qos = 1, client_id = thing, args = {} }]) -> subscriber
-- Returns when the broker has acknowledged the subscription.
function Things:subscribe(thing, filter, options)
  local p = run(self, "mosquitto_sub", thing, filter, options or {}, { "-d", "-F", "message %t %p" })
  p:wait_line("^Subscribed %(mid", deadline(self.env))
  return setmetatable({ process = p, env = self.env, thing = thing }, Subscriber)
end

--- subscriber:wait(topic [, pattern]) -> payload
-- The next message on exactly this topic whose payload matches the pattern.
function Subscriber:wait(topic, pattern)
  local found
  self.process.lines:wait("a message on " .. topic, deadline(self.env), function()
    local item = self.process.lines:take(function(item)
      local payload = item.text:sub(1, #topic + 9) == ("message %s "):format(topic) and item.text:sub(#topic + 10)
      return payload ~= false and payload:find(pattern or "") ~= nil
    end)
    found = item and item.text:sub(#topic + 10)
    return found or (self.process.exit ~= nil and self.process.open_pipes <= 0) or nil
  end)
  if not found then
    fault.raise("fail", "mosquitto_sub got no such message",
      { wanted = topic .. " " .. (pattern or ""), got = self.process:story() })
  end
  self.env._transcript:note(self.thing, ("received on %s: %s"):format(topic, found))
  return found
end


--- subscriber:stop()
function Subscriber:stop()
  self.process:stop(5)
end

t.fixture "things" {
  uses = { "broker", "certificates" },
  setup = function(env)
    return setmetatable({ env = env, running = {} }, Things)
  end,
  teardown = function(self)
    for _, p in ipairs(self.running) do
      p:stop(5)
    end
  end,
}

return Things
