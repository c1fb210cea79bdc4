--- The certificate store of a modem, for the scenarios of this folder.
local t = require "modemtest"
local files = require "modemtest.files"
local text = require "modemtest.text"

local M = {}

--- store.key(env, name, reference) -> the profile's text of a key
-- Where the profile is not known, the SIM7600's, 'reference'.
function M.key(env, name, reference)
  return env.profile and env.key(name) or reference
end

--- Asks for the data of a file: the response that has shown its prompt.
function M.prompted(dev, name, length)
  return dev:cmd('AT+CCERTDOWN="%s",%d', name, length):prompt()
end

--- The bytes of this firmware's prompt.
function M.prompt_bytes(env)
  return text.unescape(M.key(env, "prompt", "\\r\\n>"))
end

--- The test command's range of a file name's bytes.
function M.name_range(env)
  return M.key(env, "range.certname", "5-128")
end

--- Stores bytes under a name.
function M.put(dev, name, bytes)
  M.prompted(dev, name, #bytes):data(bytes):ok()
end

function M.delete(dev, name)
  dev:cmd('AT+CCERTDELE="%s"', name):ok()
end

--- Names as AT+CCERTLIST shows them, in its order.
function M.names(dev)
  local names = {}
  for _, line in ipairs(dev:cmd("AT+CCERTLIST"):ok():lines()) do
    names[#names + 1] = t.match(line, '^%+CCERTLIST: "(.*)"$', "a line of AT+CCERTLIST")
  end
  return names
end

--- Where a file of this name is below a folder; nil when it is nowhere.
local function find(folder, name)
  for _, entry in ipairs(files.list(folder)) do
    local path = folder .. "/" .. entry
    local found = files.is_folder(path) and find(path, name) or entry == name and path
    if found then
      return found
    end
  end
  return nil
end

--- The store holds exactly these bytes under the name. No AT command reads a file back, so only an
-- emulator of ours can be looked into; on any other device nothing is checked.
function M.holds(env, name, bytes)
  if not env.sim then
    return
  end
  local path = t.check(find(env.sim.state, name), "no file " .. name .. " below the state folder")
  t.eq(files.read(path), bytes, "the content of " .. name)
end

--- The emulator's program for this scenario alone: 'script' is a shell script that must end in
-- exec "$@". In use from the next start on.
function M.start_through(env, script)
  local real = env._settings.programs.sim
  local path = env.file("start", ("#!/bin/bash\nset -- %q \"$@\"\n%s\n"):format(real, script))
  t.check(os.execute(("chmod +x '%s'"):format(path)), "chmod failed")
  local programs = setmetatable({ sim = path }, { __index = env._settings.programs })
  env._settings = setmetatable({ programs = programs }, { __index = env._settings })
end

return M
