--- Reads the events of a run into what the checks of a client ask: its commands with their answers, in order. Pure.
--
-- A step is one of
--   { kind = "command", text=, commands= (why_line), ms=, event= }   a command line; commands is nil where it is none
--   { kind = "early", ms=, length=, behind = "line" | "data" }       bytes that came before the answer
--   { kind = "data", command=, data=, ms= }                          bytes behind a prompt
--   { kind = "line", text=, ms=, final = true | nil }                a line of the modem
--   { kind = "fault", name=, ms= }                                   a fault struck
--   { kind = "start", ms= }                                          the client was started
--   { kind = "flush", ms= }                                          the client threw away what it had not read
local line = require "modemtest.why_line"

local M = {}

--- Headers behind which counted bytes stand, not lines.
local COUNTED = { CMQTTRXTOPIC = true, CMQTTRXPAYLOAD = true }

--- The lines of an "at" event of the modem, which holds a whole answer or a whole message; what the bytes of a topic or
-- a payload look like is no line.
function M.lines(text)
  local lines, at = {}, 1
  text = line.unescape(text)
  while at <= #text do
    local one, behind = text:match("^([^\r\n]*)\r?\n?()", at)
    if one ~= "" then
      lines[#lines + 1] = one
    end
    local name, values = line.answer(one)
    at = behind + (COUNTED[name] and math.tointeger(tonumber(values[2])) or 0)
  end
  return lines
end

local READ = {}

READ["at"] = function(steps, event)
  if event.from == "host" then
    steps[#steps + 1] = { kind = "command", text = event.text, commands = line.commands(line.unescape(event.text)),
      ms = event.ms }
    return
  end
  for _, text in ipairs(M.lines(event.text)) do
    steps[#steps + 1] = { kind = "line", text = text, ms = event.ms, final = line.is_final(text) or nil }
  end
end

READ["at.data"] = function(steps, event)
  steps[#steps + 1] = { kind = "data", command = event.command, data = event.data, ms = event.ms }
end

READ["at.early"] = function(steps, event)
  local before = steps[#steps]
  steps[#steps + 1] = { kind = "early", length = event.length, ms = event.ms,
    behind = before and before.kind == "data" and "data" or "line" }
end

READ["at.prompt"] = function(steps, event)
  steps[#steps + 1] = { kind = "prompt", command = event.command, ms = event.ms }
end

READ["fault"] = function(steps, event)
  if event.step == "fired" then
    steps[#steps + 1] = { kind = "fault", name = event.name or "", ms = event.ms }
  end
end

READ["client"] = function(steps, event)
  if event.step == "start" then
    steps[#steps + 1] = { kind = "start", ms = event.ms }
  end
end

READ["uart.flush"] = function(steps, event)
  steps[#steps + 1] = { kind = "flush", ms = event.ms }
end

--- The steps of the first modem.
function M.steps(events)
  local steps = {}
  for _, event in ipairs(events) do
    local read = READ[event.event]
    if read and (event.modem or 0) == 0 then
      read(steps, event)
    end
  end
  return steps
end

--- What a step looks like in a message.
function M.shown(step)
  local text = step.kind == "command" and "> " .. step.text
    or step.kind == "data" and ("> (%d bytes of data for %s)"):format(#step.data, step.command)
    or step.kind == "early" and ("> (%d bytes that did not wait)"):format(step.length)
    or step.kind == "line" and "< " .. step.text
    or step.kind == "prompt" and "< >"
    or step.kind == "flush" and "> (input flushed)"
    or step.kind .. " " .. (step.name or "")
  return ("%10.1f %s"):format(step.ms, text)
end

--- The steps from 'first' to 'last', at most eight of them, as lines of a message.
function M.excerpt(steps, first, last)
  local lines = {}
  for n = math.max(1, first, last - 7), math.min(last, #steps) do
    lines[#lines + 1] = M.shown(steps[n])
  end
  return table.concat(lines, "\n")
end

--- Did a fault of these hooks strike between two steps? Then the client may not be to blame.
function M.clouded(steps, first, last)
  for n = math.max(1, first), math.min(last, #steps) do
    local hook = steps[n].kind == "fault" and steps[n].name:match("^%a+")
    if hook == "uart" or hook == "command" or hook == "urc" or hook == "modem" then
      return true
    end
  end
  return false
end

return M
