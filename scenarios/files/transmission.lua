--- Files over the UART: AT+CFTRANRX and AT+CFTRANTX (general-commands.md B4.11, A14).
local t = require "modemtest"
local drive = require "lib.drive"

local QUIET = { keys = { pdn_event = "", prompt = "\\r\\n>" } }

t.scenario "a file goes there and back, byte by byte" {
  tags = { "files", "bytes" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    dev:cmd("AT+CFTRANRX=?"):bytes('\r\n+CFTRANRX: [{non-ascii}]"FILEPATH"\r\n\r\nOK\r\n')
    dev:cmd("AT+CFTRANTX=?"):bytes('\r\n+CFTRANTX: [{non-ascii}]"FILEPATH"\r\n\r\nOK\r\n')
    dev:cmd('AT+CFTRANRX="c:/t1.txt",11'):bytes("\r\n>"):data("Testcontent"):bytes("\r\nOK\r\n")
    drive.holds(dev, "c:/t1.txt", "Testcontent")
    dev:cmd('AT+CFTRANTX="C:/t1.txt",1,4'):bytes("\r\n+CFTRANTX: DATA,4\r\nestc\r\n+CFTRANTX: 0\r\n\r\nOK\r\n")
    dev:cmd('AT+CFTRANTX="C:/t1.txt",7,99'):bytes("\r\n+CFTRANTX: DATA,4\r\ntent\r\n+CFTRANTX: 0\r\n\r\nOK\r\n")
    dev:cmd('AT+CFTRANTX="C:/t1.txt",11'):bytes("\r\n+CFTRANTX: 0\r\n\r\nOK\r\n")
    local bytes = env.binary(70000) -- AT, CR, LF, NUL, Ctrl-Z and ESC among them
    drive.put(dev, "E:/all", bytes)
    drive.holds(dev, "E:/all", bytes)
    drive.put(dev, "E:/all", "again") -- overwritten
    drive.holds(dev, "E:/all", "again")
    dev:cmd('AT+CFTRANRX="E:/empty",0'):ok()
    dev:cmd('AT+CFTRANTX="E:/empty"'):ok():lines { "+CFTRANTX: 0" }
  end,
}

t.scenario "what is refused" {
  tags = { "files" }, needs = { "emulator" }, sim = QUIET,
  cases = {
    { line = '+CFTRANRX="t1.txt",1' }, { line = '+CFTRANRX="C:/no/t1.txt",1' }, { line = '+CFTRANRX="C:/",1' },
    { line = '+CFTRANRX="D:/x",1' }, { line = '+CFTRANRX="C:/x"' }, { line = '+CFTRANRX="C:/x",-1' },
    { line = '+CFTRANRX="C:/x",2147483647' }, { line = '+CFTRANTX="C:/none"' }, { line = '+CFTRANTX="none"' },
    { line = '+CFTRANTX="C:/x",1' },
  },
  run = function(dev, _, p)
    drive.put(dev, "C:/x", "") -- an empty file: nothing to give from byte 1 on
    dev:cmd("AT%s", p.line):error()
  end,
}

t.scenario "the largest file" {
  tags = { "files" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    local bytes = env.binary(4096):rep(128)
    dev:cmd('AT+CFTRANRX="C:/x",%d', #bytes + 1):error()
    drive.put(dev, "C:/x", bytes)
    drive.holds(dev, "C:/x", bytes)
    t.eq(dev:cmd("AT"):ok():lines(), {})
  end,
}
