--- Bytes that are no commands, and many bytes.
local t = require "modemtest"

--- n bytes of any value but the letter A, so that no command line can begin in them.
local function garbage(env, n)
  local block = env.binary(4096):gsub("[Aa]", "\xAA")
  return block:rep(n // #block)
end

t.scenario "a megabyte of garbage, then AT is OK" {
  tags = { "at", "garbage" },
  run = function(dev, env)
    dev:forget()
    dev:send(garbage(env, 1024 * 1024) .. "\r")
    dev:send("AT\r")
    dev:expect_bytes("\r\nOK\r\n", { within = 60 })
    dev:quiet(0.1)
  end,
}

t.scenario "a megabyte inside one command line is one ERROR" {
  tags = { "at", "garbage" },
  run = function(dev, env)
    dev:forget()
    -- No CR ends the line, no BS shortens it.
    local bytes = garbage(env, 1024 * 1024):gsub("[\r\b]", "?")
    dev:send("AT" .. bytes .. "\r")
    dev:expect_bytes("\r\nERROR\r\n", { within = 60 })
    dev:cmd("AT"):ok()
  end,
}

t.scenario "every byte value outside a line, inside a line and alone" {
  tags = { "at", "garbage" },
  run = function(dev)
    local all = {}
    for i = 0, 255 do
      all[#all + 1] = string.char(i)
    end
    local bytes = table.concat(all):gsub("[Aa\r\b]", "")
    dev:forget()
    dev:send(bytes .. "\r" .. "AT" .. bytes .. "\r")
    dev:expect_bytes("\r\nERROR\r\n")
    for i = 0, 255 do
      if i ~= 13 then
        dev:send(string.char(i) .. "\r")
      end
    end
    dev:cmd("AT"):ok()
    dev:quiet(0.1)
  end,
}

t.scenario "lines of nonsense are one ERROR each" {
  tags = { "at", "garbage" },
  run = function(dev, env)
    dev:forget()
    local n = 500
    for i = 1, n do
      -- A name that begins with X is no command of this modem.
      dev:send(("AT+X%s=%s\r"):format(i, (env.bytes(20):gsub('[";]', "_"))))
    end
    dev:expect_bytes(("\r\nERROR\r\n"):rep(n), { within = 60 })
    dev:cmd("AT"):ok()
  end,
}

t.scenario "NUL bytes around a command are nothing" {
  tags = { "at", "garbage" },
  run = function(dev)
    dev:forget()
    dev:send(("\0"):rep(1000) .. "AT\0\0\r\0\0AT\r\n\0")
    dev:expect_bytes("\r\nOK\r\n\r\nOK\r\n")
    dev:quiet(0.1)
  end,
}

t.scenario "two thousand commands in one write are answered in order" {
  tags = { "at", "flow" },
  run = function(dev)
    -- Both directions hold more than a pty does.
    local answer = dev:cmd("AT+CGMM"):raw()
    t.match(answer, "^\r\n[^\r\n]+\r\n\r\nOK\r\n$")
    dev:forget()
    dev:send(("AT+CGMM\r"):rep(2000))
    dev:expect_bytes(answer:rep(2000), { within = 60 })
  end,
}
