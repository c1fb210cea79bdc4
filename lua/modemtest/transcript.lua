--- What was said in one scenario: bytes both ways and other actors' words, with milliseconds.
-- A ring: only the newest entries are kept in memory. 'live' (a function) sees every entry at once.
-- What people are shown (entry.shown) and what is recorded (entry.pieces) leave out what stands inside PEM
-- blocks: keys do not belong into the log of a CI system. entry.bytes has everything.
local uv = require "luv"
local text = require "modemtest.text"

local M = {}

local KEPT = 4000       -- entries
local SHOWN_BYTES = 400 -- of one entry, in messages

local Transcript = {}
Transcript.__index = Transcript

--- 'bytes' in pieces: texts, and for each inside of a PEM block the number of its bytes. 'inside' tells
-- whether a block was open before; returns the pieces and whether one is open now. A new line of dialogue
-- ends a block that was cut short.
local function without_pem(bytes, inside)
  local out, at = {}, 1
  inside = inside and not bytes:find("^AT") and not bytes:find("^\r\n")
  while at <= #bytes do
    local first, last = bytes:find(inside and "%-%-%-%-%-END [%u ]+" or "%-%-%-%-%-BEGIN [%u ]+%-%-%-%-%-", at)
    if inside then
      out[#out + 1] = (first or #bytes + 1) - at
      at = first or #bytes + 1
    else
      out[#out + 1] = bytes:sub(at, last or #bytes)
      at = (last or #bytes) + 1
    end
    inside = first and not inside or not first and inside
  end
  return out, inside
end

local function shown_of(pieces)
  local parts = {}
  for i, piece in ipairs(pieces) do
    parts[i] = type(piece) == "number" and (" ... %d bytes ... "):format(piece) or piece
  end
  return table.concat(parts)
end

function M.new(options)
  options = options or {}
  return setmetatable({ facts = {}, watchers = {}, open_pem = {}, entries = {}, from = 1, to = 0, start = uv.hrtime(),
    live = options.live, keep = options.keep_all }, Transcript)
end

--- Notes what 'actor' said: "dev>" sent to the modem, "dev<" received from it, "sim", "broker", ...
function Transcript:note(actor, bytes)
  local ms = (uv.hrtime() - self.start) / 1e6
  local newest = self.entries[self.to]
  local pieces
  pieces, self.open_pem[actor] = without_pem(bytes, self.open_pem[actor])
  local shown = shown_of(pieces)
  -- Bytes that arrive in pieces read better as one line; a line break ends it.
  if newest and newest.actor == actor and actor:sub(1, 3) == "dev"
      and newest.bytes:sub(-1) ~= "\n" and #newest.bytes < SHOWN_BYTES then
    newest.bytes = newest.bytes .. bytes
    newest.shown = newest.shown .. shown
    table.move(pieces, 1, #pieces, #newest.pieces + 1, newest.pieces)
  else
    self.to = self.to + 1
    self.entries[self.to] = { ms = ms, actor = actor, bytes = bytes, shown = shown, pieces = pieces }
    if not self.keep and self.to - self.from >= KEPT then
      self.entries[self.from] = nil
      self.from = self.from + 1
    end
  end
  if self.live then
    self.live(actor, shown, ms)
  end
  for watcher in pairs(self.watchers) do
    watcher(actor, bytes)
  end
end

--- fn(line) is called for each line between us and the modem from now on; returns a function that ends that.
function Transcript:watch_lines(fn)
  local rest = { ["dev>"] = "", ["dev<"] = "" }
  local function watcher(actor, bytes)
    if rest[actor] then
      local unread = rest[actor] .. bytes
      for line in unread:gmatch("([^\r\n]+)[\r\n]") do
        fn(line)
      end
      rest[actor] = unread:match("[^\r\n]*$")
    end
  end
  self.watchers[watcher] = true
  return function() self.watchers[watcher] = nil end
end

--- Remembers what a replay of this dialogue must know: a field of a recording's head.
function Transcript:fact(name, value)
  self.facts[name] = value
end

--- One entry as a line: "   12.3 dev> AT\r".
function M.format(entry, limit)
  return ("%9.1f %-6s %s"):format(entry.ms, entry.actor, text.escape(entry.shown, limit))
end

--- The last 'count' entries as lines (all that are kept, when nil).
function Transcript:lines(count, limit)
  local lines = {}
  local from = count and math.max(self.from, self.to - count + 1) or self.from
  for i = from, self.to do
    lines[#lines + 1] = M.format(self.entries[i], limit)
  end
  return lines
end

--- Takes the last 'count' entries of another transcript, with its times.
function Transcript:append(other, count)
  for i = math.max(other.from, other.to - count + 1), other.to do
    self.to = self.to + 1
    self.entries[self.to] = other.entries[i]
  end
end

function Transcript:tail()
  return self:lines(30, SHOWN_BYTES)
end

--- For the runner: the scenario's own part begins, or ends, here.
function Transcript:scenario_begins()
  self.scenario_from = self.to + 1
end

function Transcript:scenario_ends()
  self.scenario_to = self.to
end

--- The entries of the scenario's own part in order, without those of fixtures; none if it did not run.
function Transcript:scenario_entries()
  return table.move(self.entries, math.max(self.from, self.scenario_from or 1), self.scenario_to or 0, 1, {})
end

--- Calls fn(direction, pieces, ms) for each entry between us and the modem: "tx" or "rx". A piece is a
-- text, or the number of bytes inside a PEM block.
function Transcript:dialogue(fn)
  for i = self.from, self.to do
    local entry = self.entries[i]
    if entry.actor == "dev>" or entry.actor == "dev<" then
      fn(entry.actor == "dev>" and "tx" or "rx", entry.pieces, entry.ms)
    end
  end
end

return M
