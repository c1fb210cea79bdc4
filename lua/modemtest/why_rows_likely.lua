--- Where only the dialogue is known (a physical modem): what a code means, and its causes in the order in which they turn
-- up in the field. Rows as in why_rows.lua; every one of them is marked as likely.
local match = require "modemtest.why_match"

local absent, present, like = match.absent, match.present, match.like

return {
  { when = { command = "CMQTTCONNECT", code = 6 }, likely = true,
    first = 'the broker closed the connection instead of answering; at AWS IoT Core the policy does not allow client id "{client_id}"',
    remedy = "1. policy: iot:Connect on client/{client_id}  2. certificate: active, with a policy attached  3. client id used "
      .. "twice, or more than one CONNECT per second" },
  { when = { command = "CMQTTCONNECT", code = 26 }, likely = true,
    first = "the server closed the connection before MQTT began; usually it got no client certificate",
    remedy = '1. AT+CSSLCFG="authmode",{context},2 with clientcert and clientkey  2. a TLS port, and <server_type> 1 of ACCQ  '
      .. "3. certificate active" },
  { when = { command = "CMQTTCONNECT", code = 32 }, likely = true,
    first = "the TLS handshake failed; usual causes: wrong root CA, no server name (SNI), wrong clock, key and certificate that do not fit",
    remedy = '1. sslversion 4  2. the right root CA  3. authmode  4. clock (AT+CCLK?) or ignorelocaltime 1  5. enableSNI 1  '
      .. "6. AT+CMQTTSSLCFG" },
  { when = { command = "CMQTTCONNECT", code = 34 }, likely = true,
    first = "TLS could not be set up: a stored file is missing or damaged, or the chain was not accepted",
    remedy = "1. AT+CCERTLIST against AT+CSSLCFG?  2. store the files again, byte for byte, without CR in front  3. authmode" },
  { when = { command = "CMQTTCONNECT", code = 33 }, likely = true,
    first = "authmode needs a file that no setting of the SSL context names",
    remedy = "1. AT+CSSLCFG?  2. AT+CMQTTSSLCFG={client},<context>: without it the context is that of the client's number" },
  { when = { command = "CMQTTCONNECT", code = 15 }, likely = true,
    first = "the connection was not set up (A76XX): TLS, server name or policy",
    remedy = '1. AT+CSSLCFG="enableSNI",{context},1  2. certificate and policy  3. newer firmware' },
  { when = { command = "CMQTTCONNECT", code = 3 }, likely = true,
    first = "no TCP connection: nobody listens there, or the address cannot be reached",
    remedy = "1. host and port  2. a private address  3. broker running  4. a port that the operator blocks" },
  { when = { command = "CMQTTCONNECT", code = 25 }, likely = true, first = "the host's name cannot be resolved",
    remedy = "1. spelling  2. AT+CDNSGIP=\"<host>\"  3. DNS of the APN" },
  { when = { command = "CMQTTCONNECT", code = 17 }, likely = true, first = "the broker did not answer in time",
    remedy = "1. is it an MQTT port  2. is the broker alive  3. radio" },
  { when = { command = "CMQTTCONNECT", code = 7 }, likely = true, first = "packet data is gone",
    remedy = "wait for registration, AT+CMQTTSTART again" },
  { when = { command = "CMQTTPUB", code = 6 }, likely = true,
    first = 'the broker closed the connection instead of acknowledging; at AWS IoT Core the policy does not allow publishing to "{topic}"',
    remedy = "1. policy: iot:Publish on topic/{topic} (+ is no wildcard there)  2. topic over 256 bytes or 7 slashes  3. QoS 2" },
  { when = { command = "CMQTTSUB", code = 6 }, likely = true,
    first = "the broker closed the connection instead of acknowledging; at AWS IoT Core the policy does not allow this filter",
    remedy = "1. policy: iot:Subscribe on topicfilter/<filter>  2. the fourth parameter of SUB is DUP: leave it out  3. more than 8 filters" },
  { when = { command = "CMQTTSUB", code = 1 }, likely = true, first = "the broker refused the subscription (SUBACK 0x80)",
    remedy = "access list or policy of the broker" },
  { when = { code = 17, command = like "^CMQTT" }, likely = true, first = "the broker did not acknowledge in time",
    remedy = "1. QoS 2 at AWS IoT Core  2. a dead link (+CMQTTPING)  3. more than 100 publishes per second" },
  { when = { urc = "CMQTTCONNLOST" }, likely = true,
    first = "the broker closed the connection; usually a policy, a second client with the same client id, or the keep-alive",
    remedy = "1. policy for what was sent last  2. client id used twice  3. keep-alive too short for blocking commands" },
  { when = { command = "NETOPEN", final = "ERROR" }, likely = true, first = "packet data does not open: APN or operator",
    remedy = '1. AT+CGDCONT=1,"IP","<apn>"  2. AT+CGATT?, AT+CEREG?  3. already open (AT+NETOPEN?)' },
  { when = { open = true, command = present, lines = function(v) return #v == 0 end }, likely = true,
    first = "the modem did not answer at all",
    remedy = "1. speed of the port (AT+IPR)  2. still starting: wait for RDY  3. asleep: DTR  4. a data entry is open: it takes "
      .. "commands as data  5. an operation of sync firmware still waits for its result" },
  { when = { command = like "^CMQTT", final = "ERROR", code = absent, client = absent }, likely = true,
    first = "refused without a code: the service is in another state than the host believes",
    remedy = "AT+CMQTTDISC, AT+CMQTTREL, AT+CMQTTSTOP, AT+CMQTTSTART" },
  { when = { command = present, final = "ERROR", code = absent },
    first = "the modem refuses the command and says no more: a parameter, or a state in which it cannot run", likely = true,
    remedy = "compare with AT+{command}=?; AT+CMEE=2 makes the modem say more" },
}
