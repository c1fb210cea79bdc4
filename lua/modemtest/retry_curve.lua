--- Names the curve behind the times of retries: does a client wait longer from attempt to attempt, and at random? Pure.
--
-- A wait is held against a model: it lies between (1 - jitter) * C(i) and C(i), where C(i), the longest wait before
-- retry i, is constant, linear (base + i * step) or exponential (base * factor^i), each with a maximum or without.
-- That covers AWS's "full jitter" (jitter 100 %: anything from 0 to C) and "equal jitter" (50 %), and a random part
-- that is added (base + 0 to 100 %: also 50 % of twice the base). Of all models that hold every wait, the likeliest
-- is taken: the one that leaves the least room; a model with more numbers must leave less.
local M = {}

--- What a loaded machine adds to a wait at most, in ms, and the share of it that a clock or a timer adds.
local NOISE_MS, NOISE_SHARE = 8, 0.01
--- Waits up to so many ms are none.
local NONE_MS = 100
--- A random part below this is none.
local JITTER_PERCENT = 10
local FEWEST = 4
--- What a further number of a model must gain (the logarithm of a likelihood), and how much the best model of another
-- curve must be behind for the answer to be sure.
local PRICE, SURE = 2, 1.5
--- What a factor other than 2 must gain besides, and a step that is not the base.
local UNUSUAL = 2.5

--- The waits of one round: list of { i = which retry, ms = }.
local function add_waits(waits, times, ended)
  for i = 2, #times do
    waits[#waits + 1] = { i = i - 2, ms = math.max(times[i] - (ended and ended[i - 1] or times[i - 1]), 0) }
  end
end

local function all_waits(times, ended)
  local waits, attempts = {}, 0
  local rounds = type(times[1]) == "table" and times or { times }
  local ends = ended and (type(ended[1]) == "table" and ended or { ended }) or {}
  for n, round in ipairs(rounds) do
    add_waits(waits, round, ends[n])
    attempts = attempts + #round
  end
  return waits, attempts
end

--- Holds the shape s (s[i] for each wait) against the waits: a model with its score, lower is better.
local function hold(waits, shape, price, noise)
  local high, low = 0, math.huge -- of the waits in units of the shape
  local sure_high, sure_low = 0, math.huge -- the same, less what noise may have done
  for n, wait in ipairs(waits) do
    local s, slack = shape[n], noise + NOISE_SHARE * wait.ms
    high, low = math.max(high, wait.ms / s), math.min(low, wait.ms / s)
    sure_high, sure_low = math.max(sure_high, (wait.ms - slack) / s), math.min(sure_low, wait.ms / s)
  end
  local room = math.max(sure_high - sure_low, 0)
  -- Whatever was drawn at random leaves some room: that there is little of it is partly luck.
  local score, distance = price + math.log(high / (room + noise)), 0
  local middle = (high + low) / 2
  for n, wait in ipairs(waits) do
    score = score + math.log(room * shape[n] + noise + NOISE_SHARE * wait.ms)
    distance = distance + math.abs(wait.ms / (middle * shape[n]) - 1)
  end
  return { score = score, distance = distance, room = room, high = high, low = low }
end

--- The better one; of equally likely ones that which the waits are nearer to.
local function better(a, b)
  if not a or math.abs(a.score - b.score) < 1e-6 and b.distance < a.distance or b.score < a.score - 1e-6 then
    return b
  end
  return a
end

--- The best of a curve's shapes. at(i): the shape without a maximum.
local function best_of(waits, curve, parameters, at, price, noise)
  local last = 0
  for _, wait in ipairs(waits) do
    last = math.max(last, wait.i)
  end
  local best
  local function try(cap, more)
    local shape = {}
    for n, wait in ipairs(waits) do
      shape[n] = math.min(at(wait.i), cap)
    end
    local model = hold(waits, shape, price + more, noise)
    model.curve, model.cap = curve, cap
    for name, value in pairs(parameters) do
      model[name] = value
    end
    best = better(best, model)
  end
  try(math.huge, 0)
  for i = 1, last - 1 do -- a maximum is seen when two waits have it
    for quarter = 0, 3 do
      try(at(i - 1) + (at(i) - at(i - 1)) * (quarter + 1) / 4, PRICE)
    end
  end
  return best
end

--- The best model of each curve: list.
local function models(waits, noise)
  local constant = best_of(waits, "constant", {}, function() return 1 end, 0, noise)
  local linear, exponential
  for quarters = -12, 12 do -- base / step, from 1/8 to 8; 1 is the common one
    local ratio = 2 ^ (quarters / 4)
    linear = better(linear, best_of(waits, "linear", { ratio = ratio }, function(i) return (i + ratio) / ratio end,
      PRICE + (quarters == 0 and 0 or UNUSUAL), noise))
  end
  for twentieths = 26, 80 do -- 1.3 to 4; 2 is the common one
    local factor = twentieths / 20
    exponential = better(exponential, best_of(waits, "exponential", { factor = factor },
      function(i) return factor ^ i end, PRICE + (factor == 2 and 0 or UNUSUAL), noise))
  end
  return { constant, linear, exponential }
end

local function seconds(ms)
  return ms < 100 and ("%.0f ms"):format(ms) or ("%.1f s"):format(ms / 1000)
end

local function describe(found)
  if found.curve == "none" then
    return found.jitter and "none, with jitter: waits of at most " .. seconds(found.base_ms) or "none"
  end
  local words = { found.curve, "base " .. seconds(found.base_ms) }
  if found.step_ms then
    words[#words + 1] = "step " .. seconds(found.step_ms)
  elseif found.factor then
    words[#words + 1] = ("factor %.1f"):format(found.factor)
  end
  if found.max_ms then
    words[#words + 1] = "at most " .. seconds(found.max_ms)
  end
  words[#words + 1] = found.jitter and ("jitter %.0f %%"):format(found.jitter_percent) or "no jitter"
  return table.concat(words, ", ") .. (found.sure and "" or " (not sure)")
end

local function none(waits, attempts, noise, scale)
  local high, low = 0, math.huge
  for _, wait in ipairs(waits) do
    high, low = math.max(high, wait.ms), math.min(low, wait.ms)
  end
  return { curve = "none", jitter = high - low > 2 * noise, base_ms = high * scale, attempts = attempts, sure = true,
    jitter_percent = high > 0 and 100 * (high - low) / high or 0 }
end

local function median(waits)
  local list = {}
  for n, wait in ipairs(waits) do
    list[n] = wait.ms
  end
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function from_model(model, attempts, scale)
  local top = model.room > 0 and model.high or (model.high + model.low) / 2
  local percent = 100 * (model.high - model.low) / model.high
  local jitter = model.room > 0 and percent > JITTER_PERCENT
  local base = top * scale
  return { curve = model.curve, jitter = jitter, base_ms = base, attempts = attempts,
    jitter_percent = jitter and percent or 0, factor = model.factor, step_ms = model.ratio and base / model.ratio,
    max_ms = model.cap < math.huge and base * model.cap or nil }
end

--- retry_curve.classify(times [, opt]) -> { curve=, jitter=, base_ms=, factor= | step_ms=, max_ms=, ... }
-- times: when each attempt began, in ms; or a list of such lists, one for each round in which the client began anew.
-- opt: ended (when each attempt ended, in the same form: a wait then begins there, not where its attempt began);
-- percent (the client's waits are scaled: numbers are given as of 100); noise_ms (what the machine adds at most; 8);
-- none_ms (waits up to this, of 100 percent, are none; 100).
-- curve: "none", "constant", "linear", "exponential"; nil for fewer than 4 attempts. base_ms: the longest first wait;
-- jitter_percent: how much of a wait is random (100: AWS's full jitter, 50: equal jitter); max_ms: the longest wait
-- of all, where the curve ends in one; sure: false where another curve is about as likely; text: all of it in words.
function M.classify(times, opt)
  opt = opt or {}
  local scale = 100 / (opt.percent or 100)
  local noise = opt.noise_ms or NOISE_MS
  local waits, attempts = all_waits(times, opt.ended)
  if attempts < FEWEST then
    local text = ("%d attempts are too few to name a curve: it takes %d"):format(attempts, FEWEST)
    return { attempts = attempts, sure = false, text = text }
  end
  local found
  if median(waits) <= math.max((opt.none_ms or NONE_MS) / scale, 2 * noise) then
    found = none(waits, attempts, noise, scale)
  else
    local list = models(waits, noise)
    table.sort(list, function(a, b) return a.score < b.score end)
    found = from_model(list[1], attempts, scale)
    found.sure = list[2].score - list[1].score >= SURE
  end
  found.text = describe(found)
  return found
end

return M
