--- The answer to one command line: what dev:cmd() returns.
-- It owns the lines the modem sends until the final result of its command. Its verbs wait for what
-- they name, take what they looked at, and fail at once when something else came. What no verb
-- looked at is a leftover of the scenario. Made by the device only.
local fault = require "modemtest.fault"
local frames = require "modemtest.frames"
local text = require "modemtest.text"

local M = {}

local Response = {}
Response.__index = Response

--- Some firmware sends ERROR before the result line; so long the line may be behind.
local LATE_LINE_SECONDS = 2

--- For the device: the response to 'line', whose items will have a 'seq' above 'start'.
function M.new(dev, line, start)
  return setmetatable({
    dev = dev, line = line, start = start, items = {},
    names = frames.command_names(line),
  }, Response)
end

--- For the device: an item of this answer arrived.
function Response:_add(item)
  self.items[#self.items + 1] = item
  if item.kind == "final" then
    self.final = item
  end
end

local function words(self)
  local parts = {}
  for _, item in ipairs(self.items) do
    if item.kind ~= "echo" then
      parts[#parts + 1] = text.escape(item.text, 200)
    end
  end
  return #parts > 0 and table.concat(parts, ", then ") or "nothing"
end

local function fail(self, wanted, got)
  fault.raise("fail", "in answer to " .. text.escape(self.line, 300),
    { wanted = wanted, got = got or words(self), command = self.line })
end

local function deadline_of(self, options)
  return self.dev:deadline(options and options.within or self.dev:answer_limit(self.names))
end

--- Waits until ready() returns something; a closed port and the deadline fail.
local function wait(self, wanted, deadline, ready)
  local found = self.dev.inbox:wait("the answer to " .. self.line, deadline, function()
    local result = ready()
    if result == nil and self.dev.gone then
      fail(self, wanted, words(self) .. ", then the port closed: " .. self.dev.gone)
    end
    return result
  end)
  if found == nil then
    fail(self, wanted, words(self) .. ", and no more in time")
  end
  return found
end

local function wait_final(self, wanted, options)
  self.read = true
  return wait(self, wanted, deadline_of(self, options), function()
    return self.final
  end)
end

--- The final result was looked at: it and the echo of the command are dealt with.
local function take_final(self)
  for _, item in ipairs(self.items) do
    if item.kind == "echo" or item == self.final then
      self.dev.inbox:remove(item)
    end
  end
end

local function demand_final(self, wanted, options, accept)
  local final = wait_final(self, wanted, options)
  if not accept(final.text) then
    fail(self, wanted)
  end
  take_final(self)
  return self
end

--- r:ok([{within=}]) -> r
-- Waits for the final result OK; any other final result fails at once. Information lines are not
-- looked at: follow with lines() or info() where the command has some.
function Response:ok(options)
  return demand_final(self, "OK", options, function(final) return final == "OK" end)
end

--- r:error([{within=}]) -> r
-- Waits for the plain final result ERROR.
function Response:error(options)
  return demand_final(self, "ERROR", options, function(final) return final == "ERROR" end)
end

local function extended(self, kind, n, options)
  local wanted = ("+%s ERROR: %s"):format(kind, n)
  return demand_final(self, wanted, options, function(final) return final == wanted end)
end

--- r:cme(n [, {within=}]) -> r
-- Waits for +CME ERROR: n. n is the number, or the text where CMEE=2 is set.
function Response:cme(n, options)
  return extended(self, "CME", n, options)
end

--- r:cms(n [, {within=}]) -> r
-- Waits for +CMS ERROR: n.
function Response:cms(n, options)
  return extended(self, "CMS", n, options)
end

--- An earlier command of the same name whose result line is still to come.
local function claimed_by_another(self, name)
  for _, other in ipairs(self.dev.responses) do
    if other ~= self and other.names[name] and not other.result_seen
        and other.final and other.final.text == "OK" and other.start < self.start then
      return true
    end
  end
  return false
end

--- What there is now of result line and final: line, wrong line.
local function result_lines(self, want, name, index)
  local line = self.dev.inbox:find(function(item)
    return item.seq > self.start and item.class == "line" and item.text == want
  end)
  if line then
    return line
  end
  return nil, self.dev.inbox:find(function(item)
    return item.seq > self.start and item.class == "line" and item.name == name
        and item.kind ~= "echo" and item.text:match(": (%d+),") == index
        and not claimed_by_another(self, name)
  end)
end

local function final_accepted(final, code, only)
  if only then
    return final == only
  end
  return final == "OK" or final == "ERROR" and code ~= 0
end

--- r:result("+CMQTTCONNECT: 0,6" [, {within=, final="OK"}]) -> r
-- Waits for the result line (the whole line, as text) and the final result, in either order, and
-- for OK at once with the line much later. Code 0 (the last number of the line) demands OK; any
-- other code accepts OK or ERROR, unless 'final' names one. Another result line of the same
-- command and index, or another final result, fails at once.
function Response:result(want, options)
  local name, index = frames.name_of(want), want:match(": (%d+),")
  local code = math.tointeger(tonumber(want:match("(%d+)%s*$")))
  local only = options and options.final
  local wanted = ("%s with %s"):format(want,
    only or code == 0 and "OK" or "OK or ERROR")
  local deadline = deadline_of(self, options)
  self.read = true
  local function ready()
    local line, wrong = result_lines(self, want, name, index)
    if wrong then
      fail(self, wanted, wrong.owner == self and words(self)
        or words(self) .. ", then " .. text.escape(wrong.text))
    end
    if self.final and not final_accepted(self.final.text, code, only) then
      fail(self, wanted)
    end
    return line and self.final and line or nil
  end
  local final = wait(self, wanted, deadline, function()
    return ready() or self.final
  end)
  if final == self.final and final.text == "ERROR" then
    deadline = math.min(deadline, self.dev:deadline(LATE_LINE_SECONDS))
  end
  local line = wait(self, wanted, deadline, ready)
  self.result_seen = true
  self.dev.inbox:remove(line)
  take_final(self)
  return self
end

local function take_info(self)
  local lines = {}
  for _, item in ipairs(self.items) do
    if item.kind == "info" and self.dev.inbox:remove(item) then
      lines[#lines + 1] = item.text
    end
  end
  return lines
end

--- r:lines([{ "line", ... }] [, {within=}]) -> list of lines, or r
-- Waits for the final result and takes the information lines. With a list: they must be exactly
-- these, in this order. A final result other than OK must still be named: r:lines{...}:error().
function Response:lines(expected, options)
  wait_final(self, "the information lines", options)
  local lines = take_info(self)
  if not expected then
    return lines
  end
  if not text.same(lines, expected) then
    fail(self, text.show(expected), text.show(lines))
  end
  return self
end

--- r:info(pat [, {within=}]) -> match
-- Waits for an information line that equals 'pat' or matches it as a Lua pattern of the whole line,
-- and takes it. The match holds the captures in [1], [2], ... and line, seq, t.
function Response:info(pat, options)
  self.read = true
  local match
  wait(self, pat, deadline_of(self, options), function()
    local item = self.dev.inbox:take(function(item)
      if item.owner == self and item.kind == "info" then
        match = text.matches(item.text, pat)
      end
      return match ~= nil
    end)
    if item then
      match.line, match.seq, match.t = item.text, item.seq, item.t
      return true
    end
    if self.final then
      fail(self, pat)
    end
    return nil
  end)
  return match
end

--- r:raw([{within=}]) -> bytes
-- Waits for the final result; all bytes of this answer, blank lines and echo included, without
-- anything that came in between by itself. Counts as looking at all of it.
function Response:raw(options)
  wait_final(self, "the whole answer", options)
  local parts = {}
  for i, item in ipairs(self.items) do
    parts[i] = item.raw
    self.dev.inbox:remove(item)
  end
  return table.concat(parts)
end

--- r:bytes(exact [, {within=}]) -> r
-- Everything the modem sent from the command on must be exactly these bytes (order, blank lines and
-- echo included; a result line behind the final result, too). A differing byte fails at once; what
-- comes behind them stays for other verbs.
function Response:bytes(exact, options)
  self.read, self.result_seen = true, true
  self.dev:_take_bytes(exact, self.start, deadline_of(self, options),
    "in answer to " .. text.escape(self.line, 300))
  self.dev:_finished(self)
  return self
end

--- r:prompt([{within=, may_fail=false}]) -> r
-- Waits for the prompt > of a command that takes data. A final result instead fails at once; with
-- may_fail it is not looked at, and nil is returned.
function Response:prompt(options)
  local found = wait(self, "the prompt >", deadline_of(self, options), function()
    local prompt = self.dev.inbox:take(function(item)
      return item.owner == self and item.kind == "prompt"
    end)
    if not prompt and self.final and not (options and options.may_fail) then
      fail(self, "the prompt >")
    end
    return prompt or self.final
  end)
  return found ~= self.final and self or nil
end

--- r:data(bytes) -> r
-- Sends exactly these bytes, no terminator. Does not wait, also not for the prompt.
function Response:data(bytes)
  self.data_sent = true
  self.dev:_write_data(bytes)
  return self
end

--- For the device: may this item of ours stay unread?
function Response:_may_stay(item)
  return item.kind == "final" and item.text == "OK" and self.read
      or item.kind == "prompt" and self.data_sent
end


return M
