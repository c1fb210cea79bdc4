-- AWS IoT policies, iot:Publish and iot:RetainPublish.
local t = require "modemtest"
local aws = require "lib.aws_session"

local USES = { "modem", "broker", "certificates", "observer" }
local NEEDS = { "mqtt", "tls", "broker.policy" }

t.scenario "with QoS 0 a refused publish succeeds, and only the lost connection tells" {
  tags = { "aws-iot", "publish", "policy" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "PubTopic", "no answer is awaited", { qos = 0 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    aws.never_published(env, "PubTopic")
  end,
}

t.scenario "topic and payload of a refused publish are gone" {
  tags = { "aws-iot", "publish", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "PubTopic", "refused", { code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    aws.connect(dev, env)
    dev:cmd("AT+CMQTTPUB=0,1,60"):result("+CMQTTPUB: 0,18", { final = "ERROR" })
  end,
}

t.scenario "topics are compared with the policy's variables and wildcards; + is no wildcard there" {
  tags = { "aws-iot", "publish", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Connect", "*"), aws.allow("iot:Publish", {
    "topic/things/${iot:Connection.Thing.ThingName}/*", "topic/clients/${iot:ClientId}",
    "topic/room/?/temperature", "topic/plus/+/x",
  })),
  cases = {
    { topic = "things/thing1/a/b", code = 0 },
    { topic = "things/thing2/a", code = 6 },
    { topic = "clients/my-modem", code = 0 },
    { topic = "clients/thing1", code = 6 },
    { topic = "room/7/temperature", code = 0 },
    { topic = "room/77/temperature", code = 6 },
    { topic = "plus/one/x", code = 6 },
  },
  run = function(dev, env, p)
    aws.connected(dev, env, "my-modem")
    aws.publish(dev, p.topic, "23", { code = p.code })
    if p.code == 0 then
      t.eq(env.observer:expect_message(p.topic).payload, "23")
    else
      dev:expect_urc("+CMQTTCONNLOST: 0,1")
      aws.never_published(env, p.topic)
    end
  end,
}

t.scenario "an explicit deny of one topic wins over the allow of all" {
  tags = { "aws-iot", "publish", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:*", "*"), aws.deny("iot:Publish", "topic/thing1/secret/*")),
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "thing1/open", "1")
    env.observer:expect_message("thing1/open")
    aws.publish(dev, "thing1/secret/door", "2", { code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    aws.never_published(env, "thing1/secret/door")
  end,
}

t.scenario "a retained message needs iot:RetainPublish beside iot:Publish" {
  tags = { "aws-iot", "publish", "policy", "retained" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Connect", "client/thing1"),
    aws.allow("iot:Publish", "topic/thing1/*"),
    aws.allow("iot:RetainPublish", "topic/thing1/state")),
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "thing1/state", "kept", { retained = 1 })
    t.eq(env.observer:retained("thing1/state"), "kept")
    aws.publish(dev, "thing1/other", "plain", { retained = 0 })
    env.observer:expect_message("thing1/other")
    env.note("the same topic with RETAIN is refused")
    aws.publish(dev, "thing1/other", "not kept", { retained = 1, code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    t.eq(env.observer:retained("thing1/other"), "")
    aws.never_published(env, "thing1/other")
  end,
}
