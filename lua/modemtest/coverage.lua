--- Which commands the scenarios of a run sent, in which form, and how the modem answered: --coverage FILE.
-- Read off the dialogue of each case, so that it does not matter with which verb a line was sent, and
-- with the harness's own idea of a command line. The fidelity ledger is made of it.
local sorted_keys = require("modemtest.text").sorted_keys
local cjson = require "cjson"
local command_line = require "modemtest.command_line"
local files = require "modemtest.files"
local frames = require "modemtest.frames"

local M = {}

--- Results that end only these commands; otherwise they tell of the end of a call.
local CALL_RESULTS = { ["NO CARRIER"] = true, ["BUSY"] = true, ["NO ANSWER"] = true, ["NO DIALTONE"] = true }
local CALL_COMMANDS = { D = true, ["D*99"] = true, A = true, O = true, ["+CGDATA"] = true }

local Exchange = {}
Exchange.__index = Exchange

local function restarted(self)
  self.pending, self.quiet, self.verbose = {}, false, true
  self.reader:reset()
end

--- What ATQ and ATV say about the answers to come, their own included.
local function heed_settings(self, commands)
  for _, command in ipairs(commands) do
    if command.name == "Z" or command.name == "&F" then
      self.quiet, self.verbose = false, true
    elseif command.name == "Q" then
      self.quiet = command.value == 1
    elseif command.name == "V" then
      self.verbose = command.value == 1
    end
  end
end

local function line_sent(self, commands, complete)
  heed_settings(self, commands)
  if not self.quiet then
    self.pending[#self.pending + 1] = { commands = commands, complete = complete,
      numeric = not self.verbose, sent_at = self.finals }
  end
end

local function calls(line)
  for _, command in ipairs(line.commands) do
    if CALL_COMMANDS[command.name] then
      return true
    end
  end
  return false
end

local function id_of(command)
  return ("%s\0%s\0%03d\0%s"):format(command.name, command.form, command.arguments, command.key or "")
end

--- A line that was refused tells what was refused only where it holds one command.
local function note(self, line, ok)
  if ok or #line.commands == 1 and line.complete then
    for _, command in ipairs(line.commands) do
      local id = id_of(command) .. tostring(ok)
      if not self.seen[id] then
        self.seen[id] = true
        self.uses[#self.uses + 1] = { name = command.name, form = command.form,
          arguments = command.arguments, key = command.key, ok = ok }
      end
    end
  end
end

local function final_came(self, text, ok)
  local line = self.pending[1]
  if CALL_RESULTS[text] and not (line and calls(line)) then
    return
  end
  self.finals = self.finals + 1
  if line then
    table.remove(self.pending, 1)
    note(self, line, ok)
  end
end

--- Under V0 a result is a digit and a CR, which the framing takes for the beginning of a line.
local function numeric_finals(self, text)
  for word in text:gmatch("[^\r\n]+") do
    local line = self.pending[1]
    if line and line.numeric and word:find("^%d$") then
      final_came(self, word, word == "0" or word == "1")
    end
  end
end

local function item_came(self, item)
  if item.class == "final" then
    final_came(self, item.text, item.text == "OK" or item.text:find("^CONNECT%f[%A]") ~= nil)
  elseif item.class == "prompt" and self.pending[1] then
    self.pending[1].prompted = true
  elseif item.text == "RDY" then
    restarted(self)
  elseif item.class == "line" then
    numeric_finals(self, item.text)
  end
end

local function new_exchange()
  local self = setmetatable({ uses = {}, seen = {}, finals = 0 }, Exchange)
  self.reader = command_line.reader(function(commands, complete)
    line_sent(self, commands, complete)
  end)
  self.parser = frames.new(function(item) item_came(self, item) end)
  restarted(self)
  return self
end

local function received(self, bytes)
  self.parser:feed(self.reader:with_cr_lf(bytes))
  local rest = self.parser:pending()
  if self.pending[1] and self.pending[1].numeric and rest:find("%d\r$") then
    self.parser:drop(#rest)
    numeric_finals(self, rest)
  end
end

--- The answers can no longer be told apart when one came behind the newest line and yet none is left for
-- it: some line before got none.
local function is_unclear(self)
  local newest = self.pending[#self.pending]
  return newest ~= nil and newest.sent_at < self.finals
end

--- What the scenario of a transcript used: list of { name, form, arguments, key, ok }, and whether its
-- answers could not be told apart; then the list is empty.
function M.of(transcript)
  local exchange = new_exchange()
  for _, entry in ipairs(transcript:scenario_entries()) do
    if entry.actor == "dev<" then
      received(exchange, entry.bytes)
    elseif entry.actor == "dev" then -- the port was closed, or opened again
      restarted(exchange)
    elseif entry.actor == "dev>" and not (exchange.pending[1] and exchange.pending[1].prompted) then
      exchange.reader:feed(entry.bytes)
    end
  end
  if is_unclear(exchange) then
    return {}, true
  end
  return exchange.uses, false
end

local Sheet = {}
Sheet.__index = Sheet

--- What all cases of a run used. profile: its name, or nil.
function M.sheet(profile)
  return setmetatable({ profile = profile, rows = {}, unclear = {} }, Sheet)
end

local function row_of(self, use)
  local id = id_of(use)
  self.rows[id] = self.rows[id] or { id = id, use = use, ok = {}, refused = {} }
  return self.rows[id]
end

--- Counts one result of the runner: what a case used shows something only if the case passed.
function Sheet:add(result)
  if result.verdict ~= "pass" or result.known_deviation or not result.uses then
    return
  end
  if result.unclear then
    self.unclear[result.name] = true
  end
  for _, use in ipairs(result.uses) do
    row_of(self, use)[use.ok and "ok" or "refused"][result.file] = true
  end
end

local function json_list(set)
  local list = sorted_keys(set)
  return #list > 0 and cjson.encode(list) or "[]"
end

--- The same text for the same run, whatever the order of its cases.
function Sheet:text()
  local lines = {}
  for _, id in ipairs(sorted_keys(self.rows)) do
    local row = self.rows[id]
    lines[#lines + 1] = ('{"name":%s,"form":"%s","arguments":%d,"key":%s,"ok":%s,"refused":%s}'):format(
      cjson.encode(row.use.name), row.use.form, row.use.arguments, cjson.encode(row.use.key or cjson.null),
      json_list(row.ok), json_list(row.refused))
  end
  return ('{"profile":%s,"unclear":%s,"commands":[\n%s\n]}\n'):format(
    cjson.encode(self.profile or cjson.null), json_list(self.unclear), table.concat(lines, ",\n"))
end

--- Writes the file. True, or nil and a message.
function Sheet:write(path)
  return files.write(path, self:text())
end

return M
