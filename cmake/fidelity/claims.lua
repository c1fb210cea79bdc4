--- What one profile of the emulator claims, row by row, and which uses in scenarios show it.
local cjson = require "cjson"
local text = require "modemtest.text"

local M = {}

--- Forms that a command of this name can be written in: a basic command has no test and read form that
-- could be refused, an S-register no bare one (V.250 5.3).
function M.possible_forms(name)
  return name:find("^[%+%$%*%^]") and "TRWX" or name:find("^S%d") and "RW" or "WX"
end

local function least_parameters(row)
  local least = 0
  for i, param in ipairs(row.parameters) do
    least = param.optional and least or i
  end
  return least
end

--- The write forms of a row: one, or one for each quoted key. 'alone': no other row has its name.
local function write_forms(row, alone)
  local forms = {}
  for i, key in ipairs(text.sorted_keys(row.keys)) do
    forms[i] = { label = 'W "' .. key .. '"', shown_by = function(use) return use.key == key:lower() end }
  end
  if #forms > 0 then
    return forms
  end
  local least, most = least_parameters(row), #row.parameters
  return { {
    label = alone and "W" or ("W %s"):format(least == most and most or least .. "-" .. most),
    shown_by = function(use)
      return alone or use.key == cjson.null and use.arguments >= least and use.arguments <= most
    end,
  } }
end

--- The claims of one row: list of { form (one letter), label, evidence, shown_by(use) }.
function M.of_row(row, alone)
  local claims = {}
  for form in row.forms:gmatch(".") do
    local same_form = { { label = form, shown_by = function() return true end } }
    for _, written in ipairs(form == "W" and write_forms(row, alone) or same_form) do
      claims[#claims + 1] = { form = form, label = written.label, evidence = row.evidence[form],
        shown_by = function(use) return use.form == form and written.shown_by(use) end }
    end
  end
  return claims
end

--- Does some row of this name take the use, whether or not a claim names its key?
function M.explained(rows, use)
  for _, row in ipairs(rows) do
    local keyed = use.form == "W" and next(row.keys or {}) ~= nil
    if row.forms:find(use.form) and (use.arguments > 1 or not keyed) then
      return true
    end
  end
  return false
end

return M
