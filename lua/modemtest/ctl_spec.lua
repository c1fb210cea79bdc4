--- The command lines of sim7600ctl as requests, and its answers as text.
local ctl = require "modemtest.ctl"
local s = require "modemtest.spec"

local function request(...)
  return (ctl.request({ ... }))
end

s.test("ctl: words of a command line become the request", function()
  s.eq(request("list"), { verb = "list" })
  s.eq(request("set", "signal.dbm=-99", "network=none"),
    { verb = "set", keys = { ["signal.dbm"] = "-99", network = "none" } })
  s.eq(request("set", "modem=modem1", "sim.pin=1=2"),
    { verb = "set", modem = "modem1", keys = { ["sim.pin"] = "1=2" } })
  s.eq(request("power", "key"), { verb = "power", action = "key" })
  s.eq(request("sms", "from=123", "text=a b"), { verb = "sms", from = "123", text = "a b" })
  s.eq(request("call", "ring", "from=0123"), { verb = "call", action = "ring", from = "0123" })
  s.eq(request("fault", "mqtt.result", "command=+CMQTTPUB", "code=4", "count=2"),
    { verb = "fault", name = "mqtt.result", count = 2, parameters = { command = "+CMQTTPUB", code = 4 } })
  s.eq(request("clear"), { verb = "clear" })
  s.eq(request("clear", "3"), { verb = "clear", fault = 3 })
  s.eq(request("trace", "20"), { verb = "trace", last = 20 })
  s.eq(select(2, ctl.request({ "get", "network" })), { "network" })
end)

s.test("ctl: a word too many is named", function()
  s.eq(select(2, ctl.request({ "list", "all" })), "list: what is 'all'? Fields are written FIELD=VALUE")
  s.eq(select(2, ctl.request({ "trace", "1", "2" })), "trace: what is '2'? Fields are written FIELD=VALUE")
end)

s.test("ctl: answers as text", function()
  s.eq(ctl.text({}), "")
  s.eq(ctl.text({ version = "1.2" }), "1.2\n")
  s.eq(ctl.text({ fault = 3.0 }), "fault 3\n")
  s.eq(ctl.text({ keys = { b = 2.0, a = "x" } }), "a = x\nb = 2\n")
  s.eq(ctl.text({ faults = { { fault = 1, name = "n", parameters = { code = 4.0 }, fired = 0, left = 1 } } }),
    "1  n  code=4  fired 0, left 1\n")
  s.eq(ctl.text({ events = { { t = 7, modem = 0, event = "at", from = "host", text = "AT" } } }),
    "       7  modem0  at  from=host text=AT\n")
end)
