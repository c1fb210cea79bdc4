--- Small files and folders, on luv's synchronous calls.
local cjson = require "cjson"
local uv = require "luv"

local M = {}

--- The content of a file; nil and a message.
function M.read(path)
  local f, message = io.open(path, "rb")
  if not f then
    return nil, message
  end
  local bytes = f:read("a")
  f:close()
  return bytes
end

--- The objects of a file of JSON lines; a last line that is not complete is left out. nil where there is no file.
function M.json_lines(path)
  local text = path and M.read(path)
  if not text then
    return nil
  end
  local list = {}
  for json in text:gmatch("([^\n]+)\n") do
    local ok, object = pcall(cjson.decode, json)
    if ok and type(object) == "table" then
      list[#list + 1] = object
    end
  end
  return list
end

--- Writes a file; nil and a message when that fails.
function M.write(path, bytes)
  local f, message = io.open(path, "wb")
  if not f then
    return nil, message
  end
  local ok, write_message = f:write(bytes)
  f:close()
  return ok and true, write_message
end

function M.exists(path)
  return uv.fs_stat(path) ~= nil
end

function M.is_folder(path)
  local stat = uv.fs_stat(path)
  return stat ~= nil and stat.type == "directory"
end

--- Names in a folder, sorted.
function M.list(path)
  local names = {}
  local scan = uv.fs_scandir(path)
  while scan do
    local name = uv.fs_scandir_next(scan)
    if not name then
      break
    end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- A new folder of our own below 'base' (the system's temporary one when nil).
function M.temporary(base)
  base = base or os.getenv("TMPDIR") or "/tmp"
  return assert(uv.fs_mkdtemp(base .. "/modemtest-XXXXXX"))
end

function M.make_folder(path)
  local ok, message, name = uv.fs_mkdir(path, tonumber("700", 8))
  if not ok and name ~= "EEXIST" then
    return nil, message
  end
  return true
end

--- Removes a folder and everything in it; links are removed, not followed. Best effort.
function M.remove(path)
  local stack = { path }
  local order = {}
  while #stack > 0 do
    local here = table.remove(stack)
    order[#order + 1] = here
    uv.fs_chmod(here, tonumber("700", 8))
    for _, name in ipairs(M.list(here)) do
      local child = here .. "/" .. name
      local stat = uv.fs_lstat(child)
      if stat and stat.type == "directory" then
        stack[#stack + 1] = child
      else
        uv.fs_unlink(child)
      end
    end
  end
  for i = #order, 1, -1 do
    uv.fs_rmdir(order[i])
  end
end

return M
