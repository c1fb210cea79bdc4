--- What a run is made of: the device, its capabilities, the programs, and the run's own folder.
-- Built once from the options by cli.lua; scenarios see only what env shows of it.
local files = require "modemtest.files"
local host = require "modemtest.host"
local process = require "modemtest.process"
local fault = require "modemtest.fault"
local task = require "modemtest.task"

local M = {}

local LOOPBACK = "127.0.0.1"

local THINGS = { "thing1", "thing2" }

--- "emulator", "pty:PATH", "serial:PATH[:BAUD]", "tcp:HOST:PORT" -> { definition, address, baud }; nil
-- and a message for anything else.
function M.device(text)
  if text == "emulator" then
    return { definition = require "devices.emulator" }
  end
  local kind, rest = text:match("^(%a[%w]*):(.+)$")
  if kind == "pty" then
    return { definition = require "devices.pty", address = rest }
  end
  if kind == "serial" then
    local path, baud = rest:match("^(.+):(%d+)$")
    return { definition = require "devices.serial", address = path or rest,
      baud = math.tointeger(tonumber(baud or "115200")) }
  end
  if kind == "tcp" and rest:find("^.+:%d+$") then
    return { definition = require "devices.tcp", address = text }
  end
  return nil, ("--device '%s': emulator, pty:PATH, serial:PATH[:BAUD] or tcp:HOST:PORT")
      :format(text)
end

local function profile_name(profile)
  return profile and profile:match("([^/]+)$"):gsub("%.%w+$", "") or nil
end

local function capabilities(settings)
  local set = {}
  for _, name in ipairs(settings.device.definition.capabilities) do
    set[name] = true
  end
  if settings.broker then
    set.broker, set["broker.policy"], set.observer = true, nil, nil
  end
  if settings.peer_host ~= LOOPBACK then
    set.peer = true
  end
  if settings.device.definition.ours or settings.allow_destructive then
    set.destructive = true
  end
  if settings.profile then
    set["profile:" .. settings.profile] = true
  end
  return set
end

--- The first of the places where a program of ours can be: build tree, installed, source tree.
local function find_program(...)
  for _, path in ipairs({ ... }) do
    if files.exists(path) then
      return path
    end
  end
  return (...)
end

local function programs()
  local beside, data = host.exe_dir, host.lua_dir .. "/.."
  -- In the build tree host.lua_dir is a link into the sources.
  local source = (require "luv".fs_realpath(host.lua_dir) or host.lua_dir) .. "/.."
  local plugin = beside .. "/broker/aws_iot.so"
  return {
    plugin = files.exists(plugin) and plugin or nil,
    sim = beside .. "/sim7600",
    client = beside .. "/client-good",
    broker = find_program(beside .. "/broker/run", data .. "/broker/run", source .. "/broker/run"),
    certs = find_program(beside .. "/certs/make-certs", data .. "/certs/make-certs",
      source .. "/certs/make-certs"),
  }
end

local Run = {}
Run.__index = Run

--- A fresh folder for one scenario.
function Run:scenario_folder()
  self.count = self.count + 1
  local path = ("%s/%d"):format(self.folder, self.count)
  assert(files.make_folder(path))
  return path
end

--- The folder with the run's certificates; made at the first call. Waits: call it in a task.
function Run:certificates()
  if self.certificate_folder then
    return self.certificate_folder
  end
  local folder = self.folder .. "/certs"
  local args = { folder, table.unpack(THINGS) }
  local p, message = process.spawn({ file = self.programs.certs, args = args, name = "make-certs" })
  if not p then
    fault.raise("error", message)
  end
  p:wait_exit(task.now() + 120000)
  local exit = p:stop(0)
  if not exit or exit.code ~= 0 then
    fault.raise("error", "make-certs failed: " .. p:story())
  end
  self.certificate_folder = folder
  return folder
end

--- Removes what the run wrote, unless it belongs to the process that started this one.
function Run:remove()
  files.remove(self.folder)
end

--- From the options of the command line. nil and a message when one of them is wrong.
function M.new(options)
  local device, message = M.device(options.device)
  if not device then
    return nil, message
  end
  if options.broker and not options.broker:find("^.+:%d+$") then
    return nil, ("--broker '%s': local or HOST:PORT"):format(options.broker)
  end
  if options.client and not options.client:find("%S") then
    return nil, "--client needs a command, such as './my_firmware $MODEM_PORT'"
  end
  if options.client and not device.definition.ours then
    return nil, ("--client tests a client on the emulator: not with --device %s"):format(options.device)
  end
  local settings = {
    device = device,
    client = { command = options.client, ready = options.client_ready, port = options.client_port,
      waive = options.waive },
    broker = options.broker,
    peer_host = options.peer_host or LOOPBACK,
    emulator_profile = options.profile,
    profile = profile_name(options.profile) or device.definition.profile,
    allow_destructive = options.allow_destructive,
    factor = options.timeout_factor * device.definition.factor,
    seed = options.seed,
    keep_dialogue = options.log ~= nil or options.record ~= nil or options.coverage ~= nil,
    programs = programs(),
    remembered = {},
  }
  settings.capabilities = capabilities(settings)
  settings.run = setmetatable({ folder = files.temporary(options.folder), count = 0,
    programs = settings.programs, certificate_folder = options.certificates }, Run)
  return settings
end

return M
