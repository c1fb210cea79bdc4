--- A scripted modem for the harness's own tests: a transport in memory.
-- Delivers in pieces of 8 bytes, each in a turn of the loop of its own, so that partial input is
-- always exercised.
local uv = require "luv"
local task = require "modemtest.task"

local M = {}

local Fake = {}
Fake.__index = Fake

local function ignore() end

--- script: list of { bytes we expect from the harness, bytes we answer }. chunk: bytes per piece.
function M.new(script, chunk)
  local self = setmetatable({ script = script or {}, received = "", out = "", chunk = chunk or 8,
    on_data = ignore, on_gone = ignore, all = "" }, Fake)
  self.timer = uv.new_timer()
  return self
end

local function deliver(self)
  if self.out ~= "" then
    local piece = self.out:sub(1, self.chunk)
    self.out = self.out:sub(#piece + 1)
    self.on_data(piece)
  end
  if self.out == "" then
    self.timer:stop()
    if self.hang_up and not self.closed then
      self:close()
      self.on_gone("hung up")
    end
  end
end

--- Sends bytes to the harness, as if they came by themselves.
function Fake:push(bytes)
  self.out = self.out .. bytes
  self.timer:start(0, 1, task.callback(function() deliver(self) end))
end

--- Hangs up after what was pushed so far.
function Fake:hang_up_now()
  self.hang_up = true
  self:push("")
end

function Fake:write(bytes)
  self.received = self.received .. bytes
  self.all = self.all .. bytes
  local step = self.script[1]
  while step and self.received:sub(1, #step[1]) == step[1] do
    self.received = self.received:sub(#step[1] + 1)
    table.remove(self.script, 1)
    self:push(step[2])
    step = self.script[1]
  end
end

function Fake:close()
  if not self.closed then
    self.closed = true
    self.timer:close()
  end
end

return M
