--- Errors with a verdict, and where in a scenario they happened.
-- A fault is a table { kind, message, wanted, got, where, via, traceback, command, why }: command is the AT line
-- whose answer was wrong, why its explanation (why.lua). Kinds: "fail" (an
-- assertion), "skip", "inconclusive", "error" (set-up), "limit" (time ran out), "misuse".
-- Must not know tasks, devices or reports.
local M = {}

local Fault = {}
Fault.__index = Fault

function Fault:__tostring()
  local parts = { (self.where and self.where .. ": " or "") .. self.message }
  if self.wanted then
    parts[#parts + 1] = "  wanted " .. self.wanted
  end
  if self.got then
    parts[#parts + 1] = "  got    " .. self.got
  end
  return table.concat(parts, "\n")
end

local library = debug.getinfo(1, "S").source:match("^@(.*/)[^/]*$")

local function is_library(source)
  return source:sub(1, 1) ~= "@" or source:sub(2, #library + 1) == library
      and not source:find("_spec%.lua$")
end

--- The places in scenario code on the call stack of 'co', innermost first: "file:line".
function M.places(co)
  local places = {}
  local level = 0
  while true do
    local info = debug.getinfo(co, level, "Sl")
    if not info then
      return places
    end
    if info.what ~= "C" and info.currentline > 0 and not is_library(info.source) then
      places[#places + 1] = ("%s:%d"):format(info.short_src, info.currentline)
    end
    level = level + 1
  end
end

--- Makes a fault of 'kind' that points at the scenario line now running.
function M.new(kind, message, details)
  local f = setmetatable({ kind = kind, message = message }, Fault)
  for key, value in pairs(details or {}) do
    f[key] = value
  end
  if not f.where then
    local places = M.places((coroutine.running()))
    f.where = places[1]
    f.via = #places > 1 and table.concat(places, ", ", 2) or nil
  end
  return f
end

function M.raise(kind, message, details)
  error(M.new(kind, message, details), 0)
end

function M.is(value)
  return getmetatable(value) == Fault
end

--- Anything that was raised becomes a fault; a plain Lua error keeps its traceback.
function M.from(value, co)
  if M.is(value) then
    return value
  end
  local places = co and M.places(co) or {}
  return setmetatable({
    kind = "fail",
    message = "Lua error: " .. tostring(value),
    where = places[1],
    traceback = co and debug.traceback(co) or nil,
  }, Fault)
end

return M
