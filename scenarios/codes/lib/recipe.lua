--- A recipe: how one result code of one CMQTT command comes about. Each is a scenario that provokes the code and
-- demands the lines of it, and a part of docs/CODES.md (document.lua).
local t = require "modemtest"
local answer = require "lib.answer"
local session = require "lib.mqtt_session"

local M = {}

local KINDS = { natural = true, forced = true }

--- What a recipe must say, and what else it may.
local NEEDED = { "code", "command", "kind", "cause", "cure", "spec", "evidence" }
local KNOWN = { "rest", "shape", "state", "on", "steps", "how", "field", "impossible", "behind", "data", "name", "run",
  "needs", "uses", "policy", "broker", "sim", "provision", "enter", "line", "table",
  "play", "walk", "before", "quick" }

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do
      set[name] = true
    end
  end
  return set
end

local FIELDS = set_of(NEEDED, KNOWN)

local function check(recipe)
  for _, name in ipairs(NEEDED) do
    if recipe[name] == nil and not (name == "command" and recipe.on) then
      error(("a recipe needs '%s': %s"):format(name, recipe.cause or "?"), 3)
    end
  end
  for name in pairs(recipe) do
    if not FIELDS[name] then
      error(("a recipe has no field '%s': %s"):format(tostring(name), recipe.cause), 3)
    end
  end
  if not KINDS[recipe.kind] then
    error("a recipe is natural or forced, not " .. tostring(recipe.kind), 3)
  end
end

--- The rows of a recipe: itself, or each of its commands with what they have in common behind it.
local function rows_of(recipe)
  local rows = {}
  for i, one in ipairs(recipe.on or { recipe }) do
    rows[i] = one == recipe and recipe or setmetatable({ command = one[1], rest = one[2], data = one[3] },
      { __index = function(_, name)
        if one[name] ~= nil then
          return one[name]
        end
        return recipe[name]
      end })
  end
  return rows
end

--- The peer that a connected client has, for recipes whose cause is in the modem alone.
local function connect(dev)
  local peer = t.peer {}
  local r = dev:cmd("%s", session.connect_line(peer.address))
  local connection = peer:accept()
  connection:expect "CONNECT"
  connection:connack(0)
  r:result "+CMQTTCONNECT: 0,0"
  return connection
end

local ENTER = { stopped = function() end, free = session.start }

function ENTER.acquired(dev)
  session.start(dev)
  session.acquire(dev)
end

function ENTER.connected(dev)
  ENTER.acquired(dev)
  return connect(dev)
end

ENTER.busy = ENTER.connected

--- The commands that lead to a state, as docs/CODES.md shows them.
M.WAY = {
  stopped = {},
  free = { "AT+CMQTTSTART" },
  acquired = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"modemtest",0' },
  connected = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"modemtest",0', 'AT+CMQTTCONNECT=0,"tcp://BROKER:1883",60,1' },
}
M.WAY.busy = M.WAY.connected

--- recipe.enter(dev, state) -> connection of a t.peer (of "connected")
function M.enter(dev, state)
  return ENTER[state](dev)
end

--- recipe.type(dev, env, row) -> response, its prompt and data dealt with
function M.type(dev, env, row)
  local r = dev:cmd("%s", "AT" .. row.command .. (row.rest or ""))
  if row.data then
    r:bytes(session.prompt(env)):data(row.data)
  end
  return r
end

local function run_plain(dev, env, row, expect)
  local connection = M.enter(dev, row.state)
  if row.enter then
    row.enter(dev, env, connection)
  end
  local r = M.type(dev, env, row)
  if row.play then
    row.play(connection)
  end
  expect(r)
end

--- The keys of this run's profile, those of the scenario laid over it.
local function firmware_of(env, row)
  local over = row.sim and row.sim.keys or {}
  return { profile = env.profile, key = function(name)
    local value = over[name]
    return tostring(value == nil and env.key(name) or value)
  end }
end

local function count(env, row, lines)
  local code = answer.shown_code(row, lines)
  if row.table or code then
    env.tally { table = row.table or "codes", columns = { "natural", "forced" }, row = row.table and row.name or code,
      column = row.kind }
  end
end

--- expect(r) of a row's run, which demands these lines; and a function: was it called?
local function expectation(dev, lines)
  local seen = false
  return function(r)
    if r == dev then
      dev:expect_bytes(answer.bytes(lines))
    elseif r.line and r.seq then
      t.eq({ r.line }, lines, "the line")
    else
      r:bytes(answer.bytes(lines))
    end
    seen = true
  end, function() return seen end
end

local function lines_or_skip(row, env)
  local lines, why = answer.lines(row, firmware_of(env, row))
  return lines or t.skip(why)
end

local function run(row, dev, env)
  local lines = lines_or_skip(row, env)
  local expect, looked_at = expectation(dev, lines)
  local body = row.run or run_plain
  body(dev, env, row, expect)
  t.check(looked_at(), "the recipe did not look at the answer")
  count(env, row, lines)
end

--- What leads from each state to the next one, for a walk.
local NEXT = { { "stopped" }, { "free", session.start }, { "acquired", session.acquire }, { "connected", connect } }

--- All rows one after the other, on one modem: they stand in the order of their states.
local function walk(rows, dev, env)
  local reached = 1
  for _, row in ipairs(rows) do
    local lines = lines_or_skip(row, env)
    while NEXT[reached][1] ~= row.state do
      reached = reached + 1
      NEXT[reached][2](dev)
    end
    if row.enter then
      row.enter(dev, env)
    end
    row.before(env, row)
    expectation(dev, lines)(M.type(dev, env, row))
    count(env, row, lines)
  end
end

local function title_of(recipe)
  if recipe.table then
    return ("%s: %s"):format(recipe.name, recipe.cause)
  end
  local on = recipe.on and "several commands" or recipe.command
  return ("%d on %s: %s"):format(recipe.code, (on:gsub("^%+CMQTT", "")), recipe.cause)
end

--- recipe { code=, command=, kind=, ... }
-- Declares the scenario of a recipe.
--   code, command   the code, and the command that gives it ("+CMQTTSUB"); or on: a list of { command, rest, data },
--                   where each may have any of the other fields, too: a scenario for each
--   kind            "natural": a cause that devices in the field meet; "forced": by fault injection
--   cause, cure     plain words
--   spec, evidence  the section of mqtt-ssl-commands.md, and its marks; field-failures.md where a number begins with F
--   field           1 for the cause most met in the field, and so on; causes without it come behind
--   state           which the modem is brought to before: "stopped", "free", "acquired" (default), "connected";
--                   "busy": connected, and the recipe begins an operation
--   rest, data      of the command line; what is sent behind the prompt
--   enter, play     enter(dev, env, connection): what else comes before the command; play(connection): what the peer
--                   of a connected client does behind it
--   steps, how      for people: the AT lines before the command where the state does not say it, and what else is done
--   shape           how the answer is ordered (answer.lua); "refused" when left out
--   behind          lines that follow the answer
--   impossible      impossible(key): why a firmware cannot come to it, or nothing
--   run             run(dev, env, row, expect): instead of entering the state and typing the line; must give the
--                   response to expect(), once; or the device, for lines that no command waits for;
--                   or a match of dev:expect_urc, where others may come before and behind it
--   table, name     of what is no code: the table of the report that counts it, and its row there; line is what comes
--   quick           what run types in place of the row, where the scenario does not wait as long
--   walk, before    true: all of 'on' in one scenario, in the order of their states; before(env, row) comes before
--                   each
--   needs, uses, policy, broker, sim, provision   as t.scenario has them
function M.declare(recipe)
  check(recipe)
  recipe.shape = recipe.shape or "refused"
  recipe.state = recipe.state or "acquired"
  local rows = rows_of(recipe)
  local cases
  if recipe.on and not recipe.walk then
    cases = {}
    for i, row in ipairs(rows) do
      cases[i] = { name = row.name or "AT" .. row.command .. (row.rest or ""), row = i }
    end
  end
  t.scenario(title_of(recipe)) {
    tags = { "codes", recipe.kind, "code-" .. (recipe.table or recipe.code) },
    needs = recipe.needs, uses = recipe.uses, policy = recipe.policy, broker = recipe.broker, sim = recipe.sim,
    provision = recipe.provision, cases = cases, about = { recipe = recipe, rows = rows },
    run = function(dev, env, p)
      if recipe.walk then
        return walk(rows, dev, env)
      end
      run(rows[p.row or 1], dev, env)
    end,
  }
end

return setmetatable(M, { __call = function(_, recipe) M.declare(recipe) end })
