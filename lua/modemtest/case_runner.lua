--- Runs one case: skip or not, fixtures, the scenario with its limit, leftovers, teardown, verdict.
local uv = require "luv"
local client_verdict = require "modemtest.client_verdict"
local context = require "modemtest.context"
local environment = require "modemtest.environment"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local fixtures = require "modemtest.fixtures"
local process = require "modemtest.process"
local task = require "modemtest.task"
local transcript = require "modemtest.transcript"
local why_collect = require "modemtest.why_collect"

local M = {}

local DEFAULT_LIMIT = 120 -- seconds
local CANCEL_SECONDS = 10 -- a cancelled task must end by then

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

--- Why this case cannot run here; nil when it can.
function M.reason_to_skip(case, settings)
  local spec = case.spec
  if spec.destructive and not settings.capabilities.destructive then
    return "destructive: changes what the modem stores; needs --allow-destructive"
  end
  if spec.profile and settings.emulator_profile and settings.profile ~= spec.profile then
    return "is for the profile " .. spec.profile
  end
  for _, need in ipairs(spec.needs or {}) do
    if not settings.capabilities[need] then
      return "needs " .. need
    end
  end
  if fixtures.provisions(spec) and not settings.capabilities.destructive then
    return "stores certificates in the modem; needs --allow-destructive"
  end
  for _, name in ipairs(fixtures.order(spec.uses or { "modem" }, case.fixtures) or {}) do
    if (name == "broker" or name == "observer") and not settings.capabilities[name] then
      return "needs " .. name
    end
  end
  local emulated = spec.sim or fixtures.named(spec, "sim") or fixtures.named(spec, "client")
  if emulated and not settings.capabilities.emulator then
    return "needs emulator"
  end
  if (spec.policy or spec.things) and not settings.capabilities["broker.policy"] then
    return "needs broker.policy"
  end
  return nil
end

local function count_handles()
  local kinds = {}
  uv.walk(function(handle)
    if not handle:is_closing() then
      local kind = uv.handle_get_type(handle)
      kinds[kind] = (kinds[kind] or 0) + 1
    end
  end)
  return kinds
end

--- Joins a task; a limit that passes cancels it, and the fault says where it was.
local function join_within(running, deadline, seconds)
  local ok, result = running:join(deadline)
  if not running.done then
    local limit = fault.new("limit", ("did not end within its limit of %g s"):format(seconds))
    running:cancel(limit)
    ok, result = running:join(task.now() + CANCEL_SECONDS * 1000)
    if ok then
      return false, limit
    end
  end
  return ok, result
end

local function end_children(run)
  for _, child in ipairs(run.children) do
    if not child.done then
      run.faults[#run.faults + 1] = fault.new("fail",
        ("'%s' still runs at the end of the scenario: join it"):format(child.name))
      child:cancel("the scenario has ended")
      child:join(task.now() + CANCEL_SECONDS * 1000)
    elseif not child.results[1] and not child.joined then
      run.faults[#run.faults + 1] = child.results[2]
    end
  end
end

local function note_leftovers(run, dev, name)
  dev:_settle()
  local left = dev:_leftovers()
  if #left == 0 then
    return
  end
  local message = "received" .. (name and " from " .. name or "") .. " and never looked at"
  local details = { wanted = "nothing unread", got = table.concat(left, "; ") }
  if run.settings.device.definition.leftovers == "warn" then
    run.warnings[#run.warnings + 1] = message .. ": " .. details.got
  else
    run.faults[#run.faults + 1] = fault.new("fail", message, details)
  end
end

--- Packets of scripted peers that nobody looked at. The modem's own last words are here after the round trip of
-- note_leftovers; a turn of the loop reads them.
local function note_unread_packets(run)
  task.turn()
  for _, peer in ipairs(run.peers) do
    local left = peer:_leftovers()
    if #left > 0 then
      run.faults[#run.faults + 1] = fault.new("fail", "the peer got and nobody looked at",
        { wanted = "nothing unread", got = table.concat(left, "; ") })
    end
  end
end

--- Builds the fixtures of one scope; those of a file are built once and kept. nil, or a fault.
local function setup_scope(run, order, scope, env)
  for _, name in ipairs(order) do
    local definition = fixtures.find(name, run.case.fixtures)
    if (definition.scope or "scenario") == scope then
      local home = scope == "file" and run.file_scope or run
      local kept = home.set.by_name[name]
      if not kept then
        local ok, problem = home.set:setup(name, definition, home.env)
        if not ok then
          return problem
        end
        kept = home.set.by_name[name]
      end
      env[name] = kept.object
    end
  end
  return nil
end

--- Builds everything. nil, or the fault that stopped it. Notes what was open before the scenario's
-- own part: fixtures of the file may stay.
local function setup_fixtures(run, env)
  local order, message = fixtures.order(run.case.spec.uses or { "modem" }, run.case.fixtures)
  local problem = not order and fault.new("error", message)
      or setup_scope(run, order, "file", env)
  task.turn() -- the runner's own timer exists from here on
  run.handles_before = count_handles()
  run.programs_before = set_of(process.names_running())
  problem = problem or setup_scope(run, order, "scenario", env)
  for _, name in ipairs(problem and {} or order) do
    problem = problem or run.set:ready(name, fixtures.find(name, run.case.fixtures), env)
  end
  return problem
end

local function run_body(run, env)
  local case, settings = run.case, run.settings
  local seconds = (case.spec.limit or DEFAULT_LIMIT) * settings.factor
  run.deadline = task.now() + seconds * 1000
  run.transcript:scenario_begins()
  local body = task.spawn(case.title, function()
    return case.spec.run(env.modem, env, case.parameters)
  end)
  run.body = body
  if run.forbidden[1] then
    body:cancel(run.forbidden[1]) -- the client ended before the scenario could begin
  end
  local ok, problem = join_within(body, run.deadline, seconds)
  if not ok then
    run.faults[#run.faults + 1] = problem
  end
  end_children(run)
  client_verdict.note(run, env)
  run.transcript:scenario_ends()
  if #run.faults == 0 and env.modem then
    note_leftovers(run, env.modem)
  end
  for n, dev in pairs(#run.faults == 0 and env.sim and env.sim:_ports() or {}) do
    if n > 0 then
      note_leftovers(run, dev, "modem" .. n)
    end
  end
  if #run.faults == 0 and #run.peers > 0 then
    note_unread_packets(run)
  end
end

--- What went wrong gets its reason, while the modem can still be asked.
local function explain(run, env)
  local f = run.faults[1]
  if f and (env.modem or env.client) and (f.kind == "fail" or f.kind == "limit") then
    f.why = why_collect.of_fault(env, f)
  end
end

--- Everything a scenario made must be gone: programs, tasks, handles of the event loop.
local function note_remains(run)
  for _ = 1, 3 do
    task.turn() -- closed handles go in the turn behind
  end
  for _, name in ipairs(process.names_running()) do
    if not run.programs_before[name] then
      run.faults[#run.faults + 1] = fault.new("fail", "left running: " .. name)
    end
  end
  for kind, count in pairs(count_handles()) do
    local extra = count - (run.handles_before[kind] or 0)
    if extra > 0 then
      run.faults[#run.faults + 1] = fault.new("fail",
        ("left open: %d handle(s) of kind %s"):format(extra, kind))
    end
  end
end

local RANK = { skip = 0, pass = 1, inconclusive = 2, fail = 3, error = 4 }
local VERDICT = { fail = "fail", limit = "fail", misuse = "fail", skip = "skip",
  inconclusive = "inconclusive", error = "error", interrupted = "error" }

local function verdict_of(run)
  if #run.faults == 0 then
    return "pass"
  end
  local verdict = "skip"
  for _, f in ipairs(run.faults) do
    local this = VERDICT[f.kind]
    if RANK[this] > RANK[verdict] then
      verdict = this
    end
  end
  return verdict
end

--- A known deviation of this device turns a failure into a pass and a pass into a failure.
local function apply_xfail(run, verdict)
  local known = run.case.spec.xfail or {}
  local name = run.settings.device.definition.name
  local why = known[name .. ":" .. (run.settings.profile or "")] or known[name]
  if not why then
    return verdict
  end
  if verdict == "fail" then
    run.warnings[#run.warnings + 1] = "known deviation: " .. why
    run.known_deviation = why
    return "pass"
  end
  if verdict == "pass" then
    run.faults[#run.faults + 1] = fault.new("fail", "passed, but is marked as a known deviation: "
      .. why)
    return "fail"
  end
  return verdict
end

local function plain_faults(faults)
  local list = {}
  for i, f in ipairs(faults) do
    list[i] = { kind = f.kind, message = f.message, wanted = f.wanted, got = f.got,
      where = f.where, via = f.via, traceback = f.traceback, why = f.why }
  end
  return list
end

local function result_of(run, verdict, started)
  return {
    name = run.case.name, title = run.case.title, file = run.case.file, verdict = verdict,
    seconds = (task.now() - started) / 1000,
    faults = plain_faults(run.faults), warnings = run.warnings,
    dialogue = (verdict == "fail" or verdict == "error") and run.transcript:tail() or nil,
    known_deviation = run.known_deviation,
    figures = run.env and run.env._figures, notes = run.env and run.env._notes,
    tally = verdict == "pass" and run.env and run.env._tally or nil,
  }
end

--- Runs one case in the calling task. settings: see settings.lua. file_scope: { set=, env= } of
-- the fixtures of scope "file", kept by the caller. Returns the result, a plain table, and the transcript.
function M.run(case, settings, file_scope)
  local started = task.now()
  local reason = M.reason_to_skip(case, settings)
  local run = {
    case = case, settings = settings, faults = {}, warnings = {}, children = {}, peers = {}, forbidden = {},
    file_scope = file_scope, set = fixtures.new(settings.factor),
    transcript = transcript.new({ live = settings.live, keep_all = settings.keep_dialogue }),
  }
  if reason then
    run.faults[1] = fault.new("skip", reason)
    return result_of(run, "skip", started), run.transcript
  end
  local tmp = settings.run:scenario_folder()
  local env = environment.new(case, settings, tmp, run.transcript)
  run.env = env
  case.libraries:activate()
  context.running = run
  local problem = setup_fixtures(run, env) or run.interrupted
  if problem then
    run.faults[1] = problem
  else
    run_body(run, env)
    explain(run, env)
  end
  for _, f in ipairs(run.set:teardown(env)) do
    run.faults[#run.faults + 1] = f
  end
  for _, peer in ipairs(run.peers) do
    peer:_close()
  end
  context.running = nil
  note_remains(run)
  files.remove(tmp)
  local verdict = apply_xfail(run, verdict_of(run))
  return result_of(run, verdict, started), run.transcript
end

return M
