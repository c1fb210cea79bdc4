--- A modem as a scenario sees it: dev.
-- Owns the transport, the framing, and everything received and not yet looked at. All waiting is by
-- deadlines; 'within' is always in seconds and is stretched by --timeout-factor. A 'pat' equals a
-- whole line or matches it as a Lua pattern.
local fault = require "modemtest.fault"
local frames = require "modemtest.frames"
local mailbox = require "modemtest.mailbox"
local response = require "modemtest.response"
local task = require "modemtest.task"
local text = require "modemtest.text"

local M = {}

local Device = {}
Device.__index = Device
M.Device = Device

--- Seconds until an answer is missing. The manual's figure for what needs the network is 120.
local ANSWER_LIMIT = 20
local NETWORK_LIMIT = 60
local URC_LIMIT = 20

local NETWORK = {
  "+CMQTTSTART", "+CMQTTSTOP", "+CMQTTCONNECT", "+CMQTTDISC", "+CMQTTREL", "+CMQTTPUB", "+CMQTTSUB",
  "+CMQTTUNSUB", "+NETOPEN", "+CCHOPEN", "+CCHSTART", "+CIPOPEN",
  "+CMGS", "+CMGSEX", "+CMSS",
}

local function on_item(self, item)
  local owner = self.pending[1]
  if owner and item.class == "line" and item.text == owner.line and not owner.echoed then
    owner.echoed = true
    item.class = "echo"
  end
  item.kind = frames.classify(item, owner and owner.names)
  if item.kind ~= "urc" and item.kind ~= "unknown" and owner then
    item.owner = owner
    owner:_add(item)
    if item.kind == "final" then
      table.remove(self.pending, 1)
    end
  end
  self.inbox:put(item)
end

--- For reopen: from now on this transport is the way to the modem.
function Device:_attach(transport)
  self.transport, self.gone = transport, nil
  self.parser = frames.new(function(item) on_item(self, item) end)
  transport.on_data = function(bytes)
    self.transcript:note("dev<", bytes)
    self.parser:feed(bytes)
    self.inbox:changed()
  end
  transport.on_gone = function(reason)
    self.transcript:note("dev", "port closed: " .. reason)
    self.gone = reason
    self.inbox:changed()
  end
end

--- For the fixtures. options: transport (an open one), open (function(deadline) -> transport or
-- nil, message; for reopen), transcript, factor (of all time limits), allow (list of patterns of
-- lines that may come by themselves), reset (function(dev, options)).
function M.new(options)
  local self = setmetatable({
    inbox = mailbox.new(), pending = {}, responses = {}, line_end = "\r", echo = false,
    open = options.open, transcript = options.transcript, factor = options.factor or 1,
    allow = options.allow or {}, on_reset = options.reset,
  }, Device)
  self:_attach(options.transport)
  return self
end

--- For the other modules: the moment 'seconds' from now, stretched.
function Device:deadline(seconds)
  return task.now() + seconds * 1000 * self.factor
end

--- For the response: how long an answer to these commands may take.
function Device.answer_limit(_, names)
  for _, name in ipairs(NETWORK) do
    if names[name] then
      return NETWORK_LIMIT
    end
  end
  return ANSWER_LIMIT
end

local function write(self, bytes)
  if self.gone then
    fault.raise("fail", "cannot send: the port is closed: " .. self.gone)
  end
  self.transcript:note("dev>", bytes)
  self.transport:write(bytes)
end

--- dev:send(bytes)
-- Writes exactly these bytes and does not wait. What comes back belongs to no command: use expect,
-- expect_bytes or expect_urc.
function Device:send(bytes)
  write(self, bytes)
end

--- dev:cmd(fmt, ...) -> response
-- Sends one command line (formatted when there are further arguments) and dev.line_end, which is
-- "\r" unless a scenario sets it. The response owns the lines up to the final result; commands sent
-- while another runs are answered in turn.
function Device:cmd(fmt, ...)
  local line = select("#", ...) > 0 and fmt:format(...) or fmt
  local r = response.new(self, line, self.inbox.seq)
  self.pending[#self.pending + 1] = r
  self.responses[#self.responses + 1] = r
  write(self, line .. self.line_end)
  if line:upper():find("^ATE[01]?$") then
    self.echo = line:sub(-1) == "1"
  end
  return r
end

--- For the response: data bytes, echoed where echo is on.
function Device:_write_data(bytes)
  if self.echo then
    self.parser:expect_echo(bytes)
  end
  write(self, bytes)
end

--- For the response: its answer was dealt with as raw bytes.
function Device:_finished(r)
  for i, pending in ipairs(self.pending) do
    if pending == r then
      table.remove(self.pending, i)
      return
    end
  end
end

--- dev:type(bytes [, {pause=0.002}])
-- Sends one byte at a time, as a person at a terminal does, with 'pause' seconds between two bytes.
function Device:type(bytes, options)
  local pause = options and options.pause or 0.002
  for i = 1, #bytes do
    write(self, bytes:sub(i, i))
    task.condition("the pause between two keys"):wait(task.now() + pause * 1000)
  end
end

local function unread(self)
  local parts = {}
  for _, item in ipairs(self.inbox.items) do
    if item.kind ~= "echo" then
      parts[#parts + 1] = text.escape(item.text, 200)
    end
  end
  if self.parser:pending():find("[^\r\n]") then
    parts[#parts + 1] = text.escape(self.parser:pending(), 200) .. " (no line end yet)"
  end
  return #parts > 0 and "only: " .. table.concat(parts, "; ") or "nothing"
end

--- Waits on the inbox until ready() gives something; fails with what is there when it does not.
function Device:_wait(wanted, options, ready)
  local deadline = self:deadline(options and options.within or URC_LIMIT)
  local found = self.inbox:wait(wanted, deadline, function()
    local result = ready()
    if result == nil and self.gone then
      fault.raise("fail", "the port closed: " .. self.gone, { wanted = wanted, got = unread(self) })
    end
    return result
  end)
  if found == nil then
    fault.raise("fail", "nothing suitable came in time", { wanted = wanted, got = unread(self) })
  end
  return found
end

local function match_of(item, captures)
  captures.line, captures.seq, captures.t = item.text, item.seq, item.t
  return captures
end

--- dev:expect(pat [, {within=}]) -> match
-- The next line of the response stream, in order, must be 'pat'; another line fails at once. URCs
-- that do not match are passed over and stay. The match holds captures, line, seq, t.
function Device:expect(pat, options)
  return self:_wait(pat, options, function()
    for _, item in ipairs(self.inbox.items) do
      local match = item.kind ~= "echo" and text.matches(item.text, pat)
      if match then
        self.inbox:remove(item)
        return match_of(item, match)
      end
      if item.kind ~= "echo" and item.kind ~= "urc" then
        fault.raise("fail", "the next line is another one",
          { wanted = pat, got = text.escape(item.text, 300) })
      end
    end
    return nil
  end)
end

--- dev:expect_urc(pat [, {within=, after=}]) -> match
-- Takes a line that came by itself, in any order, or waits for it. 'after': a match; only lines
-- behind it count. The match holds captures in [1], [2], ..., and line, seq, t.
function Device:expect_urc(pat, options)
  local after = options and options.after and options.after.seq or 0
  return self:_wait(pat, options, function()
    local match
    local item = self.inbox:take(function(item)
      if item.class ~= "line" or item.seq <= after then
        return false
      end
      match = text.matches(item.text, pat)
      return match ~= nil
    end)
    return item and match_of(item, match) or nil
  end)
end

--- Fails when something for which accept(item) is true is here, or comes within 'seconds'.
local function refuse(self, what, seconds, accept)
  local deadline = task.now() + seconds * 1000
  local found = self.inbox:wait("the absence of " .. what, deadline, function()
    return self.inbox:find(accept)
  end)
  if found then
    fault.raise("fail", "something came that must not",
      { wanted = "no " .. what, got = text.escape(found.text, 300) })
  end
end

--- dev:no_urc(pat [, {during=1}])
-- No line that begins with 'pat' (as text or as a Lua pattern) is here or comes within 'during'
-- seconds.
function Device:no_urc(pat, options)
  refuse(self, pat, options and options.during or 1, function(item)
    return item.class ~= "final" and item.kind ~= "echo" and text.begins(item.text, pat)
  end)
end

--- dev:quiet(seconds)
-- Nothing at all may come for so long. What came before does not count.
function Device:quiet(seconds)
  local seq, pending = self.inbox.seq, #self.parser:pending()
  refuse(self, "bytes", seconds, function(item) return item.seq > seq end)
  if #self.parser:pending() > pending then
    fault.raise("fail", "something came that must not",
      { wanted = "no bytes", got = text.escape(self.parser:pending(), 300) })
  end
end

return M
