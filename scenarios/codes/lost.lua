--- Lines that no command waits for: +CMQTTCONNLOST with its causes, +CMQTTNONET and +CMQTTPING.
local t = require "modemtest"
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

local CLOSED = "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"

local function unasked(fields)
  fields.table, fields.kind, fields.shape = "unasked lines", "natural", "unasked"
  fields.needs = fields.needs or { "peer" }
  fields.state = fields.state or "connected"
  recipe(fields)
end

local function lost(cause, fields)
  fields.code, fields.command, fields.line = cause, "+CMQTTCONNLOST", "+CMQTTCONNLOST: 0," .. cause
  fields.name = "CONNLOST " .. cause
  unasked(fields)
end

--- A connected client; then play(connection).
local function connected(play)
  return function(dev, _, _, expect)
    local connection = recipe.enter(dev, "connected")
    dev:forget()
    play(connection)
    expect(dev)
  end
end

lost(1, {
  cause = "the broker closed the connection", field = 2,
  how = "Restart of the broker, a deployment at AWS, no traffic for 1.5 times the keep-alive.",
  cure = "CONNECT again, with a pause that grows; the client is still acquired. SUB is needed again with clean "
    .. "session 1.",
  spec = "3.2", evidence = "M, L P10",
  run = connected(function(connection) connection:close() end),
})

lost(1, {
  cause = "another client connected with the same client id", field = 1,
  how = "Two devices with one id, or one that connects anew while its old connection still stands: they throw each "
    .. "other out.",
  steps = { 'AT+CMQTTACCQ=1,"modemtest",0', 'AT+CMQTTCONNECT=1,"tcp://BROKER:1883",60,1' },
  cure = "One client id for each device: the thing's name, the IMEI.",
  spec = "3.2", evidence = "A DUPLICATE_CLIENTID; I for the line",
  needs = { "broker.policy" }, uses = { "modem", "broker" }, provision = false,
  run = function(dev, env, _, expect)
    session.open(dev, env.broker.plain_address)
    session.acquire(dev, { client = 1, id = "modemtest" })
    local r = dev:cmd("%s", session.connect_line(env.broker.plain_address, { client = 1 }))
    -- The broker closes the one and answers the other: whichever the modem reads first.
    expect(dev:expect_urc "+CMQTTCONNLOST: 0,1")
    r:result "+CMQTTCONNECT: 1,0"
  end,
})

lost(2, {
  cause = "the connection was reset",
  how = "A NAT that has forgotten the connection answers the next packet so.",
  cure = "CONNECT again; a keep-alive below the NAT's patience, mostly a few minutes.",
  spec = "3.2", evidence = "M name; not captured",
  run = connected(function(connection) connection:reset() end),
})

lost(3, {
  cause = "packet data was lost", field = 1,
  how = "The cell is gone, AT+CFUN, AT+CRESET, or the network ended the context.",
  needs = { "peer", "emulator" }, sim = { keys = { pdn_event = "" } },
  cure = "The service is stopped: wait for the registration, then AT+CMQTTSTART, ACCQ, CONNECT.",
  spec = "3.2", evidence = "L P10; F14",
  behind = { "+CMQTTNONET" },
  run = function(dev, env, _, expect)
    recipe.enter(dev, "connected")
    dev:forget()
    env.sim:set { network = "none" }
    dev:expect_urc(CLOSED)
    expect(dev)
  end,
})

lost(3, {
  cause = "the modem restarts by command",
  how = "AT+CRESET, and AT+CFUN=1,1; +CMQTTNONET and RDY follow. When the supply breaks down, there is only RDY.",
  steps = { "AT+CRESET" },
  cure = "RDY at any time means that service, clients and SSL contexts are gone; files stay. Begin with AT+CMQTTSTART.",
  spec = "6.4", evidence = "L P10; F13",
  run = function(dev, env, _, expect)
    recipe.enter(dev, "connected")
    dev:cmd "AT+CRESET":ok()
    dev:expect_urc(CLOSED)
    local lost_line = dev:expect_urc "+CMQTTCONNLOST: 0,3"
    expect(lost_line)
    local last = dev:expect_urc("+CMQTTNONET", { after = lost_line })
    for _, line in ipairs { env.key "boot.ready", "+CPIN: READY", "SMS DONE", "PB DONE" } do
      last = dev:expect_urc(line, { after = last, within = 60 })
    end
    session.bearer_up(dev, env)
    dev:cmd "ATE0":ok()
  end,
})

unasked {
  code = 3, command = "+CMQTTNONET", name = "NONET", line = "+CMQTTNONET", state = "free",
  cause = "packet data was lost while the service was started",
  how = "Also without a connection.",
  cure = "The service is stopped: wait for the registration, then AT+CMQTTSTART.",
  spec = "3.2", evidence = "M, L P10; F14",
  needs = { "emulator" }, sim = { keys = { pdn_event = "" } },
  run = function(dev, env, _, expect)
    recipe.enter(dev, "free")
    dev:forget()
    env.sim:set { network = "none" }
    dev:expect_urc(CLOSED)
    expect(dev)
  end,
}

unasked {
  code = 17, command = "+CMQTTPING", name = "PING 17", line = "+CMQTTPING: 0,17",
  cause = "the broker does not answer the keep-alive",
  how = "The link is dead and nobody said so. The scenario has a keep-alive of 1 s.",
  steps = {},
  cure = "AT+CMQTTDISC, then CONNECT; or wait: the broker or the network ends it some time.",
  spec = "6.3", evidence = "M name; I",
  sim = { keys = { ["range.keepalive"] = "1-64800" } },
  run = function(dev, _, _, expect)
    recipe.enter(dev, "acquired")
    local peer = t.peer {}
    local r = dev:cmd("%s", session.connect_line(peer.address, { keepalive = 1 }))
    local connection = peer:accept()
    connection:expect "CONNECT"
    connection:connack(0)
    r:result "+CMQTTCONNECT: 0,0"
    dev:forget()
    connection:expect "PINGREQ"
    expect(dev)
  end,
}
