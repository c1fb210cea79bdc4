--- docs/CODES.md out of the recipes: modemtest --document scenarios/codes/lib/document.lua scenarios/codes
-- The answers come from the rules the scenarios demand (answer.lua) and from the keys of each built-in profile. A
-- command and code that no recipe has, or that is natural and forced, is a message, and no document.
local answer = require "lib.answer"
local dump = require "modemtest.dump"
local files = require "modemtest.files"
local host = require "modemtest.host"
local names = require "lib.names"
local text = require "modemtest.text"
local way = require("lib.recipe").WAY

local M = {}

local FOLDER = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local PROFILES = FOLDER .. "/../../../sim/profiles"
local LAST, NATURAL_AT_LEAST = 34, 28
local LATE = 99 -- where a cause without a place in the field's ranking stands

local INTRO = [[
# Result codes of the MQTT commands

Made from the recipes in `scenarios/codes` (`cmake --build build --target docs`); do not edit. Each cause below is a
scenario, and what it says the modem prints is what the scenario demands, byte for byte, on every profile:
`build/modemtest scenarios/codes`, one code with `--tags code-6`.

For whom a device has just printed a code: look it up, read its causes from the top (what the field met most comes
first), and compare the lines. *Natural* causes lie outside the modem or in what was typed. *Forced*: no such cause is
known; the emulator can still answer so by fault injection (`mqtt.result`), to try a host program. Every code is forced
so on all commands with a result line that the table does not name for it.

An answer is written as its lines in their order, each between CR LF and CR LF: `OK` `+CMQTTPUB: 0,6` is
`\r\nOK\r\n\r\n+CMQTTPUB: 0,6\r\n`. Profiles are in [PROFILES.md](PROFILES.md): `sim7600` withholds OK until the
result of a network command is known, the others say OK at once; `a76xx` is a sister family. After OK,
the line may take minutes.

Evidence: [L] log of a device, [M] manual, [C] client code in the field, [W] a write-up, [A] AWS, [I] inferred, and the
number of the field failure (F01 ...). Clauses are those of the specification of the MQTT commands.

]]

-- Profiles --------------------------------------------------------------------------------------------------

local function profiles()
  local list = {}
  for _, file in ipairs(files.list(PROFILES)) do
    local name = file:match "^(.+)%.profile$"
    if name then
      local keys = dump.ask(host.exe_dir .. "/sim7600", name, "profile")
      table.insert(list, name == "sim7600" and 1 or #list + 1, { profile = name, keys = keys })
    end
  end
  return list
end

local function firmware(profile, row)
  local over = row.sim and row.sim.keys or {}
  return { profile = profile.profile, key = function(name)
    return tostring(over[name] == nil and profile.keys[name] or over[name])
  end }
end

--- "`OK` `+CMQTTPUB: 0,6`"; or a dash, and why not.
local function shown(row, profile)
  local lines, why = answer.lines(row, firmware(profile, row))
  return lines and "`" .. table.concat(lines, "` `") .. "`" or "-", why
end

--- Why profiles cannot come to it, each reason once.
local function reasons(rows, list)
  local out, seen = {}, {}
  for _, group in ipairs(list) do
    for _, row in ipairs(rows) do
      local _, why = shown(row, group.first)
      if why and not seen[why] then
        seen[why] = true
        out[#out + 1] = ("`-` on %s: %s.\n\n"):format(group.names, why)
      end
    end
  end
  return table.concat(out)
end

--- The profiles that answer alike in every row: { names = "a, b", first = profile }.
local function groups(rows, all)
  local list, by_answers = {}, {}
  for _, profile in ipairs(all) do
    local parts = {}
    for i, row in ipairs(rows) do
      parts[i] = shown(row, profile)
    end
    local key = table.concat(parts, "\n")
    if not by_answers[key] then
      by_answers[key] = { names = profile.profile, first = profile }
      list[#list + 1] = by_answers[key]
    else
      by_answers[key].names = by_answers[key].names .. ", " .. profile.profile
    end
  end
  return list
end

-- Recipes ---------------------------------------------------------------------------------------------------

--- The recipes of all cases, each once, in the order of the files.
local function recipes_of(cases)
  local list, seen = {}, {}
  for _, case in ipairs(cases) do
    local about = case.spec.about
    if about and about.recipe and not seen[about] then
      seen[about] = true
      list[#list + 1] = { recipe = about.recipe, rows = about.rows, order = #list, file = case.file }
    end
  end
  return list
end

local function field_of(one)
  local best = one.recipe.field or LATE
  for _, row in ipairs(one.rows) do
    best = math.min(best, row.field or LATE)
  end
  return best
end

local function by_field(a, b)
  local rank = { field_of(a), field_of(b) }
  if rank[1] ~= rank[2] then
    return rank[1] < rank[2]
  end
  return a.order < b.order
end

local function short(command)
  return (command:gsub("^%+CMQTT", ""))
end

--- "PUB, SUB": the commands of these rows, each once; more than 'most' are not named.
local function commands_of(rows, most)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    if not seen[row.command] then
      seen[row.command] = true
      list[#list + 1] = short(row.command)
    end
  end
  return #list > (most or #list) and "several commands" or table.concat(list, ", ")
end

local function typed(row)
  return text.escape("AT" .. row.command .. (row.rest or ""))
end

local function cell(row)
  local line = row.name and not row.table and row.name or "`" .. typed(row) .. "`"
  return line .. (row.data and (", data `%s`"):format(text.escape(row.data)) or "")
end

-- Text ------------------------------------------------------------------------------------------------------

local Out = {}
Out.__index = Out

function Out:add(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
end

--- The AT lines, down to the one that fails.
local function add_steps(out, one)
  local recipe, row = one.recipe, one.rows[1]
  for _, other in ipairs(one.rows) do
    if other.state ~= row.state then
      return -- each row has a way of its own
    end
  end
  local lines = {}
  local steps = recipe.steps or row.steps
  if not (steps and steps[1] == "AT+CMQTTSTART") then
    table.move(way[row.state], 1, #way[row.state], 1, lines)
  end
  table.move(steps or {}, 1, #(steps or {}), #lines + 1, lines)
  if #one.rows == 1 and not recipe.table then
    lines[#lines + 1] = typed(row)
    lines[#lines + 1] = row.data and "> " .. text.escape(row.data) or nil
  elseif not recipe.table then
    lines[#lines + 1] = "then one of the table"
  end
  if #lines > 0 then
    out:add("```\n" .. table.concat(lines, "\n") .. "\n```\n\n")
  end
end

local function add_answers(out, one, all)
  local list = groups(one.rows, all)
  local head = #one.rows > 1 and "| typed |" or "|"
  local rule = #one.rows > 1 and "| --- |" or "|"
  for _, group in ipairs(list) do
    head, rule = head .. " " .. (#list == 1 and "every profile" or group.names) .. " |", rule .. " --- |"
  end
  out:add("%s\n%s\n", head, rule)
  for _, row in ipairs(one.rows) do
    local line = #one.rows > 1 and "| " .. cell(row) .. " |" or "|"
    for _, group in ipairs(list) do
      line = line .. " " .. (shown(row, group.first)) .. " |"
    end
    out:add("%s\n", line)
  end
  out[#out + 1] = "\n" .. reasons(one.rows, list)
end

local function add_recipe(out, one, all)
  local recipe = one.recipe
  local on = recipe.table and recipe.name .. ": " or commands_of(one.rows, 5) .. ": "
  out:add("### %s%s\n\n", on, recipe.cause)
  out:add("%s; evidence: %s; clause %s.%s\n\n", recipe.kind == "natural" and "Natural" or "Forced", recipe.evidence,
    recipe.spec, recipe.how and " " .. recipe.how or "")
  add_steps(out, one)
  add_answers(out, one, all)
  out:add("Cure: %s\n\n", recipe.cure)
end

local function natural_of(list)
  local natural = {}
  for _, one in ipairs(list or {}) do
    if one.recipe.kind == "natural" then
      natural[#natural + 1] = one
    end
  end
  table.sort(natural, by_field)
  return natural
end

local function forced_of(list)
  for _, one in ipairs(list or {}) do
    if one.recipe.kind == "forced" then
      return one
    end
  end
  return nil
end

local function add_code(out, code, list, all)
  local natural, forced = natural_of(list), forced_of(list)
  out:add("## %d: %s\n\n", code, names[code])
  for _, one in ipairs(natural) do
    add_recipe(out, one, all)
  end
  if forced and #natural == 0 then
    add_recipe(out, forced, all)
  end
end

local function add_overview(out, by_code, last)
  out:add "| Code | Meaning | Most likely cause | On |\n| --- | --- | --- | --- |\n"
  for code = 0, last do
    local natural, forced = natural_of(by_code[code]), forced_of(by_code[code])
    local rows = {}
    for _, one in ipairs(natural) do
      table.move(one.rows, 1, #one.rows, #rows + 1, rows)
    end
    local first = natural[1] or forced
    out:add("| [%d](#%d-%s) | %s | %s | %s |\n", code, code, names[code]:lower():gsub("[^%w ]", ""):gsub(" ", "-"),
      names[code], first.recipe.cause, #rows > 0 and commands_of(rows) or "forced only")
  end
  out:add "\n"
end

-- What must not be missing ----------------------------------------------------------------------------------

local function kinds_of(by_code)
  local kinds, commands = {}, {}
  for code, list in pairs(by_code) do
    for _, one in ipairs(list) do
      for _, row in ipairs(one.rows) do
        commands[row.command] = true
        kinds[code .. row.command] = kinds[code .. row.command] or {}
        kinds[code .. row.command][one.recipe.kind] = true
      end
    end
  end
  return kinds, text.sorted_keys(commands)
end

local function problems_of(by_code)
  local problems, natural = {}, 0
  local kinds, commands = kinds_of(by_code)
  for code = 0, LAST do
    natural = natural + (#natural_of(by_code[code]) > 0 and 1 or 0)
    for _, command in ipairs(commands) do
      local kind = kinds[code .. command]
      if not kind then
        problems[#problems + 1] = ("no recipe for %d on %s"):format(code, command)
      elseif kind.natural and kind.forced then
        problems[#problems + 1] = ("%d on %s is natural and forced: drop the forced one"):format(code, command)
      end
    end
  end
  if natural < NATURAL_AT_LEAST then
    problems[#problems + 1] = ("natural causes for %d codes, at least %d are wanted"):format(natural, NATURAL_AT_LEAST)
  end
  return problems
end

--- document.text(cases) -> text; nil and a list of messages
function M.text(cases)
  local by_code, unasked, last = {}, {}, 0
  for _, one in ipairs(recipes_of(cases)) do
    local code = one.recipe.code
    if one.recipe.table then
      unasked[#unasked + 1] = one
    else
      by_code[code] = by_code[code] or {}
      table.insert(by_code[code], one)
      last = math.max(last, code)
    end
  end
  local problems = problems_of(by_code)
  if #problems > 0 then
    return nil, problems
  end
  local out, all = setmetatable({ INTRO }, Out), profiles()
  add_overview(out, by_code, last)
  for code = 0, last do
    add_code(out, code, by_code[code], all)
  end
  out:add "## Lines that no command waits for\n\n"
  for _, one in ipairs(unasked) do
    add_recipe(out, one, all)
  end
  return (table.concat(out):gsub("\n+$", "\n"))
end

return M
