--- Devices of ours on the emulator's ports: the verbs of env.sim about them, and what the fixture "modem" makes its
-- dev of.
local device = require "modemtest.device_data"
local fault = require "modemtest.fault"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

local M = {}

local START_SECONDS = 20

local Sim = sim_control.Sim

--- Opens the emulator's port; waits for its link, which a modem with usb = on takes away for a while.
function M.opener(sim)
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

--- A further modem's part of the dialogue stands under a name of its own: "dev1>" and "dev1<".
local function named(transcript, name)
  return { note = function(_, actor, bytes)
    transcript:note((actor:gsub("^dev", name)), bytes)
  end }
end

--- A device of ours on a port; opener(deadline) opens it. 'name': of a further modem, for the dialogue.
function M.new_device(env, opener, name)
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

--- For the fixtures: brings a device of ours on one of its ports to where a scenario begins.
function Sim:_settle(dev)
  dev.echo = self.env._case.spec.echo == true
  if not dev.echo then
    dev:cmd("ATE0"):ok()
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
  if self.devices[n] then
    return self.devices[n]
  end
  if not has_modem(self, n) then
    fault.raise("misuse",
      ('the emulator has no modem%d: start it with sim = { args = { "--count", "%d" } }'):format(n, n + 1))
  end
  self:_wait_ready(n)
  local dev = M.new_device(self.env, function(deadline)
    return transport.open(self.paths[n], nil, deadline)
  end, "dev" .. n)
  self.devices[n] = dev
  self:_settle(dev)
  return dev
end

--- For the runner: the devices of ours on its ports, by the number of the modem.
function Sim:_ports()
  return self.devices
end

--- For the fixtures: the devices of ours close before the emulator ends, and come back with it.
function Sim:_close_ports()
  for _, dev in pairs(self.devices) do
    dev:close()
  end
end

function Sim:_reopen_ports()
  for n, dev in pairs(self.devices) do
    if n > 0 then
      self:_wait_ready(n)
    end
    dev:reopen()
    self:_settle(dev)
  end
end

return M
