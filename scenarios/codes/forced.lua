--- Codes by fault injection: those that no outside cause has (4, 5, 8, 15, 16), and every other code on the commands
-- where none is known. The command is not carried out; what counts is that a host can be shown each answer.
local recipe = require "lib.recipe"
local session = require "lib.mqtt_session"

--- Every command with a result line, by the state in which it can be tried, in this order.
local COMMANDS = {
  { "+CMQTTSTART", "", "stopped" }, { "+CMQTTSTOP", "", "free" }, { "+CMQTTACCQ", '=0,"modemtest",0', "free" },
  { "+CMQTTREL", "=0", "acquired" }, { "+CMQTTWILLTOPIC", "=0,4", "acquired" },
  { "+CMQTTWILLMSG", "=0,4,0", "acquired" }, { "+CMQTTCONNECT", '=0,"tcp://127.0.0.1:1883",60,1', "acquired" },
  { "+CMQTTDISC", "=0,60", "connected" }, { "+CMQTTTOPIC", "=0,4", "connected" },
  { "+CMQTTPAYLOAD", "=0,4", "connected" }, { "+CMQTTPUB", "=0,1,60", "connected" },
  { "+CMQTTSUBTOPIC", "=0,4,0", "connected" }, { "+CMQTTSUB", "=0,0", "connected" },
  { "+CMQTTUNSUBTOPIC", "=0,4", "connected" }, { "+CMQTTUNSUB", "=0,0", "connected" },
}

--- What an operation needs before it begins, and the network can fail it.
local READY = {
  ["+CMQTTPUB"] = function(dev) session.message(dev, "t", "") end,
  ["+CMQTTSUB"] = function(dev) session.data(dev, "+CMQTTSUBTOPIC=0,%d,0", "t"):ok() end,
  ["+CMQTTUNSUB"] = function(dev) session.data(dev, "+CMQTTUNSUBTOPIC=0,%d", "t"):ok() end,
}

--- The commands on which a natural recipe has the code; document.lua complains when this and the recipes differ.
local NATURAL = {
  [1] = "SUB", [2] = "ACCQ WILLTOPIC WILLMSG TOPIC PAYLOAD SUBTOPIC SUB UNSUBTOPIC UNSUB", [3] = "CONNECT", [4] = "",
  [5] = "", [6] = "CONNECT PUB SUB UNSUB", [7] = "START", [8] = "", [9] = "STOP ACCQ WILLTOPIC WILLMSG CONNECT",
  [10] = "ACCQ REL WILLTOPIC WILLMSG CONNECT DISC TOPIC PAYLOAD PUB SUBTOPIC SUB UNSUBTOPIC UNSUB",
  [11] = "DISC TOPIC PAYLOAD PUB SUBTOPIC SUB UNSUBTOPIC UNSUB",
  [12] = "ACCQ WILLTOPIC WILLMSG CONNECT DISC PUB SUBTOPIC SUB UNSUB", [13] = "CONNECT WILLTOPIC WILLMSG",
  [14] = "REL WILLTOPIC WILLMSG CONNECT DISC TOPIC PAYLOAD PUB SUBTOPIC SUB UNSUBTOPIC UNSUB", [15] = "", [16] = "",
  [17] = "CONNECT PUB SUB UNSUB", [18] = "PUB SUB UNSUB", [19] = "ACCQ", [20] = "REL WILLTOPIC WILLMSG CONNECT",
  [21] = "STOP", [22] = "ACCQ CONNECT WILLTOPIC WILLMSG TOPIC PAYLOAD SUBTOPIC SUB UNSUBTOPIC UNSUB", [23] = "START",
  [24] = "CONNECT PUB SUB UNSUB", [25] = "CONNECT", [26] = "CONNECT", [27] = "CONNECT", [28] = "CONNECT",
  [29] = "CONNECT", [30] = "CONNECT", [31] = "CONNECT", [32] = "CONNECT", [33] = "CONNECT", [34] = "CONNECT", [35] = "",
}

--- What is known of the codes that have no cause outside.
local ABOUT = {
  [4] = { cause = "the modem has no socket left", cure = "AT+CRESET; are sockets of CIPOPEN and CCHOPEN left open?" },
  [5] = { cause = "the modem could not close its socket", cure = "AT+CMQTTREL, STOP and START; AT+CRESET." },
  [8] = { cause = "the modem could not give its bearer back", cure = "START again, or AT+CRESET." },
  [15] = { cause = "the modem could not ask for the connection", spec = "3.1", evidence = "L A7670, SIM7670G; F10",
    cure = 'Seen on A76xx with AWS and EMQX only: AT+CSSLCFG="enableSNI",0,1, newer firmware, the policy. '
      .. "A SIM7600 says 32 there." },
  [16] = { cause = "the modem could not write to its socket", cure = "DISC, CONNECT; the link is gone already." },
  [35] = { cause = "the modem could not take leave of the broker", cure = "REL, or AT+CRESET.", evidence = "M A76XX" },
}

--- Codes that are known before anything is sent (1.3): at once on every command.
local AT_ONCE = { [2] = true, [33] = true }
for code = 9, 14 do
  AT_ONCE[code] = true
end
for code = 18, 23 do
  AT_ONCE[code] = true
end

local NETWORK = { ["+CMQTTSUB"] = true, ["+CMQTTUNSUB"] = true, ["+CMQTTPUB"] = true, ["+CMQTTDISC"] = true }

local function shape_of(command, code)
  if AT_ONCE[code] then
    return "at_once"
  elseif command == "+CMQTTCONNECT" then
    return "unreached"
  end
  return NETWORK[command] and "network" or "at_once"
end

local function has(words, name)
  return (" " .. words .. " "):find(" " .. name .. " ", 1, true) ~= nil
end

local function rows_for(code)
  local rows = {}
  for _, command in ipairs(COMMANDS) do
    local name = command[1]:sub(7)
    if not has(NATURAL[code], name) then
      rows[#rows + 1] = { command[1], command[2], state = command[3], shape = shape_of(command[1], code),
        enter = READY[command[1]] }
    end
  end
  return rows
end

local function only_a76xx(key)
  return not key "model":find "^A7" and "only the A76XX has 35" or nil
end

for code = 1, 35 do
  local about = ABOUT[code] or { cause = "no cause outside is known" }
  recipe {
    code = code, kind = "forced", on = rows_for(code), walk = true,
    cause = about.cause, cure = about.cure or "As where the code has a cause.",
    spec = about.spec or "3.1", evidence = about.evidence or "M name; I lines",
    needs = { "fault", "peer" }, impossible = code == 35 and only_a76xx or nil,
    before = function(env, row)
      env.sim:fault { name = "mqtt.result", command = row.command, code = row.code }
    end,
  }
end
