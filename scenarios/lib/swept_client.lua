--- What the sweeps share: a client that publishes and gets a message, and what must hold wherever it is cut off: it is
-- back at work afterwards, hears what it is sent, and publishes nothing twice at QoS 2.
local uv = require "luv"
local t = require "modemtest"
local files = require "modemtest.files"
local watched = require "lib.watched_client"
require "lib.qos2_broker"

local M = {}

local PERCENT = 2   -- of the time that waits take, the modem's and the client's
local ATTEMPTS = 20 -- of a message to a client that may be away

--- For a parser that looks for lines. Shorter than the line that comes by itself: where that strikes inside of a longer
-- one, what was counted can look as if it were whole.
local MESSAGE = "a\r\nOK\r\n\r\n>"
local SHOWN = "a\\x0D\\x0AOK\\x0D\\x0A\\x0D\\x0A>"

--- Every message of every client, by topic.
t.fixture "telemetry" {
  uses = { "observer" },
  setup = function(env)
    local seen = { observer = env.observer, payloads = {} }
    --- How often each payload came under a topic.
    function seen:of(topic)
      local event = self.observer.events:take(function(e) return e.type == "message" end)
      while event do
        local payloads = self.payloads[event.topic] or {}
        self.payloads[event.topic] = payloads
        payloads[event.payload] = (payloads[event.payload] or 0) + 1
        event = self.observer.events:take(function(e) return e.type == "message" end)
      end
      return self.payloads[topic] or {}
    end
    return seen
  end,
}

--- So short that the length of its topic for commands is one digit: a length of two of which the line loses one is a
-- good length, and what the modem then subscribes to no client can know.
local function thing(env)
  return "t" .. env.point.number
end

--- One that loses a character is not that of another client.
local function client_id(env)
  return "client-" .. env.point.number:gsub("%d", "%0%0")
end

--- The client's files under the name of its thing, which is another at each point.
local function certificates(env)
  local folder = env.tmp .. "/certificates"
  assert(files.make_folder(folder))
  for name, file in pairs({ ["AmazonRootCA1.pem"] = "AmazonRootCA1.pem",
    [thing(env) .. "-certificate.pem.crt"] = "thing1-certificate.pem.crt",
    [thing(env) .. "-private.pem.key"] = "thing1-private.pem.key" }) do
    assert(uv.fs_symlink(env.certificates:path(file), folder .. "/" .. name))
  end
  return folder
end

local function publishes(env, times)
  for _ = 1, times do
    env.client:output("^published ", { within = 60 })
  end
end

--- What the client is sent, as often as it takes, since it misses what is sent while it is away.
local function is_told(env)
  for _ = 1, ATTEMPTS do
    env.observer:publish(thing(env) .. "/cmd", MESSAGE, { qos = 1 })
    local ok, line = pcall(env.client.output, env.client, "^message ", { within = 1 })
    if ok then
      return t.eq(line, ("message %s/cmd %s"):format(thing(env), SHOWN), "the message that the client got")
    elseif env.client.process.exit then
      error(line, 0)
    end
  end
  t.fail("the client got none of " .. ATTEMPTS .. " messages")
end

local SWEEP = {
  tags = { "mqtt", "sweep" },
  profile = watched.REFERENCE,
  uses = { "broker", "certificates", "observer", "telemetry" },
  stall_ms = 600, -- longer than client-good waits for an answer: what was late comes when it has given up
  client = {
    percent = PERCENT,
    env = function(env)
      return { CLIENT_ID = client_id(env), THING_NAME = thing(env), PUBLISH_QOS = "2", PUBLISH_MS = "2000",
        CERTIFICATES = certificates(env) }
    end,
  },
  -- The distance of a URC from the answer before it is no wait that time_percent shortens.
  sim = { keys = { time_percent = PERCENT, timeout_percent = PERCENT, urc_guard_ms = 0 } },
  run = function(env)
    publishes(env, 1)
    is_told(env)
    publishes(env, 1)
  end,
  invariants = {
    ["it ends connected and publishes"] = function(env)
      publishes(env, 2)
    end,
    ["it gets messages whole"] = is_told,
    ["nothing is published twice at QoS 2"] = function(env)
      local topic = thing(env) .. "/telemetry"
      for payload, times in pairs(env.telemetry:of(topic)) do
        t.check(times == 1, ("'%s' came %d times under %s"):format(payload, times, topic))
      end
    end,
  },
}

--- swept.sweep(name, fields): declares a sweep of that client, with these fields of t.sweep besides; to its invariants
-- come those that hold for each.
function M.sweep(name, fields)
  for field, value in pairs(SWEEP) do
    fields[field] = fields[field] or value
  end
  for what, holds in pairs(SWEEP.invariants) do
    fields.invariants[what] = holds
  end
  t.sweep(name)(fields)
end

--- Names of the files with certificates among those that the modem has stored, a table by name.
function M.certificates(stored)
  local names = {}
  for name in pairs(stored) do
    names[#names + 1] = name:find("/certificates/", 1, true) and name or nil
  end
  return names
end

return M
