--- Fixtures "second_broker" and "login_broker": a plain Mosquitto without our plugin, on a free port.
-- The first lets everyone in; the second asks for the user "joe" with the password "right".
-- The module itself starts and ends such brokers, for fixtures of their own kind.
local uv = require "luv"
local t = require "modemtest"
local fault = require "modemtest.fault"
local process = require "modemtest.process"
local task = require "modemtest.task"

local M = {}

local ATTEMPTS = 20

--- A port nobody has at this moment; another program may take it before the broker does.
local function free_port()
  local probe = uv.new_tcp()
  assert(probe:bind("127.0.0.1", 0))
  local port = probe:getsockname().port
  probe:close()
  return port
end

local function password_file(env)
  local path = env.tmp .. "/passwords"
  local p, message = process.spawn({ file = "mosquitto_passwd", name = "mosquitto_passwd",
    args = { "-b", "-c", path, "joe", "right" } })
  if not p then
    fault.raise("error", message)
  end
  p:wait_exit(task.now() + 20000 * env._settings.factor)
  p:stop(0)
  return path
end

local function configuration(env, port, passwords, further)
  local access = passwords and "allow_anonymous false\npassword_file " .. passwords .. "\n"
    or "allow_anonymous true\n"
  -- As root Mosquitto would become a user who cannot read the run's folder.
  local user = uv.getuid() == 0 and "user root\n" or ""
  return env.file(("mosquitto-%d.conf"):format(port), ("%spersistence false\nlog_dest stderr\n"
    .. "set_tcp_nodelay true\n%s%slistener %d 127.0.0.1\n"):format(user, access, further or "", port))
end

--- Starts it; nil when it ended at once, since its port was taken.
local function start(env, passwords, further)
  local port = free_port()
  local running = task.condition("a running broker")
  local self = { host = "127.0.0.1", port = port, address = "127.0.0.1:" .. port }
  local p, message = process.spawn({
    file = uv.fs_stat("/usr/sbin/mosquitto") and "/usr/sbin/mosquitto" or "mosquitto",
    name = "mosquitto", args = { "-c", configuration(env, port, passwords, further) },
    on_stderr = function(line)
      env._transcript:note("broker2", (line:gsub("^%d+: ", "")))
      self.running = self.running or line:find("running", 1, true) ~= nil
      self.ended = self.ended or line:find("Error: Address already in use", 1, true) ~= nil
      running:notify()
    end,
  })
  if not p then
    fault.raise("error", message)
  end
  local deadline = task.now() + 20000 * env._settings.factor
  while not self.running and not self.ended and running:wait(deadline) do end
  if not self.running then
    p:stop(5)
    return nil
  end
  self.process = p
  return self
end

--- plain_broker.start(env, passwords, further) -> broker { host =, port =, address =, process = }
-- passwords: a file of mosquitto_passwd, or nil; further(): lines of the configuration besides, made anew for each
-- attempt, or nil.
function M.start(env, passwords, further)
  for _ = 1, ATTEMPTS do
    local broker = start(env, passwords, further and further())
    if broker then
      return broker
    end
  end
  fault.raise("error", "mosquitto did not start; its words stand in the dialogue")
end

function M.stop(broker)
  broker.process:stop(10)
end

M.free_port = free_port

t.fixture "second_broker" { setup = M.start, teardown = M.stop }
t.fixture "login_broker" {
  setup = function(env) return M.start(env, password_file(env)) end,
  teardown = M.stop,
}

return M
