--- One scenario becomes its cases: every combination of 'matrix', or each of 'cases'.
local text = require "modemtest.text"

local M = {}

local function short(value)
  local shown = type(value) == "string" and text.escape(value) or text.show(value)
  return #shown > 40 and shown:sub(1, 37) .. "..." or shown
end

--- "[qos=1 size=256]"; a field 'name' of a case is used as it is.
function M.label(parameters)
  if type(parameters.name) == "string" then
    return "[" .. parameters.name .. "]"
  end
  local parts = {}
  for i, key in ipairs(text.sorted_keys(parameters)) do
    parts[i] = key .. "=" .. short(parameters[key])
  end
  return "[" .. table.concat(parts, " ") .. "]"
end

--- The list of parameter tables of a scenario. Without matrix and cases: one empty table.
-- Keys vary in alphabetical order, the last fastest; values come in the order written.
function M.expand(matrix, cases)
  local list = { {} }
  for _, key in ipairs(matrix and text.sorted_keys(matrix) or {}) do
    local longer = {}
    for _, base in ipairs(list) do
      for _, value in ipairs(matrix[key]) do
        local combined = {}
        for k, v in pairs(base) do
          combined[k] = v
        end
        combined[key] = value
        longer[#longer + 1] = combined
      end
    end
    list = longer
  end
  if not cases then
    return list
  end
  local both = {}
  for _, base in ipairs(list) do
    for _, case in ipairs(cases) do
      local combined = {}
      for k, v in pairs(base) do
        combined[k] = v
      end
      for k, v in pairs(type(case) == "table" and case or { value = case }) do
        combined[k] = v
      end
      both[#both + 1] = combined
    end
  end
  return both
end

return M
