--- What a firmware prints when a CMQTT command ends with a code: pure rules of a row and the keys of a profile.
-- The scenarios demand these lines byte for byte, and docs/CODES.md shows the same ones.
local session = require "lib.mqtt_session"

local M = {}

local NO_INDEX = { ["+CMQTTSTART"] = true, ["+CMQTTSTOP"] = true }
local NETWORK = { ["+CMQTTCONNECT"] = true, ["+CMQTTSUB"] = true, ["+CMQTTUNSUB"] = true, ["+CMQTTPUB"] = true }

--- answer.result_line(row) -> text
-- The line with the code, as the reference device has it. row: command, code, and rest, what was typed behind it.
function M.result_line(row)
  local index = NO_INDEX[row.command] and "" or (row.rest or ""):match("^=(%d+)") or "0"
  return ("%s: %s%d"):format(row.command, index ~= "" and index .. "," or "", row.code)
end

--- The code of a TLS that could not be set up is a key, since old firmware has no 34.
local function coded(row, firmware)
  if row.code ~= 34 or row.kind == "forced" then
    return row
  end
  return setmetatable({ code = math.tointeger(tonumber(firmware.key "open_session_code")) }, { __index = row })
end

local function ordered(line, ok_first)
  return ok_first and { "OK", line } or { line, "OK" }
end

local SHAPES = {}

--- Known at once: the line and ERROR; what firmware differs in stands in session.wanted.
function SHAPES.refused(row, firmware, line)
  local want = session.wanted(firmware, row.state, "AT" .. row.command .. (row.rest or ""), line)
  return (want == "OK" or want == "ERROR") and { want } or { want, "ERROR" }
end

--- The same on all firmware.
function SHAPES.at_once(_, _, line)
  return { line, "ERROR" }
end

--- Found out by the network, with the link to the broker up.
function SHAPES.network(_, firmware, line)
  return firmware.key "result_style" == "sync" and { line, "ERROR" } or { "OK", line }
end

--- A CONNECT that ends before the link to the broker is up.
function SHAPES.unreached(_, firmware, line)
  return firmware.key "result_style" == "async" and { "OK", line } or { line, "ERROR" }
end

--- The line alone, which no command waits for.
function SHAPES.unasked(_, _, line)
  return { line }
end

function SHAPES.success(row, firmware, line)
  local command = row.command
  if NETWORK[command] then
    return { "OK", line }
  elseif command == "+CMQTTSTART" or command == "+CMQTTSTOP" then
    return ordered(line, firmware.key("order." .. command:sub(7):lower()) == "ok_urc")
  elseif command == "+CMQTTDISC" then
    return ordered(line, firmware.key "order.disc" == "ok_urc")
  end
  return { "OK" }
end

--- answer.lines(row, firmware) -> list of lines; nil and why this firmware cannot come to it
-- row: command, rest, code, shape (a name of the above, or a function like them), line (in place of the result line),
-- behind (lines that follow); row.impossible(key) gives the why.
-- firmware: { profile = name, key = function(name) -> text }.
function M.lines(row, firmware)
  local why = row.impossible and row.impossible(firmware.key)
  if why then
    return nil, why
  end
  row = coded(row, firmware)
  local shape = type(row.shape) == "function" and row.shape or SHAPES[row.shape]
  local lines = shape(row, firmware, row.line or M.result_line(row))
  for _, line in ipairs(row.behind or {}) do
    lines[#lines + 1] = line
  end
  return lines
end

--- answer.bytes(lines) -> bytes
function M.bytes(lines)
  local out = {}
  for i, line in ipairs(lines) do
    out[i] = "\r\n" .. line .. "\r\n"
  end
  return table.concat(out)
end

--- answer.shown_code(row, lines) -> integer
-- The code these lines really show for the row's command; nil where they show none: some firmware answers a plain
-- ERROR. An OK alone is 0.
function M.shown_code(row, lines)
  for _, line in ipairs(lines) do
    local code = line:find(row.command .. ":", 1, true) == 1 and line:match("(%d+)$")
    if code then
      return math.tointeger(tonumber(code))
    end
  end
  return lines[1] == "OK" and 0 or nil
end

return M
