-- What happens to the module: it reboots, loses its supply, its card, its port.
local client = require "lib.client"

local PUBLISHED = { event = "mqtt.result", operation = "+CMQTTPUB" }

local TROUBLES = {
  { what = "the modem reboots while it takes a payload", profile = client.REFERENCE,
    fault = { name = "modem.reboot", farewell = "no", when = { event = "at.prompt", command = "+CMQTTPAYLOAD" } } },
  { what = "the modem reboots, and says so, between two publishes",
    fault = { name = "modem.reboot", farewell = "yes", when = PUBLISHED } },
  { what = "the supply breaks down in the middle of a publish",
    fault = { name = "modem.brown_out", when = { event = "mqtt", packet = "PUBLISH", dir = "out" } } },
  { what = "the SIM is taken out and put in again", profile = client.REFERENCE,
    fault = { name = "modem.sim_removed", ms = 200,
    when = PUBLISHED } },
  { what = "the port goes away in the middle of a command and comes back", profile = client.REFERENCE,
    fault = { name = "uart.hangup", from = "host", at = 8, ms = 100,
      when = { event = "at", text = "AT+CMQTTTOPIC=*" } } },
}

for _, trouble in ipairs(TROUBLES) do
  client.scenario("it is back after " .. trouble.what) {
    profile = trouble.profile,
    run = function(_, env)
      client.up(env)
      client.survives(env, trouble.fault)
    end,
  }
end
