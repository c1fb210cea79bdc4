--- A planted cause: what goes wrong is done on purpose, and the explanation must name it in its first line.
local t = require "modemtest"

--- cause { name =, plant = function(dev, env), first = text or list of texts, remedy = text, ask =, after =, ... }
-- 'first' is what must stand in the first line, word for word; 'ask' the options of env.why; after(what plant
-- returned) brings to an end what is still open. All other fields are those of a scenario.
return function(fields)
  local plant, after, first, remedy, ask = fields.plant, fields.after, fields.first, fields.remedy, fields.ask
  local name = "why: " .. fields.name
  fields.plant, fields.after, fields.first, fields.remedy, fields.ask, fields.name = nil, nil, nil, nil, nil, nil
  fields.tags = { "why" }
  fields.needs = fields.needs or { "emulator" }
  fields.uses = fields.uses or { "modem" }
  fields.run = function(dev, env)
    local begun = plant(dev, env)
    local explanation = env.why(ask)
    env.note("why: " .. explanation.first)
    for _, text in ipairs(type(first) == "table" and first or { first }) do
      t.check(explanation.first:find(text, 1, true),
        ("the first line does not say %q: %s"):format(text, explanation.first))
    end
    t.check(not explanation.likely, "the cause is known here, and the explanation only guesses: " .. explanation.first)
    t.check(explanation.remedy, "the explanation does not say what to change: " .. explanation.first)
    t.check(not remedy or explanation.remedy:find(remedy, 1, true),
      ("what to change does not say %q: %s"):format(remedy or "", explanation.remedy))
    t.check(#explanation.chain > 0, "the explanation has no chain")
    if after then
      after(begun)
    end
  end
  t.scenario(name)(fields)
end
