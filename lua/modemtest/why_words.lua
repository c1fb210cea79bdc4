--- What the numbers and names of AT commands, TLS and MQTT mean, in plain words.
local M = {}

--- Result codes of AT+CMQTT..., as the manual names them.
M.CODES = { [0] = "success", "failed", "bad UTF-8 string", "socket connect failed", "socket create failed",
  "socket close failed", "message receive failed", "network open failed", "network close failed",
  "network not opened", "client index error", "no connection", "invalid parameter", "operation not supported",
  "client is busy", "require connection failed", "socket send failed", "timeout", "topic is empty",
  "client is used", "client not acquired", "client not released", "length out of range", "network is opened",
  "packet failed", "DNS error", "socket closed by server", "refused: unaccepted protocol version",
  "refused: identifier rejected", "refused: server unavailable", "refused: bad user name or password",
  "refused: not authorised", "handshake failed", "certificate not set", "open SSL session failed",
  "disconnect from server failed" }

--- <cause> of +CMQTTCONNLOST.
M.LOST = { "the peer closed the connection", "the connection was reset", "the network was closed" }

--- TLS alerts by name: what the side that sent it says.
M.ALERTS = {
  close_notify = "it closes the connection",
  unexpected_message = "it got another message than TLS expects here",
  bad_record_mac = "a record did not decrypt",
  record_overflow = "a record was too long",
  handshake_failure = "no parameters are left that both sides accept",
  no_certificate = "it has no certificate",
  bad_certificate = "the certificate is broken or its signature is wrong",
  unsupported_certificate = "the certificate is of a kind it does not take",
  certificate_revoked = "the certificate was revoked",
  certificate_expired = "the certificate is not valid at this time",
  certificate_unknown = "it does not accept the certificate",
  illegal_parameter = "a field is out of range",
  unknown_ca = "it does not know the CA that signed the certificate",
  access_denied = "the certificate is good, but is not let in",
  decode_error = "a message could not be read",
  decrypt_error = "a signature or a Finished message is wrong",
  protocol_version = "it does not speak this TLS version",
  insufficient_security = "it wants stronger cipher suites",
  internal_error = "something failed on that side",
  inappropriate_fallback = "it could speak a higher TLS version",
  missing_extension = "an extension is missing",
  unsupported_extension = "it did not expect this extension",
  unrecognized_name = "it does not know the server name",
  certificate_required = "it wants a client certificate",
  no_application_protocol = "it does not speak the offered ALPN protocol, or none was offered",
}

--- authmode of CSSLCFG.
M.AUTHMODE = { ["0"] = "the server is not checked, no client certificate",
  ["1"] = "the server is checked, no client certificate",
  ["2"] = "the server is checked, the client certificate is sent",
  ["3"] = "the server is not checked, the client certificate is sent" }

M.SSLVERSION = { ["0"] = "SSL 3.0", ["1"] = "TLS 1.0", ["2"] = "TLS 1.1", ["3"] = "TLS 1.2", ["4"] = "all versions" }

--- <stat> of CREG.
M.REGISTRATION = { [0] = "not registered and not searching", "registered", "searching", "registration denied",
  "unknown", "registered, roaming" }

--- +CME ERROR texts of numbers, where a cause is known.
M.CME = { ["3"] = "operation not allowed", ["4"] = "operation not supported", ["10"] = "SIM not inserted",
  ["11"] = "SIM PIN required", ["12"] = "SIM PUK required", ["13"] = "SIM failure", ["14"] = "SIM busy",
  ["15"] = "SIM wrong", ["16"] = "incorrect password", ["17"] = "SIM PIN2 required", ["18"] = "SIM PUK2 required",
  ["20"] = "memory full", ["21"] = "invalid index", ["22"] = "not found", ["30"] = "no network service",
  ["31"] = "network timeout", ["50"] = "Incorrect parameters", ["100"] = "Unknown" }

--- Names to compare a mistyped command with.
M.NAMES = { "CMQTTSTART", "CMQTTSTOP", "CMQTTACCQ", "CMQTTREL", "CMQTTSSLCFG", "CMQTTWILLTOPIC", "CMQTTWILLMSG",
  "CMQTTCONNECT", "CMQTTDISC", "CMQTTTOPIC", "CMQTTPAYLOAD", "CMQTTPUB", "CMQTTSUBTOPIC", "CMQTTSUB",
  "CMQTTUNSUBTOPIC", "CMQTTUNSUB", "CMQTTCFG", "CSSLCFG", "CCERTDOWN", "CCERTLIST", "CCERTDELE", "CPIN", "CREG",
  "CGREG", "CEREG", "CSQ", "COPS", "CPSI", "CGDCONT", "CGATT", "CGACT", "CGSOCKCONT", "NETOPEN", "NETCLOSE",
  "CIPOPEN", "CDNSGIP", "CPING", "CNTP", "CCLK", "CFUN", "CRESET", "CPOF", "CMEE", "CGMR", "CGSN", "CIMI", "CMGF",
  "CMGS", "CTZU", "CNMP", "IPREG", "IPR", "IFC" }

local function distance(a, b)
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local change = diagonal + (a:byte(i) == b:byte(j) and 0 or 1)
      diagonal = row[j]
      row[j] = math.min(row[j] + 1, row[j - 1] + 1, change)
    end
  end
  return row[#b]
end

--- The command that 'name' was probably meant to be; nil when none is near.
function M.nearest(name)
  local best, least = nil, 3
  for _, known in ipairs(#name > 3 and #name < 40 and M.NAMES or {}) do
    local d = distance(name, known)
    if d < least then
      best, least = known, d
    end
  end
  return best ~= name and best or nil
end

return M
