--- Both clients at once: different brokers, different protocols, nothing mixed up.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"
require "lib.plain_broker"

t.scenario "two clients on two brokers keep their messages apart" {
  tags = { "mqtt", "two-clients" },
  needs = { "broker.policy" },
  uses = { "modem", "broker", "observer", "second_broker" },
  provision = false,
  run = function(dev, env)
    local other = env.observer:client({ host = env.second_broker.host, port = env.second_broker.port })
    other:subscribe("#", 2)
    session.start(dev)
    session.acquire(dev, { client = 0, id = "zero" })
    session.acquire_version(dev, env, 3, { client = 1, id = "one" })
    session.connect(dev, env.broker.plain_address, { client = 0 })
    session.connect(dev, env.second_broker.address, { client = 1 })
    -- Set in turn: TOPIC and PAYLOAD belong to their client.
    session.message(dev, "two/from", "from zero", 0)
    session.message(dev, "two/from", "from one", 1)
    dev:cmd("AT+CMQTTPUB=1,1,60"):result("+CMQTTPUB: 1,0")
    dev:cmd("AT+CMQTTPUB=0,1,60"):result("+CMQTTPUB: 0,0")
    t.eq(env.observer:expect_message("two/from").payload, "from zero")
    t.eq(other:expect_message("two/from").payload, "from one")
    for client = 0, 1 do
      session.subscribe(dev, "two/to", { client = client, qos = 1 })
    end
    env.observer:publish("two/to", "to zero", { qos = 1 })
    other:publish("two/to", "to one", { qos = 1 })
    session.expect_message(dev, "two/to", "to one", 1)
    session.expect_message(dev, "two/to", "to zero", 0)
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,0" }
    session.disconnect(dev, 0)
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,0" }
    other:publish("two/to", "still here", { qos = 1 })
    session.expect_message(dev, "two/to", "still here", 1)
  end,
}

t.scenario "one client on TLS, the other on plain TCP" {
  tags = { "mqtt", "two-clients", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    t.check(env.broker.plain_address, "the broker has a plain port")
    session.start(dev)
    session.acquire(dev, { client = 0, id = "thing1", type = 1 })
    session.acquire(dev, { client = 1, id = "plain", type = 0 })
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    session.connect(dev, env.broker.address, { client = 0 })
    session.connect(dev, env.broker.plain_address, { client = 1 })
    session.subscribe(dev, "thing1/+", { client = 0, qos = 1 })
    session.subscribe(dev, "plain/+", { client = 1, qos = 1 })
    session.publish(dev, "thing1/a", "over TLS", { client = 1, qos = 1 })
    session.publish(dev, "thing1/b", "from TLS", { client = 0, qos = 1 })
    session.publish(dev, "plain/a", "over TCP", { client = 1, qos = 1 })
    session.expect_message(dev, "thing1/a", "over TLS", 0)
    session.expect_message(dev, "thing1/b", "from TLS", 0)
    session.expect_message(dev, "plain/a", "over TCP", 1)
    t.eq(env.observer:expect_message("thing1/b").payload, "from TLS")
  end,
}

t.scenario "the loss of one connection leaves the other" {
  tags = { "mqtt", "two-clients", "connection-lost" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  matrix = { lost = { 0, 1 } },
  run = function(dev, env, p)
    session.start(dev)
    local connections = {}
    for client = 0, 1 do
      session.acquire(dev, { client = client, id = "client" .. client })
      connections[client] = session.connect_peer(dev, env.peer, { client = client })
    end
    connections[p.lost]:close()
    dev:expect_urc(("+CMQTTCONNLOST: %d,1"):format(p.lost))
    local kept = 1 - p.lost
    session.publish(dev, "t", "the other one", { client = kept })
    t.eq(connections[kept]:expect("PUBLISH").payload, "the other one")
  end,
}
