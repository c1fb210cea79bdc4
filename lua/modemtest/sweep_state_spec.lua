local files = require "modemtest.files"
local s = require "modemtest.spec"
local state = require "modemtest.sweep_state"

local OF = { client = "./a", profile = "sim7600" }

--- Calls fn(path) with a file that is not there yet, in a folder that goes.
local function with_path(fn)
  local folder = files.temporary()
  local ok, err = pcall(fn, folder .. "/state")
  files.remove(folder)
  if not ok then
    error(err, 0)
  end
end

local function note(path, sweep, verdicts)
  local open = assert(state.open(path, sweep, OF))
  for _, one in ipairs(verdicts) do
    open:add(one[1], one[2])
  end
  open:close()
end

local function verdicts(path, sweep, ...)
  local open, list = assert(state.open(path, sweep, OF)), {}
  for i, point in ipairs({ ... }) do
    list[i] = open:verdict(point) or false
  end
  open:close()
  return list
end

s.test("what was done is known again; what failed is repeated", function()
  with_path(function(path)
    note(path, "a", { { "p1", "pass" }, { "p2", "fail" }, { "p3", "not reached" } })
    s.eq(verdicts(path, "a", "p1", "p2", "p3", "p4"), { "pass", false, "not reached", false })
  end)
end)

s.test("several sweeps share a file", function()
  with_path(function(path)
    note(path, "a", { { "p1", "pass" } })
    note(path, "b", { { "p2", "pass" } })
    note(path, "a", { { "p3", "pass" } })
    s.eq(verdicts(path, "a", "p1", "p2", "p3"), { "pass", false, "pass" })
    s.eq(verdicts(path, "b", "p1", "p2", "p3"), { false, "pass", false })
  end)
end)

s.test("a file cut anywhere loses the last line at most, and goes on", function()
  with_path(function(path)
    note(path, "a", { { "p1", "pass" }, { "p2", "pass" } })
    local whole = files.read(path)
    local first, last = #whole:match("^[^\n]*\n[^\n]*\n") - 1, #whole - 1 -- a line end more or less is no matter
    for n = 2, #whole do
      files.write(path, whole:sub(1, n))
      note(path, "a", { { "p3", "pass" } })
      s.eq(verdicts(path, "a", "p1", "p2", "p3"), { n >= first and "pass", n >= last and "pass", "pass" }, n)
    end
  end)
end)

s.test("a file of another client, program or profile is refused with what differs", function()
  with_path(function(path)
    note(path, "a", { { "p1", "pass" } })
    local before = files.read(path)
    local open, message = state.open(path, "a", { client = "./b", profile = "sim7600", every = 1 })
    s.eq(open, nil)
    s.eq(message, "--sweep-state " .. path .. ": it was made by another sweep of 'a': client was './a' and is './b', "
      .. "every was 'nil' and is '1': name another file, or remove this one")
    s.eq(files.read(path), before)
  end)
end)

s.test("what is no file of a sweep is left as it is", function()
  with_path(function(path)
    for _, text in ipairs({ "{}\n", "my notes\n", "[1]\n", '{"sweep":1}\n', "no line end" }) do
      files.write(path, text)
      local open, message = state.open(path, "a", OF)
      s.eq(open, nil, text)
      s.match(message, "this is no file of a sweep")
      s.eq(files.read(path), text)
    end
    local open, message = state.open(path .. "/below", "a", OF)
    s.eq(open, nil)
    s.match(message, "^%-%-sweep%-state ")
  end)
end)
