--- The settings of AT+CSSLCFG. Which ones there are, and their order in a +CSSLCFG line, differs from firmware
-- to firmware; a line is known by the number of its fields (spec 5.1, key csslcfg_fields).
local store = require "lib.cert_store"

local M = {}

local EVERYWHERE = { "sslversion", "authmode", "ignorelocaltime", "negotiatetime", "cacert", "clientcert", "clientkey" }

local function with(...)
  local names = { table.unpack(EVERYWHERE) }
  table.move({ ... }, 1, select("#", ...), #names + 1, names)
  return names
end

--- Names behind the context's number, in the order of the line.
local LINES = {
  [8] = with(), -- 2018
  [9] = with("enableSNI"), -- SIM7022
  [10] = with("password", "enableSNI"), -- A76XX: the name of a file that holds the key's password
  [11] = with("enableSNI", "keypwd", "ciphersuites"),
}

--- Values of a context that nobody has set.
local UNTOUCHED = { sslversion = "4", authmode = "0", ignorelocaltime = "1", negotiatetime = "300", cacert = '""',
  clientcert = '""', clientkey = '""', enableSNI = "0", keypwd = '""', password = '""', ciphersuites = "0x0" }

--- Every setting of any firmware, in the order of the test command.
M.NAMES = with("enableSNI", "keypwd", "password", "ciphersuites")

--- settings.names(env) -> list of this firmware's settings, in the order of its line
function M.names(env)
  return LINES[tonumber(store.key(env, "csslcfg_fields", "11"))]
end

--- settings.has(env, name): has this firmware the setting?
function M.has(env, name)
  for _, other in ipairs(M.names(env)) do
    if other == name then
      return true
    end
  end
  return false
end

--- settings.line(env, context [, values]) -> the line of a context
-- 'values' are texts by name, as they are printed; without them those of an untouched context.
function M.line(env, context, values)
  local fields = { tostring(context) }
  for _, name in ipairs(M.names(env)) do
    fields[#fields + 1] = (values or UNTOUCHED)[name]
  end
  return "+CSSLCFG: " .. table.concat(fields, ",")
end

--- settings.read(dev, context) -> values by name, as they are printed
-- Counts the fields itself, so it reads any modem.
function M.read(dev, context)
  local line = dev:cmd("AT+CSSLCFG=%d", context):ok():lines()[1]
  local fields = {}
  for value in (line:match("^%+CSSLCFG: (.*)$") .. ","):gmatch("([^,]*),") do
    fields[#fields + 1] = value
  end
  local values = {}
  for i, name in ipairs(LINES[#fields] or {}) do
    values[name] = fields[i + 1]
  end
  return values
end

return M
