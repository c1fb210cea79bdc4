-- A client that publishes and gets a message is cut off at every byte of its port, every TLS record and every MQTT
-- packet, in both directions, and hears a line that comes by itself behind every byte.
local t = require "modemtest"
local swept = require "lib.swept_client"

local INVARIANTS = {
  ["no stored certificate is lost"] = function(env)
    local now, before = env.point.stored(), swept.certificates(env.point.stored_before)
    for _, name in ipairs(before) do
      t.check(now[name] == env.point.stored_before[name], name .. " is not what it was")
    end
    t.check(env.point.name == nil or #before == 3, "the modem had no three certificates")
  end,
}

swept.sweep("publish", { points = { "uart", "urc" }, invariants = INVARIANTS, every = 150, slices = 4 })
swept.sweep("publish, connection", { points = { "tls", "mqtt" }, invariants = INVARIANTS, slices = 2, every = 16 })
