--- Where a point of a sweep runs: an emulator and a client of its own, in a folder of its own, beside what the slice
-- has for all points. The places that are open stand in env.sweep (fixture_sweep.lua).
local uv = require "luv"
local count = require "modemtest.sweep_count"
local environment = require "modemtest.environment"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local fixtures = require "modemtest.fixtures"
local sorted_keys = require("modemtest.text").sorted_keys
local transcript = require "modemtest.transcript"

local M = {}

local Place = {}
Place.__index = Place

local function copy_folder(from, to)
  assert(files.make_folder(to))
  for _, name in ipairs(files.list(from)) do
    if files.is_folder(from .. "/" .. name) then
      copy_folder(from .. "/" .. name, to .. "/" .. name)
    else
      assert(uv.fs_copyfile(from .. "/" .. name, to .. "/" .. name))
    end
  end
end

--- All files below a folder: content by name.
local function contents(folder, prefix, into)
  for _, name in ipairs(files.is_folder(folder) and files.list(folder) or {}) do
    local path = folder .. "/" .. name
    if files.is_folder(path) then
      contents(path, prefix .. name .. "/", into)
    else
      into[prefix .. name] = files.read(path)
    end
  end
  return into
end

local function value_of(field, env)
  return type(field) == "function" and field(env) or field or {}
end

--- The scenario's fields as the fixtures of this place read them.
local function spec_of(self)
  local spec = self.env._case.spec
  local sim, client, env = spec.sim or {}, {}, self.own
  for name, value in pairs(spec.client or {}) do
    client[name] = value
  end
  client.env = value_of(client.env, env)
  client.start = "now"
  return setmetatable({ client = client, sim = { keys = value_of(sim.keys, env), args = value_of(sim.args, env) } },
    { __index = spec })
end

--- env as this place has it.
local function make_env(self, options)
  local parent = self.env
  local case = setmetatable({}, { __index = parent._case })
  local own = environment.new(case, parent._settings, self.tmp, self.transcript)
  own.point = { number = ("%04d"):format(options.number), name = options.point and options.point.name }
  self.own = setmetatable(own, { __index = parent })
  case.spec = spec_of(self)
  local stored = self.tmp .. "/state"
  own.point.stored_before = contents(stored, "", {})

  --- env.point.stored() -> table
  -- What the modem has stored (certificates, settings, files): content by name, "modem0/certificates/cacert.pem" say.
  -- env.point.stored_before is what it was when the point began.
  function own.point.stored()
    return contents(stored, "", {})
  end
end

local function build(self, name)
  local definition = fixtures.find(name)
  local ok, problem = self.set:setup(name, definition, self.own)
  problem = not ok and problem or self.set:ready(name, definition, self.own)
  if problem then
    error(problem, 0)
  end
end

--- place.open(env, options) -> place, with its emulator, without a client.
-- options: number; point (of sweep_points.lua, or nil); state (a folder with what the modem has stored, or nil).
function M.open(env, options)
  local settings = env._settings
  local self = setmetatable({ env = env, tmp = settings.run:scenario_folder(), options = options,
    transcript = transcript.new({ live = settings.live }), set = fixtures.new(settings.factor) }, Place)
  local open = env.sweep.open
  self.close = function()
    for i, other in ipairs(open) do
      if other == self then
        table.remove(open, i)
      end
    end
    self:_close()
  end
  open[#open + 1] = self
  if options.state then
    copy_folder(options.state, self.tmp .. "/state")
  end
  make_env(self, options)
  build(self, "sim")
  return self
end

--- Arms the point's faults. The last of them is the one that has to strike.
function Place:arm()
  for _, order in ipairs(self.options.point.orders) do
    self.fault = self.own.sim:fault(order)
  end
end

--- Starts the client. A crash of it is this place's matter, and does not end the slice.
function Place:start_client()
  build(self, "client")
  self.own.client.told = true
end

--- Raises the end of a client that nobody asked for.
function Place:check_client()
  local client = self.own.client
  client.told = false
  local ended = client:_early_end()
  client.told = true
  if ended then
    error(ended, 0)
  end
end

--- What the emulator says of its modem (verb state).
function Place:state()
  return self.own.sim:control({ verb = "state", modem = "modem0" }).state
end

--- All events of the emulator so far.
function Place:events()
  local events = self.own.sim.events
  events:sync()
  return events.list
end

--- Asks the invariants, in the order of their names; the first that does not hold is raised, with its name.
function Place:check(invariants)
  for _, what in ipairs(sorted_keys(invariants)) do
    local ok, problem = pcall(invariants[what], self.own)
    if not ok then
      problem = fault.from(problem)
      problem.message = ('"%s" does not hold: %s'):format(what, problem.message)
      error(problem, 0)
    end
  end
  self:check_client()
end

--- Where the fault struck, in words; nil when it did not.
function Place:where()
  return self.fault and count.place(self:events(), self.fault.number)
end

--- Keeps what the modem has stored: copies it to a folder. The emulator must have ended.
function Place:keep_state(folder)
  copy_folder(self.tmp .. "/state", folder)
end

--- Ends the client and the emulator; their failures are raised when everything is gone.
function Place:stop()
  local faults = self.set:teardown(self.own)
  if faults[1] then
    error(faults[1], 0)
  end
end

--- Ends everything, whatever happened before, and removes the folder. place.close() of an open one does this.
function Place:_close()
  self.set:teardown(self.own)
  files.remove(self.tmp)
end

--- A fault of the point that never struck is no failure of the emulator's fixture.
function Place:forget_fault()
  if self.own.sim then
    self.own.sim.faults = {}
  end
end

return M
