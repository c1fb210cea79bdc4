--- The speed of the line (A16): AT+IPR, and what a client at another speed hears with baud = checked.
local t = require "modemtest"

--- The URC that the loss of the network gives, as a client at another speed than 115200 hears it.
local LOSS = "\r\n+CREG: 2\r\n"
local HEARD = {
  [9600] = "\x04",
  [38400] = "3j\xF1\xF3",
  [57600] = "\x8CBoH\xC4",
  [230400] = "\xE6\x80\x98\x80\x9E\x86\x1E\x86\x98f`~\x86~\x00\x18x\xE6\x80\x98\x80",
}

t.scenario "a pty has no speed: any will do" {
  tags = { "at", "baud" },
  needs = { "emulator" },
  matrix = { baud = { 300, 9600, 38400, 3000000 } },
  run = function(dev, _, p)
    dev:speed(p.baud)
    dev:cmd("AT"):ok()
    dev:cmd("AT+IPR=57600"):ok()
    dev:cmd("AT+IPR?"):lines { "+IPR: 57600" }:ok()
  end,
}

t.scenario "both ends change together: OK comes at the old speed, everything behind it at the new one" {
  tags = { "at", "baud" },
  needs = { "emulator" },
  sim = { keys = { baud = "checked" } },
  run = function(dev)
    for _, baud in ipairs { 9600, 921600, 300, 115200 } do
      dev:cmd("AT+IPR=%d", baud):ok()
      dev:speed(baud)
      dev:cmd("AT+IPR?"):lines { ("+IPR: %d"):format(baud) }:ok()
    end
  end,
}

t.scenario "OK comes at the old speed also where the command had to wait for another one" {
  tags = { "at", "baud" },
  needs = { "emulator" },
  sim = { keys = { baud = "checked", input_while_busy = "queue" } },
  run = function(dev)
    dev:cmd("AT+CMEE=1"):ok()
    local first, second = dev:cmd('AT+COPS=1,2,"99999"'), dev:cmd("AT+IPR=9600")
    first:cme(30)
    second:ok()
    dev:speed(9600)
    dev:cmd("AT"):ok()
  end,
}

t.scenario "a client at another speed hears garbage, always the same" {
  tags = { "at", "baud" },
  needs = { "emulator" },
  sim = { keys = { baud = "checked", pdn_event = "" } },
  matrix = { baud = { 9600, 38400, 57600, 230400 } },
  run = function(dev, env, p)
    dev:cmd("AT+CREG=1"):ok()
    dev:forget()
    dev:speed(p.baud)
    env.sim:set { network = "none" }
    dev:expect_bytes(HEARD[p.baud])
    dev:speed(115200)
    env.sim:set { network = "home" }
    dev:expect_urc("+CREG: 1")
    env.sim:set { network = "none", baud = "ignored" }
    dev:speed(p.baud)
    dev:expect_bytes(LOSS)
  end,
}

t.scenario "a restart brings the stored speed back" {
  tags = { "at", "baud", "boot" },
  needs = { "emulator" },
  -- the bearer, which some firmware reports by itself, is another matter
  sim = { keys = { baud = "checked", time_percent = 0, pdn_event = "" } },
  cases = {
    { command = "AT+IPR=9600", then_at = 115200 },
    { command = "AT+IPREX=9600", then_at = 9600 },
  },
  run = function(dev, env, p)
    dev:cmd(p.command):ok()
    dev:speed(p.then_at)
    env.sim:power("reset")
    dev:expect_bytes("\r\n" .. env.key "boot.ready" .. "\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n")
    dev:cmd("ATE0"):ok()
    dev:cmd("AT+IPR?"):lines { ("+IPR: %d"):format(p.then_at) }:ok()
  end,
}
