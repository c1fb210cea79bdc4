--- The one place that knows which scenario file is being read and which scenario runs now.
-- A process runs one scenario at a time; the verbs of 't' find theirs here.
return {
  registry = nil, -- while files are read: see loader.lua
  emulator = nil, -- { profile = } where the modem is the emulator that modemtest starts; set before files are read
  client = nil,   -- the command of --client; set before files are read
  sweep = {},     -- { every =, point =, state = }: the options --sweep-*; set before files are read
  running = nil,  -- while a scenario runs: see runner.lua
}
