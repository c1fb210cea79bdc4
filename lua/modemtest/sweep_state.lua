--- --sweep-state FILE: which points of a sweep are done, so that one that was interrupted goes on where it was.
-- JSON Lines, only ever appended to, a line in one write, so that the workers of -j share a file. For each sweep a head
-- { sweep=, of={...} }, by which a file of another client or program is known, and then { sweep=, point=, verdict= }
-- for each point. A last line that was cut short counts as not written.
local cjson = require "cjson"
local files = require "modemtest.files"
local text = require "modemtest.text"

local M = {}

local State = {}
State.__index = State

local function decode(line)
  local ok, entry = pcall(cjson.decode, line)
  return ok and type(entry) == "table" and type(entry.sweep) == "string" and entry or nil
end

--- The members in which a head differs: "client was './a' and is './b'"; nil: in none.
local function differences(was, is)
  local names, parts = {}, {}
  for _, head in ipairs({ was, is }) do
    for name in pairs(head) do
      names[name] = true
    end
  end
  for _, name in ipairs(text.sorted_keys(names)) do
    if was[name] ~= is[name] then
      parts[#parts + 1] = ("%s was '%s' and is '%s'"):format(name, tostring(was[name]), tostring(is[name]))
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

local function refuse(path, format, ...)
  return nil, ("--sweep-state %s: %s: name another file, or remove this one"):format(path, format:format(...))
end

--- What stands in the file of this sweep: done by name, and whether there is a head. nil and a message.
local function read(path, bytes, sweep, of)
  local done, headed = {}, false
  local ours = bytes == "" or bytes:find('^{"[^\n]*$') -- a head that was cut short
  for line in bytes:gmatch("([^\n]*)\n") do
    local entry = decode(line)
    ours = ours or entry
    if entry and entry.sweep == sweep and entry.of then
      local message = differences(entry.of, of)
      if message then
        return refuse(path, "it was made by another sweep of '%s': %s", sweep, message)
      end
      headed = true
    elseif entry and entry.sweep == sweep and entry.point then
      done[entry.point] = entry.verdict
    end
  end
  if not ours then
    return refuse(path, "this is no file of a sweep")
  end
  return done, headed
end

--- state.open(path, sweep, of) -> state; nil and a message
-- sweep: the name of the sweep; of: a flat table of texts and numbers, what its points depend on. The file is made
-- where there is none.
function M.open(path, sweep, of)
  local bytes = files.exists(path) and files.read(path) or ""
  local done, headed = read(path, bytes, sweep, of)
  if not done then
    return nil, headed
  end
  local file, message = io.open(path, "ab")
  if not file then
    return nil, "--sweep-state " .. message
  end
  file:setvbuf("no")
  local self = setmetatable({ path = path, sweep = sweep, done = done, file = file }, State)
  if bytes ~= "" and bytes:sub(-1) ~= "\n" then
    file:write("\n")
  end
  if not headed then
    self:_write({ sweep = sweep, of = of })
  end
  return self
end

function State:_write(entry)
  local ok, message = self.file:write(cjson.encode(entry) .. "\n")
  if not ok then
    error(("--sweep-state %s: %s"):format(self.path, message), 0)
  end
end

--- The verdict of a point that need not be repeated: "pass" or "not reached"; nil: it is to be run. One that failed is,
-- so that its failure is told again.
function State:verdict(point)
  local verdict = self.done[point]
  return verdict ~= "fail" and verdict or nil
end

--- Notes how a point ended: "pass", "fail" or "not reached".
function State:add(point, verdict)
  self.done[point] = verdict
  self:_write({ sweep = self.sweep, point = point, verdict = verdict })
end

function State:close()
  self.file:close()
end

return M
