--- All rows, the specific ones first. A row: { when = { field = value or function }, test = function(c), first =
-- template or function(c): the cause, remedy = the same: what to change, likely = true where the facts do not prove
-- it }. The fields are those of why_context.lua; templates name them as {field}.
local M = {}

for _, name in ipairs { "state", "tls", "mqtt", "at", "likely" } do
  for _, row in ipairs(require("modemtest.why_rows_" .. name)) do
    row.family = name
    M[#M + 1] = row
  end
end

return M
