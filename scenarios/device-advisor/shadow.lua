--- AWS's shadow tests, for clients that keep a shadow; others are skipped. The broker's shadow service answers them.
local t = require "modemtest"
local advisor = require "lib.advisor"

local WITHIN = { within = advisor.WITHIN }
local CLIENT = advisor.client { env = { PUBLISH_MS = 2000, SHADOW = 1 } }

--- What AWS's sample for a thing with a shadow allows: its own name, its own topics, its own shadow.
local POLICY = [[{ "Version": "2012-10-17", "Statement": [
  { "Effect": "Allow", "Action": "iot:Connect",
    "Resource": "arn:aws:iot:eu-west-1:123456789012:client/${iot:Connection.Thing.ThingName}" },
  { "Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": [
    "arn:aws:iot:eu-west-1:123456789012:topic/${iot:Connection.Thing.ThingName}/*",
    "arn:aws:iot:eu-west-1:123456789012:topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"] },
  { "Effect": "Allow", "Action": "iot:Subscribe", "Resource": [
    "arn:aws:iot:eu-west-1:123456789012:topicfilter/${iot:Connection.Thing.ThingName}/*",
    "arn:aws:iot:eu-west-1:123456789012:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"] } ] }]]

--- Whether the client speaks to its shadow while it publishes for the first times.
local function shadow_update(env)
  for _ = 1, 3 do
    local data = env.client:expect_event({ event = "mqtt", packet = "PUBLISH", dir = "out" }, WITHIN)
    if data.topic:find("^%$aws/things/[^/]+/shadow/.*update$") then
      return data
    end
  end
  t.skip("the client does not publish to its shadow")
end

advisor.test "Shadow Publish Reported State" {
  policy = POLICY, client = CLIENT,
  run = function(env)
    local data = shadow_update(env)
    t.check(data.payload:find('"reported"', 1, true), "no reported state in " .. data.payload)
  end,
}

advisor.test "Shadow Update Reported State" {
  policy = POLICY, client = CLIENT,
  uses = { "certificates", "broker", "observer", "client" },
  run = function(env)
    local data = shadow_update(env)
    env.observer:publish(data.topic,
      '{"state":{"desired":{"advisor":1}},"clientToken":"DeviceAdvisorShadowTestCaseSetup"}', { qos = 1 })
    local wanted, seen = { event = "mqtt", packet = "PUBLISH", dir = "out", topic = data.topic }, {}
    for n = 1, 3 do -- what it reports by itself may come first
      seen[n] = env.client:expect_event(wanted, WITHIN).payload
      if seen[n]:find('"reported"', 1, true) and seen[n]:find('"advisor" *: *1') then
        return
      end
    end
    t.fail("the desired state is not reported: " .. table.concat(seen, "; "))
  end,
}
