--- A result code that no outside cause brings, forced by the fault mqtt.result: on every command that has a line
-- for a code, in the order of lines of the profile.
local t = require "modemtest"

local function force(env, command, code, count)
  return env.sim:fault { name = "mqtt.result", command = command, code = code, count = count }
end

t.scenario "commands that are refused at once end with the code that a fault gives" {
  tags = { "faults" },
  needs = { "fault" },
  uses = { "modem" },
  run = function(dev, env)
    local fault = force(env, "+CMQTTSTART", 4)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 4"):error()
    t.eq(fault:fired(), 1)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    force(env, "+CMQTTACCQ", 20)
    dev:cmd('AT+CMQTTACCQ=0,"forced",0'):result("+CMQTTACCQ: 0,20"):error()
    dev:cmd('AT+CMQTTACCQ=0,"forced",0'):ok()
    force(env, "+CMQTTWILLTOPIC", 8)
    dev:cmd("AT+CMQTTWILLTOPIC=0,3"):result("+CMQTTWILLTOPIC: 0,8"):error()
    force(env, "+CMQTTCONNECT", 12)
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://nowhere.invalid:1883",60,1')
        :result("+CMQTTCONNECT: 0,12"):error()
    force(env, "+CMQTTREL", 14)
    dev:cmd("AT+CMQTTREL=0"):result("+CMQTTREL: 0,14"):error()
    dev:cmd("AT+CMQTTREL=0"):ok()
    force(env, "+CMQTTSTOP", 8)
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 8"):error()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
  end,
}

t.scenario "a CONNECT ends with the code that a fault gives, twice, and leaves the client acquired" {
  tags = { "faults" },
  needs = { "fault" },
  uses = { "modem" },
  run = function(dev, env)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"forced",0'):ok()
    local fault = force(env, "+CMQTTCONNECT", 30, 2)
    for _ = 1, 2 do
      dev:cmd('AT+CMQTTCONNECT=0,"tcp://nowhere.invalid:1883",60,1'):result("+CMQTTCONNECT: 0,30")
    end
    t.eq(fault:fired(), 2)
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,11")
    dev:cmd("AT+CMQTTREL=0"):ok()
  end,
}
