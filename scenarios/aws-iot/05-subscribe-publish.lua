-- Section 5 of the AWS wiki: publish, subscribe, receive, and a refused publish.
local t = require "modemtest"
local aws = require "lib.aws_session"

local PAYLOAD = '{"message":"Hello"}'

t.scenario "a message reaches the broker with topic, payload and QoS as they were given" {
  tags = { "aws-iot", "publish", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  matrix = { qos = { 0, 1 } },
  run = function(dev, env, p)
    aws.terminal(dev)
    aws.connected(dev, env)
    aws.enter(dev, env, "AT+CMQTTTOPIC=0,15", "thing1/PubTopic")
    aws.enter(dev, env, "AT+CMQTTPAYLOAD=0,19", PAYLOAD)
    dev:cmd("AT+CMQTTPUB=0,%d,60", p.qos):bytes("\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n")
    local m = env.observer:expect_message("thing1/PubTopic")
    t.eq({ m.payload, m.qos, m.retain }, { PAYLOAD, p.qos, false })
  end,
}

t.scenario "to publish to the same topic again, the topic has to be set again" {
  tags = { "aws-iot", "publish", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    aws.publish(dev, "thing1/again", "first")
    dev:cmd("AT+CMQTTPUB=0,1,60"):bytes("\r\n+CMQTTPUB: 0,18\r\n\r\nERROR\r\n")
    aws.publish(dev, "thing1/again", "second")
    t.eq(env.observer:expect_message("thing1/again").payload, "first")
    t.eq(env.observer:expect_message("thing1/again").payload, "second")
  end,
}

t.scenario "a publish outside the policy gets 0,6 and the connection is lost; the allowed topic is the cure" {
  tags = { "aws-iot", "publish", "policy", "wiki" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    env.note("the policy allows topic/thing1 and what is below it; this is another topic")
    dev:cmd("AT+CMQTTTOPIC=0,8"):prompt():data("PubTopic"):ok()
    dev:cmd("AT+CMQTTPAYLOAD=0,19"):prompt():data(PAYLOAD):ok()
    dev:cmd("AT+CMQTTPUB=0,1,60")
        :bytes(aws.refusal(env, "+CMQTTPUB: 0,6") .. "\r\n+CMQTTCONNLOST: 0,1\r\n")
    aws.never_published(env, "PubTopic")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    env.note("the cure: connect again, and the thing's own topic")
    aws.connect(dev, env)
    aws.publish(dev, "thing1/PubTopic", PAYLOAD)
    t.eq(env.observer:expect_message("thing1/PubTopic").payload, PAYLOAD)
  end,
}

t.scenario "a publish outside the policy is allowed by a wider policy" {
  tags = { "aws-iot", "publish", "policy" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  policy = aws.policy(aws.allow("iot:Connect", "client/thing1"),
    aws.allow("iot:Publish", "topic/thing1/*")),
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "PubTopic", PAYLOAD, { code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    env.note("the cure: topic/PubTopic in the policy")
    aws.attach_policy(env, aws.policy(aws.allow("iot:Connect", "client/thing1"),
      aws.allow("iot:Publish", { "topic/thing1/*", "topic/PubTopic" })))
    aws.connect(dev, env)
    aws.publish(dev, "PubTopic", PAYLOAD)
  end,
}

t.scenario "a message to a subscribed topic arrives with its exact bytes" {
  tags = { "aws-iot", "subscribe", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTSUBTOPIC=0,8,1"):prompt():data("thing1/s"):ok()
    dev:cmd("AT+CMQTTSUB=0"):bytes("\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n")
    env.observer:publish("thing1/s", PAYLOAD, { qos = 1 })
    dev:expect_bytes("\r\n+CMQTTRXSTART: 0,8,19\r\n\r\n+CMQTTRXTOPIC: 0,8\r\nthing1/s"
      .. "\r\n+CMQTTRXPAYLOAD: 0,19\r\n" .. PAYLOAD .. "\r\n+CMQTTRXEND: 0\r\n")
  end,
}

t.scenario "a thing receives what it publishes itself to a subscribed topic" {
  tags = { "aws-iot", "subscribe", "publish" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.connected(dev, env)
    aws.subscribe(dev, "thing1/echo")
    aws.publish(dev, "thing1/echo", PAYLOAD)
    local m = dev:expect_message()
    t.eq({ m.topic, m.payload }, { "thing1/echo", PAYLOAD })
  end,
}
