--- What the scenarios that watch a client share: waits at a twentieth of their length, for the modem and for the client
-- alike, and what a client owes whatever happens.
local t = require "modemtest"

local M = {}

--- Percent of real time: 1 s of back-off takes 50 ms.
M.PERCENT = 5

--- Field 'sim' of a scenario.
M.SIM = { keys = { time_percent = M.PERCENT } }

--- Field 'client' of a scenario: a client that publishes every 100 ms.
M.FAST = { percent = M.PERCENT, env = { PUBLISH_MS = 2000 } }

local TELEMETRY = "thing1/telemetry"

--- n messages of the client reach the broker; their counters go up. QoS 1 may bring one twice.
function M.expect_telemetry(env, n)
  local last
  for _ = 1, n do
    local m = env.observer:expect_message(TELEMETRY)
    local counter = m.payload:match('^{"counter":(%d+)}$')
    t.check(counter, "payload of the client's message: " .. m.payload)
    counter = tonumber(counter)
    t.check(not last or counter >= last, ("counter %d behind %s"):format(counter, tostring(last)))
    last = counter
  end
  return last
end

return M
