local points = require "modemtest.sweep_points"
local s = require "modemtest.spec"

local COUNTS = {
  uart = { host = 30, modem = 40 }, tls = { upstream = 3, downstream = 2 },
  mqtt = { { dir = "out", packet = "CONNECT" }, { dir = "in", packet = "CONNACK" }, { dir = "out", packet = "PUBLISH" },
    { dir = "in", packet = "PUBACK" }, { dir = "out", packet = "PUBLISH" } },
}

local function all(options)
  options = options or {}
  options.kinds, options.actions = options.kinds or points.KINDS, options.actions or points.ACTIONS
  return points.list(COUNTS, options)
end

local function named(list, name)
  for _, point in ipairs(list) do
    if point.name == name then
      return point
    end
  end
  return nil
end

s.test("every byte, record and packet both ways for each action, and a URC at every byte of the modem", function()
  local list, seen = all(), {}
  s.eq(#list, (30 + 40 + 3 + 2 + 5) * 4 + 40)
  for _, point in ipairs(list) do
    s.eq(seen[point.name], nil, point.name)
    seen[point.name] = true
  end
end)

s.test("what is armed at a place", function()
  local list = all({ stall_ms = 70, away_ms = 9, urc = "\r\nRING\r\n" })
  local orders = function(name) return named(list, name).orders end
  s.eq(orders("uart.drop from=host at=0"), { { name = "uart.drop", from = "host", at = 0 } })
  s.eq(orders("uart.stall from=modem at=39"), { { name = "uart.stall", from = "modem", at = 39, ms = 70 } })
  s.eq(orders("uart.close from=modem at=1"), { { name = "uart.hangup", from = "modem", at = 1, ms = 9 } })
  s.eq(orders("uart.reboot from=host at=29"), { { name = "uart.mark", from = "host", at = 29 },
    { name = "modem.reboot", when = { event = "uart.mark" } } })
  s.eq(orders("urc.insert from=modem at=39"),
    { { name = "uart.insert", from = "modem", at = 39, text = "\r\nRING\r\n" } })
  s.eq(orders("tls.drop direction=upstream record=3"),
    { { name = "link.timeout", direction = "upstream", records = 3, timeout = 0 } })
  s.eq(orders("tls.reboot direction=downstream record=2"), { { name = "modem.reboot",
    when = { event = "tls", step = "record", direction = "downstream", nth = 2 } } })
  s.eq(orders("mqtt.drop direction=out packet=PUBLISH nth=2"),
    { { name = "mqtt.drop", direction = "out", packet = "PUBLISH", nth = 2 } })
  s.eq(orders("mqtt.reboot direction=in packet=PUBACK nth=1"),
    { { name = "modem.reboot", when = { event = "mqtt", dir = "in", packet = "PUBACK", nth = 1 } } })
end)

s.test("kinds and actions that are not named are left out", function()
  s.eq(#all({ kinds = { "uart" }, actions = { "drop" } }), 70)
  s.eq(#all({ kinds = { "urc" }, actions = { "drop", "reboot" } }), 40)
end)

local function names(list, into)
  for _, point in ipairs(list) do
    into[#into + 1] = point.name
  end
  return into
end

s.test("the slices together are all points, each once", function()
  local list, both = all(), {}
  for slice = 1, 8 do
    names(points.share(list, { every = 1, slice = slice, slices = 8 }), both)
  end
  local whole = names(list, {})
  table.sort(both)
  table.sort(whole)
  s.eq(both, whole)
end)

s.test("every N-th point, and at least one of each group", function()
  local list = all()
  local thin, groups = points.share(list, { every = 10, slice = 1, slices = 1 }), {}
  for _, point in ipairs(thin) do
    groups[point.group] = (groups[point.group] or 0) + 1
  end
  for _, point in ipairs(list) do
    s.check(groups[point.group], "none of " .. point.group)
  end
  s.eq({ groups["uart.drop host"], groups["urc.insert modem"], groups["tls.close upstream"] }, { 3, 4, 1 })
end)

s.test("a run that counted more shares what both have alike", function()
  local longer = { uart = { host = 31, modem = 47 }, tls = COUNTS.tls, mqtt = COUNTS.mqtt }
  local options = { every = 3, slice = 2, slices = 4 }
  local lists = {}
  for i, counts in ipairs({ COUNTS, longer }) do
    local list = points.list(counts, { kinds = { "uart" }, actions = { "drop" } })
    lists[i] = {}
    for _, point in ipairs(points.share(list, options)) do
      lists[i][point.name] = true
    end
  end
  for name in pairs(lists[1]) do
    s.check(lists[2][name], name .. " went to another slice")
  end
end)

s.test("points are found by a part of their name, one by the whole of it", function()
  local list = all()
  s.eq(#points.named(list, "uart.drop from=host at=2"), 1)
  s.eq(#points.named(list, "drop from=host at=2"), 11)
  s.eq(#points.named(list, "nowhere"), 0)
end)
