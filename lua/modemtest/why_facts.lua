--- Reads the emulator's trace from its beginning to its end: what the host asked, what became of it, and what the modem
-- was at that time. Pure: events in, a story out.
--
-- A story is { items=, connections= }. An item is a command line of the host, a line that came by itself, or something
-- at the port; it holds what the modem knew before it (item.before) and what it caused: result lines, the connection,
-- MQTT packets.
local line = require "modemtest.why_line"

local M = {}

local Story = {}
Story.__index = Story

local function copy(source)
  local to = {}
  for key, value in pairs(source or {}) do
    to[key] = value
  end
  return to
end

--- What the modem is, as far as its commands and answers tell it.
local function powered_on(stored)
  return { started = false, clients = {}, ssl = {}, files = stored or {} }
end

local function client(self, n)
  local c = self.modem.clients[n] or {}
  self.modem.clients[n] = c
  return c
end

local function snapshot(self, n)
  local m = self.modem
  local before = { started = m.started, files = copy(m.files), cpin = m.cpin, registration = m.registration,
    nonet = m.nonet, clock = m.clock, cfun = m.cfun, acquired = {}, ssl = {} }
  for index, c in pairs(m.clients) do
    if c.id then
      before.acquired[index] = c.id
    end
  end
  for index, context in pairs(m.ssl) do
    before.ssl[index] = copy(context)
  end
  before.client = n and copy(m.clients[n]) or {}
  before.pending = n and self.awaited[n] or nil
  return before
end

local function add_item(self, item)
  item.index, item.from = #self.items + 1, self.now
  self.items[#self.items + 1] = item
  return item
end

-- What a command that went well changes ----------------------------------------------------------------------

local DONE = {}

function DONE.CMQTTSTART(m)
  m.started, m.nonet = true, nil
end

function DONE.CMQTTSTOP(m)
  m.started, m.clients = false, {}
end

function DONE.CMQTTACCQ(m, a, n)
  m.clients[n] = { id = a[2], tls = a[3] == "1", lost = nil }
end

function DONE.CMQTTREL(m, _, n)
  m.clients[n] = {}
end

function DONE.CMQTTSSLCFG(m, a, n)
  (m.clients[n] or {}).context = math.tointeger(tonumber(a[2]))
end

function DONE.CMQTTCONNECT(m, _, n)
  if m.clients[n] then
    m.clients[n].connected, m.clients[n].lost = true, nil
  end
end

function DONE.CMQTTDISC(m, _, n)
  if m.clients[n] then
    m.clients[n].connected, m.clients[n].context, m.clients[n].ended = false, nil, "AT+CMQTTDISC"
  end
end

function DONE.CSSLCFG(m, a)
  local n = math.tointeger(tonumber(a[2]))
  if n and a[3] then
    m.ssl[n] = m.ssl[n] or {}
    m.ssl[n][a[1]:lower()] = a[3]
  end
end

function DONE.CCERTDOWN(m, a)
  m.files[a[1]] = { length = tonumber(a[2]) }
end

function DONE.CCERTDELE(m, a)
  m.files[a[1]] = { deleted = true }
end

function DONE.CCLK(m, a)
  m.clock = a[1]
end

function DONE.CPIN(m)
  m.cpin = "READY"
end

function DONE.CFUN(m, a)
  m.cfun = a[1]
end

-- Lines ------------------------------------------------------------------------------------------------------

local function apply(self, item)
  for _, c in ipairs(item.commands) do
    local done = (c.form == "set" or c.form == "exec") and DONE[c.name]
    if done then
      done(self.modem, c.arguments, line.client_of(c))
    end
  end
end

local function finish(self, item)
  if item.applied then
    return
  end
  item.applied, item.to = true, self.now
  local failed = item.code and item.code ~= 0 or item.final and item.final ~= "OK"
  item.failed = failed or false
  if not failed then
    apply(self, item)
  elseif item.name == "CMQTTCONNECT" and item.client then
    local c = client(self, item.client)
    c.context, c.failed = nil, item.code
  end
end

--- The commands whose result may come behind their OK.
local LATE = { CMQTTCONNECT = true, CMQTTSUB = true, CMQTTUNSUB = true, CMQTTPUB = true, CMQTTDISC = true,
  CMQTTSTART = true, CMQTTSTOP = true, NETOPEN = true, NETCLOSE = true, CNTP = true }

local function key(name, n)
  return name .. ":" .. tostring(n)
end

local function wait_late(self, item)
  if LATE[item.name] and item.form ~= "read" and item.form ~= "test" and item.code == nil then
    self.late[key(item.name, item.client)] = item
    if item.client ~= nil then
      self.awaited[item.client] = item
    end
  end
end

local function take_code(self, item, code)
  item.code = code
  self.late[key(item.name, item.client)] = nil
  if item.client ~= nil and self.awaited[item.client] == item then
    self.awaited[item.client] = nil
  end
  if item.final then
    finish(self, item)
  end
end

local function is_set(item)
  return item.form == "set" or item.form == "exec"
end

--- The item that a line "+NAME: ..." answers: the open command, or one that waits for its result.
local function asked_for(self, name, values)
  local open = self.open
  local code, n = line.code(name, values)
  for _, c in ipairs(open and open.commands or {}) do
    if c.name == name then
      local is_code = is_set(c) and code ~= nil and (n == nil or n == line.client_of(c))
      return open, is_code and code or nil
    end
  end
  local late = code ~= nil and self.late[key(name, n)]
  if late then
    return late, code
  end
  return nil
end

local NOTABLE = { CMQTTCONNLOST = true, CMQTTNONET = true, CMQTTPING = true, CIPEVENT = true }

local function came_by_itself(self, text, name, values)
  local m = self.modem
  if name == "CPIN" then
    m.cpin = values[1]
  elseif name == "CREG" or name == "CGREG" or name == "CEREG" then
    m.registration = tonumber(values[1])
  elseif text == "RDY" or text:find("^%*ATREADY") then
    self.modem = powered_on(m.files)
    self.late, self.awaited = {}, {}
  end
  local n = name and name:find("^CMQTT") and math.tointeger(tonumber(values[1])) or nil
  local item = add_item(self, { kind = "urc", name = name or text, text = text, values = values or {}, client = n,
    notable = name ~= nil and NOTABLE[name] or false, lines = { text }, before = snapshot(self, n) })
  item.connection = n and client(self, n).connection or nil
  item.previous = self.last_of[n or -1]
  if name == "CMQTTCONNLOST" and n then
    local c = client(self, n)
    c.connected, c.lost = false, text
  elseif name == "CMQTTNONET" then
    m.started, m.clients, m.nonet = false, {}, true
  end
end

local function read_answer(self, name, values)
  if name == "CPIN" then
    self.modem.cpin = values[1]
  elseif name == "CREG" or name == "CGREG" or name == "CEREG" then
    self.modem.registration = tonumber(values[2]) or self.modem.registration
  end
end

local function one_line(self, text)
  local open = self.open
  if line.is_final(text) and open then
    open.final = text
    open.lines[#open.lines + 1] = text
    self.open = nil
    if text == "OK" then
      wait_late(self, open)
    end
    if not self.late[key(open.name, open.client)] or self.late[key(open.name, open.client)] ~= open then
      finish(self, open)
    end
    return
  end
  local name, values = line.answer(text)
  local item, code
  if name then
    item, code = asked_for(self, name, values)
  elseif open and not line.is_final(text) then
    item = open
  end
  if not item then
    return came_by_itself(self, text, name, values)
  end
  item.lines[#item.lines + 1] = text
  if code ~= nil then
    take_code(self, item, code)
  elseif name then
    read_answer(self, name, values)
  end
end

-- Events -----------------------------------------------------------------------------------------------------

local EVENT = {}

local function begin_command(self, text)
  local commands = line.commands(text) or {}
  local first = commands[#commands] or { name = text, form = "exec", arguments = {} }
  local n = line.client_of(first)
  local item = add_item(self, { kind = "command", line = text, commands = commands, name = first.name,
    form = first.form, arguments = first.arguments, client = n, lines = {}, before = snapshot(self, n),
    wants = line.data_length(first) })
  if n then
    item.connection = client(self, n).connection
    self.last_of[n] = item
  end
  self.last_of[-1] = item
  self.open = item
end

EVENT["at"] = function(self, e)
  local text = line.unescape(tostring(e.text or ""))
  if e.from == "host" then
    return begin_command(self, text)
  end
  for part in text:gmatch("[^\r\n]+") do
    one_line(self, part)
  end
end

EVENT["at.data"] = function(self, e)
  if self.open then
    self.open.data = { length = e.length, text = line.unescape(tostring(e.data or "")) }
    if self.open.name == "CMQTTTOPIC" and self.open.client then
      client(self, self.open.client).topic = self.open.data.text
    end
  end
end

EVENT["at.refused"] = function(self, e)
  if self.open then
    self.open.refused = e.why
  end
end

EVENT["mqtt.operation"] = function(self, e)
  if self.open and e.client and "+" .. self.open.name == e.operation then
    self.open.operation = true
    self.awaited[e.client] = self.open
    self.late[key(self.open.name, e.client)] = self.open
  end
end

--- The SSL context of a CONNECT, as the modem has it: what was set before this trace began is in it, too.
EVENT["ssl.context"] = function(self, e)
  local set = {}
  for name, value in pairs(e) do
    set[name:lower()] = value ~= "" and tostring(value) or nil
  end
  self.modem.ssl[e.context] = set
  if self.open then
    self.open.before.ssl[e.context] = copy(set)
  end
end

--- A fault on purpose that took the place of what the command would have done.
EVENT["fault"] = function(self, e)
  if e.step == "fired" and self.open then
    self.open.fault = e
  end
end

EVENT["tcp"] = function(self, e)
  local c = client(self, e.link or 0)
  if e.step == "dial" then
    c.connection = { link = e.link, dial = e, packets = {}, tls = {} }
    self.connections[#self.connections + 1] = c.connection
    local item = self.last_of[e.link]
    if item then
      item.connection = c.connection
    end
    return
  end
  local connection = c.connection
  if not connection then
    return
  end
  if e.step == "connect" then
    connection.address = e.address
  elseif e.step == "connected" then
    connection.connected = true
  elseif e.step == "down" then
    connection.down, connection.down_at = e, self.now
  elseif e.step == "hangup" then
    connection.hangup = true
  end
end

EVENT["tls"] = function(self, e)
  local connection = client(self, e.link or 0).connection
  if not connection then
    return
  end
  local tls = connection.tls
  if e.step == "start" then
    tls.start = e
  elseif e.step == "alert sent" or e.step == "alert received" then
    tls[e.step:gsub(" ", "_")] = e.alert
  elseif e.step == "handshake done" then
    tls.done = e
  elseif e.step == "ended" then
    tls.ended = e.detail
  else
    tls[e.step] = e
  end
end

EVENT["mqtt"] = function(self, e)
  local connection = client(self, e.client or 0).connection
  if connection then
    connection.packets[#connection.packets + 1] = { at = self.now, fields = e }
  end
end

EVENT["mqtt.protocol_error"] = function(self, e)
  local connection = client(self, e.client or 0).connection
  if connection then
    connection.protocol_error = e.what
  end
end

local function at_the_port(self, e)
  local newest = self.items[#self.items]
  if newest and newest.kind == "port" and newest.name == e.event then
    newest.event = e
    return
  end
  add_item(self, { kind = "port", name = e.event, event = e, lines = {}, before = snapshot(self), notable = true })
end

EVENT["uart.asleep"], EVENT["uart.speed"], EVENT["uart.overrun"] = at_the_port, at_the_port, at_the_port

--- JSON knows one kind of number; whole ones are integers here.
local function with_integers(e)
  local plain = {}
  for name, value in pairs(e) do
    plain[name] = math.type(value) == "float" and math.tointeger(value) or value
  end
  return plain
end

--- The story of one modem. events: objects of the trace, in order. number: which modem (0).
function M.read(events, number)
  local self = setmetatable({ items = {}, connections = {}, modem = powered_on(), late = {}, awaited = {},
    last_of = {} }, Story)
  for i, e in ipairs(events or {}) do
    local read = type(e) == "table" and (e.modem or 0) == (number or 0) and EVENT[e.event]
    if read then
      self.now = i
      read(self, with_integers(e))
    end
  end
  return self
end

return M
