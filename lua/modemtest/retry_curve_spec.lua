local curve = require "modemtest.retry_curve"
local s = require "modemtest.spec"

local SEEDS = 20

--- A generator of its own for each seed (Park and Miller), so that nothing else's draws change what a seed means.
local function generator(seed)
  local state = seed * 7919 + 104729
  return function()
    state = state * 48271 % 2147483647
    return state / 2147483647
  end
end

--- Attempt times whose waits are wait(i, random) ms, on a machine that is late by some ms, now and then by some more.
local function attempts(n, random, wait)
  local times, at = {}, 1000
  for i = 1, n do
    times[i] = at + -2 * math.log(1 - random()) + (random() < 0.05 and 5 * random() or 0)
    at = times[i] + wait(i - 1, random)
  end
  return times
end

local function capped(i)
  return math.min(500 * 2 ^ i, 16000)
end

local CURVES = {
  { curve = "none", jitter = false, wait = function() return 0 end },
  { curve = "none", jitter = true, fewest = 7, wait = function(_, random) return 80 * random() end },
  { curve = "constant", jitter = false, wait = function() return 1000 end },
  { curve = "constant", jitter = true, wait = function(_, random) return 1000 * (0.7 + 0.6 * random()) end },
  { curve = "linear", jitter = false, wait = function(i) return 500 + 500 * i end },
  { curve = "linear", jitter = true, fewest = 8, wait = function(i, random)
    return (500 + 500 * i) * (0.85 + 0.3 * random())
  end },
  { curve = "exponential", jitter = false, wait = capped },
  { curve = "exponential", jitter = true, what = "equal jitter", wait = function(i, random)
    return capped(i) * (0.5 + 0.5 * random())
  end },
  -- With 0 to C a wait says little: it takes two rounds to be as good as sure.
  { curve = "exponential", jitter = true, what = "full jitter", rounds = 2, fewest = 8, wait = function(i, random)
    return capped(i) * random()
  end },
}

for _, c in ipairs(CURVES) do
  local name = c.curve .. (c.jitter and ", " .. (c.what or "jitter") or ", no jitter")
  s.test(("%s is named, %d seeds"):format(name, SEEDS), function()
    local fewest = c.fewest or 6
    for seed = 1, SEEDS do
      local random, rounds = generator(seed), {}
      for n = 1, c.rounds or 1 do
        rounds[n] = attempts(fewest + seed % (13 - fewest), random, c.wait)
      end
      local found = curve.classify(#rounds > 1 and rounds or rounds[1])
      s.eq({ found.curve, found.jitter }, { c.curve, c.jitter }, ("seed %d: %s"):format(seed, found.text))
    end
  end)
end

s.test("the numbers of a curve", function()
  local found = curve.classify({ 0, 1000, 3000, 7000, 15000, 25000, 35000 })
  s.eq({ found.curve, found.jitter, found.factor, found.attempts }, { "exponential", false, 2, 7 })
  s.check(math.abs(found.base_ms - 1000) < 50, found.text)
  s.check(math.abs(found.max_ms - 10000) < 500, found.text)
  s.match(found.text, "^exponential, base 1%.0 s, factor 2%.0, at most 10%.0 s, no jitter$")
  s.match(curve.classify({ 0, 500, 1500, 3000, 5000, 7500 }).text, "^linear, base 0%.5 s, step 0%.5 s, no jitter$")
  s.match(curve.classify({ 0, 700, 1400, 2100 }).text, "^constant, base 0%.7 s, no jitter$")
  local jitter = curve.classify({ 0, 1000, 2510, 6000, 10500, 26000, 43000 })
  s.check(jitter.jitter_percent > 20 and jitter.jitter_percent < 60, jitter.text)
end)

s.test("the waits of a client whose time is scaled are given as they are unscaled", function()
  local found = curve.classify({ 0, 50, 150, 350, 750, 1550 }, { percent = 5 })
  s.match(found.text, "^exponential, base 1%.0 s, factor 2%.0, no jitter$")
end)

s.test("an attempt that takes long is no wait", function()
  local times, ended = { 0, 3100, 7000, 10050 }, { 3000, 6000, 9950, 13000 }
  s.eq(curve.classify(times).curve ~= "none", true)
  s.eq(curve.classify({ 0, 3010, 6020, 9030 }, { ended = { 3000, 6010, 9020 } }).curve, "none")
  s.eq(curve.classify(times, { ended = ended, none_ms = 50 }).attempts, 4)
end)

s.test("rounds begin anew", function()
  local round = { 0, 1000, 3000, 7000 }
  local found = curve.classify({ round, round })
  s.eq({ found.curve, found.factor, found.attempts }, { "exponential", 2, 8 })
end)

s.test("fewer than four attempts are not guessed at", function()
  for n = 0, 3 do
    local times = {}
    for i = 1, n do
      times[i] = 1000 * 2 ^ i
    end
    local found = curve.classify(times)
    s.eq(found.curve or false, false)
    s.match(found.text, "^" .. n .. " attempts are too few to name a curve: it takes 4$")
  end
end)
