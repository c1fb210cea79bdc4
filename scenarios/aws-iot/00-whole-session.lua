-- The AWS wiki from section 2 to section 7, as a person types it: CR+LF at the end of a line, the
-- client id without quotes, files dropped onto the terminal. Every answer is compared byte by byte;
-- success reads the same in all result styles.
local t = require "modemtest"
local aws = require "lib.aws_session"

local PAYLOAD = '{"message":"Hello"}' -- the wiki counts 19 characters
local FROM_AWS = "{\n  \"message\": \"Hello from AWS IoT console\"\n}" -- the console's test message

local function download(dev, env, name, file)
  aws.enter(dev, env, ('AT+CCERTDOWN="%s",%d'):format(name, #file), file)
end

local function download_certificates(dev, env)
  env.note("2. Download Certificates")
  local files = env.certificates
  dev:cmd("AT+CCERTLIST"):bytes("\r\nOK\r\n")
  download(dev, env, "clientcert.pem", files:certificate("thing1"))
  download(dev, env, "clientkey.pem", files:key("thing1"))
  download(dev, env, "cacert.pem", files:ca())
  dev:cmd("AT+CCERTLIST"):bytes('\r\n+CCERTLIST: "cacert.pem"\r\n+CCERTLIST: "clientcert.pem"\r\n'
    .. '+CCERTLIST: "clientkey.pem"\r\n\r\nOK\r\n')
end

local function configure_ssl(dev, env)
  env.note("3. Configuring SSL in SIM7600")
  for _, line in ipairs(aws.SSL_CONFIGURATION) do
    dev:cmd(line):bytes("\r\nOK\r\n")
  end
end

local function connect(dev, env)
  env.note("4. Starting the MQTT session and Connecting to Broker (AWS IoT Core)")
  dev:cmd("AT+CMQTTSTART"):bytes(aws.service(env, "start"))
  dev:cmd("AT+CMQTTACCQ=0,thing1,1"):bytes("\r\nOK\r\n")
  dev:cmd("AT+CMQTTSSLCFG=0,0"):bytes("\r\nOK\r\n")
  dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', aws.address(env))
      :bytes("\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
end

local function publish(dev, env)
  env.note("5. Subscribe and Publish of messages to Topics")
  aws.enter(dev, env, "AT+CMQTTTOPIC=0,8", "PubTopic")
  aws.enter(dev, env, "AT+CMQTTPAYLOAD=0,19", PAYLOAD)
  dev:cmd("AT+CMQTTPUB=0,1,60"):bytes("\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n")
  local m = env.observer:expect_message("PubTopic")
  t.eq({ m.payload, m.qos, m.retain }, { PAYLOAD, 1, false }, "what the broker received")
end

local function subscribe(dev, env)
  aws.enter(dev, env, "AT+CMQTTSUBTOPIC=0,8,1", "SubTopic")
  dev:cmd("AT+CMQTTSUB=0"):bytes("\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n")
  env.observer:publish("SubTopic", FROM_AWS, { qos = 1 })
  -- The wiki writes +CMQTTRCPAYLOAD, a slip of the pen.
  dev:expect_bytes("\r\n+CMQTTRXSTART: 0,8,45\r\n\r\n+CMQTTRXTOPIC: 0,8\r\nSubTopic"
    .. "\r\n+CMQTTRXPAYLOAD: 0,45\r\n" .. FROM_AWS .. "\r\n+CMQTTRXEND: 0\r\n")
end

local function unsubscribe(dev, env)
  env.note("6. Unsubscribe of Topics")
  aws.enter(dev, env, "AT+CMQTTUNSUBTOPIC=0,8", "SubTopic")
  dev:cmd("AT+CMQTTUNSUB=0,0"):bytes("\r\nOK\r\n\r\n+CMQTTUNSUB: 0,0\r\n")
  env.observer:publish("SubTopic", "nobody listens", { qos = 1 })
end

local function disconnect(dev, env)
  env.note("7. Disconnecting the Broker and Stop MQTT session")
  dev:cmd("AT+CMQTTDISC=0,60"):bytes("\r\nOK\r\n\r\n+CMQTTDISC: 0,0\r\n")
  dev:cmd("AT+CMQTTREL=0"):bytes("\r\nOK\r\n")
  dev:cmd("AT+CMQTTSTOP"):bytes(aws.service(env, "stop"))
end

t.scenario "the whole session of the wiki gives literally the wiki's answers" {
  tags = { "aws-iot", "wiki" },
  needs = { "mqtt", "tls" },
  uses = { "certificates", "broker", "observer", "modem" },
  destructive = true,
  provision = false,
  policy = "wiki-policy.json",
  sim = { args = aws.connect_to },
  run = function(dev, env)
    aws.terminal(dev)
    download_certificates(dev, env)
    configure_ssl(dev, env)
    connect(dev, env)
    publish(dev, env)
    subscribe(dev, env)
    unsubscribe(dev, env)
    disconnect(dev, env)
  end,
}
