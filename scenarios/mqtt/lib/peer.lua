--- Fixture "peer": a scripted MQTT peer on plain TCP (t.peer), there before the modem starts.
local t = require "modemtest"

t.fixture "peer" {
  setup = function()
    -- What AT commands can ask for, and modems then send: SUB and UNSUB with DUP, which MQTT 3.1.1 has no more, and
    -- with MQTT 3.1 an id of more than 23 characters.
    return t.peer { allow = { "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT 3.1, 3.1" } }
  end,
}
