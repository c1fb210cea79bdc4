--- Recordings as scenarios: one for each session of a file (see recording.lua for the format).
local context = require "modemtest.context"
local files = require "modemtest.files"
local player = require "modemtest.replay_player"
local recording = require "modemtest.recording"
local report = require "modemtest.replay_report"
local steps = require "modemtest.replay_steps"
local t = require "modemtest"

local M = {}

--- How the emulator reaches the broker.
local function arguments(head)
  return function(env)
    local list = {}
    local function connect_to(from, to)
      list[#list + 1] = "--connect-to"
      list[#list + 1] = from .. ":" .. to
    end
    local addresses = head.addresses or {}
    if addresses.tls then
      connect_to(addresses.tls, env.broker.address)
    end
    if addresses.plain then
      connect_to(addresses.plain, env.broker.plain_address)
    end
    if head.broker == "aws" then
      connect_to(":", env.broker.address)
    elseif head.broker == "plain" then
      connect_to(":", env.broker.plain_address)
    elseif head.broker == "none" then
      connect_to(":", "127.0.0.1:1")
    end
    return list
  end
end

local function publishes(session)
  for _, entry in ipairs(session.entries) do
    if entry.dir == "broker" and entry.action == "publish" then
      return true
    end
  end
  return false
end

local function fixtures_of(session)
  local head, uses = session.head, { "modem" }
  if head.broker == "aws" or head.broker == "plain" or head.addresses then
    table.insert(uses, 1, "broker")
  end
  if publishes(session) then
    table.insert(uses, 1, "observer")
  end
  if head.certificates then
    table.insert(uses, 1, "certificates")
  end
  return uses
end

local function specification(session, plan)
  local head = session.head
  local needs = { "emulator" }
  if head.broker or head.addresses then
    needs[2] = "broker.policy"
  end
  return {
    tags = { "replay", head.evidence },
    needs = needs,
    uses = fixtures_of(session),
    profile = head.profile,
    echo = true, -- ATE0 is said by the recording, or by its head
    policy = head.policy,
    broker = { args = head.broker_args },
    sim = { keys = head.keys, args = arguments(head) },
    run = function(dev, env)
      env.figures(report.of(session, player.play(plan, head, dev, env)))
    end,
  }
end

--- Declares a scenario for each session of the file. A mistake in it is an error that names its line.
function M.declare(path)
  local bytes, message = files.read(path)
  local sessions
  if bytes then
    sessions, message = recording.parse(bytes, path)
  end
  for i, session in ipairs(sessions or {}) do
    local plan
    plan, message = steps.compile(session, path)
    if not plan then
      break
    end
    local name = path:match("([^/]*)$"):gsub("%.jsonl$", "")
    local title = #sessions > 1 and ("%s #%d: %s"):format(name, i, session.head.about or "") or name
    t.scenario(title)(specification(session, plan))
  end
  if message then
    error(message, 0)
  end
end

--- The recordings beside the scenario file that is being read.
function M.beside()
  local folder = context.registry.file:match("^(.*)/[^/]*$") or "."
  local paths = {}
  for _, name in ipairs(files.list(folder)) do
    if name:find("%.jsonl$") then
      paths[#paths + 1] = folder .. "/" .. name
    end
  end
  return paths
end

return M
