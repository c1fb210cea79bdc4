-- AWS IoT policies: how a denial looks, why it happened, and what other things see of it.
local t = require "modemtest"
local cjson = require "cjson"
local aws = require "lib.aws_session"
require "lib.second_client"

local NEEDS = { "mqtt", "tls", "broker.policy" }

t.scenario "a polite broker answers: CONNACK 5 is 31, and a refused message leaves the connection" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  broker = { args = { "--denial", "polite" } },
  run = function(dev, env)
    aws.start(dev, "not-my-thing")
    aws.connect(dev, env, 31)
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env)
    env.note("the message is dropped behind its PUBACK")
    aws.publish(dev, "PubTopic", "nobody gets this")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

t.scenario "a polite broker refuses a filter with SUBACK 0x80; the firmware closes, or says 1" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = { "emulator", "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  broker = { args = { "--denial", "polite" } },
  matrix = { deny_style = { "close", "suback" } },
  run = function(dev, env, p)
    if env.key "mqtt_version_default" == 3 then
      t.skip("MQTT 3.1 has no SUBACK that refuses")
    end
    env.sim:restart { keys = { deny_style = p.deny_style } }
    env.certificates:provision(dev)
    aws.connected(dev, env)
    aws.subscribe(dev, "everything/#", p.deny_style == "close" and 6 or 1)
    if p.deny_style == "close" then
      dev:expect_urc "+CMQTTCONNLOST: 0,1"
    end
  end,
}

t.scenario "the broker tells the reason that 0,6 hides" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    env.observer:subscribe("$aws-iot/decisions")
    aws.start(dev, "not-my-thing")
    aws.connect(dev, env, 6)
    local told = cjson.decode(env.observer:expect_message("$aws-iot/decisions").payload)
    t.eq(told.action, "iot:Connect")
    t.eq(told.resource, "client/not-my-thing")
    t.eq(told.rule, "NO_ALLOW")
    t.eq(told.compared, { "client/thing1" })
    t.eq(told.reason, "no statement allows it: allowed is client/thing1")
  end,
}

t.scenario "things hear of each other what iot:Receive lets through" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "things" },
  policy = aws.policy(aws.allow({ "iot:Connect", "iot:Subscribe", "iot:Publish" }, "*"),
    aws.allow("iot:Receive", "topic/hall/open"),
    aws.allow("iot:Receive", "topic/answers/${iot:Connection.Thing.ThingName}")),
  run = function(dev, env)
    aws.connected(dev, env)
    aws.subscribe(dev, "hall/+")
    env.things:publish("thing2", "hall/secret", "must not arrive")
    env.things:publish("thing2", "hall/open", "arrives")
    t.eq(dev:expect_message().topic, "hall/open")
    local other = env.things:subscribe("thing2", "answers/#")
    aws.publish(dev, "answers/thing1", "not for thing2")
    aws.publish(dev, "answers/thing2", "for thing2")
    t.eq(other:wait("answers/thing2"), "for thing2")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}
