--- How a row of why_rows*.lua is compared with a context (why_context.lua), and how its texts are filled in.
local M = {}

--- The field must be absent.
function M.absent(value)
  return value == nil or value == false
end

--- The field must be there, with any value.
function M.present(value)
  return value ~= nil and value ~= false
end

--- The field, as text, must match the Lua pattern.
function M.like(pattern)
  return function(value)
    return value ~= nil and tostring(value):find(pattern) ~= nil
  end
end

--- The field must be one of these.
function M.one_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return function(value)
    return value ~= nil and set[value] == true
  end
end

local function fits(wanted, value)
  if type(wanted) == "function" then
    return wanted(value)
  end
  if type(wanted) == "table" then
    if type(value) ~= "table" then
      return false
    end
    for key, item in pairs(wanted) do
      if not fits(item, value[key]) then
        return false
      end
    end
    return true
  end
  return wanted == value
end

--- Does the context have all that the row's 'when' names, and does its 'test' agree?
function M.row(row, c)
  for key, wanted in pairs(row.when or {}) do
    if not fits(wanted, c[key]) then
      return false
    end
  end
  return not row.test or row.test(c) and true or false
end

local function value_of(c, path)
  local value = c
  for name in path:gmatch("[^.]+") do
    value = type(value) == "table" and value[tonumber(name) or name] or nil
  end
  return value
end

--- "{client_id}" and "{decision.reason}" in the text become the context's values; a text may be a function(c), too.
function M.fill(template, c)
  if type(template) == "function" then
    template = template(c)
  end
  return template and (template:gsub("{([%w_.]+)}", function(path)
    local value = value_of(c, path)
    if math.type(value) == "float" then
      value = math.tointeger(value) or value
    end
    return value ~= nil and tostring(value) or "?"
  end))
end

return M
