--- Causes that lie in the modem's own state: what was not done before, or done twice. Rows as in why_rows.lua.
local match = require "modemtest.why_match"

local absent, present, like, one_of = match.absent, match.present, match.like, match.one_of

local NEEDS_CONNECTION = one_of { "CMQTTTOPIC", "CMQTTPAYLOAD", "CMQTTPUB", "CMQTTSUB", "CMQTTSUBTOPIC", "CMQTTUNSUB",
  "CMQTTUNSUBTOPIC", "CMQTTDISC" }

local function clients_of(c)
  local names = {}
  for n, id in pairs(c.acquired or {}) do
    names[#names + 1] = ('client %d ("%s")'):format(n, id)
  end
  table.sort(names)
  return #names > 0 and table.concat(names, " and ") or "a client"
end

local function releases(c)
  local list = {}
  for n in pairs(c.acquired or {}) do
    list[#list + 1] = ("AT+CMQTTREL=%d"):format(n)
  end
  table.sort(list)
  return #list > 0 and table.concat(list, ", ") or "AT+CMQTTREL=<client>"
end

return {
  -- nothing of the modem's own
  { when = { fault = present },
    first = "the fault {fault.name} (number {fault.fault}) was armed on purpose, and struck",
    remedy = "sim7600ctl faults lists the armed ones, sim7600ctl clear {fault.fault} takes this one back" },

  -- the SIM comes before everything else
  { when = { final = like "SIM PIN required" },
    first = "the SIM is locked: it wants its PIN before the modem does anything that needs it",
    remedy = "AT+CPIN=<pin>, then wait for +CPIN: READY" },
  { when = { final = "+CME ERROR: 11" },
    first = "the SIM is locked: it wants its PIN (SIM PIN required)",
    remedy = "AT+CPIN=<pin>, then wait for +CPIN: READY" },
  { when = { final = match.one_of { "+CME ERROR: 12", "+CME ERROR: SIM PUK required" } },
    first = "the SIM wants its PUK: the PIN was wrong three times",
    remedy = "AT+CPIN=<puk>,<new pin>; the operator knows the PUK. Ten wrong PUKs destroy the SIM" },
  { when = { final = one_of { "+CME ERROR: 10", "+CME ERROR: SIM not inserted" } },
    first = "there is no SIM: not inserted, not contacted, or switched off by AT+CFUN=0",
    remedy = "insert the SIM (AT+CPIN? must say READY); AT+CFUN=1 after AT+CFUN=0" },
  { when = { final = one_of { "+CME ERROR: 14", "+CME ERROR: SIM busy" } },
    first = "the SIM is still being read: the modem has just started",
    remedy = "wait for +CPIN: READY and SMS DONE after power-on, then repeat" },
  { when = { final = one_of { "+CME ERROR: 13", "+CME ERROR: SIM failure" } },
    first = "the SIM does not answer as a SIM does (SIM failure)",
    remedy = "clean its contacts, try another SIM; on an A76XX this line also comes while the SIM starts" },
  { when = { final = one_of { "+CME ERROR: 16", "+CME ERROR: incorrect password" } },
    first = "the PIN or password is wrong", remedy = "check it: three wrong PINs lock the SIM (AT+SPIC counts)" },
  { when = { command = "CPIN", cpin = "READY", form = "set" },
    first = "the SIM wants no PIN: it is already open (+CPIN: READY)",
    remedy = "ask with AT+CPIN? first, send the PIN only after +CPIN: SIM PIN" },
  { when = { final = one_of { "+CME ERROR: 30", "+CME ERROR: no network service" } },
    first = "the modem is not registered in a network", remedy = "wait for +CREG: 1 or 5; check antenna, APN, AT+CSQ" },

  -- MQTT: the service
  { when = { command = "CMQTTSTART", code = 23 },
    first = "the MQTT service is already started: AT+CMQTTSTART came twice",
    remedy = "take 23 as success, or AT+CMQTTDISC, AT+CMQTTREL, AT+CMQTTSTOP first; usual after a restart of the host alone" },
  { when = { command = "CMQTTSTART", code = 7, cpin = like "PIN" },
    first = "there is no packet data, because the SIM wants its PIN",
    remedy = "AT+CPIN=<pin>, wait for registration (AT+CEREG?), then AT+CMQTTSTART" },
  { when = { command = "CMQTTSTART", code = 7 },
    first = function(c)
      return c.registration == 3 and "there is no packet data: the network denied the registration"
        or "there is no packet data: the modem is not registered, or its context (APN) does not come up"
    end,
    remedy = "wait for AT+CEREG? to say 1 or 5; check AT+CGDCONT=1,\"IP\",\"<apn>\" and AT+CGATT?" },
  { when = { command = "CMQTTSTART", final = "ERROR", code = absent, started = true },
    first = "the MQTT service is already started: AT+CMQTTSTART came twice",
    remedy = "take it as success, or stop the service first" },
  { when = { command = "CMQTTSTART", final = "ERROR", code = absent },
    first = "the MQTT service does not start: already started, or no packet data",
    remedy = "AT+CMQTTSTOP first after a restart of the host alone; else wait for registration" },
  { when = { code = 9, nonet = true },
    first = "the MQTT service is not running: it ended with +CMQTTNONET when the network was lost",
    remedy = "AT+CMQTTSTART, AT+CMQTTACCQ, AT+CMQTTCONNECT again" },
  { when = { command = "CMQTTSTOP", code = 9 }, first = "the MQTT service is not started, there is nothing to stop",
    remedy = "nothing: take 9 as success" },
  { when = { command = like "^CMQTT", code = 9 }, first = "the MQTT service is not started",
    remedy = "AT+CMQTTSTART, wait for +CMQTTSTART: 0" },
  { when = { command = "CMQTTSTOP", code = one_of { 19, 21 } },
    first = function(c) return clients_of(c) .. " is still acquired" end,
    remedy = function(c) return "AT+CMQTTDISC where connected, " .. releases(c) .. ", then AT+CMQTTSTOP" end },
  { when = { command = like "^CMQTT", code = 10 }, first = "there is no client with this number",
    remedy = "clients are 0 and 1" },

  -- MQTT: the client
  { when = { command = "CMQTTACCQ", code = 19 },
    first = function(c)
      return ('client %s is already acquired%s'):format(c.client or "?",
        c.client_id and (' as "%s"'):format(c.client_id) or "")
    end,
    remedy = "AT+CMQTTREL={client} first, or go on with the client as it is; usual after a restart of the host alone" },
  { when = { code = 20 }, first = "client {client} is not acquired",
    remedy = 'AT+CMQTTACCQ={client},"<client id>",<0 TCP or 1 TLS> first' },
  { when = { command = "CMQTTSSLCFG", final = "ERROR", was_connected = true },
    first = "client {client} is connected: its SSL context cannot be changed now",
    remedy = "AT+CMQTTDISC={client},60 first" },
  { when = { command = "CMQTTSSLCFG", final = "ERROR", started = false },
    first = "the MQTT service is not started (this command has no code for it)", remedy = "AT+CMQTTSTART first" },
  { when = { command = "CMQTTCONNECT", code = one_of { 13, 14, 19 }, was_connected = true },
    first = "client {client} is already connected", remedy = "use it, or AT+CMQTTDISC={client},60 first" },
  { when = { command = "CMQTTCONNECT", code = 13 }, first = "client {client} is already connected",
    remedy = "use it, or AT+CMQTTDISC={client},60 first" },
  { when = { code = 14, pending_name = present },
    first = "client {client} is busy: AT+{pending_name} still waits for its result",
    remedy = "one operation at a time: wait for +{pending_name}: {client},<err> before the next command" },
  { when = { code = 14, was_connected = true }, first = "client {client} is busy: it is still connected",
    remedy = "AT+CMQTTDISC={client},60 first, then AT+CMQTTREL and AT+CMQTTSTOP" },
  { when = { code = 14 }, first = "client {client} is busy with an operation that has not ended",
    remedy = "wait for the result line of the operation before" },
  { when = { code = 11, lost = present },
    first = "client {client} is not connected: the connection was lost ({lost}) before",
    remedy = "watch for +CMQTTCONNLOST and connect again" },
  { when = { code = 11, failed_before = present },
    first = "client {client} is not connected: its CONNECT had failed with {failed_before}",
    remedy = "take the result line as the result of CONNECT, not the OK; connect again" },
  { when = { code = 11, ended = present }, first = "client {client} is not connected: {ended} ended the connection before",
    remedy = "AT+CMQTTCONNECT again" },
  { when = { code = 11, nonet = true },
    first = "client {client} is not connected: the service ended with +CMQTTNONET when the network was lost",
    remedy = "AT+CMQTTSTART, AT+CMQTTACCQ, AT+CMQTTCONNECT again" },
  { when = { code = 11, pending_name = absent, started = false, certain = true },
    first = "client {client} is not connected: the MQTT service is not even started",
    remedy = "AT+CMQTTSTART, AT+CMQTTACCQ, AT+CMQTTCONNECT, and wait for +CMQTTCONNECT: {client},0" },
  { when = { code = 11, client_id = absent, certain = true },
    first = "client {client} is not connected: it is not even acquired",
    remedy = "AT+CMQTTACCQ, AT+CMQTTCONNECT, and wait for +CMQTTCONNECT: {client},0" },
  { when = { command = NEEDS_CONNECTION, code = 11 }, first = "client {client} is not connected",
    remedy = "AT+CMQTTCONNECT, and wait for +CMQTTCONNECT: {client},0" },

  -- MQTT: what a command says
  { when = { command = "CMQTTCONNECT", code = 12, line = like "[Ss][Ss][Ll]://" },
    first = "the address begins with ssl://, and this command takes tcp:// only, also for TLS",
    remedy = 'write "tcp://host:8883"; TLS comes from <server_type> 1 of AT+CMQTTACCQ' },
  { when = { command = "CMQTTCONNECT", code = 12 },
    test = function(c) return not (c.arguments[2] or ""):lower():find("^tcp://") end,
    first = 'the address "{arguments.2}" does not begin with tcp://', remedy = 'write "tcp://host:port"' },
  { when = { command = "CMQTTCONNECT", code = 12 },
    test = function(c) return not (c.arguments[2] or ""):find("^[%a]+://[^:]+:?%d*$") end,
    first = 'the address "{arguments.2}" is not of the form tcp://host:port', remedy = "a port is 1 to 65535" },
  { when = { command = "CMQTTCONNECT", code = 12 },
    test = function(c) return (c.arguments[5] or "") == "" and (c.arguments[6] or "") ~= "" end,
    first = "there is a password without a user name", remedy = "MQTT 3.1.1 allows a password only behind a user name" },
  { when = { command = "CMQTTPUB", code = 18 }, first = "no topic was set: AT+CMQTTPUB uses the topic up",
    remedy = "AT+CMQTTTOPIC and AT+CMQTTPAYLOAD before every AT+CMQTTPUB" },
  { when = { code = 18 }, first = "the list of topics is empty: nothing was given with AT+{command}TOPIC",
    remedy = "AT+{command}TOPIC first, or give the length: AT+{command}={client},<length>,..." },
  { when = { code = 2, swallowed = present },
    first = 'the text behind the prompt is no UTF-8; it also holds a command: "{swallowed}"',
    remedy = "send exactly as many bytes as announced" },
  { when = { code = 2 }, first = "the text is no valid UTF-8",
    remedy = 'send UTF-8, or AT+CMQTTCFG="checkUTF8",{client},0' },
  { when = { command = like "^CMQTT", code = 22 },
    first = function(c)
      return c.item.wants and ("the length %d is out of range"):format(c.item.wants)
        or "a length or a text is out of range"
    end,
    remedy = "topics 1 to 1024 bytes, payloads 1 to 10240, client ids as AT+CMQTTACCQ=? says" },
  { when = { command = like "^CMQTT", code = 12 },
    first = "a parameter is out of range or of the wrong kind",
    remedy = "compare with AT+{command}=?; numbers stand without quotes, topics come behind the prompt" },
}
