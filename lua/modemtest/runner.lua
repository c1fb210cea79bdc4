--- Runs a list of cases in this process, one after the other, and counts verdicts.
local case_runner = require "modemtest.case_runner"
local coverage = require "modemtest.coverage"
local environment = require "modemtest.environment"
local files = require "modemtest.files"
local fixtures = require "modemtest.fixtures"
local recorder = require "modemtest.recorder"
local transcript = require "modemtest.transcript"

local M = {}

--- How a run ended: verdicts only ever worsen.
local Tally = {}
Tally.__index = Tally

function M.tally()
  return setmetatable({ passed = 0, failed = 0, skipped = 0, errors = 0, inconclusive = 0 }, Tally)
end

function Tally:add(result)
  local verdict = result.verdict
  if verdict == "pass" then
    self.passed = self.passed + 1
  elseif verdict == "fail" or verdict == "error" then
    self.failed = self.failed + 1
    self.errors = self.errors + (verdict == "error" and 1 or 0)
  else
    self.skipped = self.skipped + 1
    self.inconclusive = self.inconclusive + (verdict == "inconclusive" and 1 or 0)
  end
end

function Tally:exit_code()
  if self.errors > 0 then
    return 2
  end
  if self.failed > 0 then
    return 1
  end
  if self.inconclusive > 0 then
    return 3
  end
  return self.passed == 0 and self.skipped > 0 and 77 or 0
end

function Tally:line()
  return ("%d passed, %d failed, %d skipped"):format(self.passed, self.failed, self.skipped)
end

local Runner = {}
Runner.__index = Runner

--- on_result(result) is called after each case. options: log, record (see recorder.lua), coverage (the
-- results tell what was used, see coverage.lua).
function M.new(settings, options, on_result)
  return setmetatable({ settings = settings, options = options, on_result = on_result }, Runner)
end

local function open_file_scope(self, case)
  local settings = self.settings
  local folder = settings.run:scenario_folder()
  self.scope = {
    file = case.file, folder = folder, set = fixtures.new(settings.factor),
    env = environment.new({ name = case.file, file = case.file, spec = {} }, settings, folder,
      transcript.new()),
  }
end

--- Tears the fixtures of the current file down. A fault there is a result of its own.
function Runner:close_file_scope()
  local scope = self.scope
  self.scope = nil
  if not scope then
    return
  end
  local faults = scope.set:teardown(scope.env)
  files.remove(scope.folder)
  if #faults > 0 then
    self.on_result({ name = scope.file .. ": teardown", title = "teardown", file = scope.file,
      verdict = "error", seconds = 0, faults = faults, warnings = {} })
  end
end

local function write_files(self, result, dialogue)
  local options = self.options
  local warn = function(message)
    if message then
      result.warnings[#result.warnings + 1] = message
    end
  end
  if options.log and result.verdict ~= "skip" then
    warn(select(2, recorder.log(options.log, result, dialogue)))
  end
  if options.record_to and result.verdict ~= "skip" then
    options.record_to(recorder.record(result, dialogue, self.settings.device.definition.name))
  end
  if options.coverage and result.verdict == "pass" then
    result.uses, result.unclear = coverage.of(dialogue)
  end
end

--- Runs one case. Call it in a task.
function Runner:run(case)
  if self.scope and self.scope.file ~= case.file then
    self:close_file_scope()
  end
  if not self.scope then
    open_file_scope(self, case)
  end
  local result, dialogue = case_runner.run(case, self.settings, self.scope)
  write_files(self, result, dialogue)
  self.on_result(result)
end

return M
