-- Section 4 of the AWS wiki: START, ACCQ, SSLCFG, CONNECT, and a refused client id.
local t = require "modemtest"
local aws = require "lib.aws_session"

t.scenario "a thing connects under its own name" {
  tags = { "aws-iot", "connect", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.terminal(dev)
    dev:cmd("AT+CMQTTSTART"):bytes(aws.service(env, "start"))
    dev:cmd("AT+CMQTTACCQ=0,thing1,1"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CMQTTSSLCFG=0,0"):bytes("\r\nOK\r\n")
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address)
        :bytes("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
    dev:cmd("AT+CMQTTCONNECT?"):ok():lines {
      ('+CMQTTCONNECT: 0,"tcp://%s",60,1'):format(env.broker.address), "+CMQTTCONNECT: 1",
    }
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
  end,
}

t.scenario "a client id outside the policy gets 0,6, and the thing's own name is the cure" {
  tags = { "aws-iot", "connect", "policy", "wiki" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.terminal(dev)
    env.note("the policy allows client/thing1; the modem says not-my-thing")
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd("AT+CMQTTACCQ=0,not-my-thing,1"):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address)
        :bytes(aws.refusal(env, "+CMQTTCONNECT: 0,6"))
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    env.note("the cure: the name of the thing")
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTACCQ=0,thing1,1"):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address)
        :bytes("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
    aws.publish(dev, "thing1", "connected")
    t.eq(env.observer:expect_message("thing1").payload, "connected")
  end,
}

t.scenario "a client id outside the policy is allowed in by a wider policy" {
  tags = { "aws-iot", "connect", "policy" },
  needs = { "mqtt", "tls", "broker.policy" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    aws.start(dev, "thing1-spare")
    aws.connect(dev, env, 6)
    env.note("the cure: a policy for client/thing1-*")
    aws.attach_policy(env, aws.policy(aws.allow("iot:Connect", "client/thing1-*")))
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "a second thing with its own certificate connects beside the first" {
  tags = { "aws-iot", "connect" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    aws.connected(dev, env)
    env.certificates:store(dev, "second-cert.pem", env.certificates:certificate("thing2"))
    env.certificates:store(dev, "second-key.pem", env.certificates:key("thing2"))
    dev:cmd('AT+CSSLCFG="authmode",1,2'):ok()
    dev:cmd('AT+CSSLCFG="cacert",1,"cacert.pem"'):ok()
    dev:cmd('AT+CSSLCFG="clientcert",1,"second-cert.pem"'):ok()
    dev:cmd('AT+CSSLCFG="clientkey",1,"second-key.pem"'):ok()
    dev:cmd('AT+CMQTTACCQ=1,"thing2",1'):ok()
    dev:cmd('AT+CMQTTCONNECT=1,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 1,0")
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,0" }
    dev:cmd("AT+CMQTTTOPIC=1,6"):prompt():data("thing2"):ok()
    dev:cmd("AT+CMQTTPUB=1,1,60"):result("+CMQTTPUB: 1,0")
    t.eq(env.observer:expect_message("thing2").payload, "")
    dev:cmd('AT+CCERTDELE="second-cert.pem"'):ok()
    dev:cmd('AT+CCERTDELE="second-key.pem"'):ok()
  end,
}
