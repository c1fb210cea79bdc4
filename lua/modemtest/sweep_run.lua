--- Runs one slice of a sweep: what the modem stores, the run that counts, and then its points, some at a time.
local uv = require "luv"
local context = require "modemtest.context"
local count = require "modemtest.sweep_count"
local fault = require "modemtest.fault"
local places = require "modemtest.sweep_place"
local points = require "modemtest.sweep_points"
local states = require "modemtest.sweep_state"
local task = require "modemtest.task"

local M = {}

local CANCEL_SECONDS = 10
local DIALOGUE = 60      -- entries of the first one that failed
local SHOWN = 3          -- points that failed, in full
local NOT_REACHED = 0.05 -- of the points, at most
local FEW = 3            -- so many are never too many: retries and jitter make a run a little shorter

--- Calls fn(place) at a place, which ends with it, and raises what went wrong.
local function at_place(self, options, fn)
  self.number = self.number + 1
  options.number, options.state = self.number, options.state or self.state
  local place = places.open(self.env, options)
  local ok, result = pcall(fn, place)
  if not ok then
    result = fault.from(result)
    self.told = self.told or place.transcript -- the dialogue of the first failure
  end
  place.close()
  if not ok then
    error(result, 0)
  end
  return result
end

--- The run that nothing disturbs, from what 'state' has stored. Returns its counts.
local function count_run(self)
  return at_place(self, {}, function(place)
    local before = place:state()
    place:start_client()
    self.plan.run(place.own)
    local counts = count.of(before, place:state(), place:events())
    place:check(self.plan.invariants)
    place:stop()
    return counts
  end)
end

--- What is stored when a point begins: as 'prepare', or the run itself, leaves it; false: nothing.
local function prepare(self)
  if self.plan.prepare == false then
    return
  end
  local folder = self.env.tmp .. "/stored"
  at_place(self, {}, function(place)
    place:start_client();
    (self.plan.prepare or self.plan.run)(place.own)
    place:stop()
    place:keep_state(folder)
  end)
  self.state = folder
end

--- Calls fn in a task of its own that has so many seconds. True, or false and the fault.
local function within(self, seconds, fn)
  local limit = seconds * self.env._settings.factor
  local running = task.spawn("a point of the sweep", fn)
  local joined, ok, problem = pcall(running.join, running, task.now() + limit * 1000)
  if not running.done then
    running:cancel(fault.new("limit", ("did not end within %g s"):format(limit)))
    pcall(running.join, running, task.now() + CANCEL_SECONDS * 1000)
  end
  if not joined then
    error(ok, 0) -- we are cancelled ourselves
  end
  return ok, problem
end

--- The fault of a point: what was violated, and how the emulator or the client ended, where that is wrong, too.
local function told_of(point, where, problem, late)
  local told = fault.from(problem or late)
  local further = problem and late and "; and then: " .. fault.from(late).message or ""
  told.message = ("%s (%s): %s%s"):format(point.name, where or "not reached", told.message, further)
  return told
end

--- One point. Returns "pass" or "not reached"; raises what is violated.
local function run_point(self, point)
  return at_place(self, { point = point }, function(place)
    place:arm()
    place:start_client()
    local ok, problem = within(self, self.plan.within, function()
      self.plan.run(place.own)
      place:check(self.plan.invariants)
    end)
    local where = place:where()
    place:forget_fault()
    local stopped, late = pcall(place.stop, place)
    if not ok or not stopped then
      error(told_of(point, where, not ok and problem, not stopped and late), 0)
    end
    return where and "pass" or "not reached"
  end)
end

local function report_progress(self)
  if self.env._settings.on_progress then
    self.env._settings.on_progress({ slice = self.env._case.name, slices = self.slice.slices, done = self.done,
      of = #self.list, failed = #self.failed, kept = self.kept })
  end
end

local function note(self, point, verdict, problem)
  self.done = self.done + 1
  if verdict == "fail" then
    self.failed[#self.failed + 1] = { point = point, problem = problem }
  elseif verdict == "not reached" then
    self.not_reached[#self.not_reached + 1] = point
  end
  if self.file then
    self.file:add(point.name, verdict)
  end
  report_progress(self)
end

--- Takes points from the list until none is left. A point of an earlier run is taken as it ended then.
local function take_points(self)
  while #self.todo > 0 do
    local point = table.remove(self.todo, 1)
    local ok, result = pcall(run_point, self, point)
    local judged = ok or (result.kind == "fail" or result.kind == "limit") and not task.current().cancelled
    if not judged then
      error(result, 0)
    end
    note(self, point, ok and result or "fail", not ok and result or nil)
  end
end

--- Programs by size and time of change: what a file of --sweep-state was made with.
local function stamp(path)
  local stat = path and uv.fs_stat(path)
  return stat and ("%d bytes, %s"):format(stat.size, os.date("!%Y-%m-%d %H:%M:%S", stat.mtime.sec)) or "unknown"
end

local function open_state(self)
  local path, settings, plan = context.sweep.state, self.env._settings, self.plan
  if not path then
    return
  end
  local client = settings.client.command or settings.programs.client
  local file, message = states.open(path, self.env._case.file .. ": " .. plan.name, {
    client = client, ["client's program"] = stamp(client:match("^%S+")), ["sim7600"] = stamp(settings.programs.sim),
    profile = self.env.profile or "", urc = plan.urc or points.DEFAULTS.urc, ["stall_ms"] = plan.stall_ms,
    ["away_ms"] = plan.away_ms,
  })
  if not file then
    fault.raise("error", message)
  end
  self.file = file
end

--- The points of this slice, all of them or those that --sweep-point names, and which of them are still to be done.
local function choose(self, counts)
  local asked, list = context.sweep, points.list(counts, self.plan)
  local every = asked.every or not asked.point and self.plan.every or 1
  if asked.point then
    local all = #list
    list = points.named(list, asked.point)
    if #list == 0 then
      fault.raise("skip", ("--sweep-point '%s': none of %d points is named so"):format(asked.point, all))
    end
  end
  self.list = points.share(list, { every = every, slice = self.slice.slice, slices = self.slice.slices })
  self.todo = {}
  for _, point in ipairs(self.list) do
    local verdict = self.file and self.file:verdict(point.name)
    if verdict then
      self.done, self.kept = self.done + 1, self.kept + 1
      self.not_reached[#self.not_reached + 1] = verdict == "not reached" and point or nil
    else
      self.todo[#self.todo + 1] = point
    end
  end
end

--- The failures of the slice: the first ones in full, the names of the others.
local function tell_failures(self)
  for i, one in ipairs(self.failed) do
    if i <= SHOWN then
      one.problem.message = ("%s; alone: --sweep-point '%s'"):format(one.problem.message, one.point.name)
      context.running.faults[#context.running.faults + 1] = one.problem
    end
  end
  if #self.failed > SHOWN then
    local names = {}
    for i = SHOWN + 1, #self.failed do
      names[#names + 1] = self.failed[i].point.name
    end
    context.running.faults[#context.running.faults + 1] =
      fault.new("fail", ("and at %d further points: %s"):format(#names, table.concat(names, "; ")))
  end
end

local function finish(self)
  local env, missed = self.env, #self.not_reached
  env.figures(nil, { ("%d points: %d failed, %d not reached"):format(#self.list, #self.failed, missed) })
  if self.told then
    env._transcript:append(self.told, DIALOGUE)
  end
  tell_failures(self)
  if missed > FEW and missed > NOT_REACHED * #self.list then
    fault.raise("fail", ("%d of %d points were not reached: %s, ..."):format(missed, #self.list,
      self.not_reached[1].name))
  end
end

--- run(env, plan, slice): the body of the scenario that sweep.lua makes.
function M.run(env, plan, slice)
  local t = require "modemtest"
  local self = { env = env, plan = plan, slice = slice, number = 0, done = 0, kept = 0, failed = {}, not_reached = {} }
  open_state(self)
  prepare(self)
  choose(self, count_run(self))
  report_progress(self)
  local takers = {}
  for i = 1, math.min(plan.together, #self.todo) do
    takers[i] = function() take_points(self) end
  end
  t.all(takers)
  if self.file then
    self.file:close()
  end
  finish(self)
end

return M
