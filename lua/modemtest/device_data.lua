--- The verbs of dev that deal with counted or raw bytes, ranges, and the port itself.
-- Adds methods to the device; requiring it returns the completed module.
local device = require "modemtest.device"
local fault = require "modemtest.fault"
local ranges = require "modemtest.ranges"
local task = require "modemtest.task"
local text = require "modemtest.text"

local Device = device.Device

--- Unread items behind 'start' in order, and all their bytes with those still incomplete.
local function unread_bytes(self, start)
  local items, parts = {}, {}
  for _, item in ipairs(self.inbox.items) do
    if item.seq > start then
      items[#items + 1] = item
      parts[#parts + 1] = item.raw
    end
  end
  return table.concat(parts) .. self.parser:pending(), items
end

--- Takes the first n unread bytes behind 'start'. An item cut in the middle is framed anew.
local function take_bytes(self, n, start)
  local all, items = unread_bytes(self, start)
  local left = n
  for _, item in ipairs(items) do
    if left == 0 then
      return
    end
    if #item.raw > left then
      -- The cut: everything behind it goes through the framing again.
      for _, later in ipairs(items) do
        self.inbox:remove(later)
      end
      self.parser:drop(#self.parser:pending())
      self.parser:feed(all:sub(n + 1))
      return
    end
    left = left - #item.raw
    self.inbox:remove(item)
  end
  self.parser:drop(left)
end

--- For the response and expect_bytes: see there.
function Device:_take_bytes(exact, start, deadline, where)
  local got = self.inbox:wait("exact bytes", deadline, function()
    local bytes = unread_bytes(self, start)
    local at = text.difference(exact, bytes)
    if at > #exact then
      take_bytes(self, #exact, start)
      return true
    end
    if at <= #bytes or self.gone then
      return bytes
    end
    return nil
  end)
  if got ~= true then
    got = got or unread_bytes(self, start)
    local at = text.difference(exact, got)
    fault.raise("fail", ("%s: %s at byte %d"):format(where, at > #got and "bytes missing" or
      "another byte", at), { wanted = text.escape(exact), got = text.escape(got, #exact + 200) })
  end
end

--- For the replay: all unread bytes, and those that are not yet framed; to be taken with _take().
function Device:_unread()
  return (unread_bytes(self, 0))
end

--- For the replay: takes the first n of the unread bytes.
function Device:_take(n)
  take_bytes(self, n, 0)
end

--- dev:expect_bytes(exact [, {within=}])
-- The next unread bytes must be exactly these, blank lines included. A differing byte fails at once.
function Device:expect_bytes(exact, options)
  self:_take_bytes(exact, 0, self:deadline(options and options.within or 20), "the next bytes")
end

--- dev:read([{within=20, most=}]) -> bytes
-- Takes what is unread, at most so many bytes, without framing: for a client that reads in its own way.
-- Waits where nothing is unread; "" when nothing came within that time.
function Device:read(options)
  local deadline = self:deadline(options and options.within or 20)
  local got = self.inbox:wait("bytes", deadline, function()
    local bytes = unread_bytes(self, 0)
    if bytes == "" and self.gone then
      fault.raise("fail", "cannot read: the port is closed: " .. self.gone)
    end
    return bytes ~= "" and bytes or nil
  end) or ""
  got = got:sub(1, options and options.most or #got)
  take_bytes(self, #got, 0)
  return got
end

local function next_block(self, name, options)
  return self:_wait("a block " .. name, options, function()
    return self.inbox:take(function(item)
      return item.class == "block" and item.name == name
    end)
  end)
end

--- dev:expect_block(name [, {within=, length=}]) -> { data=, parts=, line=, seq=, t= }
-- Takes the next counted block (a header line such as "+CMQTTRXPAYLOAD: 0,5" and its bytes). With
-- 'length': as many blocks of that name as make up so many bytes. 'parts' lists their sizes.
function Device:expect_block(name, options)
  local block = next_block(self, name, options)
  local data, parts = block.data, { #block.data }
  local length = options and options.length or #data
  while #data < length do
    local more = next_block(self, name, options)
    data, parts[#parts + 1] = data .. more.data, #more.data
  end
  if #data > length then
    fault.raise("fail", "blocks " .. name .. " add up to too much",
      { wanted = length .. " bytes", got = #data .. " bytes" })
  end
  return { data = data, parts = parts, line = block.text, seq = block.seq, t = block.t }
end

local MESSAGE = { ["+CMQTTRXTOPIC"] = "topic", ["+CMQTTRXPAYLOAD"] = "payload" }

--- The items of the first complete message of 'client' (any when nil), RXSTART to RXEND; or nil.
local function find_message(self, client)
  local items
  for _, item in ipairs(self.inbox.items) do
    local index = item.name:find("^%+CMQTTRX") and item.text:match("^[^:]*: (%d+)")
    if index and item.name == "+CMQTTRXSTART" and not items
        and (not client or tonumber(index) == client) then
      items = { client = index }
    end
    if items and index == items.client then
      items[#items + 1] = item
      if item.name == "+CMQTTRXEND" then
        return items
      end
    end
  end
  return nil
end

local function assemble(items)
  local m = { client = math.tointeger(tonumber(items.client)), topic = "", payload = "",
    topic_parts = {}, payload_parts = {}, seq = items[1].seq, t = items[1].t }
  for _, item in ipairs(items) do
    local field = MESSAGE[item.name]
    if field then
      m[field] = m[field] .. item.data
      table.insert(m[field .. "_parts"], #item.data)
    end
  end
  return m
end

--- dev:expect_message([{within=, client=}]) -> { client=, topic=, payload=, ... }
-- Waits for one received MQTT message: +CMQTTRXSTART, the counted blocks of topic and payload, and
-- +CMQTTRXEND. The lengths must add up to what RXSTART announced. Also topic_parts, payload_parts
-- (the sizes of the blocks), seq and t.
function Device:expect_message(options)
  local items = self:_wait("a message (+CMQTTRXSTART ... +CMQTTRXEND)", options, function()
    return find_message(self, options and options.client)
  end)
  for _, item in ipairs(items) do
    self.inbox:remove(item)
  end
  local m = assemble(items)
  local start = ("+CMQTTRXSTART: %d,%d,%d"):format(m.client, #m.topic, #m.payload)
  if items[1].text ~= start then
    fault.raise("fail", "the blocks of a message do not add up to what RXSTART announced",
      { wanted = items[1].text, got = start })
  end
  return m
end

--- dev:ranges("+CMQTTCONNECT") -> list of ranges, or table of lists
-- Asks the device with =? and parses its answer: one { lo=, hi=, values=, text= } per parameter,
-- 'values' where single values are listed, lo and hi absent for strings. Where the answer has one
-- line per quoted key (+CSSLCFG), the result is a table by key of the parameters behind it.
function Device:ranges(name)
  local lines = self:cmd("AT%s=?", name):ok():lines()
  local parsed, message = ranges.parse(name, lines)
  if not parsed then
    fault.raise("fail", ("AT%s=? cannot be understood"):format(name),
      { wanted = name .. ": (ranges),...", got = message })
  end
  return parsed
end

--- For the runner: an AT round trip, so that everything the modem said before is here. Where the
-- scenario left the modem unable to answer (data entry, ATQ1, ATV0), what comes now is not counted.
function Device:_settle()
  if self.gone or #self.pending > 0 or self.parser:pending():find("[^\r\n]") then
    return
  end
  local start = self.inbox.seq
  local r = self:cmd("AT")
  self.inbox:wait("the answer to AT", self:deadline(1), function()
    return r.final or self.gone
  end)
  if r.final and r.final.text == "OK" then
    self.inbox:remove(r.final)
    return
  end
  self:_finished(r)
  local late = self.inbox:take(function(item) return item.seq > start end)
  while late do
    late = self.inbox:take(function(item) return item.seq > start end)
  end
  self.parser:drop(#self.parser:pending())
end

--- For the fixtures: what nobody looked at, as lines; what may come by itself is left out.
function Device:_leftovers()
  local left = {}
  for _, r in ipairs(self.gone and {} or self.pending) do
    if not r.data_sent then
      left[#left + 1] = "no final result of " .. text.escape(r.line, 100) .. " yet: wait for it"
    end
  end
  for _, item in ipairs(self.inbox.items) do
    local allowed = item.kind == "echo" or item.owner and item.owner:_may_stay(item)
    for _, pattern in ipairs(self.allow) do
      allowed = allowed or text.matches(item.text, pattern) ~= nil
    end
    if not allowed then
      left[#left + 1] = text.escape(item.text, 200)
          .. (item.owner and " (of " .. text.escape(item.owner.line, 100) .. ")" or "")
    end
  end
  if self.parser:pending():find("[^\r\n]") then
    left[#left + 1] = text.escape(self.parser:pending(), 200) .. " (no line end)"
  end
  return left
end

--- dev:forget()
-- Drops everything received so far. For the moment after something deliberately unreadable.
function Device:forget()
  self.inbox.items = {}
  self.parser:drop(#self.parser:pending())
  self.pending = {}
end

--- dev:close()
-- Closes our side of the port; the modem lives on. See dev:reopen().
function Device:close()
  if self.transport then
    self.transport:close()
    self.transport, self.gone = nil, "closed by the scenario"
  end
end

--- dev:speed(baud)
-- Our side of a pty or serial port runs at so many bit/s from now on. Take what was asked before first:
-- bytes on the way arrive at whichever speed is set then.
function Device:speed(baud)
  if self.gone or not self.transport.speed then
    fault.raise("misuse", "dev:speed: " .. (self.gone or "this port has no speed: it is a socket"))
  end
  local ok, message = self.transport:speed(baud)
  if not ok then
    fault.raise("fail", ("the port cannot run at %d bit/s: %s"):format(baud, message))
  end
end

--- dev:wait_gone([{within=}])
-- Waits until the modem's side closes the port, as that of a modem on USB does at a reset (usb = on).
-- Lines that came before stay. See dev:reopen().
function Device:wait_gone(options)
  local deadline = self:deadline(options and options.within or 20)
  if not self.inbox:wait("the end of the port", deadline, function() return self.gone end) then
    fault.raise("fail", "the port is still open")
  end
end

--- dev:reopen([{within=}])
-- Closes the port and opens it again, as soon as it is there. Unread lines stay; a half-received one is
-- lost with the port.
function Device:reopen(options)
  self:close()
  local transport, message = self.open(self:deadline(options and options.within or 20))
  if not transport then
    fault.raise("fail", "the port does not open again: " .. message)
  end
  self.pending = {}
  self.transcript:note("dev", "port opened again")
  self:_attach(transport)
end

--- dev:reset([{within=}])
-- Restarts the modem in the way the device has (the emulator's process; AT+CRESET on hardware) and
-- waits until it answers. Capability "restart". What is stored in the modem survives.
function Device:reset(options)
  if not self.on_reset then
    fault.raise("skip", "this device cannot be restarted")
  end
  self.on_reset(self, options or {})
end

--- For the fixtures: is it there? Sends AT until it answers OK, for at most 'seconds'.
function Device:_wake(seconds)
  local deadline = self:deadline(seconds)
  repeat
    local r = self:cmd("AT")
    self.inbox:wait("an answer to AT", math.min(deadline, self:deadline(2)), function()
      return r.final or self.gone
    end)
    if r.final and r.final.text == "OK" then
      return true
    end
    self.pending = {}
  until self.gone or task.now() >= deadline
  return false
end

return device
