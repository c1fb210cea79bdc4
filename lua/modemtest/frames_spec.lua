local frames = require "modemtest.frames"
local s = require "modemtest.spec"

local function framed(bytes, size, prepare)
  local items = {}
  local parser = frames.new(function(item) items[#items + 1] = item end)
  if prepare then
    prepare(parser)
  end
  for i = 1, #bytes, size do
    parser:feed(bytes:sub(i, i + size - 1))
  end
  return items, parser:pending()
end

local function summary(items)
  local out = {}
  for i, item in ipairs(items) do
    out[i] = item.class .. "|" .. item.text .. (item.data and "|" .. item.data or "")
  end
  return out
end

--- Every input is framed whole, byte by byte, and in every other size up to 9.
local function same_in_any_pieces(bytes, expected, pending, prepare)
  for size = 1, 9 do
    local items, rest = framed(bytes, size, prepare)
    s.eq(summary(items), expected, "pieces of " .. size)
    s.eq(rest, pending or "", "pending, pieces of " .. size)
    local raw = {}
    for i, item in ipairs(items) do
      raw[i] = item.raw
    end
    s.eq(table.concat(raw) .. rest, bytes, "raw bytes, pieces of " .. size)
  end
  s.eq(summary((framed(bytes, #bytes, prepare))), expected, "whole")
end

s.test("information, blank line, final", function()
  same_in_any_pieces("\r\n+CSQ: 16,99\r\n\r\nOK\r\n", { "line|+CSQ: 16,99", "final|OK" })
end)

s.test("finals are whole lines", function()
  same_in_any_pieces("\r\nERROR\r\n\r\n+CME ERROR: 10\r\n\r\nOKAY\r\n\r\nCONNECT 115200\r\n",
    { "final|ERROR", "final|+CME ERROR: 10", "line|OKAY", "final|CONNECT 115200" })
end)

s.test("echo with an extra CR", function()
  same_in_any_pieces("AT\r\r\nOK\r\n", { "line|AT", "final|OK" })
end)

s.test("prompt has no line end", function()
  same_in_any_pieces("\r\n>", { "prompt|>" })
  same_in_any_pieces("\r\n>\r\n\r\nOK\r\n", { "prompt|>", "final|OK" })
  same_in_any_pieces("\r\n> \r\nOK\r\n", { "prompt|>", "final|OK" })
  same_in_any_pieces("AT+CMQTTTOPIC=0,3\r\r\n>", { "line|AT+CMQTTTOPIC=0,3", "prompt|>" })
end)

s.test("a > inside a line is no prompt", function()
  same_in_any_pieces("\r\na>b\r\n", { "line|a>b" })
end)

s.test("counted block with a final result inside", function()
  same_in_any_pieces("\r\n+CMQTTRXSTART: 0,3,12\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na/b"
    .. "\r\n+CMQTTRXPAYLOAD: 0,12\r\n\r\nOK\r\nERROR\r" .. "\r\n+CMQTTRXEND: 0\r\n", {
      "line|+CMQTTRXSTART: 0,3,12", "block|+CMQTTRXTOPIC: 0,3|a/b",
      "block|+CMQTTRXPAYLOAD: 0,12|\r\nOK\r\nERROR\r", "line|+CMQTTRXEND: 0",
    })
end)

s.test("block of any bytes, several parts", function()
  local data = {}
  for i = 0, 255 do
    data[#data + 1] = string.char(i)
  end
  local all = table.concat(data)
  same_in_any_pieces("\r\n+CMQTTRXPAYLOAD: 0,256\r\n" .. all .. "\r\n+CMQTTRXPAYLOAD: 0,1\r\n>", {
    "block|+CMQTTRXPAYLOAD: 0,256|" .. all, "block|+CMQTTRXPAYLOAD: 0,1|>",
  })
end)

s.test("an unfinished block stays pending", function()
  same_in_any_pieces("\r\n+CMQTTRXPAYLOAD: 0,5\r\nabc", {}, "\r\n+CMQTTRXPAYLOAD: 0,5\r\nabc")
end)

s.test("announced echo of data is counted", function()
  same_in_any_pieces("a\r\nOK\r\nb\r\nOK\r\n", { "echo|a\r\nOK\r\nb", "final|OK" }, "",
    function(parser) parser:expect_echo("a\r\nOK\r\nb") end)
  same_in_any_pieces("\r\nOK\r\n", { "final|OK" }, "",
    function(parser) parser:expect_echo("abc") end)
end)

s.test("classification by the running command", function()
  local function kind(text, command, class)
    local item = { class = class or "line", text = text, name = frames.name_of(text) }
    return frames.classify(item, command and frames.command_names(command))
  end
  s.eq(kind("+CSQ: 1,99", "AT+CSQ"), "info")
  s.eq(kind("Manufacturer: X", "ATI"), "info")
  s.eq(kind("+CMQTTCONNLOST: 0,1", "AT+CMQTTPUB=0,0,60"), "urc")
  s.eq(kind("+CMQTTPUB: 0,0", "AT+CMQTTTOPIC=0,3"), "urc")
  s.eq(kind("+CMQTTPUB: 0,0", "AT+CMQTTPUB=0,0,60"), "info")
  s.eq(kind("+CMQTTPUB: 0,0"), "urc")
  s.eq(kind("+CMQTTRXEND: 0", "AT+CMQTTRXEND"), "urc")
  s.eq(kind("whatever"), "unknown")
  s.eq(kind("OK", nil, "final"), "unknown")
  s.eq(kind("OK", "AT", "final"), "final")
end)

s.test("names of a command line", function()
  s.eq(frames.command_names('AT+CPIN?;+CREG=1;+X="+Y;+Z"'),
    { ["+CPIN"] = true, ["+CREG"] = true, ["+X"] = true })
  s.eq(frames.command_names("ate0"), {})
  s.eq(frames.command_names("at+ccertlist"), { ["+CCERTLIST"] = true })
end)

s.test("dropping pending bytes", function()
  local parser = frames.new(function() end)
  parser:feed("0\rrest")
  parser:drop(2)
  s.eq(parser:pending(), "rest")
end)
