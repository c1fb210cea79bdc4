--- Connections that are refused, cut, slow, or dead without a word; Toxiproxy's names where it has one.
local t = require "modemtest"
local faults = require "lib.faults"
local session = require "lib.mqtt_session"

local peer, scenario = faults.peer, faults.with_peer

local function prepare(dev)
  session.start(dev)
  session.acquire(dev)
  return peer()
end

local function connect(dev, p)
  return dev:cmd("%s", session.connect_line(p.address))
end

scenario "the first three connects are refused, then one passes" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "link.down", count = 3 }
    local p = prepare(dev)
    for _ = 1, 3 do
      session.unreached(env, connect(dev, p), "+CMQTTCONNECT: 0,3")
    end
    session.connect_peer(dev, p)
    t.eq(fault:fired(), 3)
  end,
}

scenario "a name that is not resolved" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "link.dns" }
    local p = prepare(dev)
    session.unreached(env, connect(dev, p), "+CMQTTCONNECT: 0,25")
    session.connect_peer(dev, p)
    t.eq(fault:fired(), 1)
  end,
}

scenario "the connection ends behind n bytes of the modem, and not one more passes" {
  matrix = { n = { 1, 5 }, name = { "link.limit_data", "link.close", "link.reset_peer" } },
  run = function(dev, env, p)
    local fault = env.sim:fault { name = p.name, direction = "upstream", bytes = p.n }
    session.start(dev)
    session.acquire(dev)
    local raw = t.peer { mqtt = false, unread = true }
    local r = connect(dev, raw)
    local c = raw:accept()
    session.failed(env, r, p.name == "link.reset_peer" and "+CMQTTCONNECT: 0,26" or "+CMQTTCONNECT: 0,6")
    c:wait_gone()
    t.eq(c:_facts().received, p.n)
    t.eq(fault:fired(), 1)
  end,
}

scenario "a connection is cut when its event comes" {
  cases = { { name = "link.close", lost = 1 }, { name = "link.reset_peer", lost = 2 } },
  run = function(dev, env, p)
    local fault = env.sim:fault { name = p.name, when = { event = "at", text = "AT+CSQ" } }
    local c = session.open_peer(dev, peer())
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    dev:expect_urc("+CMQTTCONNLOST: 0," .. p.lost)
    c:wait_gone()
    t.eq(fault:fired(), 1)
  end,
}

scenario "a fault that is armed while the connection is open strikes it, with its next byte" {
  run = function(dev, env)
    local c = session.open_peer(dev, peer())
    local fault = env.sim:fault { name = "link.limit_data", direction = "downstream", bytes = 3 }
    c:publish("a/b", "never whole")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    c:wait_gone()
    t.eq(fault:fired(), 1)
  end,
}

scenario "a broker that is gone without a word is found out by the keep-alive" {
  sim = { keys = { ["range.keepalive"] = "1-64800" } },
  run = function(dev, env)
    local fault = env.sim:fault { name = "link.half_open", when = { event = "at", text = "AT+CSQ" } }
    local c = session.open_peer(dev, peer(), { keepalive = 1 })
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    c:close() -- and the modem does not see it
    dev:expect_urc("+CMQTTPING: 0,17")
    session.disconnect(dev)
    t.eq(fault:fired(), 1)
  end,
}

scenario "nothing passes any more, and the connection is closed behind the timeout" {
  run = function(dev, env)
    local fault = env.sim:fault { name = "link.timeout", timeout = 20, direction = "downstream", bytes = 0 }
    local p = prepare(dev)
    local r = connect(dev, p)
    local c = p:accept()
    c:expect("CONNECT")
    c:connack(0)
    session.failed(env, r, "+CMQTTCONNECT: 0,6")
    c:wait_gone()
    t.eq(fault:fired(), 1)
  end,
}

scenario "late, slow or in slices, all of it comes" {
  cases = { { name = "link.latency", latency = 10, jitter = 5 }, { name = "link.bandwidth", rate = 1 },
    { name = "link.slicer", size = 1, delay = 1 }, { name = "link.slow_close", delay = 20 },
    { name = "link.stall", direction = "downstream", bytes = 2, ms = 20 } },
  run = function(dev, env, p)
    local fault = env.sim:fault(p)
    local c = session.open_peer(dev, peer())
    c:publish("a/b", "some words")
    session.expect_message(dev, "a/b", "some words")
    session.publish(dev, "c/d", "others")
    c:expect("PUBLISH", { topic = "c/d", payload = "others" })
    c:close()
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    t.eq(fault:fired(), 1)
  end,
}
