--- Fixture "second": the port of modem1, with all verbs of dev, for a scenario that starts two modems
-- (sim = { args = { "--count", "2" } }). Its number is +12025550101, that of modem0 +12025550100.
local device = require "modemtest.device_data"
local fault = require "modemtest.fault"
local t = require "modemtest"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

local READY_SECONDS = 20

local function setup(env)
  local factor = env._settings.factor
  local path = env.sim.process:wait_line("^modem1 ready at (.+)$", task.now() + READY_SECONDS * 1000 * factor)
  local function open(deadline)
    return transport.open(path, nil, deadline)
  end
  local port, message = open()
  if not port then
    fault.raise("error", message)
  end
  local dev = device.new({ transport = port, open = open, transcript = env._transcript, factor = factor })
  dev:cmd("ATE0"):ok()
  return dev
end

t.fixture "second" {
  uses = { "modem" },
  setup = setup,
  teardown = function(dev) dev:close() end,
}
