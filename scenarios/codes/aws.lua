--- The rules of AWS IoT Core beside the policy: what its device gateway does not take, and how the modem tells it.
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

local LOST = { "+CMQTTCONNLOST: 0,1" }
local STEPS = { "AT+CMQTTSTART", 'AT+CMQTTACCQ=0,"thing1",1', "AT+CMQTTSSLCFG=0,0",
  'AT+CSSLCFG="authmode",0,2   (and the three files)' }

local function begin_connect(dev, env)
  dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
  return dev:cmd("%s", session.connect_line(env.broker.address))
end

local function acquired(dev)
  session.start(dev)
  session.acquire(dev, { id = "thing1", type = 1 })
end

--- A recipe with the broker as AWS; steps: what comes behind STEPS.
local function on_aws(fields)
  fields.kind, fields.shape = "natural", fields.shape or "network"
  fields.needs, fields.uses = { "mqtt", "tls", "broker.policy" }, { "modem", "broker", "certificates" }
  local steps = { table.unpack(STEPS) }
  fields.steps = table.move(fields.steps or {}, 1, #(fields.steps or {}), #steps + 1, steps)
  recipe(fields)
end

--- The same, connected.
local function connected(fields)
  fields.state = "connected"
  fields.steps = table.move(fields.steps or {}, 1, #(fields.steps or {}), 2,
    { 'AT+CMQTTCONNECT=0,"tcp://ENDPOINT:8883",60,1' })
  fields.run = function(dev, env, row, expect)
    acquired(dev)
    begin_connect(dev, env):result "+CMQTTCONNECT: 0,0"
    row.enter(dev)
    expect(recipe.type(dev, env, row.quick or row))
  end
  on_aws(fields)
end

on_aws {
  code = 32, command = "+CMQTTCONNECT", rest = '=0,"tcp://ENDPOINT:8883",60,1', field = 1, shape = "unreached",
  broker = { args = { "--sni", "required" } },
  cause = "the endpoint wants its name in the handshake",
  how = "AWS IoT Core does not serve custom domains, and newer endpoints, without SNI.",
  steps = { 'AT+CSSLCFG="enableSNI",0,0   (the default)' },
  cure = 'AT+CSSLCFG="enableSNI",0,1, and the endpoint\'s name, not its IP address, in CONNECT.',
  spec = "5.1", evidence = "A; F02",
  run = function(dev, env, _, expect)
    acquired(dev)
    expect(begin_connect(dev, env))
  end,
}

connected {
  code = 17, command = "+CMQTTPUB", rest = "=0,2,60", field = 1, sim = { keys = { ["range.pub_timeout"] = "1-180" } },
  cause = "QoS 2, which AWS IoT Core does not answer",
  how = "No PUBREC ever comes. The timeout is 60 s at least; the scenario allows 1 s.",
  steps = { "AT+CMQTTTOPIC=0,6", "> thing1" },
  cure = "QoS 0 or 1.",
  spec = "3.2", evidence = "A; I",
  quick = { command = "+CMQTTPUB", rest = "=0,2,1" },
  enter = function(dev) session.message(dev, "thing1", "x") end,
}

connected {
  code = 6, command = "+CMQTTPUB", rest = "=0,1,60", behind = LOST, field = 3,
  cause = "a topic with more than seven slashes, or 256 bytes, on AWS IoT Core",
  steps = { "AT+CMQTTTOPIC=0,17", "> a/b/c/d/e/f/g/h/i" },
  cure = "A flatter topic; what begins with $aws/rules/NAME/ does not count.",
  spec = "3.2", evidence = "A; I",
  enter = function(dev) session.message(dev, "a/b/c/d/e/f/g/h/i", "x") end,
}

connected {
  code = 6, command = "+CMQTTSUB", rest = "=0", behind = LOST, field = 3,
  cause = "more than eight topic filters in one SUB, on AWS IoT Core",
  steps = { "nine times AT+CMQTTSUBTOPIC=0,8,1 with thing1/1 to thing1/9" },
  cure = "SUB after each eight SUBTOPIC; 50 filters in all.",
  spec = "3.2", evidence = "A; I",
  enter = function(dev)
    for n = 1, 9 do
      session.data(dev, "+CMQTTSUBTOPIC=0,%d,1", "thing1/" .. n):ok()
    end
  end,
}
