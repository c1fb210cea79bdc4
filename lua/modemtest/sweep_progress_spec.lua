local progress = require "modemtest.sweep_progress"
local s = require "modemtest.spec"

s.test("the sum of the slices, and slices to come as long as those that began", function()
  local p = progress.new()
  s.eq(p:line(0), nil)
  p:add({ slice = "a [slice=1/4]", slices = 4, done = 0, of = 100, failed = 0 })
  s.eq(p:line(1), "[------------------------] 0/400 points")
  p:add({ slice = "a [slice=1/4]", slices = 4, done = 50, of = 100, failed = 1 })
  p:add({ slice = "a [slice=2/4]", slices = 4, done = 50, of = 100, failed = 1 })
  s.eq(p:line(100), "[######------------------] 100/400 points, 2 failed, 5 min 00 s left")
end)

s.test("points of an earlier run say nothing about the time", function()
  local p = progress.new()
  p:add({ slice = "a", slices = 1, done = 50, of = 100, failed = 0, kept = 50 })
  s.eq(p:line(10), "[############------------] 50/100 points")
  p:add({ slice = "a", slices = 1, done = 60, of = 100, failed = 0, kept = 50 })
  s.eq(p:line(10), "[##############----------] 60/100 points, 40 s left")
  p:add({ slice = "a", slices = 1, done = 100, of = 100, failed = 0, kept = 50 })
  s.eq(p:line(20), "[########################] 100/100 points")
end)
