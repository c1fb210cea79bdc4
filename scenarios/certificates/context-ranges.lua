-- AT+CSSLCFG: every setting at lo-1, lo, hi, hi+1 of the ranges that the device itself names.
local t = require "modemtest"

--- Where it may be changed for good; see ../tls/lib/tls_context.lua.
local CONTEXT = setmetatable({ keypwd = 3, ciphersuites = 4 }, { __index = function() return 5 end })

--- The nth field of a context's line, as text. 0 is the context's number.
local FIELD = { sslversion = 1, authmode = 2, ignorelocaltime = 3, negotiatetime = 4, cacert = 5,
  clientcert = 6, clientkey = 7, enableSNI = 8, keypwd = 9, ciphersuites = 10 }

local function field(dev, key, context)
  local line = dev:cmd("AT+CSSLCFG=%d", context):ok():lines()[1]
  local n = 0
  for value in (line:match("^%+CSSLCFG: (.*)$") .. ","):gmatch("([^,]*),") do
    if n == FIELD[key] then
      return value
    end
    n = n + 1
  end
  return t.fail("no field for " .. key .. " in " .. line)
end

local function file_name(length)
  return ("r"):rep(length - 4) .. ".pem"
end

--- How a value of this setting is written; for texts the value is their length.
local WRITE = {
  cacert = function(n) return ('"%s"'):format(file_name(n)) end,
  clientcert = function(n) return ('"%s"'):format(file_name(n)) end,
  clientkey = function(n) return ('"%s"'):format(file_name(n)) end,
  keypwd = function(n) return ('"%s"'):format(("p"):rep(n)) end,
  ciphersuites = function(n) return ("0x%04X"):format(n) end,
}

local function write(key, value)
  return (WRITE[key] or tostring)(value)
end

local function set(dev, key, context, text)
  return dev:cmd('AT+CSSLCFG="%s",%d,%s', key, context, text)
end

for _, key in ipairs { "sslversion", "authmode", "ignorelocaltime", "negotiatetime", "cacert", "clientcert",
  "clientkey", "enableSNI", "keypwd", "ciphersuites" } do
  t.scenario(key .. " is taken from lo to hi, and refused outside without a change") {
    tags = { "certificates", "contexts", "ranges" },
    needs = { "certificates" },
    run = function(dev)
      local context = CONTEXT[key]
      local range = dev:ranges("+CSSLCFG")[key][2]
      for _, value in ipairs { range.lo, range.hi } do
        set(dev, key, context, write(key, value)):bytes("\r\nOK\r\n")
        t.eq(field(dev, key, context), write(key, value), key)
      end
      local before = field(dev, key, context)
      if range.lo > 0 or not WRITE[key] then
        set(dev, key, context, write(key, range.lo - 1)):bytes("\r\nERROR\r\n")
      end
      set(dev, key, context, write(key, range.hi + 1)):bytes("\r\nERROR\r\n")
      t.eq(field(dev, key, context), before, key)
      if key == "keypwd" then
        set(dev, key, context, '""'):ok()
      end
    end,
  }
end

t.scenario "the context is taken from lo to hi, and refused outside" {
  tags = { "certificates", "contexts", "ranges" },
  needs = { "certificates" },
  run = function(dev)
    for key, parameters in pairs(dev:ranges("+CSSLCFG")) do
      local context = parameters[1]
      local value = write(key, parameters[2].hi)
      set(dev, key, context.lo - 1, value):bytes("\r\nERROR\r\n")
      set(dev, key, context.hi + 1, value):bytes("\r\nERROR\r\n")
    end
    set(dev, "negotiatetime", 0, 300):ok()
    set(dev, "negotiatetime", 9, 300):ok()
  end,
}
