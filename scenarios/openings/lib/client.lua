--- A client at the port: it writes its bytes and reads the answer byte by byte, in its own way.
-- What it writes and what the modem must send is a table of steps; what the client makes of the
-- answer is the work of a reader, a function(stream) -> value that stops where the client stops.
local t = require "modemtest"
local fault = require "modemtest.fault"
local text = require "modemtest.text"

local M = {}

--- Profiles whose answers are those of the reference device (general-commands.md 0.4 and part E).
local REFERENCE = { sim7600 = true, ["sim7600-async"] = true }

--- Seconds. Where a client would give up, a shorter time-out of its own says nothing about the modem,
-- only about how loaded this machine is.
local PATIENCE = 20

local Stream = {}
Stream.__index = Stream

--- client.open(dev, env) -> stream
function M.open(dev, env)
  if not REFERENCE[env.profile] then
    t.skip("the bytes are those of the profiles sim7600 and sim7600-async")
  end
  return setmetatable({ dev = dev, all = "", got = "", written = "" }, Stream)
end

local function alternatives(wanted)
  return type(wanted) == "string" and { wanted } or wanted
end

--- stream:write(bytes [, wanted])
-- Writes. What is read from now on must be 'wanted': bytes, or answer.like or answer.either of them;
-- anything when nil.
function Stream:write(bytes, wanted)
  self.written, self.wanted, self.got = bytes, alternatives(wanted), ""
  self.dev:send(bytes)
end

--- stream:deadline(seconds) -> milliseconds, for byte()
-- The end of a client's time-out for something that must come.
function Stream.deadline(_, seconds)
  return t.now() + math.max(seconds, PATIENCE) * 1000
end

--- stream:pause(seconds) -> milliseconds, for byte()
-- The end of a time-out after which the client goes on.
function Stream.pause(_, seconds)
  return t.now() + seconds * 1000
end

local function fail(self, what)
  local shown = {}
  for i, wanted in ipairs(self.wanted) do
    shown[i] = text.escape(wanted)
  end
  fault.raise("fail", ("%s in the answer to %s"):format(what, text.escape(self.written)),
    { wanted = self.wanted.pattern and text.escape(self.wanted.pattern) or table.concat(shown, " or "),
      got = text.escape(self.got) })
end

local function check_so_far(self)
  for _, wanted in ipairs(self.wanted) do
    if wanted:sub(1, #self.got) == self.got then
      return
    end
  end
  fail(self, "another byte at byte " .. #self.got)
end

--- stream:byte(deadline) -> a byte, or nil when none came until then
-- A byte that is not as it must be fails at once.
function Stream:byte(deadline)
  local byte = self.dev:read { most = 1, within = math.max(deadline - t.now(), 0) / 1000 }
  if byte == "" then
    return nil
  end
  self.all, self.got = self.all .. byte, self.got .. byte
  if self.wanted and not self.wanted.pattern then
    check_so_far(self)
  end
  return byte
end

--- stream:await(bytes [, seconds]) -> what was read up to and with them
-- Reads on until all that came since the last write holds these bytes.
function Stream:await(bytes, seconds)
  local deadline = self:deadline(seconds or 0)
  while not self.got:find(bytes, 1, true) do
    if not self:byte(deadline) then
      fault.raise("fail", "bytes missing after " .. text.escape(self.written),
        { wanted = text.escape(bytes), got = text.escape(self.got) })
    end
  end
  return self.got
end

local function complete(self)
  if self.wanted.pattern then
    return self.got:find(self.wanted.pattern) ~= nil or fail(self, "other bytes")
  end
  for _, wanted in ipairs(self.wanted) do
    if wanted == self.got then
      return true
    end
  end
  return false
end

--- stream:finish()
-- The answer must be all of what was wanted; where the client stopped reading earlier, the rest must
-- still come.
function Stream:finish()
  local deadline = self:deadline(0)
  while not complete(self) do
    if not self:byte(deadline) then
      fail(self, "bytes missing")
    end
  end
end

--- stream:exchange { write, wanted, get = reader, is = value }
-- One step: the client writes, its reader gets 'value' from the answer, and the answer is 'wanted'.
function Stream:exchange(step)
  self:write(step[1], step[2])
  if step.get then
    t.eq(step.get(self), step.is, "what the client reads in answer to " .. text.escape(step[1]))
  end
  self:finish()
end

--- stream:ask { write, get = reader } -> value
-- The same where the bytes depend on the moment (a modem that boots): only the value counts.
function Stream:ask(step)
  self:write(step[1])
  return step.get(self)
end

--- stream:drain()
-- Reads everything that was sent so far, into stream.all. For the end of a dialogue with lines that
-- come by themselves at any moment.
function Stream:drain()
  self:write("AT+CGSN\r")
  self:await("\r\n860123456789014\r\n\r\nOK\r\n")
end

--- client.play(dev, env, steps [, { get = reader, is = value }]) -> stream
-- All steps in order. Those that want an answer and have no reader of their own take the one given last.
function M.play(dev, env, steps, usual)
  local stream = M.open(dev, env)
  for _, step in ipairs(steps) do
    local get, is = step.get, step.is
    if usual and not get and step[2] ~= "" then
      get, is = usual.get, is == nil and usual.is or is
    end
    stream:exchange { step[1], step[2], get = get, is = is }
  end
  return stream
end

--- client.cases(list) -> list
-- { name, step, step, ..., key = value } becomes { name =, steps = { ... }, key = value }.
function M.cases(list)
  local cases = {}
  for i, case in ipairs(list) do
    cases[i] = { name = case[1], steps = table.move(case, 2, #case, 1, {}) }
    for key, value in pairs(case) do
      if type(key) == "string" then
        cases[i][key] = value
      end
    end
  end
  return cases
end

return M
