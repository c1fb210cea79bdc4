--- Clients that read line by line: RT-Thread's at_client, OVMS, Zephyr's modem_chat.
local M = {}

local function next_line(stream, ends)
  local line, deadline = "", stream:deadline(5)
  while true do
    local byte = stream:byte(deadline)
    if not byte then
      return nil
    end
    line = line .. byte
    if line:sub(-#ends) == ends then
      return line:sub(1, -#ends - 1)
    end
  end
end

--- Reads lines until final(line) says how it ended; returns that and the lines before.
local function answer(stream, ends, final)
  local lines = {}
  while true do
    local line = next_line(stream, ends)
    local ended = not line and "timeout" or final(line)
    if ended then
      return ended, lines
    end
    lines[#lines + 1] = line
  end
end

local function captures(lines, pattern)
  for _, line in ipairs(lines) do
    local found = { line:match(pattern) }
    if #found > 0 then
      return found
    end
  end
  return false
end

--- RT-Thread: a line that begins with OK ends the answer, as does one with ERROR in it.
local function rt_final(line)
  return line:sub(1, 2) == "OK" and "OK" or line:find("ERROR", 1, true) and "ERROR"
end

--- lines.rt_thread([pattern]) -> reader of "OK" or "ERROR"; with a pattern, of its captures
function M.rt_thread(pattern)
  return function(stream)
    local ended, lines = answer(stream, "\r\n", rt_final)
    if pattern then
      return ended == "OK" and captures(lines, pattern)
    end
    return ended
  end
end

--- lines.ovms(pattern, ...) -> reader of the captures of all patterns, one after the other
-- Each is looked for in every line up to the one final result of the whole command line.
function M.ovms(...)
  local patterns = { ... }
  return function(stream)
    local ended, lines = answer(stream, "\n", function(line)
      return (line == "OK\r" or line == "ERROR\r") and line:sub(1, -2)
    end)
    local values = { ended }
    for _, pattern in ipairs(patterns) do
      local found = captures(lines, pattern)
      table.move(found or { "missing" }, 1, found and #found or 1, #values + 1, values)
    end
    return values
  end
end

--- Zephyr drops every LF and takes CR for the end of a line.
local function zephyr_line(stream)
  local line = next_line(stream, "\r")
  return line and (line:gsub("\n", ""))
end

--- lines.zephyr(match [, keep]) -> reader
-- A chat script goes on with the line that begins with 'match'; 'keep': first one line for any use (the
-- IMEI, the model), which is the value; otherwise the value is the line that matched.
function M.zephyr(match, keep)
  return function(stream)
    local kept
    while true do
      local line = zephyr_line(stream)
      if not line then
        return false
      end
      if line:sub(1, #match) == match then
        return kept or line
      end
      kept = kept or keep and line ~= "" and line or nil
    end
  end
end

--- lines.zephyr_registration(name) -> reader of <stat> of an answer, whose line has two numbers
function M.zephyr_registration(name)
  return function(stream)
    local stat
    while true do
      local line = zephyr_line(stream)
      if not line or line == "OK" then
        return stat or false
      end
      stat = stat or line:match("^%+" .. name .. ": %d,(%d)")
    end
  end
end

return M
