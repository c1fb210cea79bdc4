--- Bytes between the modem and its client that are lost, doubled, changed, late or too many: exact bytes, echo on.
local t = require "modemtest"
local scenario = require("lib.faults").scenario

local OK = "\r\nOK\r\n"

--- typed is sent in one write; said is all that comes back.
local ROWS = {
  { fault = { name = "uart.drop", from = "host", at = 2, bytes = 2 }, typed = "ATE1\r", said = "AT\r" .. OK },
  { fault = { name = "uart.drop", from = "modem", at = 1, count = 2 }, typed = "AT\r",
    said = "A\r\nOK\r\n", fired = 2 },
  { fault = { name = "uart.duplicate", from = "modem", at = 5, bytes = 2 }, typed = "AT\r", said = "AT\r\r\nOOKK\r\n" },
  { fault = { name = "uart.corrupt", from = "modem", at = 5, bytes = 2, mask = 32 }, typed = "AT\r",
    said = "AT\r\r\nok\r\n" },
  { fault = { name = "uart.insert", from = "modem", at = 6, text = "\\r\\nRING\\r\\n\\x00" }, typed = "AT\r",
    said = "AT\r\r\nO\r\nRING\r\n\0K\r\n" },
  { fault = { name = "uart.overrun", from = "host", at = 0, bytes = 3 }, typed = "AT\rAT\r", said = "AT\r" .. OK },
  { fault = { name = "uart.slicer", from = "modem", size = 2, delay = 1, count = 4 }, typed = "AT\r",
    said = "AT\r" .. OK,
    fired = 4 },
  { fault = { name = "uart.split", from = "modem", at = 5 }, typed = "AT\r", said = "AT\r" .. OK },
  { fault = { name = "uart.merge", from = "host", ms = 20 }, typed = "AT\r", said = "AT\r" .. OK },
  { fault = { name = "uart.stall", from = "modem", at = 4, ms = 20 }, typed = "AT\r", said = "AT\r" .. OK },
  { fault = { name = "uart.mark", from = "host", at = 1 }, typed = "AT\r", said = "AT\r" .. OK },
  { fault = { name = "uart.drop", from = "modem", at = 0, nth = 3 }, typed = "AT\r", said = "AT\r\nOK\r\n" },
}

for n, row in ipairs(ROWS) do
  scenario(("%s: the client sees exactly these bytes [%d]"):format(row.fault.name, n)) {
    echo = true,
    run = function(dev, env)
      dev:cmd("ATE1"):ok()
      local fault = env.sim:fault(row.fault)
      dev:send(row.typed)
      dev:expect_bytes(row.said)
      t.eq(fault:fired(), row.fired or 1)
    end,
  }
end

scenario "what is stalled for ever comes when the fault is taken back" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "uart.stall", from = "modem", at = 4, ms = 0 }
    dev:send("AT\r")
    dev:expect_bytes("\r\nOK")
    dev:quiet(0.05)
    t.eq(fault:fired(), 1)
    fault:clear()
    dev:expect_bytes("\r\n")
  end,
}

scenario "the port goes away in the middle of an answer, and is back with a modem that kept running" {
  run = function(dev, env)
    dev:cmd("AT+CMEE=2"):ok()
    local fault = env.sim:fault { name = "uart.hangup", from = "modem", at = 3, ms = 50 }
    dev:send("AT+CMEE?\r")
    dev:expect_bytes("\r\n+")
    dev:wait_gone()
    dev:reopen()
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: 2" }
    t.eq(fault:fired(), 1)
  end,
}

scenario "a fault that strikes by chance does so as its seed says" {
  run = function(dev, env)
    local function pattern(seed)
      local fault = env.sim:fault { name = "command.answer", command = "+CSQ", answer = "error", count = 0, chance = 50,
        seed = seed }
      local seen = {}
      for i = 1, 20 do
        seen[i] = dev:cmd("AT+CSQ"):raw():find("ERROR") and "x" or "."
      end
      t.check(fault:fired() > 0, "never in 20 times")
      fault:clear()
      return table.concat(seen)
    end
    local first = pattern(7)
    t.eq(pattern(7), first)
    t.check(pattern(8) ~= first, "another seed, the same pattern")
  end,
}
