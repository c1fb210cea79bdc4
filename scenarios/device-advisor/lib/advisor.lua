--- What the tests of the offline Device Advisor share: the table of results, and the attempts of a client.
local t = require "modemtest"
local retry_curve = require "modemtest.retry_curve"
local watched = require "lib.watched_client"

local M = {}

M.client = watched.with
--- Limits short enough that an attempt which nobody answers ends, with the waits of the client still longer.
M.SIM = { keys = { time_percent = watched.PERCENT, timeout_percent = watched.PERCENT, connect_timeout_ms = 10000 } }
M.WITHIN = 20
M.ATTEMPTS = 8
M.PACKETS = 20

--- A test by the name that AWS gives it. spec: as for t.scenario; run(env) returns a warning, or nothing. The result
-- goes into the table: PASS, PASS_WITH_WARNINGS; FAIL is a failed scenario, or a deviation of the modem that is known.
function M.test(name)
  return function(spec)
    local run = spec.run
    spec.tags = { "client", "device-advisor" }
    spec.needs = { "mqtt", "tls", table.unpack(spec.needs or {}) }
    spec.uses = spec.uses or { "certificates", "broker", "client" }
    spec.profile = watched.REFERENCE
    spec.sim = spec.sim or M.SIM
    spec.client = spec.client or M.client()
    spec.run = function(_, env)
      local function result(word)
        env.tally { table = "AWS IoT Device Advisor, offline", columns = { "PASS", "PASS_WITH_WARNINGS", "FAIL" },
          row = name, column = word }
      end
      local ok, warning = xpcall(run, function(problem) return problem end, env)
      if not ok then
        result(spec.xfail and "FAIL" or "PASS")
        error(warning, 0)
      end
      if warning then
        t.warn(warning)
      end
      result(warning and "PASS_WITH_WARNINGS" or "PASS")
    end
    t.scenario(name)(spec)
  end
end

--- Field 'sim' of a test: with further keys.
function M.sim(keys)
  local all = {}
  for _, list in ipairs { M.SIM.keys, keys } do
    for key, value in pairs(list) do
      all[key] = value
    end
  end
  return { keys = all }
end

--- A scripted broker with TLS, and not strict: what it does is up to the test. tls: as t.peer has it.
function M.peer(tls)
  return t.peer { tls = tls, allow = { "MQTT-3.8.1-1" }, unread = true }
end

local ANSWERS = {
  CONNECT = function(c) c:connack(0) end,
  SUBSCRIBE = function(c, packet) c:suback(packet) end,
  PUBLISH = function(c, packet)
    if packet.qos == 1 then
      c:puback(packet)
    end
  end,
  PINGREQ = function(c) c:pingresp() end,
}

--- The client's connection to a scripted broker of its own, behind the handshake; and the peer. tls: as M.peer.
function M.open(env, tls)
  local peer = M.peer(tls)
  env.client:start { peer = peer }
  return M.accept(peer), peer
end

--- The peer's next connection, behind its handshake.
function M.accept(peer)
  local c = peer:accept { within = M.WITHIN }
  c:handshake { within = M.WITHIN }
  return c
end

--- Answers as any broker does until the modem sends a packet of this type, which it returns and does not answer.
function M.serve(c, wanted)
  for _ = 1, M.PACKETS do
    local packet = c:packet { within = M.WITHIN }
    if packet.type == wanted then
      return packet
    end
    t.check(ANSWERS[packet.type], ("%s, and %s was due"):format(packet.type, wanted))
    ANSWERS[packet.type](c, packet)
  end
  t.fail(("%d packets, and no %s"):format(M.PACKETS, wanted))
end

--- When the client's next attempts began and ended: two lists of ms. ends: the event of an end.
local function attempts(env, ends)
  local began, ended = {}, {}
  for i = 1, M.ATTEMPTS do
    began[i] = env.client:expect_event({ event = "at", from = "host", text = "AT+CMQTTCONNECT*" },
      { within = M.WITHIN }).ms
    ended[i] = env.client:expect_event(ends, { within = M.WITHIN }).ms
  end
  return began, ended
end

--- The client's next attempts, each of which ends with the event 'ends', follow an exponential curve at random. What
-- must be so: expect.curve (a name) and expect.jitter; where it need not, or the curve is not sure, it is a warning,
-- which is returned.
function M.backs_off(env, ends, expect)
  local began, ended = attempts(env, ends)
  local curve = retry_curve.classify(began, { ended = ended, percent = watched.PERCENT })
  env.note("the waits between its attempts: " .. curve.text)
  t.check(curve.curve ~= "none", "it tries again without any wait")
  local doubts = {}
  for _, case in ipairs { { curve.curve ~= "exponential", expect.curve, "its waits do not grow exponentially" },
    { not curve.jitter, expect.jitter, "its waits are not random" } } do
    local differs, must, words = table.unpack(case)
    t.check(not (differs and must and curve.sure), words .. ": " .. curve.text)
    doubts[#doubts + 1] = differs and words or nil
  end
  return #doubts > 0 and ("%s: %s"):format(table.concat(doubts, ", "), curve.text) or nil
end

return M
