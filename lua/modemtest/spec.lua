--- What a *_spec.lua file of the harness uses: test cases, a device on a scripted port, and the
-- assertion that something fails as it should.
local device = require "modemtest.device_data"
local fake = require "modemtest.fake"
local fault = require "modemtest.fault"
local t = require "modemtest"
local transcript = require "modemtest.transcript"

local M = { cases = {}, eq = t.eq, match = t.match, check = t.check }

--- Declares a test case.
function M.test(name, fn)
  M.cases[#M.cases + 1] = { name = name, fn = fn }
end

--- Calls fn; it must raise a fault of 'kind' whose text matches 'pattern'.
function M.fails(kind, pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then
    fault.raise("fail", "did not fail", { wanted = pattern })
  end
  err = fault.from(err)
  if err.kind ~= kind or not tostring(err):find(pattern) then
    fault.raise("fail", "failed in another way",
      { wanted = kind .. ": " .. pattern, got = err.kind .. ": " .. tostring(err) })
  end
  return err
end

--- A device on a scripted port (see fake.lua): dev, port. Time limits are cut to a tenth.
function M.device(script, options)
  local port = fake.new(script, options and options.chunk)
  local dev = device.new({
    transport = port, transcript = transcript.new(), factor = options and options.factor or 0.1,
    allow = options and options.allow,
    open = options and options.open,
  })
  return dev, port
end

return M
