--- Further verbs of env.sim, on top of sim_control.lua: what the modem is, what the client is sent, the lines beside
-- the bytes, time, and modems that come and go.
local events = require "modemtest.events"
local fault = require "modemtest.fault"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"

local EVENT_SECONDS = 20

local Sim = sim_control.Sim

local function request(verb, modem, fields)
  fields = fields or {}
  fields.verb, fields.modem = verb, modem or "modem0"
  return fields
end

--- Bytes as the control socket takes them in a JSON text.
local function escaped(bytes)
  return (bytes:gsub('[^%g ]', function(c) return ("\\x%02X"):format(c:byte()) end))
end

--- env.sim:inspect([modem]) -> table
-- What the modem is now: { network=, sim=, port=, mqtt={...}, ssl={...}, certificates={...}, pending={...}, power=,
-- time_percent=, ... }, as the verb 'state' of docs/CONTROL.md tells it.
function Sim:inspect(modem)
  return self:control(request("state", modem)).state
end

--- env.sim:urc(text [, modem])
-- A line comes by itself, as if the modem had said it: when no command is under way.
function Sim:urc(text, modem)
  self:control(request("urc", modem, { text = text }))
end

--- env.sim:raw(bytes [, modem])
-- These bytes go to the client here and now, in the middle of whatever they meet.
function Sim:raw(bytes, modem)
  self:control(request("raw", modem, { text = escaped(bytes:gsub("\\", "\\\\")) }))
end

--- env.sim:time(percent [, modem])
-- All modelled times of the modem take so many percent from now on, 0 to 1000.
function Sim:time(percent, modem)
  self:control(request("time", modem, { percent = percent }))
end

--- env.sim:script(steps [, { times=1, modem= }])
-- Changes of the world while time passes: steps is a list of { after_ms=, keys={...} }, each so long after the one
-- before; times = 0: for ever. nil ends it; a new one replaces it.
function Sim:script(steps, options)
  options = options or {}
  self:control(request("script", options.modem, { steps = steps, ["repeat"] = steps and options.times }))
end

--- env.sim:lines([{ dtr="on"|"off", rts="on"|"off", modem= }]) -> { dtr=, rts=, dcd=, ri= }
-- The lines beside the bytes, "on" or "off". DTR and RTS are the client's, and may be set for it (a pty has none);
-- DCD and RI are what the modem drives (AT&C; AT+CFGRI, and a call that rings), and no port carries them. Pulses of RI
-- are short: expect_event{ event = "ri" } waits for them, trace() has those that were.
function Sim:lines(options)
  options = options or {}
  return self:control(request("lines", options.modem, { dtr = options.dtr, rts = options.rts }))
end

--- env.sim:expect_event({ event=, FIELD= } [, {within=20}]) -> event
-- The next event of the trace with these fields (docs/TRACE.md), behind the one that this verb saw last; the first time
-- it looks at the latest 1000 of the past, too. A text may hold * for any bytes; instead of a table a function(event)
-- may choose. Events of all modems: the field modem is the number of one.
function Sim:expect_event(wanted, options)
  local accept, what = events.expected(wanted)
  local seconds = (options and options.within or EVENT_SECONDS) * self.env._settings.factor
  self.events:attach()
  local event = self.events:wait(what, task.now() + seconds * 1000, self.event_cursor or 0, accept)
  if not event then
    fault.raise("fail", ("%s did not come within %g s"):format(what, seconds), { wanted = what })
  end
  self.event_cursor = event.seq
  return event
end

--- env.sim:add([{ link=, profile=, keys= }]) -> name, path
-- One more modem in the emulator's process: its name for 'modem', and its port.
function Sim:add(options)
  options = options or {}
  local answer = self:control({ verb = "add", link = options.link, profile = options.profile, keys = options.keys })
  return answer.name, answer.path
end

--- env.sim:remove(modem)
-- A modem goes, with its port and its connections.
function Sim:remove(modem)
  self:control({ verb = "remove", modem = modem })
end

--- env.sim:coverage([modem]) -> hit, never
-- Which commands were used: a list of { command=, form=, verdict=, count= }; and the names of those that were not.
function Sim:coverage(modem)
  local answer = self:control(request("coverage", modem))
  return answer.hit, answer.never
end

--- env.sim:snapshot([{ last=200, modem= }]) -> table
-- State, keys, faults, coverage and the latest events: to keep when something failed.
function Sim:snapshot(options)
  options = options or {}
  return self:control(request("snapshot", options.modem, { last = options.last }))
end
