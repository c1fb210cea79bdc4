--- The emulator's latest events: the whole way from a CONNECT to its code, and no secret among them.
local cjson = require "cjson"
local t = require "modemtest"

t.scenario "the trace leads from a CONNECT to its code" {
  tags = { "faults" },
  needs = { "fault" },
  uses = { "modem" },
  run = function(dev, env)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"traced",0'):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://127.0.0.1:1",60,1,"someone","hidden-word"'):result("+CMQTTCONNECT: 0,3")
    local wanted = { "mqtt.client", "tcp", "mqtt.link_down", "mqtt.result" }
    local events = env.sim:trace()
    for _, event in ipairs(events) do
      if event.event == wanted[1] then
        table.remove(wanted, 1)
      end
    end
    t.eq(wanted, {})
    t.check(not cjson.encode(events):find("hidden-word", 1, true), "the password is in the trace")
    t.eq(#env.sim:trace(2), 2)
    t.eq(env.sim:trace(1)[1].event, "at")
  end,
}

t.scenario "a fault that is taken back need not strike" {
  tags = { "faults" },
  needs = { "fault" },
  uses = { "modem" },
  run = function(dev, env)
    local fault = env.sim:fault { name = "command.answer", command = "+CSQ", answer = "cme", code = 30 }
    t.eq(fault:fired(), 0)
    fault:clear()
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
    env.sim:fault { name = "command.answer", command = "+CSQ", answer = "cme", code = 30 }
    dev:cmd("AT+CMEE=1"):ok()
    dev:cmd("AT+CSQ"):cme(30)
    dev:cmd("AT+CSQ"):ok():info("%+CSQ: .*")
  end,
}
