--- The client under test, env.client. It owns the AT port; what is known of it comes from the emulator's trace and from
-- what it prints.
local client_process = require "modemtest.client_process"
local context = require "modemtest.context"
local events = require "modemtest.events"
local fault = require "modemtest.fault"
local forbid = require "modemtest.forbid"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"

local M = {}

local DEFAULT_SECONDS = 20
local END_SECONDS = 10  -- how long it may take to end on SIGTERM
local WORDS = 12        -- last lines that are told
local NOT_RUN = { [126] = "cannot be run", [127] = "was not found" }

local Client = {}
Client.__index = Client

--- For the fixture. 'command' is what /bin/sh runs, 'ready' a Lua pattern or nil, 'percent' the scale of its own
-- waits.
function M.new(env, options)
  return setmetatable({ env = env, command = options.command, ready = options.ready, percent = options.percent or 100,
    extra = options.env or {}, cursor = 0, lines = {}, line_cursor = 0, changes = mailbox.new() }, Client)
end

local function seconds_of(self, options)
  if options ~= nil and type(options) ~= "table" then
    fault.raise("misuse", "a client's verb takes a table, { within = seconds }")
  end
  return (options and options.within or DEFAULT_SECONDS) * self.env._settings.factor
end

local function deadline_of(self, options)
  return task.now() + seconds_of(self, options) * 1000
end

--- The last lines of what it printed.
local function words(self)
  local list = {}
  for n = math.max(1, #self.lines - WORDS + 1), #self.lines do
    list[#list + 1] = self.lines[n].text
  end
  return #list > 0 and table.concat(list, "\n") or "(it printed nothing)"
end

--- How it ended, in words.
local function how(self)
  local exit = self.process.exit
  if exit.signal ~= 0 then
    return "was ended by signal " .. exit.signal
  end
  local reason = NOT_RUN[exit.code]
  return reason and ("'%s' %s (exit code %d)"):format(self.command, reason, exit.code)
      or ("ended with exit code %d"):format(exit.code)
end

local function has_ended(self)
  return self.process ~= nil and self.process.exit ~= nil and self.process.open_pipes <= 0
end

local function end_fault(self, message)
  return fault.new("fail", message .. how(self), { wanted = "a client that runs", got = words(self) })
end

-- Its environment ----------------------------------------------------------------------------------------------

--- "tcp:127.0.0.1:4711" as pyserial and others write it: "socket://127.0.0.1:4711".
local function port_name(path)
  return (path:gsub("^tcp:", "socket://"))
end

local function environment(self, options)
  local env = self.env
  local peer = options.peer or not env.broker and context.running and context.running.peers[1]
  local server = not options.peer and env.broker or peer or {}
  local list = {
    MODEM_PORT = port_name(env.sim.path),
    BROKER_HOST = server.host, BROKER_PORT = server.port and tostring(server.port),
    CERTIFICATES = env.certificates and env.certificates.dir, THING_NAME = "thing1", CLIENT_ID = "thing1",
    TIME_PERCENT = tostring(self.percent), PYTHONUNBUFFERED = "1",
  }
  for _, more in ipairs({ self.extra, options.env or {} }) do
    for name, value in pairs(type(more) == "function" and more(env) or more) do
      list[name] = tostring(value)
    end
  end
  return list
end

-- Its life -----------------------------------------------------------------------------------------------------

local function wait_ready(self)
  if self.ready then
    local from = self.line_cursor
    self:output(self.ready, { within = self.ready_within })
    self.line_cursor = from
  end
end

local function on_line(self, stream, text)
  self.lines[#self.lines + 1] = { text = text, stream = stream, ms = task.now() }
  self.env._transcript:note("client", text)
  self.changes:changed()
end

--- It has ended, or closed an output. A crash, and a command that cannot be run, end the scenario at once; another
-- end is judged by what the scenario waits for.
local function on_change(self, p)
  self.changes:changed()
  self.env.sim.events.changes:changed()
  if p.exit and not p.told then
    p.told = true
    self.env.sim.events:put({ event = "client", step = "exit", code = p.exit.code, signal = p.exit.signal })
  end
  local bad = p.exit and p.open_pipes <= 0 and not self.expected_end and (p.exit.signal ~= 0 or NOT_RUN[p.exit.code])
  if bad and context.running and not self.told then
    self.told = true
    forbid.strike(context.running, end_fault(self, "the client "))
  end
end

--- env.client:start([{env=, peer=}])
-- Starts the client; with --client-ready it waits for that output. By itself before the scenario runs, unless it says
-- client = { start = "manual" }. env: more of its environment; peer: what t.peer returned, whose address becomes
-- BROKER_HOST and BROKER_PORT (without a broker the scenario's first peer by itself).
function Client:start(options)
  options = options or {}
  if self.process and not self.process.exit then
    fault.raise("misuse", "the client runs already")
  end
  self.env.sim.events:attach()
  self.env._transcript:note("client", "$ " .. self.command)
  local p, message = client_process.spawn(self.command, environment(self, options), function(stream, text)
    on_line(self, stream, text)
  end, function(p) on_change(self, p) end)
  if not p then
    fault.raise("error", message)
  end
  self.process, self.expected_end, self.told = p, false, false
  self.env.sim.events:put({ event = "client", step = "start" })
  self.starts = (self.starts or 0) + 1
  wait_ready(self)
end

--- Sends its group a signal and waits for its end. True when it ended in that time.
local function end_with(self, signal, deadline)
  local p = self.process
  p:signal_group(signal)
  p.lines:wait("the end of the client", deadline, function() return p.exit and true or nil end)
  return p.exit ~= nil
end

--- Kills what is left of it and takes its last words.
local function bury(self)
  local p = self.process
  if not p.exit then
    end_with(self, "sigkill", task.now() + END_SECONDS * 1000)
  end
  for _, name in ipairs(client_process.kill_strays(p)) do
    self.env._transcript:note("client", name .. " had left its process group, and was killed")
  end
  p:stop(END_SECONDS)
end

--- env.client:stop([{within=10}]) -> { code=, signal= }
-- Ends it with SIGTERM, and tells how it ended. One that does not end in that time is killed, and the scenario fails.
function Client:stop(options)
  if not self.process or self.process.exit then
    fault.raise("fail", "the client does not run" .. (self.process and ": it " .. how(self) or ""))
  end
  self.expected_end = true
  local ended = end_with(self, "sigterm", deadline_of(self, options or { within = END_SECONDS }))
  bury(self)
  if not ended then
    fault.raise("fail", "the client did not end on SIGTERM and was killed", { got = words(self) })
  end
  return self.process.exit
end

--- env.client:kill()
-- Ends it as a power cut of its board does: the modem lives on.
function Client:kill()
  self.expected_end = true
  if self.process then
    bury(self)
  end
end

--- env.client:exit([code] [, {within=20}]) -> { code=, signal= }
-- Waits until it ends by itself, with this exit code; with any, when nil. A client that ends without being asked to,
-- by this or by stop, fails its scenario.
function Client:exit(code, options)
  if not self.process then
    fault.raise("misuse", "the client was never started")
  end
  self.expected_end = true
  local p = self.process
  p.lines:wait("the end of the client", deadline_of(self, options), function() return p.exit and true or nil end)
  if not p.exit then
    fault.raise("fail", ("the client did not end within %g s"):format(seconds_of(self, options)), { got = words(self) })
  end
  bury(self)
  if code and (p.exit.code ~= code or p.exit.signal ~= 0) then
    fault.raise("fail", "the client " .. how(self), { wanted = "exit code " .. code, got = words(self) })
  end
  return p.exit
end

-- What it does --------------------------------------------------------------------------------------------------

local function is_command(event)
  return event.event == "at" and event.from == "host" and event.modem == 0
end

--- Accepts its command lines that match.
local function command(pattern)
  if type(pattern) ~= "string" or not pcall(string.find, "", pattern) then
    fault.raise("misuse", ("'%s' is no Lua pattern"):format(tostring(pattern)))
  end
  return function(event)
    return is_command(event) and event.text:find(pattern) ~= nil
  end
end

--- What is said of a client that has sent no command: the two commonest reasons.
local NOTHING = "no command line at all; it opens the port that MODEM_PORT names, and ends each line with \\r?"

--- Its last commands, for a message; and whether one of them was passed over already.
local function last_commands(self, accept)
  local list, earlier = {}, false
  for _, event in ipairs(self.env.sim.events.list) do
    if is_command(event) then
      list[#list + 1] = event.text
    end
    earlier = earlier or accept(event)
  end
  local shown = table.concat(list, "; ", math.max(1, #list - 4))
  return (#list == 0 and NOTHING or #list > 5 and "..., " .. shown or shown)
    .. (earlier and " (it came before what the scenario saw last)" or "")
end

--- The next event behind what the scenario saw last for which accept is true. Where the client has ended it need not
-- be waited for: 'of_client'.
local function next_event(self, what, options, accept, of_client)
  local all = self.env.sim.events
  local function ended() return of_client and (not self.process or has_ended(self)) end
  local event = all:wait(what, deadline_of(self, options), self.cursor, accept, ended)
  if not event and ended() and all:sync() then
    event = all:find(self.cursor, accept)
  end
  if event then
    self.cursor = event.seq
    return event
  end
  local why = not self.process and of_client and ", which was not started"
      or ended() and ", which " .. how(self)
    or (" within %g s"):format(seconds_of(self, options))
  fault.raise("fail", ("%s did not come from the client%s"):format(what, why),
    { wanted = what, got = ended() and self.process and words(self) or last_commands(self, accept) })
end

--- env.client:expect_command(pattern [, {within=20}]) -> text, event
-- Its next command line that matches the Lua pattern ("^AT%+CMQTTCONNECT"), behind what the expect verbs saw last.
-- The text is that of the trace: what is secret is ***.
function Client:expect_command(pattern, options)
  local event = next_event(self, ("a command '%s'"):format(pattern), options, command(pattern), true)
  return event.text, event
end

--- env.client:expect_sequence({ pattern, pattern, ... } [, {within=20}]) -> list of texts
-- These commands in this order; others may stand between them. within: for each of them.
function Client:expect_sequence(patterns, options)
  local texts = {}
  for n, pattern in ipairs(patterns) do
    texts[n] = self:expect_command(pattern, options)
  end
  return texts
end

--- env.client:expect_event({ event=, FIELD= } [, {within=20}]) -> event
-- The next event of the emulator's trace with these fields (docs/TRACE.md), behind what the expect verbs saw last. A
-- text may hold * for any bytes; instead of a table a function(event) may choose. Not of the trace, but here, too:
-- { event = "client", step = "start" }, and step "exit" with code and signal.
function Client:expect_event(wanted, options)
  local accept, what = events.expected(wanted)
  local all = self.env.sim.events
  local event = all:wait(what, deadline_of(self, options), self.cursor, accept)
  if not event then
    fault.raise("fail", ("%s did not come within %g s"):format(what, seconds_of(self, options)),
      { wanted = what, got = last_commands(self, accept) })
  end
  self.cursor = event.seq
  return event
end

--- env.client:forget()
-- What came so far is passed over: the expect verbs and output look at what comes from now on.
function Client:forget()
  self.env.sim.events:sync()
  self.cursor, self.line_cursor = #self.env.sim.events.list, #self.lines
end

--- env.client:never(pattern) -> handle
-- From now on it must not send such a command: the scenario fails at once when it does. handle:disarm() allows it
-- again.
function Client:never(pattern)
  self.env.sim.events:sync()
  return forbid.arm(context.running, command(pattern), ("the client sent a command '%s'"):format(pattern))
end

--- env.client:quiet_for(seconds)
-- It sends no command and no data for so long. What came before does not count.
function Client:quiet_for(seconds)
  local all = self.env.sim.events
  all:sync()
  local from = #all.list
  local function sent(event)
    return is_command(event) or (event.event == "at.data" or event.event == "at.early") and event.modem == 0
  end
  local event = all:wait("silence of the client", task.now() + seconds * 1000, from, sent)
  if not event then
    all:sync()
    event = all:find(from, sent)
  end
  if event then
    fault.raise("fail", ("the client was not quiet for %g s"):format(seconds),
      { wanted = "no command", got = event.text or event.event .. " for " .. tostring(event.command) })
  end
end

--- env.client:output(pattern [, {within=20}]) -> line, captures
-- Its next line on stdout or stderr that matches the Lua pattern, behind the last one that this verb found.
function Client:output(pattern, options)
  local function find()
    for n = self.line_cursor + 1, #self.lines do
      if self.lines[n].text:find(pattern) then
        self.line_cursor = n
        return self.lines[n].text
      end
    end
    if has_ended(self) then
      return false
    end
    return nil
  end
  local wait = self.process and self.changes or fault.raise("fail", "the client was not started")
  local line = wait:wait("output of the client", deadline_of(self, options), find)
  if line then
    return line, line:match(pattern)
  end
  local why = has_ended(self) and ", which " .. how(self) or (" within %g s"):format(seconds_of(self, options))
  fault.raise("fail", ("output '%s' did not come from the client%s"):format(pattern, why),
    { wanted = "a line " .. pattern, got = words(self) })
end

--- env.client:times(pattern) -> list of milliseconds
-- When it sent its commands that match, all since its first start: for ratios, and for modemtest.retry_curve.
function Client:times(pattern)
  local accept, list = command(pattern), {}
  self.env.sim.events:sync()
  for _, event in ipairs(self.env.sim.events.list) do
    if accept(event) then
      list[#list + 1] = event.ms
    end
  end
  return list
end

-- For the fixture and the runner ---------------------------------------------------------------------------------

--- A client that ended although nobody asked it to: a fault; nil.
function Client:_early_end()
  if self.process and self.process.exit and not self.expected_end and not self.told then
    return end_fault(self, "the client ")
  end
  return nil
end

--- Ends it, whatever it does.
function Client:_close()
  self.expected_end = true
  if not self.process then
    return
  end
  if not self.process.exit then
    end_with(self, "sigterm", task.now() + 2000)
  end
  bury(self)
end

return M
