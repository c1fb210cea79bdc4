--- TLS of a scripted peer, with OpenSSL's s_client as the foreign client.
local files = require "modemtest.files"
local peer = require "modemtest.peer"
local process = require "modemtest.process"
local records = require "modemtest.tls_records"
local s = require "modemtest.spec"
local task = require "modemtest.task"
local tls = require "modemtest.tls"
local transcript = require "modemtest.transcript"

local SECONDS = 20

--- Calls fn(folder) with server.pem, server.key, client.pem, client.key, each its own issuer.
local function with_files(fn)
  local folder = files.temporary()
  local ok, err = pcall(function()
    for _, name in ipairs { "server", "client" } do
      local p = assert(process.spawn { file = "openssl", name = "openssl req", args = { "req", "-x509", "-newkey", "ec",
        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3", "-subj", "/CN=" .. name,
        "-keyout", folder .. "/" .. name .. ".key", "-out", folder .. "/" .. name .. ".pem" } })
      p:wait_exit(task.now() + SECONDS * 1000)
      s.eq(p:stop(0).code, 0)
    end
    fn(folder)
  end)
  files.remove(folder)
  if not ok then
    error(err, 0)
  end
end

--- Calls fn(connection, client, peer): s_client with these arguments has connected to a peer with these options.
local function with_client(folder, options, args, fn)
  options.certificate = options.certificate or folder .. "/server.pem"
  options.key = options.key or folder .. "/server.key"
  local p = peer.new({ transcript = transcript.new(), factor = 1, host = "127.0.0.1" }, { mqtt = false, tls = options })
  local list = { "s_client", "-connect", p.address, "-servername", "broker.example" }
  table.move(args, 1, #args, #list + 1, list)
  local client, message = process.spawn { file = "openssl", args = list, name = "openssl s_client", stdin = true }
  local ok, err = pcall(function()
    s.check(client, message)
    fn(p:accept(), client, p)
  end)
  p:_close()
  if client then
    client:stop(5)
  end
  if not ok then
    error(err, 0)
  end
end

local function ended(c, client)
  client:wait_exit(task.now() + SECONDS * 1000)
  if c.closed ~= "reset" then
    c:wait_gone()
  end
end

s.test("a session both ways, and what was seen", function()
  with_files(function(folder)
    local options = { alpn = { "mqtt", "x-amzn-mqtt-ca" }, record_size = 1, client_certificate = "required",
      ca = folder .. "/client.pem" }
    local args = { "-tls1_2", "-quiet", "-alpn", "http/1.1,x-amzn-mqtt-ca", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256",
      "-cert", folder .. "/client.pem", "-key", folder .. "/client.key" }
    with_client(folder, options, args, function(c, client)
      local info = c:handshake()
      s.eq({ info.version, info.cipher, info.alpn, info.server_name }, { "TLSv1.2",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "x-amzn-mqtt-ca", "broker.example" })
      s.eq(info.messages, { "ClientHello", "Certificate", "ClientKeyExchange", "CertificateVerify", "Finished" })
      s.eq({ info.alpn_offered, info.versions_offered }, { { "http/1.1", "x-amzn-mqtt-ca" }, { "TLSv1.2" } })
      s.eq({ info.certificate.subject, info.verify }, { "CN=client", nil })
      s.match(info.certificate.sha256, "^" .. ("%x"):rep(64) .. "$")
      client:write("hello\n")
      s.eq(c:bytes(6), "hello\n")
      c:send("one byte a record\n")
      client:wait_line("^one byte a record$", task.now() + SECONDS * 1000)
      local count, at, sent = 0, 1, nil
      c:send_changed("abc", function(bytes)
        sent = bytes
        return bytes
      end)
      while at <= #sent do
        s.eq(sent:sub(at, at + 2), "\x17\3\3")
        count, at = count + 1, at + 5 + string.unpack(">I2", sent, at + 3)
      end
      s.eq({ count, at }, { 3, #sent + 1 }, "records of three bytes")
      c:close()
      ended(c, client)
      s.eq(c.tls.alert_sent, "close_notify")
    end)
  end)
end)

s.test("a certificate of another issuer: refused, or told in words", function()
  with_files(function(folder)
    local args = { "-tls1_2", "-cert", folder .. "/client.pem", "-key", folder .. "/client.key" }
    with_client(folder, { client_certificate = "required", ca = folder .. "/server.pem" }, args, function(c)
      local problem = s.fails("fail", "TLS failed: the modem's certificate was refused: ", c.handshake, c)
      s.match(tostring(problem), "not correctly signed by the trusted CA")
      s.eq({ c.tls.alert_sent, c.tls.certificate.subject, c.tls.done }, { "unknown_ca", "CN=client", false })
    end)
    with_client(folder, { client_certificate = "optional", ca = folder .. "/server.pem" }, args, function(c)
      s.match(c:handshake().verify, "not correctly signed by the trusted CA")
    end)
    with_client(folder, { client_certificate = "required", ca = folder .. "/server.pem" }, { "-tls1_2" }, function(c)
      s.fails("fail", "TLS failed: the modem has no certificate to show", c.handshake, c)
      s.eq({ c.tls.no_certificate, c.tls.alert_sent }, { true, "handshake_failure" })
    end)
  end)
end)

s.test("versions and suites that do not meet", function()
  with_files(function(folder)
    with_client(folder, { min_version = "TLSv1.2" }, { "-tls1", "-cipher", "ALL:@SECLEVEL=0" }, function(c)
      s.fails("fail", "TLS failed", c.handshake, c)
      s.eq({ c.tls.versions_offered, c.tls.alert_sent }, { { "TLSv1.0" }, "protocol_version" })
    end)
    with_client(folder, { ciphers = { "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" } }, { "-tls1_2" }, function(c)
      s.fails("fail", "TLS failed", c.handshake, c)
      s.eq(c.tls.alert_sent, "handshake_failure")
    end)
    with_client(folder, { max_version = "TLSv1.0" }, { "-tls1", "-cipher", "ALL:@SECLEVEL=0" }, function(c)
      s.eq(c:handshake().version, "TLSv1.0")
    end)
  end)
end)

s.test("a key that is not the certificate's is served, and the client notices", function()
  with_files(function(folder)
    with_client(folder, { key = folder .. "/client.key" }, { "-tls1_2" }, function(c)
      s.fails("fail", "alert decrypt_error: a signature or Finished was wrong", c.handshake, c)
      s.eq({ c.tls.alert, c.tls.messages }, { "decrypt_error", { "ClientHello" } })
    end)
  end)
end)

s.test("bytes that are no certificate are sent in its place", function()
  with_files(function(folder)
    with_client(folder, { der = "no certificate" }, { "-tls1_2" }, function(c)
      s.fails("fail", "TLS failed", c.handshake, c)
      s.check(c.tls.alert, "no alert of the client")
    end)
  end)
end)

--- What s_client says when the peer does this at a message.
local function at(folder, message, action, args)
  local said
  local options = { client_certificate = "required", ca = folder .. "/client.pem", at = { [message] = action } }
  with_client(folder, options, args, function(c, client)
    c:message(message)
    ended(c, client)
    said = client:story()
  end)
  return said
end

s.test("close, reset and alerts at each message", function()
  with_files(function(folder)
    local args = { "-tls1_2", "-cert", folder .. "/client.pem", "-key", folder .. "/client.key" }
    for message in pairs(records.MESSAGES) do
      s.match(at(folder, message, "close", args), "unexpected eof")
      s.match(at(folder, message, "alert certificate_revoked", args), "alert certificate revoked")
      s.match(at(folder, message, function(c) c:reset() end, args), "errno=104")
    end
  end)
end)

s.test("bytes outside of TLS, and records that were changed", function()
  with_files(function(folder)
    with_client(folder, { at = { ClientHello = "stall" } }, { "-tls1_2" }, function(c, client)
      c:message("ClientHello")
      c:raw("HTTP/1.1 400 Bad Request\r\n\r\n")
      client:wait_exit(task.now() + SECONDS * 1000)
      s.match(client:story(), "wrong version number")
    end)
    with_client(folder, {}, { "-tls1_2" }, function(c)
      c:handshake()
      c:send_changed("x", function(record) return record:sub(1, 5) .. ("\0"):rep(#record - 5) end)
      c:wait_gone()
      s.eq(c.tls.alert, "bad_record_mac")
    end)
  end)
end)

s.test("what is wrong with options is said", function()
  local owner = { transcript = transcript.new(), factor = 1, host = "127.0.0.1" }
  local function made(options)
    return function() peer.new(owner, { tls = options }) end
  end
  s.fails("misuse", "tls has no option 'cert'", made { cert = "x" })
  s.fails("misuse", "'server.crt' is a file of make%-certs", made {})
  s.fails("error", "/nowhere", made { certificate = "/nowhere" })
  local pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  s.fails("error", "cannot be used", made { certificate = pem, key = pem })
  s.fails("misuse", "min: 'TLSv1%.3' is not one of its words",
    made { certificate = pem, key = pem, min_version = "TLSv1.3" })
  s.fails("misuse", "this mbedTLS has no 'X'", made { certificate = pem, key = pem, ciphers = { "X" } })
  s.fails("misuse", "record_size is 1 to 16384", made { record_size = 0 })
  s.fails("misuse", "no client sends 'ServerHello'", made { at = { ServerHello = "close" } })
  s.fails("misuse", "'alert nothing'", made { at = { ClientHello = "alert nothing" } })
end)

s.test("the binding: closed, misused, and fed with garbage", function()
  with_files(function(folder)
    local options = { certificate = files.read(folder .. "/server.pem"), key = files.read(folder .. "/server.key") }
    local server = tls.server(options)
    s.eq(server:handshake(), false)
    s.eq(server:output(), "")
    server:input("no TLS at all, but long enough to be a record")
    local done, message, name = server:handshake()
    s.eq({ done, name }, { nil, "TLS" })
    s.match(message, "^TLS: SSL")
    server:close()
    server:close()
    s.fails("fail", "TLS is closed", server.handshake, server)
    s.fails("fail", "must be a string", tls.server, { certificate = {} })
    s.eq({ select(3, tls.describe("x")) }, { "TLS" })
  end)
end)
