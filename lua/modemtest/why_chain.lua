--- The chain of an explanation: from the AT line to the result line, one sentence a link.
local words = require "modemtest.why_words"

local M = {}

local function add(chain, format, ...)
  chain[#chain + 1] = select("#", ...) > 0 and format:format(...) or format
end

local function known(value, otherwise)
  if math.type(value) == "float" then
    value = math.tointeger(value) or value
  end
  return value ~= nil and tostring(value) or otherwise or "?"
end

local function host(chain, c)
  if c.kind == "command" then
    add(chain, "the host sent %s", c.line)
    if c.data then
      local shown = c.data == "***" and "" or (": %q"):format(c.data:sub(1, 60):gsub("[%c]", "."))
      add(chain, "and %s bytes behind the prompt%s", known(c.data_length, #c.data), shown)
    end
  elseif c.kind == "urc" then
    local before = c.item.previous
    if before and before.line then
      add(chain, "the last command%s was %s", c.client and " for client " .. c.client or "", before.line)
    end
  end
end

local function client(chain, c)
  if not c.client then
    return
  end
  if not c.client_id then
    if c.certain then
      add(chain, "client %d is not acquired%s", c.client, c.started and "" or ", the MQTT service is not started")
    end
    return
  end
  local state = c.was_connected and "connected" or "acquired, not connected"
  add(chain, 'client %d has client id "%s", %s, is %s', c.client, c.client_id, c.tls and "TLS" or "plain TCP", state)
  if c.pending_name then
    add(chain, "AT+%s still waits for its result", c.pending_name)
  end
end

local function ssl(chain, c)
  if c.command ~= "CMQTTCONNECT" or not c.tls then
    return
  end
  local parts = {}
  parts[#parts + 1] = c.sslversion
    and ("sslversion %s (%s)"):format(c.sslversion, known(words.SSLVERSION[c.sslversion]))
  parts[#parts + 1] = c.authmode and ("authmode %s (%s)"):format(c.authmode, known(words.AUTHMODE[c.authmode]))
  parts[#parts + 1] = c.ignorelocaltime and "ignorelocaltime " .. c.ignorelocaltime
  parts[#parts + 1] = c.enablesni and "enableSNI " .. c.enablesni
  for _, kind in ipairs { "cacert", "clientcert", "clientkey" } do
    if c[kind] then
      parts[#parts + 1] = kind .. " " .. c[kind]
    end
  end
  add(chain, "SSL context %s%s: %s", known(c.context), c.context_bound and "" or " (not bound: the client's number)",
    #parts > 0 and table.concat(parts, ", ") or "nothing was set while this was watched")
end

local function network(chain, c)
  if not c.host or c.command and c.command ~= "CMQTTCONNECT" then
    return
  end
  local where = ("%s:%s"):format(c.host, known(c.port_number))
  if c.to and c.to ~= where then
    where = where .. " (at " .. c.to .. ")"
  end
  if c.tcp == "connected" then
    add(chain, "TCP connected to %s", where)
  elseif c.down then
    add(chain, "no TCP connection to %s: %s", where, c.down)
  else
    add(chain, "TCP: dialled %s, no answer yet", where)
  end
end

local function tls(chain, c)
  if not c.tls_start or c.command and c.command ~= "CMQTTCONNECT" then
    return
  end
  if c.tcp == "connected" then
    add(chain, "TLS: the server is %s, %s, %s", c.verify_server == 1 and "checked" or "not checked",
      c.send_cert == 1 and "a client certificate is sent" or "no client certificate is sent",
      c.sni == 1 and "with SNI" or "without SNI")
  end
  if c.tls_done then
    add(chain, "TLS handshake done: %s, %s, server certificate: %s", known(c.tls_version), known(c.suite),
      known(c.verify))
  elseif c.ended_detail then
    add(chain, "TLS: %s", c.ended_detail)
  end
  for _, way in ipairs { "received", "sent" } do
    local alert = c["alert_" .. way]
    if alert then
      add(chain, "TLS alert %s: %s (%s)", way, alert, words.ALERTS[alert] or "no words for it")
    end
  end
end

local DETAILS = { CONNECT = { "client_id", "keep_alive", "clean_session" }, PUBLISH = { "topic", "qos", "retain",
  "payload_length" }, CONNACK = { "return_code" }, SUBSCRIBE = { "topic_filter", "topic_filter_2", "requested_qos" },
  SUBACK = { "return_codes" } }

local function packet_line(p)
  local parts = {}
  for _, name in ipairs(DETAILS[p.packet] or {}) do
    if p[name] ~= nil then
      parts[#parts + 1] = ("%s %s"):format(name:gsub("_", " "), known(p[name]))
    end
  end
  return ("MQTT %s %s%s"):format(p.packet, p.dir == "out" and "sent" or "received",
    #parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or "")
end

local SHOWN = 4

local AWAITED = { CONNECT = "CONNACK", SUBSCRIBE = "SUBACK", UNSUBSCRIBE = "UNSUBACK", PINGREQ = "PINGRESP" }

local function packets(chain, c)
  local list = c.packets or {}
  for i = math.max(1, #list - SHOWN + 1), #list do
    add(chain, packet_line(list[i]))
  end
  local newest = list[#list]
  local awaited = newest and newest.dir == "out"
    and (AWAITED[newest.packet] or newest.packet == "PUBLISH" and newest.qos == 1 and "PUBACK")
  if awaited then
    add(chain, "no %s came", awaited)
  end
  if c.protocol_error then
    add(chain, "not MQTT: %s", c.protocol_error)
  end
end

local function ending(chain, c)
  if c.down and c.tcp == "connected" then
    add(chain, "%s: %s", c.down, known(c.detail))
  end
end

local function decision(chain, c)
  local d = c.decision
  if not d then
    return
  end
  add(chain, "our broker (%s): %s %s%s%s", d.source or "policy", d.decision or "?", d.action or "?",
    d.resource and " on " .. d.resource or "", d.reason and ": " .. d.reason or "")
  if type(d.compared) == "table" then
    add(chain, "compared with %s%s", #d.compared > 0 and table.concat(d.compared, ", ") or "nothing: no such statement",
      d.document and " of " .. (d.document:match("[^/]*$")) or "")
  end
end

local function peer(chain, c)
  for _, sentence in ipairs(c.peer_lines or {}) do
    add(chain, "the peer saw: %s", sentence)
  end
end

local function result(chain, c)
  if c.kind == "port" then
    return
  end
  local shown = {}
  for _, text in ipairs(c.lines) do
    shown[#shown + 1] = text
  end
  if #shown == 0 then
    add(chain, c.waits_for_data and "the prompt came, and no final result yet" or "no answer came")
    return
  end
  add(chain, "the modem said %s%s", table.concat(shown, ", ", math.max(1, #shown - 3)),
    c.code and c.code ~= 0 and words.CODES[c.code] and (": %s"):format(words.CODES[c.code]) or "")
  if c.command and c.result_missing then
    add(chain, "its result line has not come yet")
  end
end

--- The chain of a context: list of sentences.
function M.of(c)
  local chain = {}
  for _, link in ipairs { host, client, ssl, network, tls, packets, ending, decision, peer, result } do
    link(chain, c)
  end
  return chain
end

return M
