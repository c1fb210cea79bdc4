--- env: what a scenario gets beside the modem. Fixtures add their objects by name.
local dump = require "modemtest.dump"
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local hash = require("modemtest.text").hash
local why_collect = require "modemtest.why_collect"

local M = {}

--- A small generator of its own, so that a case's bytes depend on the seed and its name only.
local function generator(seed)
  local state = seed & 0x7fffffff
  return function(n)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % n
  end
end

local function bytes_of(random, n, first, count)
  local parts = {}
  for i = 1, n do
    parts[i] = string.char(first + random(count))
  end
  return table.concat(parts)
end

--- Makes env with its fields tmp, seed, profile, device and the functions below. 'case' and 'settings'
-- as the runner has them; 'tmp' is the scenario's own folder.
function M.new(case, settings, tmp, transcript)
  local random = generator(settings.seed + hash(case.name))
  local env = {
    tmp = tmp, seed = settings.seed, profile = case.spec.profile or settings.profile,
    device = settings.device.definition.name,
    _case = case, _settings = settings, _transcript = transcript,
  }

  --- env.bytes(n) -> string
  -- n printable ASCII bytes, the same for the same seed and scenario.
  function env.bytes(n)
    return bytes_of(random, n, 33, 94)
  end

  --- env.binary(n) -> string
  -- n bytes of any value.
  function env.binary(n)
    return bytes_of(random, n, 0, 256)
  end

  --- env.random(n) -> integer
  -- From 0 to n-1, from the run's seed.
  function env.random(n)
    return random(n)
  end

  --- env.file(name, bytes) -> path
  -- Writes a file into the scenario's folder.
  function env.file(name, bytes)
    local path = tmp .. "/" .. name
    local ok, message = files.write(path, bytes)
    if not ok then
      fault.raise("error", message)
    end
    return path
  end

  --- env.note(text)
  -- A remark in the dialogue.
  function env.note(text)
    transcript:note("test", text)
  end

  --- env.key(name) -> text
  -- The value of a key of this run's profile ("result_style", "model"), as the profile gives it at start.
  -- Without a known profile (hardware) the scenario is skipped.
  function env.key(name)
    if case.spec.profile then
      fault.raise("misuse", "env.key asks the profile of the run, and this scenario has its own")
    end
    if not settings.profile then
      fault.raise("skip", ("the profile of this device is not known (key %s): name it with --profile"):format(name))
    end
    local keys = dump.ask(settings.programs.sim, settings.emulator_profile or settings.profile, "profile")
    return keys[name] or fault.raise("misuse", ("the profile has no key '%s'"):format(name))
  end

  --- env.figures(list, notes)
  -- What the scenario counted, for the report: pairs { "lines compared", 12 }, and lines of text. They are
  -- shown below its name, and the figures of all scenarios in a table at the end.
  function env.figures(list, notes)
    env._figures, env._notes = list, notes
  end

  --- env.tally{ table=, columns={...}, row=, column= }
  -- Counts one for a table that the report prints at the end of the run, of all scenarios that passed: a row (a
  -- number or a text), and one of the columns. The line below the table counts the rows, each for the first
  -- column in which it has something.
  function env.tally(entry)
    env._tally = env._tally or {}
    env._tally[#env._tally + 1] = entry
  end

  --- env.why([{command=, client=}]) -> { first=, chain=, remedy=, likely= }
  -- Why the newest command line, or line that came by itself, ended as it did (docs/WHY.md): the cause in one
  -- line, the way from the AT line to it, what to change. command: a part of the command line to explain instead;
  -- client: of this client. likely: true where the cause is not certain.
  function env.why(options)
    if options ~= nil and type(options) ~= "table" then
      fault.raise("misuse", "env.why takes a table, { command = text }")
    end
    return why_collect.explain(env, options) or fault.raise("fail", "env.why: nothing was said that could be explained")
  end

  --- env.has(capability) -> boolean
  -- For the few places where a scenario can do more on some devices.
  function env.has(capability)
    return settings.capabilities[capability] == true
  end
  return env
end

return M
