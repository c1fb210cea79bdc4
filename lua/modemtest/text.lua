--- Bytes made readable, and the two ways a line is compared with what was wanted.
local M = {}

--- A number that depends on the text only, of 31 bits: for what must differ from name to name and stay from run to run.
function M.hash(text)
  local h = 5381
  for i = 1, #text do
    h = (h * 33 + text:byte(i)) & 0x7fffffff
  end
  return h
end

local NAMED = { ["\r"] = "\\r", ["\n"] = "\\n", ["\t"] = "\\t", ["\\"] = "\\\\" }

--- Printable form of any bytes; bytes above 0x7E and control characters become \xNN.
-- 'limit': at most that many bytes, the rest is counted.
function M.escape(bytes, limit)
  local shown, rest = bytes, ""
  if limit and #bytes > limit then
    shown, rest = bytes:sub(1, limit), (" ... %d bytes more"):format(#bytes - limit)
  end
  local text = shown:gsub("[%c\\\x7f-\xff]", function(c)
    return NAMED[c] or ("\\x%02X"):format(c:byte())
  end)
  return text .. rest
end

local function captures(line, pattern)
  local ok, result = pcall(function()
    return table.pack(line:find(pattern))
  end)
  if not ok or not result[1] then
    return nil
  end
  return { table.unpack(result, 3, result.n) }
end

--- Does 'line' equal 'want', or match it as a Lua pattern of the whole line?
-- Returns the list of captures, or nil. A malformed pattern can still be an equal line.
function M.matches(line, want)
  return line == want and {} or captures(line, "^" .. want .. "$")
end

--- Does 'line' begin with 'want', as text or as a Lua pattern? For assertions of absence, where
-- matching too little would go unnoticed.
function M.begins(line, want)
  return line:sub(1, #want) == want or captures(line, "^" .. want) ~= nil
end

--- The first difference of two strings, for messages: position and both sides from there.
function M.difference(wanted, got)
  local at = 1
  while at <= #wanted and at <= #got and wanted:byte(at) == got:byte(at) do
    at = at + 1
  end
  return at
end

local SHOWN_DEPTH = 5

local ESCAPES = { r = "\r", n = "\n", s = " ", ["\\"] = "\\" }

--- The bytes that a text of a profile stands for: \r, \n, \s and \\.
function M.unescape(written)
  return (written:gsub("\\(.)", ESCAPES))
end

--- The keys of a table that are strings, in order.
function M.sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- A Lua value as it would be written in a scenario; tables sorted by key. 'depth': for itself only.
function M.show(value, depth)
  depth = depth or SHOWN_DEPTH
  if type(value) == "string" then
    return '"' .. M.escape(value, 2000) .. '"'
  end
  if type(value) ~= "table" or getmetatable(value) then
    return tostring(value)
  end
  if depth == 0 then
    return "{...}"
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = M.show(item, depth - 1)
  end
  local named = {}
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #parts then
      named[#named + 1] = ("%s = %s"):format(key, M.show(item, depth - 1))
    end
  end
  table.sort(named)
  table.move(named, 1, #named, #parts + 1, parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

--- Deep equality of plain tables; everything else by ==.
function M.same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not M.same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

return M
