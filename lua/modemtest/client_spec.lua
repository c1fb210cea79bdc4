--- Client mode from outside: what a scenario sees of its client, how each end of it is told, and that nothing of it
-- stays.
local uv = require "luv"
local files = require "modemtest.files"
local host = require "modemtest.host"
local process = require "modemtest.process"
local program = require "modemtest.spec_program"
local s = require "modemtest.spec"
local task = require "modemtest.task"

--- A client as a shell script: says each command, waits for its final result. Its name is DIR/fw.sh.
local FIRMWARE = [[
port=${MODEM_PORT#*://}
stty raw -echo <"$port" 2>/dev/null
exec 3<>"$port"
say() { printf '%s\r' "$1" >&3; while read -r line <&3; do case $line in OK*|ERROR*) return ;; esac; done; }
trap 'echo bye; exit 0' TERM
say AT
say ATE0
echo "ready $MODEM_PORT $TIME_PERCENT $EXTRA"
say AT+CSQ
tail -f /dev/null & wait
]]

local USES = 'uses = { "client" }, '

local function scenario(name, fields, code)
  return ('t.scenario "%s" { %s %s run = function(dev, env) local client = env.client %s end }\n')
      :format(name, USES, fields, code)
end

--- Runs modemtest with the client 'command' (FIRMWARE when nil) on scenarios; DIR is the folder of the files.
local function run(scenarios, check, command, more)
  local arguments = { "--device", "emulator", "--client", command or "exec sh DIR/fw.sh", "DIR" }
  table.move(more or {}, 1, #(more or {}), #arguments + 1, arguments)
  program.run({ ["a.lua"] = scenarios, ["fw.sh"] = FIRMWARE }, arguments, check)
end

s.test("client: a scenario watches what it sends and prints", function()
  run(scenario("one", 'client = { env = { EXTRA = "more" }, percent = 7 },', [[
    t.eq(dev, nil)
    t.eq((client:expect_command("^AT$")), "AT")
    t.eq(client:expect_sequence({ "^ATE0$", "CSQ" }), { "ATE0", "AT+CSQ" })
    local line, percent = client:output("^ready %S+ (%d+) more$")
    t.eq(percent, "7")
    t.check(line:find(env.sim.link, 1, true), "the port's name")
    t.eq(client:expect_event({ event = "at", from = "modem", text = "+CSQ: *" }).modem, 0)
    client:quiet_for(0.1)
    t.eq(#client:times("^AT"), 3)
    client:forget()
    t.eq(client:stop(), { code = 0, signal = 0 })
    t.eq((client:expect_event({ event = "client", step = "exit" })).code, 0)
    t.eq((client:output("bye")), "bye")
    client:start()
    client:expect_command("^AT$")
  ]]), function(r) s.eq({ r.code, r.last }, { 0, "1 passed, 0 failed, 0 skipped" }, r.out) end)
end)

s.test("client: what does not come, and what must not, fail with the dialogue", function()
  run(scenario("missing", "", 'client:expect_command("^ATD", { within = 0.3 })')
    .. scenario("no output", "", 'client:output("nonsense", { within = 0.3 })')
    .. scenario("no event", "", 'client:expect_event({ event = "mqtt" }, { within = 0.3 })')
    .. scenario("too late", "", 'client:expect_sequence({ "CSQ", "^ATE0" }, { within = 0.3 })')
    .. scenario("never", 'client = { start = "manual" },', 'client:never("CSQ") client:start() client:exit()')
    .. scenario("disarmed", 'client = { start = "manual" },',
      'client:never("CSQ"):disarm() client:start() client:expect_command("CSQ")')
    .. scenario("not quiet", 'client = { start = "manual" },', 'client:start() client:quiet_for(5)')
    .. scenario("forbidden", 'client = { start = "manual" },', 't.forbid("^%+CSQ", "why") client:start() client:exit()')
    .. scenario("forbidden event", 'client = { start = "manual" },',
      't.forbid({ event = "at", text = "ATE*" }) client:start() client:exit()'),
    function(r)
      s.eq({ r.code, r.last }, { 1, "1 passed, 8 failed, 0 skipped" }, r.out)
      s.match(r.out, "a command '%^ATD' did not come from the client within 0.3 s\n%s+wanted [^\n]*"
        .. "\n%s+got    AT; ATE0; AT%+CSQ\n")
      s.match(r.out, "output 'nonsense' did not come from the client within 0.3 s\n.-got    ready ")
      s.match(r.out, "an event mqtt  ?did not come within 0.3 s")
      s.match(r.out, "AT; ATE0; AT%+CSQ %(it came before what the scenario saw last%)")
      s.match(r.out, "what is forbidden here happened: the client sent a command 'CSQ'\n.-got    AT%+CSQ\n")
      s.match(r.out, "the client was not quiet for 5 s\n.-got    AT\n")
      s.match(r.out, "what is forbidden here happened: why\n%s+wanted never, from [^\n]*a.lua:%d+ on\n"
        .. "%s+got    %+CSQ: ")
      s.match(r.out, "what is forbidden here happened\n.-got    ATE0\n")
      s.match(r.out, "client %$ exec sh .-at>    AT\n.-at<    OK\n.-client ready")
    end)
end)

s.test("client: whose client it is", function()
  run('t.eq(t.client(), "exec tail -f /dev/null")\n' .. scenario("one", "", ""), function(r)
    s.eq(r.code, 0, r.out)
  end, "exec tail -f /dev/null")
  program.run({ ["a.lua"] = "t.eq(t.client(), nil)\n" .. scenario("one", "", "") }, { "--check", "DIR" }, function(r)
    s.eq(r.code, 0, r.err)
  end)
end)

s.test("client: one that says nothing is told what it may lack", function()
  run(scenario("mute", "", 'client:expect_command("^AT", { within = 0.1 })'), function(r)
    s.match(r.out, "got    no command line at all; it opens the port that MODEM_PORT names, and ends each line with")
  end, "exec tail -f /dev/null")
end)

s.test("client: t.forbid watches a device of ours, too", function()
  local function one(code)
    return 't.scenario "one" { run = function(dev, env) ' .. code .. ' dev:cmd("AT+X"):ok() end }\n'
  end
  program.run({ ["a.lua"] = one('t.forbid("^OK")'), ["b.lua"] = one('t.forbid("^AT%+X$")'), ["c.lua"] = one(
    't.forbid("^OK"):disarm()'), ["d.lua"] = one('t.forbid({ event = "at" })'), ["e.lua"] = one('t.forbid("(")') },
    nil, function(r)
      s.eq({ r.code, r.last }, { 1, "1 passed, 3 failed, 1 skipped" }, r.out)
      s.match(r.out, "got    OK\n.-got    AT%+X\n.-needs emulator.-t.forbid: '%(' is no Lua pattern")
    end)
end)

s.test("client: each end that nobody asked for is told with its last words", function()
  run(scenario("code", 'client = { command = "echo hello; exit 3" },', 'client:expect_command("^ATD")')
    .. scenario("unseen", 'client = { command = "exit 4" },',
      'client:expect_event({ event = "client", step = "exit" })')
    .. scenario("asked for", 'client = { command = "exit 5" },', 'client:exit(5)')
    .. scenario("another code", 'client = { command = "exit 6" },', 'client:exit(0)')
    .. scenario("crash", 'client = { command = "kill -SEGV $$" },', 'env.sim:wait_exit()')
    .. scenario("not there", 'client = { command = "/nowhere/fw $MODEM_PORT" },', 'env.sim:wait_exit()')
    .. scenario("does not end", [[client = { command = "trap '' TERM; echo up; exec tail -f /dev/null" },]],
      'client:output("up") client:stop({ within = 0.2 })')
    .. scenario("still runs", "", "client:exit(0, { within = 0.2 })"),
    function(r)
      s.eq({ r.code, r.last }, { 1, "1 passed, 7 failed, 0 skipped" }, r.out)
      s.match(r.out, "the client ended with exit code 3\n%s+wanted a client that runs\n%s+got    hello\n")
      s.match(r.out, "a.lua: unseen .-the client ended with exit code 4\n")
      s.match(r.out, "the client ended with exit code 6\n%s+wanted exit code 0\n")
      s.match(r.out, "the client was ended by signal 11\n")
      s.match(r.out, "the client '/nowhere/fw %$MODEM_PORT' was not found %(exit code 127%)\n.-/nowhere/fw: not found")
      s.match(r.out, "the client did not end on SIGTERM and was killed\n")
      s.match(r.out, "the client did not end within 0.2 s\n")
    end)
end)

s.test("client: a scenario begins when it is ready", function()
  local one = scenario("one", "", 't.eq(#client:times("ATE0"), 1) client:output("^ready")')
  run(one, function(r) s.eq(r.code, 0, r.out) end, nil, { "--client-ready", "^ready" })
  run(one, function(r)
    s.eq(r.code, 1)
    s.match(r.out, "fixture 'client': output 'nonsense' did not come from the client, which ended with exit code 0\n"
      .. ".-got    hello\n")
  end, "echo hello", { "--client-ready", "nonsense" })
end)

s.test("client: over TCP", function()
  local client = 'python3 -c \'import os, signal, socket; h, p = os.environ["MODEM_PORT"][9:].split(":"); '
    .. 's = socket.create_connection((h, int(p))); s.send(b"AT\\r"); print(s.recv(99)); signal.pause()\''
  run(scenario("one", "", 'client:expect_command("^AT$") client:output("OK")'), function(r)
    s.eq(r.code, 0, r.out)
  end, client, { "--client-port", "tcp" })
end)

s.test("client: its sins fail the scenario, unless they are waived", function()
  local sinner = [[exec 3<>$MODEM_PORT; printf 'ATE0\rAT+CSQ\r' >&3; exec tail -f /dev/null]]
  local code = 'client:expect_command("CSQ")'
  run(scenario("one", "", code), function(r)
    s.eq(r.code, 1, r.out)
    s.match(r.out, "next%-command%-before%-final%-result: it sends .-> ATE0\n.-> %(7 bytes that did not wait%)\n")
  end, sinner)
  run(scenario("one", "", code .. ' t.skip("not today")'), function(r) s.eq(r.code, 77, r.out) end, sinner)
  run(scenario("one", 'client = { waive = { "next-command-before-final-result" } },', code), function(r)
    s.eq(r.code, 0, r.out)
    s.match(r.out, "note: next%-command%-before%-final%-result: [^\n]* %(waived%)")
  end, sinner)
  run(scenario("one", "", code), function(r) s.eq(r.code, 0, r.out) end, sinner,
    { "--waive", "next-command-before-final-result" })
end)

s.test("client: that it throws away its input is seen on a pty", function()
  local flush = [[exec python3 -c 'import os, signal, termios
fd = os.open(os.environ["MODEM_PORT"], os.O_RDWR | os.O_NOCTTY)
os.write(fd, b"ATE0\r")
os.read(fd, 99)
termios.tcflush(fd, termios.TCIFLUSH)
os.write(fd, b"AT+CSQ\r")
signal.pause()']]
  run(scenario("one", "", [[
    local _, before = client:expect_command("ATE0")
    t.before(before, client:expect_event({ event = "uart.flush", queue = "input" }))
    client:expect_command("CSQ")]]), function(r) s.eq(r.code, 0, r.out) end, flush)
end)

s.test("client: the emulator restarts under it", function()
  run(scenario("one", 'client = { command = "exec tail -f /dev/null" },', [[
    local t0 = env.sim.events.list[#env.sim.events.list].ms
    env.sim:restart()
    env.sim:restart({ kill = true })
    client:kill()
    client:start()
    t.check(client:expect_event({ event = "client", step = "exit" }).ms >= t0, "goes on")
    client:expect_event({ event = "client", step = "start" })
  ]]), function(r) s.eq(r.code, 0, r.out) end)
end)

s.test("client: it is told where the broker is, that of the scenario or its peer", function()
  local code = [[
    local peer = t.peer {}
    client:start()
    t.eq(select(3, client:output("^(%S+) (%d+)$")), tostring(peer.port))
    client:kill()
    client:start({ peer = t.peer { host = "127.0.0.1" }, env = { BROKER_HOST = "elsewhere" } })
    local _, host, port = client:output("^(%S+) (%d+)$")
    t.eq(host, "elsewhere")
    t.check(port ~= tostring(peer.port), "the other peer")]]
  run(scenario("one", 'client = { start = "manual" },', code), function(r) s.eq(r.code, 0, r.out) end,
    'echo "$BROKER_HOST $BROKER_PORT"; exec tail -f /dev/null')
end)

s.test("client: the emulator alone, and beside a device of ours", function()
  local function one(name, fields, code)
    return ('t.scenario "%s" { %s run = function(dev, env) %s end }\n'):format(name, fields, code)
  end
  local scenarios = one("alone", 'uses = { "sim" },', 't.eq(dev, nil) t.eq(env.sim:get()["network"], "home")')
    .. one("beside", 'uses = { "modem", "sim" },', 'dev:cmd("AT"):ok() env.sim:restart() dev:cmd("AT"):ok()')
    .. one("both", 'uses = { "client", "modem" },', "")
    .. one("second", 'uses = { "client" }, sim = { args = { "--count", "2" } },',
      'env.sim:port(1):cmd("AT"):ok() env.client:quiet_for(0.05)')
  run(scenarios, function(r)
    s.eq({ r.code, r.last }, { 1, "3 passed, 1 failed, 0 skipped" }, r.out)
    s.match(r.out, "a.lua: both .-uses names client and modem: one of them can own the port")
  end, "exec tail -f /dev/null")
  program.run({ ["a.lua"] = one("one", 'uses = { "client" },', "") .. one("two", 'uses = { "sim" },', "") }, nil,
    function(r)
      s.eq({ r.code, r.last }, { 77, "0 passed, 0 failed, 2 skipped" }, r.out)
      s.match(r.out, "needs emulator")
    end)
end)

s.test("client: the example of docs/CLIENT.md, with the example client", function()
  local source = assert(uv.fs_realpath(host.lua_dir)) .. "/../docs/CLIENT.md"
  local example = assert(files.read(source)):match("\n```lua\n(.-)```\n")
  program.run({ ["a.lua"] = example }, { "--device", "emulator", "DIR" }, function(r) s.eq(r.code, 0, r.out) end)
end)

s.test("client: options and fields that are wrong are told", function()
  local function refused(arguments, pattern)
    program.run({ ["a.lua"] = scenario("one", "", "") }, arguments, function(r)
      s.eq(r.code, 2)
      s.match(r.err, pattern)
    end)
  end
  refused({ "--client", "x", "DIR" }, "%-%-client tests a client on the emulator: not with %-%-device tcp:")
  refused({ "--client", " ", "DIR" }, "%-%-client needs a command, such as")
  refused({ "--client-ready", "(", "DIR" }, "'%(' is no Lua pattern")
  refused({ "--client-port", "usb", "DIR" }, "client%-port")
  refused({ "--waive", "x", "DIR" }, "there is no check 'x' %(next%-command")
  local function wrong(fields, pattern)
    program.run({ ["a.lua"] = scenario("one", fields, "") }, { "--check", "DIR" }, function(r)
      s.eq(r.code, 2)
      s.match(r.err, pattern)
    end)
  end
  wrong("client = { x = 1 },", "unknown field 'client.x'")
  wrong("client = { start = 'never' },", "must be now or manual")
  wrong("client = { env = 1 },", "field 'client.env' must be a function or a table")
  wrong("client = { waive = { 'x' } },", "there is no check 'x'")
end)

--- Processes with this text in their command line.
local function running(text)
  local found = {}
  for _, pid in ipairs(files.list("/proc")) do
    local line = pid:find("^%d+$") and files.read("/proc/" .. pid .. "/cmdline")
    if line and line:find(text, 1, true) then
      found[#found + 1] = line:gsub("\0", " ")
    end
  end
  return found
end

--- Ends modemtest by these signals while clients run that forked, and looks for what is left of them. 'first': what
-- they begin with.
local function ended_by(signals, arguments, first)
  local folder = files.temporary()
  local mark = folder:match("[^/]+$")
  files.write(folder .. "/a.lua", program.HEAD .. scenario("one", "", "client:exit()")
    .. scenario("two", "", "client:exit()"))
  local command = (first or "") .. ("sh -c ': %s; tail -f /dev/null; :' & tail -f /dev/null; : %s"):format(mark, mark)
  local p = assert(process.spawn({ file = host.exe_dir .. "/modemtest", name = "modemtest", env = { TMPDIR = folder },
    args = { "-v", "--client", command, folder .. "/a.lua", table.unpack(arguments) } }))
  local deadline = task.now() + 30000
  while #running("sh\0-c\0: " .. mark) == 0 and task.now() < deadline do -- what the client started
    task.condition("the client"):wait(task.now() + 10)
  end
  for _, signal in ipairs(signals) do
    p:signal(signal)
  end
  p:wait_exit(task.now() + 30000)
  deadline = math.min(deadline, task.now() + 10000)
  while #running(mark) > 0 and task.now() < deadline do
    task.condition("the end of everything"):wait(task.now() + 10)
  end
  local left = running(mark)
  p:stop(1)
  files.remove(folder)
  s.eq(left, {})
end

s.test("client: nothing of it stays behind Ctrl-C, also with -j", function()
  ended_by({ "sigint" }, {})
  ended_by({ "sigint" }, { "-j", "2" })
end)

s.test("client: nothing of it stays when the workers are killed", function()
  ended_by({ "sigterm", "sigint" }, { "-j", "2" }, "trap '' TERM;") -- the second comes while it waits for their end
end)

s.test("client: what left its process group is killed, too", function()
  run(scenario("one", "", 'client:output("up")'), function(r)
    s.eq(r.code, 0, r.out)
    s.match(r.out, "client %a+ had left its process group, and was killed") -- sh, or already tail
  end, "setsid sh -c 'echo up; exec tail -f /dev/null' & wait", { "-v" })
end)
