--- Recordings of dialogues with a modem, as JSON Lines: what --record writes and what replay reads.
-- A file holds one session or more: a head object (it has no "dir"), then one object per entry. The
-- tables HEAD and ENTRIES say which fields there are; docs/SCENARIOS.md is made from them.
local cjson = require "cjson"

local M = {}

--- One field of an object: its name, what it takes (a Lua type, or "texts": texts by name), and what it is.
local function field(name, kind, doc)
  return { name = name, kind = kind, doc = doc }
end

M.HEAD = {
  field("source", "string", "where the dialogue comes from"),
  field("model", "string", "of the modem; null when nobody knows"),
  field("firmware", "string", "of the modem"),
  field("about", "string", "what there is to see"),
  field("evidence", "string", "`capture`, `write-up` (an author's words), `vendor-example`; ours: `recording`"),
  field("framing", "string", "`exact`: texts are the bytes, with CR and LF; `unknown`: one displayed line per entry"),
  field("blank_lines", "string", "`as in source`: compared like the rest; any other word: lost, and not compared"),
  field("excerpt", "boolean", "the source has more"),
  field("kind", "string", "what sort of text the source is"),
  field("notes", "string", "of whoever kept it"),
  field("times_ms", "table", "answer times that the source states; not compared"),
  field("verdict", "string", "how the recorded scenario ended"),
  field("profile", "string", "firmware profile to play it on; without one, that of the run"),
  field("keys", "table", "keys laid over that profile: identity, SIM, network"),
  field("echo", "string", "`off`; `on`, and the source shows it; `hidden`: on, and the source's `tx` line is the echo"),
  field("echo_cr", "boolean", "the source shows the CR of an echo as a line end of its own"),
  field("broker", "string", "`aws` (mutual TLS), `plain`, `none` (nobody listens): where every CONNECT goes"),
  field("broker_args", "table", "arguments for `broker/run`"),
  field("policy", "table", "AWS policy document of the broker"),
  field("addresses", "texts", "the broker's when it was recorded: `tls`, `plain`; CONNECTs to them go to ours"),
  field("certificates", "boolean", "thing1's three files are in the modem, and SSL context 0 uses them"),
  field("values", "texts", "what stands for a `<NAME>` of the texts"),
  field("rules", "texts", "rules that make lines comparable, by name, each with the reason"),
}

local TEXT, HEX = field("text", "string", "what was said"), field("hex", "string", "the same as hexadecimal bytes")
local BYTES = field("bytes", "number", "so many bytes that nobody kept stand here: filled with `x`")
local LEFT_OUT = field("left_out", "string", "not played and not compared, with the reason")
local ADDED = field("added", "string", "the source does not have it, with the reason; played and compared")
local ACTUAL = field("actual", "string", "what this text stands for where the source shows it otherwise")
local WHY = field("why", "string", "the reason for `actual`")

M.ENTRIES = {
  tx = { doc = "from the host: a command line, or data behind `>`",
    TEXT, HEX, BYTES, field("ms", "number", "milliseconds since the start"), LEFT_OUT, ADDED, ACTUAL, WHY,
    field("under_way", "number", "so many lines behind it were under way when the host wrote: it is sent behind them"),
    field("lost", "string", "the modem does not take it, with the reason; nothing is echoed") },
  rx = { doc = "from the modem", TEXT, HEX, BYTES, field("ms", "number", "milliseconds since the start"),
    LEFT_OUT, ADDED, ACTUAL, WHY },
  setup = { doc = "brings the modem to where the source begins or goes on; not compared, but it must succeed",
    field("text", "string", "a command, which must get OK"),
    field("data", "string", "what follows its prompt"),
    field("result", "string", "its result line, where it has one"),
    field("urc", "string", "instead of a command: wait for this line, or a line that matches this Lua pattern"),
    field("certificate", "string", "instead of a command: store this file of `certs/make-certs`"),
    field("name", "string", "under this name"), field("why", "string", "the reason, where it is not plain") },
  set = { doc = "changes the world of the modem", field("keys", "table", "profile keys that may change at run time"),
    field("why", "string", "the reason, where it is not plain") },
  power = { doc = "does something to its supply", field("action", "string", "`key`, `reset` or `cut`") },
  sms = { doc = "a message from the network", field("from", "string", "number"), field("text", "string", "text") },
  broker = { doc = "lets the broker do something",
    field("action", "string", "`publish`, `stop`, `start`, `pause` (it stalls), `resume`"),
    field("topic", "string", "of publish"), field("text", "string", "payload of publish"),
    field("bytes", "number", "length of the payload instead: filled with `x`"),
    field("qos", "number", "of publish, 0 when left out") },
}

--- More than any prompt of a modem takes, or any message holds.
local MOST_BYTES = 1000000

local BROKERS = { aws = true, plain = true, none = true }
local BROKER_ACTIONS = { publish = true, stop = true, start = true, pause = true, resume = true }

local NEEDED = { setup = {}, set = { "keys" }, power = { "action" }, sms = { "from", "text" }, broker = { "action" } }

--- The bytes of an entry: its text, the bytes of 'hex', or the filling of 'bytes' (then 'text' is what the
-- source shows in their place). nil when it has none.
function M.bytes_of(entry)
  if entry.bytes then
    return ("x"):rep(math.tointeger(entry.bytes))
  end
  if entry.hex then
    return (entry.hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
  end
  return entry.text
end

--- A JSON object with these fields in this order, as far as it has them.
local function ordered(object, names)
  local parts = {}
  for _, name in ipairs(names) do
    if object[name] ~= nil then
      parts[#parts + 1] = cjson.encode(name) .. ":" .. cjson.encode(object[name])
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- One entry of a dialogue as a line: text where the bytes are text, else hex; a number stands for so many
-- bytes that are not kept.
function M.encode(direction, bytes, ms)
  local entry = { dir = direction, ms = math.floor(ms * 10 + 0.5) / 10 }
  if type(bytes) == "number" then
    entry.bytes = bytes
  elseif utf8.len(bytes) and not bytes:find("%z") then
    entry.text = bytes
  else
    entry.hex = bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  end
  return ordered(entry, { "dir", "ms", "text", "hex", "bytes" })
end

--- The head of a session that was recorded by ourselves. 'facts' are further fields.
function M.encode_head(about, model, verdict, facts)
  local head = { source = "modemtest", about = about, model = model, verdict = verdict,
    evidence = "recording", framing = "exact" }
  for name, value in pairs(facts or {}) do
    head[name] = value
  end
  local names = {}
  for i, f in ipairs(M.HEAD) do
    names[i] = f.name
  end
  return ordered(head, names)
end

local function known(fields, name)
  for _, f in ipairs(fields) do
    if f.name == name then
      return f
    end
  end
  return nil
end

local KINDS = { string = "a text", number = "a number", boolean = "true or false", table = "a list or an object",
  texts = "an object with texts" }

local function has_kind(value, kind)
  if kind ~= "texts" then
    return type(value) == kind
  end
  for name, text in pairs(type(value) == "table" and value or { 0 }) do
    if type(name) ~= "string" or type(text) ~= "string" then
      return false
    end
  end
  return type(value) == "table"
end

--- Takes out null values; nil and a message for a field that does not exist or has another type.
local function check_fields(object, fields, what)
  for name, value in pairs(object) do
    local f = known(fields, name)
    if not f then
      return nil, ("%s has no field '%s'"):format(what, name)
    end
    if value == cjson.null then
      object[name] = nil
    elseif not has_kind(value, f.kind) then
      return nil, ("field '%s' of %s must be %s"):format(name, what, KINDS[f.kind])
    end
  end
  return true
end

local function check_head(head)
  local ok, message = check_fields(head, M.HEAD, "a head")
  if ok and head.framing ~= "exact" and head.framing ~= "unknown" then
    return nil, "a head needs the framing, exact or unknown"
  end
  if ok and head.broker and not BROKERS[head.broker] then
    return nil, ("there is no broker '%s': aws, plain or none"):format(head.broker)
  end
  return ok, message
end

local function check_broker(entry)
  if not BROKER_ACTIONS[entry.action] then
    return nil, ("the broker has no action '%s'"):format(entry.action)
  end
  if entry.action == "publish" and not (entry.topic and M.bytes_of(entry)) then
    return nil, "publish needs a topic, and text or bytes"
  end
  return true
end

local function check_saying(entry)
  if not M.bytes_of(entry) then
    return nil, ("an entry %s needs text, hex or bytes"):format(entry.dir)
  end
  if entry.hex and (#entry.hex % 2 ~= 0 or entry.hex:find("%X")) then
    return nil, "hex must be pairs of hexadecimal digits"
  end
  if (entry.actual == nil) ~= (entry.why == nil) then
    return nil, "actual and why go together"
  end
  return true
end

local function check_entry(entry)
  local fields = M.ENTRIES[entry.dir]
  if not fields then
    return nil, ("there is no dir '%s'"):format(tostring(entry.dir))
  end
  local dir = entry.dir
  entry.dir = nil
  local ok, message = check_fields(entry, fields, "an entry " .. dir)
  entry.dir = dir
  if not ok then
    return nil, message
  end
  if entry.bytes and (not math.tointeger(entry.bytes) or entry.bytes < 0 or entry.bytes > MOST_BYTES) then
    return nil, ("bytes must be a whole number up to %d"):format(MOST_BYTES)
  end
  for _, name in ipairs(NEEDED[dir] or {}) do
    if entry[name] == nil then
      return nil, ("an entry %s needs the field '%s'"):format(dir, name)
    end
  end
  if dir == "setup" and not entry.text and not entry.urc and not (entry.certificate and entry.name) then
    return nil, "an entry setup needs text, urc, or certificate and name"
  end
  if dir == "tx" or dir == "rx" then
    return check_saying(entry)
  end
  if dir == "broker" then
    return check_broker(entry)
  end
  return true
end

local function read_line(sessions, line, number)
  local decoded, object = pcall(cjson.decode, line)
  if not decoded or type(object) ~= "table" then
    return nil, "no JSON object"
  end
  if object.dir == nil then
    local ok, message = check_head(object)
    sessions[#sessions + 1] = { head = object, line = number, entries = {} }
    return ok, message
  end
  local session = sessions[#sessions]
  if not session then
    return nil, "an entry before the first head"
  end
  object.line = nil
  local ok, message = check_entry(object)
  object.line = number
  session.entries[#session.entries + 1] = object
  return ok, message
end

--- The sessions in the text of a file: a list of { head=, line=, entries= }; each entry has the
-- number of its line as 'line'. nil and "name:line: what is wrong".
function M.parse(text, name)
  local sessions, number = {}, 0
  for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    if line ~= "" then
      local ok, message = read_line(sessions, line, number)
      if not ok then
        return nil, ("%s:%d: %s"):format(name, number, message)
      end
    end
  end
  if #sessions == 0 then
    return nil, ("%s: no session in it"):format(name)
  end
  return sessions
end

return M
