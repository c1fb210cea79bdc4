local count = require "modemtest.sweep_count"
local s = require "modemtest.spec"

local function record(direction)
  return { event = "tls", step = "record", direction = direction, type = "handshake", length = 9 }
end

local EVENTS = {
  { event = "at", from = "host", text = "AT" }, { event = "at", from = "modem", text = "OK" },
  { event = "tls", step = "start", host = "h" }, record("upstream"), record("downstream"), record("upstream"),
  { event = "mqtt", dir = "out", packet = "CONNECT" }, { event = "mqtt", dir = "in", packet = "CONNACK" },
  { event = "mqtt", dir = "in", error = "malformed" },
  { event = "fault", step = "fired", fault = 2 },
  { event = "at", from = "host", text = "AT+CMQTTPUB=0,1,60" },
  { event = "fault", step = "fired", fault = 1 }, { event = "at", from = "modem", text = "+CMQTTPUB: 0,0" },
  { event = "fault", step = "fired", fault = 1 },
}

s.test("bytes between two readings, records by direction, packets in order", function()
  s.eq(count.of({ bytes_from_host = 10, bytes_from_modem = 20 },
    { bytes_from_host = 110, bytes_from_modem = 220 }, EVENTS), {
    uart = { host = 100, modem = 200 }, tls = { upstream = 2, downstream = 1 },
    mqtt = { { dir = "out", packet = "CONNECT" }, { dir = "in", packet = "CONNACK" } },
  })
end)

s.test("a fault struck behind what was said last before it", function()
  s.eq(count.place(EVENTS, 1), "behind the command AT+CMQTTPUB=0,1,60")
  s.eq(count.place(EVENTS, 2), "at the broker's CONNACK")
  s.eq(count.place({ { event = "fault", step = "fired", fault = 7 } }, 7), "before the first command")
  s.eq(count.place(EVENTS, 3), nil)
  s.eq(count.place({ { event = "at", from = "modem", text = "+CMQTTRXSTART: 0,1,1\r\n\r\n+CMQTTRXTOPIC: 0,1" },
    { event = "fault", step = "fired", fault = 7 } }, 7), "behind the line +CMQTTRXSTART: 0,1,1")
end)
