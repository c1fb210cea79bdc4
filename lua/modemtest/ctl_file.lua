--- What sim7600ctl reads from a file into its request: the steps of 'script', the decisions of 'why'. Each function
-- changes the request and returns true, or nil and a message.
local cjson = require "cjson"
local files = require "modemtest.files"

local M = {}

--- So many bytes of decisions are sent: a request has 64 KiB. The last ones, as why is about the last command.
local DECISIONS_BYTES = 48 * 1024

--- The file's JSON: a list of steps, or the request's own fields. Without a file the script ends.
function M.script(request)
  local path = request.file
  request.file = nil
  if not path then
    return true
  end
  local text, message = files.read(path)
  if not text then
    return nil, ("script: %s"):format(message)
  end
  local ok, script = pcall(cjson.decode, text)
  if not ok or type(script) ~= "table" then
    return nil, ("script: %s is no JSON: a list of steps, each with after_ms and keys"):format(path)
  end
  for key, value in pairs(#script > 0 and { steps = script } or script) do
    request[key] = request[key] or value
  end
  return true
end

--- The broker's decisions in a file of broker/run --decisions.
function M.why(request)
  local path = request.decisions
  request.decisions = nil
  if not path then
    return true
  end
  local all = files.json_lines(path)
  if not all then
    return nil, ("why: cannot read %s; it is what broker/run --decisions FILE writes"):format(path)
  end
  local first, bytes = #all + 1, 0
  while first > 1 do
    bytes = bytes + #cjson.encode(all[first - 1]) + 1
    if bytes > DECISIONS_BYTES then
      break
    end
    first = first - 1
  end
  request.decisions = first <= #all and table.move(all, first, #all, 1, {}) or nil
  return true
end

return M
