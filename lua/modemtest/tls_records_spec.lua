local records = require "modemtest.tls_records"
local s = require "modemtest.spec"

local RANDOM = ("r"):rep(32)

local function extension(kind, data)
  return string.pack(">I2s2", kind, data)
end

--- The body of a ClientHello (RFC 5246 7.4.1.2) with these extensions.
local function hello_body(extensions)
  return "\3\3" .. RANDOM .. "\0" .. "\0\4\xC0\x2F\0\x2F" .. "\1\0"
    .. (extensions and string.pack(">s2", extensions) or "")
end

local function message(kind, body)
  return string.pack(">BI3", kind, #body) .. body
end

local function record(kind, data)
  return string.pack(">BBBs2", kind, 3, 3, data)
end

local FULL = extension(0, string.pack(">s2", "\0" .. string.pack(">s2", "broker.example")))
  .. extension(16, string.pack(">s2", "\4mqtt\14x-amzn-mqtt-ca")) .. extension(43, "\4\3\4\3\3") .. extension(23, "")

s.test("a ClientHello: version, suites, extensions", function()
  local hello = records.client_hello(hello_body(FULL))
  s.eq({ hello.version, hello.version_name, #hello.suites, hello.suites[1], hello.suites[0x2F] },
    { 0x0303, "TLSv1.2", 2, 0xC02F, true })
  s.eq({ hello.server_name, hello.alpn, hello.supported_versions, hello.extensions },
    { "broker.example", { "mqtt", "x-amzn-mqtt-ca" }, { "TLSv1.3", "TLSv1.2" }, { 0, 16, 43, 23 } })
  local plain = records.client_hello(hello_body())
  s.eq({ plain.server_name or false, plain.alpn or false, plain.extensions }, { false, false, {} })
end)

s.test("a ClientHello cut anywhere, and lengths that lie, are none or lack what is cut", function()
  local whole = hello_body(FULL)
  for n = 0, #whole - 1 do
    local hello = records.client_hello(whole:sub(1, n))
    s.check(not hello or n == #hello_body(), "accepted " .. n .. " bytes") -- the extensions may be left out as a whole
  end
  local lying = records.client_hello(hello_body(extension(0, "\0\xFF\0\0\xFFx") .. extension(16, "\0\9\8ab")))
  s.eq({ lying.server_name or false, lying.alpn }, { false, {} })
end)

--- Kinds and names of the events of a stream, fed in pieces of this size.
local function events_of(bytes, size)
  local reader, out = records.reader(), {}
  for at = 1, #bytes, size do
    for _, event in ipairs(reader:feed(bytes:sub(at, at + size - 1))) do
      out[#out + 1] = event.name or event.code or event.what
    end
  end
  return out
end

s.test("messages over records and records over pieces; behind ChangeCipherSpec only Finished is seen", function()
  local hello = message(1, hello_body(FULL))
  local flight = record(22, hello:sub(1, 10)) .. record(22, hello:sub(11))
    .. record(22, message(11, "\0\0\0") .. message(16, "key") .. message(15, "signature"))
    .. record(21, "\1\100") .. record(20, "\1") .. record(22, ("x"):rep(40)) .. record(22, "never looked at")
  for _, size in ipairs { 1, 2, 7, #flight } do
    s.eq(events_of(flight, size),
      { "ClientHello", "Certificate", "ClientKeyExchange", "CertificateVerify", 100, "Finished" }, "pieces of " .. size)
  end
end)

s.test("what is no TLS is said once", function()
  s.eq(events_of("GET / HTTP/1.1\r\n\r\n", 1), { "no TLS record: 47 45" })
  s.eq(events_of("\x10\x0C\0\4MQTT", 8), { "no TLS record: 10 0C" })
  s.eq(events_of("\x16\3\3\xFF\xFF", 5), { "no TLS record: 16 03" })
  s.eq(events_of(record(22, "\1\xFF\xFF\xFF"), 9), { "a handshake message of 16777215 bytes" })
end)

s.test("certificates of a Certificate message", function()
  s.eq(records.certificates("\0\0\0"), {})
  s.eq(records.certificates("\0\0\9\0\0\2ab\0\0\1c"), { "ab", "c" })
  s.eq(records.certificates("\0\0\9\0\0\2ab\0\0\9c"), { "ab" })
  s.eq(records.certificates("x"), {})
end)

s.test("alerts by name and number", function()
  s.eq({ records.alert_number("unknown_ca"), records.alert_number("nonsense") }, { 48 })
  s.eq({ (records.alert_name(48)), (records.alert_name(200)) }, { "unknown_ca", "alert 200" })
  s.match(select(2, records.alert_name(45)), "not valid at the modem's time")
end)
