-- Shows that the ledger can fail: small dumps and coverages, and the problems they must give.
-- Run as: lua5.4 cmake/fidelity/self_test.lua
local here = arg[0]:match("^(.*)/") or "."
package.path = here .. "/?.lua;" .. here .. "/../../lua/?.lua;" .. package.path

local cjson = require "cjson"
local document = require "document"
local ledger = require "ledger"

local failed = 0

local function check(name, condition, shown)
  if not condition then
    failed = failed + 1
    print(("FAIL  %s: %s"):format(name, shown))
  end
end

local function row(name, forms, fields)
  local new = { name = name, forms = forms, evidence = {}, clause = "A1", clients = 1, parameters = {}, keys = {} }
  for form in forms:gmatch(".") do
    new.evidence[form] = "manual"
  end
  for key, value in pairs(fields or {}) do
    new[key] = value
  end
  return new
end

--- A use: "+X W2 key", answered OK in the files of 'ok', refused in those of 'refused'.
local function use(text, ok, refused)
  local name, form, count, key = text:match("^(%S*) (%u)(%d*) ?(.*)$")
  local function files(list)
    local paths = {}
    for word in (list or ""):gmatch("%S+") do
      paths[#paths + 1] = "/somewhere/scenarios/" .. word .. ".lua"
    end
    return paths
  end
  return { name = name, form = form, arguments = tonumber(count) or 0, key = key ~= "" and key or cjson.null,
    ok = files(ok), refused = files(refused) }
end

local AT = use(" X", "at/echo")

--- The book of one profile, and its problems as one text.
local function book_of(dump, uses, profiles)
  local book = ledger.new(profiles or { "p" })
  table.insert(uses, AT)
  book:add_profile("p", dump, { commands = uses, unclear = {} })
  return book, table.concat(book.problems, "\n")
end

local function expect(name, dump, uses, wanted)
  local _, problems = book_of(dump, uses)
  check(name, wanted == "" and problems == "" or wanted ~= "" and problems:find(wanted), problems)
end

local REFUSED = use("+X R", nil, "at/generated")
local function with_refusals(...)
  return { REFUSED, use("+X T", nil, "at/generated"), use("+X W1", nil, "at/generated"),
    use("+X X", nil, "at/generated"), ... }
end

expect("all shown", { row("+X", "X") }, with_refusals(use("+X X", "at/x")), "")
expect("a claim without a test", { row("+X", "X") }, with_refusals(), "^p: AT%+X in form X %(manual%): no scenario")
expect("generated bad input shows no answer", { row("+X", "X") }, with_refusals(use("+X X", "at/generated")),
  "form X %(manual%)")
expect("a refusal without a test", { row("+X", "TWX") }, { use("+X X", "a"), use("+X T", "a"), use("+X W1", "a") },
  "form R %(refused%)")
expect("an answer without a claim", { row("+X", "X") }, with_refusals(use("+X X", "a"), use("+X R", "mqtt/y")),
  "form R is answered OK in mqtt/y, but no row claims it")
expect("a command without a row", {}, { use("+Y X", "a") }, "AT%+Y in form X is answered OK in a, but no row")
expect("a refused command", { { name = "+Z", forms = "", refused = "later", doc = "y", clients = 0 } },
  { use("+Z W2", nil, "at/generated") }, "")
expect("a refused command that is not sent", { { name = "+Z", forms = "", refused = "later", doc = "y", clients = 0 } },
  {}, "AT%+Z %(refused%)")
expect("a refused command that is answered", { { name = "+Z", forms = "", refused = "later", doc = "y", clients = 0 } },
  { use("+Z W2", "a", "b") }, "AT%+Z in form W is answered OK")
expect("a basic command has no test form", { row("E", "WX") }, { use("E W1", "a"), use("E X", "a") }, "")

local overloads = { row("+X", "W", { parameters = { {}, {}, { optional = true } } }),
  row("+X", "W", { parameters = { {} } }) }
expect("rows of one name", overloads, with_refusals(use("+X W3", "a"), use("+X W1", "a")), "")
expect("one of two rows of a name", overloads, with_refusals(use("+X W3", "a")), "^p: AT%+X in form W 1 %(manual%)")

local keyed = { row("+X", "W", { keys = { One = {}, two = {} } }) }
expect("keys", keyed, with_refusals(use("+X W2 one", "a"), use("+X W3 two", "a"), use("+X W2", "a")), "")
expect("a key without a test", keyed, with_refusals(use("+X W2 one", "a")), '^p: AT%+X in form W "two"')

do
  local book = ledger.new { "p", "q" }
  book:add_profile("p", { row("+X", "XR") }, { unclear = {}, commands = { AT, use("+X X", "at/a at/b m/c m/d"),
    use("+X R", "at/b"), use("+X T", nil, "g"), use("+X W", nil, "g") } })
  book:add_profile("q", { row("+X", "X") }, { unclear = {}, commands = { AT, use("+X X", "at/b at/a m/c"),
    use("+X R", nil, "g"), use("+X T", nil, "g"), use("+X W", nil, "g") } })
  local text = document.text(book)
  check("no problem", #book.problems == 0, table.concat(book.problems, "\n"))
  for _, line in ipairs { "| AT+X | A1 | X | manual | all | at/a, b +1 |", "|  |  | R | manual | p | at/b |",
    "|  |  | R | refused | q | g |", "| forms known from a manual | 2 | 1 |",
    "| forms of these commands that are refused | 2 | 3 |" } do
    check("the document", text:find(line, 1, true), "no line " .. line .. " in\n" .. text)
  end
  check("the summary", document.summary(book) == "10 claims, 10 with a test; 0 problems", document.summary(book))
  book = ledger.new { "p" }
  book:add_profile("p", {}, nil)
  check("no coverage", table.concat(book.problems):find("^p: no coverage"), table.concat(book.problems))
end

os.exit(failed == 0)
