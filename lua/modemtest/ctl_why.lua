--- sim7600ctl why: why the last command of the host ended as it did, from the emulator's trace, and from the broker's
-- decisions where they are given. main(options, words) -> exit code: 0 explained, 1 nobody there or nothing to
-- explain, 2 usage.
local cjson = require "cjson"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"
local why = require "modemtest.why"
local why_collect = require "modemtest.why_collect"

local M = {}

local ANSWER_SECONDS = 20
local LAST_EVENTS = 1000

local function complain(format, ...)
  io.stderr:write("sim7600ctl: why: ", format:format(...), "\n")
end

local function number(text, pattern)
  return math.tointeger(tonumber(text:match(pattern)))
end

--- What a FIELD=VALUE means, by its field; nil where the value is none.
local FIELDS = {
  command = function(text) return text ~= "" and text or nil end,
  client = function(text) return number(text, "^[01]$") end,
  modem = function(text) return number(text, "^modem(%d+)$") end,
  decisions = function(text) return text ~= "" and text or nil end,
}

local TAKES = { command = "a part of the command line", client = "0 or 1", modem = "a name of sim7600ctl list",
  decisions = "the file of broker/run --decisions" }

--- The fields of the words behind 'why'; nil and a message.
function M.fields(words)
  local fields = {}
  for i = 2, #words do
    local name, value = words[i]:match("^([^=]+)=(.*)$")
    if not FIELDS[name] then
      return nil, ("what is '%s'? It takes command=TEXT, client=0|1, modem=NAME and decisions=FILE"):format(words[i])
    end
    fields[name] = FIELDS[name](value)
    if fields[name] == nil then
      return nil, ("%s: '%s' is not valid, it takes %s"):format(name, value, TAKES[name])
    end
  end
  return fields
end

local function show(options, explanation)
  if options.json then
    print(cjson.encode({ first = explanation.first, chain = explanation.chain, remedy = explanation.remedy,
      likely = explanation.likely }))
    return
  end
  for _, line in ipairs(why.lines(explanation)) do
    print(line)
  end
end

function M.main(options, words)
  local fields, message = M.fields(words)
  if not fields then
    complain("%s", message)
    return 2
  end
  local decisions = fields.decisions and why_collect.json_lines(fields.decisions)
  if fields.decisions and not decisions then
    complain("cannot read %s; it is what broker/run --decisions FILE writes", fields.decisions)
    return 2
  end
  local answer, refused = sim_control.request(options.control, { verb = "trace", last = LAST_EVENTS },
    task.now() + ANSWER_SECONDS * 1000)
  if not answer then
    complain("%s: %s", options.control, refused)
    return 1
  end
  local explanation = why.explain({ events = answer.events, decisions = decisions }, fields)
  if not explanation then
    complain("nothing to explain: the trace has no such command")
    return 1
  end
  show(options, explanation)
  return 0
end

return M
