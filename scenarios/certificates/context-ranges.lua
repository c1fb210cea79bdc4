-- AT+CSSLCFG: every setting at lo-1, lo, hi, hi+1 of the ranges that the device itself names.
local t = require "modemtest"
local settings = require "lib.ssl_settings"

--- Where it may be changed for good; see ../lib/tls_context.lua.
local CONTEXT = setmetatable({ keypwd = 3, password = 3, ciphersuites = 4 }, { __index = function() return 5 end })

--- The field of a context's line, as text.
local function field(dev, key, context)
  return settings.read(dev, context)[key] or t.fail("no field for " .. key)
end

local function file_name(length)
  return ("r"):rep(length - 4) .. ".pem"
end

--- How a value of this setting is written; for texts the value is their length.
local WRITE = {
  cacert = function(n) return ('"%s"'):format(file_name(n)) end,
  clientcert = function(n) return ('"%s"'):format(file_name(n)) end,
  clientkey = function(n) return ('"%s"'):format(file_name(n)) end,
  password = function(n) return ('"%s"'):format(file_name(n)) end,
  keypwd = function(n) return ('"%s"'):format(("p"):rep(n)) end,
  ciphersuites = function(n) return ("0x%04X"):format(n) end,
}

local function write(key, value)
  return (WRITE[key] or tostring)(value)
end

local function set(dev, key, context, text)
  return dev:cmd('AT+CSSLCFG="%s",%d,%s', key, context, text)
end

--- Values that firmware with the setting takes.
local GOOD = { enableSNI = 1, keypwd = 8, password = 8, ciphersuites = 0xFFFF }

--- The setting is not among those that the device names: it refuses it, and no context shows it.
local function refuses(dev, key, context)
  local before = dev:cmd("AT+CSSLCFG?"):ok():lines()
  set(dev, key, context, write(key, GOOD[key])):bytes("\r\nERROR\r\n")
  t.eq(settings.read(dev, context)[key], nil, key)
  t.eq(dev:cmd("AT+CSSLCFG?"):ok():lines(), before, "the contexts")
end

for _, key in ipairs(settings.NAMES) do
  t.scenario(key .. " is taken from lo to hi, and refused outside without a change") {
    tags = { "certificates", "contexts", "ranges" },
    needs = { "certificates" },
    run = function(dev)
      local context = CONTEXT[key]
      local parameters = dev:ranges("+CSSLCFG")[key]
      if not parameters then
        refuses(dev, key, context)
        return
      end
      local range = parameters[2]
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
