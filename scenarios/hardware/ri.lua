--- The ring indicator: what pulls it, in the events of the trace and in the verb lines (general-commands.md A21). How
-- long it stays low is looked at in virtual time, by sim/modem/modem_ri_test.c.
local t = require "modemtest"

--- What some firmware reports of its bearer by itself would pull the line, too.
local function quiet(percent)
  return { keys = { pdn_event = "", time_percent = percent } }
end

--- All that the line did, as { "on urc", "off urc" }.
local function pulses(env)
  local list = {}
  for _, event in ipairs(env.sim:trace()) do
    if event.event == "ri" then
      list[#list + 1] = event.state .. " " .. event.cause
    end
  end
  return list
end

--- It goes low, and high again, for that cause.
local function expect_pulse(env, cause)
  env.sim:expect_event { event = "ri", state = "on", cause = cause }
  env.sim:expect_event { event = "ri", state = "off", cause = cause }
end

t.scenario "a line that comes by itself, where AT+CFGRI asks for that" {
  tags = { "hardware" }, needs = { "emulator" }, sim = quiet(100),
  run = function(dev, env)
    env.sim:urc("+X: 0")
    dev:expect_urc("+X: 0")
    dev:cmd("AT+CFGRI=1"):ok()
    t.eq(pulses(env), {})
    for n = 1, 2 do
      env.sim:urc("+X: " .. n)
      dev:expect_urc("+X: " .. n)
      expect_pulse(env, "urc")
    end
    dev:cmd("AT+CFGRI=0"):ok()
    env.sim:urc("+X: 3")
    dev:expect_urc("+X: 3")
    t.eq(pulses(env), { "on urc", "off urc", "on urc", "off urc" })
    t.eq(env.sim:lines().ri, "off")
  end,
}

t.scenario "the result of a command, behind its OK" {
  tags = { "hardware", "network" }, needs = { "emulator" }, sim = quiet(100),
  run = function(dev, env)
    dev:cmd("AT+CFGRI=1;+CFUN?"):ok():lines { "+CFUN: 1" }
    t.eq(pulses(env), {}) -- an answer is not told
    dev:cmd("AT+NETOPEN"):result("+NETOPEN: 0")
    expect_pulse(env, "urc")
  end,
}

t.scenario "a message, whatever AT+CFGRI says of lines, told or not" {
  tags = { "hardware", "sms" }, needs = { "emulator" }, sim = quiet(100),
  cases = { { line = "AT+CNMI=2,1" }, { line = "AT+CNMI=2,0" }, { line = "AT+CNMI=2,2" } },
  run = function(dev, env, p)
    dev:cmd(p.line .. ";+CMGF=1"):ok()
    env.sim:sms { from = "+12025550123", text = "awake?" }
    expect_pulse(env, "sms")
    t.eq(pulses(env), { "on sms", "off sms" })
    dev:forget() -- how it is told is looked at in sms/indications.lua
  end,
}

t.scenario "a message and the line that tells of it are one pulse" {
  tags = { "hardware", "sms" }, needs = { "emulator" }, sim = quiet(10),
  run = function(dev, env)
    dev:cmd("AT+CFGRI=1,10,6000"):ok()
    env.sim:sms { from = "+12025550123", text = "awake?" }
    dev:expect_urc('+CMTI: "%a+",%d+')
    env.sim:expect_event { event = "ri", state = "on", cause = "sms" }
    env.sim:expect_event { event = "ri", state = "off" }
    t.eq(#pulses(env), 2)
  end,
}

t.scenario "a call rings: low and high by turns until it is answered" {
  tags = { "hardware", "voice" }, needs = { "emulator" }, sim = quiet(20),
  run = function(dev, env)
    env.sim:call { from = "1234" }
    dev:expect_urc("RING")
    expect_pulse(env, "call")
    expect_pulse(env, "call")
    env.sim:expect_event { event = "ri", state = "on", cause = "call" }
    dev:cmd("ATA"):ok():lines { "VOICE CALL: BEGIN" }
    dev:forget() -- it has rung more than once
    t.eq(env.sim:lines().ri, "off")
    local active, last
    for n, event in ipairs(env.sim:trace()) do
      active = event.event == "call" and event.state == "active" and n or active
      last = event.event == "ri" and { n = n, state = event.state } or last
    end
    t.eq(last.state, "off")
    t.check(last.n < active, "it does not ring any more once the call is answered")
  end,
}

t.scenario "a call rings until the caller gives up" {
  tags = { "hardware", "voice" }, needs = { "emulator" }, sim = quiet(1000), -- it is low for 59 s
  run = function(dev, env)
    env.sim:call { from = "1234" }
    dev:expect_urc("RING")
    t.eq({ env.sim:lines().ri, env.sim:inspect().ri }, { "on", true })
    env.sim:call { action = "end" }
    t.eq({ env.sim:lines().ri, env.sim:inspect().ri }, { "off", false })
    t.eq(pulses(env), { "on call", "off call" })
    dev:expect("NO CARRIER")
    dev:expect("MISSED_CALL: %d%d:%d%d[AP]M 1234")
  end,
}

t.scenario "without power it is high" {
  tags = { "hardware", "reset" }, needs = { "emulator" }, sim = quiet(1000), -- pulses of a minute
  cases = { { press = "reset" }, { press = "cut" } },
  run = function(dev, env, p)
    dev:cmd("AT+CFGRI=1,6000,6000"):ok()
    env.sim:sms { from = "+12025550123", text = "awake?" }
    dev:expect_urc('+CMTI: "%a+",%d+')
    t.eq(env.sim:lines().ri, "on")
    env.sim:time(1)
    env.sim:power(p.press)
    t.eq(env.sim:lines().ri, "off")
    dev:expect_urc("PB DONE")
    dev:forget()
    dev:cmd("ATE0"):ok()
    dev:cmd("AT+CFGRI?"):ok():lines { "+CFGRI: 0,60,120" }
    t.eq(#pulses(env), 2)
  end,
}

t.scenario "the bare command sets what it was, AT&F does not" {
  tags = { "hardware", "settings" }, needs = { "emulator" }, sim = quiet(100),
  run = function(dev, env)
    dev:cmd("AT+CFGRI=1,6000,6000"):ok()
    dev:cmd("AT&FE0"):ok()
    dev:cmd("AT+CFGRI?"):ok():lines { "+CFGRI: 1,6000,6000" }
    dev:cmd("AT+CFGRI"):ok()
    dev:cmd("AT+CFGRI?"):ok():lines { "+CFGRI: 0,60,120" }
    env.sim:urc("+X: 1")
    dev:expect_urc("+X: 1")
    t.eq(pulses(env), {})
  end,
}
