--- The modules of folders named 'lib' that scenario files require: each file has its own copies.
-- Two folders may hold a lib/peer.lua each, and what a module declares (fixtures) belongs to the files
-- that required it. Owns the part of package.path and package.loaded that such modules use.
local files = require "modemtest.files"

local M = {}

local base_path = package.path

--- Folders searched above a scenario file.
local LEVELS = 8

--- package.path for a scenario file: every folder at or above it that has a folder lib.
local function path_of(file)
  local entries = {}
  local folder = file:match("^(.*)/[^/]*$") or "."
  for _ = 1, LEVELS do
    if files.is_folder(folder .. "/lib") then
      entries[#entries + 1] = folder .. "/?.lua"
    end
    folder = folder:match("^(.+)/[^/]*$")
    if not folder then
      break
    end
  end
  entries[#entries + 1] = base_path
  return table.concat(entries, ";")
end

local Libraries = {}
Libraries.__index = Libraries

--- The modules of one scenario file, none loaded yet.
function M.new(file)
  return setmetatable({ path = path_of(file), loaded = {} }, Libraries)
end

local active = nil

--- From now on require finds this file's modules.
function Libraries:activate()
  if active == self then
    return
  end
  for name in pairs(package.loaded) do
    if name:find("^lib%.") then
      if active then
        active.loaded[name] = package.loaded[name]
      end
      package.loaded[name] = nil
    end
  end
  active = self
  package.path = self.path
  for name, module in pairs(self.loaded) do
    package.loaded[name] = module
  end
end

return M
