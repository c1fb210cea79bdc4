--- Fixture "modem": dev. With the device "emulator" a fresh one for every scenario, and env.sim; with
-- any other device a modem that is brought to a known state.
local device = require "modemtest.device_data"
local fault = require "modemtest.fault"
local known_state = require "modemtest.known_state"
local process = require "modemtest.process"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

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
    table.move({ "--link", self.link }, 1, 2, #list + 1, list)
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
local function wait_ready(self, n)
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
  wait_ready(self, 0)
  self.path = self.paths[0]
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
  self.process:signal("sigkill")
  self.process:stop(10)
  if not struck then
    error(problem, 0)
  end
end

--- env.sim:restart([{args=, keys=, kill=false}])
-- Ends and starts it, and opens the port again. Echo is off unless the scenario has echo = true.
function Sim:restart(options)
  options = options or {}
  local dev = self.env.modem or self.dev
  dev:close()
  self:_close_ports()
  if options.kill then
    self:kill()
  else
    self:stop()
  end
  self:start(options)
  dev:reopen()
  self.settle(dev)
  for n, further in pairs(self.ports) do
    wait_ready(self, n)
    further:reopen()
    self.settle(further)
  end
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

--- Opens the emulator's port; waits for its link, which a modem with usb = on takes away for a while.
local function open_when_there(sim)
  return function(deadline)
    local port, message
    repeat
      port, message = transport.open(sim.path, nil, deadline)
      if not port then
        task.condition("the port " .. sim.path):wait(math.min(deadline, task.now() + 10))
      end
    until port or task.now() >= deadline
    return port, message
  end
end

local function open(address, baud)
  return function(deadline)
    return transport.open(address, baud, deadline)
  end
end

--- A further modem's part of the dialogue stands under a name of its own: "dev1>" and "dev1<".
local function named(transcript, name)
  return { note = function(_, actor, bytes)
    transcript:note((actor:gsub("^dev", name)), bytes)
  end }
end

local function new_device(env, opener, name)
  local settings = env._settings
  local path, message = opener(task.now() + START_SECONDS * 1000 * settings.factor)
  if not path then
    fault.raise("error", message)
  end
  return device.new({
    transport = path, open = opener,
    transcript = name and named(env._transcript, name) or env._transcript,
    factor = settings.factor, allow = settings.device.definition.allow,
  })
end

local function settle(env)
  return function(dev)
    dev.echo = env._case.spec.echo == true
    if not dev.echo then
      dev:cmd("ATE0"):ok()
    end
  end
end

local function has_modem(self, n)
  for i, argument in ipairs(self.args) do
    if argument == "--count" then
      return n < (tonumber(self.args[i + 1]) or 1)
    end
  end
  return false
end

--- env.sim:port(n) -> device
-- A further modem of the same process, modem1 with n = 1: what dev is for modem0. The emulator must
-- have it: sim = { args = { "--count", "2" } }. Opened by the first call, closed with the fixture.
-- What it sent and nobody looked at fails the scenario, too.
function Sim:port(n)
  if self.ports[n] then
    return self.ports[n]
  end
  if not has_modem(self, n) then
    fault.raise("misuse",
      ('the emulator has no modem%d: start it with sim = { args = { "--count", "%d" } }'):format(n, n + 1))
  end
  wait_ready(self, n)
  local dev = new_device(self.env, function(deadline)
    return transport.open(self.paths[n], nil, deadline)
  end, "dev" .. n)
  self.ports[n] = dev
  self.settle(dev)
  return dev
end

--- For the runner: the further modems in use, by number.
function Sim:_ports()
  return self.ports
end

--- For the fixture.
function Sim:_close_ports()
  for _, dev in pairs(self.ports) do
    dev:close()
  end
end

local function setup_emulator(env)
  local spec = env._case.spec.sim or {}
  local sim = setmetatable({ env = env, link = env.tmp .. "/modem0", state = env.tmp .. "/state",
    control_path = env.tmp .. "/control", ports = {}, paths = {}, faults = {}, args = list_of(spec.args, env),
    keys = list_of(spec.keys, env), settle = settle(env) }, Sim)
  env.sim = sim
  note_profile(env, sim.keys)
  sim:start()
  local dev = new_device(env, open_when_there(sim))
  sim.dev = dev
  dev.on_reset = function(_, options) sim:restart(options) end
  sim.settle(dev)
  return dev
end

local function setup_other(env)
  local settings = env._settings
  local chosen = settings.device
  local dev = new_device(env, open(chosen.address, chosen.baud))
  dev.on_reset = chosen.definition.reset
  env._dev = dev
  known_state.prepare(dev, settings.remembered,
    settings.allow_destructive and env._case.spec.destructive)
  if chosen.definition.check then
    chosen.definition.check(dev)
    dev:forget()
  end
  if env._case.spec.echo then
    dev:cmd("ATE1"):ok()
  end
  return dev
end

--- What a failed setup leaves must go, too: the fixture engine only tears down what was built.
local function release(env)
  local dev = env._dev or env.sim and env.sim.dev
  if dev then
    dev:close()
  end
  if env.sim and env.sim.process then
    env.sim:_close_ports()
    env.sim.process:stop(10)
  end
end

local function setup(env)
  local ours = env._settings.device.definition.ours
  local ok, result = pcall(ours and setup_emulator or setup_other, env)
  if not ok then
    release(env)
    error(result, 0)
  end
  return result
end

local function teardown(dev, env)
  if not env.sim then
    if dev.gone then
      return dev:close()
    end
    known_state.leave(dev)
    return dev:close()
  end
  dev:close()
  env.sim:_close_ports()
  local process_ = env.sim.process
  if process_.exit and not env.sim.expected_end then
    process_:stop(0)
    fault.raise("fail", "sim7600 ended by itself: " .. process_:story())
  end
  env.sim:stop()
end

return { setup = setup, teardown = teardown }
