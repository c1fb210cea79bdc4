--- Writes dialogues to files: --log DIR (one readable file per case) and --record FILE (the format of
-- recording.lua, which replay.lua plays).
local files = require "modemtest.files"
local recording = require "modemtest.recording"

local M = {}

--- "scenarios/a/b.lua: title [x=1]" as a file name.
function M.file_name(name)
  return (name:gsub("[^%w._=-]+", "_"):gsub("^[_.]+", ""):sub(1, 180))
end

--- Writes one case's dialogue below 'folder'. True, or nil and a message.
function M.log(folder, result, dialogue)
  local ok, message = files.make_folder(folder)
  if not ok then
    return nil, message
  end
  return files.write(folder .. "/" .. M.file_name(result.name) .. ".log",
    ("%s: %s\n%s\n"):format(result.verdict, result.name, table.concat(dialogue:lines(), "\n")))
end

--- The lines of one case for the record file: a head, then one line per chunk of bytes.
function M.record(result, dialogue, device)
  local lines = { recording.encode_head(result.name, device, result.verdict, dialogue.facts) }
  dialogue:dialogue(function(direction, pieces, ms)
    local texts = {}
    for _, piece in ipairs(pieces) do
      -- One entry as long as nothing is left out.
      if type(piece) == "string" and type(texts[#texts]) == "string" then
        texts[#texts] = texts[#texts] .. piece
      else
        texts[#texts + 1] = piece
      end
    end
    for _, piece in ipairs(texts) do
      lines[#lines + 1] = recording.encode(direction, piece, ms)
    end
  end)
  return table.concat(lines, "\n") .. "\n"
end

return M
