--- The points of a cut sweep: what a counted run says of its length becomes a list of faults, one for each place and
-- action. Pure.
-- A point: { name=, group=, index=, orders= }: its name for people and --sweep-point, the kind of places it belongs to
-- and its number there, and what is armed (env.sim:fault); the last of the orders is the one that counts as struck.
local hash = require("modemtest.text").hash

local M = {}

M.KINDS = { "uart", "tls", "mqtt", "urc" }
M.ACTIONS = { "drop", "stall", "close", "reboot" }

--- What a point does there, unless t.sweep says otherwise: milliseconds of a stall and of a port that is away, and the
-- line that comes by itself.
M.DEFAULTS = { stall_ms = 300, away_ms = 100, urc = '\r\n+CMTI: "SM",1\r\n' }

--- Where a fault that does not count by itself strikes: with the event that the first order makes.
local function behind(mark, order)
  order.when = { event = mark.name }
  return { mark, order }
end

--- The orders of a kind and action at a place; 'o' is as DEFAULTS.
local ORDERS = {
  uart = {
    drop = function(place) return { { name = "uart.drop", from = place.from, at = place.at } } end,
    stall = function(place, o)
      return { { name = "uart.stall", from = place.from, at = place.at, ms = o.stall_ms } }
    end,
    close = function(place, o)
      return { { name = "uart.hangup", from = place.from, at = place.at, ms = o.away_ms } }
    end,
    reboot = function(place)
      return behind({ name = "uart.mark", from = place.from, at = place.at }, { name = "modem.reboot" })
    end,
  },
  urc = {
    insert = function(place, o)
      return { { name = "uart.insert", from = "modem", at = place.at, text = o.urc } }
    end,
  },
}

local function at_event(event, order)
  order.when = event
  return { order }
end

local function at_record(place, order)
  order.direction, order.records = place.direction, place.nth
  return { order }
end

--- TCP loses nothing: what is dropped on a connection is all that comes behind the place.
ORDERS.tls = {
  drop = function(place) return at_record(place, { name = "link.timeout", timeout = 0 }) end,
  stall = function(place, o) return at_record(place, { name = "link.stall", ms = o.stall_ms }) end,
  close = function(place) return at_record(place, { name = "link.reset_peer" }) end,
  reboot = function(place)
    return at_event({ event = "tls", step = "record", direction = place.direction, nth = place.nth },
      { name = "modem.reboot" })
  end,
}

local function packet_event(place)
  return { event = "mqtt", dir = place.direction, packet = place.packet, nth = place.nth }
end

ORDERS.mqtt = {
  drop = function(place)
    return { { name = "mqtt.drop", direction = place.direction, packet = place.packet, nth = place.nth } }
  end,
  stall = function(place, o)
    return { { name = "mqtt.delay", direction = place.direction, packet = place.packet, nth = place.nth,
      ms = o.stall_ms } }
  end,
  close = function(place) return at_event(packet_event(place), { name = "link.close" }) end,
  reboot = function(place) return at_event(packet_event(place), { name = "modem.reboot" }) end,
}

--- The places of a kind: a list of { group=, places= }, in the order in which they are swept.
local PLACES = {}

function PLACES.uart(counts)
  local groups = {}
  for i, from in ipairs({ "host", "modem" }) do
    local places = {}
    for at = 0, (counts.uart[from] or 0) - 1 do
      places[at + 1] = { text = ("from=%s at=%d"):format(from, at), from = from, at = at }
    end
    groups[i] = { group = from, places = places }
  end
  return groups
end

function PLACES.urc(counts)
  return { PLACES.uart(counts)[2] }
end

function PLACES.tls(counts)
  local groups = {}
  for i, direction in ipairs({ "upstream", "downstream" }) do
    local places = {}
    for nth = 1, counts.tls[direction] or 0 do
      places[nth] = { text = ("direction=%s record=%d"):format(direction, nth), direction = direction, nth = nth }
    end
    groups[i] = { group = direction, places = places }
  end
  return groups
end

--- One group for each packet type and direction, in the order of their first packets.
function PLACES.mqtt(counts)
  local groups, by_name = {}, {}
  for _, seen in ipairs(counts.mqtt) do
    local name = seen.dir .. " " .. seen.packet
    if not by_name[name] then
      by_name[name] = { group = name, places = {} }
      groups[#groups + 1] = by_name[name]
    end
    local places = by_name[name].places
    local nth = #places + 1
    places[nth] = { text = ("direction=%s packet=%s nth=%d"):format(seen.dir, seen.packet, nth),
      direction = seen.dir, packet = seen.packet, nth = nth }
  end
  return groups
end

local function add_group(list, kind, action, group, options)
  for index, place in ipairs(group.places) do
    list[#list + 1] = {
      name = ("%s.%s %s"):format(kind, action, place.text), group = ("%s.%s %s"):format(kind, action, group.group),
      index = index - 1, orders = ORDERS[kind][action](place, options),
    }
  end
end

--- points.list(counts, options) -> list of points
-- counts: { uart = { host=, modem= } (bytes), tls = { upstream=, downstream= } (records), mqtt = { { dir=, packet= },
-- ... } }. options: kinds and actions (lists), and what DEFAULTS has. The kind urc has one action of its own, whatever
-- the actions are.
function M.list(counts, options)
  local list, settings = {}, {}
  for name, default in pairs(M.DEFAULTS) do
    settings[name] = options[name] or default
  end
  for _, kind in ipairs(options.kinds) do
    for _, action in ipairs(kind == "urc" and { "insert" } or options.actions) do
      for _, group in ipairs(PLACES[kind](counts)) do
        add_group(list, kind, action, group, settings)
      end
    end
  end
  return list
end

--- Every N-th of a group, from a place that differs from group to group; at least one of each.
local function thin(group, every)
  local phase, taken = hash(group[1].group), {}
  for _, point in ipairs(group) do
    if point.index % every == phase % every then
      taken[#taken + 1] = point
    end
  end
  return #taken > 0 and taken or { group[phase % #group + 1] }
end

local function grouped(list)
  local groups, by_name = {}, {}
  for _, point in ipairs(list) do
    local group = by_name[point.group]
    if not group then
      group = {}
      by_name[point.group] = group
      groups[#groups + 1] = group
    end
    group[#group + 1] = point
  end
  return groups
end

--- points.share(list, { every=, slice=, slices= }) -> list of points
-- Every N-th point, at least one of each group, and of those the share of one slice. Two runs that count a few bytes
-- more or less share alike but for the last points: nothing depends on the length of the list.
function M.share(list, options)
  local out = {}
  for _, group in ipairs(grouped(list)) do
    local phase = hash(group[1].group)
    for _, point in ipairs(thin(group, options.every)) do
      if (point.index // options.every + phase) % options.slices == options.slice - 1 then
        out[#out + 1] = point
      end
    end
  end
  return out
end

--- points.named(list, text) -> the points whose name contains it.
-- A whole name means this point only, although those of later offsets begin alike.
function M.named(list, text)
  local out = {}
  for _, point in ipairs(list) do
    if point.name == text then
      return { point }
    elseif point.name:find(text, 1, true) then
      out[#out + 1] = point
    end
  end
  return out
end

return M
