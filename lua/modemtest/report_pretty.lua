--- For people: one line per case, everything about a failure below it.
local sweep_progress = require "modemtest.sweep_progress"
local tallies = require "modemtest.tallies"
local task = require "modemtest.task"
local why = require "modemtest.why"

local M = {}

local COLOURS = { pass = "32", fail = "31", error = "31", skip = "33", inconclusive = "33" }
local WORDS = { pass = "ok", fail = "FAIL", error = "ERROR", skip = "skip", inconclusive = "?" }

local Report = {}
Report.__index = Report

--- write(text) prints; options: colour, terminal (the way of long scenarios is shown, in a line that goes again).
function M.new(write, options)
  local self = setmetatable({ colour = options.colour, terminal = options.terminal, counted = {},
    tallies = tallies.new() }, Report)
  self.write = function(text)
    write((self.shown and "\r\27[K" or "") .. text)
    self.shown = nil
  end
  return self
end

local function paint(self, verdict, word)
  return self.colour and ("\27[%sm%s\27[0m"):format(COLOURS[verdict], word) or word
end

function Report:start()
  self.started, self.sweeps = task.now(), sweep_progress.new()
end

--- What a sweep that runs says of its way (sweep_progress.lua).
function Report:progress(progress)
  self.sweeps:add(progress)
  local line = self.terminal and self.sweeps:line((task.now() - self.started) / 1000)
  if line then
    self.write(line)
    self.shown = true
  end
end

--- The lines that tell one fault: used by the other reports, too.
function M.fault_lines(f)
  local lines = { (f.where and f.where .. ": " or "") .. f.message }
  if f.wanted then
    lines[#lines + 1] = "wanted " .. f.wanted
  end
  if f.got then
    lines[#lines + 1] = "got    " .. f.got:gsub("\n", "\n               ")
  end
  if f.via then
    lines[#lines + 1] = "called from " .. f.via
  end
  if f.why then
    table.move(why.lines(f.why), 1, 64, #lines + 1, lines)
  end
  if f.traceback then
    for line in f.traceback:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
  end
  return lines
end

local function details(self, result)
  for _, f in ipairs(result.faults) do
    for i, line in ipairs(M.fault_lines(f)) do
      self.write((i == 1 and "      " or "        ") .. line .. "\n")
    end
  end
  if result.dialogue and #result.dialogue > 0 then
    self.write("      the last lines of the dialogue (milliseconds, who, what):\n")
    for _, line in ipairs(result.dialogue) do
      self.write("      " .. line .. "\n")
    end
  end
end

--- What a scenario counted, and its notes, as lines: used by the other reports, too.
function M.figure_lines(result)
  local parts = {}
  for i, figure in ipairs(result.figures or {}) do
    parts[i] = ("%d %s"):format(figure[2], figure[1])
  end
  local lines = { #parts > 0 and table.concat(parts, ", ") or nil }
  table.move(result.notes or {}, 1, #(result.notes or {}), #lines + 1, lines)
  return lines
end

function Report:case(result)
  local verdict = result.verdict
  local word = ("%-5s"):format(WORDS[verdict])
  local reason = ""
  if verdict == "skip" or verdict == "inconclusive" then
    reason = ": " .. result.faults[1].message
  end
  self.write(("%s %s%s (%.2f s)\n"):format(paint(self, verdict, word), result.name, reason,
    result.seconds))
  if verdict == "fail" or verdict == "error" then
    details(self, result)
  end
  for _, warning in ipairs(result.warnings) do
    self.write("      note: " .. warning .. "\n")
  end
  for _, line in ipairs(M.figure_lines(result)) do
    self.write("      " .. line .. "\n")
  end
  if result.figures then
    self.counted[#self.counted + 1] = result
  end
  self.tallies:add(result)
end

--- What the scenarios counted: the names, a row for each scenario, and the sums.
local function table_of(results)
  local names, sums, rows = {}, {}, {}
  for _, result in ipairs(results) do
    local row = { result.title }
    for i, figure in ipairs(result.figures) do
      names[i] = names[i] or figure[1]
      row[i + 1] = math.tointeger(figure[2])
      sums[i] = (sums[i] or 0) + row[i + 1]
    end
    rows[#rows + 1] = row
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  rows[#rows + 1] = { "in all", table.unpack(sums) }
  return names, rows
end

local function write_figures(self)
  local names, rows = table_of(self.counted)
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, #row[1])
  end
  self.write((" "):rep(width) .. "  " .. table.concat(names, "  ") .. "\n")
  for _, row in ipairs(rows) do
    local line = row[1] .. (" "):rep(width - #row[1])
    for i = 2, #row do
      line = line .. ("  %" .. #names[i - 1] .. "d"):format(row[i])
    end
    self.write(line .. "\n")
  end
end

function Report:finish()
  if #self.counted > 1 then
    write_figures(self)
  end
  self.tallies:write(self.write)
end

return M
