--- The checks of every client, on dialogues as field reports tell them: each with one that must be found, and with
-- what looks like it and is right.
local client_dialogue = require "modemtest.client_dialogue"
local s = require "modemtest.spec"
local sins = require "modemtest.client_sins"

--- A dialogue as events. Each entry is a text: "> line" of the client, "< line" of the modem, "= +CMQTTTOPIC data",
-- "! 12" (so many bytes came early), "fault uart.drop", "flush", "start"; a number lets so many milliseconds pass.
local function events_of(dialogue)
  local list, ms = {}, 0
  for _, entry in ipairs(dialogue) do
    local event
    if type(entry) == "number" then
      ms = ms + entry
    elseif entry:find("^[<>] ") then
      event = { event = "at", from = entry:sub(1, 1) == ">" and "host" or "modem", text = entry:sub(3) }
    elseif entry:find("^= ") then
      local command, data = entry:match("^= (%S+) ?(.*)$")
      event = { event = "at.data", command = command, data = data, length = #data }
    elseif entry:find("^! ") then
      event = { event = "at.early", length = tonumber(entry:sub(3)) }
    elseif entry:find("^fault ") then
      event = { event = "fault", step = "fired", name = entry:sub(7), fault = 1 }
    elseif entry == "flush" then
      event = { event = "uart.flush" }
    elseif entry == "start" then
      event = { event = "client", step = "start" }
    end
    if event then
      ms = ms + 1
      event.seq, event.ms, event.t, event.modem = #list + 1, ms, ms, 0
      list[#list + 1] = event
    end
  end
  return list
end

local function names(dialogue, options)
  local found = {}
  for i, one in ipairs(sins.judge(events_of(dialogue), options or { percent = 100, aws = true })) do
    found[i] = one.name
    s.check(#one.got > 0 and #one.doc > 0, "says what it is")
  end
  return table.concat(found, ", ")
end

--- Declares a case: the dialogue has this sin, and no other.
local function sin(name, what, dialogue, options)
  s.test(("sin: %s: %s"):format(name, what), function()
    s.eq(names(dialogue, options), name)
  end)
end

local function fine(name, what, dialogue, options)
  s.test(("no sin: %s: %s"):format(name, what), function()
    s.eq(names(dialogue, options), "")
  end)
end

fine("all", "a session as the manual has it", {
  "start", "> AT", "< OK", "> ATE0", "< OK", "> AT+CCERTLIST", "< OK",
  '> AT+CCERTDOWN="ca.pem",5', 20, "= +CCERTDOWN ***", "< OK",
  "> AT+CMQTTSTART", "< +CMQTTSTART: 0", "< OK", '> AT+CMQTTACCQ=0,"thing1",1', "< OK", "> AT+CMQTTSSLCFG=0,0", "< OK",
  '> AT+CMQTTCONNECT=0,"tcp://127.0.0.1:8883",60,1', "< OK", 300, "< +CMQTTCONNECT: 0,0",
  "> AT+CMQTTSUB=0,10,1", "= +CMQTTSUB thing1/cmd", "< OK", 90, "< +CMQTTSUB: 0,0",
  "> AT+CMQTTTOPIC=0,3", "= +CMQTTTOPIC a/b", "< OK", "> AT+CMQTTPAYLOAD=0,2", "= +CMQTTPAYLOAD hi", "< OK",
  "> AT+CMQTTPUB=0,1,60", "< OK", 200, "< +CMQTTPUB: 0,0",
  "> AT+CMQTTDISC=0,120", "< OK", "< +CMQTTDISC: 0,0", "> AT+CMQTTREL=0", "< OK", "> AT+CMQTTSTOP", "< +CMQTTSTOP: 0",
  "< OK",
})

local NEXT = "next-command-before-final-result"
sin(NEXT, "two lines at once", { "> AT", "! 7", "< OK", "> AT+CSQ", "< +CSQ: 16,99", "< OK" })
sin(NEXT, "behind the data, before its OK", { "> AT+CMQTTTOPIC=0,1", "= +CMQTTTOPIC a", "! 22", "< OK",
  "> AT+CMQTTPAYLOAD=0,2", "= +CMQTTPAYLOAD hi", "< OK" })
sin(NEXT, "while a command runs, and a modem that drops it", { "> AT+CNTP", 300, "! 6", 400, "< OK" })
fine(NEXT, "a time limit has passed", { "> AT+CNTP", 6000, "! 3", 400, "< OK", "> AT", "< OK" })
fine(NEXT, "a time limit that is scaled has passed", { "> AT+CNTP", 600, "! 3", 400, "< OK", "> AT", "< OK" },
  { percent = 10 })
fine(NEXT, "its bytes were held by a fault", { "> AT", "fault uart.merge", "! 7", "< OK", "> AT+CSQ", "< OK" })

local PROMPT = "ignores-prompt"
sin(PROMPT, "data in one write with the command", { "> AT+CMQTTTOPIC=0,3", "! 3", "= +CMQTTTOPIC a/b", "< OK" })
sin(PROMPT, "data although the command was refused (F07: 0,11)", { "> AT+CMQTTTOPIC=0,3", "< +CMQTTTOPIC: 0,11",
  "< ERROR",
  "> a/bAT+CMQTTPAYLOAD=0,2", "< ERROR" })
fine(PROMPT, "a command that was refused, and the next one", { "> AT+CMQTTTOPIC=0,3", "< +CMQTTTOPIC: 0,11", "< ERROR",
  "> AT+CMQTTDISC?", "< +CMQTTDISC: 0,1", "< OK" })
fine(PROMPT, "noise on the line broke the command", { "> AT+CMQTTTOPIC=0,3", "fault uart.corrupt", "< ERROR", "> a/b" })

local LENGTH = "wrong-announced-length"
sin(LENGTH, "too few: the next command is swallowed (F09)", { "> AT+CMQTTPAYLOAD=0,30",
  "= +CMQTTPAYLOAD hello\rAT+CMQTTPUB=0,1,60\rAT", "< OK", 10000, "> AT", "< OK" })
sin(LENGTH, "too many: the surplus is read as a command (F09)", { "> AT+CMQTTPAYLOAD=0,3", "= +CMQTTPAYLOAD hel", "! 2",
  "< OK", "> loAT+CMQTTPUB=0,1,60", "< ERROR" })
sin(LENGTH, "too many, later", { "> AT+CMQTTPAYLOAD=0,3", "= +CMQTTPAYLOAD hel", "< OK", "> loAT+CMQTTPUB=0,1,60",
  "< ERROR" })
fine(LENGTH, "a byte of the data was lost on the way", { "> AT+CMQTTPAYLOAD=0,3", "fault uart.drop", 10000,
  "= +CMQTTPAYLOAD helA", "< OK", "> T", "< ERROR" })
fine(LENGTH, "a payload with OK and +CMQTT in it", { "> AT+CMQTTPAYLOAD=0,30",
  "= +CMQTTPAYLOAD \r\nOK\r\n+CMQTTRXEND: 0\r\n", "< OK" })

local RESULT = "does-not-wait-for-result"
sin(RESULT, "OK of CONNECT taken for success (F07)", { '> AT+CMQTTCONNECT=0,"tcp://h:1",60,1', "< OK", 5,
  "> AT+CMQTTSUB=0,1,1", "= +CMQTTSUB a", "< +CMQTTSUB: 0,11", "< ERROR", 300, "< +CMQTTCONNECT: 0,0" })
sin(RESULT, "the next publish before the acknowledgement (F08)", { "> AT+CMQTTPUB=0,1,60", "< OK", 100,
  "> AT+CMQTTTOPIC=0,1", "< +CMQTTTOPIC: 0,14", "< ERROR", 200, "< +CMQTTPUB: 0,0" })
sin(RESULT, "STOP while it publishes", { "> AT+CMQTTPUB=0,1,60", "< OK", "> AT+CMQTTSTOP", "< +CMQTTSTOP: 21",
  "< ERROR" })
fine(RESULT, "another client meanwhile", { "> AT+CMQTTPUB=0,1,60", "< OK", "> AT+CMQTTTOPIC=1,1", "= +CMQTTTOPIC a",
  "< OK", "< +CMQTTPUB: 0,0" })
fine(RESULT, "the signal meanwhile", { "> AT+CMQTTPUB=0,1,60", "< OK", "> AT+CSQ", "< +CSQ: 1,99", "< OK",
  "< +CMQTTPUB: 0,0" })
fine(RESULT, "the result before OK, as CONNECT refused at once has it", { '> AT+CMQTTCONNECT=0,"x",60,1',
  "< +CMQTTCONNECT: 0,3", "< ERROR", "> AT+CMQTTREL=0", "< OK" })
fine(RESULT, "the publish and the connection are lost", { "> AT+CMQTTPUB=0,1,60", "< OK", "< +CMQTTCONNLOST: 0,1",
  "> AT+CMQTTREL=0", "< OK" })
fine(RESULT, "the modem reboots in between", { "> AT+CMQTTPUB=0,1,60", "< OK", "< RDY", "> AT+CMQTTSTART",
  "< +CMQTTSTART: 0", "< OK" })
fine(RESULT, "no result ever came", { "> AT+CMQTTPUB=0,1,60", "< OK", 60000, "> AT+CMQTTDISC=0,120", "< OK" })
fine(RESULT, "a client that was started again", { "> AT+CMQTTPUB=0,1,60", "< OK", "start", "> AT+CMQTTDISC=0,60",
  "< OK" })

local FLUSH = "flushes-incoming-message"
local SUBSCRIBED = { "> AT+CMQTTSUB=0,1,1", "= +CMQTTSUB a", "< OK", "< +CMQTTSUB: 0,0" }
local function subscribed(...)
  return table.move({ ... }, 1, select("#", ...), #SUBSCRIBED + 1, { table.unpack(SUBSCRIBED) })
end
sin(FLUSH, "before each command", subscribed("flush", "> AT+CSQ", "< +CSQ: 1,99", "< OK"))
sin(FLUSH, "when a message comes", subscribed("< +CMQTTRXSTART: 0,3,2", "flush", "> AT+CSQ", "< OK"))
fine(FLUSH, "at its start", { "start", "flush", "> AT", "< OK", "flush", "> AT+CSQ", "< OK" })
fine(FLUSH, "to begin anew after a command without an answer", subscribed("> AT+CSQ", 10000, "flush", "> AT", "< OK"))
fine(FLUSH, "after the connection is lost", subscribed("< +CMQTTCONNLOST: 0,1", "flush", "> AT+CMQTTREL=0", "< OK"))

local QOS = "qos2-on-aws"
sin(QOS, "a publish", { "> AT+CMQTTPUB=0,2,60", "< OK", "< +CMQTTPUB: 0,17" })
sin(QOS, "a subscription", { "> AT+CMQTTSUB=0,1,2", "= +CMQTTSUB a", "< OK", "< +CMQTTSUB: 0,6" })
fine(QOS, "another broker", { "> AT+CMQTTPUB=0,2,60", "< OK", "< +CMQTTPUB: 0,0" }, { percent = 100 })
fine(QOS, "QoS 1, and a timeout of 2", { "> AT+CMQTTPUB=0,1,2", "< OK", "< +CMQTTPUB: 0,0" })

local UPLOAD = "uploads-certificates-at-every-boot"
sin(UPLOAD, "at its second start", { "start", '> AT+CCERTDOWN="ca.pem",3', "= +CCERTDOWN ***", "< OK", "start",
  '> AT+CCERTDOWN="ca.pem",3', "= +CCERTDOWN ***", "< OK" })
sin(UPLOAD, "although the list has it", { "> AT+CCERTLIST", '< +CCERTLIST: "ca.pem"', "< OK",
  '> AT+CCERTDOWN="ca.pem",3', "= +CCERTDOWN ***", "< OK" })
fine(UPLOAD, "only what is missing", { "> AT+CCERTLIST", '< +CCERTLIST: "ca.pem"', "< OK",
  '> AT+CCERTDOWN="key.pem",3', "= +CCERTDOWN ***", "< OK" })
fine(UPLOAD, "again, because the first upload got no prompt", { '> AT+CCERTDOWN="ca.pem",3', "< ERROR",
  '> AT+CCERTDOWN="ca.pem",3', "= +CCERTDOWN ***", "< OK" })

local PIN = "pin-retry-locks-sim"
sin(PIN, "the same PIN again", { "> AT+CPIN?", "< +CPIN: SIM PIN", "< OK", "> AT+CPIN=***", "< ERROR", "> AT+CPIN?",
  "< +CPIN: SIM PIN", "< OK", "> AT+CPIN=***", "< ERROR" })
sin(PIN, "with CMEE=1", { "> AT+CPIN=***", "< +CME ERROR: 16", "> AT+CPIN=***", "< +CME ERROR: 16" })
fine(PIN, "the card was busy (F12)", { "> AT+CPIN=***", "< +CME ERROR: 14", "> AT+CPIN=***", "< OK" })
fine(PIN, "a card that is ready refuses it", { "> AT+CPIN?", "< +CPIN: READY", "< OK", "> AT+CPIN=***", "< ERROR",
  "> AT+CPIN=***", "< ERROR" })

--- Attempts to connect that fail, with these waits behind each.
local function attempts(...)
  local dialogue = {}
  for _, wait in ipairs({ 0, ... }) do
    table.move({ wait, '> AT+CMQTTCONNECT=0,"tcp://h:1",60,1', "< OK", 700, "< +CMQTTCONNECT: 0,3" }, 1, 5,
      #dialogue + 1, dialogue)
  end
  return dialogue
end

local BACK_OFF = "reconnects-without-back-off"
sin(BACK_OFF, "at once", attempts(0, 120, 3))
sin(BACK_OFF, "always the same", attempts(5000, 5100, 4950))
sin(BACK_OFF, "the same with a jitter", attempts(5000, 9000, 7000, 5500, 8200))
sin(BACK_OFF, "the same, on a machine that was busy once", attempts(400, 430, 1700, 410, 390))
fine(BACK_OFF, "longer by the same each time", attempts(1000, 2000, 3000, 4000, 5000))
fine(BACK_OFF, "twice as long each time, with a jitter", attempts(1500, 2100, 7000, 8500))
fine(BACK_OFF, "at its limit", attempts(1000, 2000, 4000, 8000, 8000, 8000, 8000))
fine(BACK_OFF, "two failures tell nothing", attempts(1000, 1000))
fine(BACK_OFF, "scaled", attempts(50, 100, 200), { percent = 5 })

local WAKES = "wakes-service-without-release"
sin(WAKES, "goes on after RDY (F13)", { "< RDY", "> AT+CMQTTTOPIC=0,1", "< ERROR", "> AT+CMQTTTOPIC=0,1", "< ERROR" })
sin(WAKES, "connects after +CMQTTNONET (F14)", { "< +CMQTTNONET", '> AT+CMQTTACCQ=0,"a",0', "< ERROR",
  '> AT+CMQTTCONNECT=0,"tcp://h:1",60,1', "< ERROR" })
sin(WAKES, "START again and again (F01)", { "> AT+CMQTTSTART", "< +CMQTTSTART: 23", "< ERROR", 5000, "> AT+CMQTTSTART",
  "< +CMQTTSTART: 23", "< ERROR" })
fine(WAKES, "one command was on its way", { "< RDY", "> AT+CMQTTTOPIC=0,1", "< ERROR", "> AT+CMQTTSTART",
  "< +CMQTTSTART: 0", "< OK", '> AT+CMQTTACCQ=0,"a",0', "< OK", "> AT+CMQTTSSLCFG=0,0", "< OK" })
fine(WAKES, "REL and STOP behind a code 23 (F01)", { "> AT+CMQTTSTART", "< +CMQTTSTART: 23", "< ERROR",
  "> AT+CMQTTREL=0",
  "< OK", "> AT+CMQTTSTOP", "< +CMQTTSTOP: 0", "< OK", "> AT+CMQTTSTART", "< +CMQTTSTART: 0", "< OK" })
fine(WAKES, "a client that was started again finds the service running", { "> AT+CMQTTSTART", "< +CMQTTSTART: 23",
  "< ERROR", "start", "> AT+CMQTTSTART", "< +CMQTTSTART: 23", "< ERROR" })

fine(WAKES, "a message that looks like answers", {
  "< +CMQTTRXSTART: 0,3,19\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na\\\\b\r\n+CMQTTRXPAYLOAD: 0,19\r\n\r\nOK\r\nRDY\r\n+CMQTT\\x00"
    .. "\r\n+CMQTTRXEND: 0", "> AT+CMQTTTOPIC=0,1", "= +CMQTTTOPIC a",
  "< OK", "> AT+CMQTTTOPIC=0,1", "= +CMQTTTOPIC a", "< OK" })

s.test("sins: the lines of a message are its headers", function()
  s.eq(client_dialogue.lines("+CMQTTRXSTART: 0,3,6\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na\\\\b\r\n"
      .. "+CMQTTRXPAYLOAD: 0,6\r\nRDY\\x00\r\n\r\n+CMQTTRXEND: 0"),
    { "+CMQTTRXSTART: 0,3,6", "+CMQTTRXTOPIC: 0,3", "+CMQTTRXPAYLOAD: 0,6", "+CMQTTRXEND: 0" })
  s.eq(client_dialogue.lines("+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,1"), { "+CMQTTDISC: 0,1", "+CMQTTDISC: 1,1" })
  s.eq(client_dialogue.lines("+CMQTTRXPAYLOAD: 0,99\r\ncut"), { "+CMQTTRXPAYLOAD: 0,99" })
  s.eq(client_dialogue.lines(""), {})
end)

s.test("sins: names are found and listed", function()
  for _, row in ipairs(sins.rows) do
    s.eq(sins.find(row.name), row)
    s.match(sins.names(), row.name:gsub("%-", "%%-"))
  end
  s.eq(sins.find("nonsense"), nil)
  s.eq(#sins.rows, 10)
end)

s.test("sins: what a modem beside the client's does is not the client's", function()
  local list = events_of({ "> AT", "! 7", "< OK" })
  for _, event in ipairs(list) do
    event.modem = 1
  end
  s.eq(sins.judge(list, { percent = 100 }), {})
end)

s.test("sins: the lines that show it", function()
  local found = sins.judge(events_of({ "> AT+CMQTTPUB=0,2,60" }), { percent = 100, aws = true })
  s.eq(found[1].got, "       1.0 > AT+CMQTTPUB=0,2,60")
end)
