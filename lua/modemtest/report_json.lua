--- One JSON object per case and line. The workers of -j report to their parent with the same text.
local cjson = require "cjson"

local M = {}

local Report = {}
Report.__index = Report

function M.new(write)
  return setmetatable({ write = write }, Report)
end

local function utf8_or_latin(value)
  if utf8.len(value) then
    return value
  end
  return (value:gsub("[\x80-\xff]", function(c) return utf8.char(c:byte()) end))
end

--- JSON strings are Unicode: bytes that are no UTF-8 are written as Latin-1.
local function clean(value)
  if type(value) == "string" then
    return utf8_or_latin(value)
  end
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = clean(item)
  end
  return copy
end

--- The text of one result, without line end.
function M.encode(result)
  return cjson.encode(clean(result))
end

function Report.start() end

function Report:case(result)
  self.write(M.encode(result) .. "\n")
end

function Report.finish() end

return M
