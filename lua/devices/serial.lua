--- A physical SIM7600 on a serial port. A broker on this machine is out of its reach: name one that
-- it can reach with --broker.
local fault = require "modemtest.fault"

--- The modem must have a SIM card that works and be registered, or nothing can be said about MQTT.
local function check(dev)
  local cpin = dev:cmd("AT+CPIN?")
  local lines = cpin:lines()
  if lines[1] ~= "+CPIN: READY" then
    fault.raise("inconclusive", "no SIM card ready: " .. (lines[1] or cpin.final.text))
  end
  local registration = dev:cmd("AT+CEREG?"):lines()[1] or ""
  local state = registration:match("^%+CEREG: %d,(%d)")
  if state ~= "1" and state ~= "5" then
    fault.raise("inconclusive", "not registered with a network: " .. registration)
  end
end

--- A restart takes about 25 s: OK, silence, RDY ... PB DONE.
local function reset(dev, options)
  dev:cmd("AT+CRESET"):ok()
  dev:expect_urc("PB DONE", { within = options.within or 90 })
  dev:cmd("ATE0"):ok()
end

return {
  name = "serial",
  capabilities = { "mqtt", "tls", "certificates", "restart", "network" },
  profile = nil, -- whatever its firmware is
  factor = 3,
  -- What a registered modem says when it pleases (A13 of the general commands).
  allow = {
    "RDY", "SMS DONE", "PB DONE", "RING", "NO CARRIER", "%+CPIN: .*", "%+C[EG]?REG: .*", "%+CTZV: .*",
    "%+CGEV: .*", "%+CSQ: .*", "%+CNSMOD: .*", "%+CMTI: .*", "%+SIMCARD: .*", "%+CIPEVENT: .*",
    "MISSED_CALL: .*", "VOICE CALL: .*", "UNDER%-VOLTAGE WARNNING.*", "OVER%-VOLTAGE WARNNING.*",
  },
  leftovers = "warn",
  check = check,
  reset = reset,
}
