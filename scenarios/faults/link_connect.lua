--- A connection that is reset on purpose before it stands, at each step of the way there.
local t = require "modemtest"
local session = require "lib.mqtt_session"

t.fixture "peer" {
  setup = function()
    return t.peer {}
  end,
}

t.scenario "a reset while it connects is 26, and the next attempt succeeds" {
  tags = { "faults", "mqtt" },
  needs = { "peer", "fault" },
  uses = { "peer", "modem" },
  matrix = { step = { "dial", "connect", "connected" } },
  run = function(dev, env, p)
    session.start(dev)
    session.acquire(dev)
    local fault = env.sim:fault { name = "link.reset_peer", when = { event = "tcp", step = p.step } }
    local fails = p.step == "connected" and session.failed or session.unreached
    fails(env, dev:cmd("%s", session.connect_line(env.peer.address)), "+CMQTTCONNECT: 0,26")
    t.eq(fault:fired(), 1)
    env.peer:accept():ignore() -- the kernel had let it in
    session.connect_peer(dev, env.peer)
    t.eq(fault:fired(), 1)
  end,
}
