--- AT+CLBS: the place of the cell, as the keys cell.* give it (B4.10).
local t = require "modemtest"

t.scenario "the network knows where its cell is, and the time" {
  tags = { "network", "lbs" }, needs = { "emulator" },
  run = function(dev, env)
    dev:cmd("AT+CLBS=1,1"):bytes("\r\n+CLBS: 0,31.228525,121.380295,500\r\n\r\nOK\r\n")
    env.sim:set { ["cell.lat"] = -33918861, ["cell.lon"] = 18423300, ["cell.accuracy"] = 1200 }
    local before = os.date("!%Y/%m/%d")
    local answer = dev:cmd("AT+CLBS=4,1"):ok():lines()[1]
    local date = t.match(answer,
      "^%+CLBS: 0,%-33%.918861,18%.423300,1200,(%d%d%d%d/%d%d/%d%d),%d%d:%d%d:%d%d$")
    t.check(date == before or date == os.date("!%Y/%m/%d"), "not today: " .. answer)
    t.match(dev:cmd("AT+CCLK?"):ok():lines()[1], '"80/01/06,') -- it sets no clock
    env.sim:set { network = "none" }
    dev:cmd("AT+CLBS=1,1"):bytes("\r\n+CLBS: 3\r\n\r\nOK\r\n")
  end,
}

t.scenario "forms of CLBS" {
  tags = { "network", "lbs" }, needs = { "emulator" },
  run = function(dev)
    dev:cmd("AT+CLBS=?"):lines { "+CLBS: (1,4),(1-24,100-179)" }:ok()
    for _, wrong in ipairs { "", "?", "=", "=0", "=5", "=1,0", "=1,25", "=1,99", "=1,180", "=1,1,1" } do
      dev:cmd("AT+CLBS" .. wrong):error()
    end
  end,
}
