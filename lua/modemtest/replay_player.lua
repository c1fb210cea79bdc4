--- Plays one recorded session on a modem and compares every answer. A recorded command is sent when
-- everything before it has come; a fault names the line of the recording.
local fault = require "modemtest.fault"
local match = require "modemtest.replay_match"
local recording = require "modemtest.recording"
local text = require "modemtest.text"

local M = {}

--- Seconds until a line is missing.
local LIMIT = 20

local Player = {}
Player.__index = Player

local function fail(step, message, wanted, got)
  fault.raise("fail", message, { where = step.at, wanted = wanted, got = got })
end

--- Waits until ready(bytes) has a number, and takes so many bytes of what is unread.
local function take(self, step, wanted, ready)
  local dev = self.dev
  local taken = dev.inbox:wait(wanted, dev:deadline(LIMIT), function()
    local bytes = dev:_unread()
    local n, instead = ready(bytes)
    if n == false then
      fail(step, "another line than in the recording", wanted, instead)
    end
    if n == nil and dev.gone then
      fail(step, "the port closed: " .. dev.gone, wanted, text.escape(bytes, 300))
    end
    return n
  end)
  if not taken then
    local bytes = dev:_unread()
    fail(step, "a line of the recording is missing", wanted,
      bytes == "" and "nothing more" or text.escape(bytes, 300) .. ", and no more")
  end
  dev:_take(taken)
end

local PLAY = {}

function PLAY.send(self, step)
  self.dev:send(step.bytes)
  local switch = (step.command or ""):upper():match("^ATE([01]?)$")
  if switch then
    self.dev.echo = switch == "1"
  end
end

function PLAY.data(self, step)
  self.dev:send(step.bytes)
  take(self, step, "the answer to the data", function(bytes) return self.match:echo(bytes, step.bytes) end)
end

local LATE = "acknowledged late"

local function wanted_line(step)
  if step.hidden then
    return "the echo " .. text.escape(step.want, 300)
  end
  return (step.want and text.escape(step.want, 300) or "a match of " .. text.escape(step.pattern, 300))
    .. (" behind %d empty line(s)"):format(step.blanks)
end

--- Takes the line of a step, and before it one that was allowed to be late. A line that may be late and is
-- not there is kept for later. 'now': it was late, and must be there.
local function take_line(self, step, now)
  local again
  repeat
    again = false
    take(self, step, wanted_line(step), function(bytes)
      local n, instead = self.match:line(bytes, step, now and LATE)
      if n ~= false then
        return n
      end
      if not now and step.may_be_late and self.match.named[LATE] then
        self.late = step
        return 0
      end
      n = self.late and self.match:line(bytes, self.late, LATE)
      if n then
        self.late, again = nil, true
        return n
      end
      return false, instead
    end)
  until not again
end

function PLAY.line(self, step)
  take_line(self, step, false)
end

--- A line that was allowed to be late must come now.
local function end_late(self)
  local step = self.late
  self.late = nil
  if step then
    take_line(self, step, true)
  end
end

function PLAY.bytes(self, step)
  take(self, step, text.escape(step.bytes, 300), function(bytes) return self.match:bytes(bytes, step) end)
end

local ACT = {}

function ACT.setup(self, entry)
  if entry.urc then
    return self.dev:expect_urc(entry.urc)
  end
  if entry.certificate then
    return self.env.certificates:store(self.dev, entry.name, self.env.certificates:file(entry.certificate))
  end
  local r = self.dev:cmd(entry.text)
  if entry.data then
    r:prompt():data(entry.data)
  end
  if entry.result then
    r:result(entry.result)
  else
    r:ok()
  end
  r:lines() -- of no interest
end

function ACT.set(self, entry)
  self.env.sim:set(entry.keys)
end

function ACT.power(self, entry)
  self.env.sim:power(entry.action)
end

function ACT.sms(self, entry)
  self.env.sim:sms({ from = entry.from, text = entry.text })
end

function ACT.broker(self, entry)
  if entry.action == "publish" then
    return self.env.observer:publish(entry.topic, recording.bytes_of(entry), { qos = entry.qos })
  end
  self.env.broker[entry.action](self.env.broker)
end

--- What fails in there is the recording's entry, not a line of Lua.
function PLAY.act(self, step)
  local ok, err = pcall(ACT[step.entry.dir], self, step.entry)
  if not ok then
    err = fault.from(err, coroutine.running())
    err.where = step.at
    error(err, 0)
  end
  self.match:restart()
end

--- What comes behind the last entry is too much.
local function finish(self, last)
  self.dev:_settle()
  local left = self.dev:_leftovers()
  if #left > 0 then
    fault.raise("fail", "more than in the recording", { where = last, wanted = "nothing behind this line",
      got = table.concat(left, "; ") })
  end
end

--- Plays a plan of replay_steps on 'dev'. Returns the comparison: compared, exact, added, by_rule.
function M.play(plan, head, dev, env)
  local self = setmetatable({ dev = dev, env = env, match = match.new(head) }, Player)
  if head.echo == "off" then
    dev:cmd("ATE0"):ok()
  end
  for _, step in ipairs(plan.steps) do
    if self.late and step.kind ~= "line" then
      end_late(self)
    end
    PLAY[step.kind](self, step)
  end
  end_late(self)
  finish(self, plan.last)
  return self.match
end

return M
