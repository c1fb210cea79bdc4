--- Tasks: coroutines that wait for events, with deadlines.
-- Only the scheduler resumes a task, from its run queue; luv callbacks merely put tasks there.
-- Every wait has a deadline. The one thing to wait on is a condition (M.condition): it has at most
-- one waiter, and a second one is an error. Times are milliseconds of a monotonic clock.
-- The module owns the tasks, their timers and the run queue of this process's one luv loop.
local uv = require "luv"
local fault = require "modemtest.fault"
local watch = require "modemtest.watch"

local M = {}

--- A step of a task may run this many VM instructions without waiting.
M.STEP_LIMIT = 200 * 1000 * 1000

local LONGEST_TIMER = 2 ^ 31 -- ms; a wait without end is a deadline of math.huge

local queue, first, last = {}, 1, 0
local live = {}         -- task -> true
local current = nil     -- the task being resumed
local broken = nil      -- an error raised inside a callback
local idle = nil        -- active while a callback has made a task ready: the loop must not block

local Task = {}
Task.__index = Task

function M.now()
  return uv.hrtime() / 1e6
end

local function push(task)
  if not task.queued and not task.done then
    task.queued = true
    last = last + 1
    queue[last] = task
    -- Timers run before the loop waits for I/O; without this it would wait although a task is ready.
    if idle and not idle:is_active() then
      idle:start(function() end)
    end
  end
end

--- The running task; nil outside of any.
function M.current()
  return current
end

--- Wraps a luv callback: an error in it is ours, and ends the run instead of the process.
function M.callback(fn)
  return function(...)
    local ok, err = xpcall(fn, debug.traceback, ...)
    if not ok then
      broken = broken or err
    end
  end
end

local function stop_timer(task)
  if task.timer and task.timer:is_active() then
    task.timer:stop()
  end
end

local function arm_timer(task, ms)
  task.timer = task.timer or uv.new_timer()
  task.timer:start(math.ceil(math.min(math.max(ms, 0), LONGEST_TIMER)), 0, M.callback(function()
    task.timed_out = true
    push(task)
  end))
end

--- Starts fn(...) as a task. 'name' stands in messages.
function M.spawn(name, fn, ...)
  local args = table.pack(...)
  local task = setmetatable({ name = name, finished = M.condition("end of task " .. name) }, Task)
  task.co = coroutine.create(function()
    return fn(table.unpack(args, 1, args.n))
  end)
  live[task] = true
  push(task)
  return task
end

--- The one place where a task yields. True when woken, false when 'deadline' passed.
local function suspend(deadline)
  local task = current
  if not task or coroutine.running() ~= task.co then
    fault.raise("misuse", "a wait inside a coroutine of your own: use t.spawn")
  end
  if task.cancelled then
    error(task.cancelled, 0)
  end
  local remaining = deadline - M.now()
  if remaining <= 0 then
    return false
  end
  task.timed_out, task.woken = false, false
  arm_timer(task, remaining)
  repeat
    task.waiting = true
    coroutine.yield()
    task.waiting = false
    if task.cancelled then
      task.cancelled.where = task.cancelled.where or fault.places(task.co)[1]
      error(task.cancelled, 0)
    end
  until task.woken or task.timed_out
  stop_timer(task)
  return task.woken
end

local Condition = {}
Condition.__index = Condition

--- Something that happens. 'what' names it in messages.
function M.condition(what)
  return setmetatable({ what = what }, Condition)
end

--- Waits for the next notify(), at most until 'deadline' (see M.now). False: time ran out.
-- Notifications while nobody waits are not remembered: check the state first, then wait.
function Condition:wait(deadline)
  if self.waiter then
    fault.raise("misuse", ("two tasks wait for %s: '%s' and '%s'"):format(
      self.what, self.waiter.name, current and current.name or "?"))
  end
  self.waiter = current
  local ok, result = pcall(suspend, deadline)
  self.waiter = nil
  if not ok then
    error(result, 0)
  end
  return result
end

function Condition:notify()
  local task = self.waiter
  if task then
    task.woken = true
    push(task)
  end
end

--- Ends a task: its wait, or its next one, raises 'reason'.
function Task:cancel(reason)
  if not self.done then
    self.cancelled = fault.is(reason) and reason or fault.new("limit", tostring(reason))
    self.cancelled.where = fault.places(self.co)[1]
    push(self)
  end
end

--- Waits for the end of the task. Returns true and its results, or false and a fault.
function Task:join(deadline)
  self.joined = true
  while not self.done do
    if not self.finished:wait(deadline) and not self.done then
      return false, fault.new("limit", ("task '%s' did not end in time"):format(self.name))
    end
  end
  return table.unpack(self.results, 1, self.results.n)
end

local function finish(task, ...)
  task.done = true
  task.results = table.pack(...)
  live[task] = nil
  if task.timer then
    task.timer:stop()
    task.timer:close()
    task.timer = nil
  end
  task.finished:notify()
end

--- Why a task yielded although it waits for nothing; it is not resumed again.
local function stray_yield(task)
  local places = fault.places(task.co)
  local details = { where = places[1], via = places[2] and table.concat(places, ", ", 2) or nil }
  if select(3, debug.gethook(task.co)) == M.STEP_LIMIT then
    return fault.new("misuse", "coroutine.yield() outside of a coroutine of your own", details)
  end
  return fault.new("fail", ("ran %d million instructions without waiting"):format(
    M.STEP_LIMIT // 1000000), details)
end

local function resume(task)
  task.queued = false
  if task.done then
    return
  end
  current = task
  watch.start(task.co, M.STEP_LIMIT)
  local out = table.pack(coroutine.resume(task.co))
  current = nil
  if coroutine.status(task.co) == "dead" then
    if out[1] then
      finish(task, table.unpack(out, 1, out.n))
    else
      finish(task, false, fault.from(out[2], task.co))
    end
  elseif not task.waiting then
    finish(task, false, stray_yield(task))
  end
end

local function drain()
  while first <= last do
    local task = queue[first]
    queue[first] = nil
    first = first + 1
    resume(task)
  end
  first, last = 1, 0
end

--- Runs the loop until 'main' has ended. Returns what main:join() would. Callable once at a time.
function M.run(main)
  idle = uv.new_idle()
  while not main.done do
    drain()
    idle:stop()
    if broken then
      error("in an event callback: " .. broken, 0)
    end
    if not main.done then
      uv.run("once")
    end
  end
  idle:close()
  idle = nil
  return table.unpack(main.results, 1, main.results.n)
end

--- Tasks that have not ended, other than the running one.
function M.others()
  local found = {}
  for task in pairs(live) do
    if task ~= current then
      found[#found + 1] = task
    end
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end

--- The end of the process: closes what is still open and lets every close be reported, so that the
-- Lua state can be closed after it.
function M.shut_down()
  uv.walk(function(handle)
    if not handle:is_closing() then
      handle:close()
    end
  end)
  uv.run("default")
end

--- Lets everything that is ready run, once: closes get their callbacks, other tasks their turn.
function M.turn()
  local timer = uv.new_timer()
  local cond = M.condition("a turn of the loop")
  timer:start(0, 0, M.callback(function()
    timer:close()
    cond:notify()
  end))
  cond:wait(M.now() + 60000)
end

return M
