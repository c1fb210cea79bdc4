--- From a recorded session to the steps of its replay: what to send, what must come, what to let happen.
-- Pure. A step is a table with 'kind' and 'at' (file:line of its entry):
--   send   bytes; command: the line in them
--   data   bytes behind a prompt, of exactly the announced length
--   line   one displayed line: want (text) or pattern, blanks (empty lines before it), rules (used to
--          read it), hidden (not in the source), added (not in the source, with the reason), prompt,
--          may_be_late (where a rule allows it)
--   bytes  exactly these, with the number of lines in them
--   act    a setup, set, power, sms or broker entry, in 'entry'
local recording = require "modemtest.recording"
local rules = require "modemtest.replay_rules"

local M = {}

local Compiler = {}
Compiler.__index = Compiler

local function fail(self, entry, format, ...)
  error({ replay = ("%s:%d: "):format(self.name, entry.line) .. format:format(...) }, 0)
end

local function add(self, kind, entry, fields)
  fields = fields or {}
  fields.kind, fields.at = kind, ("%s:%d"):format(self.name, entry.line)
  self.steps[#self.steps + 1] = fields
  return fields
end

--- A text in which every <NAME> has its value.
local function filled_in(self, entry, text)
  if self.head.framing == "exact" then
    return text
  end
  return (text:gsub("<([^<>]+)>", function(name)
    local value = (self.head.values or {})[name]
    if not value then
      fail(self, entry, "the head's values must say what stands for <%s>", name)
    end
    return value
  end))
end

local function sent_bytes(self, entry)
  if entry.bytes then
    return recording.bytes_of(entry)
  end
  return filled_in(self, entry, entry.actual or recording.bytes_of(entry))
end

-- What the host sends.

--- The length that the command before the prompt announces; nil where it announces none.
local function announced(command)
  return math.tointeger(tonumber(command:match("^[^,]*,(%d+)")))
end

--- Entries behind a prompt are data: one displayed line each.
local function end_data(self)
  local open = self.data
  self.data = nil
  if not open or not open.first then
    return
  end
  local bytes, length = table.concat(open.parts, "\n"), announced(open.command)
  if length and length ~= #bytes then
    fail(self, open.first, "the data has %d bytes, but %d are announced", #bytes, length)
  end
  add(self, "data", open.first, { bytes = bytes })
end

local function echo_of(self, entry, command)
  local echo = self.echo and not entry.lost and command or nil
  local switch = command:upper():match("^ATE([01]?)$")
  if switch and self.head.echo == "hidden" then
    self.echo = switch == "1"
  end
  return echo
end

local function send(self, entry, command)
  local echo = echo_of(self, entry, command)
  add(self, "send", entry, { bytes = command .. "\r", command = command })
  if echo then
    add(self, "line", entry, { want = echo, hidden = true, blanks = 0, rules = {} })
  end
end

--- A line has come: a command that waits for lines which were under way may go out now.
local function line_has_come(self)
  local waiting = self.waiting
  if waiting then
    waiting.left = waiting.left - 1
    if waiting.left <= 0 then
      self.waiting = nil
      send(self, waiting.entry, waiting.command)
    end
  end
end

local function none_may_wait(self)
  local waiting = self.waiting
  if waiting then
    fail(self, waiting.entry, "fewer than %d lines follow", waiting.entry.under_way)
  end
end

local function compile_tx(self, entry)
  none_may_wait(self)
  local bytes = sent_bytes(self, entry)
  if self.head.framing == "exact" then
    return add(self, "send", entry, { bytes = bytes })
  end
  if self.data then
    self.data.first = self.data.first or entry
    table.insert(self.data.parts, bytes)
    return
  end
  self.command = bytes
  if entry.under_way then
    self.waiting = { entry = entry, command = bytes, left = entry.under_way }
    return
  end
  send(self, entry, bytes)
end

-- What the modem answers.

--- How many lines with text there are in these bytes.
function M.count_lines(bytes)
  local lines = 0
  for _ in bytes:gmatch("[^\r\n]+") do
    lines = lines + 1
  end
  return lines
end

local function compile_bytes(self, entry)
  local bytes = entry.actual or recording.bytes_of(entry)
  add(self, "bytes", entry, { bytes = bytes, lines = M.count_lines(bytes), added = entry.added })
end

--- An entry that stands for several lines becomes as many steps; only the first one counts.
local function compile_line(self, entry, text)
  local used = {}
  local first = true
  if entry.actual or entry.bytes then
    used[1] = entry.actual and "actual" or "not kept"
  end
  for part in (text .. "\n"):gmatch("(.-)\n") do
    local want, pattern, problem = part, nil, nil
    if not entry.bytes then
      want, pattern, problem = rules.expectation(part, self.head.values or {})
    end
    if problem then
      fail(self, entry, "%s", problem)
    end
    if want ~= part or pattern then
      used[#used + 1] = "stand-in"
    end
    add(self, "line", entry, { want = want, pattern = pattern, blanks = first and self.blanks or 0, rules = used,
      added = entry.added, hidden = not first, prompt = part == ">",
      may_be_late = part:find("^%+CMQTTPUB: %d,0$") ~= nil })
    first = false
  end
end

local function compile_rx(self, entry)
  if self.head.framing == "exact" then
    return compile_bytes(self, entry)
  end
  end_data(self)
  local text = entry.actual or recording.bytes_of(entry)
  if text == "" then
    self.blanks = self.blanks + 1
    return
  end
  compile_line(self, entry, text)
  self.blanks = 0
  line_has_come(self)
  if text == ">" then
    self.data = { command = self.command or "", parts = {} }
  end
end

local TEXTS = { "text", "data", "result", "urc", "topic" }

local function compile_act(self, entry)
  end_data(self)
  self.blanks = 0
  local copy = {}
  for name, value in pairs(entry) do
    copy[name] = value
  end
  for _, name in ipairs(TEXTS) do
    copy[name] = entry[name] and filled_in(self, entry, entry[name])
  end
  add(self, "act", entry, { entry = copy })
end

local ECHO = { off = false, on = false, hidden = true }

--- The plan of a session of file 'name': { steps=, last= } (last: file:line of its end); nil
-- and a message that names the line.
function M.compile(session, name)
  local head = session.head
  local self = setmetatable({ head = head, name = name, steps = {}, blanks = 0 }, Compiler)
  local ok, problem = pcall(function()
    if head.framing ~= "exact" and ECHO[head.echo] == nil then
      fail(self, session, "a head of framing unknown needs the field echo: off, on or hidden")
    end
    self.echo = ECHO[head.echo]
    for rule in pairs(head.rules or {}) do
      if not rules.known[rule] then
        fail(self, session, "there is no rule '%s'", rule)
      end
    end
    for _, entry in ipairs(session.entries) do
      if entry.left_out then
        self.blanks = 0 -- they belong to it
      elseif entry.dir == "tx" then
        compile_tx(self, entry)
      elseif entry.dir == "rx" then
        compile_rx(self, entry)
      else
        compile_act(self, entry)
      end
    end
    end_data(self)
    none_may_wait(self)
  end)
  if not ok then
    if type(problem) == "table" and problem.replay then
      return nil, problem.replay
    end
    error(problem, 0)
  end
  local last = session.entries[#session.entries]
  return { steps = self.steps, last = ("%s:%d"):format(name, last and last.line or session.line) }
end

return M
