--- The emulator's trace as it happens (docs/TRACE.md): one subscription on its control socket, from its start on. All
-- events of a scenario in one list, also over restarts of the emulator; who watches them; and the dialogue of a client
-- that owns the port, for the transcript.
--
-- An event is the object of the trace, and also 'seq' (its place in the list) and 'ms' (milliseconds since the first
-- start of the emulator, which go on when 't' begins anew).
local cjson = require "cjson"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

local M = {}

local ANSWER_SECONDS = 20
local PAST = 1000 -- events that the emulator keeps

local Events = {}
Events.__index = Events

--- The events of one scenario; nothing is subscribed to yet. They cost nothing until attach().
function M.new(env)
  return setmetatable({ env = env, list = {}, answers = {}, watchers = {}, changes = mailbox.new() }, Events)
end

--- Does an event have these fields? 'wanted' is a table: a number or boolean must be equal, a text may hold * for any
-- bytes, as the 'when' of a fault; or a function(event).
function M.matches(event, wanted)
  if type(wanted) == "function" then
    return wanted(event)
  end
  for field, value in pairs(wanted) do
    local got = event[field]
    if type(value) == "string" and type(got) == "string" and value:find("*", 1, true) then
      local pattern = value:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*")
      if not got:find("^" .. pattern .. "$") then
        return false
      end
    elseif got ~= value then
      return false
    end
  end
  return true
end

--- What of an event is shown, or of a table that an event matches: the line, or its fields.
function M.shown(event)
  if event.event == "at" and event.text then
    return event.text
  end
  local parts = {}
  for field, value in pairs(event) do
    if field ~= "seq" and field ~= "ms" and field ~= "t" and field ~= "modem" and field ~= "event" then
      parts[#parts + 1] = ("%s=%s"):format(field, value)
    end
  end
  table.sort(parts)
  return table.concat({ event.event or "any", table.unpack(parts) }, " ")
end

--- What the verbs expect_event take, as accept(event) and as words for a message.
function M.expected(wanted)
  if type(wanted) ~= "table" and type(wanted) ~= "function" then
    fault.raise("misuse", "expect_event takes a table, { event = name, FIELD = value }, or a function")
  end
  return function(event) return M.matches(event, wanted) end,
    type(wanted) == "function" and "an event" or "an event " .. M.shown(wanted)
end

--- The dialogue of a client, for the transcript: what it sent, and what came from the modem.
local function note_dialogue(self, event)
  if not self.noted or event.modem ~= 0 then
    return
  elseif event.event == "at" then
    self.env._transcript:note(event.from == "host" and "at>" or "at<", event.text)
  elseif event.event == "at.data" then
    self.env._transcript:note("at>", event.data)
  elseif event.event == "fault" and event.step == "fired" then
    self.env._transcript:note("fault", ("%s (number %s) struck"):format(event.name, event.fault))
  end
end

local function add(self, event)
  local n = #self.list + 1
  event.seq, event.ms = n, event.t + self.offset
  self.list[n] = event
  note_dialogue(self, event)
  for watcher in pairs(self.watchers) do
    watcher(event)
  end
end

local function take_line(self, line)
  local ok, object = pcall(cjson.decode, line)
  if not ok or type(object) ~= "table" then
    self.broken = "not an event: " .. line:sub(1, 200)
  elseif object.event then
    add(self, object)
  else
    self.answers[#self.answers + 1] = object
  end
end

local function take_bytes(self, bytes)
  local rest = self.rest .. bytes
  local at = 1
  while true do
    local lf = rest:find("\n", at, true)
    if not lf then
      break
    end
    take_line(self, rest:sub(at, lf - 1))
    at = lf + 1
  end
  self.rest = rest:sub(at)
  self.changes:changed()
end

--- Sends a request on the subscription's own connection and waits for its answer. nil and a message.
local function ask(self, request, deadline)
  local before = #self.answers
  self.stream:write(cjson.encode(request) .. "\n")
  self.changes:wait("an answer of the control socket", deadline, function()
    return (#self.answers > before or self.gone or self.broken) and true or nil
  end)
  local answer = self.answers[before + 1]
  if not answer then
    return nil, self.broken or self.gone or "no answer in time"
  end
  if answer.error then
    return nil, answer.error
  end
  return answer
end

local function limit(self)
  return task.now() + ANSWER_SECONDS * 1000 * self.env._settings.factor
end

--- Subscribes, unless that is done: everything that the emulator kept of its past comes first. When it returns, all of
-- that is in the list.
function Events:attach()
  if self.stream then
    return
  end
  local sim = self.env.sim or self.sim
  self.wanted, self.rest, self.gone, self.broken = true, "", nil, nil
  self.started_at, self.first_start = sim.started_at, self.first_start or sim.started_at
  self.offset = math.floor(sim.started_at - self.first_start)
  local stream, message = transport.open_unix(sim.control_path, limit(self))
  if not stream then
    fault.raise("error", "events of the emulator: " .. message)
  end
  self.stream = stream
  stream.on_data = function(bytes) take_bytes(self, bytes) end
  stream.on_gone = function(reason)
    self.gone, self.stream = "the emulator is gone: " .. reason, nil
    self.changes:changed()
  end
  local ok, problem = ask(self, { verb = "subscribe", last = PAST }, limit(self))
  if not ok then
    self:close()
    fault.raise("error", "events of the emulator: " .. problem)
  end
  self:sync()
end

--- Puts an event of our own into the list, at the present time: what happened to the client itself.
function Events:put(event)
  event.modem, event.t = 0, math.floor(task.now() - self.started_at)
  add(self, event)
  self.changes:changed()
end

--- For env.sim: it has started (again); a subscription goes on with it.
function Events:restarted(sim)
  self.sim = sim
  self:close()
  if self.wanted then
    self:attach()
  end
end

--- When it returns, everything that happened in the emulator so far is in the list. False where it cannot be asked.
function Events:sync()
  if not self.stream then
    return false
  end
  return ask(self, { verb = "version" }, limit(self)) ~= nil
end

--- Before the emulator ends: the last events, and the end of the connection.
function Events:finish()
  self:sync()
  self:close()
end

function Events:close()
  if self.stream then
    self.stream:close()
    self.stream = nil
  end
  self.changes:changed()
end

--- fn(event) is called for each event from now on, until the function that is returned is called.
function Events:watch(fn)
  local function watcher(event) fn(event) end
  self.watchers[watcher] = true
  return function() self.watchers[watcher] = nil end
end

--- The first event behind number 'after' for which accept(event) is true; nil.
function Events:find(after, accept)
  for n = after + 1, #self.list do
    if accept(self.list[n]) then
      return self.list[n]
    end
  end
  return nil
end

--- Waits for such an event until 'deadline'; nil when none came. ended() may tell early that none will come.
function Events:wait(what, deadline, after, accept, ended)
  return self.changes:wait(what, deadline, function()
    local found = self:find(after, accept)
    after = math.max(after, #self.list)
    if self.broken then
      fault.raise("error", "events of the emulator: " .. self.broken)
    end
    if not found and ended and ended() then
      return false
    end
    return found
  end) or nil
end

return M
