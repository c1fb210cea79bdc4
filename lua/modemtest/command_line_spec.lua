local command_line = require "modemtest.command_line"
local s = require "modemtest.spec"

--- "+CSQ X0, S0 R0": each command with its form and number of arguments; "!" behind a syntax error.
local function shown(commands, complete)
  local words = {}
  for i, command in ipairs(commands) do
    words[i] = ("%s %s%d%s"):format(command.name, command.form, command.arguments,
      command.key and " " .. command.key or "")
  end
  return table.concat(words, ", ") .. (complete and "" or "!")
end

local SPLIT = {
  { "", " X0" }, { "+CSQ", "+CSQ X0" }, { "+csq?", "+CSQ R0" }, { "+CSQ=?", "+CSQ T0" },
  { "+CMEE=2", "+CMEE W1" }, { " + CMEE = 2 ", "+CMEE W1" }, { "+CMEE=", "+CMEE W0" },
  { '+CGDCONT=1,"IP","a,b",,0', "+CGDCONT W5" }, { "+CMGD=,1", "+CMGD W2" }, { "+CIPSEND=2,", "+CIPSEND W2" },
  { '+CSSLCFG="sslVersion",0,4', "+CSSLCFG W3 sslversion" }, { '+CCERTDELE="a.pem"', "+CCERTDELE W1" },
  { '+CMQTTCFG="recv/mode",0,1', "+CMQTTCFG W3 recv/mode" }, { '+CMGS="+49123",145', "+CMGS W2" },
  { "+CREG?;+CSQ;", "+CREG R0, +CSQ X0" }, { '+X="a;b";+Y', "+X W1, +Y X0" },
  { "*CNTI=2;$Q;^S?", "*CNTI W1, $Q X0, ^S R0" },
  { "E0", "E W1" }, { "E", "E X0" }, { "e0q0V1", "E W1, Q W1, V W1" }, { "&FZE0&W", "&F X0, Z X0, E W1, &W X0" },
  { "E1Q0S0=1S3=13V1X4;+IFC=0,0;+IPR=115200",
    "E W1, Q W1, S0 W1, S3 W1, V W1, X W1, +IFC W2, +IPR W1" },
  { "S0?S10=5", "S0 R0, S10 W1" }, { "S0=", "S0 W1" }, { "\\V0", "\\V W1" }, { "I;+CSUB;&D2", "I X0, +CSUB X0, &D W1" },
  { "D+49123;", "D W1" }, { "D123;+CSQ", "D W1, +CSQ X0" }, { "D*99***1#", "D*99 X0" }, { "D", "D X0" },
  { "D>\"Bob;\";", "D W1" }, { ";;", " X0" },
  { "+CSQ??", "!" }, { "+", "!" }, { "=1", "!" }, { "E?", "E X0!" }, { "S0", "!" }, { "S", "!" }, { "&1", "!" },
  { '+CSQ;+X="a', "+CSQ X0!" }, { "+CSQ1?;+CSQ", "+CSQ1 R0, +CSQ X0" }, { "\xE9", "!" }, { "E0;+\xE9?;+CSQ", "E W1!" },
}

s.test("a line is split into commands", function()
  for _, case in ipairs(SPLIT) do
    s.eq(shown(command_line.split(case[1])), case[2], "AT" .. case[1])
  end
end)

--- The lines that a reader finds, whatever the pieces.
local function read(bytes)
  local first
  for size = 1, 9 do
    local lines = {}
    local reader = command_line.reader(function(commands, complete)
      lines[#lines + 1] = shown(commands, complete)
    end)
    for i = 1, #bytes, size do
      reader:feed(bytes:sub(i, i + size - 1))
    end
    first = first or lines
    s.eq(lines, first, "pieces of " .. size)
  end
  return first
end

local READ = {
  { "AT\r", { " X0" } }, { "AT\r\nat+csq\r\n", { " X0", "+CSQ X0" } }, { "xyAT+CSQ\r", { "+CSQ X0" } },
  { "AAT\r", { " X0" } }, { "A\rT+CSQ\r", {} }, { "AxT\r", {} }, { "+CSQ\r", {} }, { "AT+CSQ", {} },
  { "AT+CSX\bQ\r", { "+CSQ X0" } }, { "AT\b\b+CSQ\r", { "+CSQ X0" } }, { "AT+C\0S\1Q\r", { "+CSQ X0" } },
  { "AT+CSQ\rA/a/", { "+CSQ X0", "+CSQ X0", "+CSQ X0" } }, { "A/AT\r", { " X0" } },
  { "ATS3=33\rAT+CSQ!AT!", { "S3 W1", "+CSQ X0", " X0" } }, { "ATS5=35\rAT+CSX#Q\r", { "S5 W1", "+CSQ X0" } },
  { "ATS3=" .. ("9"):rep(99) .. "\rAT\r", { "S3 W1", " X0" } },
  { "ATS3=33\rATZ!AT\r", { "S3 W1", "Z X0", " X0" } },
  { "AT" .. (" "):rep(559) .. "\r", { " X0" } }, { "AT" .. (" "):rep(560) .. "\r", { "!" } },
  { "AT" .. ("V1"):rep(39) .. "\r", { ("V W1, "):rep(38) .. "V W1" } }, { "AT" .. ("V1"):rep(40) .. "\r", { "!" } },
}

s.test("lines are found in what a host sends", function()
  for _, case in ipairs(READ) do
    s.eq(read(case[1]), case[2], case[1])
  end
end)
