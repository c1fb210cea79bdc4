-- How people and programs send a file: slowly, all at once, too short, too long, with CR LF, with echo
-- (spec 1.2).
local t = require "modemtest"
local store = require "lib.cert_store"

local FILE = "-----BEGIN CERTIFICATE-----\nMIIDRTCC\n-----END CERTIFICATE-----\n"

t.scenario "a file may be typed byte by byte" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local r = store.prompted(dev, "typed.pem", #FILE)
    dev:type(FILE)
    r:ok()
    store.holds(env, "typed.pem", FILE)
  end,
}

t.scenario "the command may be typed byte by byte, and corrected with backspace" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev:type('AT+CCERTDOWN="typo.pemm\b",55\b\r')
    dev:expect(">")
    dev:type("12345")
    dev:expect("OK")
    t.eq(store.names(dev), { "typo.pem" }, "what is stored")
    store.holds(env, "typo.pem", "12345")
  end,
}

t.scenario "a file may come in pieces of any size" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  matrix = { piece = { 1, 7, 64, 1000 } },
  run = function(dev, env, p)
    local bytes = env.binary(2500)
    local r = store.prompted(dev, "pieces.der", #bytes)
    for at = 1, #bytes, p.piece do
      dev:send(bytes:sub(at, at + p.piece - 1))
    end
    r:ok()
    store.holds(env, "pieces.der", bytes)
  end,
}

t.scenario "command and file may be sent in one go" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  matrix = { line_end = { "\r", "\r\n" } },
  run = function(dev, env, p)
    dev.line_end = p.line_end
    -- Nobody waits for the prompt; it comes nevertheless.
    dev:cmd('AT+CCERTDOWN="onego.pem",%d', #FILE):data(FILE):prompt():ok()
    store.holds(env, "onego.pem", FILE)
  end,
}

t.scenario "three files and a command behind them, all sent in one go" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local responses = {}
    for i = 1, 3 do
      responses[i] = dev:cmd('AT+CCERTDOWN="file-%d.pem",%d', i, #FILE):data(FILE)
    end
    local last = dev:cmd("AT+CCERTLIST")
    for i = 1, 3 do
      responses[i]:prompt():ok()
    end
    last:ok():lines { '+CCERTLIST: "file-1.pem"', '+CCERTLIST: "file-2.pem"', '+CCERTLIST: "file-3.pem"' }
    store.holds(env, "file-2.pem", FILE)
  end,
}

t.scenario "the LF of CR LF is no data" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev.line_end = "\r\n"
    store.put(dev, "crlf.pem", "abcd")
    store.holds(env, "crlf.pem", "abcd")
  end,
}

t.scenario "only one LF is dropped: the second is the first byte of the file" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev.line_end = "\r\n\n"
    local r = dev:cmd('AT+CCERTDOWN="two-lf.pem",4')
    r:prompt():data("abc"):ok()
    store.holds(env, "two-lf.pem", "\nabc")
  end,
}

t.scenario "an LF that comes later is the first byte of the file" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local r = store.prompted(dev, "late-lf.pem", 4)
    dev:quiet(0.2) -- the LF of CR LF would have come by now
    r:data("\nabc"):ok()
    store.holds(env, "late-lf.pem", "\nabc")
  end,
}

t.scenario "too few bytes: what follows is taken for data until the length is reached" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local r = store.prompted(dev, "short.pem", 20)
    dev:send("only twelve!")
    dev:send("AT\r\n") -- the person looks whether the modem is alive
    dev:quiet(0.2)
    dev:send("AT\r\n")
    r:ok()
    store.holds(env, "short.pem", "only twelve!AT\r\nAT\r\n")
    dev:cmd("AT"):ok()
  end,
}

t.scenario "too many bytes: line ends and Ctrl-Z behind the data get no answer" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  matrix = { surplus = { "\r", "\r\n", "\n", "\x1A", "\x1A\r\n", "\x1B", "hello\r\n", "-----\r\n\r\n" } },
  run = function(dev, env, p)
    store.prompted(dev, "long.pem", 4):data("abcd" .. p.surplus):ok()
    dev:quiet(0.1)
    dev:cmd("AT"):ok()
    store.holds(env, "long.pem", "abcd")
  end,
}

t.scenario "too many bytes: a command behind the data is run" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev:cmd('AT+CCERTDOWN="long.pem",4'):bytes(store.prompt_bytes(env)):data('abcdAT+CCERTDELE="none.pem"\r')
      :bytes("\r\nOK\r\n\r\nERROR\r\n")
    store.holds(env, "long.pem", "abcd")
  end,
}

t.scenario "a file longer than announced is cut, and the rest does no harm" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    -- A rest without "AT": line by line it is no command.
    local body = ("MIIDRTCCxyz\n"):rep(200)
    store.prompted(dev, "cut.pem", 1000):data(body):ok()
    dev:send("\r")
    dev:cmd("AT"):ok()
    store.holds(env, "cut.pem", body:sub(1, 1000))
  end,
}

t.scenario "with echo the command and the file come back" {
  tags = { "certificates", "data-entry", "echo" },
  needs = { "certificates" },
  destructive = true,
  echo = true,
  run = function(dev, env)
    dev:cmd('AT+CCERTDOWN="echo.pem",4'):bytes('AT+CCERTDOWN="echo.pem",4\r' .. store.prompt_bytes(env)):data("abcd")
        :bytes("abcd\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes('AT+CCERTLIST\r\r\n+CCERTLIST: "echo.pem"\r\n\r\nOK\r\n')
    store.holds(env, "echo.pem", "abcd")
  end,
}

t.scenario "in a line of several commands the next one runs behind the data" {
  tags = { "certificates", "data-entry" },
  needs = { "certificates", "emulator" }, -- no document says it of hardware
  destructive = true,
  run = function(dev)
    dev:cmd('AT+CCERTDOWN="chain.pem",4;+CCERTLIST'):prompt():data("abcd"):ok()
        :lines { '+CCERTLIST: "chain.pem"' }
  end,
}
