--- How a recorded line and the modem's line are compared. Pure.
-- A line is exact when its text and the empty lines before it are those of the source. Otherwise it must
-- become so by rules, each of which says what the source does not tell; what was used is counted.
local M = {}

--- The rules that a head may name under "rules", with the reason why its source needs them; and those
-- that entries bring along.
M.known = {
  ["blank lines"] = "empty lines are not compared",
  ["acknowledged late"] = "+CMQTTPUB: N,0 may come behind the message that follows it: brokers differ in this",
}

M.by_entry = {
  ["stand-in"] = "the source hides a value behind <NAME>: it equals the head's value, or is of the right form",
  ["actual"] = "the source shows the text otherwise, as its entry says",
  ["not kept"] = "bytes that the source only counts",
}

--- What stands for a <NAME> without a value in the head.
local PATTERNS = {
  IMEI = ("%d"):rep(15),
  IP = "%d+%.%d+%.%d+%.%d+",
  TAC = "0x%x+",
  CELL = "%d+",
}

local function escaped(text)
  return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

--- The text that a line of a source must be: the text itself, or nil and a pattern, or nil, nil and a message.
function M.expectation(text, values)
  local literal, pattern, at, open = "", "^", 1, false
  for from, name, to in text:gmatch("()<([^<>]+)>()") do
    local before, value = text:sub(at, from - 1), values[name]
    if not value and not PATTERNS[name] then
      return nil, nil, ("neither a value nor a form is known for <%s>"):format(name)
    end
    open = open or not value
    literal = literal .. before .. (value or "")
    pattern = pattern .. escaped(before) .. (value and escaped(value) or PATTERNS[name])
    at = to
  end
  if open then
    return nil, pattern .. escaped(text:sub(at)) .. "$"
  end
  return literal .. text:sub(at)
end

--- Compares the line of a step with what came ('got', behind 'blanks' empty lines). 'named': the set of
-- rules of the head. Returns the list of rules used, none when it is exact; or nil when it is another line.
function M.compare(step, got, blanks, named)
  local same = step.pattern and got:find(step.pattern) ~= nil or step.want == got
  if not same then
    return nil
  end
  if step.hidden or step.added or blanks == step.blanks then
    return step.rules
  end
  if not named["blank lines"] then
    return nil
  end
  return table.move(step.rules, 1, #step.rules, 2, { "blank lines" })
end

return M
