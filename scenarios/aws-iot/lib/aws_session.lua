--- The steps of the AWS wiki that many scenarios share, and AWS policy documents.
-- Used by the scenarios of this folder only. Every step fails the scenario unless it succeeds, or
-- gets the code that was asked for.
local cjson = require "cjson"
local text = require "modemtest.text"

local M = {}

--- AWS names everything by account and region; any account will do here.
local ARN = "arn:aws:iot:eu-west-1:123456789012:"

--- The endpoint that the AWS console shows under Settings.
M.ENDPOINT = "a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com:8883"

--- sim.args of an emulator that finds the local broker behind that endpoint.
function M.connect_to(env)
  return { "--connect-to", M.ENDPOINT .. ":" .. env.broker.address }
end

--- The address to type: the endpoint where the modem can be told where that is, else the broker's.
function M.address(env)
  return env.sim and M.ENDPOINT or env.broker.address
end

--- A terminal as section 1 of the wiki sets it: a new line is CR+LF. It opens empty.
function M.terminal(dev)
  dev:forget()
  dev.line_end = "\r\n"
end

--- The value of a key of this run's profile; of a modem whose profile is not known that of the wiki's device.
local function key(env, name, reference)
  return env.profile and tostring(env.key(name)) or reference
end

--- Exact bytes of a network command that the broker refuses: the wiki's order, or that of the raw captures.
function M.refusal(env, line)
  if key(env, "result_style", "sync") ~= "sync" then
    return ("\r\nOK\r\n\r\n%s\r\n"):format(line)
  end
  return ("\r\n%s\r\n\r\nERROR\r\n"):format(line)
end

--- Exact bytes of START or STOP ("start", "stop") that succeeds: the wiki's order, or the one of the profile.
function M.service(env, what)
  local line = ("\r\n+CMQTT%s: 0\r\n"):format(what:upper())
  local ok_first = key(env, "order." .. what, "urc_ok") == "ok_urc"
  return ok_first and "\r\nOK\r\n" .. line or line .. "\r\nOK\r\n"
end

--- A command with a prompt and its data, each answer as exact bytes.
function M.enter(dev, env, command, bytes)
  local prompt = text.unescape(key(env, "prompt", "\\r\\n>"))
  dev:cmd("%s", command):bytes(prompt):data(bytes):bytes("\r\nOK\r\n")
end

--- The code of a CONNECT that finds a file of its SSL context missing.
function M.no_file(env)
  return math.tointeger(tonumber(key(env, "open_session_code", "34")))
end

--- The line of AT+CSSLCFG? for context 0 behind the wiki's configuration: old firmware ends it behind the
-- files, A76XX has the key's password and SNI behind them, SIM7600 SNI, password and cipher suites.
function M.configured(env)
  local rest = { ["8"] = "", ["10"] = ',"",0', ["11"] = ',0,"",0x0' }
  return '+CSSLCFG: 0,4,2,1,300,"cacert.pem","clientcert.pem","clientkey.pem"'
    .. rest[key(env, "csslcfg_fields", "11")]
end

--- Section 3 of the wiki: SSL context 0 uses cacert.pem, clientcert.pem and clientkey.pem.
M.SSL_CONFIGURATION = {
  'AT+CSSLCFG="sslversion",0,4',
  'AT+CSSLCFG="authmode",0,2',
  'AT+CSSLCFG="cacert",0,"cacert.pem"',
  'AT+CSSLCFG="clientcert",0,"clientcert.pem"',
  'AT+CSSLCFG="clientkey",0,"clientkey.pem"',
}

--- START, ACCQ and SSLCFG for client 0 with this client id.
function M.start(dev, client_id)
  dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
  dev:cmd('AT+CMQTTACCQ=0,"%s",1', client_id):ok()
  dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
end

--- CONNECT with this result, 0 unless told.
function M.connect(dev, env, code)
  dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address)
      :result(("+CMQTTCONNECT: 0,%d"):format(code or 0))
end

--- start() and connect() with success.
function M.connected(dev, env, client_id)
  M.start(dev, client_id or "thing1")
  M.connect(dev, env)
end

--- Topic, payload and PUB. options: qos (1), retained (0), code (0).
function M.publish(dev, topic, payload, options)
  options = options or {}
  dev:cmd("AT+CMQTTTOPIC=0,%d", #topic):prompt():data(topic):ok()
  dev:cmd("AT+CMQTTPAYLOAD=0,%d", #payload):prompt():data(payload):ok()
  dev:cmd("AT+CMQTTPUB=0,%d,60,%d", options.qos or 1, options.retained or 0)
      :result(("+CMQTTPUB: 0,%d"):format(options.code or 0))
end

--- SUBTOPIC and SUB with QoS 1 and this result, 0 unless told.
function M.subscribe(dev, filter, code)
  dev:cmd("AT+CMQTTSUBTOPIC=0,%d,1", #filter):prompt():data(filter):ok()
  dev:cmd("AT+CMQTTSUB=0"):result(("+CMQTTSUB: 0,%d"):format(code or 0))
end

--- The broker passed on nothing under this topic: a message sent behind it is here and it is not.
function M.never_published(env, topic)
  env.observer:publish("end/of/the/list", "", { qos = 1 })
  env.observer:expect_message("end/of/the/list")
  env.observer:no_message(topic, { during = 0 })
end

--- One statement: allow("iot:Publish", "topic/thing1"). Action and resource: a text or a list.
local function statement(effect, action, resource)
  local resources = {}
  for i, name in ipairs(type(resource) == "table" and resource or { resource }) do
    resources[i] = name == "*" and name or ARN .. name
  end
  return { Effect = effect, Action = action, Resource = resources }
end

function M.allow(action, resource)
  return statement("Allow", action, resource)
end

function M.deny(action, resource)
  return statement("Deny", action, resource)
end

--- A policy document of these statements, as the table that a scenario's 'policy' takes.
function M.policy(...)
  return { Version = "2012-10-17", Statement = { ... } }
end

--- Attaches another policy document to every certificate; the broker restarts with it.
function M.attach_policy(env, document)
  env.broker.policy = env.file("attached-policy.json", cjson.encode(document))
  env.broker:restart()
end

return M
