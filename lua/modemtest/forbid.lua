--- What must not happen while a scenario runs: armed once, watched until its end, also while it waits for something
-- else.
local dialogue = require "modemtest.client_dialogue"
local events = require "modemtest.events"
local fault = require "modemtest.fault"
local interrupt = require "modemtest.interrupt"

local M = {}

local Handle = {}
Handle.__index = Handle

--- handle:disarm()
-- From now on it may happen.
function Handle:disarm()
  if self.unwatch then
    self.unwatch()
    self.unwatch = nil
  end
end

--- The line of the AT dialogue in an event that matches; nil.
local function line_of(event, pattern)
  if event.event == "at" then
    for _, line in ipairs(event.from == "modem" and dialogue.lines(event.text) or { event.text }) do
      if line:find(pattern) then
        return line
      end
    end
  end
  return nil
end

--- Calls strike(text) for each line that the emulator or the device of ours said or got.
local function watch_lines(running, pattern, strike)
  if running.env.sim then
    running.env.sim.events:attach()
    return running.env.sim.events:watch(function(event)
      local line = line_of(event, pattern)
      if line then
        strike(line)
      end
    end)
  end
  return running.transcript:watch_lines(function(line)
    if line:find(pattern) then
      strike(line)
    end
  end)
end

local function watch_events(running, wanted, strike)
  if not running.env.sim then
    fault.raise("skip", "needs emulator: t.forbid of an event reads its trace")
  end
  running.env.sim.events:attach()
  return running.env.sim.events:watch(function(event)
    if events.matches(event, wanted) then
      strike(events.shown(event))
    end
  end)
end

--- Ends the running scenario with this fault.
function M.strike(running, f)
  running.forbidden[#running.forbidden + 1] = f
  interrupt.stop(running, f)
end

--- Arms: 'wanted' is a Lua pattern for lines of the AT dialogue, fields of a trace event, or a function(event). The
-- scenario 'running' ends with a failure as soon as it happens; 'why' is told with it.
function M.arm(running, wanted, why)
  if running.env.sweep then
    fault.raise("misuse", "what is forbidden ends a whole scenario, no point of a t.sweep: look for it in an invariant")
  end
  local handle = setmetatable({}, Handle)
  local here = fault.new("fail", "").where
  local function strike(text)
    handle:disarm()
    local f = fault.new("fail", "what is forbidden here happened" .. (why and ": " .. why or ""),
      { wanted = "never, from " .. (here or "?") .. " on", got = text, where = here })
    M.strike(running, f)
  end
  local watch = type(wanted) == "string" and watch_lines or watch_events
  handle.unwatch = watch(running, wanted, strike)
  return handle
end

return M
