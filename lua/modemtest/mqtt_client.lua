--- An MQTT client on libmosquitto (modemtest.mqtt), driven by luv: the independent side of a broker.
-- Nothing of the emulator or of our AT framing is involved.
local uv = require "luv"
local mqtt = require "modemtest.mqtt"
local fault = require "modemtest.fault"
local mailbox = require "modemtest.mailbox"
local task = require "modemtest.task"
local text = require "modemtest.text"

local M = {}

local Observer = {}
Observer.__index = Observer

local function fetch_events(self)
  local event = self.mosq:next_event()
  while event do
    local own = event.type == "message" and self.ignore
        and event.topic:sub(1, #self.ignore) == self.ignore
    if event.type == "message" and not own then
      self.transcript:note(self.actor .. "<", event.topic .. " " .. event.payload)
    end
    if not own then
      self.events:put(event)
    end
    event = self.mosq:next_event()
  end
end

local function watch(self)
  if self.poll and not self.poll:is_closing() then
    self.poll:start(self.mosq:want_write() and "rw" or "r", self.on_socket)
  end
end

local function unwatch(self)
  if self.poll and not self.poll:is_closing() then
    self.poll:close()
  end
end

local function after_io(self, ok, message)
  fetch_events(self)
  if not ok then
    self.gone = message
    unwatch(self)
    self.events:changed()
    return
  end
  watch(self)
end

local function on_socket(self, events)
  local ok, message = true, nil
  if events:find("w") then
    ok, message = self.mosq:loop_write()
  end
  if ok and events:find("r") then
    ok, message = self.mosq:loop_read()
  end
  after_io(self, ok, message)
end

local function wait(self, what, within, ready)
  local deadline = task.now() + within * 1000 * self.factor
  local found = self.events:wait(what, deadline, function()
    local result = ready()
    if result == nil and self.gone then
      fault.raise("fail", "the observer lost its connection: " .. self.gone, { wanted = what })
    end
    return result
  end)
  return found
end

local function wait_event(self, type, mid)
  local event = wait(self, type, 20, function()
    return self.events:take(function(e) return e.type == type and (not mid or e.mid == mid) end)
  end)
  if not event then
    fault.raise("error", ("the broker did not answer the observer (%s)"):format(type))
  end
  return event
end

local function call(ok, message)
  if not ok then
    fault.raise("error", "observer: " .. message)
  end
  return ok
end

local function summary(self)
  local parts = {}
  for _, e in ipairs(self.events.items) do
    if e.type == "message" then
      parts[#parts + 1] = ("%s (%d bytes, QoS %d)"):format(text.escape(e.topic, 80), #e.payload, e.qos)
    end
  end
  return #parts > 0 and "only: " .. table.concat(parts, ", ") or "no message"
end

--- env.observer:expect_message(topic [, {within=20}]) -> { topic=, payload=, qos=, retain= }
-- The next message the broker passed on under this topic. retain: it was stored before the observer
-- came.
function Observer:expect_message(topic, options)
  local message = wait(self, "a message on " .. topic, options and options.within or 20, function()
    return self.events:take(function(e) return e.type == "message" and e.topic == topic end)
  end)
  if not message then
    fault.raise("fail", "the broker passed on no such message",
      { wanted = "a message on " .. text.escape(topic, 200), got = summary(self) })
  end
  return message
end

--- env.observer:no_message([topic [, {during=1}]])
-- No message on this topic (on any, when nil) is here or comes within 'during' seconds.
function Observer:no_message(topic, options)
  local deadline = task.now() + (options and options.during or 1) * 1000
  local found = self.events:wait("the absence of a message", deadline, function()
    return self.events:find(function(e)
      return e.type == "message" and (not topic or e.topic == topic)
    end)
  end)
  if found then
    fault.raise("fail", "the broker passed on a message",
      { wanted = "no message", got = summary(self) })
  end
end

--- env.observer:publish(topic, payload [, {qos=0, retain=false}])
-- Publishes; with QoS 1 and 2 waits until the broker has it.
function Observer:publish(topic, payload, options)
  options = options or {}
  self.transcript:note(self.actor .. ">", topic .. " " .. payload)
  local mid = call(self.mosq:publish(topic, payload, options.qos or 0, options.retain or false))
  watch(self)
  -- Also for QoS 0: the event says that the bytes were written.
  wait_event(self, "publish", mid)
end

--- env.observer:subscribe(filter [, qos]) -> granted QoS
-- Waits for the broker's answer; 128 is its refusal.
function Observer:subscribe(filter, qos)
  local mid = call(self.mosq:subscribe(filter, qos or 0))
  watch(self)
  return wait_event(self, "subscribe", mid).granted
end

--- env.observer:wait_gone([{within=20}])
-- Waits until the broker has closed the connection.
function Observer:wait_gone(options)
  local deadline = task.now() + (options and options.within or 20) * 1000 * self.factor
  local gone = self.events:wait("the end of the connection", deadline, function()
    return self.gone
  end)
  if not gone then
    fault.raise("fail", "the broker did not close the connection")
  end
end

local function release(self)
  unwatch(self)
  if self.timer and not self.timer:is_closing() then
    self.timer:close()
  end
  self.mosq:close()
end

--- env.observer:close()
-- Sends DISCONNECT and closes. Idempotent.
function Observer:close()
  if not self.closed then
    self.closed = true
    self.mosq:disconnect()
    release(self)
  end
end

--- env.observer:drop()
-- Closes without DISCONNECT, as a crashed client would.
function Observer:drop()
  if not self.closed then
    self.closed = true
    release(self)
  end
end

local function start(self)
  self.poll = uv.new_poll(self.mosq:fd())
  self.on_socket = task.callback(function(err, events)
    if err then
      return after_io(self, nil, err)
    end
    on_socket(self, events)
  end)
  self.timer = uv.new_timer()
  self.timer:start(1000, 1000, task.callback(function()
    if not self.gone then
      after_io(self, self.mosq:loop_misc())
    end
  end))
  watch(self)
  local connected = wait_event(self, "connect")
  if connected.code ~= 0 then
    fault.raise("error", ("the broker refused the observer: CONNACK %d"):format(connected.code))
  end
end

--- Connects. options: host, port, id, clean (true), user, password, tls ({ ca=, certificate=, key= },
-- file names), ignore (messages on topics that begin with it), transcript, actor (its name there), factor.
function M.connect(options)
  local self = setmetatable({ events = mailbox.new(), transcript = options.transcript,
    actor = options.actor or "mqtt", ignore = options.ignore, factor = options.factor or 1 }, Observer)
  self.mosq = call(mqtt.new(options.id, options.clean ~= false))
  local ok, err = pcall(function()
    if options.user then
      call(self.mosq:login(options.user, options.password))
    end
    if options.tls then
      call(self.mosq:tls(options.tls.ca, options.tls.certificate, options.tls.key))
    end
    call(self.mosq:connect(options.host, options.port))
    start(self)
  end)
  if not ok then
    self:drop()
    error(err, 0)
  end
  return self
end

return M
