--- Causes that lie in the command line, the data behind a prompt, or the port. Rows as in why_rows.lua.
local match = require "modemtest.why_match"
local words = require "modemtest.why_words"

local absent, present, like, one_of = match.absent, match.present, match.like, match.one_of

return {
  -- the port
  { when = { port = "uart.speed" },
    first = function(c)
      return ("the host sends at %s bit/s and the modem listens at %s: it sees noise only"):format(
        math.tointeger(c.event.client) or "?", math.tointeger(c.event.modem) or "?")
    end,
    remedy = "set the host's port to the speed of the modem (AT+IPR, AT+IPREX), usually 115200" },
  { when = { port = "uart.asleep" },
    first = "the modem sleeps (AT+CSCLK=1 and DTR high): what the host sends is dropped",
    remedy = "pull DTR low, or AT+CSCLK=0, before sending" },
  { when = { port = "uart.overrun" }, first = "more bytes came than the modem could take: {event.dropped_bytes} were dropped",
    remedy = "use RTS/CTS (AT+IFC=2,2), wait for the final result before the next command" },

  -- data behind a prompt
  { when = { command = "CCERTDOWN", swallowed = present },
    first = 'the announced {wants} bytes were more than the file has: the command "{swallowed}" was stored as its end',
    remedy = "announce exactly the size of the file, store it again, and repeat the command" },
  { when = { swallowed = present },
    first = 'the command "{swallowed}" was taken as data: {wants} bytes were announced and fewer were sent',
    remedy = "announce exactly as many bytes as are sent" },
  { when = { waits_for_data = true },
    first = "the modem still waits for {wants} bytes of data; every command sent now is taken as data",
    remedy = "send the rest of the bytes; announce exactly as many as are sent" },
  { when = { command = one_of { "CCERTDOWN", "CFTRANRX" }, final = "ERROR" },
    test = function(c) return (c.wants or 0) < 1 or (c.wants or 0) > 10240 end,
    first = "the length {arguments.2} cannot be stored", remedy = "a file has 1 to 10240 bytes" },
  { when = { command = "CCERTDOWN", final = "ERROR" },
    test = function(c) return not (c.arguments[1] or ""):lower():find("%.pem$")
      and not (c.arguments[1] or ""):lower():find("%.der$") and not (c.arguments[1] or ""):lower():find("%.p7b$") end,
    first = 'the file name "{arguments.1}" does not end as a certificate does',
    remedy = "name it *.pem, *.der or *.p7b" },
  { when = { command = "CCERTDELE", final = "ERROR" }, first = 'there is no file "{arguments.1}" to delete',
    remedy = "AT+CCERTLIST shows what is stored" },

  -- the command line
  { when = { command = "CSSLCFG", final = like "ERROR", arguments = { "***" } },
    first = "there is no such setting, context or value (the trace hides a line that may hold a password)",
    remedy = "AT+CSSLCFG=? lists settings and values; numbers without quotes, names in quotes" },
  { when = { command = "CSSLCFG", final = like "ERROR" },
    test = function(c) return c.form == "set" and c.arguments[2] and not c.arguments[2]:find("^%d$") end,
    first = "there is no SSL context {arguments.2}", remedy = "contexts are 0 to 9" },
  { when = { command = "CSSLCFG", final = like "ERROR" },
    test = function(c)
      local known = { sslversion = true, authmode = true, ignorelocaltime = true, negotiatetime = true, cacert = true,
        clientcert = true, clientkey = true, enablesni = true, keypwd = true, password = true, ciphersuites = true }
      return c.form == "set" and c.arguments[1] and not known[c.arguments[1]:lower()]
    end,
    first = 'AT+CSSLCFG has no setting "{arguments.1}"', remedy = "AT+CSSLCFG=? lists them" },
  { when = { command = "CSSLCFG", final = like "ERROR" },
    first = 'the value of "{arguments.1}" is not valid, or this firmware does not have the setting',
    remedy = "AT+CSSLCFG=? lists settings and values; numbers without quotes, names in quotes" },
  { when = { refused = "unknown command" },
    first = function(c)
      local near = words.nearest(c.name or "")
      return ("this firmware has no command AT+%s%s"):format(c.name,
        near and ("; AT+%s is near"):format(near) or "")
    end,
    remedy = "check the spelling; AT+CLAC lists commands, AT+CGMR the firmware" },
  { when = { refused = "wrong number of parameters" }, first = "the command has too few or too many parameters",
    remedy = "compare with AT+{command}=?" },
  { when = { refused = present }, first = "the command line is refused: {refused}",
    remedy = "compare with AT+{command}=?" },
  { when = { final = like "^%+CME ERROR" },
    first = function(c)
      local what = tostring(c.final):match("ERROR: (.*)$")
      return ("the modem says: %s"):format(words.CME[what] or what)
    end,
    remedy = "AT+CMEE=2 shows texts instead of numbers" },
  { when = { final = like "^%+CMS ERROR" }, first = "the message service says: {final}", remedy = "AT+CMEE=2 shows texts" },
  { when = { final = one_of { "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE" } }, first = "the call did not come about: {final}",
    remedy = "check number, registration, and who answers" },
  { when = { command = like "^CMQTT", final = "ERROR", code = absent, started = false, certain = true },
    first = "the MQTT service is not started", remedy = "AT+CMQTTSTART first" },
  { when = { command = like "^CMQTT", final = "ERROR", code = absent, client_id = absent, certain = true, client = present },
    first = "client {client} is not acquired", remedy = "AT+CMQTTACCQ={client} first" },
}
