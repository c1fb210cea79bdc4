--- Reads a ClientHello (RFC 5246 7.4.1.2): what a TLS client offers, before anything is encrypted.
local M = {}

local HANDSHAKE, CLIENT_HELLO, SERVER_NAME = 22, 1, 0

local function read_suites(list)
  local suites = {}
  for i = 1, #list - 1, 2 do
    local suite = string.unpack(">I2", list, i)
    suites[#suites + 1], suites[suite] = suite, true
  end
  return suites
end

local function read_extensions(bytes)
  local extensions, at = {}, 1
  while at + 3 <= #bytes do
    local kind, data
    kind, data, at = string.unpack(">I2s2", bytes, at)
    extensions[kind] = data
  end
  return extensions
end

--- The hello that 'bytes' (all of a connection so far) begin with: { version = 0x0303, suites =
-- { 0xC02F, ..., [0xC02F] = true }, server_name = "host" or nil }. nil while it is not complete.
function M.parse(bytes)
  if #bytes < 5 then
    return nil
  end
  local kind, _, length = string.unpack(">BI2I2", bytes)
  if #bytes < 5 + length then
    return nil
  end
  local message, _, version = string.unpack(">BI3I2", bytes, 6)
  assert(kind == HANDSHAKE and message == CLIENT_HELLO, "no ClientHello")
  -- behind the version and 32 random bytes: session id, cipher suites, compression methods
  local _, suites, _, at = string.unpack(">s1s2s1", bytes, 6 + 6 + 32)
  local extensions = at < 5 + length and read_extensions(string.unpack(">s2", bytes, at)) or {}
  local name = extensions[SERVER_NAME]
  return { version = version, suites = read_suites(suites),
    server_name = name and string.unpack(">s2", name, 4) or nil }
end

return M
