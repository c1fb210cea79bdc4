--- Programs we start: their output as lines, their end, and that nothing of them stays.
-- Each runs in a process group of its own, so that what a script started goes with it; in a worker
-- of -j all stay in the worker's group, so that they go with the worker, however it ends.
-- The module owns the list of running programs, for the handler of Ctrl-C.
local uv = require "luv"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"

local M = {}

local running = {}
local own_groups = true

--- For a worker: see above.
function M.stay_in_group()
  own_groups = false
end

local Process = {}
Process.__index = Process

local function signal_group(pid, name)
  uv.kill(-pid, name) -- ESRCH: already gone, which is what was wanted
end

--- Ends every program that still runs, at once. For an impatient user.
function M.kill_all()
  for process in pairs(running) do
    signal_group(process.pid, "sigkill")
  end
end

--- Asks every running program to end; what they print on the way is still read.
function M.interrupt_workers()
  for process in pairs(running) do
    process:signal("sigterm")
  end
end

--- Names of the programs that still run.
function M.names_running()
  local names = {}
  for process in pairs(running) do
    names[#names + 1] = ("%s (pid %d)"):format(process.name, process.pid)
  end
  table.sort(names)
  return names
end

--- It has ended, or one of its pipes has.
local function changed(self)
  self.lines:changed()
  if self.on_change then
    self.on_change(self)
  end
end

local function read_lines(self, pipe, on_line)
  local rest = ""
  pipe:read_start(task.callback(function(err, bytes)
    if err or not bytes then
      pipe:close()
      if rest ~= "" then
        on_line(rest)
      end
      self.open_pipes = self.open_pipes - 1
      changed(self)
      return
    end
    rest = rest .. bytes
    for line in rest:gmatch("([^\n]*)\n") do
      on_line(line)
    end
    rest = rest:match("[^\n]*$")
  end))
end

local function merged_environment(extra)
  if not extra then
    return nil
  end
  local env = uv.os_environ()
  for key, value in pairs(extra) do
    env[key] = value
  end
  local list = {}
  for key, value in pairs(env) do
    list[#list + 1] = key .. "=" .. value
  end
  return list
end

local function watch(self, options)
  read_lines(self, self.pipes[1], function(line)
    if options.on_stdout then
      return options.on_stdout(line)
    end
    self.lines:put({ text = line })
  end)
  read_lines(self, self.pipes[2], function(line)
    self.stderr[#self.stderr + 1] = line
    if options.on_stderr then
      options.on_stderr(line)
    end
    self.lines:changed()
  end)
end

--- Starts a program. options: file, args, name (for messages), env (additions), on_stdout(line),
-- on_stderr(line), stdin (true: a pipe, see write()), on_change(process) (it has ended, or closed an output), keeper
-- (true: its standard input is a pipe that stays open until the program or this process ends), own_group (true: a
-- process group of its own also in a worker of -j; then something must end it with the worker: see
-- client_process.lua). nil and a message when that fails.
function M.spawn(options)
  local out, err = uv.new_pipe(false), uv.new_pipe(false)
  local input = options.stdin and uv.new_pipe(false) or nil
  local keeper = options.keeper and uv.new_pipe(false) or nil
  local self = setmetatable({ name = options.name, lines = mailbox.new(), stderr = {},
    open_pipes = 2, input = input, pipes = { out, err }, on_change = options.on_change }, Process)
  local handle, pid = uv.spawn(options.file, {
    args = options.args, stdio = { input or keeper, out, err }, detached = own_groups or options.own_group,
    env = merged_environment(options.env),
  }, task.callback(function(code, signal)
    self.exit = { code = code, signal = signal }
    self.handle:close()
    if keeper then
      keeper:close()
    end
    running[self] = nil
    signal_group(self.pid, "sigkill")
    changed(self)
  end))
  if not handle then
    for _, pipe in ipairs({ out, err, input or keeper }) do
      pipe:close()
    end
    return nil, ("cannot start %s (%s): %s"):format(options.name, options.file, pid)
  end
  self.handle, self.pid = handle, pid
  running[self] = true
  watch(self, options)
  return self
end

--- Writes to its standard input (needs 'stdin'); nil closes it.
function Process:write(bytes)
  if bytes then
    self.input:write(bytes)
  elseif not self.input:is_closing() then
    self.input:close()
  end
end

--- How it ended, in words: "exit code 1: last words"; or that it runs.
function Process:story()
  local words = table.concat(self.stderr, "\n", math.max(1, #self.stderr - 9))
  local how = not self.exit and "still running"
      or self.exit.signal ~= 0 and "ended by signal " .. self.exit.signal
      or "exit code " .. self.exit.code
  return words == "" and how or how .. ": " .. words
end

--- Waits for a line on its standard output that matches; returns the captures. Its end, or the
-- deadline, is a set-up error that quotes what it said.
function Process:wait_line(pattern, deadline)
  local line = self.lines:wait("a line of " .. self.name, deadline, function()
    local item = self.lines:take(function(item) return item.text:find(pattern) ~= nil end)
    if not item and self.exit and self.open_pipes == 0 then
      return false
    end
    return item
  end)
  if not line then
    fault.raise("error", ("%s did not get ready"):format(self.name),
      { wanted = "a line " .. pattern, got = self:story() })
  end
  return line.text:match(pattern)
end

--- Waits for its end; false when it still runs at the deadline.
function Process:wait_exit(deadline)
  return self.lines:wait("the end of " .. self.name, deadline, function()
    return self.exit ~= nil and self.open_pipes <= 0 or nil
  end) == true
end

function Process:signal(name)
  if not self.exit then
    self.handle:kill(name)
  end
end

--- Signals its whole process group (own_group).
function Process:signal_group(name)
  signal_group(self.pid, name)
end

--- Asks it to end and waits; after 'seconds' it is killed. Returns its exit, and whether it had to
-- be killed.
function Process:stop(seconds)
  if self.input and not self.input:is_closing() then
    self.input:close()
  end
  -- Only the program itself: it ends what it started; what it forgets is killed when it is gone.
  self:signal("sigterm")
  local killed = not self:wait_exit(task.now() + seconds * 1000)
  if killed then
    self:signal("sigkill")
    signal_group(self.pid, "sigkill")
    self:wait_exit(task.now() + 10000)
  end
  for _, pipe in ipairs(self.pipes) do
    if not pipe:is_closing() then
      pipe:close()
    end
  end
  return self.exit, killed
end

return M
