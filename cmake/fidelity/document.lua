--- docs/FIDELITY.md out of the ledger.
local text = require "modemtest.text"

local M = {}

local SHOWN = 2 -- names of scenario files in one field

local INTRO = [[
# Fidelity

Made by `make-fidelity` from `sim7600 --dump commands` and from what the scenarios were seen to send
(`modemtest --coverage`); do not edit. After a change of rows or scenarios: `cmake --build build --target fidelity`.

One row per command, form and evidence. Forms: T test `=?`, R read `?`, W write `=` (or the number of a basic
command), X execution. A number behind W: so many parameters; a word in quotes: the first one.

- *capture*: logged from a real device. *manual*: SIMCom's manuals, V.250, 3GPP. *client code*: clients in the field
  depend on it. *inferred*: nobody has shown it. *refused*: this form is an `ERROR`.
- Tests are the scenario files (below `scenarios/`) in which the form was sent and answered OK, or refused where that is
  the claim, under every profile of the row. Scenarios made from the rows (`at/generated`) count for refusals only.
]]

--- "at/echo, vectors +3": the folder of neighbours is named once.
local function names_text(set)
  local list, words, folder = text.sorted_keys(set), {}, nil
  for i = 1, math.min(#list, SHOWN) do
    local here, file = list[i]:match("^(.-)([^/]*)$")
    words[i] = here == folder and file or list[i]
    folder = here
  end
  return #list == 0 and "**none**"
      or table.concat(words, ", ") .. (#list > SHOWN and (" +%d"):format(#list - SHOWN) or "")
end

--- What all of the profiles that are in 'by_profile' have in common.
local function common(profiles, by_profile)
  local counts, n = {}, 0
  for _, profile in ipairs(profiles) do
    n = n + (by_profile[profile] and 1 or 0)
    for name in pairs(by_profile[profile] or {}) do
      counts[name] = (counts[name] or 0) + 1
    end
  end
  for name, count in pairs(counts) do
    counts[name] = count == n and count or nil
  end
  return counts
end

--- The tests that hold under every profile of the row; where there are none, those of each.
local function tests_text(profiles, by_profile)
  local shared = common(profiles, by_profile)
  if next(shared) then
    return names_text(shared)
  end
  local texts = {}
  for _, profile in ipairs(profiles) do
    texts[#texts + 1] = by_profile[profile] and profile .. ": " .. names_text(by_profile[profile]) or nil
  end
  return table.concat(texts, "; ")
end

local function profiles_text(profiles, by_profile)
  local names = {}
  for _, profile in ipairs(profiles) do
    names[#names + 1] = by_profile[profile] and profile or nil
  end
  return #names == #profiles and "all" or table.concat(names, ", ")
end

local function table_row(cells)
  return "| " .. table.concat(cells, " | ") .. " |"
end

--- Appends the head of a table to the lines; marks: what stands below each title.
local function table_head(lines, titles, marks)
  lines[#lines + 1] = table_row(titles)
  lines[#lines + 1] = table_row(marks)
end

--- Rows by evidence, and refused commands by kind: counts[what][profile].
local function totals(book)
  local counts = {}
  local function count(what, profile)
    counts[what] = counts[what] or {}
    counts[what][profile] = (counts[what][profile] or 0) + 1
  end
  for _, command in ipairs(book.commands) do
    for _, row in ipairs(command.rows) do
      for profile in pairs(row.tests) do
        count(row.evidence, profile)
      end
    end
    for profile, refusal in pairs(command.refused) do
      count(refusal.kind, profile)
    end
  end
  return counts
end

local TOTALS = {
  { "capture", "forms known from a capture" }, { "manual", "forms known from a manual" },
  { "client code", "forms known from client code" }, { "inferred", "forms inferred" },
  { "refused", "forms of these commands that are refused" },
  { "hardware", "commands refused, as hardware does" }, { "profile", "commands that this firmware does not have" },
  { "later", "commands not modelled yet" },
}

local function totals_table(lines, book)
  local counts, titles, marks = totals(book), { "" }, { "---" }
  for _, profile in ipairs(book.profiles) do
    titles[#titles + 1], marks[#marks + 1] = profile, "---:"
  end
  table_head(lines, titles, marks)
  for _, line in ipairs(TOTALS) do
    local cells = { line[2] }
    for _, profile in ipairs(book.profiles) do
      cells[#cells + 1] = tostring((counts[line[1]] or {})[profile] or 0)
    end
    lines[#lines + 1] = counts[line[1]] and table_row(cells) or nil
  end
end

--- How much of what clients send is there, under the first profile.
local function survey_text(book)
  local offered, hardware, later = 0, 0, 0
  for _, command in ipairs(book.commands) do
    local refusal = command.refused[book.profiles[1]]
    if command.clients > 0 then
      offered = offered + (refusal and 0 or 1)
      hardware = hardware + (refusal and refusal.kind ~= "later" and 1 or 0)
      later = later + (refusal and refusal.kind == "later" and 1 or 0)
    end
  end
  return ("Of the commands that at least two of 85 surveyed client programs send (general-commands.md B3), %d are "
    .. "offered\nby profile %s, %d are refused as hardware does, %d are not modelled yet."):format(
    offered, book.profiles[1], hardware, later)
end

--- The rows of one command as cells; forms of which the same is to be said share one.
local function command_cells(book, command)
  local list = {}
  for _, row in ipairs(command.rows) do
    local cells = { "", "", row.form, row.evidence, profiles_text(book.profiles, row.tests),
      tests_text(book.profiles, row.tests) }
    local last = list[#list]
    if last and table.concat(last, "|", 4) == table.concat(cells, "|", 4) then
      last[3] = last[3] .. ", " .. row.form
    else
      list[#list + 1] = cells
    end
  end
  return list
end

local function commands_table(lines, book)
  table_head(lines, { "Command", "Described in", "Form", "Evidence", "Profiles", "Tests" },
    { "---", "---", "---", "---", "---", "---" })
  for _, command in ipairs(book.commands) do
    for i, cells in ipairs(command_cells(book, command)) do
      if i == 1 then
        cells[1], cells[2] = "AT" .. command.name, command.where
      end
      lines[#lines + 1] = table_row(cells)
    end
  end
end

local KINDS = { hardware = "as hardware", profile = "not in this firmware", later = "not modelled yet" }

local function refused_table(lines, book)
  table_head(lines, { "Command", "Clients of 85", "Refused", "Why", "Profiles", "Tests" },
    { "---", "---:", "---", "---", "---", "---" })
  for _, command in ipairs(book.commands) do
    local tests, refusal = {}, nil
    for _, profile in ipairs(book.profiles) do
      refusal = refusal or command.refused[profile]
      tests[profile] = command.refused[profile] and command.refused[profile].tests
    end
    lines[#lines + 1] = refusal and table_row { "AT" .. command.name,
      command.clients > 0 and ("%d"):format(command.clients) or "", KINDS[refusal.kind] or refusal.kind, refusal.why,
      profiles_text(book.profiles, tests), tests_text(book.profiles, tests) } or nil
  end
end

--- The whole document.
function M.text(book)
  local lines = { INTRO, "## Totals", "" }
  totals_table(lines, book)
  lines[#lines + 1] = "\n" .. survey_text(book)
  lines[#lines + 1] = "\n## Commands\n"
  commands_table(lines, book)
  lines[#lines + 1] = "\n## Refused commands\n\nThese get a plain `ERROR` in every form, as an unknown command does.\n"
  refused_table(lines, book)
  return table.concat(lines, "\n") .. "\n"
end

--- One line for people: claims with and without a test.
function M.summary(book)
  local claims, shown = 0, 0
  local function count(tests)
    claims = claims + 1
    shown = shown + (next(tests) and 1 or 0)
  end
  for _, command in ipairs(book.commands) do
    for _, row in ipairs(command.rows) do
      for _, tests in pairs(row.tests) do
        count(tests)
      end
    end
    for _, refusal in pairs(command.refused) do
      count(refusal.tests)
    end
  end
  return ("%d claims, %d with a test; %d problems"):format(claims, shown, #book.problems)
end

return M
