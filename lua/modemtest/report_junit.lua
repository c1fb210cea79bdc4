--- JUnit XML, as CI servers read it. Written to a file when the run ends.
local files = require "modemtest.files"
local pretty = require "modemtest.report_pretty"

local M = {}

local Report = {}
Report.__index = Report

function M.new(path)
  return setmetatable({ path = path, results = {} }, Report)
end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(text)
  return (text:gsub('[&<>"]', ENTITIES):gsub("[%z\1-\8\11\12\14-\31\127-\255]", "?"))
end

function Report.start() end

function Report:case(result)
  self.results[#self.results + 1] = result
end

local function body(result)
  if result.verdict == "pass" then
    return ""
  end
  if result.verdict == "skip" or result.verdict == "inconclusive" then
    return ('<skipped message="%s"/>'):format(escape(result.faults[1].message))
  end
  local lines = {}
  for _, f in ipairs(result.faults) do
    table.move(pretty.fault_lines(f), 1, 64, #lines + 1, lines)
  end
  table.move(result.dialogue or {}, 1, #(result.dialogue or {}), #lines + 1, lines)
  local element = result.verdict == "error" and "error" or "failure"
  return ('<%s message="%s">%s</%s>'):format(element, escape(result.faults[1].message),
    escape(table.concat(lines, "\n")), element)
end

--- Writes the file. True, or nil and a message.
function Report:finish(counts)
  local out = { '<?xml version="1.0" encoding="UTF-8"?>\n' }
  out[#out + 1] = ('<testsuite name="modemtest" tests="%d" failures="%d" skipped="%d">\n'):format(
    #self.results, counts.failed, counts.skipped)
  for _, result in ipairs(self.results) do
    out[#out + 1] = ('<testcase classname="%s" name="%s" time="%.3f">%s</testcase>\n'):format(
      escape(result.file), escape(result.title), result.seconds, body(result))
  end
  out[#out + 1] = "</testsuite>\n"
  return files.write(self.path, table.concat(out))
end

return M
