--- Builds the fixtures a scenario uses, in order, and tears them down in reverse.
-- A fixture that others need is built before them. Every teardown is tried, in a task of its own with
-- its own deadline, whatever happened before.
local fault = require "modemtest.fault"
local task = require "modemtest.task"

local M = {}

local LIMIT = 60 -- seconds for one setup or teardown

local BUILTIN = { modem = true, broker = true, certificates = true, observer = true, sim = true, client = true,
  sweep = true }

--- The definition of a fixture: the file's own, or one of ours. nil when there is none.
function M.find(name, own)
  if own and own[name] then
    return own[name]
  end
  return BUILTIN[name] and require("modemtest.fixture_" .. name) or nil
end

--- What a modem is built after, where it is used, too: so that the emulator's arguments can name the
-- broker, and the modem disconnects before the broker goes.
local BEFORE_MODEM = { "certificates", "broker", "observer" }
local BUILT_AFTER = { modem = { "sim", table.unpack(BEFORE_MODEM) }, sim = BEFORE_MODEM, client = BEFORE_MODEM }

--- All names that 'uses' needs, directly or not, as a set.
local function closure(uses, own)
  local set, open = {}, { table.unpack(uses) }
  while #open > 0 do
    local name = table.remove(open)
    local definition = not set[name] and M.find(name, own)
    set[name] = true
    for _, needed in ipairs(definition and definition.uses or {}) do
      open[#open + 1] = needed
    end
  end
  return set
end

local function needs_of(name, definition, all)
  local needs = { table.unpack(definition.uses or {}) }
  for _, other in ipairs(BUILT_AFTER[name] or {}) do
    if all[other] then
      needs[#needs + 1] = other
    end
  end
  return needs
end

--- Names of all fixtures that 'uses' needs, in the order of 'uses', but each after the ones it needs
-- itself, and "modem" after the other ones of ours. nil and a message for an unknown name or a circle.
function M.order(uses, own)
  local order, state, all = {}, {}, closure(uses, own)
  local function visit(name)
    if state[name] == "done" then
      return true
    end
    if state[name] == "open" then
      return nil, ("fixture '%s' needs itself"):format(name)
    end
    local definition = M.find(name, own)
    if not definition then
      return nil, ("there is no fixture '%s' here: declare it, or require the module that does")
          :format(name)
    end
    state[name] = "open"
    for _, needed in ipairs(needs_of(name, definition, all)) do
      local other = M.find(needed, own)
      if definition.scope == "file" and other and other.scope ~= "file" then
        return nil, ("fixture '%s' of scope file cannot use '%s', which lives for one scenario")
            :format(name, needed)
      end
      local ok, message = visit(needed)
      if not ok then
        return nil, message
      end
    end
    state[name] = "done"
    order[#order + 1] = name
    return true
  end
  for _, name in ipairs(uses) do
    local ok, message = visit(name)
    if not ok then
      return nil, message
    end
  end
  return order
end

--- Does the scenario's field 'uses' name this fixture?
function M.named(spec, name)
  for _, used in ipairs(spec.uses or { "modem" }) do
    if used == name then
      return true
    end
  end
  return false
end

--- Does the fixture "certificates" store files in the modem of this scenario? Only where the scenario
-- names both: a broker alone needs the files, but not the modem.
function M.provisions(spec)
  return M.named(spec, "modem") and M.named(spec, "certificates") and spec.provision ~= false
end

local Set = {}
Set.__index = Set

--- A set of built fixtures. 'factor' stretches the time limits.
function M.new(factor)
  return setmetatable({ built = {}, by_name = {}, factor = factor or 1 }, Set)
end

local function in_task(self, name, seconds, fn, ...)
  local runner = task.spawn(name, fn, ...)
  local grace = task.now() + seconds * 1000 * self.factor
  local out = table.pack(runner:join(grace))
  if not runner.done then
    runner:cancel(fault.new("limit", ("%s did not end within %g s"):format(name, seconds)))
    runner:join(task.now() + 10000)
  end
  return table.unpack(out, 1, out.n)
end

--- Builds one fixture and puts its object into env. True, or false and a fault.
function Set:setup(name, definition, env)
  local ok, object = in_task(self, "setup of fixture " .. name, definition.limit or LIMIT,
    definition.setup, env)
  if not ok then
    if object.kind == "fail" or object.kind == "limit" then
      object.kind = "error"
    end
    object.message = ("fixture '%s': %s"):format(name, object.message)
    return false, object
  end
  local entry = { name = name, definition = definition, object = object }
  self.built[#self.built + 1] = entry
  self.by_name[name] = entry
  env[name] = object
  return true
end

--- Calls the fixture's 'ready', if it has one: a step for each scenario, when all is built.
-- nil, or a fault.
function Set:ready(name, definition, env)
  if not definition.ready then
    return nil
  end
  local ok, problem = in_task(self, "fixture " .. name, definition.limit or LIMIT,
    definition.ready, env[name], env)
  if ok then
    return nil
  end
  problem.message = ("fixture '%s': %s"):format(name, problem.message)
  return problem
end

--- Tears everything down in reverse. Returns the list of faults.
function Set:teardown(env)
  local faults = {}
  for i = #self.built, 1, -1 do
    local entry = self.built[i]
    if entry.definition.teardown then
      local ok, err = in_task(self, "teardown of fixture " .. entry.name,
        entry.definition.limit or LIMIT, entry.definition.teardown, entry.object, env)
      if not ok then
        err.message = ("teardown of fixture '%s': %s"):format(entry.name, err.message)
        faults[#faults + 1] = err
      end
    end
  end
  self.built, self.by_name = {}, {}
  return faults
end

return M
