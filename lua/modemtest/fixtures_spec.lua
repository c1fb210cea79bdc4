local fault = require "modemtest.fault"
local fixtures = require "modemtest.fixtures"
local s = require "modemtest.spec"
local task = require "modemtest.task"

local function definitions(log)
  local function make(name, uses)
    return {
      uses = uses,
      setup = function()
        log[#log + 1] = "+" .. name
        return "object " .. name
      end,
      teardown = function(object)
        log[#log + 1] = "-" .. name .. " " .. object
      end,
    }
  end
  return { a = make("a"), b = make("b", { "a" }), c = make("c") }
end

local function build(set, names, own, env)
  for _, name in ipairs(names) do
    local ok, problem = set:setup(name, fixtures.find(name, own), env)
    if not ok then
      return problem
    end
  end
  return nil
end

s.test("order of use, needs first", function()
  s.eq(fixtures.order({ "c", "b" }, definitions({})), { "c", "a", "b" })
  s.match(select(2, fixtures.order({ "nothing" }, {})), "there is no fixture 'nothing' here")
  local own = { x = { uses = { "y" } }, y = { uses = { "x" } } }
  s.match(select(2, fixtures.order({ "x" }, own)), "needs itself")
  own = { x = { uses = { "modem" }, scope = "file" } }
  s.match(select(2, fixtures.order({ "x" }, own)), "scope file cannot use 'modem'")
end)

s.test("the modem comes after what it may talk to", function()
  s.eq(fixtures.order({ "modem", "broker" }), { "certificates", "broker", "modem" })
  local own = { session = { uses = { "modem" } } }
  s.eq(fixtures.order({ "session", "observer" }, own),
    { "certificates", "broker", "observer", "modem", "session" })
end)

s.test("the emulator and a client on its port come after what they may talk to", function()
  s.eq(fixtures.order({ "client", "broker" }), { "certificates", "broker", "sim", "client" })
  s.eq(fixtures.order({ "client" }), { "sim", "client" })
  s.eq(fixtures.order({ "modem", "sim", "broker" }), { "certificates", "broker", "sim", "modem" })
  s.eq({ fixtures.named({ uses = { "client" } }, "client"), fixtures.named({}, "modem"),
    fixtures.named({ uses = {} }, "modem") }, { true, true, false })
end)

s.test("torn down in reverse; objects in env", function()
  local log, env = {}, {}
  local own, set = definitions(log), fixtures.new(1)
  s.eq(build(set, { "c", "a", "b" }, own, env), nil)
  s.eq(env, { a = "object a", b = "object b", c = "object c" })
  s.eq(set:teardown(env), {})
  s.eq(log, { "+c", "+a", "+b", "-b object b", "-a object a", "-c object c" })
end)

s.test("a failed setup is a set-up error; the others are torn down", function()
  local log, env = {}, {}
  local own, set = definitions(log), fixtures.new(1)
  own.b.setup = function() fault.raise("fail", "no luck") end
  local problem = build(set, { "a", "b", "c" }, own, env)
  s.eq(problem.kind, "error")
  s.match(problem.message, "fixture 'b': no luck")
  set:teardown(env)
  s.eq(log, { "+a", "-a object a" })
end)

s.test("every teardown is tried", function()
  local log, env = {}, {}
  local own, set = definitions(log), fixtures.new(1)
  own.b.teardown = function() error("stuck") end
  build(set, { "a", "b", "c" }, own, env)
  local faults = set:teardown(env)
  s.eq(#faults, 1)
  s.match(tostring(faults[1]), "teardown of fixture 'b'.*stuck")
  s.eq(log[#log], "-a object a")
end)

s.test("a teardown may wait, and has a limit", function()
  local env = {}
  local set = fixtures.new(1)
  local own = { slow = { limit = 0.02, setup = function() return 1 end,
    teardown = function() task.condition("for ever"):wait(math.huge) end } }
  build(set, { "slow" }, own, env)
  local faults = set:teardown(env)
  s.eq({ #faults, faults[1].kind }, { 1, "limit" })
end)
