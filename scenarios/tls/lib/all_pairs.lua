--- All pairs: few rows in which every two values of two different factors meet.
-- Two factors decide together far more often than three do, so the rows find what a full product of all values
-- would, at a small part of its price. Deterministic: the same factors give the same rows.
local M = {}

--- A factor is { name =, values = { ... } }; the first value must go together with every value of every other
-- factor. Values are compared by identity. 'impossible(name, value, name2, value2)' says which pairs cannot be,
-- in either order of its arguments.
local function forbidden(impossible, row, name, value)
  for other, chosen in pairs(row) do
    if impossible(name, value, other, chosen) or impossible(other, chosen, name, value) then
      return true
    end
  end
  return false
end

--- pairs_of(factors, impossible, fn): fn(name, value, name2, value2) for every pair that can be.
local function pairs_of(factors, impossible, fn)
  for i = 1, #factors do
    for k = i + 1, #factors do
      local a, b = factors[i], factors[k]
      for _, x in ipairs(a.values) do
        for _, y in ipairs(b.values) do
          if not forbidden(impossible, { [a.name] = x }, b.name, y) then
            fn(a.name, x, b.name, y)
          end
        end
      end
    end
  end
end

local function key_of(name, value, name2, value2)
  if name > name2 then
    name, value, name2, value2 = name2, value2, name, value
  end
  return ("%s=%s %s=%s"):format(name, value, name2, value2)
end

local function cross_off(open, row)
  for name, value in pairs(row) do
    for name2, value2 in pairs(row) do
      if name < name2 then
        open[key_of(name, value, name2, value2)] = nil
      end
    end
  end
end

--- How many open pairs the value closes with what the row has.
local function gain(open, row, name, value)
  local n = 0
  for other, chosen in pairs(row) do
    if open[key_of(name, value, other, chosen)] then
      n = n + 1
    end
  end
  return n
end

local function best_value(factor, open, row, impossible)
  local best, most = nil, -1
  for _, value in ipairs(factor.values) do
    if not forbidden(impossible, row, factor.name, value) then
      local n = gain(open, row, factor.name, value)
      if n > most then
        best, most = value, n
      end
    end
  end
  assert(best ~= nil, "the first value of " .. factor.name .. " does not go together with everything")
  return best
end

local function fill(factors, open, row, impossible)
  for _, factor in ipairs(factors) do
    if row[factor.name] == nil then
      row[factor.name] = best_value(factor, open, row, impossible)
    end
  end
  return row
end

--- One row for each value of each factor: that value, everything else as in the factors' first values.
local function single_changes(factors)
  local rows = {}
  for _, changed in ipairs(factors) do
    for i, value in ipairs(changed.values) do
      if i > 1 or changed == factors[1] then
        local row = {}
        for _, factor in ipairs(factors) do
          row[factor.name] = factor.values[1]
        end
        row[changed.name] = value
        rows[#rows + 1] = row
      end
    end
  end
  return rows
end

--- all_pairs.rows(factors, impossible) -> list of { name = value, ... }
-- First the rows in which one value alone differs from the first ones, so that each value is seen by itself; then as
-- many as the remaining pairs take.
function M.rows(factors, impossible)
  local open, order = {}, {}
  pairs_of(factors, impossible, function(...)
    open[key_of(...)] = true
    order[#order + 1] = { ... }
  end)
  local rows = single_changes(factors)
  for _, row in ipairs(rows) do
    cross_off(open, row)
  end
  for _, pair in ipairs(order) do
    if open[key_of(table.unpack(pair))] then
      local row = fill(factors, open, { [pair[1]] = pair[2], [pair[3]] = pair[4] }, impossible)
      cross_off(open, row)
      rows[#rows + 1] = row
    end
  end
  return rows
end

--- all_pairs.missing(factors, impossible, rows) -> list of texts
-- Looked for anew in the rows, for those who do not believe rows(): pairs that can be and are in no row, pairs that
-- cannot be and are in one, rows that lack a factor.
function M.missing(factors, impossible, rows)
  local problems, seen = {}, {}
  for i, row in ipairs(rows) do
    for _, a in ipairs(factors) do
      if row[a.name] == nil then
        problems[#problems + 1] = ("row %d has no %s"):format(i, a.name)
      end
      for _, b in ipairs(factors) do
        if a ~= b then
          seen[key_of(a.name, row[a.name], b.name, row[b.name])] = true
          if impossible(a.name, row[a.name], b.name, row[b.name]) then
            problems[#problems + 1] = "cannot be: " .. key_of(a.name, row[a.name], b.name, row[b.name])
          end
        end
      end
    end
  end
  pairs_of(factors, impossible, function(...)
    if not seen[key_of(...)] then
      problems[#problems + 1] = "is in no row: " .. key_of(...)
    end
  end)
  return problems
end

return M
