--- Every cell of table 2.2 of the specification: each MQTT command in each state of service and client.
-- Column BUSY is in busy.lua.
local t = require "modemtest"
local session = require "lib.mqtt_session"
require "lib.peer"

--- A cell of the reference device: a number is a refusal with that code, "=0" a success with a result line,
-- "OK" and "ERROR" final results alone, "data" a prompt, data and OK, "data=0" the same and a result line, a
-- list the lines. In what other firmware differs, session.wanted knows.
local DISCONNECTED = { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" }
local ROWS = {
  { "+CMQTTSTART", "", stopped = "=0", free = 23, acquired = 23, connected = 23 },
  { "+CMQTTSTOP", "", stopped = 9, free = "=0", acquired = 21, connected = 21 },
  { "+CMQTTACCQ", '=0,"other",0', stopped = 9, free = "OK", acquired = 19, connected = 19 },
  { "+CMQTTREL", "=0", stopped = "OK", free = "OK", acquired = "OK", connected = 14 },
  { "+CMQTTSSLCFG", "=0,1", stopped = "ERROR", free = "OK", acquired = "OK", connected = "ERROR" },
  { "+CMQTTCFG", '="checkUTF8",0,0', stopped = "ERROR", free = "ERROR", acquired = "OK",
    connected = "ERROR" },
  { "+CMQTTWILLTOPIC", "=0,1", stopped = 9, free = 20, acquired = "data", connected = 13 },
  { "+CMQTTWILLMSG", "=0,1,0", stopped = 9, free = 20, acquired = "data", connected = 13 },
  { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1', stopped = 9, free = 20, connected = 13 },
  { "+CMQTTDISC", "=0,60", stopped = 11, free = 11, acquired = 11, connected = "=0" },
  { "+CMQTTDISC", "?", stopped = "ERROR", free = DISCONNECTED, acquired = DISCONNECTED,
    connected = { "+CMQTTDISC: 0,0", "+CMQTTDISC: 1,1" } },
  { "+CMQTTTOPIC", "=0,1", stopped = 11, free = 11, acquired = 11, connected = "data" },
  { "+CMQTTPAYLOAD", "=0,1", stopped = 11, free = 11, acquired = 11, connected = "data" },
  { "+CMQTTSUBTOPIC", "=0,1,0", stopped = 11, free = 11, acquired = 11, connected = "data" },
  { "+CMQTTUNSUBTOPIC", "=0,1", stopped = 11, free = 11, acquired = 11, connected = "data" },
  { "+CMQTTSUB", "=0", stopped = 11, free = 11, acquired = 11 },
  { "+CMQTTSUB", "=0,1,0", stopped = 11, free = 11, acquired = 11, connected = "data=0" },
  { "+CMQTTUNSUB", "=0,0", stopped = 11, free = 11, acquired = 11 },
  { "+CMQTTUNSUB", "=0,1,0", stopped = 11, free = 11, acquired = 11, connected = "data=0" },
  { "+CMQTTPUB", "=0,0,60", stopped = 11, free = 11, acquired = 11, connected = "=0" },
}

local NO_INDEX = { ["+CMQTTSTART"] = true, ["+CMQTTSTOP"] = true }

local ENTER = {
  stopped = function() end,
  free = session.start,
  acquired = function(dev)
    session.start(dev)
    session.acquire(dev)
  end,
  connected = function(dev, env)
    return session.open_peer(dev, env.peer)
  end,
}

--- What the scripted peer must answer for the command to succeed.
local function answer(connection, name)
  if name == "+CMQTTSUB" then
    connection:suback(connection:expect("SUBSCRIBE").id, { 0 })
  elseif name == "+CMQTTUNSUB" then
    connection:unsuback(connection:expect("UNSUBSCRIBE").id)
  elseif name == "+CMQTTPUB" then
    t.eq(connection:expect("PUBLISH").topic, "t")
  elseif name == "+CMQTTDISC" then
    connection:expect("DISCONNECT")
  end
end

local function check(dev, env, p, connection)
  local line = function(code)
    return ("%s: %s%d"):format(p.command, NO_INDEX[p.command] and "" or "0,", code)
  end
  local typed = "AT" .. p.command .. p.rest
  if math.type(p.cell) == "integer" or p.cell == "OK" or p.cell == "ERROR" then
    return session.answered(dev, env, p.state, typed, type(p.cell) == "string" and p.cell or line(p.cell))
  end
  if p.command == "+CMQTTPUB" and p.cell == "=0" then
    session.message(dev, "t", "")
  end
  local r = dev:cmd(typed)
  if type(p.cell) == "table" then
    r:ok():lines(p.cell)
  else
    if p.cell:find("data") then
      r:prompt():data("x")
    end
    if p.cell == "data" then
      r:ok()
    else
      answer(connection, p.command)
      r:result(line(0))
    end
  end
end

local function cases(states)
  local list = {}
  for _, row in ipairs(ROWS) do
    for _, state in ipairs(states) do
      if row[state] then
        list[#list + 1] = { name = ("AT%s%s, %s: %s"):format(row[1], row[2], state,
          type(row[state]) == "table" and "lines" or row[state]),
          command = row[1], rest = row[2], state = state, cell = row[state] }
      end
    end
  end
  return list
end

t.scenario "a command answers as its state demands" {
  tags = { "mqtt", "preconditions" },
  cases = cases { "stopped", "free", "acquired" },
  run = function(dev, env, p)
    ENTER[p.state](dev, env)
    check(dev, env, p)
  end,
}

t.scenario "a command answers as its state demands, connected" {
  tags = { "mqtt", "preconditions" },
  needs = { "peer" },
  uses = { "peer", "modem" },
  cases = cases { "connected" },
  run = function(dev, env, p)
    check(dev, env, p, ENTER.connected(dev, env))
  end,
}

t.scenario "the two clients do not share their states" {
  tags = { "mqtt", "preconditions" },
  run = function(dev, env)
    session.start(dev)
    session.acquire(dev)
    session.refused(dev, "AT+CMQTTWILLTOPIC=1,1", "+CMQTTWILLTOPIC: 1,20")
    session.acquire(dev, { client = 1, id = "other" })
    dev:cmd("AT+CMQTTREL=0"):ok()
    session.answered(dev, env, "acquired", "AT+CMQTTSTOP", "+CMQTTSTOP: 21")
    session.refused(dev, 'AT+CMQTTACCQ=1,"x",0', "+CMQTTACCQ: 1,19")
    dev:cmd("AT+CMQTTREL=1"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
  end,
}
