-- Real devices' dialogues, and vendors' examples, against the emulator: a scenario for each file beside
-- this one. The files are the source's lines in the format of docs/SCENARIOS.md, "Recordings".
local replay = require "modemtest.replay"

for _, path in ipairs(replay.beside()) do
  replay.declare(path)
end
