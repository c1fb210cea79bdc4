--- Test forms (=?) of all MQTT commands, literally as section 4 of the specification prints them, with what
-- the firmware's profile has in its place. They answer in every state, also before START.
local t = require "modemtest"
local session = require "lib.mqtt_session"

--- Lines of the reference device; see filled() for what stands in braces.
local FORMS = {
  { "+CMQTTSTART", {} },
  { "+CMQTTSTOP", {} },
  { "+CMQTTACCQ", { "+CMQTTACCQ: (0-1),({range.clientid|1-128}),(0-1){accq_version_param|,(3-4)}" } },
  { "+CMQTTREL", { "+CMQTTREL: (0-1)" } },
  { "+CMQTTSSLCFG", { "+CMQTTSSLCFG: (0,1),(0-9)" } },
  { "+CMQTTWILLTOPIC", { "+CMQTTWILLTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTWILLMSG", { "+CMQTTWILLMSG: (0-1),({range.willmsg|1-1024}),(0-2)" } },
  { "+CMQTTCONNECT", { "+CMQTTCONNECT: (0-1),(9-256),({range.keepalive|1-64800}),(0-1)" } },
  { "+CMQTTDISC", { "+CMQTTDISC: (0-1),({range.disc_timeout|0,60-180})" } },
  { "+CMQTTTOPIC", { "+CMQTTTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTPAYLOAD", { "+CMQTTPAYLOAD: (0-1),(1-10240)" } },
  { "+CMQTTPUB", { "+CMQTTPUB{test_colon|:} (0-1),(0-2),({range.pub_timeout|60-180}),(0-1),(0-1)" } },
  { "+CMQTTSUBTOPIC", { "+CMQTTSUBTOPIC: (0-1),(1-1024),(0-2)" } },
  { "+CMQTTSUB", { "+CMQTTSUB{test_colon|:} (0-1),(1-1024),(0-2),(0-1)" } },
  { "+CMQTTUNSUBTOPIC", { "+CMQTTUNSUBTOPIC: (0-1),(1-1024)" } },
  { "+CMQTTUNSUB", { "+CMQTTUNSUB{test_colon|:} (0-1),(1-1024),(0-1)" } },
  { "+CMQTTCFG", {
    '+CMQTTCFG: "checkUTF8",(0-1),(0-1)',
    '{cfg.optimeout|+CMQTTCFG: "optimeout",(0-1),(20-120)}',
    '{cfg.version|+CMQTTCFG: "version",(0-1),(3-4)}',
    '{cfg.aliauth|+CMQTTCFG: "aliauth",(0-1),"productkey","devicename","devicesecret"}',
  } },
}

--- {key|text} becomes the value of a range key (text on the reference device); with a key of present and
-- absent, the text or nothing.
local function filled(env, line)
  return (line:gsub("{([^|]+)|([^}]+)}", function(key, text)
    if key:find("^range%.") then
      return session.key(env, key, text)
    end
    return session.has(env, key) and text or ""
  end))
end

local function wanted(env, lines)
  local list = {}
  for _, line in ipairs(lines) do
    local text = filled(env, line)
    if text ~= "" then
      list[#list + 1] = text
    end
  end
  return list
end

t.scenario "test forms before START" {
  tags = { "mqtt", "test-form" },
  run = function(dev, env)
    for _, form in ipairs(FORMS) do
      dev:cmd("AT%s=?", form[1]):ok():lines(wanted(env, form[2]))
    end
  end,
}

t.scenario "test forms with the service started and a client acquired" {
  tags = { "mqtt", "test-form" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    for _, form in ipairs(FORMS) do
      dev:cmd("AT%s=?", form[1]:lower()):ok():lines(wanted(env, form[2]))
    end
  end,
}
