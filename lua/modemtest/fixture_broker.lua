--- Fixture "broker": Mosquitto with the AWS IoT plugin, on free ports; or the one --broker names.
-- Every scenario has a broker of its own, so that no retained message and no session leaks into the
-- next one.
local cjson = require "cjson"
local uv = require "luv"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local process = require "modemtest.process"
local task = require "modemtest.task"

local Broker = {}
Broker.__index = Broker

local function split(address)
  local host, port = address:match("^%[?(.-)%]?:(%d+)$")
  return host, math.tointeger(tonumber(port))
end

--- A policy of a scenario as a file name: table, JSON text, or a file beside the scenario.
local function policy_file(env, policy)
  if policy == nil then
    return nil
  end
  if type(policy) == "table" then
    return env.file("policy.json", cjson.encode(policy))
  end
  if policy:find("^%s*{") then
    return env.file("policy.json", policy)
  end
  if policy:sub(1, 1) == "/" then
    return policy
  end
  return (env._case.file:match("^(.*)/[^/]*$") or ".") .. "/" .. policy
end

--- The registry with what a scenario's field 'things' adds to entries: { thing1 = { status = "INACTIVE" } }.
-- An unknown thing is an error, because it would change nothing.
local function registry_text(env, things)
  local registry = cjson.decode(env.certificates:file("things.json"))
  local seen = {}
  for _, entry in ipairs(registry.things) do
    seen[entry.thingName] = true
    for name, value in pairs(things[entry.thingName] or {}) do
      entry[name] = value
    end
  end
  for thing in pairs(things) do
    if not seen[thing] then
      fault.raise("misuse", ("things: the registry has no thing '%s'"):format(thing))
    end
  end
  return cjson.encode(registry)
end

--- A copy of the certificates' folder, by links, in which the server has another certificate. The
-- field 'broker' of a scenario names it: { certificate = "hostile/server-expired.crt", key = ... }.
-- Its field 'things' changes the registry there.
local function certificate_folder(env, options, things)
  local dir = env.certificates.dir
  if not options.certificate and not things then
    return dir
  end
  local copy = env.tmp .. "/certs"
  assert(files.make_folder(copy))
  for _, name in ipairs(files.list(dir)) do
    local replaced = options.certificate and name:find("^server%.") or things and name == "things.json"
    if not replaced then
      assert(uv.fs_symlink(dir .. "/" .. name, copy .. "/" .. name))
    end
  end
  if options.certificate then
    local key = options.key or options.certificate:match("^(.*/)[^/]*$") .. "server.key"
    assert(uv.fs_symlink(env.certificates:path(options.certificate), copy .. "/server.crt"))
    assert(uv.fs_symlink(env.certificates:path(key), copy .. "/server.key"))
  end
  if things then
    assert(files.write(copy .. "/things.json", registry_text(env, things)))
  end
  return copy
end

local function arguments(self)
  local list = { "--port", tostring(self.port or 0), "--plain-port", tostring(self.plain_port or 0),
    "--certs", self.certs, "--decisions", self.decisions_file }
  if self.throttle then
    table.move({ "--throttle", "on" }, 1, 2, #list + 1, list)
  end
  if self.policy then
    table.move({ "--policy", self.policy }, 1, 2, #list + 1, list)
  end
  for _, argument in ipairs(self.args) do
    list[#list + 1] = argument
  end
  return list
end

--- env.broker:start()
-- Starts it (again), on the same ports as before.
function Broker:start()
  if self.external then
    fault.raise("skip", "the broker is not ours to start")
  end
  local env = self.env
  local transcript = env._transcript
  local p, message = process.spawn({
    file = env._settings.programs.broker, args = arguments(self), name = "broker/run",
    env = { AWS_IOT_PLUGIN = env._settings.programs.plugin },
    on_stderr = function(line) transcript:note("broker", (line:gsub("^%d+: ", ""))) end,
  })
  if not p then
    fault.raise("error", message)
  end
  self.process, self.stopping = p, false
  local deadline = task.now() + 30000 * env._settings.factor
  self.plain_address = p:wait_line("^plain listener ready at (%S+)", deadline)
  if self.has_alpn then
    self.alpn_address = p:wait_line("^alpn listener ready at (%S+)", deadline)
  end
  self.address = p:wait_line("^broker ready at (%S+)", deadline)
  self.host, self.port = split(self.address)
  self.plain_host, self.plain_port = split(self.plain_address)
  transcript:fact("addresses", { tls = self.address, plain = self.plain_address })
end

--- env.broker:decisions() -> { { decision=, rule=, reason=, ... }, ... }
-- What the broker decided so far, as it wrote it down: one table for each line of its decisions file.
function Broker:decisions()
  local list = {}
  for line in (self.decisions_file and files.read(self.decisions_file) or ""):gmatch("([^\n]*)\n") do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end

--- Process ids of Mosquitto and of the gateway before it, which broker/run started.
local function programs_of(pid)
  local found = {}
  for child in (files.read(("/proc/%d/task/%d/children"):format(pid, pid)) or ""):gmatch("%d+") do
    local name = files.read(("/proc/%s/comm"):format(child))
    if name == "mosquitto\n" or name == "aws-iot-gateway\n" then
      found[#found + 1] = math.tointeger(tonumber(child))
    end
  end
  return found
end

local function signal_programs(self, name)
  for _, pid in ipairs(programs_of(self.process.pid)) do
    uv.kill(pid, name)
  end
end

--- env.broker:pause()
-- The broker stalls, as an overloaded host does: connections stay open and nothing is answered.
function Broker:pause()
  signal_programs(self, "sigstop")
  self.paused = true
end

--- env.broker:resume()
-- It goes on.
function Broker:resume()
  if self.paused then
    self.paused = false
    signal_programs(self, "sigcont")
  end
end

--- env.broker:stop()
-- Ends it; clients see their connections close.
function Broker:stop()
  if self.external then
    fault.raise("skip", "the broker is not ours to stop")
  end
  if self.process then
    self:resume()
    self.stopping = true -- also where the scenario ends before the broker has
    self.process:stop(10 * self.env._settings.factor)
    self.process = nil
  end
end

--- env.broker:kill()
-- Ends it without a chance to say goodbye.
function Broker:kill()
  if self.process then
    self.process:stop(0)
    self.process = nil
  end
end

--- env.broker:restart()
-- stop() and start(), on the same ports.
function Broker:restart()
  self:stop()
  self:start()
end

local function setup(env)
  local broker = setmetatable({ env = env }, Broker)
  local given = env._settings.broker
  if given then
    broker.external, broker.address = true, given
    broker.host, broker.port = split(given)
    env._transcript:fact("addresses", { tls = given })
    return broker
  end
  local options = env._case.spec.broker or {}
  broker.args = options.args or {}
  broker.throttle = options.throttle
  broker.decisions_file = env.tmp .. "/decisions.jsonl"
  for _, argument in ipairs(broker.args) do
    broker.has_alpn = broker.has_alpn or argument == "--alpn-port"
  end
  broker.certs = certificate_folder(env, options, env._case.spec.things)
  broker.policy = policy_file(env, env._case.spec.policy)
  local ok, err = pcall(broker.start, broker)
  if not ok then
    broker:kill()
    error(err, 0)
  end
  return broker
end

local function teardown(broker)
  if not broker.process then
    return
  end
  local how = broker.process.exit and not broker.stopping and broker.process:story()
  broker:stop()
  if how then
    fault.raise("fail", "the broker ended by itself: " .. how)
  end
end

return { uses = { "certificates" }, setup = setup, teardown = teardown }
