--- sim7600ctl: one request to a running emulator over its control socket, and its answer as text or JSON.
-- The verbs are those of docs/CONTROL.md; the socket itself checks the fields, so a verb it learns works here
-- without a change. main(arguments) returns the exit code: 0 done, 1 refused or nobody there, 2 usage.
local cjson = require "cjson"
local ctl_file = require "modemtest.ctl_file"
local host = require "modemtest.host"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"
local why = require "modemtest.why"

local M = {}

local ANSWER_SECONDS = 20

local HELP = [[
usage: sim7600ctl [--control PATH] [--json] VERB [ARGUMENT ...] [FIELD=VALUE ...]

Talks to a running emulator (sim7600 --control PATH).

  list                          the modems, their ports and profiles
  add [profile=NAME] [link=PATH] [KEY=VALUE ...]
                                one more modem
  remove modem=NAME             a modem goes
  state                         what the modem is now
  version                       the emulator's version
  get [KEY ...]                 keys of the profile and their present values
  set KEY=VALUE ...             changes keys of the world while the modem runs
  script FILE [repeat=N]        changes keys step by step: JSON as in docs/CONTROL.md; without FILE it ends
  time PERCENT                  all modelled times take so many percent: 100 as on hardware, 0 at once
  lines [dtr=off] [rts=off]     the lines of the UART
  urc TEXT                      a line comes by itself
  raw TEXT                      bytes go to the client at once; \\xHH, \\r, \\n
  power key|reset|cut           works a pin, or breaks the supply down
  call [ring|end|answer]        somebody outside calls; from=NUMBER
  sms from=NUMBER text=TEXT     a short message arrives
  fault NAME PARAMETER=VALUE .. arms a fault of docs/FAULTS.md; count=N nth=N chance=PERCENT seed=N
                                when.event=NAME when.FIELD=VALUE until.event=NAME ...
  faults                        the faults and how often they struck
  clear [NUMBER]                forgets a fault, or all of them
  trace [N]                     the latest N events
  subscribe [N]                 the latest N events, and all to come, until Ctrl-C; events=NAME,NAME
  coverage                      which commands were used, and how they ended
  snapshot                      state, keys, faults, coverage and events in one: use --json
  why [decisions=FILE]          why the last command ended as it did, in plain words; FILE: that of
                                broker/run --decisions. Also command=TEXT, client=N
Any verb takes modem=NAME where there are several modems. Any other verb of docs/CONTROL.md: its fields as
FIELD=VALUE.

  --control PATH  the socket; default: $SIM7600_CONTROL
  --json          the answer as one line of JSON
  --version, --help

Exit: 0 done, 1 the emulator refused or is not there, 2 usage.
]]

local function whole(text)
  return text:match("^%-?%d+$") and math.tointeger(tonumber(text)) or text
end

--- What words without '=' stand for, where words with '=' go that are no fields of the request, and which values are
-- texts though they may look like numbers: all of them, or those of some fields.
local VERBS = {
  get = { words = "keys" },
  set = { into = "keys", fields = {} },
  power = { word = "action" },
  call = { word = "action", texts = true },
  sms = { texts = true },
  fault = { word = "name", into = "parameters",
    fields = { count = true, nth = true, chance = true, seed = true }, objects = { when = true, ["until"] = true } },
  clear = { word = "fault" },
  trace = { word = "last" },
  subscribe = { word = "last", lists = { events = true } },
  snapshot = { word = "last" },
  time = { word = "percent" },
  urc = { word = "text", texts = true },
  raw = { word = "text", texts = true },
  add = { into = "keys", fields = { profile = true, link = true } },
  script = { word = "file" },
  why = { texts = { command = true, decisions = true } },
}

local function value_of(row, field, text)
  local as_it_is = type(row.texts) == "table" and row.texts[field] or row.texts == true
  return as_it_is and text or whole(text)
end

--- The request of a command line's words, and the words to choose keys by; nil and a message.
function M.request(words)
  local verb = words[1]
  local row = VERBS[verb] or {}
  local request, chosen, taken = { verb = verb }, {}, false
  for i = 2, #words do
    local field, value = words[i]:match("^([^=]+)=(.*)$")
    local object, member = (field or ""):match("^(%a+)%.([^=]+)$")
    if not field and row.words then
      chosen[#chosen + 1] = words[i]
    elseif not field then
      if not row.word or taken then
        return nil, ("%s: what is '%s'? Fields are written FIELD=VALUE"):format(verb, words[i])
      end
      taken, request[row.word] = true, value_of(row, row.word, words[i])
    elseif field and row.lists and row.lists[field] then
      request[field] = {}
      for one in value:gmatch("[^,]+") do
        table.insert(request[field], one)
      end
    elseif object and row.objects and row.objects[object] then
      request[object] = request[object] or {}
      request[object][member] = whole(value)
    elseif field == "modem" or not row.into or row.fields[field] then
      request[field] = value_of(row, field, value)
    else
      request[row.into] = request[row.into] or {}
      request[row.into][field] = verb == "set" and value or whole(value)
    end
  end
  if row.into == "parameters" then
    request.parameters = request.parameters or {}
  end
  return request, chosen
end

local function sorted(keys)
  local names = {}
  for name in pairs(keys) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function shown(value)
  return type(value) == "number" and ("%d"):format(value) or tostring(value)
end

local function members(object, but)
  local parts = {}
  for _, name in ipairs(sorted(object)) do
    if not but[name] then
      parts[#parts + 1] = ("%s=%s"):format(name, shown(object[name]))
    end
  end
  return table.concat(parts, " ")
end

local function event_line(one)
  return ("%8d  modem%d  %s  %s"):format(one.t, one.modem, one.event,
    members(one, { t = true, modem = true, event = true }))
end

--- An object with objects and lists inside, a line for each value: "network.registration = home".
local function flat(value, add, name)
  if type(value) ~= "table" then
    add(("%s = %s"):format(name, shown(value)))
  elseif #value > 0 or next(value) == nil then
    for i, one in ipairs(value) do
      flat(one, add, ("%s[%d]"):format(name, i - 1))
    end
  else
    for _, key in ipairs(sorted(value)) do
      flat(value[key], add, name and name .. "." .. key or key)
    end
  end
end

local PRINT = {
  modems = function(list, add)
    for _, one in ipairs(list) do
      add(("%s  %s  %s"):format(one.name, one.path, one.profile))
    end
  end,
  keys = function(keys, add)
    for _, name in ipairs(sorted(keys)) do
      add(("%s = %s"):format(name, shown(keys[name])))
    end
  end,
  faults = function(list, add)
    for _, one in ipairs(list) do
      if not one.fault then -- of 'verbs': a row
        add(("%-24s %s"):format(one.name, table.concat(one.parameters, " ")))
        goto continue
      end
      local left = one.left < 0 and "for ever" or ("left %d"):format(one.left)
      add(("%d  %s  %s  fired %d, %s"):format(one.fault, one.name, members(one.parameters, {}), one.fired, left))
      ::continue::
    end
  end,
  events = function(list, add)
    for _, one in ipairs(list) do
      add(event_line(one))
    end
  end,
  state = flat,
  hit = function(list, add)
    for _, one in ipairs(list) do
      add(("%6d  %-20s %-8s %s"):format(one.count, one.command, one.form, one.verdict))
    end
  end,
  never = function(list, add)
    add(("%6d  rows never used: %s"):format(#list, table.concat(list, " ")))
  end,
  verbs = function(list, add)
    for _, one in ipairs(list) do
      local fields = {}
      for i, field in ipairs(one.fields) do
        fields[i] = (field.optional and "[%s]" or "%s"):format(field.name)
      end
      add(("%-10s %-40s %s"):format(one.verb, table.concat(fields, " "), one.doc))
    end
  end,
}

--- An answer (a table) as text for a reader, with a line end where there is anything to say.
function M.text(answer)
  local lines = {}
  local function add(line)
    lines[#lines + 1] = line .. "\n"
  end
  if answer.first then
    return table.concat(why.lines(answer), "\n") .. "\n"
  end
  local names = sorted(answer)
  local alone = #names == 1
  for _, name in ipairs(names) do
    local value = answer[name]
    if PRINT[name] then
      PRINT[name](value, add)
    elseif type(value) == "number" then
      add(name .. " " .. shown(value))
    else
      local text = type(value) == "string" and value or cjson.encode(value)
      add(alone and text or name .. " " .. text)
    end
  end
  return table.concat(lines)
end

local function complain(format, ...)
  io.stderr:write("sim7600ctl: ", format:format(...), "\n")
end

local function choose(answer, keys)
  local picked = {}
  for _, key in ipairs(keys) do
    if answer.keys[key] == nil then
      return nil, ("there is no key '%s'; 'get' shows all"):format(key)
    end
    picked[key] = answer.keys[key]
  end
  return { keys = picked }
end

local function complete(options, words)
  for _, word in ipairs(require("modemtest.ctl_complete").words(options.control, words)) do
    io.stdout:write(word, "\n")
  end
  return 0
end

local function subscribe(options, request)
  local code, message = require("modemtest.ctl_subscribe").main(options, request, function(event)
    return event_line(event) .. "\n"
  end)
  if message then
    complain("%s", message)
  end
  return code
end

local function ask(options, request, chosen)
  local answer, message = sim_control.request(options.control, request, task.now() + ANSWER_SECONDS * 1000)
  if answer and #chosen > 0 then
    answer, message = choose(answer, chosen)
  end
  if not answer then
    complain("%s", message)
    return 1
  end
  io.stdout:write(options.json and cjson.encode(answer) .. "\n" or M.text(answer))
  return 0
end

local function parse(arguments)
  local options, words, i = { control = os.getenv("SIM7600_CONTROL") }, {}, 1
  while i <= #arguments do
    local word = arguments[i]
    if #words > 0 or word:sub(1, 1) ~= "-" then
      words[#words + 1] = word
    elseif word == "--control" then
      i = i + 1
      if not arguments[i] then
        return nil, "--control needs the path of a socket"
      end
      options.control = arguments[i]
    elseif word:match("^%-%-control=") then
      options.control = word:match("=(.*)$")
    elseif word == "--json" or word == "--help" or word == "--version" or word == "--complete" then
      options[word:sub(3)] = true
    elseif word == "-h" then
      options.help = true
    else
      return nil, ("unknown option '%s'; see --help"):format(word)
    end
    i = i + 1
  end
  return options, words
end

--- Runs fn() in a task; its exit code.
local function in_task(fn)
  local ok, code = task.run(task.spawn("the request", fn))
  if not ok then
    complain("%s", tostring(code))
    code = 2
  end
  task.shut_down()
  return code
end

--- arguments: list of strings. Returns the exit code.
function M.main(arguments)
  local options, words = parse(arguments)
  if not options then
    complain("%s", words)
    return 2
  end
  if options.help then
    io.stdout:write(HELP)
    return 0
  end
  if options.version then
    io.stdout:write(("sim7600ctl %s\n"):format(host.version))
    return 0
  end
  if options.complete then
    return in_task(function() return complete(options, words) end)
  end
  if #words == 0 then
    complain("which verb? See --help")
    return 2
  end
  if not options.control or options.control == "" then
    complain("which emulator? Give --control PATH or set SIM7600_CONTROL to what sim7600 --control got")
    return 2
  end
  local request, chosen = M.request(words)
  if not request then
    complain("%s", chosen)
    return 2
  end
  local read = ctl_file[request.verb]
  if read then
    local ok, message = read(request)
    if not ok then
      complain("%s", message)
      return 2
    end
  end
  return in_task(function()
    if request.verb == "subscribe" then
      return subscribe(options, request)
    end
    return ask(options, request, chosen)
  end)
end

return M
