--- Fixture "modem": dev. With the device "emulator" a fresh one for every scenario (fixture_sim.lua), and env.sim; with
-- any other device a modem that is brought to a known state.
local fault = require "modemtest.fault"
local fixture_sim = require "modemtest.fixture_sim"
local known_state = require "modemtest.known_state"
local sim_ports = require "modemtest.sim_ports"
local transport = require "modemtest.transport"

local function open(address, baud)
  return function(deadline)
    return transport.open(address, baud, deadline)
  end
end

local function setup_emulator(env)
  if env.client then
    fault.raise("misuse", "uses names client and modem: one of them can own the port; see env.sim:port(1)")
  end
  if not env.sim then
    env.sim, env._own_sim = fixture_sim.setup(env), true
  end
  local sim = env.sim
  local dev = sim_ports.new_device(env, sim_ports.opener(sim))
  sim.devices[0] = dev
  dev.on_reset = function(_, options) sim:restart(options) end
  sim:_settle(dev)
  return dev
end

local function setup_other(env)
  local settings = env._settings
  local chosen = settings.device
  local dev = sim_ports.new_device(env, open(chosen.address, chosen.baud))
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
  if env._dev then
    env._dev:close()
  end
  if env.sim then
    env.sim:_close_ports()
  end
  if env._own_sim then
    env.sim.events:close()
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
  if env._own_sim then
    return fixture_sim.teardown(env.sim)
  end
  if not env.sim and not dev.gone then
    known_state.leave(dev)
  end
  dev:close()
end

return { setup = setup, teardown = teardown }
