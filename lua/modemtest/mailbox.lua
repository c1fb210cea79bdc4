--- Everything received and not yet looked at, in order of arrival.
-- Items are taken in any order by a predicate; nothing is ever dropped silently: what is still
-- here at the end of a scenario is a leftover. Several tasks may wait at the same time.
local task = require "modemtest.task"

local M = {}

local Mailbox = {}
Mailbox.__index = Mailbox

function M.new()
  return setmetatable({ items = {}, waiters = {}, seq = 0 }, Mailbox)
end

--- Adds an item; gives it 'seq' (order of arrival) and 't' (milliseconds, see task.now()).
function Mailbox:put(item)
  self.seq = self.seq + 1
  item.seq, item.t = self.seq, task.now()
  self.items[#self.items + 1] = item
  self:changed()
end

--- Wakes everyone who waits: something happened that is no item (raw bytes, the end of the port).
function Mailbox:changed()
  for waiter in pairs(self.waiters) do
    waiter:notify()
  end
end

--- The first item for which accept(item) is true, without taking it; and its index.
function Mailbox:find(accept)
  for index, item in ipairs(self.items) do
    if accept(item) then
      return item, index
    end
  end
  return nil
end

--- Takes the first item for which accept(item) is true; nil when there is none now.
function Mailbox:take(accept)
  local item, index = self:find(accept)
  if item then
    table.remove(self.items, index)
  end
  return item
end

--- Removes this very item; false when it is not here any more.
function Mailbox:remove(item)
  return self:take(function(other) return other == item end) ~= nil
end

--- Calls ready() now and after each change, until it returns something other than nil or
-- 'deadline' passes. Returns what it returned. 'what' names the wait in messages.
function Mailbox:wait(what, deadline, ready)
  local waiter = task.condition(what)
  self.waiters[waiter] = true
  local out = table.pack(pcall(function()
    while true do
      local result = table.pack(ready())
      if result[1] ~= nil then
        return table.unpack(result, 1, result.n)
      end
      if not waiter:wait(deadline) then
        return ready()
      end
    end
  end))
  self.waiters[waiter] = nil
  if not out[1] then
    error(out[2], 0)
  end
  return table.unpack(out, 2, out.n)
end

return M
