--- Lines that come by themselves and are lost, late, doubled, in the wrong order or in the wrong place; and commands
-- that are late, or answer what they should not.
local t = require "modemtest"
local faults = require "lib.faults"
local session = require "lib.mqtt_session"

--- URCs come without a distance from the answer before.
local function scenario(name)
  return function(spec)
    spec.sim = spec.sim or { keys = { urc_guard_ms = 0 } }
    faults.scenario(name)(spec)
  end
end

scenario "a URC is lost, late, twice, or behind the next one" {
  run = function(dev, env)
    local drop = env.sim:fault { name = "urc.drop", urc = "+ONE" }
    env.sim:urc("+ONE: 1")
    env.sim:urc("+ONE: 2")
    dev:expect("+ONE: 2")
    local delay = env.sim:fault { name = "urc.delay", urc = "+ONE", ms = 30 }
    env.sim:urc("+ONE: 3")
    env.sim:urc("+TWO: 3")
    dev:expect("+TWO: 3")
    dev:expect("+ONE: 3")
    local double = env.sim:fault { name = "urc.duplicate", urc = "+ONE" }
    env.sim:urc("+ONE: 4")
    dev:expect("+ONE: 4")
    dev:expect("+ONE: 4")
    local reorder = env.sim:fault { name = "urc.reorder", urc = "+ONE" }
    env.sim:urc("+ONE: 5")
    env.sim:urc("+TWO: 5")
    dev:expect("+TWO: 5")
    dev:expect("+ONE: 5")
    for _, fault in ipairs { drop, delay, double, reorder } do
      t.eq(fault:fired(), 1)
    end
  end,
}

scenario "a URC between a command and its echo, and one between the echo and the answer" {
  echo = true,
  run = function(dev, env)
    dev:cmd("ATE1"):ok()
    local before = env.sim:fault { name = "urc.place", urc = "+ONE", where = "command_echo" }
    local behind = env.sim:fault { name = "urc.place", urc = "+TWO", where = "echo_answer" }
    env.sim:urc("+ONE: 1")
    env.sim:urc("+TWO: 2")
    dev:send("AT+CREG?\r")
    dev:expect_bytes("\r\n+ONE: 1\r\nAT+CREG?\r\r\n+TWO: 2\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n")
    t.eq(before:fired() + behind:fired(), 2)
  end,
}

scenario "a URC inside a received message, between topic and payload" {
  needs = { "peer" },
  run = function(dev, env)
    local fault = env.sim:fault { name = "urc.place", urc = "+ONE", where = "block" }
    local p = faults.peer()
    local c = session.open_peer(dev, p)
    env.sim:urc("+ONE: 1")
    c:publish("a/b", "xy")
    local name = env.key "rx_payload_name"
    local blank = env.key "rx_blank" == "extra" and "\r\n" or ""
    dev:expect_bytes("\r\n+CMQTTRXSTART: 0,3,2\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na/b" .. blank
      .. "\r\n+ONE: 1\r\n\r\n" .. name .. ": 0,2\r\nxy" .. blank .. "\r\n+CMQTTRXEND: 0\r\n")
    t.eq(fault:fired(), 1)
  end,
}

scenario "a command answers what it is told to, once or always; another is late" {
  run = function(dev, env)
    local once = env.sim:fault { name = "command.answer", command = "+CSQ", answer = "ok", text = "+CSQ: 99,99" }
    dev:cmd("AT+CSQ"):ok():lines { "+CSQ: 99,99" }
    t.eq(once:fired(), 1)
    local always = env.sim:fault { name = "command.answer", command = "+CSQ", answer = "error", count = 0 }
    for _ = 1, 3 do
      dev:cmd("AT+CSQ"):error()
    end
    t.eq(always:fired(), 3)
    always:clear()
    local late = env.sim:fault { name = "command.delay", command = "+CSQ", ms = 30 }
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    t.eq(late:fired(), 1)
  end,
}

scenario "the module reboots, loses its supply in the middle of a CONNECT, its card, its network, its time" {
  needs = { "peer" },
  sim = { keys = { time_percent = 0, urc_guard_ms = 0 } },
  run = function(dev, env)
    local function up()
      dev:expect_urc("PB DONE")
      dev:forget()
      dev:cmd("ATE0"):ok()
    end
    local reboot = env.sim:fault { name = "modem.reboot", when = { event = "at", text = "AT+CSQ" } }
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    up()
    t.eq(reboot:fired(), 1)
    local farewell = env.sim:fault { name = "modem.reboot", farewell = "yes" }
    up()
    t.eq(farewell:fired(), 1)
    local brown_out = env.sim:fault { name = "modem.brown_out",
      when = { event = "mqtt.operation", operation = "+CMQTTCONNECT" } }
    session.start(dev)
    session.acquire(dev)
    dev:send(session.connect_line(faults.peer().address) .. "\r")
    up()
    t.eq(brown_out:fired(), 1)
    local card = env.sim:fault { name = "modem.sim_removed" }
    card:expect()
    t.eq(env.sim:inspect().sim.card, "absent")
    env.sim:set { ["sim.card"] = "present" }
    local network = env.sim:fault { name = "modem.registration_lost", ms = 30 }
    network:expect()
    dev:forget()
    dev:cmd('AT+CCLK="24/05/17,10:34:56+00"'):ok()
    local jump = env.sim:fault { name = "modem.clock_jump", seconds = 86400 }
    jump:expect()
    dev:cmd("AT+CCLK?"):ok():info('%+CCLK: "24/05/18,10:3.*')
    dev:forget()
  end,
}
