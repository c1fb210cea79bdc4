--- What the emulator offers and refuses with this run's profile, as its rows say (sim7600 --dump).
local t = require "modemtest"

local M = {}

--- Extended commands begin with one of these; the others are basic commands or S-registers (V.250 5.3, 5.4).
function M.is_extended(name)
  return name:find("^[%+%$%*%^]") ~= nil
end

local function add_row(by_name, list, row)
  local command = by_name[row.name]
  if not command then
    command = { name = row.name, forms = {}, rows = {} }
    by_name[row.name], list[#list + 1] = command, command
  end
  for form in row.forms:gmatch(".") do
    command.forms[form] = true
  end
  command.rows[#command.rows + 1] = row
end

--- Commands in the order of the rows: list of { name, forms (set of T, R, W, X), rows }. Rows of one name
-- differ in the number of parameters of their write form.
function M.commands()
  local by_name, list = {}, {}
  for _, row in ipairs(t.dump "commands" or {}) do
    if not row.refused then
      add_row(by_name, list, row)
    end
  end
  return list
end

--- Commands that get a plain ERROR: list of { name, refused (which kind), doc }.
function M.refused()
  local list = {}
  for _, row in ipairs(t.dump "commands" or {}) do
    list[#list + 1] = row.refused and row or nil
  end
  return list
end

--- Is the command at the beginning of a body one of 'commands' (of M.commands), and offered in that form?
function M.has(commands, body)
  local name, tail = body:match("^([%+%$%*%^]%w+)(.*)$")
  if not name then
    name, tail = body:match("^(S%d+)(.*)$")
  end
  if not name then
    name, tail = body:match("^([&\\]?%a)(.*)$")
  end
  local form = tail == "" and "X" or tail == "?" and "R" or tail == "=?" and "T" or "W"
  for _, command in ipairs(commands) do
    if command.name == name then
      return command.forms[form] == true
    end
  end
  return body == ""
end

--- For the field 'cases' of a scenario: one case per command, or one that is skipped where another modem
-- than the emulator is tested.
function M.cases()
  local cases = {}
  for i, command in ipairs(M.commands()) do
    cases[i] = { name = "AT" .. command.name, command = command }
  end
  return #cases > 0 and cases or { { name = "of the emulator" } }
end

return M
