--- A dialogue with a modem, as events like those of the emulator's trace: what is left where nothing else is known.
-- Pure. What is secret in a command line is hidden here.
local line = require "modemtest.why_line"

local M = {}

local Reader = {}
Reader.__index = Reader

local function emit(self, event, fields)
  fields.event = event
  self.events[#self.events + 1] = fields
end

local function host_line(self, text)
  text = text:gsub("^[%s\0]+", "")
  if not text:find("^[Aa][Tt]") then
    return
  end
  local commands = line.commands(text)
  self.wants = commands and commands[#commands] and line.data_length(commands[#commands]) or nil
  self.asked, self.need = text, nil
  self.name = commands and commands[#commands] and commands[#commands].name
  emit(self, "at", { from = "host", text = (line.without_secrets(text):gsub("\\", "\\\\")) })
end

--- Bytes behind the prompt, as many as were announced; returns the rest.
local function take_data(self, bytes)
  local part = bytes:sub(1, self.need)
  self.data = self.data .. part
  self.need = self.need - #part
  if self.need == 0 then
    emit(self, "at.data", { command = "+" .. self.name, length = #self.data, data = (self.data:gsub("\\", "\\\\")) })
    self.need = nil
  end
  return bytes:sub(#part + 1)
end

local function from_host(self, bytes)
  if self.need then
    bytes = take_data(self, bytes)
  end
  self.typed = self.typed .. bytes
  while not self.need do
    local text, rest = self.typed:match("^([^\r]*)\r(.*)$")
    if not text then
      return
    end
    self.typed = rest
    host_line(self, text)
  end
end

local function prompted(self)
  self.need, self.data, self.wants, self.heard = self.wants, "", nil, ""
  local typed = self.typed
  self.typed = ""
  from_host(self, typed)
end

local function from_modem(self, bytes)
  self.heard = self.heard .. bytes
  for text, rest in function() return self.heard:match("^([^\n]*)\n(.*)$") end do
    self.heard = rest
    text = text:gsub("\r", "")
    if self.wants and text:find("^> ?$") then -- an A76XX ends the prompt as a line
      prompted(self)
    elseif text ~= "" and text ~= self.asked then
      emit(self, "at", { from = "modem", text = (text:gsub("\\", "\\\\")) })
    end
  end
  if self.wants and self.heard:find("^%s*>") then
    prompted(self)
  end
end

--- Events of a dialogue: list of { dir = "tx" (to the modem) or "rx", text = bytes }, in order.
function M.events(entries)
  local self = setmetatable({ events = {}, typed = "", heard = "" }, Reader)
  for _, entry in ipairs(entries) do
    (entry.dir == "tx" and from_host or from_modem)(self, entry.text)
  end
  return self.events
end

return M
