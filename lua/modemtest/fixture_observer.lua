--- Fixture "observer": a libmosquitto client on the broker's plain port that sees every message.
local uv = require "luv"
local fault = require "modemtest.fault"
local mqtt_client = require "modemtest.mqtt_client"

--- Topics of our own bookkeeping; the observer does not see them.
local MARKER = "modemtest/marker/"

local function connect(env, options)
  local broker = env.broker
  env._clients = (env._clients or 0) + 1
  return mqtt_client.connect({
    host = options.host or broker.plain_host, port = options.port or broker.plain_port,
    id = options.id or ("modemtest-%d-%d"):format(uv.os_getpid(), env._clients),
    clean = options.clean, user = options.user, password = options.password, ignore = options.ignore,
    tls = options.tls, actor = options.actor or "mqtt",
    transcript = env._transcript, factor = env._settings.factor,
  })
end

--- env.observer:client([{ id=, clean=, tls=, host=, port= }]) -> client
-- A further client with the observer's verbs, on the plain port unless host and port say otherwise;
-- closed with the fixture.
local function further_client(self, options)
  local client = connect(self.env, options or {})
  self.clients[#self.clients + 1] = client
  return client
end

--- env.observer:retained(topic) -> payload
-- What the broker has stored under a topic; "" for nothing.
local function retained(self, topic)
  local client = connect(self.env, {})
  local marker = MARKER .. self.env._clients
  client:subscribe(topic, 2)
  client:subscribe(marker, 2)
  -- Messages to one client keep their order, so the stored one is here before the marker.
  client:publish(marker, "", { qos = 1 })
  client:expect_message(marker)
  local event = client.events:take(function(e)
    return e.type == "message" and e.topic == topic and e.retain
  end)
  client:close()
  return event and event.payload or ""
end

return {
  uses = { "broker" },
  setup = function(env)
    if not env.broker.plain_port then
      fault.raise("skip", "the broker has no plain port for an observer")
    end
    local self = connect(env, { actor = "obs", ignore = MARKER })
    self.env, self.clients = env, {}
    self.client, self.retained = further_client, retained
    self:subscribe("#", 2)
    return self
  end,
  teardown = function(self)
    for _, client in ipairs(self.clients) do
      client:close()
    end
    self:close()
  end,
}
