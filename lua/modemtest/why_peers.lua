--- What a scripted peer (t.peer) saw, for an explanation: peer:facts(). Pure.
local words = require "modemtest.why_words"

local M = {}

local function add(lines, format, ...)
  lines[#lines + 1] = format:format(...)
end

local function names(list)
  return type(list) == "table" and #list > 0 and table.concat(list, ", ") or nil
end

local function tls_lines(lines, tls)
  if tls.done then
    add(lines, "TLS handshake done: %s, %s%s", tls.version or "?", tls.cipher or "?",
      tls.certificate and ", with a client certificate" or ", no client certificate")
  elseif tls.client_hello then
    add(lines, "a ClientHello%s, and no end of the handshake",
      tls.server_name and (' for "%s"'):format(tls.server_name) or " without a server name")
  end
  if tls.alert then
    add(lines, "TLS alert from the modem: %s (%s)", tls.alert, tls.alert_means or words.ALERTS[tls.alert] or "?")
  end
  if tls.alert_sent then
    add(lines, "TLS alert to the modem: %s", tls.alert_sent)
  end
  if tls.error then
    add(lines, "TLS: %s", tls.error)
  end
end

local function connection_lines(c)
  local lines = {}
  if type(c.tls) == "table" then
    tls_lines(lines, c.tls)
  end
  if names(c.packets_received) then
    add(lines, "from the modem: %s", names(c.packets_received))
  end
  if names(c.packets_sent) then
    add(lines, "to the modem: %s", names(c.packets_sent))
  end
  if c.problem then
    add(lines, "not MQTT: %s", c.problem)
  end
  if c.peer_ended then
    add(lines, "the peer %s the connection", c.peer_ended == "reset" and "reset" or "closed")
  elseif c.modem_ended then
    add(lines, "the modem %s the connection", c.modem_ended == "reset" and "reset" or "closed")
  end
  return lines
end

local function newest(c, peers)
  local found, peer
  for _, p in ipairs(peers) do
    local list = type(p) == "table" and p.connections or {}
    if #list > 0 and (not c.to or not p.address or c.to == p.address) then
      found, peer = list[#list], p
    end
  end
  return found, peer
end

--- Adds to the context c what the peers saw of the modem's newest connection: peer_lines (sentences), and, where
-- there is no trace, the fields that a trace would have given.
function M.look(c, peers)
  c.peer_lines = {}
  local connection, peer = newest(c, peers)
  if not connection or c.item.connection == nil and c.certain then
    return
  end
  c.peer = { expects_tls = peer.tls, alert = type(connection.tls) == "table" and connection.tls.alert or nil }
  c.peer_lines = connection_lines(connection)
  if c.certain then
    return
  end
  local tls = type(connection.tls) == "table" and connection.tls or {}
  c.tcp, c.tls_done, c.alert_sent, c.alert_received = "connected", tls.done, tls.alert, tls.alert_sent
  for _, name in ipairs(connection.packets_received or {}) do
    c.connect_sent = c.connect_sent or name == "CONNECT"
    c.sent = name
  end
  if connection.peer_ended then
    c.down = connection.peer_ended == "reset" and "connection reset" or "peer closed the connection"
  end
end

return M
