--- Causes that lie behind TLS: the broker's decision, packets, time. Rows as in why_rows.lua.
local match = require "modemtest.why_match"

local absent, present, like, one_of = match.absent, match.present, match.like, match.one_of

local ACKNOWLEDGEMENT = { CMQTTPUB = "PUBACK", CMQTTSUB = "SUBACK", CMQTTUNSUB = "UNSUBACK", CMQTTCONNECT = "CONNACK" }

--- "policy.json allows client/thing1" of a decision; "" where it does not say.
local function compared(d)
  local document = d.document and d.document:match("[^/]*$") or "the policy"
  if d.rule == "EXPLICIT_DENY" or d.statement and d.rule ~= "NO_ALLOW" then
    return (" (statement %s of %s denies it)"):format(d.sid or d.statement or "?", document)
  end
  if type(d.compared) == "table" and #d.compared > 0 then
    return (" (%s allows %s)"):format(document, table.concat(d.compared, ", "))
  end
  if type(d.compared) == "table" or d.rule == "NO_ALLOW" then
    return (" (%s has no statement for %s)"):format(document, d.action)
  end
  return d.reason and (" (%s)"):format(d.reason) or ""
end

local function name_of(d)
  return tostring(d.resource or "?"):match("^%w+/(.*)$") or d.resource or "?"
end

local VERBS = {
  ["iot:Connect"] = { 'the AWS IoT policy does not allow client id "%s"', "allow iot:Connect on client/%s, or use a client id that the policy allows (AT+CMQTTACCQ)" },
  ["iot:Publish"] = { 'the AWS IoT policy does not allow publishing to "%s"', "allow iot:Publish on topic/%s (topic/ and the topic; * and ? are wildcards there, + and # are not)" },
  ["iot:RetainPublish"] = { 'the AWS IoT policy does not allow retained messages on "%s"', "allow iot:RetainPublish on topic/%s, or publish without the retain flag" },
  ["iot:Subscribe"] = { 'the AWS IoT policy does not allow subscribing to "%s"', "allow iot:Subscribe on topicfilter/%s (+ and # stand there as they are)" },
  ["iot:Receive"] = { 'the AWS IoT policy does not allow receiving from "%s"', "allow iot:Receive on topic/%s" },
}

--- Certificates: the broker refuses whoever holds them, whatever the policy says.
local CERTIFICATES = {
  { like = "no thing has certificate", first = 'the client certificate ("{clientcert}") is not registered: it belongs to no thing',
    remedy = "register and activate it, or store the certificate and key of a registered thing" },
  { like = "no client certificate", first = "the modem sent no client certificate (authmode {authmode})",
    remedy = 'AT+CSSLCFG="authmode",{context},2 with clientcert and clientkey named' },
  { like = "not registered", first = 'the client certificate ("{clientcert}") is not registered: {decision.reason}',
    remedy = "register and activate it" },
}

local function about_certificate(c)
  for _, row in ipairs(CERTIFICATES) do
    if tostring(c.decision.reason):find(row.like, 1, true) then
      return row
    end
  end
  return nil
end

local function is_policy(c)
  local d = c.decision
  return VERBS[d.action] ~= nil and d.decision ~= "allow" and not about_certificate(c)
    and (d.source == nil or d.source == "policy") and d.resource ~= nil and tostring(d.status or "ACTIVE") == "ACTIVE"
    and not tostring(d.reason):find("INACTIVE") and not tostring(d.reason):find("inactive")
    and (d.rule == nil or d.rule == "NO_ALLOW" or d.rule == "EXPLICIT_DENY")
end

--- What the broker's words mean for each command that it cuts off.
local BROKEN = one_of { 1, 6, 16, 26, 31 }

local function denied(c)
  local d = c.decision
  return VERBS[d.action][1]:format(name_of(d)) .. compared(d)
end

local function allow_it(c)
  local d = c.decision
  return d.remedy or VERBS[d.action][2]:format(name_of(d))
end

local decided = { decision = present }

local function on(command, when)
  when.command = command
  return when
end

local function awaited(c)
  return ACKNOWLEDGEMENT[c.command] or "answer"
end

local LIKELY_POLICY = "at AWS IoT Core that is how a policy refuses"

return {
  -- the broker of ours says why
  { when = { decision = present, code = BROKEN }, test = about_certificate,
    first = function(c) return match.fill(about_certificate(c).first, c) end,
    remedy = function(c) return match.fill(about_certificate(c).remedy, c) end },
  { when = { decision = present, code = BROKEN }, test = is_policy, first = denied, remedy = allow_it },
  { when = { decision = present, urc = "CMQTTCONNLOST" }, test = is_policy, first = denied, remedy = allow_it },
  { when = { decision = { rule = "DUPLICATE_CLIENTID" } },
    first = function(c)
      return ('another client connected with the same client id "%s"'):format(c.decision.clientId or c.client_id or "?")
    end,
    remedy = "every device needs a client id of its own" },
  { when = { decision = { rule = "MQTT_KEEP_ALIVE_TIMEOUT" } },
    first = "the modem sent nothing within 1.5 times the keep-alive of {keep_alive} s",
    remedy = "a longer keep-alive, or find what kept the modem from sending (no network, a long operation)" },
  { when = { decision = { rule = "CLIENT_ID_THROTTLE" } },
    first = 'client id "{client_id}" connects more than once per second: {decision.reason}',
    remedy = "wait before connecting again, longer each time" },
  { when = decided, test = function(c) return c.decision.decision ~= "allow" and c.code ~= 0 or c.urc end,
    first = function(c)
      return ("the broker %s: %s"):format(c.decision.decision == "silence" and "says nothing" or "refuses it",
        c.decision.reason or c.decision.rule or "no reason given")
    end,
    remedy = function(c) return c.decision.remedy or "see the broker's log" end },

  -- CONNACK
  { when = on("CMQTTCONNECT", { code = 27 }),
    first = "the broker does not speak this version of MQTT (CONNACK 1)",
    remedy = "AT+CMQTTCFG=\"version\" where the firmware has it; the broker must accept MQTT 3.1.1 (or 3.1)" },
  { when = on("CMQTTCONNECT", { code = 28 }),
    first = 'the broker does not take the client id "{client_id}" (CONNACK 2, identifier rejected)',
    remedy = "another client id; at most 23 characters are safe; clean_session 1 where it is empty" },
  { when = on("CMQTTCONNECT", { code = 29 }), first = "the broker says that it is not available (CONNACK 3)",
    remedy = "try later; look at the broker" },
  { when = on("CMQTTCONNECT", { code = 30 }), first = "user name or password is wrong (CONNACK 4)",
    remedy = "the 5th and 6th parameter of AT+CMQTTCONNECT" },
  { when = on("CMQTTCONNECT", { code = 31 }), first = "the broker does not authorise this client (CONNACK 5)",
    remedy = "user name, password, client id, or the broker's access list; at AWS IoT Core the policy" },
  { when = { code = 24, protocol_error = present }, first = "the broker sent a packet that is no MQTT: {protocol_error}",
    remedy = "is this port an MQTT port?" },
  { when = { code = 24 }, first = "the broker sent a packet that the modem cannot read", remedy = "is this port an MQTT port?" },

  -- the network goes
  { when = { urc = "CMQTTCONNLOST" }, test = function(c) return c.item.values[2] == "3" end,
    first = "the network was lost: packet data closed under the connection",
    remedy = "wait for registration (AT+CEREG? 1 or 5), then AT+CMQTTSTART, ACCQ, CONNECT" },
  { when = { urc = "CMQTTNONET" }, first = "the network was lost, and with it the MQTT service and its clients",
    remedy = "wait for registration (AT+CEREG? 1 or 5), then AT+CMQTTSTART, ACCQ, CONNECT" },
  { when = { urc = "CIPEVENT" }, first = "the network was lost: the operator or AT+CFUN closed packet data",
    remedy = "wait for registration, then open the network again" },
  { when = { urc = "CMQTTPING" },
    first = "the broker does not answer the keep-alive: PINGREQ sent, no PINGRESP within {keep_alive} s",
    remedy = "the connection is dead though it looks open: AT+CMQTTDISC={client},60 and connect again" },

  -- closed while an answer was awaited
  { when = on("CMQTTCONNECT", { code = one_of { 6, 26 }, connect_sent = true, received = absent, down = "connection reset" }),
    first = "the peer reset the connection after MQTT CONNECT, without a CONNACK",
    remedy = "is this an MQTT port (TLS or plain)? look at the broker" },
  { when = on("CMQTTCONNECT", { code = one_of { 6, 26 }, connect_sent = true, received = absent, down = present }), likely = true,
    first = 'the broker closed the connection after MQTT CONNECT without a CONNACK (' .. LIKELY_POLICY
      .. ' client id "{client_id}")',
    remedy = "AWS IoT Core: allow iot:Connect on client/{client_id}, attach the policy, activate the certificate; elsewhere: "
      .. "the broker's log" },
  { when = { code = 6, command = one_of { "CMQTTPUB", "CMQTTSUB", "CMQTTUNSUB" }, down = like "network" },
    first = "the network was lost while {sent} was not acknowledged", remedy = "connect again" },
  { when = on("CMQTTPUB", { code = 6, down = present }), likely = true,
    first = 'the broker closed the connection instead of acknowledging PUBLISH to "{topic}" (' .. LIKELY_POLICY .. ")",
    remedy = "AWS IoT Core: allow iot:Publish on topic/{topic}; topic at most 256 bytes and 7 slashes" },
  { when = on("CMQTTSUB", { code = 6, down = present }), likely = true,
    first = 'the broker closed the connection instead of acknowledging SUBSCRIBE to "{filter}" (' .. LIKELY_POLICY .. ")",
    remedy = "AWS IoT Core: allow iot:Subscribe on topicfilter/{filter}; at most 8 filters in one SUBSCRIBE" },
  { when = { code = 6, command = present, down = present },
    first = "the connection ended before the answer came: {down}", remedy = "connect again; look at the broker" },
  { when = on("CMQTTSUB", { code = 1, suback = present }),
    first = 'the broker refuses the subscription to "{filter}" (SUBACK 0x80)',
    remedy = "its access list or policy must allow this filter" },

  -- not over yet
  { when = on("CMQTTCONNECT", { result_missing = true, tcp = one_of { "dialled", "tried" } }),
    first = "the TCP connection to {host}:{port_number} is not there yet", remedy = "wait: the result may take minutes" },
  { when = on("CMQTTCONNECT", { result_missing = true, tls_start = present, tls_done = absent, down = absent }),
    first = "the TLS handshake is under way, the server has not finished it",
    remedy = "wait: the result may take minutes (negotiatetime); is this a TLS port?" },
  { when = { result_missing = true, code = absent, sent = present, down = absent,
      command = one_of { "CMQTTCONNECT", "CMQTTPUB", "CMQTTSUB", "CMQTTUNSUB" } },
    first = function(c) return ("%s was sent, and the broker has not answered with %s yet"):format(c.sent, awaited(c)) end,
    remedy = "wait for the result line, it may take minutes; look at the broker" },

  -- silence
  { when = on("CMQTTCONNECT", { code = 17, connect_sent = true }),
    first = "the broker took MQTT CONNECT and sent no CONNACK in time",
    remedy = "is this an MQTT port? look at the broker" },
  { when = on("CMQTTCONNECT", { code = 17, tls_start = present, tls_done = absent }),
    first = "the TLS handshake did not end in time", remedy = "is this a TLS port?" },
  { when = { command = one_of { "CMQTTPUB", "CMQTTSUB", "CMQTTUNSUB" }, code = 17 },
    test = function(c) return c.sent_packet and c.sent_packet.qos == 2 end,
    first = "the broker did not acknowledge the QoS 2 PUBLISH: AWS IoT Core has no QoS 2",
    remedy = "publish with QoS 0 or 1" },
  { when = { command = one_of { "CMQTTPUB", "CMQTTSUB", "CMQTTUNSUB" }, code = 17 },
    first = function(c) return ("the broker did not send %s in time"):format(awaited(c)) end,
    remedy = "the link may be dead: look for +CMQTTPING, connect again" },

  -- lines that come by themselves
  { when = { urc = "CMQTTCONNLOST", down = "connection reset" }, first = "the peer reset the TCP connection",
    remedy = "connect again; a broker that was killed, or a router that forgot the connection" },
  { when = { urc = "CMQTTCONNLOST", sent = "PUBLISH", sent_packet = { qos = 0 } }, likely = true,
    test = function(c) return c.packets[#c.packets] == c.sent_packet end,
    first = 'the broker closed the connection behind PUBLISH to "{topic}" (' .. LIKELY_POLICY .. ", and QoS 0 has no other sign)",
    remedy = "AWS IoT Core: allow iot:Publish on topic/{topic}" },
  { when = { urc = "CMQTTCONNLOST", certain = true }, likely = true,
    first = function(c)
      return ('the broker closed the connection (keep-alive %s s, last packet sent: %s): another client with client id "%s", '
        .. "keep-alive expired, or the broker stopped"):format(c.keep_alive or "?", c.sent or "none", c.client_id or "?")
    end,
    remedy = "connect again; give every device a client id of its own; look at the broker" },
}
