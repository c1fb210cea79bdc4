--- The options of modemtest, and what their values must look like. An option of a later version is an
-- unknown option, with one clear line.
local argparse = require "argparse"
local client_sins = require "modemtest.client_sins"

local M = {}

local function number_above(limit, whole)
  return function(text)
    local n = tonumber(text)
    if not n or n <= limit or whole and not math.tointeger(n) then
      return nil, ("'%s' must be a %snumber above %d"):format(text, whole and "whole " or "", limit)
    end
    return whole and math.tointeger(n) or n
  end
end

local function shard(text)
  local index, of = text:match("^(%d+)/(%d+)$")
  index, of = tonumber(index), tonumber(of)
  if not index or index < 1 or index > of then
    return nil, ("'%s' must be I/N with I from 1 to N"):format(text)
  end
  return { index = index, of = of }
end

local function broker(text)
  return text ~= "local" and text or false
end

local function lua_pattern(text)
  if not pcall(string.find, "", text) then
    return nil, ("'%s' is no Lua pattern"):format(text)
  end
  return text
end

local function check_name(text)
  if not client_sins.find(text) then
    return nil, ("there is no check '%s' (%s)"):format(text, client_sins.names())
  end
  return text
end

local function own_address(text)
  if not text:find("^%d+%.%d+%.%d+%.%d+$") then
    return nil, ("'%s' must be an IPv4 address of this machine"):format(text)
  end
  return text
end

--- The parser of modemtest's command line: use its pparse(list of strings).
function M.new()
  local p = argparse("modemtest",
    "Runs Lua scenarios against a SIM7600 modem: our emulator, or a real one.")
  p:argument("path", "scenario files, or folders with them"):args("*")
  p:option("--device", "emulator, pty:PATH, serial:PATH[:BAUD] or tcp:HOST:PORT"):default("emulator")
  p:option("--broker", "local (start Mosquitto where needed), or HOST:PORT"):convert(broker)
  p:option("--peer-host", "the address of this machine that the modem reaches, for scripted peers"):convert(own_address)
  p:option("--profile", "firmware profile, given to the emulator")
  p:option("--client", "test this client: a shell command that finds its modem in $MODEM_PORT (docs/CLIENT.md)")
      :argname("<cmd>")
  p:option("--client-ready", "a scenario begins when the client has printed a line with this Lua pattern")
      :argname("<pattern>"):convert(lua_pattern)
  p:option("--client-port", "what $MODEM_PORT is: a pty, or tcp as socket://127.0.0.1:PORT")
      :choices({ "pty", "tcp" }):default("pty")
  p:option("--waive", "a check of the client that only warns; may be repeated"):argname("<check>"):count("*")
      :convert(check_name):default({})
  p:option("-j --jobs", "so many scenarios at the same time"):default("1")
      :convert(number_above(0, true))
  p:option("--shard", "run part I of N parts"):argname("<I/N>"):convert(shard)
  p:option("--filter", "only scenarios whose name contains this text or Lua pattern")
  p:option("--tags", "only scenarios with these tags: names, and, or, not, ( )")
  p:option("--repeat", "run everything so many times"):target("times"):default("1")
      :convert(number_above(0, true))
  p:option("--seed", "of everything random"):default("1"):convert(number_above(-1, true))
  p:option("--timeout-factor", "stretches all time limits"):default("1"):convert(number_above(0))
  p:option("--format", "pretty, tap or json"):choices({ "pretty", "tap", "json" }):default("pretty")
  p:option("--junit", "write JUnit XML to this file")
  p:option("--log", "write each dialogue to a file in this folder"):argname("<dir>")
  p:option("--record", "write all dialogues to this file, as JSON Lines"):argname("<file>")
  p:option("--coverage", "write to this file which commands the scenarios that passed sent, and the answers")
      :argname("<file>")
  p:option("--sweep-every", "of a cut sweep only every N-th point; 1 is all of them; as the sweep says, when left out")
      :argname("<N>"):convert(number_above(0, true))
  p:option("--sweep-point", "of cut sweeps only the points whose name contains this text, with their dialogue")
      :argname("<text>")
  p:option("--sweep-state", "note in this file which points are done, and leave out those it names")
      :argname("<file>")
  p:flag("-v --verbose", "show the dialogue as it happens")
  p:flag("--allow-destructive", "scenarios may change what a modem stores")
  p:flag("--list", "list the scenarios and end")
  p:flag("--check", "read the scenarios, report mistakes, and end")
  p:flag("--version", "show the version and end")
  p:flag("--self-test"):hidden(true)
  p:flag("--dump-docs"):hidden(true)
  p:option("--document"):argname("<file.lua>"):hidden(true)
  p:flag("--worker"):hidden(true)
  p:option("--certificates"):hidden(true)
  p:option("--folder"):hidden(true)
  return p
end

return M
