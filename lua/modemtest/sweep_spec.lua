local context = require "modemtest.context"
local s = require "modemtest.spec"
local sweep = require "modemtest.sweep"

local function holds() end

--- A declaration with what must be there, and 'fields' laid over it.
local function spec_with(fields)
  local spec = { run = holds, invariants = { ["it holds"] = holds } }
  for name, value in pairs(fields or {}) do
    spec[name] = value
  end
  return spec
end

--- As t.sweep's function does it: the error stands in our line.
local function declare(spec)
  local made = sweep.scenario("s", spec)
  return made
end

s.test("a sweep is one scenario with a case for each slice, for the emulator, without a modem of ours", function()
  local made = declare(spec_with({ slices = 3, uses = { "broker" }, tags = { "slow" }, profile = "sim7600" }))
  s.eq({ #made.cases, made.cases[2], made.needs, made.uses, made.tags, made.profile },
    { 3, { name = "slice=2/3", slice = 2, slices = 3 }, { "emulator" }, { "broker", "sweep" }, { "slow" }, "sim7600" })
  s.eq({ made.points, made.invariants, made.slices, type(made.run) }, { nil, nil, nil, "function" })
  s.eq(#declare(spec_with()).cases, 8)
  s.eq(declare(spec_with({ prepare = false })).prepare, nil)
end)

s.test("--sweep-point is a single slice", function()
  context.sweep = { point = "x" }
  local made = declare(spec_with())
  context.sweep = {}
  s.eq({ #made.cases, made.cases[1].slices }, { 1, 1 })
end)

local function refused(fields, pattern)
  local ok, message = pcall(function()
    local made = declare(fields)
    return made
  end)
  s.eq(ok, false, pattern)
  s.match(message, "sweep_spec%.lua:%d+: sweep 's': " .. pattern)
end

s.test("what is wrong with a declaration is told in its line, with what is taken", function()
  refused(7, "needs a table with run")
  refused({ run = holds }, "needs invariants")
  refused(spec_with({ invariants = {} }), "needs invariants")
  refused(spec_with({ invariants = { holds } }), "field 'invariants' takes functions by name")
  refused(spec_with({ points = { "uart", "udp" } }), "field 'points' takes uart, tls, mqtt, urc, not 'udp'")
  refused(spec_with({ actions = {} }), "field 'actions' must be a list of drop, stall, close, reboot")
  refused(spec_with({ actions = "drop" }), "field 'actions' must be a table")
  refused(spec_with({ prepare = true }), "field 'prepare' must be a function")
  refused(spec_with({ slices = 0 }), "field 'slices' must be a whole number above 0")
  refused(spec_with({ every = 1.5 }), "field 'every' must be a whole number above 0")
  refused(spec_with({ uses = { "broker", "modem" } }), "field 'uses' must not name 'modem'")
end)
