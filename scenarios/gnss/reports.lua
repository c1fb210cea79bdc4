--- What the receiver reports by itself: positions, NMEA sentences, signals (general-commands.md B4.9).
local t = require "modemtest"
local receiver = require "lib.receiver"

--- Every sentence must carry the exclusive or of what stands between $ and *.
local function check_sums(lines)
  for _, line in ipairs(lines) do
    local body, sum = line:match("^%$([^*]+)%*(%x%x)$")
    t.check(body, "no sentence: " .. line)
    local xor = 0
    for i = 1, #body do
      xor = xor ~ body:byte(i)
    end
    t.eq(("%02X"):format(xor), sum, line)
  end
end

t.scenario "positions come every n seconds until 0" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSINFO=?;+CGPSINFO?;+CGNSSINFO=?;+CGNSSINFO?"):ok():lines {
      "+CGPSINFO: (0-255)", "+CGPSINFO: 0", "+CGNSSINFO: (0-255)", "+CGNSSINFO: 0",
    }
    dev:cmd("AT+CGPSINFO=1"):ok()
    dev:expect_urc(receiver.NO_FIX) -- it is off
    dev:cmd("AT+CGPS=1;+CGPSINFO?"):ok():lines { "+CGPSINFO: 1" }
    local first = dev:expect_urc("+CGPSINFO: " .. receiver.PLACE .. "," .. receiver.WHEN .. ",17%.6,0%.0,")
    local second = dev:expect_urc("+CGPSINFO: " .. receiver.PLACE .. "," .. receiver.WHEN .. ",17%.6,0%.0,")
    t.check(first[2] ~= second[2], "the time stands still")
    dev:cmd("AT+CGPSINFO=0;+CGNSSINFO=1"):ok()
    dev:expect_urc("+CGNSSINFO: 3,06,03,00," .. receiver.PLACE .. ".*")
    dev:cmd("AT+CGNSSINFO=0"):ok()
    dev:forget()
    dev:quiet(1.5)
  end,
}

t.scenario "NMEA sentences without a fix, byte by byte" {
  tags = { "gnss", "bytes" }, needs = { "emulator" },
  sim = { keys = receiver.keys { ["gnss.fix"] = "none", ["gnss.satellites"] = 0 } },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSINFOCFG=?"):ok():lines { "+CGPSINFO: (0-255),(0-262143)" } -- the device says so
    dev:cmd("AT+CGPSINFOCFG?"):ok():lines { "+CGPSINFOCFG: 0,0,0" }
    dev:cmd("AT+CGPS=1;+CGPSINFOCFG=1,287"):ok()
    dev:forget()
    dev:expect_bytes("\r\n$GPGSV,1,1,00*79\r\n$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPVTG,,T,,M,,N,,K,N*2C\r\n"
      .. "$GPRMC,,V,,,,,,,,,,N*53\r\n$GPGSA,A,1,,,,,,,,,,,,,,,*1E\r\n$GNGNS,,,,,,NN,,,,,,*53\r\n")
    dev:cmd("AT+CGPSINFOCFG=0"):ok()
    dev:cmd("AT+CGPSINFOCFG?"):ok():lines { "+CGPSINFOCFG: 0,287,0" }
  end,
}

t.scenario "NMEA sentences of a fix, chosen by a mask, with their checksums" {
  tags = { "gnss" }, needs = { "emulator" }, sim = { keys = receiver.keys() },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPS=1;+CGPSINFOCFG=1,31"):ok()
    local lines = {}
    for _, name in ipairs { "GPGSV", "GPGSV", "GPGGA", "GPVTG", "GPRMC", "GPGSA" } do
      lines[#lines + 1] = dev:expect_urc("%$" .. name .. ",.*").line
    end
    check_sums(lines)
    t.match(lines[1], "^%$GPGSV,2,1,06,%d%d,%d%d,%d%d%d,%d%d,")
    t.match(lines[3], "^%$GPGGA,%d%d%d%d%d%d%.0," .. receiver.PLACE .. ",1,09,0%.9,17%.6,M,0,M,,%*")
    t.match(lines[5], "^%$GPRMC,%d%d%d%d%d%d%.0,A," .. receiver.PLACE .. ",0%.0,,%d%d%d%d%d%d,,,A%*")
    dev:cmd("AT+CGPSINFOCFG=1,258"):ok() -- as OVMS asks: RMC and GNS
    dev:forget()
    check_sums { dev:expect_urc("%$GPRMC,.*").line, dev:expect_urc("%$GNGNS,.*").line }
    dev:cmd("AT+CGPSINFOCFG=0"):ok()
    dev:forget()
  end,
}

t.scenario "the test mode tells signals" {
  tags = { "gnss", "bytes" }, needs = { "emulator" }, sim = { keys = receiver.keys { ["gnss.satellites"] = 3 } },
  run = function(dev, env)
    receiver.offered(env)
    dev:cmd("AT+CGPSFTM=?"):ok():lines {}
    dev:cmd("AT+CGPSFTM?"):ok():lines { "+CGPSFTM: 0" }
    dev:cmd("AT+CGPS=1;+CGPSFTM=1"):ok()
    dev:forget()
    dev:expect_bytes("\r\n$GPGSV,4,44.0,2,44.0\r\n\r\n$GLGSV,66,41.0\r\n")
    dev:cmd("AT+CGPSFTM=0"):ok()
    dev:forget()
  end,
}
