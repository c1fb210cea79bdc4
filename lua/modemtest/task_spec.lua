local fault = require "modemtest.fault"
local s = require "modemtest.spec"
local task = require "modemtest.task"

s.test("results of a task", function()
  local child = task.spawn("child", function(a, b) return a + b, "x" end, 1, 2)
  s.eq({ child:join(math.huge) }, { true, 3, "x" })
end)

s.test("an error becomes a fault with a traceback", function()
  local child = task.spawn("child", function() error("broken") end)
  local ok, problem = child:join(math.huge)
  s.eq(ok, false)
  s.match(tostring(problem), "broken")
  s.match(problem.traceback, "traceback")
  s.match(problem.where, "task_spec%.lua:%d+")
end)

s.test("a wait ends at its deadline", function()
  local cond = task.condition("nothing")
  s.eq(cond:wait(task.now() + 5), false)
  s.eq(cond:wait(task.now() - 1), false)
end)

s.test("a second waiter on one condition is an error", function()
  local cond = task.condition("the bus")
  local first = task.spawn("first", function() return cond:wait(math.huge) end)
  local second = task.spawn("second", function() return cond:wait(math.huge) end)
  local ok, problem = second:join(math.huge)
  s.eq({ ok, problem.kind }, { false, "misuse" })
  s.match(problem.message, "the bus: 'first' and 'second'")
  cond:notify()
  s.eq({ first:join(math.huge) }, { true, true })
end)

s.test("a wait inside a coroutine of one's own is an error", function()
  local co = coroutine.create(function() task.condition("x"):wait(math.huge) end)
  local ok, problem = coroutine.resume(co)
  s.eq({ ok, problem.kind }, { false, "misuse" })
  s.match(problem.message, "use t%.spawn")
end)

s.test("a cancelled task raises in its wait, and in every later one", function()
  local seen = {}
  local child = task.spawn("child", function()
    for i = 1, 2 do
      local ok, err = pcall(function() task.condition("x"):wait(math.huge) end)
      seen[i] = not ok and err.message
    end
    return "cleaned up"
  end)
  task.turn()
  child:cancel(fault.new("limit", "enough"))
  s.eq({ child:join(math.huge) }, { true, "cleaned up" })
  s.eq(seen, { "enough", "enough" })
end)

s.test("a task that never waits is stopped", function()
  local limit = task.STEP_LIMIT
  task.STEP_LIMIT = 100000
  local child = task.spawn("busy", function()
    while true do
      pcall(function() end)
    end
  end)
  local ok, problem = child:join(math.huge)
  task.STEP_LIMIT = limit
  s.eq(ok, false)
  s.match(problem.message, "without waiting")
end)

s.test("neither pcall nor a coroutine of one's own hides a task that never waits", function()
  local limit = task.STEP_LIMIT
  task.STEP_LIMIT = 100000
  local function forever()
    while true do end
  end
  local swallowing = task.spawn("swallowing", function()
    while true do
      pcall(forever)
    end
  end)
  local nesting = task.spawn("nesting", function()
    while true do
      coroutine.wrap(forever)()
    end
  end)
  local first, second = { swallowing:join(math.huge) }, { nesting:join(math.huge) }
  task.STEP_LIMIT = limit
  s.eq({ first[1], second[1] }, { false, false })
  s.match(first[2].message, "without waiting")
  s.match(first[2].where, "task_spec%.lua:%d+")
  s.match(second[2].message, "without waiting")
end)

s.test("a yield that waits for nothing is an error", function()
  local ok, problem = task.spawn("lost", function() coroutine.yield() end):join(math.huge)
  s.eq({ ok, problem.kind }, { false, "misuse" })
  s.match(problem.message, "coroutine%.yield")
end)

s.test("joining ends at its deadline", function()
  local cond = task.condition("x")
  local child = task.spawn("slow", function() return cond:wait(math.huge) end)
  local ok, problem = child:join(task.now() + 5)
  s.eq({ ok, problem.kind }, { false, "limit" })
  cond:notify()
  child:join(math.huge)
end)

s.test("a notification before the wait is not remembered", function()
  local cond = task.condition("x")
  cond:notify()
  s.eq(cond:wait(task.now() + 5), false)
end)
