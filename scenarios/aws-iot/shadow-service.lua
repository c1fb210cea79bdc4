-- AWS IoT device shadows: the modem is a lamp that reports its state and gets what an app desires.
local cjson = require "cjson"
local t = require "modemtest"
local aws = require "lib.aws_session"
local shadow = require "lib.shadow"
require "lib.second_client"

local NEEDS = { "mqtt", "tls", "broker.policy" }
local USES = { "modem", "broker", "certificates", "things" }

t.scenario "a lamp reports, an app desires, the lamp gets the delta and reports again" {
  tags = { "aws-iot", "shadow" },
  needs = NEEDS,
  uses = USES,
  policy = shadow.POLICY,
  run = function(dev, env)
    local app = env.things:subscribe("thing2", shadow.topic("update/documents"))
    aws.connected(dev, env)
    shadow.subscribe(dev, "update/accepted", "update/delta", "get/accepted", "get/rejected")
    env.note("there is no shadow yet")
    aws.publish(dev, shadow.topic("get"), "x")
    shadow.expect(dev, "get/rejected", { code = 404, message = "No shadow exists with name: 'thing1'" })
    env.note("the lamp reports")
    aws.publish(dev, shadow.topic("update"), '{"state":{"reported":{"on":false,"rgb":[1,2,3]}},"clientToken":"lamp-1"}')
    local accepted = shadow.expect(dev, "update/accepted",
      { state = { reported = { on = false, rgb = { 1, 2, 3 } } }, version = 1, clientToken = "lamp-1" })
    t.eq(accepted.metadata.reported.rgb[3].timestamp, accepted.timestamp, "when the third colour was set")
    env.note("an app desires")
    env.things:publish("thing2", shadow.topic("update"), '{"state":{"desired":{"on":true,"rgb":[1,2,3]}}}',
      { client_id = "app" })
    shadow.expect(dev, "update/accepted", { state = { desired = { on = true, rgb = { 1, 2, 3 } } }, version = 2 })
    shadow.expect(dev, "update/delta", { state = { on = true }, version = 2 })
    env.note("the lamp does it")
    aws.publish(dev, shadow.topic("update"), '{"state":{"reported":{"on":true}},"version":2}')
    shadow.expect(dev, "update/accepted", { state = { reported = { on = true } }, version = 3 })
    aws.publish(dev, shadow.topic("get"), '{"clientToken":"lamp-2"}')
    shadow.expect(dev, "get/accepted", { version = 3, clientToken = "lamp-2", state = {
      desired = { on = true, rgb = { 1, 2, 3 } }, reported = { on = true, rgb = { 1, 2, 3 } } } })
    local documents = cjson.decode(app:wait(shadow.topic("update/documents"), '"version":3}'))
    t.eq({ documents.previous.version, documents.previous.state.reported.on, documents.current.state.reported.on },
      { 2, false, true }, "what the app sees of the last update")
  end,
}

t.scenario "an update that the service rejects is told on update/rejected, and changes nothing" {
  tags = { "aws-iot", "shadow", "errors" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = shadow.POLICY,
  run = function(dev, env)
    aws.start(dev, "thing1")
    dev:cmd('AT+CMQTTCFG="checkUTF8",0,0'):ok() -- else the modem refuses the last of them itself
    aws.connect(dev, env)
    shadow.subscribe(dev, "update/accepted", "update/rejected")
    for version = 1, 2 do
      aws.publish(dev, shadow.topic("update"), '{"state":{"reported":{"n":1}}}')
      shadow.expect(dev, "update/accepted", { version = version })
    end
    for _, case in ipairs {
      { '{"state":{"reported":{"n":2}},"version":1,"clientToken":"c"}', 409, "Version conflict", "c" },
      { '{"state":{"reported":{"n":2}}', 400, "Invalid JSON" },
      { '{"reported":{"n":2}}', 400, "Missing required node: state" },
      { '{"state":"n=2"}', 400, "State node must be an object" },
      { '{"state":{"reported":2}}', 400, "Reported node must be an object" },
      { '{"state":{"reported":{"s":"' .. ("x"):rep(8192) .. '"}}}', 413,
        "The payload exceeds the maximum size allowed" },
      { '{"state":{"reported":{"s":"\xFF"}}}', 415, "Unsupported documented encoding; supported encoding is UTF-8" },
    } do
      aws.publish(dev, shadow.topic("update"), case[1])
      shadow.expect(dev, "update/rejected", { code = case[2], message = case[3], clientToken = case[4] })
    end
    env.note("the version is still 2, and a state of 3000 bytes comes back in parts")
    local long = { s = ("x"):rep(3000) }
    aws.publish(dev, shadow.topic("update"), cjson.encode { state = { reported = long }, version = 2 })
    shadow.expect(dev, "update/accepted", { version = 3, state = { reported = long } })
  end,
}

t.scenario "named and classic shadows survive a restart of the broker; a deleted one goes on with its version" {
  tags = { "aws-iot", "shadow" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = shadow.POLICY,
  run = function(dev, env)
    env.broker.args = { "--state", env.tmp .. "/shadows" }
    env.broker:restart()
    aws.connected(dev, env)
    shadow.subscribe(dev, "+/accepted", "name/+/+/accepted", "name/+/get/rejected")
    aws.publish(dev, shadow.topic("update"), '{"state":{"desired":{"a":1}}}')
    shadow.expect(dev, "update/accepted", { version = 1 })
    aws.publish(dev, shadow.topic("name/conf:1/update"), '{"state":{"reported":{"b":[1]}}}')
    shadow.expect(dev, "name/conf:1/update/accepted", { version = 1 })
    env.broker:restart()
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    aws.connect(dev, env)
    shadow.subscribe(dev, "+/accepted", "name/+/+/accepted", "name/+/get/rejected")
    aws.publish(dev, shadow.topic("get"), "-")
    shadow.expect(dev, "get/accepted", { version = 1, state = { desired = { a = 1 }, delta = { a = 1 } } })
    aws.publish(dev, shadow.topic("name/conf:1/delete"), "-")
    shadow.expect(dev, "name/conf:1/delete/accepted", { version = 1 })
    aws.publish(dev, shadow.topic("name/conf:1/get"), "-")
    shadow.expect(dev, "name/conf:1/get/rejected", { code = 404, message = "No shadow exists with name: 'conf:1'" })
    aws.publish(dev, shadow.topic("name/conf:1/update"), '{"state":{"reported":{"b":[2]}}}')
    shadow.expect(dev, "name/conf:1/update/accepted", { version = 2 })
  end,
}

t.scenario "the topics of the answers are the service's: who publishes there loses the connection" {
  tags = { "aws-iot", "shadow", "policy" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates" },
  policy = shadow.POLICY,
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, shadow.topic("update/delta"), '{"state":{}}', { code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    env.note("another thing's shadow is a matter of the policy")
    aws.connect(dev, env)
    aws.publish(dev, "$aws/things/thing2/shadow/update", '{"state":{}}', { code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
  end,
}
