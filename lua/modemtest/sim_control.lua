--- The verbs of env.sim that change the world of the emulator's modem: requests over its control socket.
-- One connection for each request. What the emulator refuses fails the scenario with its text.
local cjson = require "cjson"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

local M = {}

local ANSWER_SECONDS = 20

local Sim = {}
Sim.__index = Sim

--- The class of env.sim; fixture_modem.lua adds the verbs of the process.
M.Sim = Sim

--- Sends one request (a table) to the socket and waits for its answer until 'deadline'. The answer as a
-- table; nil and a message.
function M.request(path, request, deadline)
  local stream, message = transport.open_unix(path, deadline)
  if not stream then
    return nil, message
  end
  local changed, state = task.condition("the answer on " .. path), { text = "" }
  stream.on_data = function(bytes)
    state.text = state.text .. bytes
    changed:notify()
  end
  stream.on_gone = function(reason)
    state.gone = reason
    changed:notify()
  end
  stream:write(cjson.encode(request) .. "\n")
  while not state.text:find("\n", 1, true) and not state.gone and changed:wait(deadline) do end
  stream:close()
  local line = state.text:match("^(.-)\n")
  if not line then
    return nil, state.gone and "closed without an answer: " .. state.gone or "no answer in time"
  end
  local ok, answer = pcall(cjson.decode, line)
  if not ok or type(answer) ~= "table" then
    return nil, "not an answer: " .. line
  end
  if answer.error then
    return nil, answer.error
  end
  return answer
end

--- The text of a profile: the built-in or file 'base' with the keys (a table) laid over it. nil and a
-- message when a value cannot stand in one.
function M.profile(base, keys)
  local text = files.exists(base) and files.read(base) or "extend = " .. base
  local lines = {}
  for key, value in pairs(keys) do
    if type(value) == "number" then
      value = math.tointeger(value) or value
    elseif type(value) ~= "string" or value:find("[\r\n]") then
      return nil, ("key '%s' takes a string without line ends, or a number"):format(tostring(key))
    end
    lines[#lines + 1] = ("%s = %s\n"):format(key, value)
  end
  table.sort(lines)
  return text .. "\n" .. table.concat(lines)
end

--- env.sim:control{ verb=, ... } -> table
-- Any request of docs/CONTROL.md, and its answer. The verbs below are this with names.
function Sim:control(request)
  local deadline = task.now() + ANSWER_SECONDS * 1000 * self.env._settings.factor
  self.env._transcript:note("sim", "control> " .. cjson.encode(request))
  local answer, message = M.request(self.control_path, request, deadline)
  if not answer then
    fault.raise("fail", "env.sim: " .. message)
  end
  return answer
end

--- env.sim:set({ ["network"] = "none", ["signal.dbm"] = -99 } [, modem])
-- Changes keys of the profile that describe the world (docs/PROFILES.md) while the modem runs: all of
-- them, or none and a failure. 'modem': "modem0" when left out, as in all these verbs.
function Sim:set(keys, modem)
  self:control({ verb = "set", modem = modem or "modem0", keys = keys })
end

--- env.sim:get([modem]) -> table
-- All keys of the profile with their present values; numbers are numbers.
function Sim:get(modem)
  return self:control({ verb = "get", modem = modem or "modem0" }).keys
end

--- env.sim:power("key" | "reset" | "cut" [, modem])
-- Works PWRKEY (on, or off as after AT+CPOF) or RESET; "cut": the supply breaks down and is back.
function Sim:power(action, modem)
  self:control({ verb = "power", modem = modem or "modem0", action = action })
end

local function with(options, verb)
  local request = { verb = verb, modem = "modem0" }
  for key, value in pairs(options or {}) do
    request[key] = value
  end
  return request
end

--- env.sim:sms { from=, text= [, modem=] }
-- A short message arrives from the network.
function Sim:sms(options)
  self:control(with(options, "sms"))
end

--- env.sim:call { from= [, action="ring", modem=] }
-- Somebody calls the modem ("ring"), ends the call ("end"), or answers the modem's own call ("answer").
function Sim:call(options)
  self:control(with(options, "call"))
end

local Fault = {}
Fault.__index = Fault

local function entry(self)
  for _, one in ipairs(self.sim:control({ verb = "faults", modem = self.modem }).faults) do
    if one.fault == self.number then
      return one
    end
  end
  return nil
end

--- fault:fired() -> number
-- How often it has struck so far.
function Fault:fired()
  local one = entry(self)
  return one and one.fired or 0
end

--- fault:expect([count=1] [, {within=20}])
-- Waits until it has struck so often.
function Fault:expect(count, options)
  local seconds = (options and options.within or ANSWER_SECONDS) * self.sim.env._settings.factor
  local deadline = task.now() + seconds * 1000
  while self:fired() < (count or 1) do
    if task.now() >= deadline then
      fault.raise("fail", ("the fault %s struck %d times in time"):format(self.name, self:fired()),
        { wanted = ("%d times"):format(count or 1) })
    end
    task.condition("the next look at the fault"):wait(math.min(deadline, task.now() + 10))
  end
end

--- fault:clear()
-- Takes it back; then it need not have struck.
function Fault:clear()
  self.sim.faults[self] = nil
  self.sim:control({ verb = "clear", modem = self.modem, fault = self.number })
end

--- What every fault takes beside the parameters of its row.
local COMMON = { count = true, nth = true, chance = true, seed = true, when = true, ["until"] = true }

--- env.sim:fault { name=, ... [, count=1, nth=1, chance=100, seed=, when=, until=, modem=] } -> fault
-- Arms a fault of docs/FAULTS.md; what is not named here is one of its parameters. It ends with the scenario,
-- and one that never struck fails it. needs = { "fault" }.
-- count: how often it strikes, 0 for ever; nth: the opportunities before this one pass; chance: percent of them.
-- when = { event="mqtt", packet="SUBACK", nth=2 }: it sleeps until that event of docs/TRACE.md; ["until"] = { ... }: it
-- sleeps again.
function Sim:fault(options)
  local request = { verb = "fault", modem = options.modem or "modem0", name = options.name, parameters = {} }
  for key, value in pairs(options) do
    if COMMON[key] then
      request[key] = value
    elseif key ~= "modem" and key ~= "name" then
      request.parameters[key] = value
    end
  end
  local number = self:control(request).fault
  local made = setmetatable({ sim = self, modem = request.modem, number = number,
    name = options.name, where = fault.new("fail", "").where }, Fault)
  self.faults[made] = true
  return made
end

--- For the fixture, before the emulator ends: a failure when a fault never struck.
function Sim:_check_faults()
  local open = self.faults
  self.faults = {}
  for one in pairs(open) do
    if one:fired() == 0 then
      fault.raise("fail", ("the fault %s (number %d) never struck"):format(one.name, one.number),
        { where = one.where })
    end
  end
end

--- env.sim:trace([last=1000]) -> list of tables
-- The latest events of the emulator, oldest first: the objects of --trace FILE (docs/TRACE.md).
function Sim:trace(last)
  return self:control({ verb = "trace", last = last }).events
end

return M
