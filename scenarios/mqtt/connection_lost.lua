--- +CMQTTCONNLOST with each of its causes, +CMQTTNONET, and the way back.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

t.scenario "the peer closes an idle connection: cause 1; a reset: cause 2" {
  tags = { "mqtt", "connection-lost" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = { { name = "close", how = "close", cause = 1 }, { name = "reset", how = "reset", cause = 2 } },
  run = function(dev, env, p)
    local connection = session.open_peer(dev, env.peer)
    connection[p.how](connection)
    dev:expect_urc("+CMQTTCONNLOST: 0," .. p.cause)
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    session.refused(dev, "AT+CMQTTSUB=0", "+CMQTTSUB: 0,11")
    session.refused(dev, "AT+CMQTTDISC=0,60", "+CMQTTDISC: 0,11")
    connection = session.connect_peer(dev, env.peer)
    session.publish(dev, "t", "back")
    t.eq(connection:expect("PUBLISH").payload, "back")
  end,
}

t.scenario "the broker ends and comes back" {
  tags = { "mqtt", "connection-lost" },
  needs = { "broker.policy" },
  uses = { "modem", "broker" },
  provision = false,
  run = function(dev, env)
    session.open(dev, env.broker.plain_address)
    env.broker:stop()
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    session.unreached(env, dev:cmd("%s", session.connect_line(env.broker.plain_address)),
      "+CMQTTCONNECT: 0,3")
    env.broker:start()
    session.connect(dev, env.broker.plain_address)
    session.publish(dev, "lost/back", "again", { qos = 1 })
  end,
}

t.scenario "the bytes of CONNLOST" {
  tags = { "mqtt", "connection-lost", "bytes" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    dev:forget()
    connection:close()
    dev:expect_bytes("\r\n+CMQTTCONNLOST: 0,1\r\n")
  end,
}

t.scenario "the loss of the network ends every connection and the service" {
  tags = { "mqtt", "connection-lost", "network" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = { { name = "CFUN=0", fun = 0 }, { name = "CFUN=4", fun = 4 } },
  run = function(dev, env, p)
    session.start(dev)
    for client = 0, 1 do
      session.acquire(dev, { client = client, id = "client" .. client })
      session.connect_peer(dev, env.peer, { client = client })
    end
    dev:cmd("AT+CFUN=%d", p.fun):ok()
    local first = dev:expect_urc("+CMQTTCONNLOST: 0,3")
    local second = dev:expect_urc("+CMQTTCONNLOST: 1,3")
    local nonet = dev:expect_urc("+CMQTTNONET")
    t.before(first, second)
    t.before(second, nonet)
    dev:expect_urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    session.answered(dev, env, "stopped", "AT+CMQTTSTOP", "+CMQTTSTOP: 9")
    session.refused(dev, "AT+CMQTTSTART", "+CMQTTSTART: 7")
    if p.fun == 0 then
      dev:expect_urc("+SIMCARD: NOT AVAILABLE")
    end
    dev:cmd("AT+CFUN=1"):ok()
    session.bearer_up(dev, env)
    if p.fun == 0 then
      dev:expect_urc("+CPIN: READY")
      dev:expect_urc("SMS DONE")
      dev:expect_urc("PB DONE")
    end
    -- The clients are free again: START is 0, not 23, and ACCQ is not 19.
    session.open_peer(dev, env.peer)
  end,
}

--- The farewell of a reset (6.4), by what was open. The boot lines end it.
local FAREWELL = {
  { name = "connected", state = "connected",
    lines = { "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY", "+CMQTTCONNLOST: 0,3", "+CMQTTNONET" } },
  { name = "started", state = "started",
    lines = { "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY", "+CMQTTNONET" } },
  { name = "stopped", state = "stopped", lines = {} },
}

t.scenario "AT+CRESET says goodbye by what was open, and boots" {
  tags = { "mqtt", "connection-lost", "reset" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = FAREWELL,
  run = function(dev, env, p)
    if p.state == "connected" then
      session.open_peer(dev, env.peer)
    elseif p.state == "started" then
      session.start(dev)
    end
    dev:cmd("AT+CRESET"):ok()
    local last
    for _, line in ipairs(p.lines) do
      last = dev:expect_urc(line, { after = last })
    end
    for _, line in ipairs { session.key(env, "boot.ready", "RDY"), "+CPIN: READY", "SMS DONE", "PB DONE" } do
      last = dev:expect_urc(line, { after = last, within = 60 })
    end
    session.bearer_up(dev, env)
    dev:cmd("ATE0"):ok()
    session.answered(dev, env, "stopped", "AT+CMQTTSTOP", "+CMQTTSTOP: 9")
    session.open_peer(dev, env.peer)
  end,
}

t.scenario "a pending operation ends with 6 when the network goes away" {
  tags = { "mqtt", "connection-lost", "network" },
  needs = { "peer", "emulator" },
  sim = { keys = { result_style = "async" } },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    session.message(dev, "t", "x")
    dev:cmd("AT+CMQTTPUB=0,1,60"):ok()
    connection:expect("PUBLISH")
    dev:cmd("AT+CFUN=4"):ok()
    local result = dev:expect_urc("+CMQTTPUB: 0,6")
    t.before(result, dev:expect_urc("+CMQTTCONNLOST: 0,3"))
    dev:expect_urc("+CMQTTNONET")
    dev:expect_urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    dev:cmd("AT+CFUN=1"):ok()
    session.bearer_up(dev, env)
  end,
}

t.scenario "the radio network goes under a connection: every consequence, in order, byte for byte" {
  tags = { "mqtt", "connection-lost", "network", "bytes" },
  needs = { "peer", "emulator" },
  uses = { "peer", "modem" },
  sim = { keys = { pdn_event = "" } },
  run = function(dev, env)
    session.open_peer(dev, env.peer)
    dev:cmd("AT+CREG=1"):ok()
    dev:cmd("AT+NETOPEN"):result("+NETOPEN: 0")
    dev:forget()
    env.sim:set { network = "none" }
    dev:expect_bytes("\r\n+CREG: 2\r\n\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n\r\n+CMQTTCONNLOST: 0,3\r\n" ..
      "\r\n+CMQTTNONET\r\n")
    session.refused(dev, "AT+CMQTTSTART", "+CMQTTSTART: 7")
    env.sim:set { network = "home" }
    dev:expect_urc("+CREG: 1")
    session.open_peer(dev, env.peer) -- the service was stopped: START answers 0
  end,
}
