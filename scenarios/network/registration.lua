--- Registration, signal and operator as one radio model: every answer is a view of the same state
-- (general-commands.md B4.3).
local t = require "modemtest"

-- Some firmware reports its bearer by itself, which is looked at in network/bearer.lua.
local QUIET = { pdn_event = "" }

local function views(dev)
  return dev:cmd("AT+CREG?;+CGREG?;+CEREG?;+COPS?;+CSQ;+CNSMOD?;+CGATT?"):ok():lines()
end

--- Waits until the network has answered: registration takes its time.
local function registered(dev, stat)
  dev:expect_urc("+CREG: " .. stat)
end

local CASES = {
  { name = "home", keys = {}, stat = 1,
    want = { "+CREG: 1,1", "+CGREG: 0,1", "+CEREG: 0,1", '+COPS: 0,0,"Test PLMN",7', "+CSQ: 16,99", "+CNSMOD: 0,8",
      "+CGATT: 1" } },
  { name = "roaming on WCDMA", stat = 5,
    keys = { network = "roaming", ["network.rat"] = "wcdma", ["signal.dbm"] = -95 },
    want = { "+CREG: 1,5", "+CGREG: 0,5", "+CEREG: 0,0", '+COPS: 0,0,"Test PLMN",2', "+CSQ: 9,99", "+CNSMOD: 0,7",
      "+CGATT: 1" } },
  { name = "GSM", keys = { ["network.rat"] = "gsm" }, stat = 1,
    want = { "+CREG: 1,1", "+CGREG: 0,1", "+CEREG: 0,0", '+COPS: 0,0,"Test PLMN",0', "+CSQ: 16,99", "+CNSMOD: 0,3",
      "+CGATT: 1" } },
  { name = "denied", keys = { network = "denied" }, stat = 3,
    want = { "+CREG: 1,3", "+CGREG: 0,3", "+CEREG: 0,3", "+COPS: 0", "+CSQ: 16,99", "+CNSMOD: 0,0", "+CGATT: 0" } },
  { name = "data only", keys = { ["network.cs"] = "denied" }, stat = 3,
    want = { "+CREG: 1,3", "+CGREG: 0,1", "+CEREG: 0,1", '+COPS: 0,0,"Test PLMN",7', "+CSQ: 16,99", "+CNSMOD: 0,8",
      "+CGATT: 1" } },
}

for _, case in ipairs(CASES) do
  case.keys.pdn_event = ""
  t.scenario("answers agree while registered and while not: " .. case.name) {
    tags = { "network" }, needs = { "emulator" },
    sim = { keys = case.keys },
    run = function(dev, env)
      dev:cmd("AT+CREG=1"):ok()
      env.sim:set { network = "none" }
      dev:expect_urc("+CREG: 2")
      t.eq(views(dev), { "+CREG: 1,2", "+CGREG: 0,2", "+CEREG: 0,2", "+COPS: 0", "+CSQ: 99,99", "+CNSMOD: 0,0",
        "+CGATT: 0" })
      t.eq(dev:cmd("AT+CPSI?"):ok():lines(), { "+CPSI: NO SERVICE,Online" })
      dev:cmd("AT+NETOPEN"):error()
      env.sim:set { network = case.keys.network or "home" }
      registered(dev, case.stat)
      t.eq(views(dev), case.want)
    end,
  }
end

t.scenario "registration is reported as asked for, with area and cell" {
  tags = { "network", "bytes" }, needs = { "emulator" },
  sim = { keys = { pdn_event = "" } },
  run = function(dev, env)
    dev:cmd("AT+CREG=1;+CGREG=2;+CEREG=2;+CNSMOD=1"):ok()
    env.sim:set { network = "none" }
    dev:expect_bytes("\r\n+CREG: 2\r\n\r\n+CGREG: 2\r\n\r\n+CEREG: 2\r\n\r\n+CNSMOD: 0\r\n")
    env.sim:set { network = "roaming" }
    dev:expect_bytes("\r\n+CREG: 5\r\n\r\n+CGREG: 5,\"775C\",\"6F95933\"\r\n\r\n+CEREG: 5,\"775C\",\"6F95933\",7\r\n" ..
      "\r\n+CNSMOD: 8\r\n")
    dev:cmd("AT+CGREG?;+CEREG?"):ok():lines { '+CGREG: 2,5,"775C","6F95933"', '+CEREG: 2,5,"775C","6F95933",7' }
    -- the mistake of a client that forgot the question mark: it switches them off (B4.3)
    dev:cmd("AT+CREG;+CGREG;+CEREG;+CNSMOD=0"):ok():lines {}
    env.sim:set { network = "home" }
    dev:cmd("AT+CREG?"):ok():lines { "+CREG: 0,1" }
  end,
}

t.scenario "an operator is selected, by each form of its name, and none that is not there" {
  tags = { "network", "operator" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev)
    dev:cmd("AT+CMEE=2"):ok()
    dev:cmd("AT+COPS=3,1;+COPS?"):ok():lines { '+COPS: 0,1,"Test",7' }
    dev:cmd("AT+COPS=3,2;+COPS?"):ok():lines { '+COPS: 0,2,"00101",7' }
    dev:cmd("AT+COPS=?"):ok():lines { '+COPS: (2,"Test PLMN","Test","00101",7),,(0,1,2,3,4,5),(0,1,2)' }
    dev:cmd("AT+COPS=2"):ok()
    dev:cmd("AT+COPS?;+CREG?"):ok():lines { "+COPS: 2", "+CREG: 0,0" }
    dev:cmd('AT+COPS=1,2,"00101"'):ok()
    dev:cmd("AT+COPS?;+CREG?"):ok():lines { '+COPS: 1,2,"00101",7', "+CREG: 0,1" }
    dev:cmd('AT+COPS=1,2,"99999"'):cme("no network service")
    dev:cmd("AT+COPS?;+CREG?"):ok():lines { "+COPS: 1", "+CREG: 0,2" }
    dev:cmd("AT+CREG=1"):ok()
    dev:cmd("AT+COPS=0"):ok()
    dev:expect_urc("+CREG: 1")
    dev:cmd("AT+COPS=5"):error()
  end,
}

t.scenario "any character ends a search for operators" {
  tags = { "network", "operator" }, needs = { "emulator" },
  sim = { keys = { time_percent = 100, pdn_event = "" } },
  run = function(dev)
    dev:send("AT+COPS=?\r")
    dev:quiet(0.2) -- V.250 5.6.1: characters within 125 ms of the line do not count
    dev:send("x")
    dev:expect_bytes("\r\nOK\r\n")
    dev:cmd("AT"):ok()
  end,
}

t.scenario "the preferred mode makes it register anew, on what both sides have" {
  tags = { "network" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    dev:cmd("AT+CREG=1"):ok()
    dev:cmd("AT+CNMP=13"):ok()
    dev:expect_urc("+CREG: 2")
    dev:expect_urc("+CREG: 1")
    dev:cmd("AT+CNMP?;+CNSMOD?"):ok():lines { "+CNMP: 13", "+CNSMOD: 0,3" }
    t.match(dev:cmd("AT+CPSI?"):ok():lines()[1], "^%+CPSI: GSM,Online,001%-01,")
    dev:cmd("AT+CNMP=1"):error()
    env.sim:restart()
    dev:cmd("AT+CNMP?"):ok():lines { "+CNMP: 13" }
  end,
}

t.scenario "the signal in CSQ, CESQ, CPSI and AUTOCSQ is one signal" {
  tags = { "network", "signal" }, needs = { "emulator" }, sim = { keys = QUIET },
  run = function(dev, env)
    for dbm, csq in pairs { [-113] = 0, [-97] = 8, [-51] = 31 } do
      env.sim:set { ["signal.dbm"] = dbm }
      dev:cmd("AT+CSQ"):ok():lines { ("+CSQ: %d,99"):format(csq) }
      if env.key "cpsi_units" == "tenths" then
        t.match(dev:cmd("AT+CPSI?"):ok():lines()[1], (",%d,%%d+$"):format(dbm * 10):gsub("%-", "%%-"))
      end
    end
    env.sim:set { ["signal.dbm"] = -81 }
    dev:cmd("AT+AUTOCSQ=1,1"):ok()
    env.sim:set { ["signal.dbm"] = -60 }
    dev:expect_urc("+CSQ: 26,99")
    env.sim:set { network = "none" }
    dev:expect_urc("+CSQ: 99,99")
  end,
}

t.scenario "registered and attached, but no data" {
  tags = { "network", "data" }, needs = { "emulator" },
  sim = { keys = { pdn_event = "", ["network.data"] = "refuse" } },
  run = function(dev)
    dev:cmd("AT+CREG?;+CGATT?"):ok():lines { "+CREG: 0,1", "+CGATT: 1" }
    dev:cmd("AT+NETOPEN"):error():lines {}
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 7", { final = "ERROR" })
  end,
}
