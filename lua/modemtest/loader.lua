--- Finds scenario files, reads them, and turns them into a list of cases.
local client_sins = require "modemtest.client_sins"
local context = require "modemtest.context"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local libraries = require "modemtest.libraries"
local matrix = require "modemtest.matrix"
local tags = require "modemtest.tags"
local sorted_keys = require("modemtest.text").sorted_keys

local M = {}

local KNOWN = {
  tags = "table", needs = "table", uses = "table", matrix = "table", cases = "table",
  xfail = "table", limit = "number", destructive = "boolean", echo = "boolean", sim = "table",
  broker = "table", provision = "boolean", run = "function", policy = true,
  things = "table", profile = "string", about = "table", client = "table",
}

local function has_suffix(name, suffix)
  return name:sub(-#suffix) == suffix
end

--- Folders below one of scenarios that hold none: modules they share, and example clients.
local WITHOUT_SCENARIOS = { lib = true, clients = true }

--- Scenario files of a file or folder: *.lua, without *_spec.lua and those folders.
local function find(path, found)
  if not files.is_folder(path) then
    found[#found + 1] = path
    return
  end
  local folders = { (path:gsub("(.)/+$", "%1")) }
  while #folders > 0 do
    local folder = table.remove(folders, 1)
    for _, name in ipairs(files.list(folder)) do
      local child = folder .. "/" .. name
      if files.is_folder(child) then
        if not WITHOUT_SCENARIOS[name] and name:sub(1, 1) ~= "." then
          folders[#folders + 1] = child
        end
      elseif has_suffix(name, ".lua") and not has_suffix(name, "_spec.lua") then
        found[#found + 1] = child
      end
    end
  end
end

local Registry = {}
Registry.__index = Registry

local function complain(level, name, format, ...)
  error(("scenario '%s': "):format(name) .. format:format(...), level)
end

--- The levels up to the line of the scenario file, from add_scenario and from what it calls.
local HERE, ONE_DEEPER = 4, 5

local function check_spec(name, spec)
  if type(spec) ~= "table" or type(spec.run) ~= "function" then
    complain(ONE_DEEPER, name, "needs a table with run = function(dev, env, p)")
  end
  for key, value in pairs(spec) do
    local wanted = KNOWN[key]
    if not wanted then
      complain(ONE_DEEPER, name, "unknown field '%s'", tostring(key))
    end
    if wanted ~= true and type(value) ~= wanted then
      complain(ONE_DEEPER, name, "field '%s' must be a %s", key, wanted)
    end
  end
  for key, values in pairs(spec.matrix or {}) do
    if type(values) ~= "table" or #values == 0 then
      complain(ONE_DEEPER, name, "matrix '%s' must be a list of values", tostring(key))
    end
  end
  if spec.cases and #spec.cases == 0 then
    complain(ONE_DEEPER, name, "field 'cases' must be a list of parameter tables")
  end
end

local KNOWN_OF_CLIENT = { start = { string = true }, env = { table = true, ["function"] = true },
  percent = { number = true }, waive = { table = true }, command = { string = true, ["function"] = true } }

local function check_client(name, client)
  for key, value in pairs(client or {}) do
    local types = KNOWN_OF_CLIENT[key]
    if not types then
      complain(ONE_DEEPER, name, "unknown field 'client.%s'", tostring(key))
    end
    if not types[type(value)] then
      complain(ONE_DEEPER, name, "field 'client.%s' must be a %s", key,
        table.concat(sorted_keys(types), " or a "))
    end
  end
  if client and client.start ~= nil and client.start ~= "now" and client.start ~= "manual" then
    complain(ONE_DEEPER, name, "field 'client.start' must be now or manual")
  end
  for _, sin in ipairs(client and client.waive or {}) do
    if not client_sins.find(sin) then
      complain(ONE_DEEPER, name, "field 'client.waive': there is no check '%s' (%s)", tostring(sin),
        client_sins.names())
    end
  end
end

local KNOWN_OF_SIM = { args = true, keys = true }

local function check_sim(name, sim)
  for key, value in pairs(sim or {}) do
    if not KNOWN_OF_SIM[key] then
      complain(ONE_DEEPER, name, "unknown field 'sim.%s'", tostring(key))
    end
    if type(value) ~= "table" and type(value) ~= "function" then
      complain(ONE_DEEPER, name, "field 'sim.%s' must be a table or a function(env)", key)
    end
  end
end

function Registry:add_scenario(name, spec)
  check_spec(name, spec)
  check_sim(name, spec.sim)
  check_client(name, spec.client)
  local full = self.file .. ": " .. name
  if self.names[full] then
    complain(HERE, name, "declared twice in this file")
  end
  self.names[full] = true
  for _, parameters in ipairs(matrix.expand(spec.matrix, spec.cases)) do
    local label = next(parameters) ~= nil and " " .. matrix.label(parameters) or ""
    self.cases[#self.cases + 1] = {
      file = self.file, title = name .. label, name = full .. label, spec = spec,
      parameters = parameters, tags = tags.set(spec.tags), fixtures = self.fixtures,
      libraries = self.libraries,
    }
  end
end

function Registry:add_fixture(name, spec)
  if type(spec) ~= "table" or type(spec.setup) ~= "function" then
    error(("fixture '%s' needs setup = function(env)"):format(name), 3)
  end
  self.fixtures[name] = spec
end

local function read_file(registry, file)
  registry.file = file
  registry.fixtures = {}
  registry.libraries = libraries.new(file)
  -- A scenario that creates a global by a slip of the pen is told so.
  local environment = setmetatable({}, {
    __index = _G,
    __newindex = function(_, key)
      error(("assignment to the global '%s': write local"):format(tostring(key)), 2)
    end,
  })
  registry.libraries:activate()
  local chunk, message
  if has_suffix(file, ".jsonl") then
    chunk = function() require("modemtest.replay").declare(file) end
  else
    chunk, message = loadfile(file, "t", environment)
  end
  if not chunk then
    return nil, message
  end
  local ok, err = pcall(chunk)
  if not ok then
    return nil, tostring(err)
  end
  return true
end

--- All cases of the files and folders in 'paths', in order. nil and a list of messages.
function M.load(paths)
  local found, messages = {}, {}
  for _, path in ipairs(paths) do
    if files.exists(path) then
      find(path, found)
    else
      messages[#messages + 1] = ("%s: no such file or folder"):format(path)
    end
  end
  local registry = setmetatable({ cases = {}, names = {} }, Registry)
  context.registry = registry
  -- It would end modemtest itself, with the scenario's own idea of the verdict and all programs left.
  rawset(os, "exit", function()
    fault.raise("misuse", "os.exit would end modemtest: return, or use t.skip or t.fail")
  end)
  for _, file in ipairs(found) do
    local ok, message = read_file(registry, file)
    if not ok then
      messages[#messages + 1] = message
    end
  end
  context.registry = nil
  if #messages == 0 and #registry.cases == 0 then
    messages[1] = "no scenario in " .. table.concat(paths, " ")
  end
  if #messages > 0 then
    return nil, messages
  end
  return registry.cases
end

--- The cases that 'options' (filter, tags, shard, times) select. nil and a message.
function M.select(cases, options)
  local wanted_tags
  if options.tags then
    local message
    wanted_tags, message = tags.compile(options.tags)
    if not wanted_tags then
      return nil, message
    end
  end
  local chosen = {}
  for _, case in ipairs(cases) do
    local filter = options.filter
    local named = not filter or case.name:find(filter, 1, true) or case.name:find(filter)
    if named and (not wanted_tags or wanted_tags(case.tags)) then
      chosen[#chosen + 1] = case
    end
  end
  local out = {}
  for round = 1, options.times or 1 do
    for index, case in ipairs(chosen) do
      if not options.shard or (index - 1) % options.shard.of == options.shard.index - 1 then
        local copy = setmetatable({ round = round }, { __index = case })
        if round > 1 then
          copy.name, copy.title = case.name .. " #" .. round, case.title .. " #" .. round
        end
        out[#out + 1] = copy
      end
    end
  end
  return out
end

return M
