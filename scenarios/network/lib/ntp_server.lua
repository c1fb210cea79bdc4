--- Fixture "ntp": an NTP server on a free UDP port of this machine, whose every byte the scenario decides.
-- Written from RFC 4330. A modem gets to it as ntp.example: sim = { args = ntp_server.arguments }.
local uv = require "luv"
local t = require "modemtest"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"

local M = {}

--- Seconds from 1900, where NTP counts from, to 1970.
local EPOCH = 2208988800

--- The server's time: 2024-05-17 12:34:56 UTC, always.
M.NOW = 1715949296

--- ntp_server.reply(request, { mode=, stratum=, leap=, originate=, seconds= }) -> bytes
-- The answer of a good server; fields change it. seconds: since 1970.
function M.reply(request, fields)
  fields = fields or {}
  local now = string.pack(">I4I4", (fields.seconds or M.NOW) + EPOCH & 0xFFFFFFFF, 0)
  return string.char((fields.leap or 0) << 6 | 4 << 3 | (fields.mode or 4), fields.stratum or 2, 6, 0xEC)
    .. ("\0"):rep(8) .. "GPS\0" .. now .. (fields.originate or request:sub(41, 48)) .. now .. now
end

--- ntp_server.arguments(env) -> arguments for the emulator
function M.arguments(env)
  return { "--connect-to", "ntp.example:123:127.0.0.1:" .. env.ntp.port }
end

local Server = {}
Server.__index = Server

--- env.ntp:wait_request() -> bytes
-- The next packet that came.
function Server:wait_request()
  local request = self.inbox:wait("a request to the NTP server", task.now() + 20000 * self.factor, function()
    return self.inbox:take(function() return true end)
  end)
  return t.check(request, "the modem asked no NTP server").bytes
end

--- env.ntp:close()
-- Nobody listens there any more.
function Server:close()
  if not self.udp:is_closing() then
    self.udp:close()
  end
end

local function setup(env)
  -- env.ntp.answer(request) -> list of the packets that are sent back
  local server = setmetatable({ udp = uv.new_udp(), inbox = mailbox.new(), factor = env._settings.factor,
    answer = function(request) return { M.reply(request) } end }, Server)
  assert(server.udp:bind("127.0.0.1", 0))
  server.port = server.udp:getsockname().port
  assert(server.udp:recv_start(task.callback(function(err, bytes, from)
    assert(not err, err)
    if bytes and from then
      server.inbox:put { bytes = bytes }
      for _, packet in ipairs(server.answer(bytes)) do
        server.udp:send(packet, from.ip, from.port, function() end)
      end
    end
  end)))
  return server
end

t.fixture "ntp" { setup = setup, teardown = Server.close }

return M
