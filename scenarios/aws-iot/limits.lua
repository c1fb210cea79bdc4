-- What AWS IoT Core refuses whatever the policy says (field-failures.md 4), as the modem shows it, and
-- the reason that the broker notes down.
local t = require "modemtest"
local aws = require "lib.aws_session"
require "lib.second_client"

local USES = { "modem", "broker", "certificates" }
local NEEDS = { "mqtt", "tls", "broker.policy" }
local ALL = aws.policy(aws.allow("iot:*", "*"))

--- The broker's decision of that rule; its reason has these words.
local function decided(env, rule, words)
  local seen = {}
  for _, decision in ipairs(env.broker:decisions()) do
    seen[#seen + 1] = decision.rule
    if decision.rule == rule and (decision.reason or ""):find(words, 1, true) then
      t.check(decision.remedy, "the decision names a remedy")
      return decision
    end
  end
  t.fail("no decision " .. rule .. " with '" .. words .. "' among " .. table.concat(seen, ", "))
end

t.scenario "a topic that is too deep, too long or reserved ends the connection" {
  tags = { "aws-iot", "limits", "publish" },
  needs = NEEDS,
  uses = USES,
  policy = ALL,
  run = function(dev, env)
    aws.start(dev, "thing1")
    for _, case in ipairs {
      { topic = ("a/"):rep(8) .. "b", rule = "CLIENT_ERROR", words = "at most 7 slashes; this one has 8" },
      { topic = ("x"):rep(257), rule = "CLIENT_ERROR", words = "at most 256 bytes; this one has 257" },
      { topic = "$SYS/own", rule = "AUTH_ERROR", words = "begin with $ are reserved" },
    } do
      aws.connect(dev, env)
      aws.publish(dev, case.topic, "refused", { code = 6 })
      dev:expect_urc("+CMQTTCONNLOST: 0,1")
      decided(env, case.rule, case.words)
      dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    end
    aws.connect(dev, env)
    aws.publish(dev, ("a/"):rep(7) .. "b", "seven slashes are allowed")
  end,
}

t.scenario "a subscription that is too deep ends the connection" {
  tags = { "aws-iot", "limits", "subscribe" },
  needs = NEEDS,
  uses = USES,
  policy = ALL,
  run = function(dev, env)
    aws.connected(dev, env)
    aws.subscribe(dev, ("a/"):rep(8) .. "#", 6)
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    decided(env, "CLIENT_ERROR", "at most 7 slashes")
  end,
}

t.scenario "QoS 2 is met with silence, so that the modem waits in vain: 17" {
  tags = { "aws-iot", "limits", "qos" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "observer" },
  sim = { keys = { ["range.pub_timeout"] = "1-180" } },
  run = function(dev, env)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTTOPIC=0,6"):prompt():data("thing1"):ok()
    dev:cmd("AT+CMQTTPAYLOAD=0,5"):prompt():data("never"):ok()
    dev:cmd("AT+CMQTTPUB=0,2,1"):result("+CMQTTPUB: 0,17")
    decided(env, "QOS_2_NOT_SUPPORTED", "this PUBLISH asks for it")
    aws.never_published(env, "thing1")
  end,
}

t.scenario "QoS 2 ends the connection where the broker is told so" {
  tags = { "aws-iot", "limits", "qos" },
  needs = NEEDS,
  uses = USES,
  broker = { args = { "--qos2", "close" } },
  run = function(dev, env)
    aws.connected(dev, env)
    aws.publish(dev, "thing1", "refused", { qos = 2, code = 6 })
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    decided(env, "QOS_2_NOT_SUPPORTED", "this PUBLISH asks for it")
  end,
}

t.scenario "retained messages come for exact topic filters only" {
  tags = { "aws-iot", "limits", "retained" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "observer" },
  policy = ALL,
  run = function(dev, env)
    env.observer:publish("kept/a", "kept", { qos = 1, retain = true })
    aws.connected(dev, env)
    aws.subscribe(dev, "kept/+")
    env.observer:publish("kept/b", "live", { qos = 1 })
    t.eq(dev:expect_message().topic, "kept/b") -- kept/a would have been first
    decided(env, "RETAINED_WILDCARD", "exact topic filters only")
    aws.subscribe(dev, "kept/a")
    t.eq(dev:expect_message().topic, "kept/a")
  end,
}

t.scenario "what came for a persistent session while away arrives right behind CONNECT" {
  tags = { "aws-iot", "limits", "session" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "observer" },
  run = function(dev, env)
    local line = ('AT+CMQTTCONNECT=0,"tcp://%s",60,0'):format(env.broker.address)
    aws.start(dev, "thing1")
    dev:cmd("%s", line):result("+CMQTTCONNECT: 0,0")
    aws.subscribe(dev, "thing1/stored")
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
    env.observer:publish("thing1/stored", "while away", { qos = 1 })
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd("%s", line):result("+CMQTTCONNECT: 0,0")
    t.eq(dev:expect_message().payload, "while away")
  end,
}

t.scenario "a second connection with the same client id takes the place of the first" {
  tags = { "aws-iot", "limits", "duplicate" },
  needs = NEEDS,
  uses = { "modem", "broker", "certificates", "things" },
  run = function(dev, env)
    aws.connected(dev, env)
    env.things:publish("thing1", "thing1/other", "I am thing1")
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    decided(env, "DUPLICATE_CLIENTID", "taken this one's place")
  end,
}

t.scenario "a client id that connects again within a second is throttled" {
  tags = { "aws-iot", "limits", "throttle" },
  needs = NEEDS,
  uses = USES,
  broker = { throttle = true },
  run = function(dev, env)
    aws.connected(dev, env)
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env, 6)
    decided(env, "CLIENT_ID_THROTTLE", "once in a second")
  end,
}

t.scenario "a client that is silent for one and a half times its keep-alive is closed" {
  tags = { "aws-iot", "limits", "keep-alive" },
  needs = NEEDS,
  uses = USES,
  broker = { args = { "--time-percent", "1" } }, -- 60 s are 0.6 s, closed after 0.9 s
  run = function(dev, env)
    aws.connected(dev, env)
    dev:expect_urc("+CMQTTCONNLOST: 0,1")
    decided(env, "MQTT_KEEP_ALIVE_TIMEOUT", "CONNECT asked for 60 s, AWS takes that as 60 s")
  end,
}

t.scenario "a server name can be demanded: enableSNI is the cure" {
  tags = { "aws-iot", "limits", "tls", "sni" },
  needs = { "mqtt", "tls", "broker.policy", "emulator" }, -- the endpoint is known by name there
  uses = USES,
  broker = { args = { "--sni", "required" } },
  sim = { args = aws.connect_to },
  run = function(dev, env)
    aws.start(dev, "thing1")
    local line = ('AT+CMQTTCONNECT=0,"tcp://%s",60,1'):format(aws.ENDPOINT)
    dev:cmd("%s", line):result("+CMQTTCONNECT: 0,32")
    decided(env, "TLS_SNI_MISSING", "names no server")
    if env.profile and tostring(env.key("csslcfg_fields")) == "8" then
      env.note("this firmware has no enableSNI, so there is no cure")
      return
    end
    dev:cmd('AT+CSSLCFG="enableSNI",0,1'):ok()
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd("%s", line):result("+CMQTTCONNECT: 0,0")
  end,
}

t.scenario "the port for ALPN refuses the modem, which offers none" {
  tags = { "aws-iot", "limits", "tls", "alpn" },
  needs = NEEDS,
  uses = USES,
  broker = { args = { "--alpn-port", "0" } },
  run = function(dev, env)
    aws.start(dev, "thing1")
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.alpn_address):result("+CMQTTCONNECT: 0,32")
    decided(env, "TLS_ALPN_MISSING", "it offers no ALPN")
  end,
}

t.scenario "a broker of TLS 1.2 refuses sslversion 2, and says what was offered" {
  tags = { "aws-iot", "limits", "tls" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    dev:cmd('AT+CSSLCFG="sslversion",0,2'):ok()
    aws.start(dev, "thing1")
    aws.connect(dev, env, 32)
    decided(env, "TLS_VERSION", "the client offers TLS 1.1 at most")
  end,
}
