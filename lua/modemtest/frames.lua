--- Framing of what a modem sends: bytes in, items out.
-- Written from the AT manual (V.250 5.7, A8 and A13 of the general commands, 1.2 and 6.1 of the
-- MQTT commands), never from an emulator's code. An item is a table
--   { class, text, raw, name, data }
-- class: "final" (OK, ERROR, +CME ERROR: n ...), "prompt" (>), "line" (any other complete line),
-- "block" (a header line and the counted bytes behind it, in 'data'), "echo" (of bytes the caller
-- announced). Whether a line is information or a URC depends on the command that runs: see
-- classify(). Blank lines belong to the 'raw' of the item that follows, so that the concatenated
-- 'raw' of all items is exactly what was received.
local M = {}

local FINALS = {
  ["OK"] = true, ["ERROR"] = true, ["NO CARRIER"] = true, ["BUSY"] = true,
  ["NO ANSWER"] = true, ["NO DIALTONE"] = true, ["COMMAND NOT SUPPORT"] = true,
  ["CONNECT FAIL"] = true,
}

local FINAL_PATTERNS = { "^%+CME ERROR: ?", "^%+CMS ERROR: ?", "^CONNECT%f[%A]" }

--- Header lines with counted bytes behind them: name -> pattern that captures the length.
local BLOCKS = {
  ["+CMQTTRXTOPIC"] = "^%+CMQTTRXTOPIC: %d+,(%d+)$",
  ["+CMQTTRXPAYLOAD"] = "^%+CMQTTRXPAYLOAD: %d+,(%d+)$",
  ["+CCHRECV"] = "^%+CCHRECV: DATA,%d+,(%d+)$",
}

--- Lines that come by themselves, whatever command runs. The boolean tells whether the name is also
-- a command whose answer carries it: then the line belongs to that command while it runs.
local URCS = {
  ["RDY"] = false, ["SMS DONE"] = false, ["PB DONE"] = false, ["RING"] = false,
  ["+CPIN"] = true, ["+SIMCARD"] = false, ["+CREG"] = true, ["+CGREG"] = true, ["+CEREG"] = true,
  ["+CTZV"] = false, ["+CGEV"] = false, ["+CIPEVENT"] = false, ["+CNSMOD"] = true,
  ["+NETOPEN"] = true, ["+NETCLOSE"] = true, ["+IPCLOSE"] = false, ["+CIPOPEN"] = true,
  ["+CIPCLOSE"] = true, ["+CIPSEND"] = true, ["Autobaud"] = false,
  ["+CMTI"] = false, ["+CMT"] = false, ["+CDS"] = false, ["+CDSI"] = false,
  ["+CMQTTCONNLOST"] = false, ["+CMQTTNONET"] = false, ["+CMQTTPING"] = false,
  ["+CMQTTRXSTART"] = false, ["+CMQTTRXEND"] = false,
  ["+CMQTTRXTOPIC"] = false, ["+CMQTTRXPAYLOAD"] = false,
  ["+CMQTTSTART"] = true, ["+CMQTTSTOP"] = true, ["+CMQTTCONNECT"] = true, ["+CMQTTDISC"] = true,
  ["+CMQTTPUB"] = true, ["+CMQTTSUB"] = true, ["+CMQTTUNSUB"] = true,
  ["+CCHSTART"] = true, ["+CCHSTOP"] = true, ["+CCHOPEN"] = true, ["+CCHCLOSE"] = true,
  ["+CCHRECV"] = true, ["+CCHEVENT"] = false, ["+CCH_PEER_CLOSED"] = false,
  ["+CCH_RECV_CLOSED"] = false,
}

--- The name of a line: "+CSQ" of "+CSQ: 20,99"; the whole text where there is no colon.
function M.name_of(text)
  return text:match("^([^:]*):") or text
end

function M.is_final(text)
  if FINALS[text] then
    return true
  end
  for _, pattern in ipairs(FINAL_PATTERNS) do
    if text:find(pattern) then
      return true
    end
  end
  return false
end

--- The upper-case names of the extended commands in a command line: { ["+CPIN"] = true, ... }.
-- A separator or a plus inside quotes is text.
function M.command_names(line)
  local names = {}
  for name in line:upper():gsub('"[^"]*"?', '""'):gmatch("[%+%$%^%*][%u][%u%d_]*") do
    names[name] = true
  end
  return names
end

--- What an item means while the command with these names runs ('names' nil: none does):
-- "final", "prompt", "echo", "info" (belongs to the command), "urc", or "unknown".
function M.classify(item, names)
  if item.class == "final" or item.class == "prompt" then
    return names and item.class or "unknown"
  end
  if item.class == "echo" then
    return "echo"
  end
  local own = names ~= nil and names[item.name] == true
  local also_command = URCS[item.name]
  if also_command ~= nil and not (own and also_command) then
    return "urc"
  end
  return names and "info" or "unknown"
end

local Parser = {}
Parser.__index = Parser

--- 'emit' is called with each complete item, in order.
function M.new(emit)
  return setmetatable({ emit = emit, buffer = "", block = nil, expected = "" }, Parser)
end

local function give(self, class, size, fields)
  local item = fields or {}
  item.class = class
  item.raw = self.buffer:sub(1, size)
  self.buffer = self.buffer:sub(size + 1)
  self.last = item
  self.emit(item)
end

--- Announces bytes the modem will echo from now on (command echo is recognised by the caller).
function Parser:expect_echo(bytes)
  self.expected = self.expected .. bytes
end

--- Echoed data has no line end of its own; it is counted against what was announced.
local function take_echo(self)
  if self.expected == "" or self.buffer == "" then
    return false
  end
  local n = math.min(#self.expected, #self.buffer)
  if self.buffer:sub(1, n) ~= self.expected:sub(1, n) then
    self.expected = ""
    return false
  end
  if n < #self.expected then
    return false, true
  end
  self.expected = ""
  give(self, "echo", n, { text = self.buffer:sub(1, n), name = "" })
  return true
end

local function take_block(self)
  local block = self.block
  if not block then
    return false
  end
  if #self.buffer < block.header + block.length then
    return false, true
  end
  self.block = nil
  give(self, "block", block.header + block.length, {
    text = block.text,
    name = M.name_of(block.text),
    data = self.buffer:sub(block.header + 1, block.header + block.length),
  })
  return true
end

local function take_prompt(self)
  local from = self.buffer:find("[^\r\n]")
  if not from or self.buffer:sub(from, from) ~= ">" then
    return false
  end
  -- A prompt begins a line; the line break may have gone to the item before (an echoed command).
  if from == 1 and self.last and self.last.raw:sub(-1) ~= "\n" then
    return false
  end
  give(self, "prompt", from, { text = ">", name = ">" })
  self.after_prompt = true
  return true
end

--- Some firmware puts one space behind the prompt; it belongs to it.
local function take_prompt_space(self)
  if not self.after_prompt or self.buffer == "" then
    return
  end
  self.after_prompt = false
  if self.buffer:sub(1, 1) == " " then
    self.last.raw = self.last.raw .. " "
    self.buffer = self.buffer:sub(2)
  end
end

local function take_line(self)
  local from, stop, body = self.buffer:find("^[\r\n]*([^\n]-)\r*\n", 1)
  if not from or body == "" then
    return false
  end
  local name = M.name_of(body)
  local length = BLOCKS[name] and body:match(BLOCKS[name])
  if length then
    self.block = { header = stop, length = math.tointeger(tonumber(length)), text = body }
    return true
  end
  give(self, M.is_final(body) and "final" or "line", stop, { text = body, name = name })
  return true
end

local STEPS = { take_block, take_echo, take_prompt, take_line }

local function step(self)
  take_prompt_space(self)
  for _, take in ipairs(STEPS) do
    local done, wait = take(self)
    if done then
      return true
    end
    if wait then
      return false
    end
  end
  return false
end

--- Feeds received bytes; emits every item they complete.
function Parser:feed(bytes)
  self.buffer = self.buffer .. bytes
  while step(self) do end
end

--- Bytes received that no item holds yet.
function Parser:pending()
  return self.buffer
end

--- Removes the first n pending bytes: the caller dealt with them as raw bytes.
function Parser:drop(n)
  self.buffer = self.buffer:sub(n + 1)
  self.block = nil
  -- A space behind a prompt that was taken as bytes is unread like any other byte.
  self.after_prompt = false
end

return M
