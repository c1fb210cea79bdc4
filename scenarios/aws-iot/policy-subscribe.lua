-- AWS IoT policies, iot:Subscribe and iot:Receive.
local t = require "modemtest"
local aws = require "lib.aws_session"

local USES = { "modem", "broker", "certificates", "observer" }
local NEEDS = { "mqtt", "tls", "broker.policy" }

t.scenario "a subscription outside the policy gets 0,6 and the connection is lost; an allowed one is the cure" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTSUBTOPIC=0,8,1"):prompt():data("SubTopic"):ok()
    dev:cmd("AT+CMQTTSUB=0")
        :bytes(aws.refusal(env, "+CMQTTSUB: 0,6") .. "\r\n+CMQTTCONNLOST: 0,1\r\n")
    env.note("the cure: connect again, and the thing's own topic")
    aws.connect(dev, env)
    aws.subscribe(dev, "thing1/SubTopic")
    env.observer:publish("thing1/SubTopic", "hello", { qos = 1 })
    t.eq(dev:expect_message().payload, "hello")
  end,
}

t.scenario "one refused filter among several allowed ones closes the connection" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.connected(dev, env)
    for _, filter in ipairs { "thing1/a", "thing2/a", "thing1/b" } do
      dev:cmd("AT+CMQTTSUBTOPIC=0,%d,1", #filter):prompt():data(filter):ok()
    end
    dev:cmd("AT+CMQTTSUB=0"):result("+CMQTTSUB: 0,6")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
  end,
}

t.scenario "a filter's own wildcards are letters to the policy" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = aws.policy(aws.allow("iot:Connect", "*"),
    aws.allow("iot:Subscribe", { "topicfilter/room/+/t", "topicfilter/house/*" })),
  cases = {
    { filter = "room/+/t", code = 0 },
    { filter = "room/1/t", code = 6 },
    { filter = "house/#", code = 0 },
    { filter = "#", code = 6 },
  },
  run = function(dev, env, p)
    aws.connected(dev, env)
    aws.subscribe(dev, p.filter, p.code)
    if p.code ~= 0 then
      dev:expect_urc("+CMQTTCONNLOST: 0,1")
    end
  end,
}

t.scenario "without iot:Receive a subscription brings nothing and the connection stays" {
  tags = { "aws-iot", "subscribe", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow({ "iot:Connect", "iot:Subscribe" }, "*"),
    aws.allow("iot:Receive", "topic/thing1/heard")),
  run = function(dev, env)
    aws.connected(dev, env)
    aws.subscribe(dev, "thing1/#")
    env.observer:publish("thing1/unheard", "must not arrive", { qos = 1 })
    env.observer:publish("thing1/heard", "arrives", { qos = 1 })
    -- The broker passes messages on in order: were the first one passed on, it would be here first.
    t.eq(dev:expect_message().topic, "thing1/heard")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

t.scenario "a denied iot:Receive wins over an allowed one, also for retained messages" {
  tags = { "aws-iot", "subscribe", "policy", "retained" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:*", "*"), aws.deny("iot:Receive", "topic/thing1/secret")),
  run = function(dev, env)
    env.observer:publish("thing1/secret", "kept secret", { qos = 1, retain = true })
    env.observer:publish("thing1/state", "kept", { qos = 1, retain = true })
    aws.connected(dev, env)
    aws.subscribe(dev, "thing1/secret")
    aws.subscribe(dev, "thing1/state")
    t.eq(dev:expect_message().topic, "thing1/state")
    aws.subscribe(dev, "thing1/last")
    env.observer:publish("thing1/last", "last", { qos = 1 })
    t.eq(dev:expect_message().topic, "thing1/last")
  end,
}
