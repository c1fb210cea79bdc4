--- What the scenarios of faults share.
local t = require "modemtest"

local M = {}

--- faults.scenario "name" { ... }: t.scenario with a modem that takes faults. 'needs' further capabilities.
function M.scenario(name)
  return function(spec)
    spec.tags = { "faults" }
    spec.needs = { "fault", table.unpack(spec.needs or {}) }
    spec.uses = { "modem" }
    t.scenario(name)(spec)
  end
end

--- faults.with_peer "name" { ... }: the same for one that makes scripted peers.
function M.with_peer(name)
  return function(spec)
    spec.needs = { "peer" }
    M.scenario(name)(spec)
  end
end

--- faults.peer(): a scripted peer for any firmware, whose packets need not all be looked at.
function M.peer()
  return t.peer { allow = { "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT 3.1, 3.1" }, unread = true }
end

return M
