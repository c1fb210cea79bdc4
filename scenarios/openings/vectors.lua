--- Conformance vectors 11, 12, 17 and 19 of general-commands.md D1, as exact bytes. 1 to 9, 13 to 15 and 18
-- are in scenarios/at/vectors.lua; 10, 16 and 20, which need what is not modelled yet, in later.lua.
local t = require "modemtest"
local answer = require "lib.answer"
local client = require "lib.client"

local ok, refused, unit, echoed = answer.ok, answer.refused, answer.unit, answer.echoed

local ZERO = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

local VECTORS = {
  { "11: NETOPEN twice",
    { "AT+NETOPEN\r", ok() .. unit "+NETOPEN: 0" },
    { "AT+NETOPEN\r", refused "+IP ERROR: Network is already opened" } },
  { "12: NETCLOSE when closed",
    { "AT+NETCLOSE\r", refused "+NETCLOSE: 2" } },
  { "17: three contexts are one unit",
    { "AT+CGDCONT?\r", ok('+CGDCONT: 1,"IP","internet","0.0.0.0",0,0,0,0',
      ('+CGDCONT: 2,"IPV4V6","ims","%s",0,0,0,0'):format(ZERO),
      ('+CGDCONT: 3,"IPV4V6","sos","%s",0,0,0,1'):format(ZERO)) } },
}

t.scenario "vectors without echo" {
  tags = { "openings", "vectors", "bytes" }, needs = { "emulator" },
  cases = client.cases(VECTORS),
  run = function(dev, env, p)
    client.play(dev, env, p.steps)
  end,
}

t.scenario "vectors with echo" {
  tags = { "openings", "vectors", "bytes", "echo" }, needs = { "emulator" }, echo = true,
  cases = client.cases(VECTORS),
  run = function(dev, env, p)
    for _, step in ipairs(p.steps) do
      client.play(dev, env, { { step[1], echoed(step[1], step[2]) } })
    end
  end,
}

t.scenario "vector 19: ESC at the prompt of CMGS, and no message" {
  tags = { "openings", "vectors", "bytes", "sms" }, needs = { "emulator" },
  run = function(dev, env)
    client.play(dev, env, {
      { "AT+CMGF=1\r", ok() },
      { 'AT+CMGS="+1"\r', "\r\n> " },
      { "hi", "" },
      { "\27", ok() },
      { 'AT+CMGL="ALL"\r', ok() },
      { "AT\r", ok() },
    })
  end,
}
