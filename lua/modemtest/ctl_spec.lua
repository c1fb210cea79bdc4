--- The command lines of sim7600ctl as requests, and its answers as text.
local ctl = require "modemtest.ctl"
local ctl_file = require "modemtest.ctl_file"
local files = require "modemtest.files"
local s = require "modemtest.spec"
local uv = require "luv"

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
  s.eq(request("why", "command=1", "client=0"), { verb = "why", command = "1", client = 0 })
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
  s.eq(ctl.text({ first = "START got 0", chain = { "the host sent" }, likely = false }),
    "why: START got 0\n  the host sent\n")
end)

s.test("ctl: the newest decisions of a file go with 'why'", function()
  local folder = assert(uv.fs_mkdtemp("/tmp/modemtest-XXXXXX"))
  local function decisions(text)
    local request_ = { decisions = folder .. "/decisions" }
    assert(files.write(request_.decisions, text))
    s.eq({ ctl_file.why(request_) }, { true })
    return request_.decisions
  end
  s.eq(decisions('{"n":1}\nno JSON\n{"n":2}\n{"n":'), { { n = 1 }, { n = 2 } })
  s.eq(decisions(""), nil)
  local long = ('{"n":%d,"reason":"' .. ("x"):rep(1000) .. '"}\n')
  local lines = {}
  for n = 1, 100 do
    lines[n] = long:format(n)
  end
  local list = decisions(table.concat(lines))
  files.remove(folder)
  s.eq(#list, 48)
  s.eq(list[1].n, 53)
  s.eq(list[48].n, 100)
end)
