-- The first boot of a client: its modem has no certificates, and they are on their way when the line fails, at each
-- byte. All of it (--sweep-every 1) are 22000 runs.
local t = require "modemtest"
local swept = require "lib.swept_client"

swept.sweep("first boot", {
  points = { "uart" },
  prepare = false,
  invariants = {
    ["the modem has the certificates"] = function(env)
      local n = #swept.certificates(env.point.stored())
      t.check(n >= 3, ("%d are stored"):format(n)) -- one more where its name lost a character on the way
    end,
  },
  every = 1500,
  slices = 2,
})
