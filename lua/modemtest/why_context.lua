--- One item of a story (why_facts.lua) as a flat table, so that a row of why_rows*.lua can say what it looks for by
-- name. Fields that do not apply are absent.
--
--   command urc port          its name ("CMQTTCONNECT"), by kind
--   line form arguments code final refused data wants lines    the dialogue
--   client client_id tls context sslversion authmode ...       client and SSL context, as they were before it
--   host port_number to address tcp down detail                the connection
--   alert_received alert_sent verify tls_done tls_version      TLS
--   sent received packet connect_sent connack suback           MQTT packets since the item began
--   decision                  what our broker decided about it
--   peer                      what a scripted peer saw
--   certain                   false where only the dialogue is known
local M = {}

local function take(c, from, names)
  for _, name in ipairs(names) do
    c[name] = from[name]
  end
end

local function add_client(c, item)
  local before = item.before
  take(c, before, { "started", "nonet", "cpin", "registration", "clock", "cfun", "files", "acquired", "pending" })
  local client = before.client
  c.client, c.client_id, c.tls = item.client, client.id, client.tls
  c.was_connected, c.lost, c.failed_before, c.ended = client.connected, client.lost, client.failed, client.ended
  c.topic = client.topic
  if not client.id then
    c.context = nil
    return
  end
  c.context = client.context or item.client
  c.context_bound = client.context ~= nil
  local ssl = before.ssl[c.context or -1] or {}
  for key, value in pairs(ssl) do
    c[key] = value
  end
end

--- Did this happen before the item ended? What has not ended yet sees everything.
local function before_end(item, at)
  return item.to == nil or at <= item.to
end

local function add_connection(c, item, connection)
  if not connection then
    return
  end
  local dial, tls = connection.dial, connection.tls
  c.host, c.port_number = dial.host, dial.port
  c.to = dial.to_host and ("%s:%s"):format(dial.to_host, dial.to_port) or nil
  c.address = connection.address
  c.tcp = connection.connected and "connected" or connection.address and "tried" or "dialled"
  if connection.down and before_end(item, connection.down_at) then
    c.down, c.detail = connection.down.why, connection.down.detail
  end
  c.hangup, c.protocol_error = connection.hangup, connection.protocol_error
  c.tls_start, c.tls_done, c.ended_detail = tls.start, tls.done, tls.ended
  c.alert_received, c.alert_sent = tls.alert_received, tls.alert_sent
  if tls.start then
    c.sni, c.verify_server, c.send_cert = tls.start.sni, tls.start.verify_server, tls.start.send_cert
  end
  if tls.done then
    c.tls_version, c.suite, c.verify = tls.done.version, tls.done.ciphersuite, tls.done.verify
  end
end

local ACKNOWLEDGES = { CONNACK = "connack", PUBACK = "puback", SUBACK = "suback", UNSUBACK = "unsuback",
  PUBREC = "pubrec", PUBCOMP = "pubcomp", PINGRESP = "pingresp" }

--- Packets since the item began; for a line that came by itself all of the connection.
local function add_packets(c, item, connection)
  c.packets = {}
  for _, packet in ipairs(connection and connection.packets or {}) do
    local p = packet.fields
    if p.dir == "out" and p.packet == "CONNECT" then
      c.connect_sent, c.keep_alive, c.sent_id = true, p.keep_alive, p.client_id
    end
    if item.kind == "urc" or packet.at >= item.from and before_end(item, packet.at) then
      c.packets[#c.packets + 1] = p
      if p.dir == "out" then
        c.sent, c.sent_packet = p.packet, p
        c.topic = p.topic or c.topic
      else
        c.received, c.received_packet = p.packet, p
        local name = ACKNOWLEDGES[p.packet]
        if name then
          c[name] = p.return_code or p.return_codes or p.packet_identifier or true
        end
      end
    end
  end
end

--- The explanation of a connection that was lost is the packet that went out last.
local function add_filters(c)
  local p = c.sent_packet
  if p and p.topic_filter then
    c.filter = p.topic_filter
  end
end

local function add_data(c, item)
  c.data = item.data and item.data.text
  c.data_length = item.data and item.data.length
  c.wants = item.wants
  c.waits_for_data = item.wants ~= nil and item.data == nil and item.final == nil
  c.swallowed = c.data and c.data ~= "***" and c.data:match("[\r\n](AT%+?%w[^\r\n]*)") or c.data
      and c.data:match("^(AT%+%w+[=?]?[^\r\n]*)") or nil
end

--- The context of 'item'. number: client to speak of where the item names none.
function M.of(item, facts)
  local c = { item = item, kind = item.kind, line = item.line or item.text, form = item.form,
    arguments = item.arguments or item.values or {}, code = item.code, final = item.final, refused = item.refused,
    lines = item.lines, fault = item.fault, event = item.event, name = item.name,
    certain = facts.events ~= nil }
  c[item.kind] = item.name
  local connection = item.connection
  if connection and item.kind == "command" and item.name ~= "CMQTTCONNECT" and connection.down_at
      and connection.down_at < item.from then
    connection = nil -- it was over before this command
  end
  add_client(c, item)
  add_connection(c, item, connection)
  add_packets(c, item, connection)
  add_filters(c)
  add_data(c, item)
  c.pending_name = c.pending and c.pending.name or nil
  c.open = item.kind == "command" and item.final == nil
  c.result_missing = item.kind == "command" and item.code == nil and (item.operation or false)
  return c
end

return M
