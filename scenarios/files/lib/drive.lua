--- Files on the drives of the modem.
local t = require "modemtest"

local M = {}

--- drive.put(dev, path, bytes): stores a file; an empty one needs no data.
function M.put(dev, path, bytes)
  local r = dev:cmd('AT+CFTRANRX="%s",%d', path, #bytes)
  if #bytes > 0 then
    r:prompt():data(bytes)
  end
  r:ok()
end

--- drive.holds(dev, path, bytes): the file must hold exactly these bytes.
function M.holds(dev, path, bytes)
  dev:cmd('AT+CFTRANTX="%s"', path)
    :bytes(("\r\n+CFTRANTX: DATA,%d\r\n%s\r\n+CFTRANTX: 0\r\n\r\nOK\r\n"):format(#bytes, bytes))
end

--- drive.count(dev, folders, files): so many are in the current folder.
function M.count(dev, folders, files)
  t.eq(dev:cmd("AT+FSLS?"):ok():lines(), { ("+FSLS: SUBDIRECTORIES:%d,FILES:%d"):format(folders, files) })
end

return M
