--- sim7600ctl subscribe: every event of the emulator as it happens, until Ctrl-C or until the emulator ends.
local cjson = require "cjson"
local uv = require "luv"
local task = require "modemtest.task"
local transport = require "modemtest.transport"

local M = {}

local OPEN_SECONDS = 20

--- Asks and prints what comes. options: control (path), json. show(event) -> text of an event. Returns the exit code,
-- and a message where it is not 0.
function M.main(options, request, show)
  local stream, message = transport.open_unix(options.control, task.now() + OPEN_SECONDS * 1000)
  if not stream then
    return 1, message
  end
  local done, rest, state = task.condition("the end of the events"), "", {}
  local function take(line)
    local ok, object = pcall(cjson.decode, line)
    if not ok or object.error then
      state.message = ok and object.error or "not an event: " .. line
    elseif object.event then
      io.stdout:write(options.json and line .. "\n" or show(object))
      io.stdout:flush()
    end
  end
  stream.on_data = function(bytes)
    rest = rest .. bytes
    for line in rest:gmatch("([^\n]*)\n") do
      take(line)
    end
    rest = rest:match("[^\n]*$")
    done:notify()
  end
  stream.on_gone = function()
    state.gone = true
    done:notify()
  end
  local signal = uv.new_signal()
  signal:start("sigint", task.callback(function()
    state.interrupted = true
    done:notify()
  end))
  stream:write(cjson.encode(request) .. "\n")
  while not (state.message or state.gone or state.interrupted) do
    done:wait(task.now() + 86400 * 1000)
  end
  signal:close()
  stream:close()
  return state.message and 1 or 0, state.message
end

return M
