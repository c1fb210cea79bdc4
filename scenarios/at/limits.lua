--- Limits of a command line: 559 characters behind AT, 39 commands. What is over them is answered by one
-- ERROR, and nothing of it is executed (general-commands.md A6).
local t = require "modemtest"
local dialogue = require "lib.dialogue"

--- A line whose body has n characters: sets CMEE, padded with spaces, which are ignored.
local function line_of(n)
  local body = "+CMEE=0"
  return "AT" .. body .. (" "):rep(n - #body)
end

t.scenario "558 and 559 characters are a line, 560 are not" {
  tags = { "at", "limits" },
  cases = { { n = 558, fits = true }, { n = 559, fits = true }, { n = 560 }, { n = 561 }, { n = 5000 } },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=2"):ok()
    local r = dev:cmd("%s", line_of(p.n))
    if p.fits then
      r:ok()
    else
      r:error()
    end
    dev:cmd("AT+CMEE?"):ok():lines { p.fits and "+CMEE: 0" or "+CMEE: 2" }
    dev:cmd("AT+CMEE=2"):ok()
  end,
}

t.scenario "39 commands are a line, 40 are not" {
  tags = { "at", "limits" },
  cases = { { n = 38, fits = true }, { n = 39, fits = true }, { n = 40 } },
  run = function(dev, _, p)
    local r = dev:cmd("AT%s", ("+CSQ;"):rep(p.n - 1) .. "+CSQ")
    if p.fits then
      t.eq(#r:ok():lines(), p.n)
    else
      r:error():lines {}
    end
  end,
}

t.scenario "basic commands count, too" {
  tags = { "at", "limits" },
  cases = { { n = 39, fits = true }, { n = 40 } },
  run = function(dev, _, p)
    local r = dev:cmd("AT%s", ("V1"):rep(p.n))
    if p.fits then
      r:ok()
    else
      r:error()
    end
  end,
}

t.scenario "an overlong line with echo on is echoed and answered once" {
  tags = { "at", "limits", "echo", "bytes" },
  echo = true,
  run = function(dev, env)
    dialogue.fixed(env)
    local line = "AT" .. ("x"):rep(2000) .. "\r"
    dev:forget()
    dev:send(line)
    dev:expect_bytes(line .. "\r\nERROR\r\n")
    dev:quiet(0.1)
  end,
}

t.scenario "the line behind an overlong one is a line" {
  tags = { "at", "limits" },
  run = function(dev)
    dev:forget()
    dev:send("AT" .. ("y"):rep(3000) .. "\rAT+CSQ\r")
    dev:expect("ERROR")
    dev:expect("+CSQ: %d+,%d+")
    dev:expect("OK")
  end,
}
