--- Which of our broker's decisions belongs to what is explained. Pure.
local M = {}

local ABOUT = {
  CONNECT = { ["iot:Connect"] = true, CONNECT = true },
  PUBLISH = { ["iot:Publish"] = true, ["iot:RetainPublish"] = true, PUBLISH = true },
  SUBSCRIBE = { ["iot:Subscribe"] = true, SUBSCRIBE = true },
  UNSUBSCRIBE = { UNSUBSCRIBE = true },
}

--- Rules that end a connection without a packet of this client.
local BY_THEMSELVES = { DUPLICATE_CLIENTID = true, MQTT_KEEP_ALIVE_TIMEOUT = true, SERVER_INITIATED_DISCONNECT = true }

local function same_client(d, c)
  return d.clientId == nil or c.client_id == nil or d.clientId == c.client_id or d.clientId == c.sent_id
end

local function same_resource(d, c)
  local p = c.sent_packet
  if d.resource == nil or not d.resource:find("^topic") then
    return true
  end
  local name = d.resource:match("^%w+/(.*)$")
  if p and p.packet == "SUBSCRIBE" then
    for key, value in pairs(p) do
      if key:find("^topic_filter") and value == name then
        return true
      end
    end
    return false
  end
  return c.topic == nil or c.topic == name
end

local PACKET = { CMQTTCONNECT = "CONNECT", CMQTTPUB = "PUBLISH", CMQTTSUB = "SUBSCRIBE", CMQTTUNSUB = "UNSUBSCRIBE" }

local function fits(d, c, allowed)
  if type(d) ~= "table" or (d.decision == "allow") ~= allowed or not same_client(d, c) then
    return false
  end
  if c.urc and BY_THEMSELVES[d.rule] then
    return true
  end
  local packet = PACKET[c.command] or c.urc and c.sent
  if d.action == "TLS" then
    return packet == "CONNECT" and c.received == nil
  end
  local actions = ABOUT[packet or ""]
  if not actions or not actions[d.action] then
    return false
  end
  if packet == "CONNECT" and c.certain and not c.connect_sent then
    return false
  end
  return packet == "CONNECT" or same_resource(d, c)
end

--- The newest decision about the context c but 'later' ones, of those that 'counts' takes.
local function newest(c, decisions, later, counts)
  for i = #decisions, 1, -1 do
    if counts(decisions[i]) and fits(decisions[i], c, c.code == 0) then
      if later == 0 then
        return decisions[i]
      end
      later = later - 1
    end
  end
  return nil
end

--- That the gateway saw Mosquitto close is no reason; what the plugin decided before is.
local function is_reason(d)
  return type(d) == "table" and d.rule ~= "SERVER_INITIATED_DISCONNECT"
end

local function is_end(d)
  return not is_reason(d)
end

--- The decision about the context c, the newest but 'later' ones; nil when there is none.
function M.pick(c, decisions, later)
  local relevant = c.urc == "CMQTTCONNLOST" or PACKET[c.command] ~= nil
  if not relevant or c.certain and c.tcp ~= "connected" then
    return nil
  end
  return newest(c, decisions, later, is_reason) or newest(c, decisions, later, is_end)
end

return M
