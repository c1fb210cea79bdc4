--- What the emulator says about itself: sim7600 --dump, as tables.
local cjson = require "cjson"
local context = require "modemtest.context"
local host = require "modemtest.host"

local M = {}

local known = {}

local function quoted(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- JSON knows one kind of number; whole ones are integers here.
local function with_integers(value)
  if type(value) ~= "table" then
    return math.type(value) == "float" and math.tointeger(value) or value
  end
  for key, item in pairs(value) do
    value[key] = with_integers(item)
  end
  return value
end

--- The answer of 'program' to --dump WHAT:json with a profile (nil: its default); asked once.
function M.ask(program, profile, what)
  local command = quoted(program) .. (profile and " --profile " .. quoted(profile) or "")
      .. " --dump " .. quoted(what .. ":json")
  if not known[command] then
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    if not pipe:close() then
      error("this command failed: " .. command, 0)
    end
    known[command] = with_integers(cjson.decode(text))
  end
  return known[command]
end

--- The same with this run's profile; nil where the modem is another than the emulator that modemtest
-- starts. Does not need a running scenario.
function M.read(what)
  return context.emulator and M.ask(host.exe_dir .. "/sim7600", context.emulator.profile, what)
end

return M
