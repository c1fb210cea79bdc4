--- Clients that look for fixed text in what came since they wrote: ArduPilot, Freematics, chat of pppd.
local M = {}

--- Reads until one of 'wanted' is in what came; returns it and all that came.
local function seek(stream, seconds, wanted)
  local data, deadline = "", stream:deadline(seconds)
  while true do
    local byte = stream:byte(deadline)
    if not byte then
      return nil, data
    end
    data = data .. byte
    for _, text in ipairs(wanted) do
      if data:find(text, 1, true) then
        return text, data
      end
    end
  end
end

--- literal.find(text, ...) -> reader of the one that came first, false when none did
function M.find(...)
  local wanted = { ... }
  return function(stream)
    return seek(stream, 5, wanted) or false
  end
end

--- literal.behind(text, last) -> reader of what stands between 'text' and the next byte 'last'
function M.behind(text, last)
  return function(stream)
    local found = seek(stream, 5, { text })
    return found and (select(2, seek(stream, 5, { last })):sub(1, -#last - 1))
  end
end

return M
