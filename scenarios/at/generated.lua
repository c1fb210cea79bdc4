--- What bad input gets, for every command that the emulator offers, made from its rows: none is forgotten
-- when a row is added. What the values mean is tested elsewhere; here only that each line is answered as
-- it must be, byte for byte where the specification fixes it, and that nothing stays behind.
local t = require "modemtest"
local bad_lines = require "lib.bad_lines"
local offered = require "lib.offered"

local OK, ERROR = "\r\nOK\r\n", bad_lines.ERROR

--- Basic commands that do more than set a value in front of the '?' or '=' that is wrong behind them.
local BARE_ACTS = {
  ["V"] = "ATV? is ATV0 and an error in digits", ["Z"] = "brings echo back", ["&F"] = "brings echo back",
  ["A"] = "answers a call", ["H"] = "ends a call", ["D"] = "takes the rest as a number", ["O"] = "enters data mode",
  ["I"] = "prints", ["&V"] = "prints",
}

--- Commands whose valid values would end the dialogue; their wrong ones are sent.
local ENDS_DIALOGUE = {
  ["E"] = "echo", ["Q"] = "no results", ["V"] = "results in digits", ["Z"] = "brings echo back",
  ["&F"] = "brings echo back", ["S3"] = "another end of line", ["S4"] = "another frame",
  ["S5"] = "another backspace",
  ["D"] = "dials", ["+CFUN"] = "resets the modem", ["+IPR"] = "another baud rate", ["+IPREX"] = "another baud rate",
  ["+ICF"] = "another frame of characters", ["+IFC"] = "flow control", ["+CMUX"] = "multiplexer",
  ["+CGDATA"] = "data mode", ["+CSCLK"] = "sleeps", ["+CATR"] = "URCs elsewhere", ["+CUSBPIDSWITCH"] = "leaves the bus",
}

--- Commands that refuse valid values by a plain ERROR in the state of a fresh modem.
local PLAIN_BY_STATE = {
  ["+CMQTTSSLCFG"] = "before START (mqtt-ssl-commands.md 2.2)", ["+CMQTTCFG"] = "before ACCQ (2.2)",
  ["+CCERTDELE"] = "there is no file (5.4)",
  ["+COPS"] = "modes 1 and 4 want an operator", ["+CLCK"] = "a lock wants its password",
  ["+CGPADDR"] = "the context is not defined",
  ["+CNMI"] = "how messages are told depends on the mode", ["+CPCMREG"] = "there is no call",
  ["+CGPS"] = "GNSS is off (B4.9)", ["+CGDRT"] = "GPIO40 has a function of its own (B4.12)",
  ["+CGSETV"] = "an input (B4.12)", ["+CGGETV"] = "GPIO40 has a function of its own (B4.12)",
  ["+CGISR"] = "GPIO40 has a function of its own (B4.12)",
}

--- Commands whose test form takes its time, and is given up when more is typed (A12).
local SLOW_TEST = { ["+COPS"] = true }

--- Sends a line and AT behind it; the answers must be exactly these bytes and OK.
local function exactly(dev, line, answer)
  local r, after = dev:cmd("%s", line), dev:cmd("AT")
  r:bytes(answer)
  after:bytes(OK)
end

--- A line that must be refused in one of the ways a state allows: ERROR, with a line of the command's own in
-- front or without, or an error of the equipment.
local function refused(dev, line, name)
  local r = dev:cmd("%s", line)
  local lines = r:lines()
  t.check(r.final.text == "ERROR" or r.final.text:find("^%+CM[ES] ERROR: "), "not refused: " .. line)
  for _, info in ipairs(lines) do
    local own = info:find(name .. ": ", 1, true) == 1 or info:find("^%+IP ERROR: ")
    t.check(own, "in answer to " .. line .. ": " .. info)
  end
  dev:forget()
  dev:cmd("AT"):bytes(OK)
end

local function all_refused(dev, lines, name)
  for _, item in ipairs(lines) do
    if item.answer then
      exactly(dev, item.line, item.answer)
    else
      refused(dev, item.line, name)
    end
  end
end

t.scenario "forms that it does not have, and values that it refuses" {
  tags = { "at", "generated", "errors" },
  needs = { "emulator" },
  cases = offered.cases(),
  run = function(dev, _, p)
    local command = p.command
    if offered.is_extended(command.name) then
      all_refused(dev, bad_lines.forms(command), command.name)
      all_refused(dev, bad_lines.values(command), command.name)
      return
    end
    if not BARE_ACTS[command.name] then
      all_refused(dev, bad_lines.forms(command), command.name)
    end
    if command.name ~= "D" then -- any digits are a number
      all_refused(dev, bad_lines.basic_values(command), command.name)
    end
  end,
}

--- The same line written in other ways that mean the same (general-commands.md A2, A4, A5).
local function spelled(body)
  local function between(mark)
    return "AT" .. body:gsub(".", "%0" .. mark)
  end
  return {
    "AT" .. body:lower(), "at" .. body:lower(), "At" .. body, "aT" .. body, "xAAT" .. body, "\0AT" .. body,
    between(" "), between("\0"), between("\1\t\x1F"), between("x\b"), "AT" .. body .. ";", "ATQ0" .. body,
    "AT" .. body .. (" "):rep(558 - #body), "AT" .. body .. (" "):rep(559 - #body),
    "AT" .. body .. ";" .. ("Q0"):rep(38),
  }
end

--- More than a line may hold, and what is no part of a name. (Behind a basic command it would be the next.)
local function misspelled(body)
  local lines = { "AT" .. body .. (" "):rep(560 - #body), "AT" .. body .. ";" .. ("Q0"):rep(39),
    "AT\xE9" .. body, "ATAT" .. body, "AT" .. body:sub(1, 1) .. "\xC3\x89" .. body:sub(2) }
  if offered.is_extended(body) then
    lines[#lines + 1] = "AT" .. body .. "\xE9"
  end
  return lines
end

--- A line's text with an answer that is always the same, and that answer: of the test form, which every state
-- has, else of the read form; nil where there is none.
local function steady_answer(dev, command)
  local tail = command.forms.T and not SLOW_TEST[command.name] and "=?" or command.forms.R and "?"
  if not tail then
    return nil
  end
  local body = command.name .. tail
  local first, second = dev:cmd("AT%s", body):raw(), dev:cmd("AT%s", body):raw()
  local taken = first:find("\r\nOK\r\n$")
  t.check(taken or tail ~= "=?", "refused: AT" .. body)
  return taken and first == second and body or nil, first
end

t.scenario "case, spaces, control characters, length and number of commands" {
  tags = { "at", "generated", "syntax" },
  needs = { "emulator" },
  cases = offered.cases(),
  run = function(dev, _, p)
    local body, answer = steady_answer(dev, p.command)
    if not body then
      return
    end
    for _, line in ipairs(spelled(body)) do
      exactly(dev, line, answer)
    end
    for _, line in ipairs(misspelled(body)) do
      exactly(dev, line, ERROR)
    end
  end,
}

--- Waits for the final result; a prompt gets its data. Returns the information lines and the final result.
local function answered(dev, edge)
  local r = dev:cmd("%s", edge.line)
  if r:prompt { may_fail = true } then
    r:data(bad_lines.data(edge))
  end
  local lines = r:lines()
  return lines, r.final.text
end

t.scenario "values at the edges of their ranges are no syntax error" {
  tags = { "at", "generated", "ranges" },
  needs = { "emulator" },
  cases = offered.cases(),
  run = function(dev, env, p)
    local name = p.command.name
    for _, edge in ipairs(ENDS_DIALOGUE[name] and {} or bad_lines.valid_edges(p.command)) do
      local lines, final = answered(dev, edge)
      local plain = final == "ERROR" and #lines == 0
      local by_state = PLAIN_BY_STATE[name] or name:find("^%+CMQTT") and env.key "prestart_error" == "plain"
      t.check(not plain or not edge.strict or by_state, "a plain ERROR for a value in range: " .. edge.line)
      dev:forget()
      dev:cmd("AT"):ok()
    end
    dev:forget()
  end,
}

t.scenario "commands that are refused" {
  tags = { "at", "generated", "errors" },
  needs = { "emulator" },
  run = function(dev)
    for _, row in ipairs(offered.refused()) do
      local name = row.name
      exactly(dev, "AT" .. name, ERROR)
      exactly(dev, "at" .. name:lower(), ERROR)
      if name:find("^D") then -- a data call is dialled with a # behind it
        exactly(dev, "AT" .. name .. "#", ERROR)
        exactly(dev, "AT" .. name .. "***1#", ERROR)
      end
      for _, tail in ipairs(offered.is_extended(name) and { "?", "=?", "=", "=1", '="a",1', "=1,2,3" } or {}) do
        exactly(dev, "AT" .. name .. tail, ERROR)
      end
    end
  end,
}

t.scenario "a syntax error is a plain ERROR at every level of CMEE" {
  tags = { "at", "generated", "errors" },
  needs = { "emulator" },
  cases = { { n = 0 }, { n = 1 }, { n = 2 } },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=%d", p.n):ok()
    for _, command in ipairs(offered.commands()) do
      if offered.is_extended(command.name) then
        exactly(dev, "AT" .. command.name .. "?1", ERROR)
        exactly(dev, "AT" .. command.name .. '="', ERROR)
        exactly(dev, "AT" .. command.name .. "=“1”", ERROR)
      end
    end
    dev:cmd("AT+CMEE?"):ok():lines { "+CMEE: " .. p.n }
  end,
}
