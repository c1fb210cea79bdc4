--- Freematics: writes ahead, and looks for fixed text (general-commands.md A12, C4.4). Its datagrams are in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"
local literal = require "lib.literal"

local ok, unit, echoed = answer.ok, answer.unit, answer.echoed

t.scenario "Freematics: two AT in one write, then the SIM" {
  tags = { "openings", "freematics", "bytes" }, needs = { "emulator" }, echo = true,
  cases = { { name = "with echo", echo = true }, { name = "without echo", echo = false } },
  run = function(dev, env, p)
    local function answered(write, bytes)
      return p.echo and echoed(write, bytes) or bytes
    end
    if not p.echo then
      client.play(dev, env, { { "ATE0\r", echoed("ATE0\r", ok()) } })
    end
    local one = answered("AT\r", ok())
    client.play(dev, env, {
      { "AT\rAT\r", one .. one, get = literal.find "OK\r\n", is = "OK\r\n" },
      { "AT+CPIN?\r", answered("AT+CPIN?\r", ok "+CPIN: READY"), get = literal.find ": READY", is = ": READY" },
    })
  end,
}

t.scenario "Freematics: the SIM of a modem that starts is asked until it is ready" {
  tags = { "openings", "freematics", "boot" }, needs = { "emulator" }, echo = true, sim = { args = { "--boot" } },
  run = function(dev, env)
    local stream = client.open(dev, env)
    stream:write ""
    stream:await "\r\nRDY\r\n"
    local give_up = stream:deadline(30)
    repeat
      local came = stream:ask { "AT+CPIN?\r", get = literal.find(": READY", "ERROR\r\n") }
    until came == ": READY" or t.now() > give_up
    stream:drain()
    t.match(stream.all, "\r\n%+CPIN: READY\r\n")
    if not stream.all:find("PB DONE", 1, true) then
      stream:await "\r\nPB DONE\r\n"
    end
  end,
}

t.scenario "Freematics: periodic position lines" {
  tags = { "openings", "freematics" }, needs = { "emulator" }, sim = { keys = { ["gnss.fix"] = "none" } },
  run = function(dev, env)
    local stream = client.play(dev, env, { { "AT+CGPS=1\r", ok() } })
    stream:write "AT+CGPSINFO=1\r"
    local line = unit "+CGPSINFO: ,,,,,,,,"
    stream:await(ok() .. line)
    stream:await(line .. line)
    t.eq(stream:ask { "AT+CGPSINFO=0\r", get = literal.find "OK\r\n" }, "OK\r\n")
    stream:drain()
  end,
}
