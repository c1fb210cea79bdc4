--- Fixture "peer": env.peer:openssl(args) is OpenSSL's own s_server, a TLS server of other hands than mbedTLS.
-- It has what neither Mosquitto nor t.peer has: TLS 1.3, and a word of its own about each connection. Servers listen
-- on a free port of 127.0.0.1 and end with the scenario.
local t = require "modemtest"
local mqtt = require "modemtest.mqtt_codec"
local process = require "modemtest.process"
local task = require "modemtest.task"

local SECONDS = 20

local Peer = {}
Peer.__index = Peer

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
  self.process:write(mqtt.connack())
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
