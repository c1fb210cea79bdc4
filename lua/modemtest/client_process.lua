--- The process of a client under test: a shell command in a process group of its own, which is killed whole at its
-- end, and also when modemtest or its worker ends in whatever way.
local uv = require "luv"
local files = require "modemtest.files"
local process = require "modemtest.process"

local M = {}

--- A child of the group reads a pipe that only modemtest holds open: when modemtest is gone, the group is killed.
-- A command that is one program replaces the shell, so that SIGTERM and the exit code are the program's own.
local KEEPER = [[
exec 3<&0 </dev/null
( ( trap '' HUP INT TERM; read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 & )
exec 3<&-
case $1 in
*[';&|<>()`#']* | *'
'*) ;;
*)
    word=${1%% *}
    case $word in
    *=*) ;;
    *) case $(command -v -- "$word") in */*) set -- "exec $1" ;; esac ;;
    esac
    ;;
esac
exec /bin/sh -c "$1"
]]

local MARK = "MODEMTEST_CLIENT"
local count = 0

--- Starts 'command' with the environment's additions; on_line(stream, text) gets what it prints, "out" or "err";
-- on_change(process) tells that it ended, or closed an output. nil and a message.
function M.spawn(command, environment, on_line, on_change)
  count = count + 1
  local mark = ("%d-%d"):format(uv.os_getpid(), count)
  environment[MARK] = mark
  local p, message = process.spawn({
    file = "/bin/sh", args = { "-c", KEEPER, "client", command }, name = "client", env = environment,
    own_group = true, keeper = true, on_change = on_change,
    on_stdout = function(line) on_line("out", line) end,
    on_stderr = function(line) on_line("err", line) end,
  })
  if p then
    p.mark = MARK .. "=" .. mark
  end
  return p, message
end

--- The process group of a process; nil when it is gone.
local function group_of(pid)
  local stat = files.read("/proc/" .. pid .. "/stat")
  return stat and math.tointeger(tonumber(stat:match("^.*%) %S %-?%d+ (%-?%d+)")))
end

--- Ends what left the process group (setsid, a daemon), found by the mark in its environment. Returns their names.
function M.kill_strays(p)
  local killed = {}
  for _, pid in ipairs(files.list("/proc")) do
    local environment = pid:find("^%d+$") and files.read("/proc/" .. pid .. "/environ")
    if environment and ("\0" .. environment):find("\0" .. p.mark .. "\0", 1, true) and group_of(pid) ~= p.pid then
      killed[#killed + 1] = (files.read("/proc/" .. pid .. "/comm") or "?"):gsub("\n", "")
      uv.kill(math.tointeger(tonumber(pid)), "sigkill")
    end
  end
  return killed
end

return M
