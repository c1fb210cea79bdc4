-- AWS IoT policies, iot:Connect: who may connect, and under which name.
local t = require "modemtest"
local aws = require "lib.aws_session"

local USES = { "modem", "broker", "certificates" }
local NEEDS = { "mqtt", "tls", "broker.policy" }

t.scenario "a certificate that no thing has registered gets 0,6, and a registered one is the cure" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file("hostile/unregistered-certificate.pem.crt"))
    files:store(dev, "clientkey.pem", files:file("hostile/unregistered-private.pem.key"))
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
    env.note("the cure: the certificate of thing1")
    files:store(dev, "clientcert.pem", files:certificate("thing1"))
    files:store(dev, "clientkey.pem", files:key("thing1"))
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "another thing's certificate does not open this thing's client id" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    env.certificates:provision(dev, { thing = "thing2" })
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
    env.note("the cure: thing2 is thing2")
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing2",1'):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "a policy that allows nothing refuses every client id" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Publish", "*")),
  run = function(dev, env)
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
  end,
}

t.scenario "an explicit deny wins over an allow" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:*", "*"), aws.deny("iot:Connect", "client/thing1")),
  run = function(dev, env)
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
    env.note("the cure: a client id that is not denied")
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing1-b",1'):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "client ids are compared with * and ? of the policy" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Connect", { "client/sensor-??", "client/*-gateway" })),
  cases = {
    { id = "sensor-42", code = 0 },
    { id = "sensor-4", code = 6 },
    { id = "sensor-421", code = 6 },
    { id = "roof-gateway", code = 0 },
    { id = "gateway", code = 6 },
    { id = "Sensor-42", code = 6 },
  },
  run = function(dev, env, p)
    aws.start(dev, p.id)
    aws.connect(dev, env, p.code)
  end,
}

t.scenario "the policy variable for the thing's name is filled in from the certificate" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Connect", "client/${iot:Connection.Thing.ThingName}-modem")),
  -- The variable's name as a client id has more than the 23 bytes that old firmware takes.
  sim = { keys = { ["range.clientid"] = "1-128" } },
  cases = {
    { id = "thing1-modem", code = 0 },
    { id = "thing2-modem", code = 6 },
    { id = "thing1", code = 6 },
    -- What a client calls itself is no pattern and no variable.
    { id = "${iot:Connection.Thing.ThingName}-modem", code = 6 },
    { id = "*", code = 6 },
  },
  run = function(dev, env, p)
    aws.start(dev, p.id)
    aws.connect(dev, env, p.code)
  end,
}
