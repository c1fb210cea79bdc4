--- Parses the answer to AT+X=? (27.007 5.4: ranges in parentheses, one per parameter).
local M = {}

local function number(word)
  return math.tointeger(tonumber(word))
end

--- One parenthesised group "(0-1)", "(0,60-180)", "(0x002F,0xFFFF)".
local function parse_group(body)
  local range = { text = "(" .. body .. ")" }
  local values = {}
  for word in body:gmatch("[^,]+") do
    local lo, hi = word:match("^%s*(%w+)%-(%w+)%s*$")
    lo, hi = number(lo or word), number(hi or word)
    if lo and hi then
      range.lo = math.min(range.lo or lo, lo)
      range.hi = math.max(range.hi or hi, hi)
      range[#range + 1] = { lo = lo, hi = hi }
    else
      values[#values + 1] = (word:gsub("^%s*\"?(.-)\"?%s*$", "%1"))
    end
  end
  for _, part in ipairs(range) do
    if part.lo == part.hi then
      values[#values + 1] = part.lo
    end
  end
  range.values = #values > 0 and values or nil
  return range
end

--- "(0-1),"ADDRESS",(1-65535)[,(1-2)]" -> list of ranges; words without parentheses are strings.
-- The trailing part is looked at from 'from'; nil for text that is no such list.
local function parse_list(text)
  local list, optional = {}, false
  local at = 1
  while at <= #text do
    local char = text:sub(at, at)
    local body, stop
    if char == "(" then
      body, stop = text:match("^%(([^()]*)%)()", at)
      if not body then
        return nil
      end
      list[#list + 1] = parse_group(body)
    elseif char == '"' or char == "<" then
      body, stop = text:match('^["<]([^">]*)[">]()', at)
      if not body then
        return nil
      end
      list[#list + 1] = { text = body, string = true }
    elseif char == "[" then
      optional, stop = true, at + 1
    elseif char == "]" or char == "," or char == " " then
      stop = at + 1
    else
      return nil
    end
    if optional and #list > 0 and body then
      list[#list].optional = true
    end
    at = stop
  end
  return list
end

--- Lines of the answer to AT<name>=? -> list of ranges; with quoted keys in front, table by key.
-- nil and the offending text when the answer has another form.
function M.parse(name, lines)
  local keyed
  local result = {}
  for _, line in ipairs(lines) do
    -- 2018 firmware leaves the colon out.
    local rest = line:sub(1, #name) == name and line:sub(#name + 1):match("^:? ?(.*)$")
    local key, tail = (rest or ""):match('^"([^"]+)",(.*)$')
    local list = rest and parse_list(key and tail or rest)
    if not list then
      return nil, line
    end
    if key then
      keyed = true
      result[key] = list
    else
      result = list
    end
  end
  if not keyed and #lines ~= 1 then
    return nil, #lines .. " lines"
  end
  return result
end

return M
