--- Folders and lists of the module's file system (general-commands.md B4.11).
local t = require "modemtest"
local drive = require "lib.drive"

t.scenario "drives and the current folder" {
  tags = { "files", "bytes" }, needs = { "emulator" }, sim = { keys = { pdn_event = "", ["sd.card"] = "present" } },
  run = function(dev, env)
    dev:cmd("AT+FSCD=?"):ok():lines {}
    dev:cmd("AT+FSCD?"):bytes("\r\n+FSCD: C:/\r\n\r\nOK\r\n")
    for _, letter in ipairs { "D", "E", "F", "C" } do
      dev:cmd("AT+FSCD=%s:", letter):bytes(("\r\n+FSCD: %s:/\r\n\r\nOK\r\n"):format(letter))
      dev:cmd("AT+FSCD=%s:/", letter:lower()):ok():lines { "+FSCD: " .. letter .. ":/" }
    end
    dev:cmd("AT+FSCD=G:"):error()
    dev:cmd("AT+FSCD=nowhere"):error()
    env.sim:set { ["sd.card"] = "absent" }
    dev:cmd("AT+FSCD=D:"):error()
    dev:cmd("AT+FSCD?"):ok():lines { "+FSCD: C:/" }
  end,
}

t.scenario "folders are made, entered, left and removed" {
  tags = { "files" }, needs = { "emulator" }, destructive = true, sim = { keys = { pdn_event = "" } },
  run = function(dev)
    dev:cmd("AT+FSMKDIR=?;+FSRMDIR=?"):ok():lines {}
    dev:cmd("AT+FSMKDIR=SIMTech"):ok()
    dev:cmd("AT+FSMKDIR=SIMTech"):error()
    dev:cmd("AT+FSMKDIR=no/inner"):error()
    dev:cmd('AT+FSMKDIR="C:/SIMTech/in ner"'):ok()
    dev:cmd('AT+FSCD="SIMTech/in ner"'):ok():lines { "+FSCD: C:/SIMTech/in ner/" }
    dev:cmd("AT+FSRMDIR=C:/SIMTech"):error()
    dev:cmd("AT+FSCD=.."):ok():lines { "+FSCD: C:/SIMTech/" }
    dev:cmd("AT+FSCD=C:"):ok():lines { "+FSCD: C:/" }
    dev:cmd("AT+FSRMDIR=SIMTech"):error() -- not empty
    dev:cmd('AT+FSRMDIR="SIMTech/in ner"'):ok()
    dev:cmd("AT+FSRMDIR=SIMTech"):ok()
    dev:cmd("AT+FSRMDIR=SIMTech"):error()
  end,
}

t.scenario "lists, byte by byte" {
  tags = { "files", "bytes" }, needs = { "emulator" }, destructive = true, sim = { keys = { pdn_event = "" } },
  run = function(dev)
    dev:cmd("AT+FSLS=?"):ok():lines { "+FSLS: (0-2)" }
    dev:cmd("AT+FSLS"):bytes("\r\nOK\r\n")
    drive.count(dev, 0, 0)
    dev:cmd("AT+FSMKDIR=SecondDir;+FSMKDIR=FirstDir"):ok()
    drive.put(dev, "C:/image_1.jpg", "1")
    drive.put(dev, "C:/image_0.jpg", "0")
    drive.put(dev, "C:/FirstDir/inside", "x")
    drive.count(dev, 2, 2)
    local folders = "\r\n+FSLS: SUBDIRECTORIES:\r\nFirstDir\r\nSecondDir\r\n"
    local files = "\r\n+FSLS: FILES:\r\nimage_0.jpg\r\nimage_1.jpg\r\n"
    dev:cmd("AT+FSLS"):bytes(folders .. files .. "\r\nOK\r\n")
    dev:cmd("AT+FSLS=0"):bytes(folders .. files .. "\r\nOK\r\n")
    dev:cmd("AT+FSLS=1"):bytes(folders .. "\r\nOK\r\n")
    dev:cmd("AT+FSLS=2"):bytes(files .. "\r\nOK\r\n")
  end,
}

t.scenario "names that are none" {
  tags = { "files" }, needs = { "emulator" }, sim = { keys = { pdn_event = "" } },
  cases = {
    { name = '".a"' }, { name = '" a"' }, { name = "-a" }, { name = "a." }, { name = "a*" }, { name = '"a:b"' },
    { name = '"a|b"' }, { name = '"a<b>"' }, { name = '"a;b"' }, { name = '"a,b"' }, { name = '"a\\b"' },
    { name = '{non-ascii}"612F0A"' }, { name = '"' .. ("a"):rep(255) .. '"' },
  },
  run = function(dev, _, p)
    dev:cmd("AT+FSMKDIR=%s", p.name):error()
    drive.count(dev, 0, 0)
  end,
}
