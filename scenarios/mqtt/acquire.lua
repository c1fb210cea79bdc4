--- ACCQ and REL: how a client id may be written, and what belongs to an acquired client.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

t.scenario "a client id as it is written" {
  tags = { "mqtt", "acquire" },
  cases = {
    { name = "quoted", text = '"thing1"', id = "thing1" },
    { name = "unquoted, as the wiki writes it", text = "thing1", id = "thing1" },
    { name = "with a space", text = '"my thing"', id = "my thing" },
    { name = "with a comma", text = '"a,b"', id = "a,b" },
    { name = "with a semicolon", text = '"a;b"', id = "a;b" },
    { name = "a number", text = "4711", id = "4711" },
    { name = "UTF-8", text = '"Gerät-7"', id = "Gerät-7" },
    { name = "mixed case", text = '"AbCdE"', id = "AbCdE" },
    { name = "spaces after the commas", line = 'AT+CMQTTACCQ=0, "thing1", 0', id = "thing1" },
    { name = "lower case command", line = 'at+cmqttaccq=0,"thing1",0', id = "thing1" },
  },
  run = function(dev, env, p)
    session.start(dev)
    dev:cmd("%s", p.line or ("AT+CMQTTACCQ=0,%s,0"):format(p.text)):ok()
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { session.client_line(env, 0, p.id, 0),
      session.client_line(env, 1, "", 0) }
  end,
}

t.scenario "server type and version may be left out" {
  tags = { "mqtt", "acquire" },
  cases = {
    { name = "both", rest = "", type = 0 }, { name = "version", rest = ",1", type = 1 },
    { name = "none", rest = ",1,3", type = 1, version = 3 },
    { name = "type only", rest = ",,3", type = 0, version = 3 },
  },
  run = function(dev, env, p)
    session.start(dev)
    local r = dev:cmd('AT+CMQTTACCQ=0,"a"%s', p.rest)
    local idle = { session.client_line(env, 0, "", 0), session.client_line(env, 1, "", 0) }
    if p.version and not session.has(env, "accq_version_param") then
      r:error():lines {}
    else
      r:ok():lines {}
      idle[1] = session.client_line(env, 0, "a", p.type, p.version)
    end
    dev:cmd("AT+CMQTTACCQ?"):ok():lines(idle)
  end,
}

t.scenario "REL gives back what belongs to the client, ACCQ begins with defaults" {
  tags = { "mqtt", "acquire" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    local default = session.default_version(env)
    session.acquire_version(dev, env, default == 3 and 4 or 3, { id = "old" })
    dev:cmd('AT+CMQTTCFG="checkUTF8",0,0'):ok()
    if session.has(env, "cfg.optimeout") then
      dev:cmd('AT+CMQTTCFG="optimeout",0,33'):ok()
    end
    session.data(dev, "+CMQTTWILLTOPIC=0,%d", "will"):ok()
    session.data(dev, "+CMQTTWILLMSG=0,%d,1", "gone"):ok()
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTCFG?"):ok():lines { session.settings_line(env, 0, 1, 120),
      session.settings_line(env, 1, 1, 120) }
    session.acquire(dev, { id = "new" })
    local _, packet = session.connect_peer(dev, env.peer, { keepalive = 60 })
    -- CONNECT without a will: flags 02 (clean session).
    t.eq(packet.bytes, default == 4 and "\x10\x0F\0\4MQTT\4\2\0\60\0\3new"
      or "\x10\x11\0\6MQIsdp\3\2\0\60\0\3new")
  end,
}

--- OK where the firmware has the keyword, ERROR where it has not.
local function keyword(dev, there, line)
  local r = dev:cmd("%s", line)
  return (there and r:ok() or not there and r:error()):lines {}
end

t.scenario "CMQTTCFG takes its keywords in any case, and aliauth" {
  tags = { "mqtt", "settings" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    dev:cmd('AT+CMQTTCFG="CHECKutf8",0,0'):ok():lines {}
    keyword(dev, session.has(env, "cfg.optimeout"), 'AT+CMQTTCFG="OpTimeout",0,60')
    keyword(dev, session.has(env, "cfg.version"), 'AT+CMQTTCFG="Version",0,3')
    keyword(dev, session.has(env, "cfg.aliauth"),
      'AT+CMQTTCFG="aliauth",0,"productkey","devicename","devicesecret"')
    dev:cmd('AT+CMQTTCFG="aliauth",0,"productkey"'):error():lines {}
    dev:cmd("AT+CMQTTCFG?"):ok():lines { session.settings_line(env, 0, 0, 60),
      session.settings_line(env, 1, 1, 120) }
  end,
}

t.scenario "REL of one client leaves the other alone" {
  tags = { "mqtt", "acquire" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev, { id = "zero" })
    session.acquire(dev, { id = "one", client = 1, type = 1 })
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { session.client_line(env, 0, "", 0),
      session.client_line(env, 1, "one", 1) }
    session.refused(dev, "AT+CMQTTWILLTOPIC=0,1", "+CMQTTWILLTOPIC: 0,20")
    session.data(dev, "+CMQTTWILLTOPIC=1,%d", "t"):ok()
  end,
}
