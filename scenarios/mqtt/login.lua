--- User and password against a broker that checks them.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.plain_broker"

t.scenario "a broker that asks for user and password" {
  tags = { "mqtt", "connect", "login" },
  needs = { "broker.policy" },
  uses = { "login_broker", "modem" },
  cases = {
    { name = "right", user = "joe", password = "right", code = 0 },
    -- Mosquitto answers CONNACK 5, not authorised, to all of these.
    { name = "wrong password", user = "joe", password = "wrong", code = 31 },
    { name = "no password", user = "joe", code = 31 },
    { name = "unknown user", user = "eve", password = "right", code = 31 },
    { name = "none", code = 31 },
  },
  run = function(dev, env, p)
    session.start(dev)
    session.acquire(dev)
    local r = dev:cmd("%s", session.connect_line(env.login_broker.address, p))
    if p.code ~= 0 then
      session.failed(env, r, "+CMQTTCONNECT: 0," .. p.code)
      session.connect(dev, env.login_broker.address, { user = "joe", password = "right" })
    else
      r:result("+CMQTTCONNECT: 0,0")
    end
    session.subscribe(dev, "login/own", { qos = 1 })
    session.publish(dev, "login/own", "let in", { qos = 1 })
    session.expect_message(dev, "login/own", "let in")
  end,
}
