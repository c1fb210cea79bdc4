local s = require "modemtest.spec"
local task = require "modemtest.task"

local function with(script, fn, options)
  local dev, port = s.device(script, options)
  local ok, err = pcall(fn, dev, port)
  dev:close()
  if not ok then
    error(err, 0)
  end
end

local CONNECT = 'AT+CMQTTCONNECT=0,"tcp://h:1",60,1'

local function connecting(answer, fn)
  with({ { CONNECT .. "\r", answer } }, function(dev, port) fn(dev:cmd(CONNECT), dev, port) end)
end

s.test("ok, and a wrong final fails at once", function()
  with({ { "AT\r", "\r\nOK\r\n" }, { "AT+X\r", "\r\nERROR\r\n" } }, function(dev)
    dev:cmd("AT"):ok()
    s.eq(dev:_leftovers(), {})
    -- "At once": a wait for this limit would run into the limit of the test itself.
    s.fails("fail", "wanted OK\n.*got    ERROR",
      function() dev:cmd("AT+X"):ok({ within = 100000 }) end)
  end)
end)

s.test("the failing line of the scenario is named", function()
  with({ { "AT\r", "\r\nERROR\r\n" } }, function(dev)
    local err = s.fails("fail", "", function() dev:cmd("AT"):ok() end)
    s.match(err.where, "response_spec%.lua:%d+$")
  end)
end)

s.test("error, cme, cms", function()
  with({ { "A\r", "\r\nERROR\r\n" }, { "B\r", "\r\n+CME ERROR: 10\r\n" },
    { "C\r", "\r\n+CMS ERROR: 310\r\n" }, { "D\r", "\r\n+CME ERROR: 11\r\n" } }, function(dev)
    dev:cmd("A"):error()
    dev:cmd("B"):cme(10)
    dev:cmd("C"):cms(310)
    s.fails("fail", "wanted %+CME ERROR: 10", function() dev:cmd("D"):cme(10) end)
  end)
end)

s.test("silence is a time-out that says so", function()
  with({}, function(dev)
    s.fails("fail", "no more in time", function() dev:cmd("AT"):ok({ within = 0.5 }) end)
  end)
end)

s.test("result: line before OK", function()
  connecting("\r\n+CMQTTCONNECT: 0,0\r\n\r\nOK\r\n", function(r, dev)
    r:result("+CMQTTCONNECT: 0,0")
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("result: OK, the line much later", function()
  connecting("\r\nOK\r\n", function(r, dev, port)
    task.turn()
    task.turn()
    port:push("\r\n+CMQTTCONNECT: 0,0\r\n")
    r:result("+CMQTTCONNECT: 0,0")
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("result: failure before ERROR, after ERROR, and after OK", function()
  for _, answer in ipairs({ "\r\n+CMQTTCONNECT: 0,6\r\n\r\nERROR\r\n",
    "\r\nERROR\r\n\r\n+CMQTTCONNECT: 0,6\r\n", "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,6\r\n" }) do
    connecting(answer, function(r, dev)
      r:result("+CMQTTCONNECT: 0,6")
      s.eq(dev:_leftovers(), {})
    end)
  end
end)

s.test("result: code 0 with ERROR is wrong", function()
  connecting("\r\n+CMQTTCONNECT: 0,0\r\n\r\nERROR\r\n", function(r)
    s.fails("fail", "0,0 with OK", function() r:result("+CMQTTCONNECT: 0,0") end)
  end)
end)

s.test("result: another code fails at once, in both orders", function()
  for _, answer in ipairs({ "\r\n+CMQTTCONNECT: 0,3\r\n\r\nERROR\r\n",
    "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,3\r\n" }) do
    connecting(answer, function(r)
      s.fails("fail", "got .*%+CMQTTCONNECT: 0,3",
        function() r:result("+CMQTTCONNECT: 0,6", { within = 100000 }) end)
    end)
  end
end)

s.test("result: the line of the other client is not ours", function()
  connecting("\r\n+CMQTTCONNECT: 1,3\r\n\r\n+CMQTTCONNECT: 0,0\r\n\r\nOK\r\n", function(r, dev)
    r:result("+CMQTTCONNECT: 0,0")
    s.eq(#dev:_leftovers(), 1)
  end)
end)

s.test("result: ERROR alone is not enough", function()
  connecting("\r\nERROR\r\n", function(r)
    s.fails("fail", "no more in time", function() r:result("+CMQTTCONNECT: 0,6") end)
  end)
end)

s.test("result: a final can be demanded", function()
  connecting("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,6\r\n", function(r)
    s.fails("fail", "with ERROR", function()
      r:result("+CMQTTCONNECT: 0,6", { final = "ERROR" })
    end)
  end)
end)

s.test("result: a second operation while the first runs", function()
  local PUB = "AT+CMQTTPUB=0,1,60"
  with({ { PUB .. "\r", "\r\nOK\r\n" },
    { PUB .. "\r", "\r\n+CMQTTPUB: 0,14\r\n\r\nERROR\r\n\r\n+CMQTTPUB: 0,0\r\n" } }, function(dev)
    local first = dev:cmd(PUB)
    first:ok()
    dev:cmd(PUB):result("+CMQTTPUB: 0,14")
    first.result_seen = nil
    dev:expect_urc("+CMQTTPUB: 0,0")
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("lines: asserted, returned, and unread ones are leftovers", function()
  local script = {}
  for i = 1, 4 do
    script[i] = { "AT+X?\r", "\r\n+X: 1\r\n+X: 2\r\n\r\nOK\r\n" }
  end
  with(script, function(dev)
    dev:cmd("AT+X?"):lines({ "+X: 1", "+X: 2" }):ok()
    s.eq(dev:cmd("AT+X?"):lines(), { "+X: 1", "+X: 2" })
    s.eq(dev:_leftovers(), {})
    s.fails("fail", "wanted { \"%+X: 2\"", function() dev:cmd("AT+X?"):lines({ "+X: 2" }) end)
    dev:forget()
    dev:cmd("AT+X?"):ok()
    s.eq(#dev:_leftovers(), 2)
  end)
end)

s.test("lines before an error", function()
  with({ { "AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 23\r\n\r\nERROR\r\n" } }, function(dev)
    dev:cmd("AT+CMQTTSTART"):lines({ "+CMQTTSTART: 23" }):error()
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("an error nobody looked at is a leftover", function()
  with({ { "AT+X\r", "\r\nERROR\r\n" } }, function(dev)
    s.eq(dev:cmd("AT+X"):lines(), {})
    s.eq(#dev:_leftovers(), 1)
  end)
end)

s.test("info gives captures", function()
  with({ { "AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n" }, { "AT+CSQ\r", "\r\nOK\r\n" } },
    function(dev)
      local m = dev:cmd("AT+CSQ"):info("+CSQ: (%d+),(%d+)")
      s.eq({ m[1], m[2], m.line }, { "20", "99", "+CSQ: 20,99" })
      s.fails("fail", "wanted %+CSQ", function() dev:cmd("AT+CSQ"):info("+CSQ: .*") end)
    end)
end)

s.test("prompt, data, ok", function()
  with({ { "AT+CMQTTTOPIC=0,3\r", "\r\n>" }, { "a/b", "\r\nOK\r\n" } }, function(dev, port)
    dev:cmd("AT+CMQTTTOPIC=0,3"):prompt():data("a/b"):ok()
    s.eq(port.all, "AT+CMQTTTOPIC=0,3\ra/b")
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("prompt: a refusal fails at once", function()
  with({ { "AT+CMQTTTOPIC=0,3\r", "\r\n+CMQTTTOPIC: 0,11\r\n\r\nERROR\r\n" } }, function(dev)
    s.fails("fail", "wanted the prompt.*0,11, then ERROR",
      function() dev:cmd("AT+CMQTTTOPIC=0,3"):prompt() end)
  end)
end)

s.test("prompt that may fail: the final result is left for other verbs", function()
  with({ { "AT+CMQTTTOPIC=0,3\r", "\r\n+CMQTTTOPIC: 0,11\r\n\r\nERROR\r\n" }, { "AT+CMQTTTOPIC=0,3\r", "\r\n>" } },
    function(dev)
      local r = dev:cmd("AT+CMQTTTOPIC=0,3")
      s.eq(r:prompt { may_fail = true }, nil)
      r:error():lines { "+CMQTTTOPIC: 0,11" }
      r = dev:cmd("AT+CMQTTTOPIC=0,3")
      s.check(r:prompt { may_fail = true } == r)
    end)
end)

s.test("data sent before the prompt", function()
  with({ { "AT+CMQTTTOPIC=0,3\ra/b", "\r\n>\r\nOK\r\n" } }, function(dev)
    dev:cmd("AT+CMQTTTOPIC=0,3"):data("a/b"):ok()
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("echo of command and data", function()
  with({ { "ATE1\r", "\r\nOK\r\n" }, { "AT+CMQTTTOPIC=0,4\r", "AT+CMQTTTOPIC=0,4\r\r\n>" },
    { "OK\r\n", "OK\r\n\r\nOK\r\n" } }, function(dev)
    dev:cmd("ATE1"):ok()
    dev:cmd("AT+CMQTTTOPIC=0,4"):prompt():data("OK\r\n"):ok()
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("bytes: the whole answer, and the first wrong byte", function()
  connecting("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n", function(r, dev)
    r:bytes("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
    s.eq(dev:_leftovers(), {})
  end)
  connecting("\r\n+CMQTTCONNECT: 0,0\r\n\r\nOK\r\n", function(r)
    s.fails("fail", "another byte at byte 3", function() r:bytes("\r\nOK\r\n") end)
  end)
end)

s.test("raw: echo and blank lines included, a URC in between not", function()
  with({ { "AT+X\r", "AT+X\r\r\n+X: 1\r\n\r\nRDY\r\n\r\nOK\r\n" } }, function(dev)
    s.eq(dev:cmd("AT+X"):raw(), "AT+X\r\r\n+X: 1\r\n\r\nOK\r\n")
    s.eq(dev:_leftovers(), { "RDY" })
  end)
end)

s.test("commands sent while another runs are answered in turn", function()
  with({ { "A\r", "" }, { "B\r", "\r\nOK\r\n\r\nERROR\r\n" } }, function(dev)
    local a = dev:cmd("A")
    local b = dev:cmd("B")
    a:ok()
    b:error()
  end)
end)

s.test("a closed port fails the wait at once", function()
  with({}, function(dev, port)
    local r = dev:cmd("AT")
    port:hang_up_now()
    s.fails("fail", "port closed: hung up", function() r:ok() end)
    s.fails("fail", "port is closed", function() dev:cmd("AT") end)
  end)
end)
