--- How long a run was, from what the emulator says of itself. Pure.
local text = require "modemtest.text"

local M = {}

local SHOWN = 60 -- bytes of a line

local function packets(events)
  local list = {}
  for _, e in ipairs(events) do
    if e.event == "mqtt" and e.packet and not e.error then
      list[#list + 1] = { dir = e.dir, packet = e.packet }
    end
  end
  return list
end

local function records(events, direction)
  local n = 0
  for _, e in ipairs(events) do
    if e.event == "tls" and e.step == "record" and e.direction == direction then
      n = n + 1
    end
  end
  return n
end

--- count.of(before, after, events) -> counts, as sweep_points.list takes them
-- before, after: the answers of the control verb 'state'; events: the trace between them.
function M.of(before, after, events)
  return {
    uart = { host = after.bytes_from_host - before.bytes_from_host,
      modem = after.bytes_from_modem - before.bytes_from_modem },
    tls = { upstream = records(events, "upstream"), downstream = records(events, "downstream") },
    mqtt = packets(events),
  }
end

--- count.place(events, number) -> text, or nil
-- What was said last before fault 'number' struck first: where in the dialogue that was.
function M.place(events, number)
  local last
  for _, e in ipairs(events) do
    if e.event == "at" then
      local line = text.escape(e.text:match("^[^\r\n]*"), SHOWN)
      last = (e.from == "host" and "behind the command " or "behind the line ") .. line
    elseif e.event == "mqtt" and e.packet then
      last = ("at %s %s"):format(e.dir == "in" and "the broker's" or "the modem's", e.packet)
    elseif e.event == "fault" and e.step == "fired" and e.fault == number then
      return last or "before the first command"
    end
  end
  return nil
end

return M
