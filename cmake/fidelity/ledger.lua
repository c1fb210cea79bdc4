--- The ledger: every command in every form, what each profile says about it, and the scenarios that show it.
local claims = require "claims"

local M = {}

--- Scenarios that are made from the rows show what is refused, but not what an answer should be.
local GENERATED = "^at/generated"

local Book = {}
Book.__index = Book

--- profiles: names in the order of the document. The book holds commands in the order of the rows:
-- { name, where, clients, rows = list of { form, evidence, tests = { [profile] = set of scenarios } },
--   refused = { [profile] = { kind, why, tests } } }
function M.new(profiles)
  return setmetatable({ profiles = profiles, commands = {}, by_name = {}, problems = {} }, Book)
end

--- Notes something that must not be.
function Book:problem(format, ...)
  self.problems[#self.problems + 1] = format:format(...)
end

local function command_of(self, row)
  local command = self.by_name[row.name]
  if not command then
    command = { name = row.name, where = row.clause, clients = row.clients, rows = {}, refused = {} }
    self.by_name[row.name] = command
    table.insert(self.commands, command)
  end
  command.where = command.where or row.clause -- refused in the profiles before
  return command
end

local function scenario_of(path)
  return (path:gsub("^.*scenarios/", ""):gsub("%.lua$", ""))
end

--- The scenarios that got such an outcome ("ok" or "refused") out of the uses that 'accept' takes.
local function scenarios(uses, outcome, accept)
  local found = {}
  for _, use in ipairs(uses or {}) do
    for _, path in ipairs(accept(use) and use[outcome] or {}) do
      local name = scenario_of(path)
      if outcome == "refused" or not name:find(GENERATED) then
        found[name] = true
      end
    end
  end
  return found
end

local function record(self, command, profile, form, evidence, tests)
  local row
  for _, known in ipairs(command.rows) do
    row = row or known.form == form and known.evidence == evidence and known or nil
  end
  if not row then
    row = { form = form, evidence = evidence, tests = {} }
    table.insert(command.rows, row)
  end
  row.tests[profile] = tests
  if next(tests) == nil then
    self:problem("%s: AT%s in form %s (%s): no scenario shows it", profile, command.name, form, evidence)
  end
end

local function record_name(self, profile, rows, uses)
  local command, forms = command_of(self, rows[1]), ""
  for _, row in ipairs(rows) do
    forms = forms .. row.forms
    for _, claim in ipairs(claims.of_row(row, #rows == 1)) do
      record(self, command, profile, claim.label, claim.evidence, scenarios(uses, "ok", claim.shown_by))
    end
  end
  for form in claims.possible_forms(command.name):gmatch(".") do
    if not forms:find(form) and command.name ~= "" then
      record(self, command, profile, form, "refused",
        scenarios(uses, "refused", function(use) return use.form == form end))
    end
  end
end

local function record_refused(self, profile, row, uses)
  local tests = scenarios(uses, "refused", function() return true end)
  command_of(self, row).refused[profile] = { kind = row.refused, why = row.doc, tests = tests }
  if next(tests) == nil then
    self:problem("%s: AT%s (refused): no scenario shows it", profile, row.name)
  end
end

--- What is answered OK must be claimed by a row.
local function look_for_unclaimed(self, profile, by_name, uses)
  for name, list in pairs(uses) do
    for _, use in ipairs(list) do
      if #use.ok > 0 and not claims.explained(by_name[name] or {}, use) then
        self:problem("%s: AT%s in form %s is answered OK in %s, but no row claims it", profile, name, use.form,
          scenario_of(use.ok[1]))
      end
    end
  end
end

local function group_by_name(list)
  local groups, names = {}, {}
  for _, item in ipairs(list) do
    if not groups[item.name] then
      groups[item.name] = {}
      names[#names + 1] = item.name
    end
    table.insert(groups[item.name], item)
  end
  return groups, names
end

--- AT alone is no row: the reader of lines answers it.
local NOTHING = { name = "", forms = "X", evidence = { X = "capture" }, parameters = {}, keys = {}, clients = 0,
  clause = "general-commands.md A2" }

--- dump: of this profile; sheet: the coverage of scenarios with it, nil where there was none.
function Book:add_profile(profile, dump, sheet)
  if not sheet then
    return self:problem("%s: no coverage; run: modemtest --profile %s --coverage FILE scenarios", profile, profile)
  end
  local uses = group_by_name(sheet.commands)
  table.insert(dump, 1, NOTHING)
  local by_name, names = group_by_name(dump)
  for _, name in ipairs(names) do
    if by_name[name][1].refused then
      record_refused(self, profile, by_name[name][1], uses[name])
    else
      record_name(self, profile, by_name[name], uses[name])
    end
  end
  look_for_unclaimed(self, profile, by_name, uses)
  for _, case in ipairs(sheet.unclear) do
    print(("%s: note: the answers in this case cannot be told apart: %s"):format(profile, case))
  end
end

return M
