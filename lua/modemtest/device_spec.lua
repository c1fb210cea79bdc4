local fake = require "modemtest.fake"
local s = require "modemtest.spec"
local t = require "modemtest"
local task = require "modemtest.task"

local function with(script, fn, options)
  local dev, port = s.device(script, options)
  local ok, err = pcall(fn, dev, port)
  dev:close()
  if not ok then
    error(err, 0)
  end
end

local MESSAGE = "\r\n+CMQTTRXSTART: 0,3,6\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na/b"
    .. "\r\n+CMQTTRXPAYLOAD: 0,6\r\n\r\nOK\r\n\r\n+CMQTTRXEND: 0\r\n"

s.test("expect takes lines in order and passes over URCs", function()
  with({}, function(dev, port)
    port:push("\r\n+CMQTTCONNLOST: 0,1\r\n\r\nhello 1\r\n\r\nOK\r\n")
    s.eq(dev:expect("hello (%d)")[1], "1")
    s.fails("fail", "another one\n.*wanted ERROR\n.*got    OK", function() dev:expect("ERROR") end)
    dev:expect("OK")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("a pattern must cover the whole line", function()
  with({}, function(dev, port)
    port:push("\r\n+CMQTTPUB: 0,14\r\n")
    s.fails("fail", "nothing suitable", function()
      dev:expect_urc("+CMQTTPUB: 0,1", { within = 1 })
    end)
    s.eq(dev:expect_urc("+CMQTTPUB: 0,(%d+)")[1], "14")
  end)
end)

s.test("expect_urc: any order, waits, and t.before", function()
  with({}, function(dev, port)
    port:push("\r\nRDY\r\n\r\nSMS DONE\r\n")
    local done = dev:expect_urc("SMS DONE")
    local rdy = dev:expect_urc("RDY")
    t.before(rdy, done)
    s.fails("fail", "wrong order", t.before, done, rdy)
    port:push("\r\nRDY\r\n")
    dev:expect_urc("RDY", { after = done })
    s.fails("fail", "got    nothing", function() dev:expect_urc("RDY", { within = 1 }) end)
  end)
end)

s.test("a URC during a command is not its answer", function()
  with({ { "AT+CMQTTTOPIC=0,3\r", "\r\n+CMQTTCONNLOST: 0,1\r\n\r\n+CMQTTTOPIC: 0,11\r\n\r\nERROR\r\n" } },
    function(dev)
      dev:cmd("AT+CMQTTTOPIC=0,3"):lines({ "+CMQTTTOPIC: 0,11" }):error()
      dev:expect_urc("+CMQTTCONNLOST: 0,1")
      s.eq(dev:_leftovers(), {})
    end)
end)

s.test("expect_message puts counted blocks together", function()
  with({}, function(dev, port)
    port:push(MESSAGE)
    local m = dev:expect_message()
    s.eq({ m.client, m.topic, m.payload }, { 0, "a/b", "\r\nOK\r\n" })
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("expect_message over several blocks, and the other client's", function()
  with({}, function(dev, port)
    local long = ("x"):rep(1500)
    port:push("\r\n+CMQTTRXSTART: 1,1,1520\r\n\r\n+CMQTTRXTOPIC: 1,1\r\nt\r\n+CMQTTRXPAYLOAD: 1,1500\r\n"
      .. long .. "\r\n+CMQTTRXPAYLOAD: 1,20\r\n" .. ("y"):rep(20) .. "\r\n+CMQTTRXEND: 1\r\n" .. MESSAGE)
    s.eq(dev:expect_message({ client = 0 }).topic, "a/b")
    local m = dev:expect_message()
    s.eq({ m.client, #m.payload, m.payload_parts }, { 1, 1520, { 1500, 20 } })
  end, { chunk = 64 })
end)

s.test("expect_message: an empty payload has no block", function()
  with({}, function(dev, port)
    port:push("\r\n+CMQTTRXSTART: 0,1,0\r\n\r\n+CMQTTRXTOPIC: 0,1\r\nt\r\n+CMQTTRXEND: 0\r\n")
    s.eq(dev:expect_message().payload, "")
  end)
end)

s.test("expect_message: lengths that do not add up", function()
  with({}, function(dev, port)
    port:push("\r\n+CMQTTRXSTART: 0,1,5\r\n\r\n+CMQTTRXTOPIC: 0,1\r\nt\r\n+CMQTTRXPAYLOAD: 0,2\r\nxy"
      .. "\r\n+CMQTTRXEND: 0\r\n")
    s.fails("fail", "do not add up", function() dev:expect_message() end)
  end)
end)

s.test("expect_block of a given total", function()
  with({}, function(dev, port)
    port:push("\r\n+CMQTTRXPAYLOAD: 0,2\r\nab\r\n+CMQTTRXPAYLOAD: 0,1\r\nc")
    local block = dev:expect_block("+CMQTTRXPAYLOAD", { length = 3 })
    s.eq({ block.data, block.parts }, { "abc", { 2, 1 } })
  end)
end)

s.test("no_urc: what is here, what comes, and prefixes", function()
  with({}, function(dev, port)
    dev:no_urc("+CMQTTCONNLOST", { during = 0.01 })
    port:push("\r\n+CMQTTCONNLOST: 0,1\r\n")
    s.fails("fail", "must not", function() dev:no_urc("+CMQTTCONNLOST", { during = 60 }) end)
  end)
end)

s.test("quiet counts unfinished lines", function()
  with({}, function(dev, port)
    port:push("\r\nRDY\r\n")
    dev:expect_urc("RDY")
    dev:quiet(0.01)
    port:push("x")
    s.fails("fail", "no bytes", function() dev:quiet(0.2) end)
    dev:forget()
  end)
end)

s.test("expect_bytes: exact, split items, and the rest stays", function()
  with({}, function(dev, port)
    port:push("0\r\r\nRDY\r\n")
    dev:expect_bytes("0\r")
    dev:expect_urc("RDY")
    port:push("\r\nRDY\r\n\r\nSMS DONE\r\n")
    dev:expect_urc("SMS DONE")
    dev:expect_bytes("\r\nR")
    dev:expect("DY")
    s.eq(dev:_leftovers(), {})
    port:push("abc")
    s.fails("fail", "another byte at byte 2", function() dev:expect_bytes("axc") end)
    s.fails("fail", "bytes missing at byte 4",
      function() dev:expect_bytes("abcd", { within = 0.5 }) end)
  end)
end)

s.test("read: unframed, in pieces, also what no line end ends", function()
  with({}, function(dev, port)
    port:push("\r\nOK\r\n\r\n>")
    local got = ""
    repeat
      local byte = dev:read { most = 1 }
      s.eq(#byte, 1)
      got = got .. byte
    until got:sub(-1) == ">"
    s.eq(got, "\r\nOK\r\n\r\n>")
    port:push(" ")
    s.eq(dev:read(), " ")
    s.eq(dev:read { within = 0.1 }, "")
    port:push("\r\nRDY\r\n")
    s.eq(dev:read { most = 3 }, "\r\nR")
    dev:expect("DY")
    s.eq(dev:_leftovers(), {})
    port:push("\r\n+CMQTTRXPAYLOAD: 0,5\r\nhe")
    port:hang_up_now()
    got = ""
    s.fails("fail", "cannot read: the port is closed", function()
      repeat got = got .. dev:read() until false
    end)
    s.eq(got, "\r\n+CMQTTRXPAYLOAD: 0,5\r\nhe")
  end)
end)

s.test("settling brings what is still on its way, and forgives a modem that cannot answer", function()
  with({ { "AT\r", "\r\nRDY\r\n\r\nOK\r\n" } }, function(dev)
    dev:_settle()
    s.eq(dev:_leftovers(), { "RDY" })
  end)
  with({ { "AT\r", "0\r" } }, function(dev)
    dev:_settle()
    s.eq(dev:_leftovers(), {})
  end)
end)

s.test("leftovers: lines, half lines, and what is allowed", function()
  with({}, function(dev, port)
    port:push("\r\n+CREG: 1\r\n\r\nRDY\r\n\r\nhal")
    dev.inbox:wait("all of it", task.now() + 5000, function()
      return dev.parser:pending() == "\r\nhal" or nil
    end)
    s.eq(dev:_leftovers(), { "RDY", "\\r\\nhal (no line end)" })
  end, { allow = { "%+CREG: .*" } })
end)

s.test("ranges", function()
  with({ { "AT+CMQTTDISC=?\r", "\r\n+CMQTTDISC: (0-1),(0,60-180)\r\n\r\nOK\r\n" },
    { "AT+CSSLCFG=?\r", '\r\n+CSSLCFG: "authmode",(0-9),(0-3)\r\n'
      .. '+CSSLCFG: "ciphersuites",(0-9),(0x002F,0xFFFF)\r\n\r\nOK\r\n' } }, function(dev)
    local r = dev:ranges("+CMQTTDISC")
    s.eq({ r[1].lo, r[1].hi, r[2].lo, r[2].hi, r[2].values }, { 0, 1, 0, 180, { 0 } })
    s.eq(r[2][2], { lo = 60, hi = 180 })
    local keyed = dev:ranges("+CSSLCFG")
    s.eq({ keyed.authmode[2].hi, keyed.ciphersuites[2].values }, { 3, { 0x2F, 0xFFFF } })
  end)
end)

s.test("ranges: an answer of another form", function()
  with({ { "AT+X=?\r", "\r\n+X: (0-\r\n\r\nOK\r\n" } }, function(dev)
    s.fails("fail", "cannot be understood", function() dev:ranges("+X") end)
  end)
end)

s.test("reopen: unread lines stay, a half line goes", function()
  local second
  with({}, function(dev, port)
    port:push("\r\nRDY\r\n\r\nhal")
    dev.inbox:wait("all of it", task.now() + 5000, function()
      return dev.parser:pending() == "\r\nhal" or nil
    end)
    dev:reopen()
    second:push("\r\nOK\r\n")
    dev:expect_urc("RDY")
    dev:expect("OK")
    s.eq(dev:_leftovers(), {})
    s.check(port.closed, "the first port was not closed")
  end, { open = function()
    second = fake.new()
    return second
  end })
end)

s.test("typing sends one byte at a time", function()
  with({ { "AT\r", "\r\nOK\r\n" } }, function(dev)
    dev:type("AT\r", { pause = 0 })
    dev:expect("OK")
  end)
end)

s.test("cmd: a line without arguments is no format", function()
  with({ { "AT+X=\"%s\"\r", "\r\nOK\r\n" }, { "AT+X=5\r\n", "\r\nOK\r\n" } }, function(dev)
    dev:cmd('AT+X="%s"'):ok()
    dev.line_end = "\r\n"
    dev:cmd("AT+X=%d", 5):ok()
  end)
end)

s.test("two tasks on one device", function()
  with({}, function(dev, port)
    local a = task.spawn("a", function() return dev:expect_urc("RDY").line end)
    local b = task.spawn("b", function() return dev:expect_urc("SMS DONE").line end)
    port:push("\r\nSMS DONE\r\n\r\nRDY\r\n")
    s.eq({ select(2, a:join(math.huge)), (select(2, b:join(math.huge))) }, { "RDY", "SMS DONE" })
  end)
end)

s.test("wait_gone: the modem's side closes, and what it said stays", function()
  local dev, port = s.device({ { "AT+CRESET\r", "\r\nOK\r\n" } })
  dev:cmd("AT+CRESET"):ok()
  port:push("\r\nBYE\r\n")
  port:hang_up_now()
  dev:wait_gone()
  dev:expect_urc("BYE")
  local other = s.device({})
  s.fails("fail", "the port is still open", other.wait_gone, other, { within = 0.1 })
  other:close()
end)

s.test("speed: of a port that has one", function()
  local dev, port = s.device({})
  s.fails("misuse", "this port has no speed", dev.speed, dev, 9600)
  function port:speed(baud)
    self.baud = baud
    if baud == 12345 then
      return nil, "EINVAL: Invalid argument"
    end
    return true
  end
  dev:speed(9600)
  s.eq(port.baud, 9600)
  s.fails("fail", "cannot run at 12345 bit/s: EINVAL", dev.speed, dev, 12345)
  dev:close()
  s.fails("misuse", "closed by the scenario", dev.speed, dev, 9600)
end)
