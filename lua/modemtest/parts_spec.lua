--- The small pure modules: matrix, tags, text, ranges, mailbox, transcript, reports, recorder.
local cjson = require "cjson"
local mailbox = require "modemtest.mailbox"
local matrix = require "modemtest.matrix"
local ranges = require "modemtest.ranges"
local recorder = require "modemtest.recorder"
local report_json = require "modemtest.report_json"
local report_pretty = require "modemtest.report_pretty"
local report_tap = require "modemtest.report_tap"
local runner = require "modemtest.runner"
local s = require "modemtest.spec"
local settings = require "modemtest.settings"
local tags = require "modemtest.tags"
local task = require "modemtest.task"
local text = require "modemtest.text"
local transcript = require "modemtest.transcript"

s.test("text: tables are shown with what is in them", function()
  s.eq(text.show({ a = 1, b = { { 2 }, c = "x" } }), '{ a = 1, b = { { 2 }, c = "x" } }')
  local endless = {}
  endless[1] = endless
  s.match(text.show(endless), "{%.%.%.}")
end)

s.test("text: a profile's escapes become bytes", function()
  s.eq(text.unescape("\\r\\n>\\s\\\\n"), "\r\n> \\n")
  s.eq(text.unescape("plain"), "plain")
end)

s.test("text: the keys of a table come in order", function()
  s.eq(text.sorted_keys({ b = 1, a = 2, c = 3 }), { "a", "b", "c" })
  s.eq(text.sorted_keys({}), {})
end)

s.test("matrix: every combination, last key fastest", function()
  local labels = {}
  for i, p in ipairs(matrix.expand({ size = { 1, 256 }, qos = { 0, 1 } })) do
    labels[i] = matrix.label(p)
  end
  s.eq(labels, { "[qos=0 size=1]", "[qos=0 size=256]", "[qos=1 size=1]", "[qos=1 size=256]" })
  s.eq(matrix.expand(nil, nil), { {} })
end)

s.test("matrix: cases, with and without names, and combined", function()
  s.eq(matrix.expand(nil, { { a = 1 }, "x" }), { { a = 1 }, { value = "x" } })
  s.eq(#matrix.expand({ q = { 0, 1 } }, { { a = 1 }, { a = 2 } }), 4)
  s.eq(matrix.label({ name = "too long", a = 1 }), "[too long]")
end)

s.test("tags", function()
  local function chosen(expression, list)
    return tags.compile(expression)(tags.set(list))
  end
  s.eq(chosen("a", { "a" }), true)
  s.eq(chosen("a and not b", { "a", "b" }), false)
  s.eq(chosen("a,b", { "b" }), true)
  s.eq(chosen("(a or b) and aws-iot", { "b", "aws-iot" }), true)
  for _, wrong in ipairs({ "", "a and", "a b", "os.exit()", "a(b)", "()", "not", "(a", "'" }) do
    s.check(tags.compile(wrong) == nil, "accepted: " .. wrong)
  end
end)

s.test("text: escapes and matching", function()
  s.eq(text.escape("\r\n\0\xffa\\"), "\\r\\n\\x00\\xFFa\\\\")
  s.eq(text.escape("abcdef", 2), "ab ... 4 bytes more")
  s.eq(text.matches("+CSQ: 1", "+CSQ: 1"), {})
  s.eq(text.matches("+CSQ: 1", "+CSQ: (%d)"), { "1" })
  s.eq(text.matches("+CSQ: 14", "+CSQ: 1"), nil)
  s.eq(text.matches("a%", "a%"), {})
  s.check(text.begins("+X: 1", "+X"), "prefix")
  s.check(not text.begins("+X: 1", "X"), "no prefix")
end)

s.test("ranges: strings, optional parts, no colon", function()
  local r = ranges.parse("+CCHOPEN", { '+CCHOPEN: (0,1),"ADDRESS",(1-65535)[,(1-2)[,(1-65535)]]' })
  s.eq({ #r, r[2].string, r[3].optional, r[4].optional, r[5].hi }, { 5, true, nil, true, 65535 })
  s.eq(ranges.parse("+CMQTTPUB", { "+CMQTTPUB (0-1),(0-2)" })[2].hi, 2)
  s.eq(ranges.parse("+X", { "+Y: (0-1)" }), nil)
  s.eq(ranges.parse("+X", {}), nil)
end)

s.test("mailbox: any order, several waiters", function()
  local box = mailbox.new()
  local got = {}
  local function wait_for(name)
    return task.spawn(name, function()
      local item = box:wait(name, math.huge, function()
        return box:take(function(item) return item.text == name end)
      end)
      got[#got + 1] = item.text
    end)
  end
  local a, b = wait_for("a"), wait_for("b")
  task.turn()
  box:put({ text = "b" })
  b:join(math.huge)
  box:put({ text = "a" })
  a:join(math.huge)
  s.eq(got, { "b", "a" })
  s.eq(#box.items, 0)
end)

s.test("transcript: what stands inside PEM blocks is not shown", function()
  local pem = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nTOPSECRET\n-----END RSA PRIVATE KEY-----\n"
  local seen = {}
  local log = transcript.new({ live = function(_, shown) seen[#seen + 1] = shown end })
  log:note("dev>", pem)
  log:note("dev<", pem:sub(1, 60)) -- the echo comes in pieces
  log:note("dev<", pem:sub(61))
  log:note("dev>", pem:sub(1, 70)) -- too short: the next command is seen again
  log:note("dev>", "AT+CSQ\r")
  local all = table.concat(log:lines(), "\n") .. table.concat(seen, "\n")
  s.eq(all:find("SECRET", 1, true), nil)
  s.eq(seen[1], "-----BEGIN RSA PRIVATE KEY----- ... 34 bytes ... -----END RSA PRIVATE KEY-----\n")
  s.eq(seen[5], "AT+CSQ\r")
  local recorded = recorder.record({ name = "n", verdict = "pass" }, log, "emulator")
  s.eq(recorded:find("SECRET", 1, true), nil)
  s.match(recorded, '"bytes":34}\n{"dir":"tx","ms":[%d.]+,"text":"%-%-%-%-%-END')
end)

s.test("transcript: the newest entries of another one are taken, with their times", function()
  local log, other = transcript.new(), transcript.new()
  log:note("test", "mine")
  for _, word in ipairs({ "a", "b", "c" }) do
    other:note("sim", word)
  end
  log:append(other, 2)
  s.eq(#log:lines(), 3)
  s.eq({ log:lines()[2], log:lines()[3] }, other:lines(2))
  log:append(other, 9)
  s.eq(#log:lines(), 6)
end)

s.test("transcript: pieces of one side are one entry, a ring keeps the newest", function()
  local log = transcript.new()
  log:note("dev>", "A")
  log:note("dev>", "T\r")
  log:note("dev<", "\r\nOK\r\n")
  log:note("dev<", "\r\nRDY\r\n")
  s.eq(#log:lines(), 3)
  s.match(log:lines()[1], "dev>   AT\\r$")
  for i = 1, 5000 do
    log:note("sim", tostring(i))
  end
  s.eq(#log:lines(), 4000)
  s.match(log:lines(1)[1], "5000$")
end)

local FAILED = { name = "f.lua: a #1", title = "a", file = "f.lua", verdict = "fail", seconds = 1,
  faults = { { kind = "fail", message = "no", wanted = "x", got = "\255", where = "f.lua:3" } },
  warnings = {}, dialogue = { "1.0 dev> AT" } }

local function reported(module, results)
  local out = {}
  local report = module.new(function(bytes) out[#out + 1] = bytes end, {})
  report:start(#results)
  for _, result in ipairs(results) do
    report:case(result)
  end
  report:finish()
  return table.concat(out)
end

s.test("reports of a failure", function()
  s.match(reported(report_tap, { FAILED }),
    "1%.%.1\nnot ok 1 %- f%.lua: a \\#1\n# f%.lua:3: no\n# wanted x\n# got    \255\n# 1%.0 dev> AT\n")
  s.match(reported(report_pretty, { FAILED }), "FAIL  f%.lua: a.*f%.lua:3: no.*wanted x.*dev> AT")
  local decoded = cjson.decode(reported(report_json, { FAILED }))
  s.eq({ decoded.verdict, decoded.faults[1].got }, { "fail", "\u{ff}" })
end)

s.test("reports of what scenarios counted, with the sums", function()
  local function counted(title, n)
    return { name = "f.lua: " .. title, title = title, file = "f.lua", verdict = "pass", seconds = 0, faults = {},
      warnings = {}, figures = { { "lines", n }, { "left out", 2 } }, notes = { "why " .. title } }
  end
  local results = { counted("b", 10), FAILED, counted("a", 7) }
  s.match(reported(report_pretty, results), "ok    f%.lua: b [^\n]*\n      10 lines, 2 left out\n      why b\n")
  s.match(reported(report_pretty, results),
    "\n        lines  left out\na           7         2\nb          10         2\nin all     17         4\n$")
  s.match(reported(report_tap, results), "\nok 3 %- f%.lua: a\n# 7 lines, 2 left out\n# why a\n")
  s.check(not reported(report_pretty, { counted("a", 7) }):find("in all"), "no table of one row")
end)

s.test("tables that scenarios count for: rows in order, and each under its first column", function()
  local function counted(verdict, ...)
    local tally = {}
    for i, entry in ipairs { ... } do
      tally[i] = { table = "codes", columns = { "natural", "forced" }, row = entry[1], column = entry[2] }
    end
    return { name = "n", title = "n", file = "f", verdict = verdict, seconds = 0, faults = {}, warnings = {},
      tally = tally }
  end
  local results = { counted("pass", { 10, "forced" }, { 2.0, "natural" }), counted("pass", { "x", "natural" }),
    counted("pass", { 2, "natural" }, { 2, "forced" }) }
  s.match(reported(report_pretty, results), "\ncodes  natural  forced\n2            2       1\n10           0       1\n"
    .. "x            1       0\ncodes: 3, natural 2, forced 1\n$")
  s.check(not reported(report_pretty, { FAILED }):find("natural"), "no table that nobody counted for")
end)

s.test("report of a skip", function()
  local skipped = { name = "n", title = "n", file = "f", verdict = "skip", seconds = 0, warnings = {},
    faults = { { kind = "skip", message = "needs broker" } } }
  s.match(reported(report_tap, { skipped }), "ok 1 %- n # SKIP needs broker\n")
end)

s.test("verdicts only ever worsen", function()
  local function exit_of(...)
    local tally = runner.tally()
    for _, verdict in ipairs({ ... }) do
      tally:add({ verdict = verdict })
    end
    return tally:exit_code()
  end
  s.eq(exit_of("pass"), 0)
  s.eq(exit_of("pass", "skip"), 0)
  s.eq(exit_of("skip"), 77)
  s.eq(exit_of("pass", "inconclusive"), 3)
  s.eq(exit_of("inconclusive", "fail"), 1)
  s.eq(exit_of("fail", "error", "pass"), 2)
end)

s.test("record: text and other bytes", function()
  local log = transcript.new()
  log:note("dev>", "AT\r")
  log:note("sim", "not part of it")
  log:note("dev<", "\255\0")
  local lines = {}
  for line in recorder.record({ name = "n", verdict = "pass" }, log, "emulator"):gmatch("[^\n]+") do
    lines[#lines + 1] = cjson.decode(line)
  end
  s.eq({ #lines, lines[1].about, lines[2].dir, lines[2].text, lines[3].hex },
    { 3, "n", "tx", "AT\r", "ff00" })
  s.eq(recorder.file_name("a/b.lua: x [q=1]"), "a_b.lua_x_q=1_")
end)

s.test("devices by name", function()
  s.eq(settings.device("emulator").definition.name, "emulator")
  s.eq(settings.device("pty:/x/y").address, "/x/y")
  local serial = settings.device("serial:/dev/ttyUSB2:9600")
  s.eq({ serial.address, serial.baud }, { "/dev/ttyUSB2", 9600 })
  s.eq(settings.device("serial:/dev/ttyUSB2").baud, 115200)
  s.eq(settings.device("tcp:localhost:5000").address, "tcp:localhost:5000")
  for _, wrong in ipairs({ "", "pty", "pty:", "usb:1", "tcp:host", "serial:" }) do
    s.eq(settings.device(wrong), nil)
  end
end)

s.test("settings: a scripted peer is where the modem reaches it: here, or where --peer-host says", function()
  local function peer_of(device, host)
    local made = settings.new({ device = device, timeout_factor = 1, seed = 1, peer_host = host })
    made.run:remove()
    return { made.capabilities.peer or false, made.peer_host }
  end
  s.eq(peer_of("emulator"), { true, "127.0.0.1" })
  s.eq(peer_of("serial:/dev/ttyUSB2"), { false, "127.0.0.1" })
  s.eq(peer_of("serial:/dev/ttyUSB2", "192.0.2.7"), { true, "192.0.2.7" })
end)
