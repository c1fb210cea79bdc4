--- Servers for a modem to connect to: fixture "peer".
-- env.peer:listen(behaviour) is a TCP server whose every byte the scenario decides; env.peer:openssl(args)
-- is OpenSSL's own s_server, a real TLS server that can do what Mosquitto does not. Both listen on a free
-- port of 127.0.0.1 and end with the scenario.
local uv = require "luv"
local t = require "modemtest"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local process = require "modemtest.process"
local task = require "modemtest.task"

local M = {}

local SECONDS = 20

--- CONNACK: accepted, no session present (MQTT 3.1.1, 3.2).
M.CONNACK = "\x20\x02\x00\x00"

local Peer = {}
Peer.__index = Peer

-- TCP servers ---------------------------------------------------------------------------------------

--- Behaviours: what happens when a client connects (on_connect) and when bytes came (on_bytes, with
-- all bytes of the connection so far). Without either the server is silent.
M.closes_at_once = { on_connect = function(connection) connection:finish() end }
M.closes_after_bytes = { on_bytes = function(connection) connection:finish() end }

--- Says this when the first bytes have come, and keeps the connection.
function M.says(bytes)
  return { on_bytes = function(connection) connection:say_once(bytes) end }
end

local Connection = {}
Connection.__index = Connection

--- Ends our direction (FIN), and closes when the other side has ended, too: never a reset.
function Connection:finish()
  if not self.finished then
    self.finished = true
    self.stream:shutdown()
  end
end

function Connection:say_once(bytes)
  if not self.said then
    self.said = true
    self.stream:write(bytes)
  end
end

local function close(handle)
  if not handle:is_closing() then
    handle:close()
  end
end

local TcpServer = {}
TcpServer.__index = TcpServer

local function serve(server, behaviour, stream)
  local connection = setmetatable({ stream = stream, bytes = "" }, Connection)
  server.streams[#server.streams + 1] = stream
  stream:nodelay(true)
  stream:read_start(task.callback(function(err, bytes)
    if err or not bytes then
      close(stream)
    else
      connection.bytes = connection.bytes .. bytes
      server.bytes = connection.bytes
      if behaviour.on_bytes then
        behaviour.on_bytes(connection, connection.bytes)
      end
    end
    server.inbox:changed()
  end))
  if behaviour.on_connect then
    behaviour.on_connect(connection)
  end
end

--- env.peer:listen([behaviour]) -> server
-- server.address to connect to; server.bytes is what the latest connection brought so far.
function Peer:listen(behaviour)
  local handle = uv.new_tcp()
  local server = setmetatable({ handle = handle, streams = {}, bytes = "", factor = self.factor,
    inbox = mailbox.new() }, TcpServer)
  self.servers[#self.servers + 1] = server
  assert(handle:bind("127.0.0.1", 0))
  server.address = "127.0.0.1:" .. handle:getsockname().port
  assert(handle:listen(8, task.callback(function(err)
    assert(not err, err)
    local stream = uv.new_tcp()
    handle:accept(stream)
    serve(server, behaviour or {}, stream)
  end)))
  return server
end

--- env.peer:closed_address() -> address
-- A port on which nobody listens, and nobody else can.
function Peer:closed_address()
  local handle = uv.new_tcp()
  self.servers[#self.servers + 1] = setmetatable({ handle = handle, streams = {} }, TcpServer)
  assert(handle:bind("127.0.0.1", 0))
  return "127.0.0.1:" .. handle:getsockname().port
end

--- server:wait(what, ready) -> what ready(bytes) returned
-- Waits until ready() returns something for the bytes that came.
function TcpServer:wait(what, ready)
  local found = self.inbox:wait(what, task.now() + SECONDS * 1000 * self.factor, function()
    return ready(self.bytes)
  end)
  if found == nil then
    fault.raise("fail", "the server did not get it", { wanted = what, got = #self.bytes .. " bytes" })
  end
  return found
end

function TcpServer:stop()
  for _, stream in ipairs(self.streams) do
    close(stream)
  end
  close(self.handle)
end

-- s_server ------------------------------------------------------------------------------------------

local OpensslServer = {}
OpensslServer.__index = OpensslServer

--- env.peer:openssl({ "-tls1", ... } [, { certificate = "server.crt", key = "server.key" }]) -> server
-- The certificate files are those of make-certs.
function Peer:openssl(args, options)
  options = options or {}
  local list = { "s_server", "-accept", "127.0.0.1:0", "-msg", -- shows the records: wait_connect
    "-cert", self.certificates:path(options.certificate or "server.crt"),
    "-key", self.certificates:path(options.key or "server.key") }
  table.move(args, 1, #args, #list + 1, list)
  local p, message = process.spawn { file = "openssl", args = list, name = "openssl s_server", stdin = true,
    on_stderr = function(line) self.note(line) end }
  t.check(p, message)
  local server = setmetatable({ process = p, factor = self.factor }, OpensslServer)
  self.servers[#self.servers + 1] = server
  server.address = server:wait_line("^ACCEPT (127%.0%.0%.1:%d+)")
  return server
end

--- server:wait_line(pattern) -> captures
-- Of what s_server says about the connection.
function OpensslServer:wait_line(pattern)
  return self.process:wait_line(pattern, task.now() + SECONDS * 1000 * self.factor)
end

--- The end of the handshake, and the first record behind it, the MQTT CONNECT; returns the cipher suite.
local function wait_connect(self)
  local cipher = self:wait_line("^CIPHER is (.*)")
  self:wait_line("^    17 03 0[123] ") -- the header of a record of application data
  return cipher
end

--- server:accept() -> name of the cipher suite, as OpenSSL calls it
-- Waits for the MQTT CONNECT and accepts. It has been read then: what is unread when a server stops would turn the
-- end of the connection into a reset.
function OpensslServer:accept()
  local cipher = wait_connect(self)
  self.process:write(M.CONNACK)
  return cipher
end

--- server:close_after_connect()
-- Waits for the MQTT CONNECT and closes the connection without an answer.
function OpensslServer:close_after_connect()
  wait_connect(self)
  self.process:write("Q\n")
end

--- server:stop()
-- The connection ends as it does when a program ends: TCP is closed, without close_notify.
function OpensslServer:stop()
  self.process:stop(5)
end

t.fixture "peer" {
  uses = { "certificates" },
  setup = function(env)
    return setmetatable({ servers = {}, certificates = env.certificates, factor = env._settings.factor,
      note = env.note }, Peer)
  end,
  teardown = function(peer)
    for _, server in ipairs(peer.servers) do
      server:stop()
    end
  end,
}

return M
