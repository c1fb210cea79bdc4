--- Runs the harness's own tests: *_spec.lua beside the modules, each case in a task with a limit.
local uv = require "luv"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local host = require "modemtest.host"
local spec = require "modemtest.spec"
local task = require "modemtest.task"

local M = {}

local LIMIT_SECONDS = 60

local function find_specs(folder, found)
  for _, name in ipairs(files.list(folder)) do
    local path = folder .. "/" .. name
    if files.is_folder(path) then
      find_specs(path, found)
    elseif name:find("_spec%.lua$") then
      found[#found + 1] = path
    end
  end
  return found
end

local function count_handles()
  local count = 0
  uv.walk(function(handle)
    count = count + (handle:is_closing() and 0 or 1)
  end)
  return count
end

--- Runs one case; returns nil, or the text of what went wrong.
local function run_case(case)
  task.turn()
  local before = count_handles()
  local body = task.spawn(case.name, case.fn)
  local ok, problem = body:join(task.now() + LIMIT_SECONDS * 1000)
  if not body.done then
    body:cancel(fault.new("limit", "did not end in time"))
    body:join(task.now() + 5000)
  end
  for _ = 1, 3 do
    task.turn()
  end
  if not ok then
    return tostring(problem) .. (problem.traceback and "\n" .. problem.traceback or "")
  end
  if count_handles() ~= before then
    return "left handles of the event loop open"
  end
  local others = task.others()
  if #others > 0 then
    return "left a task running: " .. others[1].name
  end
  return nil
end

local function run_all(paths)
  local passed, failed = 0, 0
  for _, path in ipairs(paths) do
    spec.cases = {}
    dofile(path)
    for _, case in ipairs(spec.cases) do
      local problem = run_case(case)
      local name = ("%s: %s"):format(path:match("([^/]+)_spec%.lua$"), case.name)
      if problem then
        failed = failed + 1
        print(("FAIL  %s\n      %s"):format(name, (problem:gsub("\n", "\n      "))))
      else
        passed = passed + 1
        print("ok    " .. name)
      end
    end
  end
  print(("%d passed, %d failed, 0 skipped"):format(passed, failed))
  return failed == 0 and passed > 0 and 0 or 1
end

--- paths: spec files; none: all of them. Returns the exit code.
function M.main(paths)
  if #paths == 0 then
    paths = find_specs(host.lua_dir, {})
  end
  local main = task.spawn("self test", run_all, paths)
  local ok, result = task.run(main)
  task.shut_down()
  if not ok then
    io.stderr:write(tostring(result), "\n", result.traceback or "", "\n")
    return 2
  end
  return result
end

return M
