--- Fixture "client": the program under test on the emulator's port, as --client names it; env.client.
local client = require "modemtest.client"
local fault = require "modemtest.fault"
local files = require "modemtest.files"

--- What runs: the scenario's own command, that of --client, or the reference client of ours.
local function command(env, spec)
  local settings = env._settings
  if spec.command then
    return type(spec.command) == "function" and spec.command(env) or spec.command
  end
  if settings.client.command then
    return settings.client.command
  end
  local ours = settings.programs.client
  if not files.exists(ours) then
    fault.raise("error", ("no client to test: --client CMD names one (%s, the default, is not there)"):format(ours))
  end
  return "exec '" .. ours .. "'"
end

local function setup(env)
  local spec = env._case.spec.client or {}
  local made = client.new(env, { command = command(env, spec), ready = not spec.command and env._settings.client.ready,
    percent = spec.percent, env = spec.env })
  env.sim.events.noted = true
  env.sim.events:attach()
  return made
end

--- When all fixtures are there: a broker's address is part of the client's environment.
local function ready(made, env)
  if (env._case.spec.client or {}).start ~= "manual" then
    env.client = made
    made:start()
  end
end

return { uses = { "sim" }, setup = setup, ready = ready, teardown = function(made) made:_close() end }
