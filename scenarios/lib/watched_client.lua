--- What all scenarios that watch a client share, whatever they do to it.
local t = require "modemtest"

local M = {}

--- Of the time that real waits take, the client's and its modem's: 1 s of back-off takes 30 ms.
M.PERCENT = 3
--- Field 'profile' of a scenario whose outcome does not depend on the firmware: once is enough for our example client.
M.REFERENCE = not t.client() and "sim7600" or nil

--- Field 'client' of a scenario: a client that publishes every 60 ms. 'more': further fields, or others.
function M.with(more)
  local spec = { percent = M.PERCENT, env = { PUBLISH_MS = 2000 } }
  for key, value in pairs(more or {}) do
    spec[key] = value
  end
  return spec
end

return M
