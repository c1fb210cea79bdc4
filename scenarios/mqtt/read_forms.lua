--- Read forms (?) of the MQTT commands, literally as section 4 of the specification prints them.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

t.scenario "read forms of idle clients" {
  tags = { "mqtt", "read-form" },
  run = function(dev, env)
    session.start(dev)
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { session.client_line(env, 0, "", 0),
      session.client_line(env, 1, "", 0) }
    dev:cmd("AT+CMQTTREL?"):ok():lines {}
    dev:cmd("AT+CMQTTSSLCFG?"):ok():lines { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1," }
    dev:cmd("AT+CMQTTCONNECT?"):ok():lines { "+CMQTTCONNECT: 0", "+CMQTTCONNECT: 1" }
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
    dev:cmd("AT+CMQTTCFG?"):ok():lines { session.settings_line(env, 0, 1, 120),
      session.settings_line(env, 1, 1, 120) }
  end,
}

t.scenario "read forms show what was set" {
  tags = { "mqtt", "read-form" },
  run = function(dev, env)
    session.start(dev)
    local version = session.acquire_version(dev, env, 3, { id = "first id", type = 1 })
    dev:cmd('AT+CMQTTACCQ=1,"second"'):ok()
    dev:cmd("AT+CMQTTSSLCFG=1,9"):ok()
    dev:cmd('AT+CMQTTCFG="checkUTF8",1,0'):ok()
    if session.has(env, "cfg.optimeout") then
      dev:cmd('AT+CMQTTCFG="optimeout",0,20'):ok()
    end
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { session.client_line(env, 0, "first id", 1, version),
      session.client_line(env, 1, "second", 0) }
    dev:cmd("AT+CMQTTSSLCFG?"):ok():lines { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1,9" }
    dev:cmd("AT+CMQTTCFG?"):ok():lines { session.settings_line(env, 0, 1, 20),
      session.settings_line(env, 1, 0, 120) }
  end,
}

t.scenario "CONNECT? and DISC? of a connected client" {
  tags = { "mqtt", "read-form" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = {
    { name = "no user", rest = "" },
    { name = "user", user = "joe", rest = ',"joe"' },
    { name = "user and password", user = "joe", password = "secret", rest = ',"joe","secret"' },
  },
  run = function(dev, env, p)
    session.open_peer(dev, env.peer, { keepalive = 300, clean = 0, user = p.user, password = p.password })
    dev:cmd("AT+CMQTTCONNECT?"):ok():lines {
      ('+CMQTTCONNECT: 0,"tcp://%s",300,0%s'):format(env.peer.address, p.rest), "+CMQTTCONNECT: 1" }
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" }
    session.disconnect(dev)
    dev:cmd("AT+CMQTTCONNECT?"):ok():lines { "+CMQTTCONNECT: 0", "+CMQTTCONNECT: 1" }
    dev:cmd("AT+CMQTTDISC?"):ok():lines { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
  end,
}
