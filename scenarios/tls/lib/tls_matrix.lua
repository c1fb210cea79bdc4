--- The factors of the TLS matrix, and how each value is brought about: files stored in the modem, settings of an SSL
-- context, options of OpenSSL's s_server. What must come of them is not said here: tls_oracle.lua does.
local tls = require "lib.tls_context"

local M = {}

-- What the modem is given --------------------------------------------------------------------------

--- Names of make-certs' files, several behind each other; a function makes something of the content.
local ROOT, THING, KEY = "AmazonRootCA1.pem", "thing1-certificate.pem.crt", "thing1-private.pem.key"
local ROOT3, UNKNOWN = "AmazonRootCA3.pem", "hostile/UnknownRootCA.pem"
local CA1, CA2, BELOW = "chain/IntermediateCA1.pem", "chain/IntermediateCA2.pem", "chain/thing1-certificate.pem.crt"

local function crlf(text)
  return (text:gsub("\n", "\r\n"))
end

local function der(text, certificates)
  return certificates:der(text)
end

--- What an upload of half the length leaves.
local function first_half(text)
  return text:sub(1, #text // 2)
end

local NONE, ABSENT = "none", "absent"

--- Values of cacert.
local CA = {
  { "right", ROOT }, { NONE }, { ABSENT }, { "DER", "AmazonRootCA1.der" }, { "CR LF", ROOT, make = crlf },
  { "among others", UNKNOWN, ROOT3, ROOT }, { "foreign", UNKNOWN }, { "of EC", ROOT3 },
  { "expired", "hostile/ExpiredRootCA.pem" }, { "not yet valid", "hostile/NotYetValidRootCA.pem" },
  { "a thing's", THING }, { "corrupt", "hostile/CorruptRootCA.pem" }, { "truncated", ROOT, make = first_half },
  { "a key", KEY },
}

--- Values of clientcert and clientkey together; the password is what the modem is told.
local CLIENT = {
  { "right", cert = { THING }, key = { KEY } },
  { "no certificate", cert = NONE, key = { KEY } }, { "no key", cert = { THING }, key = NONE },
  { "absent certificate", cert = ABSENT, key = { KEY } }, { "absent key", cert = { THING }, key = ABSENT },
  { "DER", cert = { "thing1-certificate.der" }, key = { "thing1-private.der" } },
  { "CR LF", cert = { THING, make = crlf }, key = { KEY, make = crlf } },
  { "EC", cert = { "thing1-ec-certificate.pem.crt" }, key = { "thing1-ec-private.pem.key" } },
  { "EC in DER", cert = { "thing1-ec-certificate.der" }, key = { "thing1-ec-private.der" } },
  { "locked, right password", cert = { THING }, key = { "thing1-private-encrypted.pem.key" }, password = "sim7600" },
  { "locked, no password", cert = { THING }, key = { "thing1-private-encrypted.pem.key" } },
  { "locked, wrong password", cert = { THING }, key = { "thing1-private-encrypted.pem.key" }, password = "Sim7600" },
  { "PKCS#8, right password", cert = { THING }, key = { "thing1-private-encrypted-pkcs8.pem.key" },
    password = "sim7600" },
  { "PKCS#8, no password", cert = { THING }, key = { "thing1-private-encrypted-pkcs8.pem.key" } },
  { "PKCS#8, wrong password", cert = { THING }, key = { "thing1-private-encrypted-pkcs8.pem.key" },
    password = "sim7601" },
  { "PKCS#8 in DER, right password", cert = { THING },
    key = { "thing1-private-encrypted-pkcs8.pem.key", make = der }, password = "sim7600" },
  { "EC, right password", cert = { "thing1-ec-certificate.pem.crt" }, key = { "thing1-ec-private-encrypted.pem.key" },
    password = "sim7600" },
  { "expired", cert = { "hostile/expired-certificate.pem.crt" }, key = { "hostile/expired-private.pem.key" } },
  { "not yet valid", cert = { "hostile/not-yet-valid-certificate.pem.crt" },
    key = { "hostile/not-yet-valid-private.pem.key" } },
  { "foreign", cert = { "hostile/unknown-ca-certificate.pem.crt" }, key = { "hostile/unknown-ca-private.pem.key" } },
  { "mismatched", cert = { "hostile/mismatched-certificate.pem.crt" }, key = { "hostile/mismatched-private.pem.key" } },
  { "EC certificate, RSA key", cert = { "thing1-ec-certificate.pem.crt" }, key = { KEY } },
  { "swapped", cert = { KEY }, key = { THING } },
  { "corrupt certificate", cert = { "hostile/corrupt-certificate.pem.crt" }, key = { KEY } },
  { "corrupt key", cert = { THING }, key = { "hostile/corrupt-private.pem.key" } },
  { "truncated certificate", cert = { THING, make = first_half }, key = { KEY } },
  { "truncated key", cert = { THING }, key = { KEY, make = first_half } },
  { "chain", cert = { BELOW, CA2, CA1 }, key = { KEY } },
  { "chain without its end", cert = { BELOW }, key = { KEY } },
  { "chain upside down", cert = { CA1, CA2, BELOW }, key = { KEY } },
}

--- The modem's clock, in the years when different certificates are valid.
local CLOCK = { ["2024"] = "24/05/17,12:00:00+00", never_set = "80/01/06,00:00:00+00",
  ["2015"] = "15/12/24,12:00:00+00", ["2045"] = "45/05/17,12:00:00+00" }

-- What the server demands --------------------------------------------------------------------------

--- Its certificates, the first one its own, and its key.
local SERVER = {
  { "right", "server.crt", key = "server.key" }, { "EC", "server-ec.crt", key = "server-ec.key" },
  { "of the EC root", "server-ca3.crt", key = "server-ec.key" },
  { "expired", "hostile/server-expired.crt", key = "hostile/server.key" },
  { "not yet valid", "hostile/server-not-yet-valid.crt", key = "hostile/server.key" },
  { "wrong name", "hostile/server-wrong-name.crt", key = "hostile/server.key" },
  { "unknown CA", "hostile/server-unknown-ca.crt", key = "hostile/server.key" },
  { "chain", "chain/server.crt", CA2, CA1, key = "server.key" },
  { "chain upside down", "chain/server.crt", CA1, CA2, key = "server.key" },
  { "chain with a gap", "chain/server.crt", CA1, key = "server.key" },
  { "chain without its end", "chain/server.crt", key = "server.key" },
}

local ASKS = { required = { "-Verify", "5" }, optional = { "-verify", "5" }, no = {} }

local VERSIONS = { ["1.0-1.3"] = {}, ["1.0"] = { "-tls1" }, ["1.1"] = { "-tls1_1" }, ["1.2"] = { "-tls1_2" },
  ["1.0-1.1"] = { "-min_protocol", "TLSv1", "-max_protocol", "TLSv1.1" }, ["1.3"] = { "-tls1_3" } }

--- Cipher suites by their key exchange; the old versions of TLS need OpenSSL's security level 0.
local SUITES = { all = "ALL", RSA = "AES128-SHA", ["ECDHE-RSA"] = "ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384",
  ["ECDHE-ECDSA"] = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256", GCM = "AESGCM" }

-- Factors ------------------------------------------------------------------------------------------

local function names(list, keep)
  local out = {}
  for _, item in ipairs(list) do
    if not keep or keep(item) then
      out[#out + 1] = item[1]
    end
  end
  return out
end

local function row_of(list, name)
  for _, item in ipairs(list) do
    if item[1] == name then
      return item
    end
  end
  return error("no row " .. name)
end

--- matrix.offers(dev) -> { sni=, password=, ciphersuites= }
-- Which of the settings this firmware has, by its own test answer.
function M.offers(dev)
  local ranges = dev:ranges("+CSSLCFG")
  return { sni = ranges.enableSNI ~= nil, password = ranges.keypwd ~= nil or ranges.password ~= nil,
    ciphersuites = ranges.ciphersuites ~= nil }
end

--- matrix.factors(offers) -> list for all_pairs
-- The first values make a connection that works. A setting that the firmware does not have keeps one value.
function M.factors(offers)
  return {
    { name = "client", values = names(CLIENT, function(c) return offers.password or not c.password end) },
    { name = "ca", values = names(CA) },
    { name = "server", values = names(SERVER) },
    { name = "authmode", values = { 2, 3, 1, 0 } },
    { name = "asks", values = { "required", "optional", "no" } },
    { name = "sslversion", values = { 4, 3, 2, 1, 0 } },
    { name = "versions", values = { "1.0-1.3", "1.2", "1.1", "1.0", "1.0-1.1", "1.3" } },
    { name = "suites", values = { "all", "RSA", "ECDHE-RSA", "ECDHE-ECDSA", "GCM" } },
    { name = "ciphersuites", values = offers.ciphersuites and { "0xFFFF", "0x002F" } or { "0xFFFF" } },
    { name = "ignorelocaltime", values = { 0, 1 } },
    { name = "clock", values = { "2024", "never_set", "2015", "2045" } },
    { name = "sni", values = offers.sni and { 1, 0 } or { 0 } },
    { name = "host", values = { "localhost", "127.0.0.1" } },
    { name = "knows", values = { "any name", "its name", "another name" } },
  }
end

--- What an SSL context is used up by: see tls_context.lua.
local function context_for(name, value)
  if name == "ca" then
    return value == NONE and tls.WITHOUT.cacert
  elseif name == "client" then
    local client = row_of(CLIENT, value)
    return client.cert == NONE and tls.WITHOUT.clientcert or client.key == NONE and tls.WITHOUT.clientkey
        or client.password and tls.KEY_PASSWORD
  end
  return name == "ciphersuites" and value == "0x002F" and tls.CIPHERS
end

--- Two values that cannot be in one row: they need different contexts; s_server sends no chain for its second name.
function M.impossible(name, value, name2, value2)
  if context_for(name, value) and context_for(name2, value2) then
    return true
  end
  return name == "server" and name2 == "knows" and value2 == "its name" and #row_of(SERVER, value) > 2
end

--- matrix.context(row) -> number of the SSL context
function M.context(row)
  return context_for("ca", row.ca) or context_for("client", row.client)
      or context_for("ciphersuites", row.ciphersuites) or tls.SPARE
end

-- Bringing it about --------------------------------------------------------------------------------

local function content(certificates, source)
  local parts = {}
  for i, name in ipairs(source) do
    parts[i] = certificates:file(name)
  end
  local bytes = table.concat(parts)
  return source.make and source.make(bytes, certificates) or bytes
end

--- matrix.files(certificates) -> list of { name =, bytes = }
-- Every file that a row can name, under the name it is stored by.
function M.files(certificates)
  local list = {}
  local function add(name, source)
    if type(source) == "table" then
      list[#list + 1] = { name = name, bytes = content(certificates, source) }
    end
  end
  for i, ca in ipairs(CA) do
    add(("matrix-ca-%d.pem"):format(i), #ca > 1 and { make = ca.make, table.unpack(ca, 2) })
  end
  for i, client in ipairs(CLIENT) do
    add(("matrix-cert-%d.pem"):format(i), client.cert)
    add(("matrix-key-%d.pem"):format(i), client.key)
  end
  return list
end

local function index_of(list, name)
  for i, item in ipairs(list) do
    if item[1] == name then
      return i
    end
  end
  return nil
end

local function stored_name(source, pattern, i)
  if source == NONE then
    return nil
  end
  return source == ABSENT and "nobody-stored-this.pem" or pattern:format(i)
end

--- matrix.settings(row) -> { authmode =, cacert =, ... } as tls.set() takes them
function M.settings(row)
  local client, ca = row_of(CLIENT, row.client), row_of(CA, row.ca)
  local i, k = index_of(CLIENT, row.client), index_of(CA, row.ca)
  return { sslversion = row.sslversion, authmode = row.authmode, ignorelocaltime = row.ignorelocaltime,
    cacert = stored_name(#ca > 1 or ca[1], "matrix-ca-%d.pem", k),
    clientcert = stored_name(client.cert, "matrix-cert-%d.pem", i),
    clientkey = stored_name(client.key, "matrix-key-%d.pem", i) }
end

--- matrix.password(row) -> text, "" where the context of passwords is used without one; nil: no such context
function M.password(row)
  return M.context(row) == tls.KEY_PASSWORD and (row_of(CLIENT, row.client).password or "") or nil
end

--- matrix.clock(row) -> text for AT+CCLK
function M.clock(row)
  return CLOCK[row.clock]
end

local function add_all(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

--- matrix.server(certificates, row, chain_file) -> arguments and options of env.peer:openssl()
-- chain_file(bytes) -> path stores the certificates above the server's own.
function M.server(certificates, row, chain_file)
  local server = row_of(SERVER, row.server)
  local args = { "-cipher", SUITES[row.suites] .. ":@SECLEVEL=0", "-CAfile", certificates:path(ROOT),
    "-verify_return_error" }
  add_all(args, VERSIONS[row.versions])
  add_all(args, ASKS[row.asks])
  if #server > 2 then
    add_all(args, { "-cert_chain", chain_file(content(certificates, { table.unpack(server, 2) })) })
  end
  if row.knows ~= "any name" then
    add_all(args, { "-servername", row.knows == "its name" and "localhost" or "other.example", "-servername_fatal",
      "-cert2", certificates:path(server[2]), "-key2", certificates:path(server.key) })
  end
  return args, { certificate = server[2], key = server.key }
end

--- A row in one line.
function M.label(row)
  local parts = {}
  for _, factor in ipairs(M.factors { sni = true, password = true, ciphersuites = true }) do
    if row[factor.name] ~= factor.values[1] then
      parts[#parts + 1] = ("%s = %s"):format(factor.name, row[factor.name])
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or "everything right"
end

return M
