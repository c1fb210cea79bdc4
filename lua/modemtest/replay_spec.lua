--- Recordings: what the reader refuses, how lines are compared, and that each kind of difference fails with
-- the line of the recording.
local cjson = require "cjson"
local player = require "modemtest.replay_player"
local recording = require "modemtest.recording"
local report = require "modemtest.replay_report"
local s = require "modemtest.spec"
local steps = require "modemtest.replay_steps"

local HEAD = { framing = "unknown", blank_lines = "as in source", echo = "off" }

local function lines_of(list)
  local lines = {}
  for i, object in ipairs(list) do
    lines[i] = type(object) == "string" and object or cjson.encode(object)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function head(fields)
  local copy = {}
  for name, value in pairs(HEAD) do
    copy[name] = value
  end
  for name, value in pairs(fields or {}) do
    copy[name] = value
  end
  return copy
end

local function tx(text, fields)
  fields = fields or {}
  fields.dir, fields.text = "tx", text
  return fields
end

local function rx(text, fields)
  fields = fields or {}
  fields.dir, fields.text = "rx", text
  return fields
end

--- The session in these objects and its plan.
local function plan_of(list)
  local sessions, message = recording.parse(lines_of(list), "r.jsonl")
  s.check(sessions, message)
  local plan
  plan, message = steps.compile(sessions[1], "r.jsonl")
  s.check(plan, message)
  return sessions[1], plan
end

--- Plays them on a modem that answers each command as 'answers' says.
local function play(list, answers)
  local session, plan = plan_of(list)
  local script = {}
  for i, answer in ipairs(answers) do
    script[i] = { answer[1], answer[2] }
  end
  local dev = s.device(script)
  dev.echo = session.head.echo ~= "off"
  local ok, found = pcall(player.play, plan, session.head, dev, {})
  dev:close()
  if not ok then
    error(found, 0)
  end
  return found, session
end

local ATE0 = { "ATE0\r", "ATE0\r\r\nOK\r\n" }
local CSQ = { "AT+CSQ\r", "\r\n+CSQ: 16,99\r\n\r\nOK\r\n" }
local SESSION = { head(), tx("AT+CSQ"), rx(""), rx("+CSQ: 16,99"), rx(""), rx("OK") }

local function fails(list, answers, pattern)
  s.fails("fail", pattern, play, list, answers)
end

s.test("an answer as it was recorded is exact", function()
  local found = play(SESSION, { ATE0, CSQ, { "AT\r", "\r\nOK\r\n" } })
  s.eq({ found.compared, found.exact, found.added, found.by_rule }, { 2, 2, 0, {} })
end)

s.test("another line fails with its line in the recording", function()
  fails(SESSION, { ATE0, { "AT+CSQ\r", "\r\n+CSQ: 17,99\r\n\r\nOK\r\n" } },
    "^r.jsonl:4: another line .*wanted %+CSQ: 16,99 behind 1 .*got    %+CSQ: 17,99 behind 1")
end)

s.test("a missing line fails: another comes, or none", function()
  fails(SESSION, { ATE0, { "AT+CSQ\r", "\r\nOK\r\n" } }, "^r.jsonl:4: another line .*got    OK")
  fails(SESSION, { ATE0, { "AT+CSQ\r", "\r\n+CSQ: 16,99\r\n" } },
    "^r.jsonl:6: a line of the recording is missing.*wanted OK.*got    nothing more")
end)

s.test("a line too much fails: in the middle, and at the end", function()
  fails(SESSION, { ATE0, { "AT+CSQ\r", "\r\n+CSQ: 16,99\r\n\r\n+CREG: 1\r\n\r\nOK\r\n" } },
    "^r.jsonl:6: another line .*wanted OK.*got    %+CREG: 1")
  fails(SESSION, { ATE0, { "AT+CSQ\r", CSQ[2] .. "\r\nRDY\r\n" }, { "AT\r", "\r\nOK\r\n" } },
    "^r.jsonl:6: more than in the recording.*got    .*R")
end)

s.test("the wrong order fails", function()
  fails(SESSION, { ATE0, { "AT+CSQ\r", "\r\nOK\r\n\r\n+CSQ: 16,99\r\n" } }, "^r.jsonl:4: another line .*got    OK")
end)

s.test("an empty line too much or too few fails, unless the head says that they are lost", function()
  local answers = { ATE0, { "AT+CSQ\r", "\r\n+CSQ: 16,99\r\nOK\r\n" } }
  fails(SESSION, answers, "^r.jsonl:6: .*wanted OK behind 1 .*got    OK behind 0")
  local lossy = { table.unpack(SESSION) }
  lossy[1] = head { blank_lines = "partly lost" }
  s.eq(play(lossy, answers).by_rule, { ["blank lines"] = 1 })
  lossy[1] = head { rules = { ["blank lines"] = "typeset" } }
  s.eq(play(lossy, answers).by_rule, { ["blank lines"] = 1 })
end)

s.test("exact framing: every byte counts", function()
  local exact = { { framing = "exact" }, tx("AT\r"), rx("AT\r\r\nOK\r\n") }
  s.eq(play(exact, { { "AT\r", "AT\r\r\nOK\r\n" } }).exact, 2)
  fails(exact, { { "AT\r", "AT\r\nOK\r\n" } }, "^r.jsonl:3: another line .*wanted AT\\r\\r\\nOK")
  fails(exact, { { "AT\r", "AT\r\r\nOK\r" } }, "^r.jsonl:3: a line of the recording is missing")
end)

s.test("the echo: shown, hidden, and what a terminal makes of its CR", function()
  local echoed = { "AT+CSQ\r", "AT+CSQ\r" .. CSQ[2] }
  s.eq(play({ head { echo = "on" }, tx("AT+CSQ"), rx("AT+CSQ"), rx("+CSQ: 16,99"), rx(""), rx("OK") },
    { echoed }).exact, 3)
  s.eq(play({ head { echo = "on", echo_cr = true }, tx("AT+CSQ"), rx("AT+CSQ"), rx(""), rx("+CSQ: 16,99"),
    rx(""), rx("OK") }, { echoed }).exact, 3)
  local hidden = { head { echo = "hidden" }, tx("AT+CSQ"), rx("+CSQ: 16,99"), rx(""), rx("OK") }
  s.eq(play(hidden, { echoed }).exact, 2)
  fails(hidden, { CSQ }, "^r.jsonl:2: .*wanted the echo AT%+CSQ.*got    %+CSQ: 16,99")
end)

s.test("ATE0 ends a hidden echo", function()
  s.eq(play({ head { echo = "hidden" }, tx("ATE0"), rx("OK"), tx("AT+CSQ"), rx(""), rx("+CSQ: 16,99"),
    rx(""), rx("OK") }, { ATE0, CSQ }).exact, 3)
end)

local TOPIC = { head(), tx("AT+CMQTTTOPIC=0,3"), rx(""), rx(">"), tx("a/b"), rx("OK") }

s.test("data goes out without a line end, and its echo is none of the lines", function()
  s.eq(play(TOPIC, { ATE0, { "AT+CMQTTTOPIC=0,3\r", "\r\n>" }, { "a/b", "\r\nOK\r\n" },
    { "AT\r", "\r\nOK\r\n" } }).exact, 2)
  local echoed = { head { echo = "hidden" }, tx("AT+CMQTTTOPIC=0,3"), rx(">"), tx("a/b"), rx("OK") }
  s.eq(play(echoed, { { "AT+CMQTTTOPIC=0,3\r", "AT+CMQTTTOPIC=0,3\r\r\n>\r\n" }, { "a/b", "a/b\r\nOK\r\n" } }).exact, 2)
  s.eq(play(echoed, { { "AT+CMQTTTOPIC=0,3\r", "AT+CMQTTTOPIC=0,3\r\r\n>" }, { "a/b", "a/b\r\nOK\r\n" } }).exact, 2)
end)

s.test("stand-ins: the head's value, or the right form", function()
  local imei = { head { values = { APN = "a.b" } }, tx("ATI"), rx(""), rx("IMEI: <IMEI>"), rx("APN: <APN>"),
    rx(""), rx("OK") }
  local function answer(number, apn)
    return { ATE0, { "ATI\r", ("\r\nIMEI: %s\r\nAPN: %s\r\n\r\nOK\r\n"):format(number, apn) } }
  end
  s.eq(play(imei, answer("860123456789014", "a.b")).by_rule, { ["stand-in"] = 2 })
  fails(imei, answer("86012345678901", "a.b"), "^r.jsonl:4: .*wanted a match of")
  fails(imei, answer("860123456789014", "axb"), "^r.jsonl:5: .*wanted APN: a.b .*got    APN: axb")
end)

s.test("a line that was under way when the host wrote comes before its command is sent", function()
  local list = { head { echo = "on" }, tx("AT+CSQ", { under_way = 1 }), rx(""), rx("RDY"), rx("AT+CSQ"),
    rx("+CSQ: 16,99"), rx(""), rx("OK") }
  local session, plan = plan_of(list)
  local dev, port = s.device({ { "AT+CSQ\r", "AT+CSQ\r" .. CSQ[2] } })
  port:push("\r\nRDY\r\n")
  local found = player.play(plan, session.head, dev, {})
  dev:close()
  s.eq(found.exact, 4)
  fails(list, { { "AT+CSQ\r", "AT+CSQ\r" .. CSQ[2] } }, "^r.jsonl:4: a line of the recording is missing")
end)

s.test("a result that may be behind the message is taken there, once", function()
  local late = { head { blank_lines = "lost", rules = { ["acknowledged late"] = "brokers differ" } },
    tx("AT+CMQTTPUB=0,1,60"), rx("OK"), rx("+CMQTTPUB: 0,0"), rx("+CMQTTRXEND: 0") }
  local function answer(...)
    return { ATE0, { "AT+CMQTTPUB=0,1,60\r", "\r\n" .. table.concat({ ... }, "\r\n\r\n") .. "\r\n" } }
  end
  s.eq(play(late, answer("OK", "+CMQTTPUB: 0,0", "+CMQTTRXEND: 0")).by_rule["acknowledged late"], nil)
  s.eq(play(late, answer("OK", "+CMQTTRXEND: 0", "+CMQTTPUB: 0,0")).by_rule["acknowledged late"], 1)
  fails(late, answer("OK", "+CMQTTRXEND: 0"), "^r.jsonl:4: a line of the recording is missing")
  fails(late, answer("OK", "+CMQTTRXEND: 0", "+CMQTTPUB: 0,6"), "^r.jsonl:4: another line")
  late[1] = head { blank_lines = "lost" }
  fails(late, answer("OK", "+CMQTTRXEND: 0", "+CMQTTPUB: 0,0"), "^r.jsonl:4: another line")
end)

s.test("the report: left out, added, played otherwise", function()
  local session, found
  found, session = play({ head(), tx("AT+CIPMODE?", { left_out = "no sockets" }),
    rx("+CIPMODE: 0", { left_out = "no sockets" }), tx("AT+CS", { actual = "AT+CSQ", why = "cut" }),
    rx(""), rx("+CSQ: 16,99"), rx("OK", { added = "lost" }) }, { ATE0, CSQ })
  local figures, notes = report.of(session, found)
  s.eq(figures, { { "lines compared", 1 }, { "exact", 1 }, { "normalised", 0 }, { "left out", 1 }, { "added", 1 } })
  s.eq(notes, { "[AT+CS] is played as AT+CSQ: cut", "added, lost: OK",
    "left out, no sockets: [AT+CIPMODE?], +CIPMODE: 0" })
end)

s.test("a setup that fails is a fault of its entry", function()
  fails({ head(), { dir = "setup", text = "AT+CMQTTSTART", result = "+CMQTTSTART: 0" } },
    { ATE0, { "AT+CMQTTSTART\r", "\r\nERROR\r\n" } }, "^r.jsonl:2: .*wanted %+CMQTTSTART: 0")
end)

s.test("a recording of ours is read as it was written", function()
  local text = recording.encode_head("a scenario", "emulator", "pass", { profile = "sim7600" }) .. "\n"
    .. recording.encode("tx", "AT\r", 1) .. "\n" .. recording.encode("rx", "\0\xff", 2.25) .. "\n"
  local sessions = recording.parse(text, "r")
  s.eq({ #sessions, sessions[1].head.profile, sessions[1].head.framing }, { 1, "sim7600", "exact" })
  s.eq({ recording.bytes_of(sessions[1].entries[1]), recording.bytes_of(sessions[1].entries[2]) }, { "AT\r", "\0\xff" })
end)

s.test("what the reader refuses, with the line", function()
  for _, case in ipairs({
    { { "" }, "r.jsonl: no session" },
    { { HEAD, "{" }, "r.jsonl:2: no JSON object" },
    { { HEAD, "7" }, "r.jsonl:2: no JSON object" },
    { { tx("AT") }, "r.jsonl:1: an entry before the first head" },
    { { { about = "x" } }, "r.jsonl:1: a head needs the framing" },
    { { head { colour = "red" } }, "r.jsonl:1: a head has no field 'colour'" },
    { { head { keys = "x" } }, "r.jsonl:1: field 'keys' of a head must be a list or an object" },
    { { head { values = { A = 1 } } }, "r.jsonl:1: field 'values' of a head must be an object with texts" },
    { { head { rules = { "x" } } }, "r.jsonl:1: field 'rules' of a head must be an object with texts" },
    { { HEAD, { dir = "up", text = "" } }, "r.jsonl:2: there is no dir 'up'" },
    { { HEAD, { dir = 7 } }, "r.jsonl:2: there is no dir '7" },
    { { HEAD, { dir = "rx" } }, "r.jsonl:2: an entry rx needs text, hex or bytes" },
    { { HEAD, { dir = "rx", hex = "0g" } }, "r.jsonl:2: hex must be" },
    { { HEAD, { dir = "rx", hex = "0" } }, "r.jsonl:2: hex must be" },
    { { HEAD, { dir = "rx", bytes = 1.5 } }, "r.jsonl:2: bytes must be" },
    { { HEAD, { dir = "rx", bytes = -1 } }, "r.jsonl:2: bytes must be" },
    { { HEAD, tx("AT", { lost = true }) }, "r.jsonl:2: field 'lost' of an entry tx must be a text" },
    { { HEAD, rx("AT", { lost = "x" }) }, "r.jsonl:2: an entry rx has no field 'lost'" },
    { { HEAD, tx("AT", { actual = "ATI" }) }, "r.jsonl:2: actual and why" },
    { { HEAD, { dir = "setup" } }, "r.jsonl:2: an entry setup needs" },
    { { head { broker = "azure" } }, "r.jsonl:1: there is no broker 'azure'" },
    { { HEAD, { dir = "broker", action = "dance" } }, "r.jsonl:2: the broker has no action 'dance'" },
    { { HEAD, { dir = "broker", action = "publish", topic = "t" } }, "r.jsonl:2: publish needs" },
    { { HEAD, { dir = "set" } }, "r.jsonl:2: an entry set needs the field 'keys'" },
  }) do
    local sessions, message = recording.parse(lines_of(case[1]), "r.jsonl")
    s.eq({ sessions, (message or ""):sub(1, #case[2]) }, { nil, case[2] })
  end
end)

s.test("what cannot be played, with the line", function()
  for _, case in ipairs({
    { { { framing = "unknown" } }, "r.jsonl:1: a head of framing unknown needs the field echo" },
    { { head { rules = { luck = "x" } } }, "r.jsonl:1: there is no rule 'luck'" },
    { { HEAD, tx("AT+CGDCONT=1,\"IP\",\"<APN>\"") }, "r.jsonl:2: the head's values must say what stands for <APN>" },
    { { HEAD, rx("+X: <NAME>") }, "r.jsonl:2: neither a value nor a form is known for <NAME>" },
    { { HEAD, tx("AT", { under_way = 2 }), rx("RDY") }, "r.jsonl:2: fewer than 2 lines follow" },
    { { HEAD, tx("AT", { under_way = 2 }), rx("RDY"), tx("AT") }, "r.jsonl:2: fewer than 2 lines follow" },
    { { HEAD, tx("AT+CMQTTTOPIC=0,4"), rx(">"), tx("a/b"), rx("OK") },
      "r.jsonl:4: the data has 3 bytes, but 4 are announced" },
  }) do
    local sessions = recording.parse(lines_of(case[1]), "r.jsonl")
    local plan, message = steps.compile(sessions[1], "r.jsonl")
    s.eq({ plan, (message or ""):sub(1, #case[2]) }, { nil, case[2] })
  end
end)

s.test("damaged recordings get a message or a plan, never a Lua error", function()
  local good = lines_of { head { values = { APN = "a.b" }, rules = { ["blank lines"] = "x" } }, tx("AT+CMQTTTOPIC=0,3"),
    rx(""), rx(">"), tx("a/b", { added = "y" }), rx("OK <APN>"), { dir = "rx", hex = "0d0a" },
    { dir = "setup", text = "AT", result = "OK" }, { dir = "broker", action = "publish", topic = "t", bytes = 3 } }
  local state = 1
  local function random(n)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % n
  end
  local refused = 0
  for _ = 1, 3000 do
    local at, length = 1 + random(#good), random(4)
    local from = 1 + random(14)
    local bad = good:sub(1, at - 1) .. ("\"{}[]:,0e<>\0\xff\n"):sub(from, from + random(3)) .. good:sub(at + length)
    local sessions, message = recording.parse(bad, "r")
    local plan
    if sessions then
      plan, message = steps.compile(sessions[#sessions], "r")
    end
    s.check(plan or message:find("^r:"), "neither a plan nor a message with the line")
    refused = refused + (plan and 0 or 1)
  end
  s.check(refused > 1000, "the damage is too small to show anything")
end)
