--- Number and type of parameters, and forms a command does not have: a plain ERROR, whatever the state
-- (rule 1 of section 2.1), before any other check and without a prompt.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

--- Lines that are a plain ERROR in every state.
local WRONG = {
  -- forms that do not exist
  "+CMQTTSTART?", "+CMQTTSTART=1", "+CMQTTSTOP?", "+CMQTTSTOP=0", "+CMQTTACCQ", "+CMQTTREL", "+CMQTTSSLCFG",
  "+CMQTTWILLTOPIC", "+CMQTTWILLTOPIC?", "+CMQTTWILLMSG", "+CMQTTWILLMSG?", "+CMQTTCONNECT", "+CMQTTDISC",
  "+CMQTTTOPIC", "+CMQTTTOPIC?", "+CMQTTPAYLOAD", "+CMQTTPAYLOAD?", "+CMQTTPUB", "+CMQTTPUB?",
  "+CMQTTSUBTOPIC", "+CMQTTSUBTOPIC?", "+CMQTTSUB", "+CMQTTSUB?", "+CMQTTUNSUBTOPIC", "+CMQTTUNSUBTOPIC?",
  "+CMQTTUNSUB", "+CMQTTUNSUB?", "+CMQTTCFG",
  -- too few
  "+CMQTTACCQ=", "+CMQTTACCQ=0", "+CMQTTREL=", "+CMQTTSSLCFG=0", "+CMQTTWILLTOPIC=0", "+CMQTTWILLMSG=0",
  "+CMQTTWILLMSG=0,1", "+CMQTTCONNECT=0", '+CMQTTCONNECT=0,"tcp://a.b:1"', '+CMQTTCONNECT=0,"tcp://a.b:1",60',
  "+CMQTTDISC=", "+CMQTTTOPIC=0", "+CMQTTPAYLOAD=0", "+CMQTTPUB=0", "+CMQTTPUB=0,1", "+CMQTTSUBTOPIC=0",
  "+CMQTTSUBTOPIC=0,1", "+CMQTTSUB=", "+CMQTTUNSUBTOPIC=0", "+CMQTTUNSUB=", '+CMQTTCFG="checkUTF8"',
  '+CMQTTCFG="checkUTF8",0', '+CMQTTCFG="optimeout",0',
  -- too many
  '+CMQTTACCQ=0,"a",0,4,0', "+CMQTTREL=0,0", "+CMQTTSSLCFG=0,0,0", "+CMQTTWILLTOPIC=0,1,0",
  "+CMQTTWILLMSG=0,1,0,0", '+CMQTTCONNECT=0,"tcp://a.b:1",60,1,"u","p",0', "+CMQTTDISC=0,60,0",
  "+CMQTTTOPIC=0,1,0", "+CMQTTPAYLOAD=0,1,0", "+CMQTTPUB=0,0,60,0,0,0", "+CMQTTSUBTOPIC=0,1,0,0",
  "+CMQTTSUB=0,1,0,0,0", "+CMQTTUNSUBTOPIC=0,1,0", "+CMQTTUNSUB=0,1,0,0", '+CMQTTCFG="checkUTF8",0,1,1',
  -- left empty
  "+CMQTTACCQ=,\"a\",0", "+CMQTTACCQ=0,,0", "+CMQTTREL=,", "+CMQTTSSLCFG=,0", "+CMQTTSSLCFG=0,",
  "+CMQTTWILLTOPIC=,1", "+CMQTTWILLTOPIC=0,", "+CMQTTWILLMSG=0,,0", '+CMQTTCONNECT=0,"tcp://a.b:1",,1',
  "+CMQTTTOPIC=0,", "+CMQTTPAYLOAD=0,", "+CMQTTPUB=0,,60", "+CMQTTSUBTOPIC=0,1,",
  -- no number where one is wanted
  '+CMQTTACCQ="0","a",0', '+CMQTTACCQ=0,"a","0"', "+CMQTTREL=x", '+CMQTTREL="0"', "+CMQTTSSLCFG=0,x",
  "+CMQTTWILLTOPIC=0,x", '+CMQTTWILLTOPIC=0,"1"', "+CMQTTWILLMSG=0,1,x", '+CMQTTCONNECT=0,"tcp://a.b:1",x,1',
  '+CMQTTCONNECT=0,"tcp://a.b:1",60,"1"', "+CMQTTDISC=0,x", "+CMQTTTOPIC=0,x", '+CMQTTTOPIC=0,"abc"',
  "+CMQTTTOPIC=0,0x10", "+CMQTTPAYLOAD=0,1x", "+CMQTTPUB=0,x,60", '+CMQTTPUB=0,0,"60"', "+CMQTTPUB=0,0,60,x",
  "+CMQTTSUBTOPIC=0,1,x", "+CMQTTUNSUBTOPIC=0,x", "+CMQTTSUB=0,1.5,0", '+CMQTTCFG="checkUTF8",0,x',
  -- an unbalanced quote
  '+CMQTTACCQ=0,"a,0', '+CMQTTACCQ=0,a",0', '+CMQTTCONNECT=0,"tcp://a.b:1,60,1', '+CMQTTCFG="checkUTF8,0,1',
  -- no such keyword; sister families' commands
  '+CMQTTCFG="argtopic",0,1', '+CMQTTCFG="nonsense",0,1', "+CMQTTPING",
  "+CMQTTPING=0", "+CMQTTRELEASE=0", "+CMQTTEX=0", "+SMCONF?", "+SMCONN",
}

--- Lines that are a plain ERROR where the firmware does not have the keyword.
local KEYWORDS = {
  ["cfg.version"] = '+CMQTTCFG="version",0,4', ["cfg.optimeout"] = '+CMQTTCFG="optimeout",0,60',
  ["cfg.aliauth"] = '+CMQTTCFG="aliauth",0,"productkey","devicename","devicesecret"',
}

local function all_wrong(dev, env)
  for _, line in ipairs(WRONG) do
    dev:cmd("%s", "AT" .. line):error():lines {}
  end
  for key, line in pairs(KEYWORDS) do
    if not session.has(env, key) then
      dev:cmd("%s", "AT" .. line):error():lines {}
    end
  end
end

t.scenario "wrong parameters before START" {
  tags = { "mqtt", "parameters" },
  run = function(dev, env)
    all_wrong(dev, env)
  end,
}

t.scenario "wrong parameters with a client acquired" {
  tags = { "mqtt", "parameters" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    all_wrong(dev, env)
  end,
}

t.scenario "wrong parameters with a client connected" {
  tags = { "mqtt", "parameters" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  run = function(dev, env)
    local connection = session.open_peer(dev, env.peer)
    all_wrong(dev, env)
    session.publish(dev, "t", "still connected")
    t.eq(connection:expect("PUBLISH").payload, "still connected", "the first packet after all of them")
  end,
}
