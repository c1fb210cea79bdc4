--- TLS 1.0 to 1.2 on the wire as far as it can be read from outside: records, handshake messages, the ClientHello, the
-- client's certificates, alerts. Written from RFC 5246 (the numbers in comments), RFC 6066 and RFC 7301. Bytes of a
-- stranger: nothing here raises on any of them.
local M = {}

local ALERT, HANDSHAKE, CHANGE_CIPHER_SPEC = 21, 22, 20

local LONGEST_RECORD = 16384 + 2048 -- 6.2.3
local LONGEST_MESSAGE = 1 << 17     -- our limit: no message of a client is longer

--- Handshake messages of a client (7.4).
local MESSAGES = { [1] = "ClientHello", [11] = "Certificate", [15] = "CertificateVerify", [16] = "ClientKeyExchange",
  [20] = "Finished" }

--- The names above, as a set: what a client can say.
M.MESSAGES = {}
for _, name in pairs(MESSAGES) do
  M.MESSAGES[name] = true
end

--- Alerts (7.2, RFC 6066 9, RFC 7301 3.2, RFC 8446 6): number, name, what it means when the modem sends it.
local ALERTS = {
  { 0, "close_notify", "the modem closes the connection in order" },
  { 10, "unexpected_message", "the modem got a message that has no place there" },
  { 20, "bad_record_mac", "a record did not decrypt: keys differ, or bytes were changed on the way" },
  { 21, "decryption_failed", "a record did not decrypt" },
  { 22, "record_overflow", "a record was longer than TLS allows" },
  { 30, "decompression_failure", "a record did not decompress" },
  { 40, "handshake_failure", "no parameters that both sides accept: version, cipher suite, certificate" },
  { 41, "no_certificate", "the modem has no certificate to show" },
  { 42, "bad_certificate", "the modem could not read or check the server's certificate" },
  { 43, "unsupported_certificate", "the modem does not support the server's kind of certificate" },
  { 44, "certificate_revoked", "the server's certificate is revoked" },
  { 45, "certificate_expired", "the server's certificate is not valid at the modem's time" },
  { 46, "certificate_unknown", "the modem refused the server's certificate for another reason" },
  { 47, "illegal_parameter", "a field of the handshake was out of range" },
  { 48, "unknown_ca", "the modem's CA file does not contain the issuer of the server's certificate" },
  { 49, "access_denied", "the modem does not want to go on" },
  { 50, "decode_error", "a message of the handshake could not be decoded" },
  { 51, "decrypt_error", "a signature or Finished was wrong: the server's key is not that of its certificate" },
  { 60, "export_restriction", "export restrictions were not kept" },
  { 70, "protocol_version", "the modem does not support the server's version of TLS" },
  { 71, "insufficient_security", "the modem demands stronger cipher suites" },
  { 80, "internal_error", "the modem failed for a reason of its own" },
  { 86, "inappropriate_fallback", "the modem was made to use too old a version" },
  { 90, "user_canceled", "the modem ends the handshake" },
  { 100, "no_renegotiation", "the modem does not negotiate again" },
  { 110, "unsupported_extension", "the server answered an extension that the modem did not send" },
  { 111, "certificate_unobtainable", "a certificate URL could not be read" },
  { 112, "unrecognized_name", "the server name is not known" },
  { 113, "bad_certificate_status_response", "the OCSP answer was wrong" },
  { 114, "bad_certificate_hash_value", "a certificate's hash was wrong" },
  { 115, "unknown_psk_identity", "the pre-shared key is not known" },
  { 116, "certificate_required", "a client certificate is required" },
  { 120, "no_application_protocol", "no application protocol (ALPN) that both sides have" },
}

local ALERT_BY_NUMBER, NUMBER_OF_ALERT = {}, {}
for _, row in ipairs(ALERTS) do
  ALERT_BY_NUMBER[row[1]], NUMBER_OF_ALERT[row[2]] = row, row[1]
end

--- records.alert_name(number) -> name, what it means when the modem sends it
function M.alert_name(number)
  local row = ALERT_BY_NUMBER[number]
  return row and row[2] or "alert " .. number, row and row[3] or "an alert that no RFC names"
end

--- records.alert_number(name) -> number, or nil
function M.alert_number(name)
  return NUMBER_OF_ALERT[name]
end

local VERSIONS = { [0x0300] = "SSLv3", [0x0301] = "TLSv1.0", [0x0302] = "TLSv1.1", [0x0303] = "TLSv1.2",
  [0x0304] = "TLSv1.3" }

--- records.version_name(0x0303) -> "TLSv1.2"
function M.version_name(number)
  return VERSIONS[number] or ("0x%04X"):format(number)
end

--- A cursor over 'bytes'. Reading behind the end gives nil and marks it broken.
local function cursor(bytes)
  local self = { at = 1, broken = false }
  function self.number(n)
    if self.broken or #bytes - self.at + 1 < n then
      self.broken = true
      return nil
    end
    self.at = self.at + n
    return (string.unpack(">I" .. n, bytes, self.at - n))
  end
  function self.take(n)
    if self.broken or not n or #bytes - self.at + 1 < n then
      self.broken = true
      return nil
    end
    self.at = self.at + n
    return bytes:sub(self.at - n, self.at - 1)
  end
  function self.vector(n) -- a length of n bytes and so many bytes
    return self.take(self.number(n))
  end
  function self.left()
    return #bytes - self.at + 1
  end
  return self
end

local function numbers(bytes)
  local list = {}
  for at = 1, #bytes - 1, 2 do
    list[#list + 1] = string.unpack(">I2", bytes, at)
  end
  return list
end

--- host_name of RFC 6066 3.
local function read_server_name(data)
  local list = cursor(cursor(data).vector(2) or "")
  while list.left() > 0 do
    local kind, name = list.number(1), list.vector(2)
    if not name then
      return nil
    elseif kind == 0 then
      return name
    end
  end
  return nil
end

local function read_alpn(data)
  local list, names = cursor(cursor(data).vector(2) or ""), {}
  while list.left() > 0 do
    local name = list.vector(1)
    if not name then
      return names
    end
    names[#names + 1] = name
  end
  return names
end

--- supported_versions of RFC 8446 4.2.1.
local function read_versions(data)
  local names = {}
  for i, number in ipairs(numbers(cursor(data).vector(1) or "")) do
    names[i] = M.version_name(number)
  end
  return names
end

local function read_extensions(bytes, hello)
  local all = cursor(bytes)
  while all.left() > 0 do
    local kind, data = all.number(2), all.vector(2)
    if not data then
      return false
    end
    hello.extensions[#hello.extensions + 1] = kind
    if kind == 0 then
      hello.server_name = read_server_name(data)
    elseif kind == 16 then
      hello.alpn = read_alpn(data)
    elseif kind == 43 then
      hello.supported_versions = read_versions(data)
    end
  end
  return true
end

--- records.client_hello(body) -> hello, or nil for what is none
-- The body of a ClientHello (7.4.1.2): { version (0x0303), version_name, suites (numbers, and [number] = true),
-- extensions (numbers), server_name, alpn, supported_versions }; the last three nil when they were not sent.
function M.client_hello(body)
  local c = cursor(body)
  local version = c.number(2)
  c.take(32)
  c.vector(1)
  local suites, compression = c.vector(2), c.vector(1)
  if not compression then
    return nil
  end
  local hello = { version = version, version_name = M.version_name(version), suites = numbers(suites), extensions = {} }
  for i = 1, #hello.suites do
    hello.suites[hello.suites[i]] = true
  end
  if c.left() == 0 then
    return hello
  end
  local extensions = c.vector(2)
  return extensions and read_extensions(extensions, hello) and hello or nil
end

--- records.certificates(body) -> list of DER certificates of a Certificate message (7.4.2)
function M.certificates(body)
  local list, all = {}, cursor(cursor(body).vector(3) or "")
  while all.left() > 0 do
    local der = all.vector(3)
    if not der then
      return list
    end
    list[#list + 1] = der
  end
  return list
end

local Reader = {}
Reader.__index = Reader

--- Reads one direction. reader:feed(bytes) returns a list of events in order:
--   { kind = "message", name, body, upto }   a complete handshake message
--   { kind = "alert", level, code, upto }    one that is not encrypted
--   { kind = "garbage", what }               no TLS record; nothing is read behind it
-- upto: so many bytes of the stream so far end with the record that completed it. Behind ChangeCipherSpec everything
-- is encrypted; then the first handshake record is an event { name = "Finished" } without a body.
function M.reader()
  return setmetatable({ buffer = "", messages = "", upto = 0 }, Reader)
end

local function read_messages(self, data, events)
  self.messages = self.messages .. data
  while #self.messages >= 4 do
    local kind, length = string.unpack(">BI3", self.messages)
    if length > LONGEST_MESSAGE then
      self.over = true
      events[#events + 1] = { kind = "garbage", what = ("a handshake message of %d bytes"):format(length) }
      return
    elseif #self.messages < 4 + length then
      return
    end
    events[#events + 1] = { kind = "message", name = MESSAGES[kind] or "handshake message " .. kind,
      body = self.messages:sub(5, 4 + length), upto = self.upto }
    self.messages = self.messages:sub(5 + length)
  end
end

local function read_record(self, kind, data, events)
  if self.encrypted then
    if kind == HANDSHAKE then
      self.over = true
      events[#events + 1] = { kind = "message", name = "Finished", upto = self.upto }
    end
  elseif kind == HANDSHAKE then
    read_messages(self, data, events)
  elseif kind == CHANGE_CIPHER_SPEC then
    self.encrypted = true
  elseif kind == ALERT and #data >= 2 then
    events[#events + 1] = { kind = "alert", level = data:byte(1), code = data:byte(2), upto = self.upto }
  end
end

function Reader:feed(bytes)
  local events = {}
  self.buffer = self.over and "" or self.buffer .. bytes
  while not self.over and #self.buffer >= 5 do
    local kind, major, _, length = string.unpack(">BBBI2", self.buffer)
    if kind < CHANGE_CIPHER_SPEC or kind > 24 or major ~= 3 or length > LONGEST_RECORD then
      self.over = true
      events[#events + 1] = { kind = "garbage", what = ("no TLS record: %02X %02X"):format(kind, major) }
    elseif #self.buffer < 5 + length then
      break
    else
      local data = self.buffer:sub(6, 5 + length)
      self.buffer, self.upto = self.buffer:sub(6 + length), self.upto + 5 + length
      read_record(self, kind, data, events)
    end
  end
  return events
end

return M
