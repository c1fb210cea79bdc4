--- A dialogue of exact bytes, step by step.
local t = require "modemtest"

local M = {}

--- dialogue.fixed(env): exact bytes hold for a firmware whose profile is known; others are skipped.
function M.fixed(env)
  if not env.profile then
    t.skip("exact bytes need a device whose profile is known")
  end
end

--- dialogue.play(dev, env, { { host bytes, modem bytes }, ... })
-- Each step's answer must be exactly these bytes ("" for none), and nothing may follow the last.
function M.play(dev, env, steps)
  M.fixed(env)
  dev:forget()
  for _, step in ipairs(steps) do
    dev:send(step[1])
    if step[2] ~= "" then
      dev:expect_bytes(step[2])
    end
  end
  dev:quiet(0.1)
end

return M
