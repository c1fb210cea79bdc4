--- The TLS server of a scripted peer: the layer between a connection's socket and its MQTT (peer_connection.lua).
-- mbedTLS (modemtest.tls) does the cryptography; tls_records reads beside it what passes, so that a scenario can stop
-- at any message of the modem, and everything seen is kept in 'info' whatever comes of the handshake.
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local records = require "modemtest.tls_records"
local text = require "modemtest.text"
local tls = require "modemtest.tls"

local M = {}

local LONGEST_RECORD = 16384 -- RFC 5246 6.2.1

local FATAL, WARNING, CLOSE_NOTIFY = 2, 1, 0

local OPTIONS = { certificate = true, der = true, key = true, password = true, chain = true, min_version = true,
  max_version = true, ciphers = true, client_certificate = true, ca = true, alpn = true, at = true, record_size = true }

-- Options -------------------------------------------------------------------------------------------------

--- PEM text as it is; otherwise a file, one of make-certs' by its name.
local function pem(owner, name)
  if name:find("-----BEGIN", 1, true) then
    return name
  end
  local certificates = owner.env and owner.env.certificates
  if name:sub(1, 1) ~= "/" and not certificates then
    fault.raise("misuse", ("t.peer: tls: '%s' is a file of make-certs: name \"certificates\" in 'uses'"):format(name))
  end
  local bytes, err = files.read(name:sub(1, 1) == "/" and name or certificates:path(name))
  return bytes or fault.raise("error", ("t.peer: tls: %s"):format(err))
end

local function all_pem(owner, names)
  local parts = {}
  for i, name in ipairs(type(names) == "table" and names or { names }) do
    parts[i] = pem(owner, name)
  end
  return table.concat(parts, "\n")
end

local ACTIONS = { stall = true, close = true, reset = true }

local function check_actions(at)
  for message, action in pairs(at or {}) do
    if not records.MESSAGES[message] then
      fault.raise("misuse", ("t.peer: tls.at: no client sends '%s': %s"):format(message,
        table.concat(text.sorted_keys(records.MESSAGES), ", ")))
    end
    local alert = type(action) == "string" and action:match("^alert (.*)$")
    if type(action) ~= "function" and not ACTIONS[action] and not (alert and records.alert_number(alert)) then
      fault.raise("misuse", ("t.peer: tls.at: '%s': stall, close, reset, alert NAME or a function"):format(
        tostring(action)))
    end
  end
end

--- For the peer: what its connections need. Raises a fault for options that cannot work.
function M.config(options, owner)
  for name in pairs(options) do
    if not OPTIONS[name] then
      fault.raise("misuse", ("t.peer: tls has no option '%s'"):format(name))
    end
  end
  check_actions(options.at)
  local size = options.record_size or 1
  if math.type(size) ~= "integer" or size < 1 or size > LONGEST_RECORD then
    fault.raise("misuse", ("t.peer: tls: record_size is 1 to %d bytes"):format(LONGEST_RECORD))
  end
  local certificate = options.certificate or "server.crt"
  local first = type(certificate) == "table" and certificate[1] or certificate
  local key = options.key or first:find("^hostile/") and "hostile/server.key" or "server.key"
  local config = { at = options.at or {}, record_size = options.record_size, server = {
    certificate = all_pem(owner, certificate) .. (options.chain and "\n" .. all_pem(owner, options.chain) or ""),
    ca = options.ca and all_pem(owner, options.ca),
    der = options.der, key = pem(owner, key), password = options.password,
    min = options.min_version, max = options.max_version, ciphers = options.ciphers, alpn = options.alpn,
    client_certificate = options.client_certificate } }
  local ok, server, err = pcall(tls.server, config.server)
  if not ok then
    fault.raise("misuse", "t.peer: tls: " .. tostring(server))
  elseif not server then
    fault.raise("error", "t.peer: tls: certificate, key or CA cannot be used: " .. err)
  end
  server:close()
  return config
end

-- The layer -----------------------------------------------------------------------------------------------

local Layer = {}
Layer.__index = Layer

--- What mbedTLS says about a certificate, in one line.
local function one_line(words)
  return (words:gsub("%s*\n%s*$", ""):gsub("%s*\n%s*", "; "))
end

local function note(self, format, ...)
  self.connection.peer.transcript:note("peer", "TLS: " .. format:format(...))
end

--- For the connection: the layer of one connection. self.info is its 'tls'.
function M.new(connection, config)
  local server, err = tls.server(config.server)
  if not server then
    fault.raise("error", "t.peer: tls: " .. err)
  end
  return setmetatable({ connection = connection, config = config, server = server, from_modem = records.reader(),
    from_peer = records.reader(), info = { done = false, messages = {} } }, Layer)
end

--- Sends what mbedTLS wrote; an alert among it that is not encrypted is noted.
local function flush(self, change)
  local bytes = self.server:output()
  for _, event in ipairs(self.from_peer:feed(bytes)) do
    if event.kind == "alert" then
      self.info.alert_sent = records.alert_name(event.code)
      note(self, "the peer sent alert %s", self.info.alert_sent)
    end
  end
  self.connection:_write(change and change(bytes) or bytes)
end

local function got_alert(self, code)
  local info = self.info
  if not info.alert then
    info.alert, info.alert_means = records.alert_name(code)
    note(self, "the modem sent alert %s: %s", info.alert, info.alert_means)
  end
end

--- For the connection: an alert by its name; encrypted where the rest is.
function Layer:alert(name, level)
  local code = records.alert_number(name) or fault.raise("misuse", ("TLS has no alert '%s'"):format(tostring(name)))
  level = level or code == CLOSE_NOTIFY and WARNING or FATAL
  self.info.alert_sent = name
  note(self, "the peer sends alert %s", name)
  if self.info.done then
    self.server:alert(level, code)
    flush(self)
    return
  end
  local hello = self.info.client_hello
  local version = math.min(math.max(hello and hello.version or 0x0301, 0x0301), 0x0303)
  self.connection:_write(string.pack(">BI2I2BB", 21, version, 2, level, code))
end

--- The server gives up, as one does: it has sent its alert, and closes.
local function failed(self, message, name)
  local info = self.info
  if name == "ALERT" then
    local _, code = self.server:alert_received()
    got_alert(self, code)
    message = ("the modem sent alert %s: %s"):format(info.alert, info.alert_means)
  elseif name == "VERIFY" then
    info.verify = one_line(self.server:info().verify)
    message = "the modem's certificate was refused: " .. info.verify
  elseif info.no_certificate and not info.alert_sent then
    self:alert("handshake_failure") -- RFC 5246 7.4.6; mbedTLS says nothing
    message = "the modem has no certificate to show, and one is required"
  end
  info.error, self.stopped = message, true
  note(self, "failed: %s", message)
  self.connection:drop()
end

local function handshake_over(self)
  local info, told = self.info, self.server:info()
  info.done, info.version, info.alpn = true, told.version, told.alpn
  info.cipher = told.cipher:gsub("%-", "_")
  info.verify = told.verify ~= "" and one_line(told.verify) or nil
  note(self, "handshake over: %s, %s%s", info.version, info.cipher, info.verify and "; certificate: " .. info.verify
    or "")
end

local function read_all(self)
  while not self.stopped do
    local bytes, err, name = self.server:read()
    if bytes == "" then
      return
    elseif bytes then
      self.connection:_got(bytes)
    elseif name == "CLOSE_NOTIFY" then
      got_alert(self, CLOSE_NOTIFY)
      self.stopped = true
    else
      flush(self)
      failed(self, err, name)
    end
  end
end

local function progress(self)
  if not self.info.done then
    local done, err, name = self.server:handshake()
    flush(self)
    if done == nil then
      failed(self, err, name)
    elseif done then
      handshake_over(self)
    end
  end
  if self.info.done then
    read_all(self)
  end
end

-- What is kept of the modem's messages.
local KEEP = {
  ClientHello = function(self, body)
    local info, hello = self.info, records.client_hello(body)
    if not hello or info.client_hello then
      return
    end
    info.client_hello, info.server_name, info.alpn_offered = hello, hello.server_name, hello.alpn
    info.versions_offered = hello.supported_versions or { hello.version_name }
    note(self, "ClientHello: %s, %d cipher suites, %s%s", hello.version_name, #hello.suites,
      hello.server_name and "server name " .. text.escape(hello.server_name, 100) or "no server name",
      hello.alpn and ", ALPN " .. text.escape(table.concat(hello.alpn, " "), 100) or "")
  end,
  Certificate = function(self, body)
    local list = records.certificates(body)
    if not list[1] then
      self.info.no_certificate = true
      note(self, "the modem has no certificate to show")
      return
    end
    local certificate, err = tls.describe(list[1])
    self.info.certificate = certificate or { error = err }
    note(self, "the modem's certificate: %s", certificate and certificate.subject or err)
  end,
}

--- Does the scenario's action at this message; everything behind it is only looked at.
local function act(self, action)
  local connection = self.connection
  self.stopped = true
  if action == "close" then
    connection:drop()
  elseif action == "reset" then
    connection:reset()
  elseif type(action) == "function" then
    action(connection)
  elseif action ~= "stall" then
    connection:alert(action:match("^alert (.*)$"))
    connection:drop()
  end
end

local function got_message(self, event)
  local info = self.info
  if info.done then
    return
  end
  info.messages[#info.messages + 1] = event.name
  if KEEP[event.name] and event.body then
    KEEP[event.name](self, event.body)
  end
  local action = not self.stopped and self.config.at[event.name]
  if action then
    note(self, "at %s: %s", event.name, type(action) == "string" and action or "what the scenario does")
    act(self, action)
  end
end

--- For the connection: bytes from the socket.
function Layer:input(bytes)
  for _, event in ipairs(self.from_modem:feed(bytes)) do
    if event.kind == "message" then
      got_message(self, event)
    elseif event.kind == "alert" then
      got_alert(self, event.code)
    else
      self.info.garbage = event.what
      note(self, "the modem sent %s", event.what)
    end
  end
  if not self.stopped then
    self.server:input(bytes)
    progress(self)
  end
  self.connection.events:changed()
end

--- For the connection: application data; change: see Connection:send_changed.
function Layer:output(bytes, change)
  if not self.info.done then
    fault.raise("misuse", "the TLS handshake is not over: handshake(), or raw() for bytes outside of TLS")
  end
  local ok, err = self.server:write(bytes, self.config.record_size)
  if not ok then
    fault.raise("fail", "the peer cannot send over TLS: " .. err)
  end
  flush(self, change)
end

--- For the connection: a good end, where the handshake is over.
function Layer:close_notify()
  if self.info.done and not self.info.error then
    self:alert("close_notify")
  end
end

--- For the connection: the modem's end of TCP.
function Layer:ended()
  local info = self.info
  if not info.done and not info.error then
    local last = info.messages[#info.messages]
    info.error = "the modem ended the connection in the handshake, after " .. (last or "nothing")
      .. (info.alert and " and alert " .. info.alert or "")
  end
end

--- For the peer: the memory of mbedTLS. Idempotent.
function Layer:release()
  self.server:close()
  self.stopped = true
end

--- For peer:facts(): a copy of the plain values.
function M.facts(info)
  local copy = {}
  for name, value in pairs(info) do
    copy[name] = type(value) == "table" and M.facts(value) or value
  end
  return copy
end

return M
