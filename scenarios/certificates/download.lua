-- AT+CCERTDOWN: exact answers, lengths, any bytes (spec 5.2).
local t = require "modemtest"
local store = require "lib.cert_store"

t.scenario "a file is stored: prompt, data, OK, byte by byte" {
  tags = { "certificates", "download" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev:cmd('AT+CCERTDOWN="ca.pem",4'):bytes(store.prompt_bytes(env)):data("abcd"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes('\r\n+CCERTLIST: "ca.pem"\r\n\r\nOK\r\n')
    store.holds(env, "ca.pem", "abcd")
  end,
}

t.scenario "the ranges are those of the manual" {
  tags = { "certificates", "download", "ranges" },
  needs = { "certificates" },
  run = function(dev, env)
    dev:cmd("AT+CCERTDOWN=?"):bytes(("\r\n+CCERTDOWN: (%s),(1-10240)\r\n\r\nOK\r\n"):format(store.name_range(env)))
  end,
}

t.scenario "a length is taken from lo to hi, and refused without a prompt outside" {
  tags = { "certificates", "download", "ranges" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local length = dev:ranges("+CCERTDOWN")[2]
    for _, n in ipairs { length.lo - 1, length.hi + 1 } do
      dev:cmd('AT+CCERTDOWN="limits.pem",%d', n):bytes("\r\nERROR\r\n")
    end
    t.eq(store.names(dev), {}, "what is stored")
    for _, n in ipairs { length.lo, length.hi } do
      local bytes = env.binary(n)
      store.put(dev, "limits.pem", bytes)
      store.holds(env, "limits.pem", bytes)
    end
    t.eq(store.names(dev), { "limits.pem" }, "what is stored")
  end,
}

t.scenario "a file of this name is overwritten" {
  tags = { "certificates", "download" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    store.put(dev, "again.pem", "a long first version")
    store.put(dev, "again.pem", "short")
    t.eq(store.names(dev), { "again.pem" }, "what is stored")
    store.holds(env, "again.pem", "short")
  end,
}

t.scenario "every byte is data" {
  tags = { "certificates", "download" },
  needs = { "certificates" },
  destructive = true,
  cases = {
    { what = "NUL", bytes = "a\0b\0\0" },
    { what = "Ctrl-Z and ESC", bytes = "\x1A\x1Bx\x1A" },
    { what = "line ends", bytes = "\r\n\r\n\n\r" },
    { what = "answers", bytes = "\r\nOK\r\n\r\nERROR\r\n\r\n>" },
    { what = "a command", bytes = "AT+CCERTDELE=\"other.pem\"\r\n" },
    { what = "backspace and DEL", bytes = "ab\b\b\x7F" },
    { what = "XON and XOFF", bytes = "\x11\x13\x11" },
    { what = "escape sequence", bytes = "+++" },
    { what = "8-bit bytes", bytes = "\xC3\xA4\xFF\xFE\x80" },
    { what = "quotes", bytes = "\"',;" },
  },
  run = function(dev, env, p)
    store.put(dev, "other.pem", "stays")
    store.put(dev, "bytes.pem", p.bytes)
    dev:quiet(0.1)
    t.eq(store.names(dev), { "bytes.pem", "other.pem" }, "what is stored")
    store.holds(env, "bytes.pem", p.bytes)
  end,
}

t.scenario "every value of a byte, and in a different order" {
  tags = { "certificates", "download" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    local bytes = {}
    for i = 0, 255 do
      bytes[i + 1] = string.char(i)
    end
    local all = table.concat(bytes)
    store.put(dev, "up.der", all)
    store.put(dev, "down.der", all:reverse())
    store.holds(env, "up.der", all)
    store.holds(env, "down.der", all:reverse())
  end,
}

t.scenario "a malformed command is refused without a prompt" {
  tags = { "certificates", "download", "syntax" },
  needs = { "certificates" },
  matrix = { line = {
    "AT+CCERTDOWN", "AT+CCERTDOWN?", "AT+CCERTDOWN=", 'AT+CCERTDOWN="a.pem"', 'AT+CCERTDOWN="a.pem",',
    'AT+CCERTDOWN="a.pem",x', 'AT+CCERTDOWN="a.pem",-1', 'AT+CCERTDOWN="a.pem","4"x',
    'AT+CCERTDOWN="a.pem",4,1', 'AT+CCERTDOWN="a.pem,4', 'AT+CCERTDOWN=,4',
    'AT+CCERTDOWN="a.pem",99999999999999999999',
  } },
  run = function(dev, _, p)
    dev:cmd(p.line):bytes("\r\nERROR\r\n")
  end,
}

t.scenario "in small letters, without quotes, with spaces behind the commas" {
  tags = { "certificates", "download", "syntax" },
  needs = { "certificates" },
  destructive = true,
  matrix = { line = { 'at+ccertdown="free.pem",4', "AT+CCERTDOWN=free.pem,4", 'AT+CCERTDOWN="free.pem", 4' } },
  run = function(dev, env, p)
    dev:cmd(p.line):prompt():data("1234"):ok()
    t.eq(store.names(dev), { "free.pem" }, "what is stored")
    store.holds(env, "free.pem", "1234")
  end,
}
