--- Gathers what is known about the modem of a running scenario, for why.lua: the emulator's trace, the broker's
-- decisions, what scripted peers saw, the dialogue.
local context = require "modemtest.context"
local files = require "modemtest.files"
local task = require "modemtest.task"
local why = require "modemtest.why"

local M = {}

local LATE_SECONDS = 0.2 -- how long what the broker writes down may be behind its deeds

local function trace(env)
  local ok, events = pcall(function() return env.sim and env.sim:trace() end)
  return ok and events or nil -- an emulator that ended has nothing to tell
end

--- What the broker decided, where it is ours.
local function decided(env)
  return env.broker and files.json_lines(env.broker.decisions_file) or {}
end

local function peers()
  local list = {}
  for _, peer in ipairs(context.running and context.running.peers or {}) do
    local ok, facts = pcall(peer.facts, peer)
    list[#list + 1] = ok and facts or nil
  end
  return list
end

local function dialogue(env)
  local list = {}
  env._transcript:dialogue(function(direction, pieces)
    local parts = {}
    for i, piece in ipairs(pieces) do
      parts[i] = type(piece) == "number" and ("*"):rep(piece) or piece
    end
    list[#list + 1] = { dir = direction, text = table.concat(parts) }
  end)
  return list
end

function M.facts(env)
  return { events = trace(env), decisions = decided(env), peers = peers(), dialogue = dialogue(env) }
end

--- Explains; waits a moment for a broker whose decision may still be on its way.
function M.explain(env, options)
  local explanation = why.explain(M.facts(env), options)
  if explanation and explanation.likely and env.broker and not env.broker.external then
    local until_then = task.now() + LATE_SECONDS * 1000
    task.condition("the broker's decision"):wait(until_then)
    explanation = why.explain(M.facts(env), options)
  end
  return explanation
end

--- For the runner: the explanation of what failed, for the fault 'f'. nil where nothing bad is known; never raises.
function M.of_fault(env, f)
  local ok, explanation = pcall(M.explain, env, { bad = true, command = f.command })
  if not ok then
    env._transcript:note("why", "cannot explain: " .. tostring(explanation))
    return nil
  end
  return explanation and { first = explanation.first, chain = explanation.chain, remedy = explanation.remedy,
    likely = explanation.likely } or nil
end

return M
