--- Tag expressions of --tags: names, and, or, not, parentheses; a comma is or.
local M = {}

local WORDS = { ["and"] = true, ["or"] = true, ["not"] = true, ["("] = true, [")"] = true }

--- Splits into words; nil and the character that cannot be part of an expression.
local function split(expression)
  local words = {}
  local spaced = expression:gsub(",", " or "):gsub("([()])", " %1 ")
  for word in spaced:gmatch("%S+") do
    if not WORDS[word] and not word:find("^[%w_.%-]+$") then
      return nil, word
    end
    words[#words + 1] = word
  end
  return words
end

local parse_or -- the three levels need each other; nesting is bounded by the parentheses typed

local function parse_not(words)
  local word = table.remove(words, 1)
  if word == "not" then
    local inner = parse_not(words)
    return inner and function(tags) return not inner(tags) end
  end
  if word == "(" then
    local inner = parse_or(words)
    return table.remove(words, 1) == ")" and inner or nil
  end
  if not word or WORDS[word] then
    return nil
  end
  return function(tags) return tags[word] == true end
end

local function parse_and(words)
  local left = parse_not(words)
  while left and words[1] == "and" do
    table.remove(words, 1)
    local first, second = left, parse_not(words)
    left = second and function(tags) return first(tags) and second(tags) end
  end
  return left
end

function parse_or(words)
  local left = parse_and(words)
  while left and words[1] == "or" do
    table.remove(words, 1)
    local first, second = left, parse_and(words)
    left = second and function(tags) return first(tags) or second(tags) end
  end
  return left
end

--- Compiles an expression; returns a function(set of tags) -> boolean, or nil and a message.
function M.compile(expression)
  local words, wrong = split(expression)
  if not words then
    return nil, ("'%s' is no tag"):format(wrong)
  end
  local fn = parse_or(words)
  if not fn or #words > 0 then
    return nil, ("'%s' is no tag expression (names, and, or, not, parentheses)"):format(expression)
  end
  return fn
end

--- { "a", "b" } -> { a = true, b = true }
function M.set(list)
  local set = {}
  for _, tag in ipairs(list or {}) do
    set[tag] = true
  end
  return set
end

return M
