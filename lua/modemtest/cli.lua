--- The command line of modemtest: options, what to run, reports, exit code.
local uv = require "luv"
local context = require "modemtest.context"
local coverage = require "modemtest.coverage"
local fixtures = require "modemtest.fixtures"
local host = require "modemtest.host"
local loader = require "modemtest.loader"
local option_parser = require "modemtest.options"
local process = require "modemtest.process"
local runner = require "modemtest.runner"
local settings = require "modemtest.settings"
local task = require "modemtest.task"
local transcript = require "modemtest.transcript"
local workers = require "modemtest.workers"
local sorted_keys = require("modemtest.text").sorted_keys

local M = {}

local exit = os.exit -- scenarios get another (loader.lua)

local EXIT_USAGE = 2
local EXIT_INTERRUPTED = 130

local function complain(format, ...)
  io.stderr:write("modemtest: ", format:format(...), "\n")
  return EXIT_USAGE
end

local function write_out(text)
  io.stdout:write(text)
  io.stdout:flush()
end

local function new_reports(options)
  local main = require("modemtest.report_" .. options.format)
  local colour = uv.guess_handle(1) == "tty" and not os.getenv("NO_COLOR")
  local terminal = uv.guess_handle(1) == "tty" and not options.verbose
  local reports = { main.new(write_out, { colour = colour, terminal = terminal }) }
  if options.junit then
    reports[2] = require("modemtest.report_junit").new(options.junit)
  end
  return reports
end

local function each_report(reports, method, ...)
  local problem
  for _, report in ipairs(reports) do
    if report[method] then
      local ok, message = report[method](report, ...)
      problem = problem or ok == nil and message or nil
    end
  end
  return problem
end

local function list(cases)
  for _, case in ipairs(cases) do
    local tags = sorted_keys(case.tags)
    write_out(#tags > 0 and ("%s  (%s)\n"):format(case.name, table.concat(tags, ", "))
      or case.name .. "\n")
  end
  return 0
end

--- What reading the files alone does not show: fixtures that do not exist.
local function check(cases)
  local code = 0
  for _, case in ipairs(cases) do
    local order, message = fixtures.order(case.spec.uses or { "modem" }, case.fixtures)
    if not order then
      code = complain("%s: %s", case.name, message)
    end
  end
  write_out(("%d scenarios read\n"):format(#cases))
  return code
end

--- Prints what a module makes of the scenarios: --document FILE.lua, with the function text(cases) -> text, or nil
-- and a list of messages. It may require what the first scenario's file may.
local function document(file, cases)
  cases[1].libraries:activate()
  local ok, module = pcall(dofile, file)
  if not ok or type(module) ~= "table" or not module.text then
    return complain("--document: %s", ok and file .. " returns no table with a function text" or module)
  end
  local text, messages = module.text(cases)
  if not text then
    for _, message in ipairs(messages) do
      complain("%s: %s", file, message)
    end
    return 1
  end
  write_out(text)
  return 0
end

--- The first Ctrl-C ends the running scenario and tears it down; the second kills everything.
local function watch_signals(state)
  local handles = {}
  for i, name in ipairs({ "sigint", "sigterm" }) do
    local handle = uv.new_signal()
    handle:start(name, task.callback(function()
      if state.interrupted then
        process.kill_all()
        exit(EXIT_INTERRUPTED)
      end
      state.interrupted = true
      require("modemtest.interrupt").now()
    end))
    handle:unref()
    handles[i] = handle
  end
  return handles
end

local function live_printer()
  return function(actor, shown, ms)
    write_out("      " .. transcript.format({ actor = actor, shown = shown, ms = ms }, 400) .. "\n")
  end
end

--- Arguments that make a worker build the same list of cases.
local function worker_arguments(options, run_settings, raw)
  local arguments = { "--worker", "--folder", run_settings.run.folder }
  if options.needs_certificates then
    table.move({ "--certificates", run_settings.run:certificates() }, 1, 2, 4, arguments)
  end
  for _, argument in ipairs(raw) do
    arguments[#arguments + 1] = argument
  end
  return arguments
end

local function needs_certificates(cases, run_settings)
  local case_runner = require "modemtest.case_runner"
  for _, case in ipairs(cases) do
    if not case_runner.reason_to_skip(case, run_settings) then
      for _, name in ipairs(fixtures.order(case.spec.uses or { "modem" }, case.fixtures) or {}) do
        if name == "certificates" then
          return true
        end
      end
    end
  end
  return false
end

local function run_here(cases, run_settings, options, on_result, state)
  local run = runner.new(run_settings, options, on_result)
  for _, case in ipairs(cases) do
    if state.interrupted then
      break
    end
    run:run(case)
  end
  run:close_file_scope()
end

--- Everything that waits happens in here, in one task. Returns the exit code.
local function run_all(cases, run_settings, options, raw)
  local state = { interrupted = false }
  local signals = watch_signals(state)
  if options.worker then
    process.stay_in_group()
    workers.work(cases, run_settings, options)
    return 0
  end
  local reports, tally = new_reports(options), runner.tally()
  local used = options.coverage and coverage.sheet(run_settings.profile)
  local function on_result(result)
    tally:add(result)
    if used then
      used:add(result)
      result.uses, result.unclear = nil, nil -- not for people
    end
    each_report(reports, "case", result)
  end
  run_settings.on_progress = function(progress) each_report(reports, "progress", progress) end
  each_report(reports, "start", #cases)
  if options.jobs > 1 and #cases > 1 then
    options.needs_certificates = needs_certificates(cases, run_settings)
    workers.run(cases, options.jobs, worker_arguments(options, run_settings, raw), {
      result = on_result, progress = run_settings.on_progress,
      stopped = function() return state.interrupted end })
  else
    run_here(cases, run_settings, options, on_result, state)
  end
  for _, handle in ipairs(signals) do
    handle:close()
  end
  local problem = each_report(reports, "finish", tally)
  if used then
    problem = select(2, used:write(options.coverage)) or problem
  end
  write_out(tally:line() .. "\n")
  if problem then
    return complain("%s", problem)
  end
  return state.interrupted and EXIT_INTERRUPTED or tally:exit_code()
end

local function open_record(options)
  if not options.record then
    return true
  end
  local file, message = io.open(options.record, options.worker and "ab" or "wb")
  if not file then
    return nil, message
  end
  file:setvbuf("no") -- one write for each case: the workers of -j share the file
  options.record_to = function(text)
    file:write(text)
    file:flush()
  end
  return true
end

--- A place that cannot be written is told before the run, not behind it. True, or nil and a message.
local function writable(options)
  for _, name in ipairs(options.worker and {} or { "junit", "coverage" }) do
    local file, message = io.open(options[name] or "/dev/null", "ab")
    if not file then
      return nil, ("--%s: %s"):format(name, message)
    end
    file:close()
  end
  return true
end

local function load_cases(options)
  if #options.path == 0 then
    return nil, { "no scenario file or folder named; see modemtest --help" }
  end
  local cases, messages = loader.load(options.path)
  if not cases then
    return nil, messages
  end
  local selected, message = loader.select(cases, options)
  if not selected then
    return nil, { message }
  end
  if #selected == 0 then
    return nil, { ("none of %d scenarios is selected"):format(#cases) }
  end
  return selected
end

local function run_with_settings(cases, options, raw)
  local ok, message = open_record(options)
  if not ok then
    return complain("--record: %s", message)
  end
  ok, message = writable(options)
  if not ok then
    return complain("%s", message)
  end
  local run_settings
  run_settings, message = settings.new(options)
  if not run_settings then
    return complain("%s", message)
  end
  run_settings.live = (options.verbose or options.sweep_point) and not options.worker and live_printer() or nil
  local main = task.spawn("modemtest", run_all, cases, run_settings, options, raw)
  local done, result = task.run(main)
  run_settings.run:remove()
  task.shut_down()
  if not done then
    return complain("%s", tostring(result) .. (result.traceback and "\n" .. result.traceback or ""))
  end
  return result
end

--- arguments: list of strings. Returns the exit code.
function M.main(arguments)
  local ok, options = option_parser.new():pparse(arguments)
  if not ok then
    return complain("%s", options)
  end
  if options.version then
    write_out(("modemtest %s\n"):format(host.version))
    return 0
  end
  if options.dump_docs then
    write_out(require("modemtest.docs").text())
    return 0
  end
  if options.self_test then
    return require("modemtest.self_test").main(options.path)
  end
  if options.filter and not pcall(string.find, "", options.filter) then
    return complain("--filter '%s' is no Lua pattern", options.filter)
  end
  context.sweep = { every = options.sweep_every, point = options.sweep_point, state = options.sweep_state }
  context.emulator = options.device == "emulator" and { profile = options.profile } or nil
  context.client = options.client
  local cases, messages = load_cases(options)
  if not cases then
    for _, message in ipairs(messages) do
      complain("%s", message)
    end
    return EXIT_USAGE
  end
  if options.check then
    return check(cases)
  end
  if options.list then
    return list(cases)
  end
  if options.document then
    return document(options.document, cases)
  end
  return run_with_settings(cases, options, arguments)
end

return M
