--- Completion of sim7600ctl's words for a shell: what the running emulator knows, so that nothing is listed twice.
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"
local sorted_keys = require("modemtest.text").sorted_keys

local M = {}

local SECONDS = 2

local function asker(path)
  return function(request)
    return path and sim_control.request(path, request, task.now() + SECONDS * 1000) or {}
  end
end

local function row_of(list, key, name)
  for _, row in ipairs(list or {}) do
    if row[key] == name then
      return row
    end
  end
  return nil
end

local function add_fields(row, add)
  for _, field in ipairs(row and row.fields or {}) do
    for _, word in ipairs(field.words or {}) do
      add(field.name .. "=" .. word)
    end
    if not field.words and field.type ~= "object" and field.type ~= "list" then
      add(field.name .. "=")
    end
  end
end

--- What a verb's words stand for beside its fields.
local OF_VERB = {
  get = function(ask, _, add)
    for _, key in ipairs(sorted_keys(ask({ verb = "get" }).keys or {})) do
      add(key)
    end
  end,
  set = function(ask, _, add)
    for _, key in ipairs(sorted_keys(ask({ verb = "get" }).keys or {})) do
      add(key .. "=")
    end
  end,
  power = function(_, schema, add)
    for _, word in ipairs(row_of(row_of(schema.verbs, "verb", "power").fields, "name", "action").words) do
      add(word)
    end
  end,
  fault = function(_, schema, add, words)
    local chosen = row_of(schema.faults, "name", words[2])
    for _, one in ipairs(chosen and chosen.parameters or {}) do
      add(one .. "=")
    end
    for _, one in ipairs(not chosen and schema.faults or {}) do
      add(one.name)
    end
    add("when.event=")
    add("until.event=")
  end,
  clear = function(ask, _, add)
    for _, one in ipairs(ask({ verb = "faults" }).faults or {}) do
      add(("%d"):format(one.fault))
    end
  end,
}

--- The words that could stand next. words: those before it, the verb first; path: the socket, or nil.
function M.words(path, words)
  local ask, list = asker(path), {}
  local schema = ask({ verb = "verbs" }) or {}
  local function add(word)
    list[#list + 1] = word
  end
  if #words == 0 then
    for _, row in ipairs(schema.verbs or {}) do
      add(row.verb)
    end
    return list
  end
  if OF_VERB[words[1]] and schema.verbs then
    OF_VERB[words[1]](function(request) return ask(request) or {} end, schema, add, words)
  end
  add_fields(row_of(schema.verbs, "verb", words[1]), function(word)
    if word == "modem=" then
      for _, modem in ipairs((ask({ verb = "list" }) or {}).modems or {}) do
        add("modem=" .. modem.name)
      end
    else
      add(word)
    end
  end)
  return list
end

return M
