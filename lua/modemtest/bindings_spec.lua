--- The C bindings at their edges; what they do with a modem and a broker is shown by the scenarios.
local mqtt = require "modemtest.mqtt"
local port = require "modemtest.port"
local s = require "modemtest.spec"

s.test("port: failures of the environment are returned", function()
  for path, name in pairs({ ["/nonexistent/x"] = "ENOENT", ["/dev/null"] = "ENOTTY", ["/"] = "ENOTTY" }) do
    local p, message, code = port.open(path)
    s.eq({ p, code }, { nil, name })
    s.match(message, "^" .. name .. ": %w+")
  end
end)

s.test("port: misuse raises", function()
  s.check(not pcall(port.open), "no path")
  s.check(not pcall(port.open, "/dev/null", -1), "negative speed")
  s.check(not pcall(port.open, "/dev/null", "fast"), "speed is no number")
end)

s.test("mqtt: nobody listens", function()
  local client <close> = mqtt.new("id")
  local ok, message, code = client:connect("127.0.0.1", 1)
  s.eq({ ok, code }, { nil, "ECONNREFUSED" })
  s.match(message, "^ECONNREFUSED: ")
  s.eq(client:fd(), nil)
  s.eq(client:next_event(), nil)
end)

s.test("mqtt: misuse raises, close is idempotent", function()
  local client = mqtt.new("id")
  s.check(not pcall(client.connect, client, "h", 0), "port 0")
  s.check(not pcall(client.publish, client, "t", "p", 3), "QoS 3")
  s.check(not pcall(client.fd, {}), "no client")
  s.eq({ client:publish("t", "p", 0, false) },
    { nil, "EMQTT: The client is not currently connected.", "EMQTT" })
  client:close()
  client:close()
  s.check(not pcall(client.fd, client), "closed client")
end)

s.test("mqtt: a missing CA file", function()
  local client <close> = mqtt.new("id")
  local ok, _, code = client:tls("/nonexistent/ca.pem")
  s.eq(ok, nil)
  s.check(code ~= nil, "no code")
end)
