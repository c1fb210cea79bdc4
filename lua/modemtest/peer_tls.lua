--- TLS of a scripted peer: not there yet.
local fault = require "modemtest.fault"

local M = {}

function M.config()
  fault.raise("error", "this modemtest has no TLS for t.peer")
end

return M
