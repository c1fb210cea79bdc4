--- What a modem sends, written as the specification writes it (general-commands.md 0.2 and A8).
local M = {}

--- answer.unit(line, ...) -> bytes
-- The lines as one unit: one line break before it, one behind each line.
function M.unit(...)
  return "\r\n" .. table.concat({ ... }, "\r\n") .. "\r\n"
end

local function with_final(final, ...)
  return (select("#", ...) > 0 and M.unit(...) or "") .. M.unit(final)
end

--- answer.ok([line, ...]) -> bytes
-- The lines, where there are some, as one unit; then OK.
function M.ok(...)
  return with_final("OK", ...)
end

--- answer.refused([line, ...]) -> bytes: the same with ERROR.
function M.refused(...)
  return with_final("ERROR", ...)
end

--- answer.echoed(write, bytes) -> bytes
-- With echo: what was written up to and with its CR, then the answer.
function M.echoed(write, bytes)
  return write:match("^[^\r]*\r") .. bytes
end

--- answer.like(pattern)
-- For bytes that the specification leaves open: the whole answer matches this Lua pattern. The step
-- needs a reader, since only the client knows where such an answer ends.
function M.like(pattern)
  return { pattern = "^" .. pattern .. "$" }
end

--- answer.either(bytes, ...)
-- The specification allows each of these answers.
function M.either(...)
  return { ... }
end

--- What a module says when it was switched on and its card needs no PIN (A19).
M.BOOT = M.unit("RDY") .. M.unit("+CPIN: READY") .. M.unit("SMS DONE") .. M.unit("PB DONE")

--- The same when its card asks for the PIN, and what follows once that was given (A22).
M.BOOT_LOCKED = M.unit("RDY") .. M.unit("+CPIN: SIM PIN")
M.UNLOCKED = M.unit("+CPIN: READY") .. M.unit("SMS DONE") .. M.unit("PB DONE")

return M
