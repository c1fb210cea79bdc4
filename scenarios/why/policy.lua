-- Causes at AWS IoT Core: the broker's decision stands behind the code, and the explanation quotes it.
local cause = require "lib.cause"
local session = require "lib.mqtt_session"

local function connect(dev, env, id, code)
  session.start(dev)
  session.acquire(dev, { id = id, type = 1 })
  dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
  dev:cmd("%s", session.connect_line(env.broker.address)):result(("+CMQTTCONNECT: 0,%d"):format(code or 0))
end

local function publish(dev, topic, options, code)
  session.message(dev, topic, "x")
  dev:cmd("AT+CMQTTPUB=0,%s", options):result(("+CMQTTPUB: 0,%d"):format(code))
end

local function subscribe(dev, filters, code)
  for _, filter in ipairs(filters) do
    session.data(dev, "+CMQTTSUBTOPIC=0,%d,1", filter):ok()
  end
  dev:cmd("AT+CMQTTSUB=0"):result(("+CMQTTSUB: 0,%d"):format(code))
end

local function aws(fields)
  fields.needs = { "emulator", "mqtt", "tls", "broker.policy" }
  fields.uses = { "modem", "broker", "certificates" }
  cause(fields)
end

aws {
  name = "the policy does not allow the client id",
  plant = function(dev, env) connect(dev, env, "not-my-thing", 6) end,
  first = { "CONNECT got 6", "policy", '"not-my-thing"', "client/thing1" }, remedy = "thing1",
}

aws {
  name = "the policy denies the client id in a statement",
  policy = { Version = "2012-10-17", Statement = {
    { Effect = "Allow", Action = "iot:*", Resource = "*" },
    { Sid = "NoModems", Effect = "Deny", Action = "iot:Connect",
      Resource = "arn:aws:iot:eu-west-1:1:client/modem*" } } },
  plant = function(dev, env) connect(dev, env, "modem7", 6) end,
  first = { '"modem7"', "NoModems" },
}

aws {
  name = "the policy does not allow the topic",
  plant = function(dev, env)
    connect(dev, env, "thing1")
    publish(dev, "other/topic", "1,60", 6)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { "PUB got 6", 'publishing to "other/topic"', "topic/thing1" },
}

aws {
  name = "with QoS 0 only the lost connection tells that the policy does not allow the topic",
  plant = function(dev, env)
    connect(dev, env, "thing1")
    publish(dev, "other/topic", "0,60", 0)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { "+CMQTTCONNLOST: 0,1", 'publishing to "other/topic"' },
}

aws {
  name = "the policy does not allow the topic filter",
  plant = function(dev, env)
    connect(dev, env, "thing1")
    subscribe(dev, { "#" }, 6)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { "SUB got 6", 'subscribing to "#"' },
}

aws {
  name = "the policy does not allow retained messages",
  policy = { Version = "2012-10-17", Statement = {
    { Effect = "Allow", Action = { "iot:Connect", "iot:Publish" }, Resource = "*" } } },
  plant = function(dev, env)
    connect(dev, env, "thing1")
    publish(dev, "thing1/a", "1,60,1", 6)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { 'retained messages on "thing1/a"' }, remedy = "iot:RetainPublish",
}

aws {
  name = "the certificate belongs to no thing",
  plant = function(dev, env)
    local files = env.certificates
    files:store(dev, "clientcert.pem", files:file "hostile/unregistered-certificate.pem.crt")
    files:store(dev, "clientkey.pem", files:file "hostile/unregistered-private.pem.key")
    connect(dev, env, "thing1", 6)
  end,
  first = { "certificate", "regist" },
}

aws {
  name = "the certificate is inactive",
  things = { thing1 = { status = "INACTIVE" } },
  plant = function(dev, env) connect(dev, env, "thing1", 6) end,
  first = { "certificate", "INACTIVE" },
}

aws {
  name = "no client certificate is sent",
  plant = function(dev, env)
    dev:cmd 'AT+CSSLCFG="authmode",0,1':ok()
    connect(dev, env, "thing1", 26)
  end,
  first = { "CONNECT got 26", "client certificate", "authmode" }, remedy = 'AT+CSSLCFG="authmode",0,2',
}

aws {
  name = "the endpoint wants its name, and the modem sends none",
  broker = { args = { "--sni", "required" } },
  plant = function(dev, env) connect(dev, env, "thing1", 32) end,
  first = { "CONNECT got 32", "server name" }, remedy = "enableSNI",
}

aws {
  name = "nine topic filters in one SUBSCRIBE",
  policy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "iot:*", Resource = "*" } } },
  plant = function(dev, env)
    connect(dev, env, "thing1")
    subscribe(dev, { "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9" }, 6)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { "SUB got 6", "9" },
}

aws {
  name = "a topic with eight slashes",
  policy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "iot:*", Resource = "*" } } },
  plant = function(dev, env)
    connect(dev, env, "thing1")
    publish(dev, "a/b/c/d/e/f/g/h/i", "1,60", 6)
    dev:expect_urc "+CMQTTCONNLOST: 0,1"
  end,
  first = { "PUB got 6", "slash" },
}

aws {
  name = "a client id connects twice in a second",
  broker = { throttle = true },
  plant = function(dev, env)
    connect(dev, env, "thing1")
    session.disconnect(dev)
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    dev:cmd("%s", session.connect_line(env.broker.address)):result "+CMQTTCONNECT: 0,6"
  end,
  first = { "CONNECT got 6", "second" },
}
