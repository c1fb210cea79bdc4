--- The tables that scenarios count for with env.tally: rows by columns, over all results of a run.
local M = {}

local Tallies = {}
Tallies.__index = Tallies

function M.new()
  return setmetatable({ order = {}, by_name = {} }, Tallies)
end

--- tallies:add(result)
-- result.tally: the entries of env.tally, also as they come back from a worker's JSON.
function Tallies:add(result)
  for _, entry in ipairs(result.tally or {}) do
    local sheet = self.by_name[entry.table]
    if not sheet then
      sheet = { columns = entry.columns, rows = {} }
      self.by_name[entry.table] = sheet
      self.order[#self.order + 1] = entry.table
    end
    local name = math.tointeger(entry.row) or entry.row
    local row = sheet.rows[name] or {}
    sheet.rows[name] = row
    row[entry.column] = (row[entry.column] or 0) + 1
  end
end

--- Numbers first, then texts.
local function before(a, b)
  if type(a) == type(b) then
    return a < b
  end
  return type(a) == "number"
end

local function names_of(rows)
  local names = {}
  for name in pairs(rows) do
    names[#names + 1] = name
  end
  table.sort(names, before)
  return names
end

--- "codes: 35, natural 30, forced 5"
local function summary(title, sheet, names)
  local first = {}
  for _, name in ipairs(names) do
    for _, column in ipairs(sheet.columns) do
      if sheet.rows[name][column] then
        first[column] = (first[column] or 0) + 1
        break
      end
    end
  end
  local parts = { ("%s: %d"):format(title, #names) }
  for i, column in ipairs(sheet.columns) do
    parts[i + 1] = ("%s %d"):format(column, first[column] or 0)
  end
  return table.concat(parts, ", ")
end

--- tallies:write(write)
-- Each table with its summary.
function Tallies:write(write)
  table.sort(self.order)
  for _, title in ipairs(self.order) do
    local sheet = self.by_name[title]
    local names, width = names_of(sheet.rows), #title
    for _, name in ipairs(names) do
      width = math.max(width, #tostring(name))
    end
    write(title .. (" "):rep(width - #title) .. "  " .. table.concat(sheet.columns, "  ") .. "\n")
    for _, name in ipairs(names) do
      local line = tostring(name) .. (" "):rep(width - #tostring(name))
      for _, column in ipairs(sheet.columns) do
        line = line .. ("  %" .. #column .. "d"):format(sheet.rows[name][column] or 0)
      end
      write(line .. "\n")
    end
    write(summary(title, sheet, names) .. "\n")
  end
end

return M
