--- TAP version 13, for test collectors.
local pretty = require "modemtest.report_pretty"

local M = {}

local Report = {}
Report.__index = Report

function M.new(write)
  return setmetatable({ write = write, number = 0 }, Report)
end

function Report:start(count)
  self.write(("TAP version 13\n1..%d\n"):format(count))
end

local function directive(result)
  if result.verdict == "skip" or result.verdict == "inconclusive" then
    return " # SKIP " .. result.faults[1].message
  end
  if result.known_deviation then
    return " # TODO " .. result.known_deviation
  end
  return ""
end

function Report:case(result)
  self.number = self.number + 1
  local bad = result.verdict == "fail" or result.verdict == "error" or result.known_deviation
  self.write(("%s %d - %s%s\n"):format(bad and "not ok" or "ok", self.number,
    (result.name:gsub("#", "\\#")), directive(result)))
  for _, line in ipairs(pretty.figure_lines(result)) do
    self.write("# " .. line .. "\n")
  end
  if result.verdict == "pass" or result.verdict == "skip" then
    return
  end
  for _, f in ipairs(result.faults) do
    for _, line in ipairs(pretty.fault_lines(f)) do
      self.write("# " .. line .. "\n")
    end
  end
  for _, line in ipairs(result.dialogue or {}) do
    self.write("# " .. line .. "\n")
  end
end

function Report.finish() end

return M
