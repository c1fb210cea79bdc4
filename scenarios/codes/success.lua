--- Code 0 of every command that has a result line, or an OK in its place.
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

local CURE = "Nothing to cure. Of CONNECT, PUB, SUB, UNSUB, START and STOP only the line with 0 says so: OK alone "
  .. "does not."

recipe {
  code = 0, kind = "natural", shape = "success", field = 1,
  cause = "the command succeeds", cure = CURE, spec = "4.1 to 4.16", evidence = "M, L",
  needs = { "peer" },
  on = {
    { "+CMQTTSTART", "", state = "stopped" }, { "+CMQTTSTOP", "", state = "free" },
    { "+CMQTTACCQ", '=0,"modemtest",0', state = "free" }, { "+CMQTTREL", "=0", state = "acquired" },
    { "+CMQTTWILLTOPIC", "=0,4", "gone", state = "acquired" }, { "+CMQTTWILLMSG", "=0,3,1", "bye", state = "acquired" },
    { "+CMQTTDISC", "=0,60", state = "connected" }, { "+CMQTTTOPIC", "=0,4", "a/bc", state = "connected" },
    { "+CMQTTPAYLOAD", "=0,5", "hello", state = "connected" },
    { "+CMQTTPUB", "=0,1,60", state = "connected",
      enter = function(dev) session.message(dev, "a/bc", "") end,
      play = function(connection) connection:puback(connection:expect "PUBLISH") end },
    { "+CMQTTSUBTOPIC", "=0,4,1", "a/bc", state = "connected" },
    { "+CMQTTSUB", "=0,4,1", "a/bc", state = "connected",
      play = function(connection) connection:suback(connection:expect "SUBSCRIBE") end },
    { "+CMQTTUNSUBTOPIC", "=0,4", "a/bc", state = "connected" },
    { "+CMQTTUNSUB", "=0,4,0", "a/bc", state = "connected",
      play = function(connection) connection:unsuback(connection:expect "UNSUBSCRIBE") end },
  },
}

recipe {
  code = 0, command = "+CMQTTCONNECT", rest = '=0,"tcp://BROKER:1883",60,1', kind = "natural", shape = "success",
  field = 2, cause = "the broker takes the client", cure = CURE, spec = "4.8", evidence = "M, L",
  needs = { "broker.policy" }, uses = { "modem", "broker" }, provision = false,
  run = function(dev, env, _, expect)
    recipe.enter(dev, "acquired")
    expect(dev:cmd("%s", session.connect_line(env.broker.plain_address)))
  end,
}
