local cjson = require "cjson"
local coverage = require "modemtest.coverage"
local s = require "modemtest.spec"
local transcript = require "modemtest.transcript"

--- A dialogue: { "sent", "received", "sent", ... }; an empty text is nothing.
local function dialogue(steps)
  local log = transcript.new()
  log:note("dev>", "ATE0\r") -- of a fixture
  log:note("dev<", "\r\nOK\r\n")
  log:scenario_begins()
  for i, bytes in ipairs(steps) do
    if bytes ~= "" then
      log:note(bytes == "REOPENED" and "dev" or i % 2 == 1 and "dev>" or "dev<", bytes)
    end
  end
  log:scenario_ends()
  log:note("dev>", "AT+LATER\r")
  log:note("dev<", "\r\nOK\r\n")
  return log
end

local OK, ERROR = "\r\nOK\r\n", "\r\nERROR\r\n"

--- "+CSQ X ok": what a dialogue used.
local function used(steps)
  local uses, unclear = coverage.of(dialogue(steps))
  local words = {}
  for i, use in ipairs(uses) do
    words[i] = ("%s %s%s %s"):format(use.name, use.form, use.form == "W" and use.arguments or "",
      use.ok and "ok" or "refused")
  end
  return unclear and "unclear" or table.concat(words, ", ")
end

local CASES = {
  { "an answer", { "AT+CSQ\r", "\r\n+CSQ: 1,2\r\n" .. OK }, "+CSQ X ok" },
  { "a refusal", { "AT+FOO=1,2\r", ERROR, "AT+BAR?\r", "\r\n+CME ERROR: 10\r\n", "AT+BAZ\r",
    "\r\n+CMS ERROR: 331\r\n" }, "+FOO W2 refused, +BAR R refused, +BAZ X refused" },
  { "a chain", { "AT+A;+B?;E0\r", OK }, "+A X ok, +B R ok, E W1 ok" },
  { "a refused chain tells nothing", { "AT+A;+B?\r", ERROR, "ATE0\r", OK }, "E W1 ok" },
  { "nor does a line with a syntax error", { "AT+A;+B??\r", ERROR, "AT??\r", ERROR, "ATE?\r", ERROR }, "" },
  { "the same again is told once", { "AT+A\rAT+A\r", OK .. OK, "AT+A\r", ERROR }, "+A X ok, +A X refused" },
  { "echo", { "AT+A\r", "AT+A\r\r\nOK\r\n", "AT+B\r", "AT+B\r\r\nERROR\r\n" }, "+A X ok, +B X refused" },
  { "answers in turn", { "AT+A\r", "", "AT+B\r", "\r\n+A: 1\r\n" .. OK, "AT+C\r", ERROR .. OK },
    "+A X ok, +B X refused, +C X ok" },
  { "data behind a prompt is no line", { "AT+A=0,5\r", "\r\n>", "AT+B\rAT+C\r", OK, "AT+D\r", OK },
    "+A W2 ok, +D X ok" },
  { "bytes of a message are no answer", { "AT+A\r", "\r\n+CMQTTRXPAYLOAD: 0,8\r\n" .. ERROR:sub(1, 8) .. "\r\n" .. OK },
    "+A X ok" },
  { "V0", { "ATV0\r", "0\r", "AT+A\r", "+A: 1\r\n0\r", "AT+B\r", "4\r", "ATV1\r", OK, "AT+C\r", "\r\n4\r\n" .. ERROR },
    "V W1 ok, +A X ok, +B X refused, +C X refused" },
  { "V0 with echo", { "ATE1V0\r", "0\r", "AT+A\r", "AT+A\r4\r" }, "E W1 ok, V W1 ok, +A X refused" },
  { "S3 and S4", { "ATS3=33\r", "!\nOK!\n", "ATS4=63!", "!?OK!?", "AT+A!", "!?+A: 1!?!?OK!?", "AT+B!", "!?ERROR!?",
    "ATS4=10S3=13!", OK, "AT+C\r", OK }, "S3 W1 ok, S4 W1 ok, +A X ok, +B X refused, +C X ok" },
  { "Q1 tells nothing", { "ATQ1\r", "", "AT+A\r", "\r\n+A: 1\r\n", "ATQ0\r", OK }, "Q W1 ok" },
  { "CONNECT", { "AT+CGDATA=\"PPP\",1\r", "\r\nCONNECT 115200\r\n" }, "+CGDATA W2 ok" },
  { "the end of a call is no answer to another command", { "ATD123;\r", OK, "AT+A\r", "\r\nNO CARRIER\r\n" .. OK },
    "D W1 ok, +A X ok" },
  { "no call to answer", { "ATA\r", "\r\nNO CARRIER\r\n" }, "A X refused" },
  { "a reset forgets lines", { "AT+A\r", "\r\nRDY\r\n", "AT+B\r", OK }, "+B X ok" },
  { "so does a new port", { "AT+A\r", "REOPENED", "AT+B\r", OK }, "+B X ok" },
  { "an end without answer", { "AT+A\r", OK, "AT+B\r" }, "+A X ok" },
  { "an answer too few: nothing is claimed", { "AT+A\r", "", "AT+B\r", ERROR, "AT+C\r", OK }, "unclear" },
  { "a line over the limits", { "AT" .. ("+A;"):rep(300) .. "\r", ERROR, "AT+B\r", OK }, "+B X ok" },
}

for _, case in ipairs(CASES) do
  s.test("uses: " .. case[1], function()
    s.eq(used(case[2]), case[3])
  end)
end

local function result(file, steps, fields)
  local uses, unclear = coverage.of(dialogue(steps))
  local r = { name = file .. ": x", file = file, verdict = "pass", uses = uses, unclear = unclear }
  for key, value in pairs(fields or {}) do
    r[key] = value
  end
  return r
end

s.test("the sheet is the same in whatever order results come", function()
  local results = {
    result("b.lua", { "AT+B\r", OK, "AT+A=1\r", ERROR, 'AT+K="Key",1\r', OK }), result("a.lua", { "AT+B\r", OK }),
    result("b.lua", { "AT+B\r", ERROR }), result("c.lua", { "AT+C\r", OK }, { verdict = "fail" }),
    result("d.lua", { "AT+D\r", OK }, { known_deviation = "why" }),
    result("e.lua", { "AT+A\r", "", "AT+B\r", ERROR, "AT+C\r", OK }), { name = "f", file = "f.lua", verdict = "skip" },
  }
  local forward, backward = coverage.sheet("p"), coverage.sheet("p")
  for i = 1, #results do
    forward:add(results[i])
    backward:add(results[#results + 1 - i])
  end
  s.eq(forward:text(), backward:text())
  local sheet = cjson.decode(forward:text())
  s.eq({ sheet.profile, sheet.unclear[1], #sheet.commands }, { "p", "e.lua: x", 3 })
  s.eq({ sheet.commands[1].name, sheet.commands[1].arguments, sheet.commands[1].refused }, { "+A", 1, { "b.lua" } })
  s.eq({ sheet.commands[2].name, sheet.commands[2].ok, sheet.commands[2].refused },
    { "+B", { "a.lua", "b.lua" }, { "b.lua" } })
  s.eq({ sheet.commands[3].key, sheet.commands[3].form }, { "key", "W" })
end)

s.test("an empty sheet is JSON, too", function()
  local sheet = cjson.decode(coverage.sheet():text())
  s.eq({ sheet.profile == cjson.null, #sheet.commands, #sheet.unclear }, { true, 0, 0 })
end)
