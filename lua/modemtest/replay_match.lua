--- Follows what a modem sends and compares it with the steps of a replay. Pure: it is given the bytes
-- that are there, and says how many of them a step takes.
local rules = require "modemtest.replay_rules"
local text = require "modemtest.text"

local M = {}

local Match = {}
Match.__index = Match

--- For one session. 'head' as in recording.lua.
function M.new(head)
  local named = {}
  for name in pairs(head.rules or {}) do
    named[name] = true
  end
  if head.framing == "unknown" and head.blank_lines ~= "as in source" then
    named["blank lines"] = true
  end
  return setmetatable({ head = head, named = named, within_line = false,
    compared = 0, exact = 0, added = 0, by_rule = {} }, Match)
end

--- The displayed line at 'from': its text and where the next one begins; nil when it is not complete. A
-- terminal shows nothing of a CR before LF; some sources show any CR as a line end.
local function line_at(self, bytes, from)
  if not self.head.echo_cr then
    local stop = bytes:find("\n", from, true)
    return stop and (bytes:sub(from, stop - 1):gsub("\r+$", "")), stop and stop + 1
  end
  local stop = bytes:find("[\r\n]", from)
  if not stop or bytes:sub(stop, stop) == "\r" and stop == #bytes then
    return nil
  end
  return bytes:sub(from, stop - 1), bytes:sub(stop, stop + 1) == "\r\n" and stop + 2 or stop + 1
end

--- 'used': the rules that made the line comparable.
local function count(self, step, used)
  if step.hidden then
    return
  end
  if step.added then
    self.added = self.added + 1
    return
  end
  self.compared = self.compared + 1
  if #used == 0 then
    self.exact = self.exact + 1
  end
  for _, rule in ipairs(used) do
    self.by_rule[rule] = (self.by_rule[rule] or 0) + 1
  end
end

--- Is 'line', behind 'blanks' empty lines, that of the step? Then it is counted. 'also': a further rule
-- that was needed, or nil.
local function accept(self, step, line, blanks, also)
  local used = rules.compare(step, line, blanks, self.named)
  if used and also then
    used = table.move(used, 1, #used, 2, { also })
  end
  if used then
    count(self, step, used)
  end
  return used ~= nil
end

--- The line of the step in 'bytes': how many bytes it takes, when it is there; nil when more must come;
-- false and the line that is there instead. 'also': a rule that was needed besides.
function Match:line(bytes, step, also)
  local at, blanks, inside = 1, 0, self.within_line
  while true do
    if step.prompt and not inside and bytes:sub(at, at) == ">" then
      if not accept(self, step, ">", blanks, also) then
        return false, ("> behind %d empty line(s)"):format(blanks)
      end
      self.within_line = true
      return at
    end
    local line, following = line_at(self, bytes, at)
    if not line then
      return nil
    end
    at = following
    if line ~= "" then
      if not accept(self, step, line, blanks, also) then
        return false, text.escape(line, 300) .. (" behind %d empty line(s)"):format(blanks)
      end
      self.within_line = false
      return at - 1
    end
    -- What ends the line of a prompt or of echoed data is no empty line.
    blanks = blanks + (inside and 0 or 1)
    inside = false
  end
end

--- The bytes of an exact step: how many, when they are there; nil when more must come; false and what is
-- there instead.
function Match:bytes(bytes, step)
  local at = text.difference(step.bytes, bytes)
  if at > #step.bytes then
    self.compared = self.compared + (step.added and 0 or step.lines)
    self.exact = self.exact + (step.added and 0 or step.lines)
    self.added = self.added + (step.added and step.lines or 0)
    return #step.bytes
  end
  if at <= #bytes then
    return false, ("from byte %d on %s instead of %s"):format(at, text.escape(bytes:sub(at), 300),
      text.escape(step.bytes:sub(at), 300))
  end
  return nil
end

--- The echo of data behind a prompt, where there is one: how many bytes of 'bytes' it takes; nil when more
-- must come to tell. Some prompts end their line.
function Match:echo(bytes, data)
  for _, before in ipairs({ "", "\r\n" }) do
    local expected = before .. data
    local at = text.difference(expected, bytes)
    if at > #expected then
      self.within_line = data:sub(-1) ~= "\n"
      return #expected
    end
    if at > #bytes then
      return nil
    end
  end
  return 0
end

--- Something else took what the modem sent: the next line begins anew.
function Match:restart()
  self.within_line = false
end

return M
