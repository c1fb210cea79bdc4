--- The running scenario ends now, by Ctrl-C or because of something it forbade; its teardown goes on as usual.
local context = require "modemtest.context"
local fault = require "modemtest.fault"
local process = require "modemtest.process"

local M = {}

function M.now()
  local running = context.running
  if not running then
    return process.interrupt_workers()
  end
  local reason = fault.new("interrupted", "interrupted", { where = false })
  running.interrupted = reason -- it may still be building fixtures
  M.stop(running, reason)
end

--- Ends the scenario's own tasks with a fault, wherever they wait.
function M.stop(running, reason)
  for _, child in ipairs(running.children) do
    child:cancel(reason)
  end
  if running.body then
    running.body:cancel(reason)
  end
end

return M
