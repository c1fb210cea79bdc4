-- Section 6 of the AWS wiki: a topic that was given back brings nothing any more.
local t = require "modemtest"
local aws = require "lib.aws_session"

t.scenario "after UNSUB nothing arrives under the topic, and the other one still works" {
  tags = { "aws-iot", "unsubscribe", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    aws.subscribe(dev, "thing1/given-back")
    aws.subscribe(dev, "thing1/kept")
    aws.enter(dev, env, "AT+CMQTTUNSUBTOPIC=0,17", "thing1/given-back")
    dev:cmd("AT+CMQTTUNSUB=0,0"):bytes("\r\nOK\r\n\r\n+CMQTTUNSUB: 0,0\r\n")
    -- The broker passes messages on in order: were the first one passed on, it would be here first.
    env.observer:publish("thing1/given-back", "must not arrive", { qos = 1 })
    env.observer:publish("thing1/kept", "arrives", { qos = 1 })
    t.eq(dev:expect_message().topic, "thing1/kept")
  end,
}

t.scenario "a topic that was given back can be subscribed again" {
  tags = { "aws-iot", "unsubscribe" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.connected(dev, env)
    aws.subscribe(dev, "thing1/news")
    dev:cmd("AT+CMQTTUNSUBTOPIC=0,11"):prompt():data("thing1/news"):ok()
    dev:cmd("AT+CMQTTUNSUB=0,0"):result("+CMQTTUNSUB: 0,0")
    aws.subscribe(dev, "thing1/news")
    env.observer:publish("thing1/news", "again", { qos = 1 })
    t.eq(dev:expect_message().payload, "again")
  end,
}
