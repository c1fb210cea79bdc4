--- The way to a modem: a pty or serial port (modemtest.port on luv's poll), or a TCP or unix socket.
-- Every transport is an object with write(bytes), close(), and two functions its user sets:
-- on_data(bytes) and on_gone(reason). close() calls neither. No transport buffers what it received.
local uv = require "luv"
local port = require "modemtest.port"
local task = require "modemtest.task"

local M = {}

local PortTransport = {}
PortTransport.__index = PortTransport

local function gone(self, reason)
  if not self.closed then
    self:close()
    self.on_gone(reason)
  end
end

local function read_all(self)
  while not self.closed do
    local bytes, err, name = self.port:read()
    if not bytes then
      return gone(self, name == "EPIPE" and "the modem's side was closed" or err)
    end
    if bytes == "" then
      return
    end
    self.on_data(bytes)
  end
end

local function write_some(self)
  while not self.closed and self.unsent ~= "" do
    local n, err = self.port:write(self.unsent)
    if not n then
      read_all(self) -- what it said before it went
      return gone(self, err)
    end
    self.unsent = self.unsent:sub(n + 1)
    if n == 0 then
      break
    end
  end
  local watch = self.unsent ~= ""
  if not self.closed and watch ~= self.watching then
    self.watching = watch
    self.port:watch(watch)
  end
end

function PortTransport:write(bytes)
  self.unsent = self.unsent .. bytes
  write_some(self)
end

--- Sets our side's speed. nil and a message when the device cannot do it.
function PortTransport:speed(baud)
  return self.port:speed(baud)
end

function PortTransport:close()
  if not self.closed then
    self.closed = true
    self.poll:stop()
    self.poll:close()
    self.port:close()
  end
end

local function ignore() end

--- Opens a pty or serial device. nil and a message when that fails.
function M.open_port(path, baud)
  local p, err = port.open(path, baud)
  if not p then
    return nil, ("cannot open %s: %s"):format(path, err)
  end
  local self = setmetatable({ port = p, unsent = "", watching = false, on_data = ignore, on_gone = ignore },
    PortTransport)
  self.poll = uv.new_poll(p:fd())
  self.poll:start("r", task.callback(function(poll_error)
    if poll_error then
      return gone(self, poll_error)
    end
    write_some(self)
    read_all(self)
  end))
  return self
end

local StreamTransport = {}
StreamTransport.__index = StreamTransport

function StreamTransport:write(bytes)
  if not self.closed then
    self.stream:write(bytes)
  end
end

function StreamTransport:close()
  if not self.closed then
    self.closed = true
    self.stream:close()
  end
end

local function open_stream(stream, where, deadline, connect)
  local connected = task.condition("connection to " .. where)
  local state = {}
  local function done(err)
    state.done, state.err = true, err
    connected:notify()
  end
  connect(task.callback(done))
  while not state.done and connected:wait(deadline) do end
  if not state.done or state.err then
    stream:close()
    return nil, ("cannot connect to %s: %s"):format(where, state.err or "no answer in time")
  end
  local self = setmetatable({ stream = stream, on_data = ignore, on_gone = ignore },
    StreamTransport)
  stream:read_start(task.callback(function(err, bytes)
    if bytes then
      self.on_data(bytes)
    elseif not self.closed then
      self:close()
      self.on_gone(err or "the modem's side was closed")
    end
  end))
  return self
end

--- Connects to host:port until 'deadline' (task.now()). nil and a message when that fails.
function M.open_tcp(host, port_number, deadline)
  local addresses, err = uv.getaddrinfo(host, port_number, { socktype = "stream" })
  if not addresses then
    return nil, ("cannot resolve %s: %s"):format(host, err)
  end
  local tcp = uv.new_tcp()
  tcp:nodelay(true)
  return open_stream(tcp, host .. ":" .. port_number, deadline, function(done)
    tcp:connect(addresses[1].addr, addresses[1].port, done)
  end)
end

function M.open_unix(path, deadline)
  local pipe = uv.new_pipe(false)
  return open_stream(pipe, path, deadline, function(done)
    pipe:connect(path, done)
  end)
end

--- Opens "tcp:HOST:PORT", "unix:PATH", or the path of a terminal device.
function M.open(address, baud, deadline)
  local host, number = address:match("^tcp:(.+):(%d+)$")
  if host then
    host = host:gsub("^%[(.*)%]$", "%1")
    return M.open_tcp(host, math.tointeger(tonumber(number)), deadline)
  end
  local path = address:match("^unix:(.+)$")
  if path then
    return M.open_unix(path, deadline)
  end
  return M.open_port(address, baud)
end

return M
