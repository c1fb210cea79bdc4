--- What client code must not do, whatever the scenario: rows with a pure function each over the steps of a run
-- (client_dialogue.lua). Each row's check returns the lines that show the sin, or nil. Judged behind every scenario
-- of a client; a scenario waives one by name, and so does --waive.
local dialogue = require "modemtest.client_dialogue"
local line = require "modemtest.why_line"

local M = {}

--- How long a client waits before it may take an answer for lost: shorter than the time limit of any command of the
-- manual. It scales with the client's own waits.
local PATIENCE_MS = 5000
--- What was under way when the modem rebooted is no reproach.
local ON_THE_WAY = 1

local function patience(options)
  return PATIENCE_MS * (options.percent or 100) / 100
end

local function is_at(step)
  return step.kind == "command" and step.commands ~= nil
end

local function last_of(step)
  return step.commands and step.commands[#step.commands] or nil
end

local function wants_data(step)
  local last = last_of(step)
  return last ~= nil and (line.data_length(last) ~= nil or line.DATA_LENGTH[last.name] == false and last.form == "set")
end

--- Number of the next step from 'from' on of one of these kinds; nil.
local function next_of(steps, from, kinds)
  for n = from, #steps do
    if kinds[steps[n].kind] then
      return n
    end
  end
  return nil
end

-- Command lines and data -----------------------------------------------------------------------------------------

local NEXT = { command = true, data = true }

--- Is what came early at step n data for a prompt that was not there yet?
local function is_early_data(steps, n)
  local follows = next_of(steps, n + 1, NEXT)
  return follows ~= nil and steps[follows].kind == "data"
end

local function next_command_early(steps, options)
  local from
  for n, step in ipairs(steps) do
    if step.kind == "command" then
      from = n
    elseif step.kind == "early" and from and step.ms - steps[from].ms < patience(options)
        and not is_early_data(steps, n) and not dialogue.clouded(steps, from, n) then
      local follows = next_of(steps, n + 1, { command = true })
      -- Surplus behind data is another sin: it begins no command line.
      if step.behind == "line" or follows and is_at(steps[follows]) then
        return dialogue.excerpt(steps, from, follows or n)
      end
    end
  end
  return nil
end

--- Data that came before its prompt, or although there was none: then it is read as a command line.
local function ignores_prompt(steps)
  local asked, answered
  for n, step in ipairs(steps) do
    if step.kind == "early" and asked and step.behind == "line" and is_early_data(steps, n)
        and not dialogue.clouded(steps, asked, n) then
      return dialogue.excerpt(steps, asked, next_of(steps, n, NEXT))
    elseif step.kind == "command" and not step.commands and step.text ~= "" and asked and answered
        and not dialogue.clouded(steps, asked, n) then
      return dialogue.excerpt(steps, asked, n)
    elseif step.kind == "command" then
      asked, answered = wants_data(step) and n or nil, false
    elseif step.kind == "data" then
      asked = nil
    elseif step.kind == "line" and step.final then
      answered = step.text ~= "OK"
    end
  end
  return nil
end

--- A command line inside of data: what a modem takes of the next command when the data was too short.
local function swallowed(data)
  data = line.unescape(data)
  return data:find("AT%+C%u%u+[=?][^\r]*\r") or data:find("AT\r", 1, true) or data:find("AT%+C%u%u%u+=$")
end

local function wrong_length(steps)
  local asked, data
  for n, step in ipairs(steps) do
    if step.kind == "data" then
      data = n
      if swallowed(step.data) and not dialogue.clouded(steps, asked or n, n) then
        return dialogue.excerpt(steps, asked or n, n + 1)
      end
    elseif step.kind == "command" then
      if data and not step.commands and step.text ~= "" and not dialogue.clouded(steps, asked or data, n) then
        return dialogue.excerpt(steps, asked or data, n)
      end
      asked, data = n, nil
    end
  end
  return nil
end

-- Results and messages -------------------------------------------------------------------------------------------

local WITH_RESULT = { CMQTTCONNECT = true, CMQTTSUB = true, CMQTTUNSUB = true, CMQTTPUB = true }

--- Takes what a line of the modem settles of the operations under way.
local function settle(open, text)
  local name, values = line.answer(text)
  local code, client = line.code(name or "", values or {})
  if code and client and open[client] and open[client].name == name then
    open[client] = nil
  elseif text == "RDY" or text == "+CMQTTNONET" then
    for index in pairs(open) do
      open[index] = nil
    end
  elseif name == "CMQTTCONNLOST" and values[1] then
    open[math.tointeger(tonumber(values[1])) or -1] = nil
  end
end

--- The client that a command of the MQTT service is about, or -1 for all of them (STOP); nil for another.
local function uses_client(c)
  return c.name == "CMQTTSTOP" and -1 or c.name:find("^CMQTT") and line.client_of(c) or nil
end

local function no_wait_for_result(steps, options)
  local open, asked, early = {}, nil, {}
  for n, step in ipairs(steps) do
    if step.kind == "start" then
      open, asked = {}, nil
    elseif is_at(step) then
      for _, c in ipairs(step.commands) do
        local client = uses_client(c)
        local pending = client == -1 and select(2, next(open)) or open[client]
        if pending and step.ms - pending.ms < patience(options) then
          return dialogue.excerpt(steps, pending.step, n)
        end
      end
      local last = last_of(step)
      asked = last and last.form == "set" and WITH_RESULT[last.name] and line.client_of(last)
          and { name = last.name, client = line.client_of(last), step = n } or nil
      early = {}
    elseif step.kind == "line" then
      settle(open, step.text)
      local name = line.answer(step.text)
      if asked and name == asked.name then
        early.result = true
      elseif step.final and asked then
        if step.text == "OK" and not early.result then
          open[asked.client] = { name = asked.name, step = asked.step, ms = step.ms }
        end
        asked = nil
      end
    end
  end
  return nil
end

--- A flush of the input while the client is subscribed to something: a message may come at any moment. After a command
-- without an answer it is a way to begin anew.
local function flushes_message(steps)
  local subscribed, open
  for n, step in ipairs(steps) do
    if step.kind == "start" then
      subscribed, open = nil, nil
    elseif step.kind == "command" then
      open = n
    elseif step.kind == "line" then
      local name, values = line.answer(step.text)
      if step.text == "RDY" or step.text == "+CMQTTNONET" or name == "CMQTTCONNLOST" or name == "CMQTTDISC" then
        subscribed = nil
      elseif name == "CMQTTSUB" and line.code(name, values) == 0 then
        subscribed = n
      end
      open = not step.final and open or nil
    elseif step.kind == "flush" and subscribed and not open then
      return dialogue.shown(steps[subscribed]) .. "\n" .. dialogue.excerpt(steps, subscribed + 1, n)
    end
  end
  return nil
end

local QOS_AT = { CMQTTPUB = 2, CMQTTSUB = 3, CMQTTSUBTOPIC = 3 }

local function qos2(steps, options)
  for n, step in ipairs(steps) do
    for _, c in ipairs(is_at(step) and step.commands or {}) do
      local at = options.aws and c.form == "set" and QOS_AT[c.name]
      if at and c.arguments[at] == "2" then
        return dialogue.excerpt(steps, n, n)
      end
    end
  end
  return nil
end

-- What is stored -------------------------------------------------------------------------------------------------

local function uploads_again(steps)
  local stored, uploading = {}, nil
  for n, step in ipairs(steps) do
    local c = is_at(step) and last_of(step)
    if c and c.name == "CCERTDOWN" and c.form == "set" then
      uploading = { file = c.arguments[1], step = n }
    elseif step.kind == "data" and uploading then
      local before = stored[uploading.file]
      if before then
        return dialogue.shown(steps[before]) .. "\n" .. dialogue.excerpt(steps, uploading.step, n)
      end
      stored[uploading.file] = uploading.step
    elseif step.kind == "command" then
      uploading = nil
    elseif step.kind == "line" then
      local name, values = line.answer(step.text)
      if name == "CCERTLIST" and values[1] then
        stored[values[1]] = stored[values[1]] or n
      end
    end
  end
  return nil
end

local WRONG_PIN = { ["ERROR"] = true, ["+CME ERROR: 16"] = true, ["+CME ERROR: incorrect password"] = true }

--- A PIN that was refused is tried again: the third one locks the card.
local function pin_retry(steps)
  local trying, refused, wanted
  for n, step in ipairs(steps) do
    local c = is_at(step) and last_of(step)
    if c and c.name == "CPIN" and c.form == "set" then
      if refused then
        return dialogue.excerpt(steps, refused, n)
      end
      trying = n
    elseif step.kind == "command" then
      trying = nil
    elseif step.kind == "line" then
      if step.text:find("^%+CPIN: ") then
        wanted = step.text == "+CPIN: SIM PIN"
        refused = wanted and refused or nil
      elseif trying and step.final then
        refused = WRONG_PIN[step.text] and (wanted ~= false or step.text ~= "ERROR") and trying or nil
        trying = nil
      end
    end
  end
  return nil
end

-- Recovery -------------------------------------------------------------------------------------------------------

--- Does a list of waits between attempts not grow? Three that are alike, or any three that are hardly any; five that
-- are alike but for a jitter, or of which one is long for another reason: a machine that was busy.
local function no_growth(waits, options)
  if #waits < 3 then
    return false
  end
  local sorted = table.move(waits, 1, #waits, 1, {})
  table.sort(sorted)
  local low, second, high = sorted[1], sorted[#sorted - 1], sorted[#sorted]
  local at_once = math.max(20, 300 * (options.percent or 100) / 100)
  return high < at_once or high < 1.5 * low or #waits >= 5 and (high < 2.5 * low or second < 2 * low)
end

--- The end of the attempt to connect that stands at this step; "connected", "failed", or nil.
local function attempt_ends(step)
  local name, values = line.answer(step.text)
  if name ~= "CMQTTCONNECT" then
    return nil
  end
  local code = line.code(name, values)
  return code and (code == 0 and "connected" or "failed")
end

local function no_back_off(steps, options)
  local waits, failed, first = {}, nil, nil
  for n, step in ipairs(steps) do
    local c = is_at(step) and last_of(step)
    if step.kind == "start" then
      waits, failed, first = {}, nil, nil
    elseif c and c.name == "CMQTTCONNECT" and c.form == "set" and failed then
      waits[#waits + 1], failed = step.ms - failed, nil
      if no_growth(waits, options) then
        local list = {}
        for i, wait in ipairs(waits) do
          list[i] = ("%.0f"):format(wait)
        end
        return ("waits between attempts: %s ms\n"):format(table.concat(list, ", "))
          .. dialogue.excerpt(steps, first, n)
      end
    elseif step.kind == "line" then
      local how = attempt_ends(step)
      if how == "connected" then
        waits, failed, first = {}, nil, nil
      elseif how == "failed" then
        failed, first = step.ms, first or n
      end
    end
  end
  return nil
end

local NEEDS_START = {}
for _, name in ipairs({ "ACCQ", "SSLCFG", "CONNECT", "TOPIC", "PAYLOAD", "SUB", "SUBTOPIC", "UNSUB", "PUB", "WILLTOPIC",
  "WILLMSG" }) do
  NEEDS_START["CMQTT" .. name] = true
end

--- After a reboot (RDY), or +CMQTTNONET, the service is used as if it still ran; or a START that was refused because
-- it runs is said again without REL and STOP.
local function wakes_service(steps)
  local lost, used, refused = nil, 0, nil
  for n, step in ipairs(steps) do
    local c = is_at(step) and last_of(step)
    if step.kind == "line" and (step.text == "RDY" or step.text == "+CMQTTNONET") then
      lost, used, refused = n, 0, nil
    elseif step.kind == "line" and step.text == "+CMQTTSTART: 23" then
      if refused then
        return dialogue.excerpt(steps, refused, n)
      end
      refused = n
    elseif c and (c.name == "CMQTTSTART" or c.name == "CRESET") then
      lost = nil
    elseif c and (c.name == "CMQTTREL" or c.name == "CMQTTSTOP") then
      refused = nil
    elseif step.kind == "start" then
      lost, refused = nil, nil
    elseif c and lost and NEEDS_START[c.name] and c.form == "set" then
      used = used + 1
      if used > ON_THE_WAY then
        return dialogue.shown(steps[lost]) .. "\n" .. dialogue.excerpt(steps, lost + 1, n)
      end
    end
  end
  return nil
end

local ROWS = {
  { name = "next-command-before-final-result", check = next_command_early,
    doc = "it sends the next command before the final result of the last one",
    wanted = "nothing before OK or ERROR has come, or a time limit has passed" },
  { name = "ignores-prompt", check = ignores_prompt,
    doc = "it sends data before the prompt >, or although the command was refused",
    wanted = "data behind > only" },
  { name = "wrong-announced-length", check = wrong_length,
    doc = "it sends more or fewer bytes of data than it announced",
    wanted = "exactly the bytes that the command announced" },
  { name = "does-not-wait-for-result", check = no_wait_for_result,
    doc = "it takes OK for the success of CONNECT, SUB, UNSUB or PUB and goes on before the result line",
    wanted = "the line +CMQTT...: <client>,<code> first, or a time limit has passed" },
  { name = "flushes-incoming-message", check = flushes_message,
    doc = "it throws away its input while it is subscribed: a message that comes is gone",
    wanted = "no flush (tcflush, TCSAFLUSH, reset_input_buffer) from SUB to the end of the connection" },
  { name = "qos2-on-aws", check = qos2,
    doc = "it asks for QoS 2, which AWS IoT Core does not have",
    wanted = "QoS 0 or 1" },
  { name = "uploads-certificates-at-every-boot", check = uploads_again,
    doc = "it stores a certificate that the modem has already: each time wears the flash",
    wanted = "AT+CCERTLIST first, and only what is missing" },
  { name = "pin-retry-locks-sim", check = pin_retry,
    doc = "it tries a PIN again that was refused: the third one locks the card",
    wanted = "one attempt" },
  { name = "reconnects-without-back-off", check = no_back_off,
    doc = "it connects again and again with waits that do not grow",
    wanted = "waits that grow from one failure to the next" },
  { name = "wakes-service-without-release", check = wakes_service,
    doc = "it uses the MQTT service after RDY or +CMQTTNONET without START, or repeats START without REL and STOP",
    wanted = "all state given up: START, ACCQ, SSLCFG and CONNECT anew; behind a code 23 REL and STOP" },
}

--- The row of this name; nil.
function M.find(name)
  for _, row in ipairs(ROWS) do
    if row.name == name then
      return row
    end
  end
  return nil
end

--- All names, for messages.
function M.names()
  local names = {}
  for n, row in ipairs(ROWS) do
    names[n] = row.name
  end
  return table.concat(names, ", ")
end

--- All checks on a list of events. options: percent (scale of the client's own waits, 100), aws (the broker behaves
-- like AWS IoT Core). Returns a list of { name=, doc=, wanted=, got= } of what was found.
function M.judge(events, options)
  local steps, found = dialogue.steps(events), {}
  for _, row in ipairs(ROWS) do
    local got = row.check(steps, options)
    if got then
      found[#found + 1] = { name = row.name, doc = row.doc, wanted = row.wanted, got = got }
    end
  end
  return found
end

M.rows = ROWS

return M
