--- t.sweep: a declaration becomes the scenario of its slices.
local context = require "modemtest.context"
local points = require "modemtest.sweep_points"

local M = {}

local FIELDS = { points = "table", actions = "table", invariants = "table", run = "function", prepare = "function",
  every = "number", slices = "number", together = "number", stall_ms = "number", away_ms = "number", urc = "string",
  within = "number" }

local NUMBERS = { every = 1, slices = 8, together = 6, within = 60, stall_ms = points.DEFAULTS.stall_ms,
  away_ms = points.DEFAULTS.away_ms }

--- Fixtures that each point has for itself.
local OWN = { modem = true, sim = true, client = true }

local LIMIT = 3600 -- seconds for a slice

local function wrong_words(field, words, known)
  local set = {}
  for _, word in ipairs(known) do
    set[word] = true
  end
  for _, word in ipairs(words) do
    if not set[word] then
      return ("field '%s' takes %s, not '%s'"):format(field, table.concat(known, ", "), tostring(word))
    end
  end
  return #words == 0 and ("field '%s' must be a list of %s"):format(field, table.concat(known, ", ")) or nil
end

local function wrong_type(spec)
  for field, wanted in pairs(FIELDS) do
    if spec[field] ~= nil and type(spec[field]) ~= wanted and not (field == "prepare" and spec[field] == false) then
      return ("field '%s' must be a %s"):format(field, wanted)
    end
  end
  for field in pairs(NUMBERS) do
    if spec[field] and (not math.tointeger(spec[field]) or spec[field] < 1) then
      return ("field '%s' must be a whole number above 0"):format(field)
    end
  end
  return nil
end

local function wrong_invariants(invariants)
  if next(invariants or {}) == nil then
    return "needs invariants = { [\"what holds\"] = function(env) ... end }"
  end
  for what, holds in pairs(invariants) do
    if type(what) ~= "string" or type(holds) ~= "function" then
      return "field 'invariants' takes functions by name"
    end
  end
  return nil
end

local function wrong_uses(uses)
  for _, fixture in ipairs(uses) do
    if OWN[fixture] then
      return ("field 'uses' must not name '%s': each point has its own"):format(fixture)
    end
  end
  return nil
end

--- What is wrong with a declaration; nil: nothing.
local function wrong(spec)
  if type(spec) ~= "table" or type(spec.run) ~= "function" then
    return "needs a table with run = function(env)"
  end
  return wrong_type(spec) or wrong_words("points", spec.points or points.KINDS, points.KINDS)
    or wrong_words("actions", spec.actions or points.ACTIONS, points.ACTIONS)
    or wrong_invariants(spec.invariants) or wrong_uses(spec.uses or {})
end

local function both(list, further)
  local out = { table.unpack(list or {}) }
  out[#out + 1] = further
  return out
end

--- One case for each slice; --sweep-point is a single one.
local function cases(slices)
  local list = {}
  for slice = 1, slices do
    list[slice] = { name = ("slice=%d/%d"):format(slice, slices), slice = slice, slices = slices }
  end
  return list
end

--- The scenario (as of t.scenario) of a sweep. What is wrong with it is an error in the line of the scenario file.
function M.scenario(name, spec)
  local message = wrong(spec)
  if message then
    error(("sweep '%s': %s"):format(name, message), 3)
  end
  local plan = { name = name, run = spec.run, prepare = spec.prepare, invariants = spec.invariants, urc = spec.urc,
    kinds = spec.points or points.KINDS, actions = spec.actions or points.ACTIONS }
  for field, default in pairs(NUMBERS) do
    plan[field] = spec[field] or default
  end
  local scenario = { limit = LIMIT }
  for field, value in pairs(spec) do
    if not FIELDS[field] then
      scenario[field] = value
    end
  end
  scenario.uses = both(spec.uses, "sweep")
  scenario.needs = both(spec.needs, "emulator")
  scenario.cases = cases(context.sweep.point and 1 or plan.slices)
  scenario.run = function(_, env, slice)
    require("modemtest.sweep_run").run(env, plan, slice)
  end
  return scenario
end

return M
