--- Explains a command line of the host, or a line that came by itself: the cause first, then the chain, then what to
-- change. Pure: what is known comes in, words come out.
--
-- why.explain(facts, options) -> { first=, chain={...}, remedy=, likely=true|nil, row= } or nil when there is nothing
-- facts: events (objects of sim7600 --trace, in order), decisions (of our broker), peers (what scripted peers saw),
-- dialogue (list of { dir="tx"|"rx", text= }); each may be absent, but events or dialogue must be there.
-- options: command ("AT+CMQTTCONNECT...", or a part of it: the newest line that has it), client (number), modem (0),
-- bad (true: only what failed or is not answered yet, and among the newest few).
local chain = require "modemtest.why_chain"
local context = require "modemtest.why_context"
local decisions = require "modemtest.why_decisions"
local dialogue = require "modemtest.why_dialogue"
local match = require "modemtest.why_match"
local peers = require "modemtest.why_peers"
local rows = require "modemtest.why_rows"
local story = require "modemtest.why_facts"
local words = require "modemtest.why_words"

local M = {}

local function plain_upper(text)
  return (text:upper():gsub("%s", ""))
end

--- Asked for "CONNECT", "+CMQTTCONNECT", "AT+CMQTTCONNECT=0" or a whole line.
local function asked(item, wanted)
  local text = plain_upper(item.line or item.text or "")
  local parts = plain_upper(wanted)
  return text == parts or text:find(parts, 1, true) ~= nil or item.name == "CMQTT" .. parts
end

local function is_bad(item)
  if item.kind ~= "command" then
    return item.notable
  end
  return item.failed or item.final == nil or item.operation and item.code == nil
end

local function wanted(item, options)
  if options.client and item.client ~= options.client then
    return false
  end
  if options.command then
    return asked(item, options.command)
  end
  return item.kind == "command" or item.notable
end

local FEW = 3 -- commands that may have gone well behind the one that failed

--- The item to explain: the newest that is wanted. The loss of a connection that cut a command off is that command's.
local function target(items, options)
  local passed = 0
  for i = #items, 1, -1 do
    local item = items[i]
    passed = passed + (item.kind == "command" and 1 or 0)
    if options.bad and not options.command and passed > FEW then
      return nil
    end
    if wanted(item, options) and (not options.bad or is_bad(item)) then
      local before = item.previous
      if item.name == "CMQTTCONNLOST" and before and before.failed and before.connection == item.connection
          and item.connection and (item.connection.down_at or 0) > before.from
          and item.connection.down_at <= before.to then
        return before
      end
      return item
    end
  end
  return nil
end

--- How often the same was tried behind 'item': so many decisions are not about it.
local function later(items, item)
  local n = 0
  for i = item.index + 1, #items do
    if items[i].kind == "command" and items[i].name == item.name and items[i].client == item.client
        and items[i].before.client.id == item.before.client.id then
      n = n + 1
    end
  end
  return n
end

local SHORT = { CMQTTCONNECT = "CONNECT", CMQTTPUB = "PUB", CMQTTSUB = "SUB", CMQTTUNSUB = "UNSUB", CMQTTDISC = "DISC",
  CMQTTSTART = "START", CMQTTSTOP = "STOP", CMQTTACCQ = "ACCQ", CMQTTREL = "REL", CMQTTTOPIC = "TOPIC",
  CMQTTPAYLOAD = "PAYLOAD", CMQTTSUBTOPIC = "SUBTOPIC", CMQTTUNSUBTOPIC = "UNSUBTOPIC", CMQTTWILLTOPIC = "WILLTOPIC",
  CMQTTWILLMSG = "WILLMSG" }

local function head(c)
  if c.urc then
    return c.line
  elseif c.kind == "port" then
    return "no command was understood"
  end
  local name = SHORT[c.command] or c.line:sub(1, 80)
  if c.code ~= nil then
    return ("%s got %d"):format(name, c.code)
  elseif c.result_missing then
    return name .. " has no result yet"
  elseif c.final == nil then
    return c.line:sub(1, 80) .. " has no answer yet"
  end
  return ("%s got %s"):format(name, c.final)
end

local function went_well(c)
  local d = c.decision
  local said = d and (": the broker allows %s on %s"):format(d.action or "?", d.resource or "?") or ""
  if c.command == "CMQTTCONNECT" and c.connack ~= nil then
    return ('the broker accepted client id "%s"%s'):format(c.client_id or "?", said)
  end
  return "it went well" .. said
end

local function success(c)
  return c.kind == "command" and not c.swallowed and (c.code == 0 or c.code == nil and c.final ~= nil
    and c.final ~= "ERROR" and not tostring(c.final):find("ERROR") and not c.result_missing
    and not tostring(c.final):find("^NO ") and c.final ~= "BUSY")
end

local function find_row(c)
  for _, row in ipairs(rows) do
    if match.row(row, c) then
      return row
    end
  end
  return nil
end

local function unknown(c)
  if c.code then
    return ("%s"):format(words.CODES[c.code] or "a code that the manual does not have")
  end
  return c.down or "nothing that is known here explains it"
end

local function result(c, first, remedy, row)
  local likely = row and row.likely or false
  return { first = ("%s: %s%s"):format(head(c), likely and "likely: " or "", first), chain = chain.of(c),
    remedy = remedy, likely = likely or nil, row = row, code = c.code, command = c.line }
end

local function explain_context(c)
  if success(c) then
    return result(c, went_well(c))
  end
  local row = find_row(c)
  if row then
    return result(c, match.fill(row.first, c), row.remedy and match.fill(row.remedy, c), row)
  end
  return result(c, unknown(c))
end

--- What was typed behind the prompt of a secret entry: only a command in it may be told.
local function look_into_dialogue(c, facts, items_of_dialogue)
  if c.data ~= "***" or not facts.dialogue then
    return
  end
  for i = #items_of_dialogue, 1, -1 do
    local item = items_of_dialogue[i]
    if item.line == c.line and item.data then
      c.swallowed = item.data.text:match("[\r\n](AT%+?%w[^\r\n]*)")
      return
    end
  end
end

function M.explain(facts, options)
  options = options or {}
  local from_dialogue = facts.dialogue and dialogue.events(facts.dialogue) or nil
  local told = story.read(facts.events or from_dialogue, options.modem)
  local item = target(told.items, options)
  if not item then
    return nil
  end
  local c = context.of(item, facts)
  look_into_dialogue(c, facts, facts.events and from_dialogue and story.read(from_dialogue).items or {})
  c.decision = decisions.pick(c, facts.decisions or {}, later(told.items, item))
  peers.look(c, facts.peers or {})
  return explain_context(c)
end

--- The lines of an explanation, as people read them.
function M.lines(explanation)
  local lines = { "why: " .. explanation.first }
  for _, sentence in ipairs(explanation.chain) do
    lines[#lines + 1] = "  " .. sentence
  end
  if explanation.remedy then
    lines[#lines + 1] = "  change: " .. explanation.remedy
  end
  return lines
end

return M
