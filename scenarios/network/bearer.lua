--- What is told about the bearer: by CGEREP, and unasked by firmware that does so (B4.4; capture lilygo77).
local t = require "modemtest"

t.scenario "a bearer that goes and comes is reported" {
  tags = { "network", "data" }, needs = { "emulator" },
  run = function(dev, env)
    dev:cmd("AT+CGEREP=1"):ok()
    env.sim:set { network = "none" }
    dev:expect_urc("+CGEV: NW DETACH")
    env.sim:set { network = "home" }
    if env.key "pdn_event" ~= "" then
      dev:expect_urc("+CGEV: " .. env.key "pdn_event")
    end
    dev:cmd("AT+CGEREP=?;+CGEREP?"):ok():lines { "+CGEREP: (0-2),(0-1)", "+CGEREP: 1,0" }
    dev:cmd("AT+CGEREP;+CGEREP?"):ok():lines { "+CGEREP: 0,0" }
    t.eq(dev:cmd("AT+CGCLASS?"):ok():lines(), { '+CGCLASS: "A"' })
  end,
}
