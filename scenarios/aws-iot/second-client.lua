-- Things beside the modem: other clients of the same broker, with certificates of their own.
local t = require "modemtest"
local aws = require "lib.aws_session"
require "lib.second_client"

t.scenario "the modem and mosquitto_pub, mosquitto_sub as thing2 exchange messages" {
  tags = { "aws-iot", "publish", "subscribe" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates", "things" },
  policy = aws.policy(aws.allow("iot:Connect", "client/${iot:Connection.Thing.ThingName}"),
    aws.allow({ "iot:Publish", "iot:Receive" }, "topic/house/*"), aws.allow("iot:Subscribe", "topicfilter/house/*")),
  run = function(dev, env)
    local other = env.things:subscribe("thing2", "house/+/state")
    aws.connected(dev, env)
    aws.publish(dev, "house/lamp/state", "on")
    t.eq(other:wait("house/lamp/state"), "on")
    other:stop()
    aws.subscribe(dev, "house/lamp/command")
    env.things:publish("thing2", "house/lamp/command", "off")
    t.eq(dev:expect_message({ client = 0 }).payload, "off")
  end,
}
