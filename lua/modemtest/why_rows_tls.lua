--- Causes of a CONNECT that fails before MQTT: name, TCP, TLS. Rows as in why_rows.lua.
local match = require "modemtest.why_match"
local words = require "modemtest.why_words"

local absent, present, like, one_of = match.absent, match.present, match.like, match.one_of

local function connect(when)
  when.command = "CMQTTCONNECT"
  return when
end

--- The files that authmode needs and no setting names.
local function unnamed(c)
  local missing = {}
  local mode = c.authmode or "0"
  if (mode == "1" or mode == "2") and (c.cacert or "") == "" then
    missing[#missing + 1] = "cacert"
  end
  if mode == "2" or mode == "3" then
    for _, kind in ipairs { "clientcert", "clientkey" } do
      if (c[kind] or "") == "" then
        missing[#missing + 1] = kind
      end
    end
  end
  return missing
end

--- The named files that were deleted, or never stored while the trace ran: list of "kind (name)", and whether one was
-- deleted.
local function unstored(c)
  local list, deleted = {}, false
  local mode = c.authmode or "0"
  local used = { cacert = mode == "1" or mode == "2", clientcert = mode == "2" or mode == "3",
    clientkey = mode == "2" or mode == "3" }
  for _, kind in ipairs { "cacert", "clientcert", "clientkey" } do
    local name = c[kind]
    local file = name and c.files[name]
    if used[kind] and name and (not file or file.deleted) then
      list[#list + 1] = ('%s "%s"'):format(kind, name)
      deleted = deleted or (file and file.deleted) or false
    end
  end
  return list, deleted
end

local function file_name(kind)
  return function(c)
    return ('%s ("%s")'):format(kind, c[kind] or "?")
  end
end

--- A file that is there and cannot be read: why, as far as the upload tells.
local function unreadable(c)
  local kind = tostring(c.detail):match("^(%w+) cannot be used") or "a file"
  local reason = tostring(c.detail):match("cannot be used: (.*)$") or "it is damaged"
  return ("%s is stored, but is no usable %s: %s"):format(file_name(kind)(c),
    kind == "clientkey" and "key" or "certificate", reason)
end

local function alert_words(c)
  return ("%s (%s)"):format(c.alert_received, words.ALERTS[c.alert_received] or "no words for it")
end

local CERTIFICATE_ALERT = one_of { "bad_certificate", "unsupported_certificate", "certificate_revoked",
  "certificate_expired", "certificate_unknown", "unknown_ca", "access_denied", "certificate_required",
  "no_certificate" }

local SET_CERTIFICATE = 'AT+CSSLCFG="authmode",{context},2 with clientcert and clientkey named'

return {
  -- before a byte goes out
  { when = connect { code = 33 },
    first = function(c)
      local missing = unnamed(c)
      if #missing == 0 then
        return "authmode of the SSL context needs a file that no setting names"
      end
      return ("authmode %s of SSL context %s needs %s, and no setting names it"):format(c.authmode, c.context,
        table.concat(missing, " and "))
    end,
    remedy = function(c)
      local missing = unnamed(c)
      return ('AT+CSSLCFG="%s",%s,"<file>"'):format(missing[1] or "cacert", c.context or "<context>")
        .. (c.context_bound and "" or
          (", or bind the right context: AT+CMQTTSSLCFG=%s,<context>"):format(c.client or "<client>"))
    end },
  { when = connect { detail = "clientkey does not belong to clientcert" },
    first = 'the key ("{clientkey}") does not belong to the certificate ("{clientcert}")',
    remedy = "store the private key that was made with this certificate; a public key is a usual mistake" },
  { when = connect { detail = like "^clientkey cannot be used: .*[Pp]assword" },
    first = function(c)
      return tostring(c.detail):find("can't be empty")
        and ('the key ("%s") is locked with a password, and none is set'):format(c.clientkey or "?")
        or ('the password of the key ("%s") is wrong'):format(c.clientkey or "?")
    end,
    remedy = 'AT+CSSLCFG="keypwd",{context},"<password>" (A76XX: "password" and a file), or store the key without a password' },
  { when = connect { detail = like "cannot be used" }, first = unreadable,
    remedy = "store the file again: exactly as many bytes as AT+CCERTDOWN announces, from -----BEGIN to the end, no CR in front" },
  { when = connect { detail = like "is missing or empty" },
    first = function(c)
      local kind = tostring(c.detail):match("^(%w+)")
      return ('%s ("%s") is empty'):format(kind, c[kind] or "?")
    end,
    remedy = "store the file again with AT+CCERTDOWN" },
  { when = connect { detail = like "^SSL 3.0 alone" },
    first = "sslversion 0 allows SSL 3.0 only, which this TLS library does not have any more",
    remedy = 'AT+CSSLCFG="sslversion",{context},4' },
  { when = connect { down = "TLS could not be set up locally" },
    first = "TLS could not be set up in the modem: {detail}", remedy = "check the settings with AT+CSSLCFG?" },
  { when = connect { code = one_of { 32, 34 }, tcp = absent, certain = true },
    test = function(c) return #unstored(c) > 0 end,
    first = function(c)
      local list, deleted = unstored(c)
      return ("the file %s %s in the modem"):format(table.concat(list, ", "),
        deleted and "was deleted: it is not" or "is not stored")
    end,
    remedy = "AT+CCERTLIST shows what is stored; store it with AT+CCERTDOWN under exactly this name" },
  { when = connect { code = 34, tcp = absent, certain = true },
    first = "a file that the SSL context names cannot be read: not stored, or the password's file is missing",
    remedy = "compare AT+CSSLCFG? with AT+CCERTLIST" },

  -- name and TCP
  { when = connect { down = "name not resolved" },
    first = 'the name "{host}" cannot be resolved ({detail})',
    remedy = "check the spelling of the host and the DNS servers of the APN (AT+CDNSGIP=\"{host}\")" },
  { when = connect { down = like "^TCP connection refused" },
    first = "nobody listens at {host}:{port_number}: {detail}",
    remedy = "check host and port (8883 for TLS, 1883 without); is the broker running, does a firewall refuse?" },
  { when = connect { down = "no TCP connection in time" },
    first = "{host}:{port_number} does not answer: {detail}",
    remedy = "check address and port; operators block ports: try 443 or another APN" },

  -- TLS: what the server says; our own says more than an alert can
  { when = connect { alert_received = one_of { "handshake_failure", "insufficient_security", "unrecognized_name" },
      decision = { action = "TLS" } },
    first = "{decision.reason} (alert {alert_received})", remedy = "{decision.remedy}" },
  { when = connect { alert_received = "unrecognized_name" },
    first = function(c)
      return c.sni == 0 and "the server wants a server name (SNI), and the modem sent none: alert unrecognized_name"
        or "the server does not know the name the modem sent as SNI: alert unrecognized_name"
    end,
    remedy = 'AT+CSSLCFG="enableSNI",{context},1, and connect by name, not by address' },
  { when = connect { alert_received = "no_application_protocol" },
    first = "the server wants an ALPN protocol, and this modem offers none: alert no_application_protocol",
    remedy = "use port 8883: AWS IoT Core wants ALPN on port 443 only" },
  { when = connect { alert_received = "protocol_version" },
    first = function(c)
      return ("the server does not speak the TLS version that sslversion %s allows (%s): alert protocol_version"):format(
        c.sslversion or "?", words.SSLVERSION[c.sslversion or ""] or "?")
    end,
    remedy = 'AT+CSSLCFG="sslversion",{context},4 (AWS IoT Core: TLS 1.2 and up)' },
  { when = connect { alert_received = one_of { "handshake_failure", "insufficient_security" }, send_cert = 0 },
    first = function(c)
      if c.tls_done then
        return "the server wants a client certificate, and the modem sent none: alert " .. c.alert_received
      end
      return ("the server refuses what the modem offers: no cipher suite in common, or it wants a client certificate"
        .. " (authmode %s sends none): alert %s"):format(c.authmode or "?", c.alert_received)
    end,
    remedy = SET_CERTIFICATE .. '; AT+CSSLCFG="ciphersuites",{context},0xFFFF' },
  { when = connect { alert_received = one_of { "handshake_failure", "insufficient_security" } },
    first = "modem and server have no cipher suite in common: alert {alert_received}",
    remedy = 'AT+CSSLCFG="ciphersuites",{context},0xFFFF offers all; the server must allow RSA or ECDSA with TLS 1.2' },
  { when = connect { alert_received = "unknown_ca", send_cert = 1 },
    first = 'the server does not know the CA that signed the client certificate ("{clientcert}"): alert unknown_ca',
    remedy = "use a certificate of this server's account and CA" },
  { when = connect { alert_received = "certificate_expired" },
    first = 'the client certificate ("{clientcert}") has expired or is not valid yet: alert certificate_expired',
    remedy = "make a new certificate; the server's clock decides, not the modem's" },
  { when = connect { alert_received = "certificate_required" },
    first = "the server wants a client certificate, and the modem sent none: alert certificate_required",
    remedy = SET_CERTIFICATE },
  { when = connect { alert_received = CERTIFICATE_ALERT, decision = present },
    first = function(c) return c.decision.reason .. ": alert " .. c.alert_received end,
    remedy = function(c) return c.decision.remedy end },
  { when = connect { alert_received = CERTIFICATE_ALERT, send_cert = 1 },
    first = function(c)
      return ('the server does not accept the client certificate ("%s"): alert %s'):format(c.clientcert or "?",
        alert_words(c))
    end,
    remedy = "is it active, registered in this account, of this endpoint?" },
  { when = connect { alert_received = present },
    first = function(c) return "the server ends the TLS handshake: alert " .. alert_words(c) end,
    remedy = "the server's log says more" },

  -- TLS: what the modem says
  { when = connect { detail = like "^server certificate not accepted:.*expired" },
    first = function(c)
      return ("the server's certificate has expired by the modem's clock%s, and ignorelocaltime is 0"):format(
        c.clock and (" (set to %s)"):format(c.clock) or "")
    end,
    remedy = 'check AT+CCLK? (AT+CNTP or AT+CTZU=1 set it); if the clock is right, the server needs a new certificate; '
      .. 'AT+CSSLCFG="ignorelocaltime",{context},1 ignores dates' },
  { when = connect { detail = like "^server certificate not accepted:.*starts in the future" },
    first = function(c)
      return ("the server's certificate is not valid yet by the modem's clock%s, and ignorelocaltime is 0:"
        .. " the modem's clock is wrong, or the certificate is too new"):format(
        c.clock and (" (set to %s)"):format(c.clock) or "")
    end,
    remedy = 'set the clock: AT+CNTP or AT+CTZU=1, check with AT+CCLK?; or AT+CSSLCFG="ignorelocaltime",{context},1' },
  { when = connect { detail = like "^server certificate not accepted:.*not correctly signed" },
    first = "cacert (\"{cacert}\") is not the root of the server's chain: the modem does not trust the server's certificate",
    remedy = 'store the root CA of this server (AWS: AmazonRootCA1.pem) and name it: AT+CSSLCFG="cacert",{context},"<file>"' },
  { when = connect { detail = like "^server certificate not accepted:" },
    first = function(c)
      return "the modem does not accept the server's certificate: "
        .. tostring(c.detail):match("not accepted: (.*)$")
    end,
    remedy = "check the server's chain with: openssl s_client -connect {host}:{port_number} -showcerts" },
  { when = connect { down = "TLS handshake failed", detail = like "waiting for ServerHello", alert_sent = one_of { "protocol_version" } },
    first = "the server speaks no TLS version that the modem allows (sslversion {sslversion})",
    remedy = 'AT+CSSLCFG="sslversion",{context},4' },
  { when = connect { down = "TLS handshake failed", detail = like "waiting for ServerHello" },
    first = "the server at {host}:{port_number} does not speak TLS: what it says is no ServerHello ({detail})",
    remedy = "this is a plain port: use the TLS port (8883), or AT+CMQTTACCQ with <server_type> 0" },
  { when = connect { down = "TLS handshake not finished in time" },
    first = "the server did not finish the TLS handshake within negotiatetime: {detail}",
    remedy = 'is this a TLS port? AT+CSSLCFG="negotiatetime",{context},<seconds> waits longer' },
  { when = connect { down = "peer closed the connection during the TLS handshake", detail = like "waiting for ServerHello" },
    first = "{host}:{port_number} closed the connection when it saw the TLS ClientHello: a plain port, or a server that wants another name (SNI) or ALPN",
    remedy = 'use the TLS port (8883), or <server_type> 0 of AT+CMQTTACCQ; AT+CSSLCFG="enableSNI",{context},1' },
  { when = connect { down = "peer closed the connection during the TLS handshake" },
    first = "the server closed the connection in the TLS handshake without an alert: {detail}",
    remedy = "the server's log says more; look at client certificate and SNI" },
  { when = connect { down = "peer asked for a client certificate, got none, and closed after the handshake" },
    first = function(c)
      return ("the server wants a client certificate, and authmode %s sends none"):format(c.authmode or "0")
    end,
    remedy = SET_CERTIFICATE },
  { when = connect { down = "TLS handshake failed" }, first = "the TLS handshake failed: {detail}",
    remedy = 'in this order: sslversion 4, root CA, authmode, clock, enableSNI, AT+CMQTTSSLCFG' },
  { when = connect { code = one_of { 6, 26 }, tls = false, connect_sent = true, received = absent, down = present },
    test = function(c)
      return not c.decision and (c.port_number == 8883 or c.port_number == 443
        or c.peer and c.peer.expects_tls)
    end,
    first = "the port {port_number} is a TLS port, and the client was acquired without TLS: the server closed when it saw no ClientHello",
    remedy = "AT+CMQTTACCQ={client},\"{client_id}\",1 uses TLS" },
}
