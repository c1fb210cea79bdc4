-- AWS IoT: what the registry says of a thing and its certificate, and policies that ask for it.
local t = require "modemtest"
local aws = require "lib.aws_session"

local USES = { "modem", "broker", "certificates", "observer" }
local NEEDS = { "mqtt", "tls", "broker.policy" }

--- With a condition on a statement that aws.allow() made.
local function on(condition, statement)
  statement.Condition = condition
  return statement
end

local ATTACHED = { Bool = { ["iot:Connection.Thing.IsAttached"] = "true" } }

t.scenario "a certificate that is not ACTIVE passes TLS and gets 0,6" {
  tags = { "aws-iot", "connect", "policy", "registry" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  things = { thing1 = { status = "INACTIVE" }, thing2 = { status = "REVOKED" } },
  run = function(dev, env)
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
    env.note("REVOKED is no better")
    env.certificates:provision(dev, { thing = "thing2" })
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd('AT+CMQTTACCQ=0,"thing2",1'):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env, 6)
  end,
}

t.scenario "a policy that wants an attached thing gives 0,6 to a certificate without one" {
  tags = { "aws-iot", "connect", "policy", "registry" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = aws.policy(on(ATTACHED, aws.allow("iot:Connect", "*"))),
  things = { thing1 = { attached = false } },
  run = function(dev, env)
    aws.start(dev, "thing1")
    aws.connect(dev, env, 6)
    env.note("the cure: a certificate that is attached to its thing")
    env.certificates:provision(dev, { thing = "thing2" })
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "topics follow the thing's attributes and type, and only for the thing's own client id" {
  tags = { "aws-iot", "publish", "policy", "registry" },
  needs = NEEDS,
  uses = USES,
  policy = aws.policy(aws.allow("iot:Connect", "*"),
    aws.allow("iot:Publish", "topic/${iot:Connection.Thing.Attributes[hall]}/*"),
    on({ StringEquals = { ["iot:Connection.Thing.ThingTypeName"] = "pump" } },
      aws.allow("iot:Publish", "topic/pumps"))),
  things = { thing1 = { thingTypeName = "pump", attributes = { hall = "north" } } },
  cases = {
    { id = "thing1", topic = "north/flow", code = 0 },
    { id = "thing1", topic = "south/flow", code = 6 },
    { id = "thing1", topic = "pumps", code = 0 },
    { id = "my-modem", topic = "north/flow", code = 6 },
    { id = "my-modem", topic = "pumps", code = 6 },
  },
  run = function(dev, env, p)
    aws.connected(dev, env, p.id)
    aws.publish(dev, p.topic, "23", { code = p.code })
    if p.code == 0 then
      t.eq(env.observer:expect_message(p.topic).payload, "23")
    else
      dev:expect_urc("+CMQTTCONNLOST: 0,1")
    end
  end,
}

t.scenario "iot:ConnectAttributes keeps persistent sessions out: clean session 0 gets 0,6" {
  tags = { "aws-iot", "connect", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = aws.policy(on({ ["ForAllValues:StringNotEquals"] =
    { ["iot:ConnectAttributes"] = { "PersistentConnect" } } }, aws.allow("iot:Connect", "*"))),
  run = function(dev, env)
    aws.start(dev, "thing1")
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,0', env.broker.address):result("+CMQTTCONNECT: 0,6")
    env.note("the cure: clean session 1")
    aws.connect(dev, env)
  end,
}
