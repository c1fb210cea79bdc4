--- The whole program from outside, for specs: runs modemtest on scenario files made for the case. The modem is a TCP
-- server in this process that answers every line with OK, unless the case says --device emulator.
local uv = require "luv"
local files = require "modemtest.files"
local host = require "modemtest.host"
local process = require "modemtest.process"
local s = require "modemtest.spec"
local task = require "modemtest.task"

local M = {}

--- Starts a modem that answers OK; returns its address and a function that ends it.
function M.start_modem()
  local server, clients = uv.new_tcp(), {}
  server:bind("127.0.0.1", 0)
  server:listen(8, task.callback(function()
    local client = uv.new_tcp()
    server:accept(client)
    clients[#clients + 1] = client
    client:read_start(task.callback(function(err, bytes)
      if err or not bytes then
        return client:close()
      end
      client:write((bytes:gsub("[^\r]*\r", "\r\nOK\r\n")))
    end))
  end))
  return "tcp:127.0.0.1:" .. server:getsockname().port, function()
    server:close()
    for _, client in ipairs(clients) do
      if not client:is_closing() then
        client:close()
      end
    end
  end
end

M.HEAD = 'local t = require "modemtest"\n'

--- Runs modemtest on scenario files ({ name = text }); returns { code, out, err } . 'arguments' may
-- contain DIR for the folder of the files.
function M.run(scenario_files, arguments, check)
  local folder = files.temporary()
  for name, text in pairs(scenario_files) do
    local made = folder
    for part in name:gmatch("([^/]+)/") do
      made = made .. "/" .. part
      files.make_folder(made)
    end
    files.write(folder .. "/" .. name, (name:find("%.lua$") and M.HEAD or "") .. text)
  end
  local address, stop = M.start_modem()
  local args = { "--device", address }
  for _, argument in ipairs(arguments or { "DIR" }) do
    args[#args + 1] = (argument:gsub("DIR", folder))
  end
  local out = {}
  local p = assert(process.spawn({ file = host.exe_dir .. "/modemtest", args = args,
    name = "modemtest", on_stdout = function(line) out[#out + 1] = line end,
    env = { NO_COLOR = "1", TMPDIR = folder } }))
  local ended = p:wait_exit(task.now() + 50000)
  p:stop(1)
  stop()
  local result = { code = p.exit.code, out = table.concat(out, "\n"),
    err = table.concat(p.stderr, "\n"), last = out[#out], lines = out, folder = folder }
  local left = {}
  for _, name in ipairs(files.list(folder)) do
    if name:find("^modemtest%-") then
      left[#left + 1] = name
    end
  end
  local ok, problem = pcall(function()
    s.check(ended, "modemtest did not end: " .. result.out .. result.err)
    s.eq(left, {}, "temporary folders left behind")
    check(result)
  end)
  files.remove(folder)
  if not ok then
    error(problem, 0)
  end
end

return M
