--- Writes dialogues to files: --log DIR (one readable file per case) and --record FILE (JSON Lines,
-- the form transcripts of real devices are kept in).
local cjson = require "cjson"
local files = require "modemtest.files"

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

local function entry(direction, bytes, ms)
  local record = { dir = direction, ms = math.floor(ms * 10 + 0.5) / 10 }
  if utf8.len(bytes) and not bytes:find("%z") then
    record.text = bytes
  else
    record.hex = bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  end
  return cjson.encode(record)
end

--- The lines of one case for the record file: a head, then one line per chunk of bytes.
function M.record(result, dialogue, device)
  local lines = { cjson.encode({ source = "modemtest", about = result.name, model = device,
    verdict = result.verdict, framing = "raw" }) }
  dialogue:dialogue(function(direction, bytes, ms)
    lines[#lines + 1] = entry(direction, bytes, ms)
  end)
  return table.concat(lines, "\n") .. "\n"
end

return M
