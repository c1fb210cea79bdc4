--- Editing a line as a person does: backspace, CR LF, slow typing, A/, pasting.
local t = require "modemtest"
local dialogue = require "lib.dialogue"

t.scenario "backspace takes back what was typed" {
  tags = { "at", "editing" },
  cases = {
    { name = "the last character", typed = "AT+CSX\bQ" }, { name = "several", typed = "AT+FOOBAR\b\b\b\b\b\bCSQ" },
    { name = "inside a line", typed = "AT+CR\bSX\bQ" }, { name = "more than there is", typed = "ATE\b\b\b\b+CSQ" },
    { name = "in a quoted string", line = 'AT+CSQ', typed = 'AT"x"\b\b\b+CSQ' },
  },
  run = function(dev, _, p)
    dev:forget()
    dev:type(p.typed)
    dev:cmd(""):ok()
    dev:expect("+CSQ: %d+,%d+")
  end,
}

t.scenario "with echo on a backspace is answered by BS SP BS" {
  tags = { "at", "editing", "echo", "bytes" },
  echo = true,
  cases = {
    { name = "one", typed = "ATX\b\r", answer = "ATX\b \b\r\r\nOK\r\n" },
    { name = "two", typed = "AT+F\b\b\r", answer = "AT+F\b \b\b \b\r\r\nOK\r\n" },
    { name = "none left", typed = "AT\b\b\b\r", answer = "AT\r\r\nOK\r\n" },
  },
  run = function(dev, env, p)
    dialogue.fixed(env)
    dev:forget()
    dev:type(p.typed)
    dev:expect_bytes(p.answer)
    dev:quiet(0.1)
  end,
}

t.scenario "a line typed slowly is the same line" {
  tags = { "at", "editing" },
  cases = { { name = "CR", line_end = "\r" }, { name = "CR LF", line_end = "\r\n" } },
  run = function(dev, _, p)
    dev:type("AT+CS", { pause = 0.02 })
    dev:quiet(0.2)
    local r = dev:cmd("Q")
    r:ok()
    dev:expect("+CSQ: %d+,%d+")
    dev:type("AT", { pause = 0.02 })
    dev.line_end = p.line_end
    dev:cmd(""):ok()
    dev:cmd("AT"):ok()
  end,
}

t.scenario "half a command, then silence, then the rest" {
  tags = { "at", "editing" },
  run = function(dev)
    dev:forget()
    dev:send("AT+CS")
    dev:quiet(1.2)
    dev:send("Q\r")
    dev:expect("+CSQ: %d+,%d+")
    dev:forget()
    dev:cmd("AT"):ok()
  end,
}

t.scenario "A/ repeats the last line at once" {
  tags = { "at", "editing" },
  cases = { { typed = "A/" }, { typed = "a/" }, { typed = "A/\r" } },
  run = function(dev, _, p)
    dev:cmd("AT+CSQ"):ok():lines()
    dev:forget()
    for _ = 1, 2 do
      dev:send(p.typed)
      dev:expect("+CSQ: %d+,%d+")
      dev:expect("OK")
    end
    dev:quiet(0.1)
  end,
}

t.scenario "A/ with echo on is echoed as it is" {
  tags = { "at", "editing", "echo", "bytes" },
  echo = true,
  run = function(dev, env)
    dialogue.fixed(env)
    dev:cmd("AT+CSQ"):ok():lines()
    dev:forget()
    dev:send("A/")
    dev:expect_bytes("A/\r\n+CSQ: 16,99\r\n\r\nOK\r\n")
    dev:send("\r")
    dev:quiet(0.1)
  end,
}

t.scenario "A/ before any line is OK" {
  tags = { "at", "editing" },
  needs = { "emulator" },
  run = function(dev, env)
    env.sim:restart()
    dev:forget()
    dev:send("A/")
    -- The last line was ATE0, of the harness.
    dev:expect_bytes("\r\nOK\r\n")
  end,
}

t.scenario "several lines pasted at once are answered in order" {
  tags = { "at", "editing" },
  cases = { { name = "CR", line_end = "\r" }, { name = "CR LF", line_end = "\r\n" },
    { name = "with empty lines", line_end = "\r\n\r\n" } },
  run = function(dev, _, p)
    dev:forget()
    dev:send(table.concat({ "AT", "AT+CSQ", "AT+FOO", "AT+CMEE=2", "AT+CMEE?", "" }, p.line_end))
    dev:expect("OK")
    dev:expect("+CSQ: %d+,%d+")
    dev:expect("OK")
    dev:expect("ERROR")
    dev:expect("OK")
    dev:expect("+CMEE: 2")
    dev:expect("OK")
    dev:quiet(0.1)
  end,
}

t.scenario "a script pasted with LF only is one line, which CR ends" {
  tags = { "at", "editing" },
  run = function(dev)
    dev:forget()
    -- LF ends nothing and is ignored inside a line like any control character (V.250 5.2.2).
    dev:send("AT\n+CSQ\n")
    dev:quiet(0.1)
    dev:send("\r")
    dev:expect("+CSQ: %d+,%d+")
    dev:expect("OK")
  end,
}
