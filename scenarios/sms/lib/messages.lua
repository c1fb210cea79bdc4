--- What scenarios about messages have in common.
local M = {}

--- Numbers under which the network knows modem0 and modem1 (key number).
M.FIRST, M.SECOND = "+12025550100", "+12025550101"

--- A time stamp of any time, as a Lua pattern.
M.STAMP = '"%d%d/%d%d/%d%d,%d%d:%d%d:%d%d[+-]%d%d"'

--- For 'sim': the bearer, which some firmware reports by itself, is not reported (see ../network/bearer.lua).
M.quiet = { keys = { pdn_event = "" } }

--- For 'sim': two modems of one process.
M.two = { args = { "--count", "2" } }

--- messages.with(keys [, ...]) -> table for 'sim': lines of a profile file over the chosen profile, and
-- further arguments.
function M.with(keys, ...)
  local more = { ... }
  return { args = function(env)
    local profile = env.file("changed.profile", ("extend = %s\n%s\n"):format(env.profile, keys))
    return { "--profile", profile, table.unpack(more) }
  end }
end

--- messages.text_mode(dev) -> dev
function M.text_mode(dev)
  dev:cmd("AT+CMGF=1"):ok()
  return dev
end

--- messages.send(dev, number, text) -> reference
-- Sends in text mode.
function M.send(dev, number, text)
  local r = dev:cmd('AT+CMGS="%s"', number):prompt():data(text .. "\x1a"):ok()
  return math.tointeger(tonumber(r:info("+CMGS: (%d+)")[1]))
end

--- messages.write(dev, fields, text) -> index
-- Stores in text mode; 'fields' is what stands behind AT+CMGW=.
function M.write(dev, fields, text)
  local r = dev:cmd("AT+CMGW=%s", fields):prompt():data(text .. "\x1a"):ok()
  return math.tointeger(tonumber(r:info("+CMGW: (%d+)")[1]))
end

return M
