--- What a CONNECT over TLS must answer, worked out from the settings and from what the server demands. Written from
-- the manual's tables (spec 1.3, 3.2, 5.1), RFC 5246 and RFC 6066; knows nothing of the emulator, of mbedTLS and of
-- how the matrix brings a row about.
local M = {}

local CERTIFICATE_NOT_SET, OPEN_SESSION_FAILED, HANDSHAKE_FAILED = 33, 34, 32

--- Years in which certificates are valid: what make-certs promises.
local VALID = { usual = { 2015.4, 2038.0 }, expired = { 2015.42, 2016.42 }, future = { 2040.0, 2050.0 } }
local YEAR = { ["2024"] = 2024.4, never_set = 1980.0, ["2015"] = 2015.97, ["2045"] = 2045.4 }

--- cacert: which roots it holds, and when they are valid. Without 'roots' it cannot be read.
local CA = {
  right = { roots = { amazon1 = "usual" } }, DER = { roots = { amazon1 = "usual" } },
  ["CR LF"] = { roots = { amazon1 = "usual" } },
  ["among others"] = { roots = { amazon1 = "usual", amazon3 = "usual", unknown = "usual" } },
  foreign = { roots = { unknown = "usual" } }, ["of EC"] = { roots = { amazon3 = "usual" } },
  expired = { roots = { amazon1 = "expired" } }, ["not yet valid"] = { roots = { amazon1 = "future" } },
  ["a thing's"] = { roots = {} }, -- readable, but no issuer of anything
  none = { unnamed = true }, absent = {}, corrupt = {}, truncated = {}, ["a key"] = {},
}

--- The client's own files: can they be used together, and does the server, which trusts amazon1 and knows the
-- time, accept the certificate?
local CLIENT = {
  ["no certificate"] = { unnamed = true }, ["no key"] = { unnamed = true },
  expired = { usable = true, accepted = false }, ["not yet valid"] = { usable = true, accepted = false },
  foreign = { usable = true, accepted = false },
  -- nobody shows the server the way up to its root
  ["chain without its end"] = { usable = true, accepted = false },
}
for _, name in ipairs { "right", "DER", "CR LF", "EC", "EC in DER", "locked, right password",
  "PKCS#8, right password", "PKCS#8 in DER, right password", "EC, right password", "chain" } do
  CLIENT[name] = { usable = true, accepted = true }
end
-- upside down: the first certificate is the client's own (RFC 5246 7.4.6), and the key is not that one's
for _, name in ipairs { "absent certificate", "absent key", "locked, no password", "locked, wrong password",
  "PKCS#8, no password", "PKCS#8, wrong password", "mismatched", "EC certificate, RSA key", "swapped",
  "corrupt certificate", "corrupt key", "truncated certificate", "truncated key", "chain upside down" } do
  CLIENT[name] = { usable = false }
end

--- The server's certificate: kind of key, root it leads to (false: none), dates of its own.
-- Each certificate certifies the one before it (RFC 5246 7.4.2), so an upside-down chain leads nowhere.
local SERVER = {
  right = { "RSA", "amazon1", "usual" }, EC = { "ECDSA", "amazon1", "usual" },
  ["of the EC root"] = { "ECDSA", "amazon3", "usual" }, expired = { "RSA", "amazon1", "expired" },
  ["not yet valid"] = { "RSA", "amazon1", "future" },
  ["wrong name"] = { "RSA", "amazon1", "usual" }, -- no setting for names: the chain counts (5.1)
  ["unknown CA"] = { "RSA", "unknown", "usual" }, chain = { "RSA", "amazon1", "usual" },
  ["chain upside down"] = { "RSA", false }, ["chain with a gap"] = { "RSA", false },
  ["chain without its end"] = { "RSA", false },
}

--- Key exchanges of the server's suites, the key each needs, and the version that the suites begin with.
local SUITES = {
  all = { RSA = "RSA", ["ECDHE-RSA"] = "RSA", ["ECDHE-ECDSA"] = "ECDSA", from = 0 },
  RSA = { RSA = "RSA", from = 0 }, ["ECDHE-RSA"] = { ["ECDHE-RSA"] = "RSA", from = 0 },
  ["ECDHE-ECDSA"] = { ["ECDHE-ECDSA"] = "ECDSA", from = 0 },
  GCM = { RSA = "RSA", ["ECDHE-RSA"] = "RSA", ["ECDHE-ECDSA"] = "ECDSA", from = 2 },
}

--- TLS 1.n by n: what the server speaks, and what sslversion offers.
local SERVER_VERSIONS = { ["1.0-1.3"] = { 0, 3 }, ["1.0"] = { 0, 0 }, ["1.1"] = { 1, 1 }, ["1.2"] = { 2, 2 },
  ["1.0-1.1"] = { 0, 1 }, ["1.3"] = { 3, 3 } }
local OFFERED = { [1] = { 0, 0 }, [2] = { 1, 1 }, [3] = { 2, 2 }, [4] = { 0, 2 } } -- "all" ends at 1.2

local function common_version(row)
  local server, offered = SERVER_VERSIONS[row.versions], OFFERED[row.sslversion]
  local highest = math.min(server[2], offered[2])
  return highest >= math.max(server[1], offered[1]) and highest or nil
end

local function common_suite(row, version)
  local suites, key = SUITES[row.suites], SERVER[row.server][1]
  if version < suites.from then
    return false
  end
  if row.ciphersuites == "0x002F" then -- TLS_RSA_WITH_AES_128_CBC_SHA, which is no GCM
    return suites.RSA == key and row.suites ~= "GCM"
  end
  return suites.RSA == key or suites["ECDHE-RSA"] == key or suites["ECDHE-ECDSA"] == key
end

local function valid_now(row, dates)
  local from, till = table.unpack(VALID[dates])
  return row.ignorelocaltime == 1 or from <= YEAR[row.clock] and YEAR[row.clock] <= till
end

local function server_trusted(row)
  local _, root, dates = table.unpack(SERVER[row.server])
  local root_dates = root and CA[row.ca].roots[root]
  return root_dates and valid_now(row, dates) and valid_now(row, root_dates)
end

--- A name is sent with enableSNI 1, and never an address (RFC 6066 3). Without one the server takes the client.
local function name_suits(row)
  return row.knows ~= "another name" or row.sni == 0 or row.host ~= "localhost"
end

local function client_accepted(row, presents)
  if row.asks == "no" then
    return true
  end
  return presents and CLIENT[row.client].accepted or not presents and row.asks == "optional"
end

--- What is known before a byte is sent: 33 or 34, else nil.
local function local_code(row, verifies, presents)
  local ca, client = CA[row.ca], CLIENT[row.client]
  if verifies and ca.unnamed or presents and client.unnamed then
    return CERTIFICATE_NOT_SET
  end
  local unreadable = verifies and not ca.roots or presents and not client.usable
  local no_version = row.sslversion == 0 -- SSL 3.0, which nothing speaks any more
  return (unreadable or no_version) and OPEN_SESSION_FAILED or nil
end

--- oracle.code(row) -> code of CONNECT, "is it known before anything is sent?"
-- 34 stands for what the firmware has for it (tls.code).
function M.code(row)
  local verifies = row.authmode == 1 or row.authmode == 2
  local presents = row.authmode == 2 or row.authmode == 3
  local code = local_code(row, verifies, presents)
  if code then
    return code, true
  end
  local version = common_version(row)
  local agreed = version and common_suite(row, version) and name_suits(row)
      and (not verifies or server_trusted(row)) and client_accepted(row, presents)
  return agreed and 0 or HANDSHAKE_FAILED, false
end

--- oracle.answer(code, style) -> bytes
-- The lines of CONNECT in their order (spec 1.3), by result_style. 33 is a refusal of the command in every style; in
-- style "link" OK waits until TLS is up, so that a failure before is answered the sync way.
function M.answer(code, style)
  local line = ("\r\n+CMQTTCONNECT: 0,%d\r\n"):format(code)
  if code == 0 or style == "async" and code ~= CERTIFICATE_NOT_SET then
    return "\r\nOK\r\n" .. line
  end
  return line .. "\r\nERROR\r\n"
end

return M
