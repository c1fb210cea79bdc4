-- Section 7 of the AWS wiki: DISC, REL, STOP.
local t = require "modemtest"
local aws = require "lib.aws_session"

t.scenario "DISC, REL and STOP end the session, and everything can begin anew" {
  tags = { "aws-iot", "disconnect", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTDISC=0,120"):bytes("\r\nOK\r\n\r\n+CMQTTDISC: 0,0\r\n")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    dev:cmd("AT+CMQTTREL=0"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTSTOP"):bytes(aws.service(env, "stop"))
    env.note("once more: the SSL context and the certificates are still there")
    aws.connected(dev, env)
    aws.publish(dev, "thing1", "back again")
    t.eq(env.observer:expect_message("thing1").payload, "back again")
  end,
}

t.scenario "DISC says goodbye to the broker: the will of the thing is not published" {
  tags = { "aws-iot", "disconnect", "will" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.start(dev, "thing1")
    dev:cmd("AT+CMQTTWILLTOPIC=0,11"):prompt():data("thing1/will"):ok()
    dev:cmd("AT+CMQTTWILLMSG=0,4,1"):prompt():data("gone"):ok()
    aws.connect(dev, env)
    aws.publish(dev, "thing1/here", "here")
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
    env.observer:expect_message("thing1/here")
    -- thing1 comes back: now the broker has certainly dealt with the end of the first connection.
    aws.connect(dev, env)
    aws.never_published(env, "thing1/will")
  end,
}

t.scenario "STOP before REL gets 21, REL before DISC gets 0,14: the wiki's order is the right one" {
  tags = { "aws-iot", "disconnect" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.terminal(dev)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTSTOP"):bytes("\r\n+CMQTTSTOP: 21\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTREL=0"):bytes("\r\n+CMQTTREL: 0,14\r\n\r\nERROR\r\n")
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
  end,
}
