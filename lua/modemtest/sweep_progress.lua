--- How far the sweeps of a run are: the sum over all slices, and a line for a terminal. Pure.
local M = {}

local BAR = 24

local Progress = {}
Progress.__index = Progress

function M.new()
  return setmetatable({ slices = {} }, Progress)
end

--- Takes what a slice says of itself: { slice=, done=, of=, failed=, kept= (of an earlier run), slices= }.
function Progress:add(report)
  self.slices[report.slice] = report
  self.expected = math.max(self.expected or 0, report.slices or 1)
end

local function sums(self)
  local done, of, failed, kept, n = 0, 0, 0, 0, 0
  for _, report in pairs(self.slices) do
    n = n + 1
    done, of = done + report.done, of + report.of
    failed, kept = failed + report.failed, kept + (report.kept or 0)
  end
  -- Slices that have not begun are about as long as those that have.
  return done, math.max(of * (self.expected or n) // math.max(n, 1), done), failed, kept
end

--- "3 min 07 s", "12 s"
function M.duration(seconds)
  seconds = math.floor(seconds + 0.5)
  return seconds >= 60 and ("%d min %02d s"):format(seconds // 60, seconds % 60) or ("%d s"):format(seconds)
end

--- "[######------------------] 2431/9700 points, 1 failed, 3 min 12 s left"; nil before the first report.
-- seconds: since the run began; points of an earlier run say nothing about the time.
function Progress:line(seconds)
  local done, of, failed, kept = sums(self)
  if of == 0 then
    return nil
  end
  local full = BAR * done // of
  local parts = { ("[%s%s] %d/%d points"):format(("#"):rep(full), ("-"):rep(BAR - full), done, of) }
  if failed > 0 then
    parts[#parts + 1] = ("%d failed"):format(failed)
  end
  if done > kept and done < of then
    parts[#parts + 1] = M.duration(seconds * (of - done) / (done - kept)) .. " left"
  end
  return table.concat(parts, ", ")
end

return M
