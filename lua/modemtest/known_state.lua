--- Brings a modem that is not ours to restart into a known state, with AT commands only.
local fault = require "modemtest.fault"
local task = require "modemtest.task"

local M = {}

--- Longest data a command can wait for (CMQTTPAYLOAD, CCERTDOWN: 10240), and a little.
local DATA_MAX = 10240 + 64

--- An untouched context, as AT+CSSLCFG? prints it, and what sets each field back.
local CONTEXT_DEFAULTS = {
  { "sslversion", "4" }, { "authmode", "0" }, { "ignorelocaltime", "1" },
  { "negotiatetime", "300" }, { "enableSNI", "0" },
}

--- Sends a command and waits for its final result, whichever it is; returns it and the lines.
local function ask(dev, line)
  local r = dev:cmd(line)
  local lines = r:lines()
  dev.inbox:remove(r.final)
  return r.final.text, lines
end

--- The modem may be in the middle of a line or of data: both end with enough line ends.
local function wake(dev)
  if not dev:_wake(3) then
    dev:send(("\r"):rep(DATA_MAX))
    if not dev:_wake(20) then
      fault.raise("inconclusive", "the modem does not answer AT")
    end
  end
  -- E, V and Q as every scenario expects them. With Q1 there may be no answer to this very line.
  dev:cmd("ATQ0V1E0")
  dev:_wake(5)
  dev.echo = false
  dev:forget()
end

local function disconnect(dev, client)
  local deadline = dev:deadline(130)
  repeat
    local r = dev:cmd("AT+CMQTTDISC=%d,60", client)
    local wanted = ("+CMQTTDISC: %d,"):format(client)
    local line = dev.inbox:wait("the answer to DISC", deadline, function()
      local item = dev.inbox:find(function(item)
        return item.seq > r.start and item.class == "line" and item.text:sub(1, #wanted) == wanted
      end)
      return item or r.final and r.final.text ~= "OK" and r.final or dev.gone and {} or nil
    end)
    r:lines()
    if not line or not line.text or line.text ~= wanted .. "14" then
      return
    end
    -- Busy: another operation runs. Its end shows as a line; then once more.
    local seq = dev.inbox.seq
    dev.inbox:wait("the end of a pending operation", deadline, function()
      return dev.inbox.seq > seq or nil
    end)
  until task.now() >= deadline
end

local function stop_mqtt(dev)
  local final, lines = ask(dev, "AT+CMQTTDISC?")
  for _, line in ipairs(final == "OK" and lines or {}) do
    local client = line:match("^%+CMQTTDISC: (%d),0$")
    if client then
      disconnect(dev, client)
    end
  end
  for client = 0, 1 do
    ask(dev, ("AT+CMQTTREL=%d"):format(client))
  end
  ask(dev, "AT+CMQTTSTOP")
end

local function reset_contexts(dev)
  local _, lines = ask(dev, "AT+CSSLCFG?")
  for _, line in ipairs(lines) do
    local context, rest = line:match("^%+CSSLCFG: (%d),(.*)$")
    if context and not rest:find('^4,0,1,300,"","","",0,') and not rest:find('^4,0,1,300,"","",""$') then
      for _, field in ipairs(CONTEXT_DEFAULTS) do
        ask(dev, ('AT+CSSLCFG="%s",%s,%s'):format(field[1], context, field[2]))
      end
    end
  end
end

local function delete_certificates(dev)
  local _, lines = ask(dev, "AT+CCERTLIST")
  for _, line in ipairs(lines) do
    local name = line:match('^%+CCERTLIST: "(.*)"$')
    if name then
      ask(dev, ('AT+CCERTDELE="%s"'):format(name))
    end
  end
end

--- The settings a scenario may change; the first scenario of a run sees them as they were found.
local function restore_settings(dev, remembered)
  if remembered.cmee == nil then
    local _, lines = ask(dev, "AT+CMEE?")
    remembered.cmee = lines[1] and lines[1]:match("^%+CMEE: (%d)$") or false
  elseif remembered.cmee then
    ask(dev, "AT+CMEE=" .. remembered.cmee)
  end
end

--- Brings 'dev' into a known state. 'remembered' is a table of the run; 'clear_certificates' only
-- where the user allowed it.
function M.prepare(dev, remembered, clear_certificates)
  wake(dev)
  restore_settings(dev, remembered)
  stop_mqtt(dev)
  reset_contexts(dev)
  if clear_certificates then
    delete_certificates(dev)
  end
  dev:forget()
end

--- A modem holds URCs back until so long after a final result (A13 of the general commands: 20 ms).
local HELD_URC_SECONDS = 0.03

--- After a scenario: nothing of it may stay connected, and nothing of it may come later. Best effort.
function M.leave(dev)
  if dev.gone then
    return
  end
  wake(dev)
  stop_mqtt(dev)
  local deadline = dev:deadline(5)
  repeat
    local seq = dev.inbox.seq
    local more = dev.inbox:wait("URCs held back", dev:deadline(HELD_URC_SECONDS), function()
      return dev.inbox.seq > seq or dev.gone
    end)
  until not more or dev.gone or task.now() >= deadline
  dev:forget()
end

return M
