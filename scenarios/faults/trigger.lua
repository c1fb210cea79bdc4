--- Faults that the client arms itself, by a client id or a topic (fault_triggers = on).
local t = require "modemtest"
local session = require "lib.mqtt_session"

-- The oldest firmware takes client ids of 23 bytes.
local ON = { keys = { fault_triggers = "on", ["range.clientid"] = "1-128" } }

local function scenario(name)
  return function(spec)
    spec.tags, spec.needs, spec.uses = { "faults", "mqtt" }, { "emulator", "peer" }, { "modem" }
    t.scenario(name)(spec)
  end
end

local function faults(env)
  return env.sim:control({ verb = "faults", modem = "modem0" }).faults
end

local function fired(env, n)
  local all = faults(env)
  t.eq(#all, 1)
  t.eq(all[1].fired, n)
end

local function peer()
  return t.peer { unread = true, allow = { "MQTT 3.1, 3.1" } }
end

scenario "a client id arms a fault, and is used as it stands" {
  sim = ON,
  run = function(dev, env)
    dev:cmd("AT+CMEE=1"):ok()
    session.start(dev)
    dev:cmd('AT+CMQTTACCQ=0,"fault:command.answer,command=+CSQ,answer=cme,code=30,count=2",0'):ok()
    for _ = 1, 2 do
      dev:cmd("AT+CSQ"):cme(30)
    end
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    fired(env, 2)
    local p = peer()
    local _, connect = session.connect_peer(dev, p)
    t.eq(connect.client_id, "fault:command.answer,command=+CSQ,answer=cme,code=30,count=2")
  end,
}

scenario "a topic arms a fault, and is not sent" {
  sim = ON,
  run = function(dev, env)
    local c = session.open_peer(dev, peer())
    session.publish(dev, "$fault/mqtt.drop/direction=out/packet=PUBLISH/nth=2", "")
    session.publish(dev, "one", "1")
    session.publish(dev, "two", "2")
    session.publish(dev, "three", "3")
    c:expect("PUBLISH", { topic = "one" })
    c:expect("PUBLISH", { topic = "three" })
    fired(env, 1)
  end,
}

scenario "a wrong trigger is told in the trace, and arms nothing" {
  sim = ON,
  cases = {
    { name = "no such fault", text = "nothing", reason = "there is no fault 'nothing'" },
    { name = "no value", text = "uart.drop,from", reason = "behind the name of a fault stands PARAM=VALUE" },
    { name = "out of range", text = "uart.drop,count=1000001", reason = "count takes 0 to 1000000" },
  },
  run = function(dev, env, p)
    session.start(dev)
    dev:cmd('AT+CMQTTACCQ=0,"fault:%s",0', p.text):ok()
    t.eq(#faults(env), 0)
    local found
    for _, event in ipairs(env.sim:control({ verb = "trace" }).events) do
      found = event.event == "fault" and event.step == "refused" and event or found
    end
    t.check(found, "the trace tells nothing")
    t.eq(found.reason:sub(1, #p.reason), p.reason)
    t.eq(found.text, p.text)
  end,
}

scenario "without fault_triggers they are a client id and a topic as any other" {
  run = function(dev, env)
    session.start(dev)
    dev:cmd('AT+CMQTTACCQ=0,"fault:urc.drop",0'):ok()
    local c = session.connect_peer(dev, peer())
    session.publish(dev, "$fault/modem.reboot", "x")
    c:expect("PUBLISH", { topic = "$fault/modem.reboot" })
    t.eq(#faults(env), 0)
  end,
}
