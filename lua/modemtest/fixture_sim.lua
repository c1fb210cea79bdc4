--- Fixture "sim": a fresh emulator for every scenario, with nobody of ours on its port; env.sim. The fixture "modem"
-- builds upon it, and so does "client".
local events = require "modemtest.events"
local fault = require "modemtest.fault"
local fixtures = require "modemtest.fixtures"
local process = require "modemtest.process"
local sim_control = require "modemtest.sim_control"
require "modemtest.sim_ports" -- adds verbs of env.sim
require "modemtest.sim_verbs"
local task = require "modemtest.task"

local START_SECONDS = 20

local Sim = sim_control.Sim

local function list_of(value, env)
  return type(value) == "function" and value(env) or value or {}
end

--- What --profile gets: the chosen profile, or a file that lays the scenario's keys over it.
local function profile(self)
  local env = self.env
  local base = env._case.spec.profile or env._settings.emulator_profile
  if next(self.keys) == nil then
    return base
  end
  local text, message = sim_control.profile(base or env.profile, self.keys)
  if not text then
    fault.raise("misuse", "sim.keys: " .. message)
  end
  return env.file("profile", text)
end

--- For a recording of this scenario; a profile that is a file has no name to be found by.
local function note_profile(env, keys)
  local name = env._case.spec.profile or env._settings.emulator_profile or env.profile
  if not name:find("[/.]") then
    env._transcript:fact("profile", name)
  end
  if next(keys) ~= nil then
    env._transcript:fact("keys", keys)
  end
end

local function arguments(self)
  local env = self.env
  local list = { "--state", self.state, "--seed", tostring(env.seed), "--control", self.control_path }
  local elsewhere = false -- --listen and --serial replace the pty
  for _, argument in ipairs(self.args) do
    elsewhere = elsewhere or argument == "--listen" or argument == "--serial"
  end
  if not elsewhere then
    local where = self.listen and { "--listen", self.listen } or { "--link", self.link }
    table.move(where, 1, 2, #list + 1, list)
  end
  local chosen = profile(self)
  if chosen then
    table.move({ "--profile", chosen }, 1, 2, #list + 1, list)
  end
  for _, argument in ipairs(self.args) do
    list[#list + 1] = tostring(argument)
  end
  return list
end

--- Waits for a modem's line on stdout, and remembers where its port is.
function Sim:_wait_ready(n)
  self.paths[n] = self.process:wait_line(("^modem%d ready at (.+)$"):format(n),
    task.now() + START_SECONDS * 1000 * self.env._settings.factor)
end

--- env.sim:start([{args=, keys=}])
-- Starts the emulator on the same link and the same stored state. 'args' and 'keys' replace the
-- scenario's.
function Sim:start(options)
  local env = self.env
  self.args = options and options.args or self.args
  self.keys = options and options.keys or self.keys
  local p, message = process.spawn({
    file = env._settings.programs.sim, args = arguments(self), name = "sim7600",
    on_stderr = function(line) env._transcript:note("sim", line) end,
  })
  if not p then
    fault.raise("error", message)
  end
  self.process, self.expected_end = p, false
  self.started_at = task.now()
  self:_wait_ready(0)
  self.path = self.paths[0]
  self.listen = self.listen and self.path -- the same port at the next start
  self.events:restarted(self)
end

local function check_exit(self, exit, killed)
  if killed then
    fault.raise("fail", "sim7600 did not end on SIGTERM and was killed")
  end
  if exit.code ~= 0 or exit.signal ~= 0 then
    fault.raise("fail", "sim7600 did not end well: " .. self.process:story())
  end
end

--- env.sim:stop()
-- Ends the emulator with SIGTERM; it must end with exit code 0.
function Sim:stop()
  if self.process and not self.expected_end then
    local struck, problem = pcall(self._check_faults, self)
    self.expected_end = true
    self.events:finish()
    check_exit(self, self.process:stop(20 * self.env._settings.factor))
    if not struck then
      error(problem, 0)
    end
  end
end

--- env.sim:kill()
-- Ends the emulator as a power cut does.
function Sim:kill()
  local struck, problem = pcall(self._check_faults, self)
  self.expected_end = true
  self.events:finish()
  self.process:signal("sigkill")
  self.process:stop(10)
  if not struck then
    error(problem, 0)
  end
end

--- env.sim:restart([{args=, keys=, kill=false}])
-- Ends and starts it, and opens the port again. Echo is off unless the scenario has echo = true. Where a client
-- owns the port, the client sees the port go and come back.
function Sim:restart(options)
  options = options or {}
  self:_close_ports()
  if options.kill then
    self:kill()
  else
    self:stop()
  end
  self:start(options)
  self:_reopen_ports()
end

--- env.sim:wait_exit([{within=20}]) -> { code=, signal= }
-- Waits until the emulator ends by itself.
function Sim:wait_exit(options)
  local seconds = (options and options.within or 20) * self.env._settings.factor
  if not self.process:wait_exit(task.now() + seconds * 1000) then
    fault.raise("fail", "sim7600 did not end in time")
  end
  self.expected_end = true
  return self.process.exit
end

--- env.sim:log() -> text
-- What the emulator wrote to stderr so far.
function Sim:log()
  return table.concat(self.process.stderr, "\n")
end

local function where_to_listen(env)
  local client = env._settings.client
  return client.port == "tcp" and fixtures.named(env._case.spec, "client") and "tcp:127.0.0.1:0" or nil
end

local function setup(env)
  local spec = env._case.spec.sim or {}
  local sim = setmetatable({ env = env, link = env.tmp .. "/modem0", state = env.tmp .. "/state",
    control_path = env.tmp .. "/control", devices = {}, paths = {}, faults = {}, args = list_of(spec.args, env),
    keys = list_of(spec.keys, env), listen = where_to_listen(env) }, Sim)
  sim.events = events.new(env)
  note_profile(env, sim.keys)
  local ok, problem = pcall(sim.start, sim)
  if not ok then
    sim.events:close()
    if sim.process then
      sim.process:stop(10)
    end
    error(problem, 0)
  end
  return sim
end

local function teardown(sim)
  sim:_close_ports()
  sim.events:close()
  if sim.process.exit and not sim.expected_end then
    sim.process:stop(0)
    fault.raise("fail", "sim7600 ended by itself: " .. sim.process:story())
  end
  sim:stop()
end

return { setup = setup, teardown = teardown }
