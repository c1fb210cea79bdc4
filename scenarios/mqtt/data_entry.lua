--- Data behind the prompt: rules 1 to 11 of section 1.2, on the commands of a connected client.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

local function scenario(name)
  return function(spec)
    spec.tags = { "mqtt", "data" }
    spec.needs = spec.needs or { "peer" }
    spec.uses = { "peer", "modem" }
    t.scenario(name)(spec)
  end
end

--- Publishes what was set, and returns the packet the peer got.
local function published(dev, connection)
  dev:cmd("AT+CMQTTPUB=0,0,60"):result("+CMQTTPUB: 0,0")
  return connection:expect("PUBLISH")
end

scenario "prompt and OK, byte for byte" {
  run = function(dev, env)
    session.open_peer(dev, env.peer)
    dev:forget()
    dev:send("AT+CMQTTTOPIC=0,3\r")
    dev:expect_bytes(session.prompt(env))
    dev:quiet(0.1)
    dev:send("a/b")
    dev:expect_bytes("\r\nOK\r\n")
  end,
}

scenario "a command that is refused has no prompt" {
  run = function(dev, env)
    session.open_peer(dev, env.peer)
    dev:forget()
    dev:send("AT+CMQTTPAYLOAD=0,10241\r")
    dev:expect_bytes("\r\n+CMQTTPAYLOAD: 0,22\r\n\r\nERROR\r\n")
  end,
}

scenario "data too short: the next command is swallowed as data" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.data(dev, "+CMQTTTOPIC=0,%d", "topic"):ok()
    dev:forget()
    dev:send("AT+CMQTTPAYLOAD=0,10\r")
    dev:expect_bytes(session.prompt(env))
    dev:send("short")
    dev:quiet(0.1)
    -- "AT\r" makes eight of ten, "AT" ten; the CR behind it ends an empty line.
    dev:send("AT\r")
    dev:quiet(0.1)
    dev:send("AT\r")
    dev:expect_bytes("\r\nOK\r\n")
    t.eq(published(dev, connection).payload, "shortAT\rAT")
  end,
}

scenario "data too long: what is left over goes to the command line" {
  cases = {
    { name = "CR LF", rest = "\r\n", answer = "" }, { name = "Ctrl-Z", rest = "\x1A", answer = "" },
    { name = "Ctrl-Z CR LF", rest = "\x1A\r\n", answer = "" }, { name = "text", rest = "xyz\r", answer = "" },
    { name = "a command", rest = "AT\r", answer = "\r\nOK\r\n" },
    { name = "CR LF and a command", rest = "\r\nAT\r\n", answer = "\r\nOK\r\n" },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    session.data(dev, "+CMQTTTOPIC=0,%d", "topic"):ok()
    dev:forget()
    dev:send("AT+CMQTTPAYLOAD=0,5\r")
    dev:expect_bytes(session.prompt(env))
    dev:send("hello" .. p.rest)
    dev:expect_bytes("\r\nOK\r\n" .. p.answer)
    dev:quiet(0.1)
    t.eq(published(dev, connection).payload, "hello")
  end,
}

scenario "data may come before the prompt" {
  cases = {
    { name = "behind CR", line_end = "\r" }, { name = "behind CR LF", line_end = "\r\n" },
  },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    dev:forget()
    dev:send("AT+CMQTTTOPIC=0,5" .. p.line_end .. "early" .. "AT+CMQTTPAYLOAD=0,7" .. p.line_end
      .. "payload")
    dev:expect_bytes((session.prompt(env) .. "\r\nOK\r\n"):rep(2))
    local packet = published(dev, connection)
    t.eq(packet.topic, "early")
    t.eq(packet.payload, "payload")
  end,
}

scenario "the LF of CR LF is not data" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev.line_end = "\r\n"
    session.message(dev, "a/b", "xyz")
    local packet = published(dev, connection)
    t.eq(packet.topic, "a/b")
    t.eq(packet.payload, "xyz")
  end,
}

scenario "data typed slowly, and nothing but data ends it" {
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.data(dev, "+CMQTTTOPIC=0,%d", "a"):ok()
    local r = dev:cmd("AT+CMQTTPAYLOAD=0,12"):prompt():data("")
    dev:type("ab\b\x1A\x1B\0\r\n>AT\r")
    r:ok()
    t.eq(published(dev, connection).payload, "ab\b\x1A\x1B\0\r\n>AT\r")
  end,
}

t.scenario "with ATE1 the data is echoed as it arrives" {
  tags = { "mqtt", "data", "echo" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  echo = true,
  run = function(dev, env)
    session.fixed(env)
    session.open_peer(dev, env.peer)
    dev:forget()
    dev:send("AT+CMQTTTOPIC=0,3\r")
    dev:expect_bytes("AT+CMQTTTOPIC=0,3\r" .. session.prompt(env))
    dev:send("a/")
    dev:expect_bytes("a/")
    dev:send("b")
    dev:expect_bytes("b\r\nOK\r\n")
  end,
}

scenario "time can end data entry where the profile says so" {
  needs = { "emulator" },
  run = function(dev, env)
    session.open_peer(dev, env.peer)
    env.sim:restart({ keys = { data_timeout_ms = 300 } })
    session.open_peer(dev, env.peer)
    local r = dev:cmd("AT+CMQTTTOPIC=0,10"):prompt():data("short")
    r:error()
    dev:cmd("AT"):ok()
  end,
}
