--- Files: names, attributes, space, copies, what survives (general-commands.md B4.11).
local t = require "modemtest"
local drive = require "lib.drive"

local QUIET = { keys = { pdn_event = "" } }

t.scenario "attributes, renaming, removing" {
  tags = { "files" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev)
    dev:cmd("AT+FSDEL=?;+FSRENAME=?;+FSATTRI=?;+FSMEM=?;+FSCOPY=?"):ok():lines {}
    dev:cmd('AT+CCLK="24/05/17,12:34:00+08"'):ok()
    drive.put(dev, "C:/my test.jpg", ("x"):rep(8604))
    t.match(dev:cmd('AT+FSATTRI="my test.jpg"'):ok():lines()[1],
      "^%+FSATTRI: 8604, 2024/05/17 12:34:%d%d Fri$")
    dev:cmd('AT+FSRENAME="my test.jpg",{non-ascii}"E6B58BE8AF952E6A7067"'):ok()
    dev:cmd('AT+FSATTRI="my test.jpg"'):error()
    dev:cmd("AT+FSLS=2"):ok():lines { "+FSLS: FILES:", "测试.jpg" }
    dev:cmd('AT+FSRENAME={non-ascii}"E6B58BE8AF952E6A7067",a.jpg'):ok()
    drive.put(dev, "C:/b.jpg", "b")
    dev:cmd("AT+FSRENAME=a.jpg,b.jpg"):error()
    dev:cmd("AT+FSRENAME=none,c"):error()
    dev:cmd("AT+FSDEL=a.jpg"):ok()
    dev:cmd("AT+FSDEL=a.jpg"):error()
    drive.put(dev, "C:/c.jpg", "c")
    dev:cmd("AT+FSDEL=*.*"):ok()
    drive.count(dev, 0, 0)
  end,
}

t.scenario "space in use grows with files" {
  tags = { "files", "bytes" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev)
    dev:cmd("AT+FSMEM"):bytes("\r\n+FSMEM: C:(11348480, 2201600)\r\n\r\nOK\r\n")
    drive.put(dev, "C:/a", ("a"):rep(1000))
    dev:cmd("AT+FSMEM"):ok():lines { "+FSMEM: C:(11348480, 2202600)" }
    dev:cmd("AT+FSDEL=a"):ok()
    dev:cmd("AT+FSMEM"):ok():lines { "+FSMEM: C:(11348480, 2201600)" }
  end,
}

t.scenario "copies, and why there is none" {
  tags = { "files", "bytes" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev)
    drive.put(dev, "C:/TESTFILE", "test")
    dev:cmd("AT+FSCOPY=C:/TESTFILE,COPYFILE"):bytes("\r\n+FSCOPY: 1.0\r\n+FSCOPY: 100.0\r\n\r\nOK\r\n")
    drive.holds(dev, "C:/COPYFILE", "test")
    dev:cmd("AT+FSCOPY=TESTFILE,E:/x,1"):ok()
    for _, line in ipairs { "1.0", "100.0", "END" } do
      dev:expect("+FSCOPY: " .. line)
    end
    drive.holds(dev, "E:/x", "test")
    for line, why in pairs {
      ["TESTFILE,COPYFILE"] = "FILE IS EXISTING", ["none,x"] = "FILE NOT EXISTING",
      ["TESTFILE,D:/x"] = "SD CARD NOT PLUGGED IN", ["TESTFILE,no/x"] = "DIRECTORY NOT EXISTED",
      ['TESTFILE,"x?"'] = "INVALID FILE NAME",
    } do
      dev:cmd("AT+FSCOPY=%s", line):lines { why }:error()
    end
  end,
}

t.scenario "files and folders survive, the current folder does not" {
  tags = { "files", "durability" }, needs = { "emulator" }, destructive = true, sim = QUIET,
  run = function(dev, env)
    local bytes = env.binary(5000)
    dev:cmd("AT+FSMKDIR=kept"):ok()
    drive.put(dev, "C:/kept/file", bytes)
    dev:cmd("AT+FSCD=kept"):ok():lines { "+FSCD: C:/kept/" }
    env.sim:restart { kill = true }
    dev:cmd("AT+FSCD?"):ok():lines { "+FSCD: C:/" }
    drive.count(dev, 1, 0)
    drive.holds(dev, "C:/kept/file", bytes)
  end,
}
