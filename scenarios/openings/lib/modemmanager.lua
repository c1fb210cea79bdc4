--- How ModemManager reads (general-commands.md C3.2).
local M = {}

--- What the simtech plugin takes out of the stream as lines that come by themselves, whatever was
-- asked: also the answers to AT+CPIN? and AT+CSQ.
local LINE = "\r\n%s\r\n"
M.LOCK = { LINE:format("%+CPIN: ([^\r\n]*)") }
M.ENABLED = {
  LINE:format("%+CPIN: ([^\r\n]*)"), LINE:format("%+CNSMOD:%s*(%d+)"), LINE:format("%+CSQ:%s*(%d+),(%d+)"),
  LINE:format("%+C[GE]?REG:%s*(%d)"), LINE:format('%+C[GE]?REG:%s*(%d),%s*"?(%x+)"?,%s*"?(%x+)"?'),
}

local FINALS = {
  { "ok", "\r\nOK\r\n" }, { "connect", "\r\nCONNECT[^\r\n]*\r\n" }, { "prompt", "\r\n>%s*$" },
  { "cme", "\r\n%+CME ERROR:%s*[^\r\n]+\r\n" }, { "cms", "\r\n%+CMS ERROR:%s*[^\r\n]+\r\n" },
  { "error", "\r\nERROR\r\n" }, { "error", "\r\nCOMMAND NOT SUPPORT\r\n" }, { "no carrier", "\r\nNO CARRIER\r\n" },
}

--- Takes the lines that come by themselves out of 'buffer', into 'taken'.
local function take_urcs(buffer, urcs, taken)
  for _, urc in ipairs(urcs) do
    local from, to = buffer:find(urc)
    if from then
      taken[#taken + 1] = buffer:sub(from + 2, to - 2)
      buffer = buffer:sub(1, from - 1) .. buffer:sub(to + 1)
    end
  end
  return buffer
end

--- One answer: its final result, the text before that, and the lines taken out of it.
local function response(stream, urcs)
  local buffer, taken, deadline = "", {}, stream:deadline(3)
  while true do
    local byte = stream:byte(deadline)
    if not byte then
      return { final = "timeout", text = "", taken = taken }
    end
    if buffer ~= "" or byte ~= "\0" then
      buffer = buffer .. byte
    end
    -- What stands before the first line break is the echo.
    local first = buffer:find("\r\n", 1, true)
    if first then
      buffer = take_urcs(buffer:sub(first), urcs, taken)
    end
    for _, final in ipairs(first and FINALS or {}) do
      local from = buffer:find(final[2])
      if from then
        return { final = final[1], text = buffer:sub(1, from - 1):gsub("^[\r\n]+", ""), taken = taken }
      end
    end
  end
end

--- modemmanager.final([urcs]) -> reader of "ok", "error", "cme" ...
function M.final(urcs)
  return function(stream)
    return response(stream, urcs or {}).final
  end
end

--- modemmanager.text(stream) -> the answer without line breaks at its ends, false unless it ended with OK
function M.text(stream)
  local r = response(stream, {})
  return r.final == "ok" and r.text:match("^(.-)[\r\n]*$")
end

--- modemmanager.fields(pattern [, urcs]) -> reader of the captures of a Lua pattern
-- Of the answer, or of the first line taken out of it that matches. false where nothing does.
function M.fields(pattern, urcs)
  return function(stream)
    local r = response(stream, urcs or {})
    local fields = { r.text:match(pattern) }
    for _, line in ipairs(r.taken) do
      fields = #fields > 0 and fields or { line:match("^" .. pattern .. "$") }
    end
    return r.final == "ok" and #fields > 0 and fields
  end
end

--- modemmanager.all(pattern) -> reader of the first capture of each match, in order
function M.all(pattern)
  return function(stream)
    local found = {}
    for capture in response(stream, {}).text:gmatch(pattern) do
      found[#found + 1] = capture
    end
    return found
  end
end

--- mm_3gpp_parse_cgdcont_test_response(): { "lowest-highest type", ... }
function M.contexts(stream)
  local found = {}
  local text = response(stream, {}).text
  for low, high, kind in text:gmatch('%+CGDCONT:%s*%(%s*(%d+)%s*%-?%s*(%d*)[^%)]*%)%s*,%s*%(?"(%w+)"') do
    found[#found + 1] = ("%s-%s %s"):format(low, high, kind)
  end
  return found
end

--- The bytes of an elementary file (AT+CRSM) as hexadecimal text; false where the card has none.
local function file(stream)
  local first, second, hex = response(stream, {}).text:match('%+CRSM:%s*(%d+)%s*,%s*(%d+)%s*,%s*"?(%x+)"?')
  return first == "144" and second == "0" and hex
end

M.file = file

--- EF ICCID: digits, the two of each byte swapped.
function M.iccid(stream)
  local hex = file(stream)
  return hex and hex:gsub("(.)(.)", "%2%1"):gsub("F+$", "")
end

--- EF SPN: a name behind the first byte, filled up with FF.
function M.provider(stream)
  local hex = file(stream)
  return hex and hex:sub(3):gsub("%x%x", function(byte)
    return byte:upper() ~= "FF" and string.char(tonumber(byte, 16)) or ""
  end)
end

--- The operator of AT+COPS?, with AT+CSCS="UCS2" in force; one that is not in UCS2 is taken as it is.
function M.operator(stream)
  local name = response(stream, {}).text:match('%+COPS:%s*%d,%d,"([^"]*)"')
  if not name or #name % 4 ~= 0 or name:find("%X") then
    return name
  end
  return (name:gsub("%x%x%x%x", function(unit) return utf8.char(tonumber(unit, 16)) end))
end

return M
