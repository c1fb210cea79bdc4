--- What is judged when a scenario's own part is over: what it forbade, an end of the client that nobody asked for,
-- and the checks of every client (client_sins.lua).
local client_sins = require "modemtest.client_sins"
local fault = require "modemtest.fault"

local M = {}

--- A scenario that ended so says nothing about the client.
local NO_VERDICT = { skip = true, inconclusive = true, interrupted = true }

local function known(run, f)
  for _, other in ipairs(run.faults) do
    if other == f then
      return true
    end
  end
  return false
end

local function set_of(...)
  local set = {}
  for _, list in ipairs({ ... }) do
    for _, name in ipairs(list) do
      set[name] = true
    end
  end
  return set
end

local function judge(run, env)
  local spec = env._case.spec.client or {}
  local waived = set_of(spec.waive or {}, env._settings.client.waive or {})
  local found = client_sins.judge(env.sim.events.list, {
    percent = env.client.percent, aws = env.broker ~= nil and not env.broker.external,
  })
  for _, one in ipairs(found) do
    local message = ("%s: %s"):format(one.name, one.doc)
    if waived[one.name] then
      run.warnings[#run.warnings + 1] = message .. " (waived)"
    else
      run.faults[#run.faults + 1] = fault.new("fail", message, { wanted = one.wanted, got = one.got, where = false })
    end
  end
end

--- Adds to run.faults and run.warnings. What happened up to now counts, what the teardown brings does not.
function M.note(run, env)
  local events = env.sim and env.sim.events
  if events then
    events:sync()
    if events.gone and not events.stream and not env.sim.process.exit then
      run.faults[#run.faults + 1] = fault.new("error", "events of the emulator were lost: " .. events.gone)
    end
  end
  for _, f in ipairs(run.forbidden) do
    if not known(run, f) then
      run.faults[#run.faults + 1] = f
    end
  end
  local first = run.faults[1]
  if not env.client or first and NO_VERDICT[first.kind] then
    return
  end
  local ended = env.client:_early_end()
  if ended then
    table.insert(run.faults, 1, ended)
  end
  judge(run, env)
end

return M
