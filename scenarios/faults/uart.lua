--- What goes wrong on the way to the modem, and faults that wait for a place on the line.
local t = require "modemtest"
local scenario = require("lib.faults").scenario

-- AT+CREG? without, with another, or with one more byte at 4 is no command the modem has.
local FROM_HOST = {
  { name = "uart.drop" },
  { name = "uart.duplicate" },
  { name = "uart.corrupt" },
  { name = "uart.insert", text = "x" },
  { name = "uart.overrun" },
}

scenario "bytes of the client suffer on their way to the modem, once" {
  run = function(dev, env)
    for _, row in ipairs(FROM_HOST) do
      local fault = env.sim:fault { name = row.name, from = "host", at = 4, text = row.text,
        when = { event = "at", from = "host", text = "ATE0" } }
      dev:cmd("ATE0"):ok()
      -- The place is counted from where the fault woke.
      dev:send("AT+CREG?\r")
      dev:expect_bytes("\r\nERROR\r\n")
      dev:cmd("AT+CREG?"):bytes("\r\n+CREG: 0,1\r\n\r\nOK\r\n")
      t.eq(fault:fired(), 1, row.name)
    end
  end,
}

scenario "a fault strikes where another one has marked the place" {
  run = function(dev, env)
    local mark = env.sim:fault { name = "uart.mark", from = "modem", at = 3 }
    local drop = env.sim:fault { name = "uart.drop", from = "modem", at = 0, when = { event = "uart.mark" } }
    dev:send("AT\r")
    dev:expect_bytes("\r\nO\r\n")
    t.eq(mark:fired(), 1)
    t.eq(drop:fired(), 1)
  end,
}
