--- t.peer: a scripted MQTT peer, on a TCP or TLS port of this machine. See init.lua.
-- Owns the listener and its connections; a peer belongs to the scenario that made it, and ends with it.
local uv = require "luv"
local connection = require "modemtest.peer_connection"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"

local M = {}

local ACCEPT_SECONDS = 20

local OPTIONS = { host = "string", listen = "boolean", mqtt = "boolean", tls = "table", allow = "table",
  unread = "boolean" }

local Peer = {}
Peer.__index = Peer

local function check_options(options)
  for name, value in pairs(options) do
    if not OPTIONS[name] then
      fault.raise("misuse", ("t.peer has no option '%s'"):format(name))
    elseif type(value) ~= OPTIONS[name] then
      fault.raise("misuse", ("t.peer: %s must be a %s"):format(name, OPTIONS[name]))
    end
  end
end

--- For connections: the moment 'seconds' from now, stretched.
function Peer:deadline(seconds)
  return task.now() + seconds * 1000 * self.factor
end

local function on_connection(self)
  local tcp = uv.new_tcp()
  self.server:accept(tcp)
  local from = tcp:getpeername()
  self.transcript:note("peer", ("connection from %s:%d"):format(from and from.ip or "?", from and from.port or 0))
  local c = connection.new(self, tcp)
  self.connections[#self.connections + 1] = c
  self.waiting:put({ connection = c })
end

local function listen(self, options)
  local bound, err = self.server:bind(self.bind, 0)
  if bound and options.listen ~= false then
    bound, err = self.server:listen(16, task.callback(function(problem)
      if not problem then
        on_connection(self)
      end
    end))
  end
  if not bound then
    self.server:close()
    fault.raise("error", ("the peer cannot listen on %s: %s (is it an address of this machine?)"):format(
      self.bind, err))
  end
  self.port = self.server:getsockname().port
  self.address = self.host .. ":" .. self.port
end

local function list_of(names)
  local set = {}
  for _, name in ipairs(names or {}) do
    set[name] = true
  end
  return set
end

--- For init.lua and tests: owner has transcript, factor, host (where the modem reaches this machine) and, for
-- certificates named as files, env.
function M.new(owner, options)
  check_options(options)
  local self = setmetatable({ transcript = owner.transcript, factor = owner.factor, waiting = mailbox.new(),
    connections = {}, host = options.host ~= "0.0.0.0" and options.host or owner.host,
    bind = options.host or owner.host, mqtt = options.mqtt ~= false, allow = list_of(options.allow),
    unread = options.unread }, Peer)
  self.tls = options.tls and require("modemtest.peer_tls").config(options.tls, owner) or nil
  self.server = uv.new_tcp()
  listen(self, options)
  self.transcript:note("peer", (options.listen == false and "refuses connections at " or "listens at ") .. self.address)
  return self
end

--- peer:accept([{within=20}]) -> connection
-- The next connection of the modem, in the order in which they came.
function Peer:accept(options)
  local item = self.waiting:wait("a connection", self:deadline(options and options.within or ACCEPT_SECONDS), function()
    return self.waiting:take(function() return true end)
  end)
  if not item then
    fault.raise("fail", "the modem did not connect", { wanted = "a connection to " .. self.address })
  end
  return item.connection
end

--- peer:deaf()
-- No longer listens: a connection to peer.address is refused. Those that exist stay.
function Peer:deaf()
  if not self.server:is_closing() then
    self.transcript:note("peer", "no longer listens at " .. self.address)
    self.server:close()
  end
end

--- peer:quiet(seconds)
-- No connection comes for so long.
function Peer:quiet(seconds)
  local item = self.waiting:wait("the absence of connections", task.now() + seconds * 1000, function()
    return self.waiting:find(function() return true end)
  end)
  if item then
    fault.raise("fail", "the modem connected", { wanted = "no connection to " .. self.address })
  end
end

--- peer:facts() -> table
-- What was seen so far: { address, tls (is it a TLS port?), connections = { { received, sent (bytes), packets_received,
-- packets_sent (lists of names), problem (what MQTT forbids), modem_ended ("eof", "reset" or nil), peer_ended
-- ("closed", "reset" or nil), tls = { done, version, cipher, server_name, alpn, client_hello, certificate, verify,
-- alert, alert_means, alert_sent, error } }, ... } }. A copy of plain values.
function Peer:facts()
  local list = {}
  for i, c in ipairs(self.connections) do
    list[i] = c:_facts()
  end
  return { address = self.address, tls = self.tls ~= nil, connections = list }
end

--- For the runner: what nobody looked at, as lines.
function Peer:_leftovers()
  local left = {}
  if self.unread then
    return left
  end
  for _, item in ipairs(self.waiting.items) do
    left[#left + 1] = "a connection that no accept() took" .. (item.connection.gone and ", ended since" or "")
  end
  for _, c in ipairs(self.connections) do
    table.move(c:_leftovers(), 1, 100, #left + 1, left)
  end
  return left
end

--- For the runner: the end of the scenario. Idempotent.
function Peer:_close()
  if not self.server:is_closing() then
    self.server:close()
  end
  for _, c in ipairs(self.connections) do
    c:_close_socket()
    c.layer:release()
  end
end

return M
