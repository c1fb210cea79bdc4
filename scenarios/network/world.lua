--- The world around the modem, changed while it runs: keys of the profile over the control socket.
local t = require "modemtest"

--- Calls a verb that the emulator must refuse; the message of the failure.
local function refused(verb, ...)
  local ok, problem = pcall(verb, ...)
  t.check(not ok, "was not refused")
  return tostring(problem)
end

t.scenario "the signal follows the world" {
  tags = { "network", "control" },
  needs = { "emulator" },
  cases = { { dbm = -113, csq = 0 }, { dbm = -99, csq = 7 }, { dbm = -51, csq = 31 } },
  run = function(dev, env, p)
    env.sim:set { ["signal.dbm"] = p.dbm }
    dev:cmd("AT+CSQ"):lines { ("+CSQ: %d,99"):format(p.csq) }:ok()
    t.eq(env.sim:get()["signal.dbm"], p.dbm)
  end,
}

t.scenario "loss of the network is a URC for who asked for it" {
  tags = { "network", "control" },
  needs = { "emulator" },
  run = function(dev, env)
    dev:cmd("AT+CREG=1"):ok()
    env.sim:set { network = "none" }
    dev:expect_urc("%+CREG: [02]")
    env.sim:set { network = "roaming" }
    dev:expect_urc("+CREG: 5")
  end,
}

t.scenario "somebody calls, and gives up" {
  tags = { "network", "control", "voice" },
  needs = { "emulator" },
  run = function(dev, env)
    dev:cmd("AT+CLIP=1"):ok()
    env.sim:call { from = "+4930123" }
    dev:expect("RING")
    dev:expect('%+CLIP: "%+4930123",145.*')
    env.sim:call { action = "end" }
    dev:expect_urc("MISSED_CALL: .*")
    dev:forget()
  end,
}

t.scenario "a message arrives" {
  tags = { "network", "control", "sms" },
  needs = { "emulator" },
  run = function(dev, env)
    dev:cmd("AT+CMGF=1;+CNMI=2,1"):ok()
    env.sim:sms { from = "+4930123", text = "hello" }
    local at = dev:expect_urc('%+CMTI: "%u%u",(%d+)')[1]
    local lines = dev:cmd("AT+CMGR=%s", at):ok():lines()
    t.match(lines[1], '^%+CMGR: "REC UNREAD","%+4930123"')
    t.eq(lines[2], "hello")
  end,
}

t.scenario "what the emulator refuses fails with its words, and nothing has changed" {
  tags = { "network", "control" },
  needs = { "emulator" },
  run = function(_, env)
    local before = env.sim:get()
    t.match(refused(env.sim.set, env.sim, { ["signal.dbm"] = -51, network = "5G" }),
      "network: '5G' is not valid, it takes none|home|roaming|denied")
    t.match(refused(env.sim.set, env.sim, { imei = "1" }), "imei: cannot be changed while the modem runs")
    t.match(refused(env.sim.set, env.sim, { network = "none" }, "modem1"), "field 'modem' takes modem0")
    t.match(refused(env.sim.power, env.sim, "kick"), "field 'action' takes key, reset, cut")
    t.match(refused(env.sim.control, env.sim, { verb = "dance" }), "unknown verb 'dance'; known: list, ")
    t.eq(env.sim:get(), before)
    t.eq(env.sim:control({ verb = "list" }).modems[1].path, env.sim.path)
  end,
}

t.scenario "keys of a scenario lie over the profile of the run" {
  tags = { "network", "control" },
  needs = { "emulator" },
  sim = { keys = { ["network.name"] = "My Operator", ["signal.dbm"] = -111 } },
  run = function(dev, env)
    dev:cmd("AT+CSQ"):lines { "+CSQ: 1,99" }:ok()
    t.eq(env.sim:get()["network.name"], "My Operator")
    t.eq(env.sim:control({ verb = "list" }).modems[1].profile, env.profile)
    env.sim:restart({ keys = {} })
    dev:cmd("AT+CSQ"):lines { "+CSQ: 16,99" }:ok()
  end,
}
