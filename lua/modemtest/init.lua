--- The API of a scenario file: local t = require "modemtest".
local context = require "modemtest.context"
local dump = require "modemtest.dump"
local fault = require "modemtest.fault"
local forbid = require "modemtest.forbid"
local peer = require "modemtest.peer"
local sweep = require "modemtest.sweep"
local task = require "modemtest.task"
local text = require "modemtest.text"

local M = {}

--- t.scenario "name" { run = function(dev, env, p) ... end, tags=, needs=, uses=, ... }
-- Declares a scenario. Fields: tags (list); needs (capabilities; one that is missing skips it); uses
-- (fixtures, in this order; default { "modem" }); matrix (lists by name: every combination) and cases
-- (list of tables): the parameters p; xfail ({ ["device:profile"] = why }: a known deviation, an
-- unexpected pass fails); limit (seconds, 120); destructive (true: changes what a modem stores);
-- echo (true: the modem keeps ATE1); policy (AWS policy as table, JSON text or file beside the
-- scenario: a broker with it); things ({ thing1 = { status = "INACTIVE" } }: what the broker's registry
-- says of a thing besides, as in things.json); broker ({ args =, certificate =, key = }: arguments for broker/run, and
-- another server certificate, "hostile/server-expired.crt" say); sim ({ args =, keys = }, each a table or
-- function(env): arguments for the emulator, which is started after the other fixtures, and keys laid
-- over its profile, { ["sim.lock"] = "on" } say); profile (the emulator's for this scenario, a name;
-- with another --profile it is skipped); provision (false: where 'uses' names "modem" and "certificates",
-- the modem does not get thing1's files as cacert.pem, clientcert.pem, clientkey.pem, and SSL context 0
-- is not set up with them); client (where 'uses' names "client": { start = "manual" } (env.client:start() starts it),
-- env = (table or function(env): more of its environment), percent = (its TIME_PERCENT, 100), waive = { names of
-- checks that only warn }, command = (text or function(env): this client instead of that of --client) });
-- about (a table for a document made of the scenarios; nothing else reads it).
function M.scenario(name)
  return function(spec)
    if not context.registry then
      fault.raise("misuse", "t.scenario outside of a scenario file")
    end
    context.registry:add_scenario(name, spec)
  end
end

--- t.sweep "name" { run = function(env) ... end, invariants = { ["..."] = function(env) ... end }, ... }
-- Declares a cut sweep: run is carried out once with nothing in the way, to count the bytes of the port, the TLS
-- records and the MQTT packets in both directions, and then once for each of these places and actions, with a fresh
-- emulator and a fresh client (--client), and a fault at that place. After it each of the invariants must hold; they
-- may wait, for a client that recovers say. env is that of a scenario with uses = { "client" }, and has env.point.
-- Fields: invariants (functions by name; at least one); points (list of "uart", "tls", "mqtt", "urc"; all of them),
-- "urc" is a line that comes by itself behind each byte of the modem; actions (list of "drop", "stall", "close",
-- "reboot"; all of them); every (without --sweep-every only every N-th point, and at least one of each kind; 1); slices
-- (as many scenarios, which -j and --shard spread; 8); together (so many points at a time in each; 6); stall_ms (300),
-- away_ms (100: how long a port that is closed is away), urc (the line that comes, with its line ends); within (seconds
-- for one point, 60); prepare (function(env), once before all: what the modem stores after it is there at the beginning
-- of each run; without it run itself; false: nothing is stored then); further those of t.scenario. What uses names is
-- built once for all points.
-- t.forbid and env.client:never are not for a sweep: env.sim:trace in an invariant looks back.
-- A place that a run does not come to is counted as not reached; more than one in twenty of those fail. A failure names
-- its point, and --sweep-point NAME runs that one alone with its dialogue; --sweep-state FILE goes on where an earlier
-- run ended.
function M.sweep(name)
  return function(spec)
    if not context.registry then
      fault.raise("misuse", "t.sweep outside of a scenario file")
    end
    context.registry:add_scenario(name, sweep.scenario(name, spec))
  end
end

--- t.fixture "name" { scope=, uses=, setup=, teardown=, limit= }
-- Declares a fixture of this file or of a module it requires. setup(env) returns the object, which
-- becomes env.name; teardown(object, env) runs in a task of its own, after failures and time-outs,
-- too. limit: 60 seconds each. scope: "scenario" (a fresh one for each), or "file" (built once for
-- all scenarios of the file; it can only use fixtures of scope "file" and "certificates").
function M.fixture(name)
  return function(spec)
    if not context.registry then
      fault.raise("misuse", "t.fixture outside of a scenario file")
    end
    context.registry:add_fixture(name, spec)
  end
end

--- t.eq(got, wanted [, what])
-- Fails unless both are equal; tables by content.
function M.eq(got, wanted, what)
  if not text.same(got, wanted) then
    fault.raise("fail", what or "values differ",
      { wanted = text.show(wanted), got = text.show(got) })
  end
end

--- t.match(subject, pattern [, what]) -> captures
-- Fails unless the Lua pattern is found in the string.
function M.match(subject, pattern, what)
  if type(subject) ~= "string" or not subject:find(pattern) then
    fault.raise("fail", what or "text does not match",
      { wanted = "a match of " .. text.show(pattern), got = text.show(subject) })
  end
  return subject:match(pattern)
end

--- t.check(condition, message)
-- Fails with the message unless the condition holds; returns the condition.
function M.check(condition, message)
  if not condition then
    fault.raise("fail", message or "condition does not hold")
  end
  return condition
end

--- t.fail(message)
-- Fails the scenario.
function M.fail(message)
  fault.raise("fail", message)
end

--- t.skip(reason)
-- Ends the scenario as skipped.
function M.skip(reason)
  fault.raise("skip", reason)
end

--- t.warn(message)
-- The scenario may pass, with this warning below its name.
function M.warn(message)
  if not context.running then
    fault.raise("misuse", "t.warn outside of a running scenario")
  end
  context.running.warnings[#context.running.warnings + 1] = message
end

--- t.inconclusive(reason)
-- Ends the scenario without a verdict on the modem: no SIM, no signal, the lab's broker is down.
function M.inconclusive(reason)
  fault.raise("inconclusive", reason)
end

--- t.before(a, b)
-- Fails unless match a arrived before match b (what expect, expect_urc, expect_message ... return).
function M.before(a, b)
  if a.seq >= b.seq then
    fault.raise("fail", "wrong order", { wanted = ("'%s' before '%s'"):format(
      a.line or a.topic, b.line or b.topic), got = "the other way round" })
  end
end

--- t.dump(what) -> table, or nil
-- What the emulator says about itself, with this run's profile: sim7600 --dump WHAT:json, decoded. Also
-- while a scenario file is read, so that it can make its cases of it. nil where the modem is not the
-- emulator that modemtest starts.
function M.dump(what)
  return dump.read(what)
end

--- t.client() -> text, or nil
-- The command of --client; nil where scenarios watch our example client. Also while a scenario file is read: what does
-- not depend on the firmware is tried on one with our client, and on all with somebody's own.
function M.client()
  return context.client
end

local Spawned = {}
Spawned.__index = Spawned

local function spawn(fn, name)
  local running = context.running
  if not running then
    fault.raise("misuse", "t.spawn outside of a running scenario")
  end
  local child = task.spawn(name or "task of the scenario", fn)
  running.children[#running.children + 1] = child
  return child
end

--- t.spawn(fn [, name]) -> task
-- Runs fn at the same time as the scenario. A task that still runs when the scenario ends is a
-- failure: task:join([{within=}]) waits for it, returns its results and raises its failure; t.all is
-- simpler.
function M.spawn(fn, name)
  return setmetatable({ child = spawn(fn, name) }, Spawned)
end

-- Waits as long as the scenario may run unless 'within' says less.
function Spawned:join(options)
  if options ~= nil and type(options) ~= "table" then
    fault.raise("misuse", "join takes a table, { within = seconds }")
  end
  local running = context.running
  local deadline = running.deadline
  if options and options.within then
    deadline = math.min(deadline, task.now() + options.within * 1000 * running.settings.factor)
  end
  local out = table.pack(self.child:join(deadline))
  if not self.child.done then
    fault.raise("fail", out[2].message)
  end
  if not out[1] then
    error(out[2], 0)
  end
  return table.unpack(out, 2, out.n)
end

--- t.all { fn, fn, ... } -> list of first results
-- Runs the functions at the same time and waits for all. The first failure ends the others.
function M.all(functions)
  local children, results = {}, {}
  for i, fn in ipairs(functions) do
    children[i] = spawn(fn, "function " .. i .. " of t.all")
  end
  local failure
  for i, child in ipairs(children) do
    local ok, result = child:join(context.running.deadline)
    if not ok and not failure then
      failure = result
      for _, other in ipairs(children) do
        other:cancel("another function of t.all failed")
      end
    end
    results[i] = result
  end
  if failure then
    error(failure, 0)
  end
  return results
end

--- t.barrier(n) -> barrier
-- barrier:wait() returns when n tasks have called it.
function M.barrier(n)
  local barrier = { arrived = 0, waiting = {} }
  function barrier:wait()
    self.arrived = self.arrived + 1
    if self.arrived == n then
      for _, waiter in ipairs(self.waiting) do
        waiter:notify()
      end
      return
    end
    local waiter = task.condition("a barrier of " .. n)
    self.waiting[#self.waiting + 1] = waiter
    while self.arrived < n do
      if not waiter:wait(context.running.deadline) and self.arrived < n then
        fault.raise("fail", ("only %d of %d tasks came to the barrier"):format(self.arrived, n))
      end
    end
  end
  return barrier
end

--- t.peer { host=, listen=, mqtt=, allow=, unread=, tls= } -> peer
-- A scripted MQTT peer on a free port of this machine, which does only what the scenario tells it to; see "peer". It
-- ends with the scenario. Fields: address ("127.0.0.1:40123", to connect to), host, port. Packets of the modem that no
-- verb looked at fail the scenario at its end, but for PINGREQ and DISCONNECT, and so do connections nobody accepted.
-- host: where to listen, an address of this machine or "0.0.0.0"; otherwise 127.0.0.1, or --peer-host, which a
-- physical modem needs. listen (false: the port is taken, and connections are refused); mqtt (false: what comes is not
-- MQTT); allow (list of clauses that the modem may violate: { "MQTT-3.8.1-1" }); unread (true: what is unread at the
-- end is no failure); tls (a table: see there).
function M.peer(options)
  local running = context.running
  if not running then
    fault.raise("misuse", "t.peer outside of a running scenario")
  elseif not running.settings.capabilities.peer and not (options and options.host) then
    fault.raise("skip", "needs peer: --peer-host ADDRESS, the address of this machine that the modem reaches")
  end
  local made = peer.new({ transcript = running.transcript, factor = running.settings.factor,
    host = running.settings.peer_host, env = running.env }, options or {})
  running.peers[#running.peers + 1] = made
  return made
end

--- t.forbid(what [, why]) -> handle
-- Armed from here on, until the scenario ends or handle:disarm(): as soon as it happens the scenario fails, whatever
-- it waits for. what: a Lua pattern that no line of the AT dialogue may match, in either direction
-- ("^%+CMQTTCONNLOST"); or the fields of an event that must not come in the emulator's trace, { event = "mqtt",
-- packet = "PUBLISH", qos = 2 }; or a function(event). why: told with the failure.
function M.forbid(what, why)
  if not context.running then
    fault.raise("misuse", "t.forbid outside of a running scenario")
  elseif type(what) == "string" and not pcall(string.find, "", what) then
    fault.raise("misuse", ("t.forbid: '%s' is no Lua pattern"):format(what))
  elseif type(what) ~= "string" and type(what) ~= "table" and type(what) ~= "function" then
    fault.raise("misuse", "t.forbid takes a Lua pattern, a table { event = name, FIELD = value }, or a function")
  end
  return forbid.arm(context.running, what, why)
end

--- t.now() -> milliseconds
-- A monotonic clock, for ratios; not for assertions about time.
function M.now()
  return task.now()
end

return M
