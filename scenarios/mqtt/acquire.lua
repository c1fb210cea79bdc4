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
  run = function(dev, _, p)
    session.start(dev)
    dev:cmd("%s", p.line or ("AT+CMQTTACCQ=0,%s,0"):format(p.text)):ok()
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { ('+CMQTTACCQ: 0,"%s",0,4'):format(p.id),
      '+CMQTTACCQ: 1,"",0,4' }
  end,
}

t.scenario "server type and version may be left out" {
  tags = { "mqtt", "acquire" },
  cases = {
    { name = "both", rest = "", shown = "0,4" }, { name = "version", rest = ",1", shown = "1,4" },
    { name = "none", rest = ",1,3", shown = "1,3" }, { name = "type only", rest = ",,3", shown = "0,3" },
  },
  run = function(dev, _, p)
    session.start(dev)
    dev:cmd('AT+CMQTTACCQ=0,"a"%s', p.rest):ok()
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { '+CMQTTACCQ: 0,"a",' .. p.shown, '+CMQTTACCQ: 1,"",0,4' }
  end,
}

t.scenario "REL gives back what belongs to the client, ACCQ begins with defaults" {
  tags = { "mqtt", "acquire" },
  needs = { "broker.policy" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev, { id = "old", version = 3 })
    dev:cmd('AT+CMQTTCFG="checkUTF8",0,0'):ok()
    dev:cmd('AT+CMQTTCFG="optimeout",0,33'):ok()
    session.data(dev, "+CMQTTWILLTOPIC=0,%d", "will"):ok()
    session.data(dev, "+CMQTTWILLMSG=0,%d,1", "gone"):ok()
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTCFG?"):ok():lines { "+CMQTTCFG: 0,1,120", "+CMQTTCFG: 1,1,120" }
    session.acquire(dev, { id = "new" })
    local _, packet = session.connect_peer(dev, env.peer, { keepalive = 60 })
    -- CONNECT of MQTT 3.1.1 without a will: flags 02 (clean session).
    t.eq(packet.bytes, "\x10\x0F\0\4MQTT\4\2\0\60\0\3new")
  end,
}

t.scenario "CMQTTCFG takes its keywords in any case, and aliauth" {
  tags = { "mqtt", "settings" },
  run = function(dev)
    session.start(dev)
    session.acquire(dev)
    dev:cmd('AT+CMQTTCFG="CHECKutf8",0,0'):ok():lines {}
    dev:cmd('AT+CMQTTCFG="OpTimeout",0,60'):ok():lines {}
    dev:cmd('AT+CMQTTCFG="aliauth",0,"productkey","devicename","devicesecret"'):ok():lines {}
    dev:cmd('AT+CMQTTCFG="aliauth",0,"productkey"'):error():lines {}
    dev:cmd("AT+CMQTTCFG?"):ok():lines { "+CMQTTCFG: 0,0,60", "+CMQTTCFG: 1,1,120" }
  end,
}

t.scenario "REL of one client leaves the other alone" {
  tags = { "mqtt", "acquire" },
  run = function(dev)
    session.start(dev)
    session.acquire(dev, { id = "zero" })
    session.acquire(dev, { id = "one", client = 1, type = 1 })
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTACCQ?"):ok():lines { '+CMQTTACCQ: 0,"",0,4', '+CMQTTACCQ: 1,"one",1,4' }
    session.refused(dev, "AT+CMQTTWILLTOPIC=0,1", "+CMQTTWILLTOPIC: 0,20")
    session.data(dev, "+CMQTTWILLTOPIC=1,%d", "t"):ok()
  end,
}
