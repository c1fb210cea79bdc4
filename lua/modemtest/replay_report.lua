--- What a replay says about itself: how many lines were compared, and all that was not taken as it stands.
local recording = require "modemtest.recording"
local rules = require "modemtest.replay_rules"
local steps = require "modemtest.replay_steps"
local text = require "modemtest.text"

local M = {}

local SHOWN = 100 -- bytes of one line

--- Commands stand in brackets.
local function quoted(entry)
  local shown = text.escape(entry.text or recording.bytes_of(entry), SHOWN)
  return entry.dir == "tx" and "[" .. shown .. "]" or shown
end

--- The texts of all entries with this field, one line for each value of the field: its reasons.
local function by_reason(session, name, head)
  local notes, at = {}, {}
  for _, entry in ipairs(session.entries) do
    local reason = entry[name]
    if reason and entry.text ~= "" then
      local index = at[reason]
      if index then
        notes[index] = notes[index] .. ", " .. quoted(entry)
      else
        at[reason] = #notes + 1
        notes[#notes + 1] = ("%s, %s: %s"):format(head, reason, quoted(entry))
      end
    end
  end
  return notes
end

--- Left out lines of the modem; commands that were not sent are no lines of it.
local function count_left_out(session)
  local n = 0
  for _, entry in ipairs(session.entries) do
    if entry.dir == "rx" and entry.left_out then
      n = n + steps.count_lines(entry.text or recording.bytes_of(entry))
    end
  end
  return n
end

local function rule_notes(head, found)
  local notes = {}
  for rule, count in pairs(found.by_rule) do
    local reason = (head.rules or {})[rule] or rules.by_entry[rule] or head.blank_lines
    notes[#notes + 1] = ("normalised, %s: %d (%s)"):format(rule, count, reason)
  end
  table.sort(notes)
  return notes
end

local function actual_notes(session)
  local notes = {}
  for _, entry in ipairs(session.entries) do
    if entry.actual then
      notes[#notes + 1] = ("%s is played as %s: %s"):format(quoted(entry), text.escape(entry.actual, SHOWN), entry.why)
    end
  end
  return notes
end

--- The arguments for env.figures. 'found': what replay.play returned.
function M.of(session, found)
  local notes = {}
  for _, list in ipairs({ rule_notes(session.head, found), actual_notes(session),
    by_reason(session, "added", "added"), by_reason(session, "left_out", "left out") }) do
    table.move(list, 1, #list, #notes + 1, notes)
  end
  return { { "lines compared", found.compared }, { "exact", found.exact },
    { "normalised", found.compared - found.exact }, { "left out", count_left_out(session) },
    { "added", found.added } }, notes
end

return M
