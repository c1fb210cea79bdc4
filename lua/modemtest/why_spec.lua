--- Explanations from recorded facts: what is said where nothing but the dialogue, a broker or a peer is known.
local spec = require "modemtest.spec"
local why = require "modemtest.why"

local function dialogue(...)
  local list = {}
  for i, text in ipairs { ... } do
    list[i] = { dir = text:find("^[\r\n]") and "rx" or "tx", text = text }
  end
  return list
end

local CONNECT_6 = dialogue("AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n",
  'AT+CMQTTACCQ=0,"dev1",1\r', "\r\nOK\r\n",
  'AT+CMQTTCONNECT=0,"tcp://h:8883",60,1\r', "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,6\r\n")

spec.test("why: the dialogue alone gives the causes of the field, marked as likely", function()
  local e = why.explain { dialogue = CONNECT_6 }
  spec.eq(e.likely, true)
  spec.check(e.first:find("CONNECT got 6: likely: ", 1, true), e.first)
  spec.check(e.first:find('client id "dev1"', 1, true), e.first)
end)

spec.test("why: what our broker decided makes it certain, also for a physical modem", function()
  local e = why.explain { dialogue = CONNECT_6, decisions = {
    { source = "policy", decision = "deny", clientId = "dev1", action = "iot:Connect", resource = "client/dev1",
      rule = "NO_ALLOW", compared = { "client/thing1" }, document = "/x/policy.json", remedy = "connect as thing1" },
    { source = "gateway", decision = "close", clientId = "dev1", action = "CONNECT",
      rule = "SERVER_INITIATED_DISCONNECT" } } }
  spec.eq(e.likely, nil)
  spec.eq(e.first,
    'CONNECT got 6: the AWS IoT policy does not allow client id "dev1" (policy.json allows client/thing1)')
  spec.eq(e.remedy, "connect as thing1")
end)

spec.test("why: a peer's words stand in the chain", function()
  local e = why.explain { dialogue = CONNECT_6, peers = { { address = "h:8883", tls = true, connections = {
    { tls = { done = true, version = "TLSv1.2", cipher = "X" }, packets_received = { "CONNECT" }, packets_sent = {},
      peer_ended = "closed" } } } } }
  spec.check(table.concat(e.chain, "\n"):find("from the modem: CONNECT", 1, true), table.concat(e.chain, "\n"))
end)

spec.test("why: nothing was said, nothing is explained; what cannot be read does no harm", function()
  spec.eq(why.explain { dialogue = {} }, nil)
  spec.eq(why.explain { events = {} }, nil)
  local odd = { {}, { event = "at" }, { event = "tls", step = "start" }, { event = "mqtt", packet = 7 },
    { event = "tcp" }, 5, { event = "ssl.context", context = 0 },
    { event = "at", from = "modem", text = "OK" }, { event = "fault" } }
  spec.eq(why.explain { events = odd }, nil)
end)

spec.test("why: a command without an answer says so", function()
  local e = why.explain { dialogue = dialogue "AT+CSQ\r" }
  spec.check(e.first:find("has no answer yet", 1, true), e.first)
end)
