--- The whole program from outside: options, exit codes, reports, what a failure shows, and that nothing
-- stays behind.
local cjson = require "cjson"
local files = require "modemtest.files"
local host = require "modemtest.host"
local process = require "modemtest.process"
local program = require "modemtest.spec_program"
local s = require "modemtest.spec"
local task = require "modemtest.task"

local run = program.run

local PASS = 't.scenario "good" { tags = {"x"}, run = function(dev) dev:cmd("AT"):ok() end }\n'
local FAIL = 't.scenario "bad" {\n run = function(dev)\n  dev:cmd("AT+Y"):error()\n end }\n'
local SKIP = 't.scenario "not here" { needs = { "nonsense" }, run = function() end }\n'

local function body(code, fields)
  return ('t.scenario "one" { %s run = function(dev, env, p) %s end }\n'):format(fields or "", code)
end

s.test("all passed", function()
  run({ ["a.lua"] = PASS .. SKIP }, nil, function(r)
    s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 1 skipped" })
    s.match(r.out, "skip  [^\n]*a%.lua: not here: needs nonsense")
  end)
end)

s.test("a failure shows file and line, wanted, got, and the dialogue", function()
  run({ ["a.lua"] = PASS .. FAIL }, nil, function(r)
    s.eq({ r.code, r.last }, { 1, "1 passed, 1 failed, 0 skipped" })
    s.match(r.out, "a%.lua:5: in answer to AT%+Y")
    s.match(r.out, "wanted ERROR\n%s+got    OK\n")
    s.match(r.out, "%d dev>%s+AT%+Y\\r\n%s+[%d.]+ dev<%s+\\r\\nOK\\r\\n")
  end)
end)

s.test("all skipped is 77", function()
  run({ ["a.lua"] = SKIP }, nil, function(r)
    s.eq({ r.code, r.last }, { 77, "0 passed, 0 failed, 1 skipped" })
  end)
end)

s.test("a destructive scenario needs permission", function()
  run({ ["a.lua"] = body("", "destructive = true,") }, nil, function(r)
    s.eq(r.code, 77)
    s.match(r.out, "destructive.*%-%-allow%-destructive")
  end)
  run({ ["a.lua"] = body("", "destructive = true,") }, { "--allow-destructive", "DIR" },
    function(r) s.eq(r.code, 0) end)
end)

s.test("further modems: their dialogue is named, and what nobody looked at fails", function()
  local two = 'sim = { args = { "--count", "2" } },'
  local files_ = {
    ["a.lua"] = body('local b = env.sim:port(1) t.check(b == env.sim:port(1), "another one") '
      .. 't.check(b:cmd("AT+CGSN"):ok():lines()[1] ~= dev:cmd("AT+CGSN"):ok():lines()[1], "one modem")'
      .. ' env.sim:restart() b:cmd("AT"):ok()', two),
    ["b.lua"] = body('env.sim:port(1):cmd("AT+CGSN"):ok()', two),
    ["c.lua"] = body('env.sim:port(1)'),
    ["d.lua"] = body('env.sim:port(2)', two),
  }
  run(files_, { "--device", "emulator", "DIR" }, function(r)
    s.eq({ r.code, r.last }, { 1, "1 passed, 3 failed, 0 skipped" })
    s.match(r.out, "b%.lua: [^\n]*\n[^\n]*received from modem1 and never looked at")
    s.match(r.out, "dev1>%s+AT%+CGSN\\r\n")
    s.match(r.out, 'c%.lua[^\n]*no modem1: start it with sim = { args = { "%-%-count", "2" } }')
    s.match(r.out, 'd%.lua[^\n]*no modem2')
  end)
end)

s.test("a scripted peer ends with its scenario, and what nobody looked at fails", function()
  -- The scenario is the modem here, too.
  local client = ' local c = require "modemtest.transport".open_tcp(p.host, p.port, t.now() + 5000) c:write("\\xC0\\0'
    .. '\\x40\\2\\0\\7") '
  local files_ = {
    ["a.lua"] = body("local p = t.peer {}" .. client .. "p:accept() c:close()"),
    ["b.lua"] = body("local p = t.peer {}" .. client
      .. "local d = p:accept() d:packet() d:expect('PUBACK', { id = 7 }) c:close()"),
    ["c.lua"] = body("local p = t.peer { unread = true }" .. client .. "p:accept() c:close()"),
    ["d.lua"] = body("local p = t.peer {}" .. client .. "c:close() t.fail('halfway')"),
  }
  run(files_, nil, function(r)
    s.eq({ r.code, r.last }, { 1, "2 passed, 2 failed, 0 skipped" })
    s.match(r.out, "a%.lua: [^\n]*\n[^\n]*the peer got and nobody looked at\n[^\n]*\n *got +PUBACK %(id 7%)\n")
    s.match(r.out, "d%.lua: [^\n]*\n[^\n]*halfway\n")
    s.check(not r.out:find("left open", 1, true), "a peer was left open")
  end)
end)

s.test("inconclusive is 3", function()
  run({ ["a.lua"] = PASS .. body('t.inconclusive("no signal")') }, nil, function(r)
    s.eq({ r.code, r.last }, { 3, "1 passed, 0 failed, 1 skipped" })
  end)
end)

s.test("usage and set-up errors are 2, with one clear line", function()
  local cases = {
    { {}, { "DIR/none.lua" }, "none%.lua: no such file or folder" },
    { {}, { "DIR" }, "no scenario in " },
    { {}, {}, "no scenario file or folder named" },
    { { ["a.lua"] = "this is no Lua" }, { "DIR" }, "a%.lua:2: syntax error" },
    { { ["a.lua"] = "x = 1" }, { "DIR" }, "a%.lua:2: assignment to the global 'x'" },
    { { ["a.lua"] = 't.scenario "n" { runn = 1, run = print }' }, { "DIR" },
      "^modemtest: [^ ]*a%.lua:2: scenario 'n': unknown field 'runn'" },
    { { ["a.lua"] = body("", "sim = { keyz = {} },") }, { "DIR" }, "a%.lua:2: .*unknown field 'sim.keyz'" },
    { { ["a.lua"] = body("", "sim = { keys = 1 },") }, { "DIR" }, "a%.lua:2: .*'sim.keys' must be a table" },
    { { ["a.lua"] = PASS .. PASS }, { "DIR" }, "a%.lua:3: scenario 'good': declared twice" },
    { { ["a.lua"] = body("", "matrix = { q = {} },") }, { "DIR" }, "a%.lua:2: .*matrix 'q' must be a list" },
    { { ["a.lua"] = body("", "matrix = { q = 1 },") }, { "DIR" }, "a%.lua:2: .*matrix 'q' must be a list" },
    { { ["a.lua"] = body("", "cases = {},") }, { "DIR" }, "a%.lua:2: .*'cases' must be a list" },
    { { ["a.lua"] = PASS }, { "--junit", "DIR/no/such", "DIR" }, "^modemtest: %-%-junit: " },
    { { ["a.lua"] = PASS }, { "--coverage", "DIR/no/such", "DIR" }, "^modemtest: %-%-coverage: " },
    { { ["a.lua"] = PASS }, { "--frobnicate", "DIR" }, "unknown option '%-%-frobnicate'" },
    { { ["a.lua"] = PASS }, { "-j", "0", "DIR" }, "'0' must be a whole number above 0" },
    { { ["a.lua"] = PASS }, { "--shard", "3/2", "DIR" }, "'3/2' must be I/N" },
    { { ["a.lua"] = PASS }, { "--device", "abacus", "DIR" }, "abacus" },
    { { ["a.lua"] = PASS }, { "--peer-host", "here", "DIR" }, "'here' must be an IPv4 address" },
    { { ["a.lua"] = PASS }, { "--tags", "a b", "DIR" }, "no tag expression" },
    { { ["a.lua"] = PASS }, { "--filter", "nowhere", "DIR" }, "none of 1 scenarios is selected" },
    { { ["a.lua"] = PASS }, { "--record", "DIR/no/such", "DIR" }, "%-%-record" },
  }
  for _, case in ipairs(cases) do
    run(case[1], case[2], function(r)
      s.eq(r.code, 2, case[3])
      s.match(r.err, case[3])
      s.eq(#r.err:gsub("[^\n]", ""), 0, "more than one line: " .. r.err)
    end)
  end
end)

s.test("an unreachable device is a set-up error", function()
  run({ ["a.lua"] = PASS }, { "--device", "pty:/nonexistent/modem", "DIR" }, function(r)
    s.eq({ r.code, r.last }, { 2, "0 passed, 1 failed, 0 skipped" })
    s.match(r.out, "cannot open /nonexistent/modem: ENOENT")
  end)
end)

s.test("the limit of a scenario", function()
  run({ ["a.lua"] = body('dev:expect_urc("RDY", { within = 1000 })', "limit = 0.2,") .. PASS }, nil,
    function(r)
      s.eq({ r.code, r.last }, { 1, "1 passed, 1 failed, 0 skipped" })
      s.match(r.out, "a%.lua:2: did not end within its limit of 0%.2 s")
    end)
end)

s.test("what a scenario leaves behind fails it", function()
  local leaving = {
    ['dev:cmd("AT+CSQ") dev:cmd("AT"):ok()'] = "never looked at",
    ['dev:cmd("AT")'] = "no final result of AT yet",
    ['t.spawn(function() dev:expect_urc("RDY") end)'] = "still runs at the end",
    ['t.spawn(function() t.fail("in the child") end) dev:cmd("AT"):ok()'] = "in the child",
    ['require("luv").new_timer()'] = "left open: 1 handle%(s%) of kind timer",
    ['require("modemtest.process").spawn { file = "/bin/sleep", args = { "100" }, name = "nap" }']
      = "left running: nap",
  }
  for code, message in pairs(leaving) do
    run({ ["a.lua"] = body(code) }, nil, function(r)
      s.eq({ r.code, r.last }, { 1, "0 passed, 1 failed, 0 skipped" }, message)
      s.match(r.out, message)
    end)
  end
end)

s.test("fixtures: scope, teardown after failure", function()
  run({ ["a.lua"] = [[
    local log = {}
    t.fixture "f" { scope = "file", setup = function() log[#log + 1] = "F"; return 1 end,
      teardown = function() print("log " .. table.concat(log, " ") .. " -F") end }
    t.fixture "s" { uses = { "f" }, setup = function(env) log[#log + 1] = "S"; return env.f + 1 end,
      teardown = function(object) log[#log + 1] = "-S" .. object end }
    t.scenario "x" { uses = { "s" }, matrix = { n = { 1, 2 } }, run = function(_, env, p)
      log[#log + 1] = "run" .. p.n
      t.eq(env.s, 2)
      t.check(p.n == 2, "first one fails")
    end }]] }, nil, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "log F S run1 %-S2 S run2 %-S2 %-F")
  end)
end)

s.test("a known deviation", function()
  run({ ["a.lua"] = body('t.fail("x")', 'xfail = { tcp = "issue 7" },') }, nil, function(r)
    s.eq(r.code, 0)
    s.match(r.out, "known deviation: issue 7")
  end)
  run({ ["a.lua"] = body("", 'xfail = { ["tcp:sim7600"] = "issue 7" },') }, nil, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "passed, but is marked")
  end)
end)

s.test("concurrency inside a scenario", function()
  run({ ["a.lua"] = body([[
    local gate, order = t.barrier(2), {}
    local results = t.all { function() gate:wait() order[#order + 1] = "a" return 1 end,
      function() gate:wait() order[#order + 1] = "b" return 2 end }
    t.eq(results, { 1, 2 })
    t.eq(#order, 2)
    local ok, problem = pcall(t.all, { function() t.fail("first") end,
      function() dev:expect_urc("RDY", { within = 1000 }) end })
    t.check(not ok)
    t.match(tostring(problem), "first")]]) }, nil, function(r) s.eq(r.code, 0, r.out) end)
end)

s.test("choosing: filter, tags, shard, repeat, list, check", function()
  local both = { ["a.lua"] = PASS .. FAIL, ["b_spec.lua"] = "error('a spec is no scenario')" }
  run(both, { "--filter", "good", "DIR" }, function(r) s.eq(r.last, "1 passed, 0 failed, 0 skipped") end)
  run(both, { "--tags", "not x", "DIR" }, function(r) s.eq(r.last, "0 passed, 1 failed, 0 skipped") end)
  run(both, { "--shard", "1/2", "DIR" }, function(r) s.eq(r.last, "1 passed, 0 failed, 0 skipped") end)
  run(both, { "--repeat", "3", "--shard", "1/2", "DIR" },
    function(r) s.eq(r.last, "3 passed, 0 failed, 0 skipped") end)
  run(both, { "--list", "DIR" }, function(r)
    s.eq({ r.code, #r.lines }, { 0, 2 })
    s.match(r.lines[1], "a%.lua: good  %(x%)$")
  end)
  run(both, { "--check", "DIR" }, function(r) s.eq({ r.code, r.last }, { 0, "2 scenarios read" }) end)
  run({ ["a.lua"] = body("", 'uses = { "nothing" },') }, { "--check", "DIR" }, function(r)
    s.eq(r.code, 2)
    s.match(r.err, "a%.lua: one: there is no fixture 'nothing'")
  end)
end)

s.test("a spawned task's failure is the scenario's, also when it is joined", function()
  local spawned = 'local c = t.spawn(function() t.fail("in the task") end) '
  run({ ["a.lua"] = body(spawned .. "c:join()") }, nil, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "a%.lua:2: in the task")
  end)
  run({ ["a.lua"] = body("t.eq({ t.spawn(function() return 7, 8 end):join({ within = 5 }) }, { 7, 8 })") },
    nil, function(r) s.eq(r.code, 0, r.out) end)
  run({ ["a.lua"] = body('t.spawn(function() dev:expect_urc("X") end):join { within = 0.01 }') },
    nil, function(r)
      s.eq(r.code, 1)
      s.match(r.out, "a%.lua:2: task 'task of the scenario' did not end in time")
    end)
end)

s.test("os.exit is refused: it would hide the verdict and leave programs behind", function()
  run({ ["a.lua"] = body("os.exit(0)") .. PASS }, nil, function(r)
    s.eq({ r.code, r.last }, { 1, "1 passed, 1 failed, 0 skipped" })
    s.match(r.out, "a%.lua:2: os%.exit would end modemtest")
  end)
end)

local DIE = 'local uv = require "luv"; uv.kill(uv.os_getpid(), "sigkill")'

s.test("workers: same results, also when one dies", function()
  run({ ["a.lua"] = PASS .. FAIL .. SKIP }, { "-j", "2", "--format", "json", "DIR" }, function(r)
    s.eq({ r.code, r.last }, { 1, "1 passed, 1 failed, 1 skipped" })
    local verdicts = {}
    for i = 1, 3 do
      local result = cjson.decode(r.lines[i])
      verdicts[result.title] = result.verdict
    end
    s.eq(verdicts, { good = "pass", bad = "fail", ["not here"] = "skip" })
  end)
  run({ ["a.lua"] = body(DIE) .. PASS }, { "-j", "2", "DIR" }, function(r)
    s.eq({ r.code, r.last }, { 2, "1 passed, 1 failed, 0 skipped" })
    s.match(r.out, "worker process ended: ended by signal 9")
  end)
end)

s.test("files: JUnit, dialogues, recording", function()
  run({ ["a.lua"] = PASS .. FAIL },
    { "--junit", "DIR/j.xml", "--log", "DIR/log", "--record", "DIR/r.jsonl", "DIR" }, function(r)
      s.match(files.read(r.folder .. "/j.xml"), 'tests="2" failures="1".*<failure message="in answer')
      s.eq(#files.list(r.folder .. "/log"), 2)
      s.match(files.read(r.folder .. "/r.jsonl"), '"about":"[^"]*good".-"dir":"tx"')
    end)
end)

local DIALOGUE = [[
t.scenario "a dialogue" { uses = { "broker", "modem" }, run = function(dev, env)
  dev:cmd("AT+CSQ"):ok():lines()
  local key = "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----"
  dev:cmd('AT+CCERTDOWN="key.pem",%d', #key):prompt():data(key):ok()
  dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
  dev:cmd('AT+CMQTTACCQ=0,"spec",0'):ok()
  dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.plain_address):result("+CMQTTCONNECT: 0,0")
end }
]]

s.test("a recording is played as it is, and a difference in it is found", function()
  run({ ["a.lua"] = DIALOGUE }, { "--device", "emulator", "--record", "DIR/r.jsonl", "DIR" }, function(recorded)
    s.eq({ recorded.code, recorded.last }, { 0, "1 passed, 0 failed, 0 skipped" }, recorded.out)
    local text = files.read(recorded.folder .. "/r.jsonl")
    s.eq(text:find("SECRET", 1, true), nil)
    run({}, { "--device", "emulator", recorded.folder .. "/r.jsonl" }, function(r)
      s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 0 skipped" }, r.out)
      s.match(r.out, "ok    [^\n]*r%.jsonl: r .*%d+ lines compared, %d+ exact, 0 normalised, 0 left out")
    end)
    local other, count = text:gsub("+CSQ: %d+", "+CSQ: 3")
    s.eq(count, 1)
    files.write(recorded.folder .. "/r.jsonl", other)
    run({}, { "--device", "emulator", recorded.folder .. "/r.jsonl" }, function(r)
      s.eq({ r.code, r.last }, { 1, "0 passed, 1 failed, 0 skipped" }, r.out)
      s.match(r.out, "r%.jsonl:%d+: another line than in the recording.*instead of 3,99")
    end)
  end)
end)

s.test("coverage of one process and of workers is the same", function()
  local scenarios = { ["a.lua"] = PASS .. FAIL, ["b.lua"] = body('dev:cmd("AT+X=1,2"):ok() dev:cmd("AT+Z?"):ok()') }
  for _, jobs in ipairs { "1", "2" } do
    run(scenarios, { "-j", jobs, "--format", "json", "--coverage", "DIR/c.json", "DIR" }, function(r)
      local rows = cjson.decode(files.read(r.folder .. "/c.json")).commands
      local shown = {}
      for i, row in ipairs(rows) do
        shown[i] = ("%s %s%d %s"):format(row.name, row.form, row.arguments, row.ok[1]:match("[^/]+$"))
      end
      s.eq(shown, { " X0 a.lua", "+X W2 b.lua", "+Z R0 b.lua" })
      s.check(not r.out:find("uses"), "the report of a case holds what it used")
    end)
  end
end)

s.test("scenarios find modules of a folder lib, which holds no scenarios itself", function()
  run({ ["sub/a.lua"] = body('t.eq(require("lib.spec_help"), 7)'), ["lib/spec_help.lua"] = "return 7" },
    nil, function(r) s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 0 skipped" }, r.out) end)
end)

s.test("two folders may have modules and fixtures of the same names", function()
  local function folder(n)
    return ('local n = require "lib.help"\nt.scenario "one" { uses = { "f" }, run = function(_, env) '
      .. 't.eq({ n, env.f, require("lib.help") }, { %d, %d, %d }) end }'):format(n, n, n)
  end
  local function help(n)
    return ('t.fixture "f" { setup = function() return %d end }\nreturn %d'):format(n, n)
  end
  run({ ["p1/a.lua"] = folder(1), ["p2/a.lua"] = folder(2), ["p1/lib/help.lua"] = help(1),
    ["p2/lib/help.lua"] = help(2) }, nil, function(r)
      s.eq({ r.code, r.last }, { 0, "2 passed, 0 failed, 0 skipped" }, r.out)
    end)
end)

--- Ends modemtest in the middle of a scenario and looks for what is left.
local function interrupted(arguments)
  local folder = files.temporary()
  files.write(folder .. "/a.lua", program.HEAD .. PASS .. body(
    'env.file("started", "") dev:expect_urc("RDY", { within = 1000 })'))
  local address, stop = program.start_modem()
  local p = assert(process.spawn({ file = host.exe_dir .. "/modemtest", name = "modemtest",
    args = table.move(arguments, 1, #arguments, 4, { "--device", address, folder }),
    env = { TMPDIR = folder } }))
  -- The second scenario has begun when the first one is reported.
  p:wait_line("ok    .*good", task.now() + 30000)
  p:signal("sigint")
  local ended = p:wait_exit(task.now() + 40000)
  p:stop(1)
  stop()
  local left = files.list(folder)
  files.remove(folder)
  s.check(ended, "did not end")
  s.eq(p.exit, { code = 130, signal = 0 })
  s.eq(left, { "a.lua" })
end

s.test("a document is made of what scenarios say about themselves, by a module of theirs", function()
  local document = [[
local words = require "lib.words"
return { text = function(cases)
  local about = cases[1].spec.about
  return about and about.word == words.known and "The word is " .. about.word .. "\n" or nil, { "no known word" }
end }
]]
  local function document_of(word, check)
    run({ ["a.lua"] = body("", ('about = { word = "%s" },'):format(word)),
      ["lib/words.lua"] = 'return { known = "yes" }',
      ["lib/document.lua"] = document }, { "--document", "DIR/lib/document.lua", "DIR" }, check)
  end
  document_of("yes", function(r)
    s.eq({ r.code, r.out, r.err }, { 0, "The word is yes", "" })
  end)
  document_of("no", function(r)
    s.eq({ r.code, r.out }, { 1, "" })
    s.match(r.err, "lib/document%.lua: no known word$")
  end)
  run({ ["a.lua"] = PASS }, { "--document", "DIR/none.lua", "DIR" }, function(r)
    s.eq(r.code, 2)
    s.match(r.err, "^modemtest: %-%-document: cannot open .*none%.lua")
  end)
end)

s.test("Ctrl-C ends everything and leaves nothing", function()
  interrupted({})
end)

s.test("Ctrl-C with workers", function()
  interrupted({ "-j", "2" })
end)

s.test("a fault that is armed and never strikes fails its scenario, one that strikes does not", function()
  local function arms(then_say)
    return ('t.scenario "one" { needs = { "fault" }, run = function(dev, env)\n' ..
      'env.sim:fault { name = "command.answer", command = "+CSQ", answer = "ok" }\n' ..
      'dev:cmd("%s"):ok() end }\n'):format(then_say)
  end
  run({ ["a.lua"] = arms "AT" }, { "--device", "emulator", "DIR" }, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "a%.lua:3: .*: the fault command%.answer %(number 1%) never struck")
  end)
  run({ ["a.lua"] = arms "AT+CSQ" }, { "--device", "emulator", "DIR" }, function(r)
    s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 0 skipped" }, r.out)
  end)
end)
