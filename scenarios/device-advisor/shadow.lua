--- AWS's shadow tests, for clients that keep a shadow; others are skipped.
local t = require "modemtest"
local advisor = require "lib.advisor"

local WITHIN = { within = advisor.WITHIN }

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
  run = function(env)
    local data = shadow_update(env)
    t.check(data.payload:find('"reported"', 1, true), "no reported state in " .. data.payload)
  end,
}

advisor.test "Shadow Update Reported State" {
  uses = { "certificates", "broker", "observer", "client" },
  run = function(env)
    local data = shadow_update(env)
    env.observer:publish(data.topic, '{"state":{"desired":{"advisor":1}}}', { qos = 1 })
    local wanted = { event = "mqtt", packet = "PUBLISH", dir = "out", topic = data.topic }
    local again = env.client:expect_event(wanted, WITHIN)
    t.check(again.payload:find('"reported"', 1, true) and again.payload:find('"advisor":1', 1, true),
      "the desired state is not reported: " .. again.payload)
  end,
}
