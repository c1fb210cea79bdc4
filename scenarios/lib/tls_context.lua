--- SSL contexts and a CONNECT over one of them, as every scenario of TLS needs them.
-- A modem that is not restarted between two scenarios must be no trap, and some settings cannot be taken
-- back: no command clears a file name or the cipher suites. So contexts have their uses, for the scenarios
-- of ../tls, ../codes and ../certificates.
local t = require "modemtest"

local M = {
  -- 0 is thing1's (fixture "certificates"), 1 is the second client's.
  KEY_PASSWORD = 3, -- the only one with a key password, "" at the end
  CIPHERS = 4,      -- the only one with cipher suites, 0xFFFF at the end
  SPARE = 5,        -- any file
  CA_ONLY = 6,      -- never a clientcert, never a clientkey
  WITHOUT = { cacert = 7, clientcert = 8, clientkey = 9 }, -- never this file
}

local FILES = { "cacert", "clientcert", "clientkey" }

--- tls.code(env, code) -> the code of CONNECT that this firmware has for it
-- 34, TLS could not be set up, came later than the first firmware (key open_session_code). Where the profile is not
-- known, a modem of today is assumed.
function M.code(env, code)
  return code == 34 and env.profile and tonumber(env.key "open_session_code") or code
end

--- Sets these of the context's settings: { authmode = 2, cacert = "cacert.pem", ... }.
function M.set(dev, context, settings)
  for _, name in ipairs { "sslversion", "authmode", "ignorelocaltime", "negotiatetime" } do
    if settings[name] then
      dev:cmd('AT+CSSLCFG="%s",%d,%d', name, context, settings[name]):ok()
    end
  end
  for _, name in ipairs(FILES) do
    if settings[name] then
      dev:cmd('AT+CSSLCFG="%s",%d,"%s"', name, context, settings[name]):ok()
    end
  end
end

--- tls.set_where_offered(dev, context, name, value) -> is it set?
-- For enableSNI, keypwd, password and ciphersuites, which not every firmware has: where the device does not name
-- the setting in its test answer, it must refuse it.
function M.set_where_offered(dev, context, name, value)
  local offered = dev:ranges("+CSSLCFG")[name] ~= nil
  local r = dev:cmd('AT+CSSLCFG="%s",%d,%s', name, context, value)
  if offered then
    r:ok()
  else
    r:error()
  end
  return offered
end

--- tls.set_key_password(dev, env, context, password) -> is it given?
-- The password of the context's key: "keypwd", on the A76XX "password", the name of a file whose first line it is.
-- Firmware of 2018 has neither.
function M.set_key_password(dev, env, context, password)
  if M.set_where_offered(dev, context, "keypwd", ('"%s"'):format(password)) then
    return true
  end
  env.certificates:store(dev, "key-password.pem", password .. "\r\n")
  return M.set_where_offered(dev, context, "password", '"key-password.pem"')
end

--- The context that never names a file of this kind, with thing1's other two.
function M.without(dev, kind)
  local context = M.WITHOUT[kind]
  for _, other in ipairs(FILES) do
    if other ~= kind then
      M.set(dev, context, { [other] = other .. ".pem" })
    end
  end
  M.check_unnamed(dev, context, { [kind] = true })
  return context
end

--- Skips the scenario where somebody else has named such a file in the context.
function M.check_unnamed(dev, context, kinds)
  local line = dev:cmd("AT+CSSLCFG=%d", context):ok():lines()[1]
  local names = { line:match('^%+CSSLCFG: %d,%d,%d,%d,%d+,"(.-)","(.-)","(.-)"') }
  for i, kind in ipairs(FILES) do
    if kinds[kind] and names[i] ~= "" then
      t.skip(("SSL context %d of the modem names a %s: restart the modem"):format(context, kind))
    end
  end
end

--- START and ACCQ of client 0 as thing1, over TLS unless server_type is 0.
function M.acquire(dev, server_type)
  dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
  dev:cmd('AT+CMQTTACCQ=0,"thing1",%d', server_type or 1):ok()
end

--- Sends CONNECT of client 0 over this SSL context and does not wait: returns the response.
function M.begin_connect(dev, address, context)
  dev:cmd("AT+CMQTTSSLCFG=0,%d", context or 0):ok()
  return dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', address)
end

--- CONNECT of the acquired client 0 over this SSL context, with this result.
function M.connect(dev, address, code, context)
  M.begin_connect(dev, address, context):result(("+CMQTTCONNECT: 0,%d"):format(code))
end

--- acquire() and connect().
function M.session(dev, address, code, context)
  M.acquire(dev)
  M.connect(dev, address, code, context)
end

--- tls.played(dev, peer, code, play [, {host="127.0.0.1", context=}]) -> connection
-- CONNECT of the acquired client 0 to a t.peer, which does what play(connection) says; with this result.
function M.played(dev, peer, code, play, options)
  options = options or {}
  local r = M.begin_connect(dev, (options.host or peer.host) .. ":" .. peer.port, options.context)
  local connection = peer:accept()
  play(connection)
  r:result(("+CMQTTCONNECT: 0,%d"):format(code))
  return connection
end

--- tls.client_hello(dev [, {host=, context=}]) -> hello
-- The ClientHello of the acquired client 0, to a server that closes then: { version, suites, server_name, ... }.
function M.client_hello(dev, options)
  local peer = t.peer { tls = { at = { ClientHello = "close" } } }
  local seen
  M.played(dev, peer, 26, function(connection)
    seen = connection:message("ClientHello").client_hello
  end, options)
  return seen
end

--- A connected client publishes, and the broker really gets it.
function M.publish(dev, env, payload)
  dev:cmd("AT+CMQTTTOPIC=0,6"):prompt():data("thing1"):ok()
  dev:cmd("AT+CMQTTPAYLOAD=0,%d", #payload):prompt():data(payload):ok()
  dev:cmd("AT+CMQTTPUB=0,1,60"):result("+CMQTTPUB: 0,0")
  t.eq(env.observer:expect_message("thing1").payload, payload, "what the broker received")
end

function M.disconnect(dev)
  dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
end

--- Stores a file, runs fn, and deletes the file again.
function M.with_file(dev, env, name, bytes, fn)
  env.certificates:store(dev, name, bytes)
  fn()
  dev:cmd('AT+CCERTDELE="%s"', name):ok()
end

return M
