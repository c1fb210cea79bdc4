--- What the scenarios of the GNSS receiver share.
local t = require "modemtest"

local M = {}

M.NO_FIX = "+CGPSINFO: ,,,,,,,,"
M.NO_LONG_FIX = "+CGNSSINFO: ,,,,,,,,,,,,,,,"

--- Where the capture of general-commands.md B4.9 was made; a fix comes at once.
M.CAPTURED = {
  ["gnss.lat"] = "48.910707050", ["gnss.lon"] = "2.838222567", ["gnss.alt"] = "17.6", ["gnss.speed"] = "0.0",
  ["gnss.cold_ms"] = 0, ["gnss.hot_ms"] = 0, ["gnss.stop_ms"] = 0, pdn_event = "",
}

--- That place in the fields of CGPSINFO, as a pattern.
M.PLACE = "4854%.642423,N,00250%.293354,E"

--- Date and time of a fix of today, as a pattern; the time of CGPSINFO has hundredths.
M.WHEN = "(%d%d%d%d%d%d),(%d%d%d%d%d%d)%.00"

--- receiver.keys { ... }: the keys above with others laid over them.
function M.keys(more)
  local keys = {}
  for key, value in pairs(M.CAPTURED) do
    keys[key] = value
  end
  for key, value in pairs(more or {}) do
    keys[key] = value
  end
  return keys
end

--- receiver.offered(env): skips where the firmware has other commands.
function M.offered(env)
  if env.key "gnss.commands" == "absent" then
    t.skip("this family has other commands for its receiver")
  end
end

return M
