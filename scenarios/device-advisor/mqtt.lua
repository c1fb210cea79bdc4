--- AWS's MQTT tests: docs/DEVICE-ADVISOR.md says what each demands.
local t = require "modemtest"
local advisor = require "lib.advisor"

local WITHIN = { within = advisor.WITHIN }
local CONNECT_OVER = { event = "mqtt.result", operation = "+CMQTTCONNECT" }
local PUBLISHED = { event = "mqtt.result", operation = "+CMQTTPUB", code = 0 }
local MANUAL = advisor.client { start = "manual" }

local function packet(name, dir)
  return { event = "mqtt", packet = name, dir = dir or "out" }
end

advisor.test "MQTT Connect" {
  run = function(env)
    local connect = env.client:expect_event(packet "CONNECT", WITHIN)
    env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTCONNECT", code = 0 }, WITHIN)
    if connect.keep_alive < 30 or connect.keep_alive > 1200 then
      return ("keep-alive of %d s: AWS keeps 30 to 1200 s"):format(connect.keep_alive)
    end
  end,
}

advisor.test "MQTT Client ID" {
  run = function(env)
    local connect = env.client:expect_event(packet "CONNECT", WITHIN)
    t.check(#connect.client_id > 0 and #connect.client_id <= 128, "a client id of " .. #connect.client_id .. " bytes")
    env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTCONNECT", code = 0 }, WITHIN)
  end,
}

local LINK_DOWN = { event = "mqtt.link_down" }
local NO_CONNACK = { name = "mqtt.drop", direction = "in", packet = "CONNACK", count = 0 }

--- A client whose attempts all end so, for this fault.
local function backs_off(name, fault, ends, expect)
  advisor.test(name) {
    client = MANUAL,
    run = function(env)
      env.sim:fault(fault)
      env.client:start()
      return advisor.backs_off(env, ends, expect)
    end,
  }
end

backs_off("MQTT Connect Jitter Backoff Retries", NO_CONNACK, CONNECT_OVER, { jitter = true })
backs_off("MQTT Connect Exponential Backoff Retries", NO_CONNACK, CONNECT_OVER, { curve = true })
backs_off("MQTT Reconnect Backoff Retries On Server Disconnect",
  { name = "link.close", count = 0, when = packet("CONNACK", "in") }, LINK_DOWN, { curve = true })
backs_off("MQTT Reconnect Backoff Retries On Unstable Connection",
  { name = "link.reset_peer", count = 0, when = packet "SUBSCRIBE" }, LINK_DOWN, { curve = true })

advisor.test "MQTT ReconnectionAfterSuccessfulConnection" {
  -- In the client's full time, and where it is idle: what else it does before it connects again must not pass for the
  -- second.
  client = advisor.client { percent = 100 },
  run = function(env)
    local within = { within = 3 * advisor.WITHIN }
    env.client:expect_event(PUBLISHED, within)
    env.sim:fault { name = "link.close" }
    local lost = env.client:expect_event({ event = "mqtt.link_down" }, within).ms
    local again = env.client:expect_event({ event = "at", from = "host", text = "AT+CMQTTCONNECT*" }, within).ms
    t.check(again - lost >= 1000, ("it connects again after %.0f ms, and not a second"):format(again - lost))
  end,
}

advisor.test "MQTT Subscribe" {
  run = function(env)
    local packet_ = env.client:expect_event(packet "SUBSCRIBE", WITHIN)
    t.check(packet_.topics == nil or packet_.topics <= 8, "more than 8 filters in a SUBSCRIBE")
    env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTSUB", code = 0 }, WITHIN)
  end,
}

advisor.test "MQTT Subscribe Retry" {
  client = MANUAL,
  run = function(env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "in", packet = "SUBACK" }
    env.client:start()
    env.client:expect_event(packet "SUBSCRIBE", WITHIN)
    env.client:expect_event(packet "SUBSCRIBE", WITHIN)
    env.client:expect_event({ event = "mqtt.result", operation = "+CMQTTSUB", code = 0 }, WITHIN)
    t.eq(fault:fired(), 1)
  end,
}

advisor.test "MQTT Publish" {
  run = function(env)
    env.client:expect_event(packet "PUBLISH", WITHIN)
    env.client:expect_event(PUBLISHED, WITHIN)
  end,
}

advisor.test "MQTT Publish Retry" {
  client = MANUAL,
  run = function(env)
    local fault = env.sim:fault { name = "mqtt.drop", direction = "in", packet = "PUBACK" }
    env.client:start()
    local first = env.client:expect_event({ event = "at.data", command = "+CMQTTPAYLOAD" }, WITHIN)
    if env.client:expect_event(packet "PUBLISH", WITHIN).qos == 0 then
      fault:clear()
      t.skip("the client publishes with QoS 0 only")
    end
    env.client:expect_event({ event = "fault", step = "fired" }, WITHIN)
    local again = env.client:expect_event({ event = "at.data", command = "+CMQTTPAYLOAD" }, WITHIN)
    t.eq(again.data, first.data, "what is published behind the message without PUBACK")
    env.client:expect_event(PUBLISHED, WITHIN)
  end,
}

advisor.test "MQTT QoS" {
  run = function(env)
    for _ = 1, 3 do
      local p = env.client:expect_event(packet "PUBLISH", WITHIN)
      t.check(p.qos < 2, "QoS 2, which AWS IoT Core does not know")
      env.client:expect_event(PUBLISHED, WITHIN)
    end
  end,
}

advisor.test "MQTT No Ack PingResp" {
  -- A PINGREQ comes after the keep-alive, a minute of real time; the modem's word for a missing PINGRESP comes at once.
  run = function(env)
    env.client:expect_event(PUBLISHED, WITHIN)
    env.sim:urc "+CMQTTPING: 0,17"
    env.client:expect_event(packet "CONNECT", { within = advisor.WITHIN / 2 })
    env.client:expect_event(PUBLISHED, WITHIN)
  end,
}

advisor.test "MQTT Persistent Session" {
  run = function(env)
    local connect = env.client:expect_event(packet "CONNECT", WITHIN)
    env.client:expect_event(PUBLISHED, WITHIN)
    if connect.clean_session == 1 then
      return "clean sessions: what is sent while it is away is lost"
    end
    env.sim:fault { name = "link.reset_peer", when = packet "PUBLISH" }
    local again = env.client:expect_event(packet "CONNECT", WITHIN)
    t.eq(again.clean_session, 0, "clean session of the second CONNECT")
    env.client:expect_event(PUBLISHED, WITHIN)
  end,
}

--- A topic that a filter matches.
local function topic_of(filter)
  return (filter:gsub("[+#]", "advisor"))
end

advisor.test "MQTT Client Puback QoS1" {
  uses = { "certificates", "client" }, client = MANUAL,
  run = function(env)
    local c = advisor.open(env, {})
    local sub = advisor.serve(c, "SUBSCRIBE")
    local topic = sub.topics[1]
    t.check(topic.qos > 0, "it subscribes to " .. topic.filter .. " with QoS 0")
    c:suback(sub)
    local id = c:publish(topic_of(topic.filter), "advisor", { qos = 1 })
    t.eq(advisor.serve(c, "PUBACK").id, id)
    env.client:expect_event(packet("PUBLISH", "in"), WITHIN)
  end,
}

advisor.test "MQTT Expired Persistent Session" {
  uses = { "certificates", "client" }, client = MANUAL,
  run = function(env)
    local first, peer = advisor.open(env, {})
    local clean = advisor.serve(first, "CONNECT").clean_session
    first:connack(0)
    local sub = advisor.serve(first, "SUBSCRIBE")
    first:suback(sub)
    first:close()
    local second = advisor.accept(peer)
    advisor.serve(second, "CONNECT")
    second:connack(0, { session_present = false })
    t.eq(advisor.serve(second, "SUBSCRIBE").topics[1].filter, sub.topics[1].filter)
    if clean then
      return "clean sessions: there is none that could expire"
    end
  end,
}

advisor.test "MQTT Long Duration" {
  run = function(env)
    env.sim:fault { name = "link.reset_peer", when = { event = "mqtt", packet = "PUBLISH", dir = "out", nth = 10 } }
    for _ = 1, 25 do
      env.client:expect_event(PUBLISHED, WITHIN)
    end
    t.eq(#env.client:times("^AT%+CMQTTCONNECT"), 2, "connections in the time of 25 publishes and one interruption")
  end,
}
