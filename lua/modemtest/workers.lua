--- -j N: N copies of this program, each running cases one at a time.
-- The parent hands out numbers of the case list, which every copy builds alike from the same
-- arguments; a worker answers each with one JSON line. Whatever a scenario does to its process, the
-- others go on.
local cjson = require "cjson"
local uv = require "luv"
local host = require "modemtest.host"
local process = require "modemtest.process"
local runner = require "modemtest.runner"
local task = require "modemtest.task"

local M = {}

local function crashed(case, worker)
  return { name = case.name, title = case.title, file = case.file, verdict = "error", seconds = 0,
    warnings = {},
    faults = { { kind = "error", message = "the worker process ended: " .. worker:story() } } }
end

--- The next result of a worker, decoded; what it says of its progress goes on. nil: it ended.
local function next_result(worker, on)
  while true do
    -- A worker keeps its own limits; this one is for a worker that hangs.
    local line = worker.lines:wait("a result", task.now() + 3600 * 1000, function()
      local item = worker.lines:take(function() return true end)
      if not item and worker.exit and worker.open_pipes <= 0 then
        return false
      end
      return item
    end)
    local said = line and cjson.decode(line.text)
    if not said or not said.progress then
      return said
    end
    on.progress(said.progress)
  end
end

--- One worker: hands it cases until none is left. next_case() -> number, case.
local function serve(number, arguments, next_case, on)
  local worker
  local function start()
    worker = assert(process.spawn({
      file = host.exe_dir .. "/modemtest", args = arguments, stdin = true,
      name = "worker " .. number,
      on_stderr = function(line) io.stderr:write(line, "\n") end,
    }))
  end
  local index, case = next_case()
  while index do
    if not worker or worker.exit then
      start()
    end
    worker:write(index .. "\n")
    on.result(next_result(worker, on) or crashed(case, worker))
    index, case = next_case()
  end
  if worker then
    worker:write(nil)
    worker:wait_exit(task.now() + 60000)
    -- Results of torn down file fixtures come after the last case.
    local extra = worker.lines:take(function() return true end)
    while extra do
      on.result(cjson.decode(extra.text))
      extra = worker.lines:take(function() return true end)
    end
    worker:stop(10)
  end
end

--- Runs the cases on 'count' workers. 'arguments': what makes a worker build the same case list. on: functions
-- result(result), progress(table), and stopped(), which ends the hand-out. Call it in a task.
function M.run(cases, count, arguments, on)
  local next_number = 0
  local function next_case()
    if next_number >= #cases or on.stopped() then
      return nil
    end
    next_number = next_number + 1
    return next_number, cases[next_number]
  end
  local tasks = {}
  for number = 1, math.min(count, #cases) do
    tasks[number] = task.spawn("worker " .. number, serve, number, arguments, next_case, on)
  end
  for _, served in ipairs(tasks) do
    local ok, err = served:join(math.huge)
    if not ok then
      error(err, 0)
    end
  end
end

--- The worker's side: numbers on stdin, results on stdout, until stdin ends. Call it in a task.
function M.work(cases, settings, options)
  local numbers, ended = {}, false
  local more = task.condition("the next case")
  local input = uv.new_pipe(false)
  input:open(0)
  local rest = ""
  input:read_start(task.callback(function(err, bytes)
    ended = ended or err ~= nil or bytes == nil
    rest = rest .. (bytes or "")
    for line in rest:gmatch("(%d+)\n") do
      numbers[#numbers + 1] = math.tointeger(tonumber(line))
    end
    rest = rest:match("[^\n]*$")
    more:notify()
  end))
  local json = require "modemtest.report_json"
  local run = runner.new(settings, options, function(result)
    io.stdout:write(json.encode(result), "\n")
    io.stdout:flush()
  end)
  settings.on_progress = function(progress)
    io.stdout:write(json.encode({ progress = progress }), "\n")
    io.stdout:flush()
  end
  while true do
    local number = table.remove(numbers, 1)
    if number and cases[number] then
      run:run(cases[number])
    elseif ended then
      break
    else
      more:wait(math.huge)
    end
  end
  run:close_file_scope()
  input:close()
end

return M
