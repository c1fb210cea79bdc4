--- Verbs of env.sim that work on the emulator while it runs, on a real one.
local program = require "modemtest.spec_program"
local s = require "modemtest.spec"

local function passes(name, body)
  s.test("env.sim: " .. name, function()
    local text = ('t.scenario "one" { run = function(dev, env)\n%s end }\n'):format(body)
    program.run({ ["a.lua"] = text }, { "--device", "emulator", "DIR" }, function(r)
      s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 0 skipped" }, r.out)
    end)
  end)
end

passes("inspect, coverage and snapshot tell of it", [[
  dev:cmd("AT+CSQ"):ok():lines()
  local state = env.sim:inspect()
  t.eq({ state.name, state.path }, { "modem0", env.sim.path })
  local hit, never = env.sim:coverage()
  local found = false
  for _, one in ipairs(hit) do
    found = found or one.command == "+CSQ" and one.count == 1
  end
  t.check(found and #never > 0, "+CSQ is covered")
  local all = env.sim:snapshot({ last = 1 })
  t.eq({ #all.events, all.state.name, type(all.keys) }, { 1, "modem0", "table" })]])

passes("a line and bytes come by themselves", [[
  env.sim:urc("+CMTI: \"SM\",1")
  dev:expect_urc("+CMTI: \"SM\",1")
  dev:forget()
  local bytes = "a\\x41\r\n\0\200\"b"
  env.sim:raw(bytes)
  dev:expect_bytes(bytes)]])

passes("time runs as told", [[
  env.sim:time(0)
  t.eq(env.sim:inspect().time_percent, 0)]])

passes("a script changes the world", [[
  env.sim:script({ { after_ms = 0, keys = { ["signal.dbm"] = -99 } },
    { after_ms = 5, keys = { ["signal.dbm"] = -51 } } }, { times = 2 })
  repeat
    local now = env.sim:get()["signal.dbm"]
  until now == -51
  env.sim:script(nil)
  env.sim:set({ ["signal.dbm"] = -113 })
  t.eq(env.sim:get()["signal.dbm"], -113)]])

passes("the lines beside the bytes", [[
  local lines = env.sim:lines({ dtr = "off" })
  t.eq(lines.dtr, "off")
  t.eq(env.sim:lines({ dtr = "on", rts = "on" }).dtr, "on")
  t.check(lines.dcd and lines.ri, "DCD and RI")]])

passes("events are waited for, each behind the one before", [[
  dev:cmd("AT+CSQ"):ok():lines()
  dev:cmd("AT+CREG=0"):ok()
  local first = env.sim:expect_event({ event = "at", from = "host", text = "AT+CSQ" })
  local second = env.sim:expect_event(function(one) return one.event == "at" and one.from == "host" end)
  t.eq({ first.text, second.text }, { "AT+CSQ", "AT+CREG=0" })
  env.sim:sms({ from = "+1", text = "a" })
  t.eq(env.sim:expect_event({ event = "ri", state = "*" }).cause, "sms")
  dev:expect_urc("+CMTI: \"SM\",0")]])

s.test("env.sim: an event that does not come", function()
  local text = 't.scenario "one" { run = function(dev, env)\n'
    .. 'env.sim:expect_event({ event = "ri", state = "on" }, { within = 0.1 }) end }\n'
  program.run({ ["a.lua"] = text }, { "--device", "emulator", "DIR" }, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "an event ri state=on did not come within 0%.1 s")
  end)
  text = text:gsub("{ event = .- }, ", "1, ")
  program.run({ ["a.lua"] = text }, { "--device", "emulator", "DIR" }, function(r)
    s.match(r.out, "expect_event takes a table")
  end)
end)

passes("modems come and go", [[
  local name, path = env.sim:add({ keys = { ["signal.dbm"] = -99 } })
  t.eq(env.sim:get(name)["signal.dbm"], -99)
  t.check(path ~= env.sim.path, "another port")
  env.sim:remove(name)
  t.eq(#env.sim:control({ verb = "list" }).modems, 1)]])
