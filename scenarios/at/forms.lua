--- Every form that the scenarios of no other topic show: its answer on a modem that was just started, byte for byte
-- (general-commands.md B1, B4, part E). A setting that is written is read back.
local t = require "modemtest"
local offered = require "lib.offered"

--- { what stands behind AT, information lines… }; OK follows. A name in %{braces} is a key of the profile: firmware
-- answers in its own words. What it does not offer is left out.
local FORMS = {
  ["basic commands"] = {
    { "&E" }, { "&E1" }, { "L" }, { "L0" }, { "M" }, { "M0" }, { "\\Q" }, { "\\Q3" }, { "\\S" }, { "\\S0" },
    { "\\V" }, { "\\V0" }, { "&W0" }, { "H0" },
    { "S2?", "043" }, { "S2=42" }, { "S2?", "042" }, { "S9?", "006" }, { "S9=7" }, { "S9?", "007" },
    { "S11?", "095" }, { "S11=96" }, { "S11?", "096" }, { "S30?", "000" }, { "S30=1" }, { "S30?", "001" },
    { "S103?", "001" }, { "S103=2" }, { "S103?", "002" }, { "S104?", "001" }, { "S104=2" }, { "S104?", "002" },
  },
  ["the port"] = {
    { "+ICF=?", "+ICF: (1-6),(0-3)" }, { "+ICF=3,3" }, { "+ICF" }, { "+ICF?", "+ICF: 3,3" }, { "+IFC" },
    { "+IPR=?", "+IPR: (0,300,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800,921600,3000000,"
      .. "3200000,3686400)" },
    { "+IPREX=?", "+IPREX: (0,300,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800,921600,3000000,"
      .. "3200000,3686400)" },
    { "+IPREX?", "+IPREX: 115200" },
    { "+CSCLK=?", "+CSCLK: (0-1)" }, { "+CSCLK=0" }, { "+CSCLK" },
    { "+CFGRI=?", "+CFGRI: (0-1),(10-6000),(20-6000)" }, { "+CFGRI=1,50,130" }, { "+CFGRI?", "+CFGRI: 1,50,130" },
    { "+CFGRI" }, { "+CATR=?", "+CATR: (0-7)" }, { "+CATR=1" }, { "+CATR?", "+CATR: 1" },
  },
  ["identity and card"] = {
    { "+SIMEI=490154203237518" }, { "+SIMEI?", "+SIMEI: 490154203237518" }, { "+SIMCOMATI=?" },
    { "+CSUB=?" }, { "+CSUB", "+CSUB: B04V03" }, { "+SPIC=?" }, { "+CIMIM=?" }, { "+CIMIM", "001010123456789" },
    { "+CPWD=?", '+CPWD: ("AB",4),("AC",4),("AG",4),("AI",4),("AO",4),("IR",4),("OI",4),("OX",4),("SC",8),("P2",8)' },
    { "+CLCK=?", '+CLCK: ("PF","SC","AO","OI","OX","AI","IR","AB","AG","AC","FD","PN","PU","PP","PC")' },
    { "+CRSM=176,12258,0,0,10", '+CRSM: 144,0,"98881201000000001072"' }, -- EF_ICCID, TS 102 221 13.2
    { '+CSIM=14,"A0A40000023F00"', '+CSIM: 4,"6D00"' }, -- an instruction that the card does not know
  },
  ["radio"] = {
    { "+CESQ=?", "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)" },
    { "+CESQ", "+CESQ: 99,99,255,255,22,31" },
    { "+CSQDELTA=?", "+CSQDELTA: (0-5)" }, { "+CSQDELTA?", "+CSQDELTA: 5" }, { "+CSQDELTA=3" },
    { "+CSQDELTA?", "+CSQDELTA: 3" }, { "+CSQDELTA" }, { "+CSQDELTA?", "+CSQDELTA: 5" },
    { "+CPSI=?", "+CPSI: (0-255)" }, { "+CPSI=0" },
    { "+CNMP=?", "+CNMP: (2,9,10,13,14,19,22,38,39,48,51,54,59,60,63,67)" },
    { "+CNBP?", "+CNBP: 0x0002000004FF0387,0x000000000000000000000000000000000000000000000000000001E200000095,"
      .. "0x000000000000003F" },
    { "+CNBP=0x0002000004FF0387" },
    { "+COPN=?" }, { "+COPN", '+COPN: "00101","Test PLMN"' }, { "+CPOL=?", "+CPOL: (1-80),(0-2)" }, { "+CPOL?" },
    { "+WS46=?", "+WS46: (12,22,25,28,29,30,31)" }, { "+WS46?", "25" },
    { "+CTZU=?", "+CTZU: (0-1)" }, { "+CTZR=?", "+CTZR: (0-1)" },
    { "+CUSD=?", "+CUSD: (0-2)" }, { "+CUSD=1" }, { "+CUSD?", "+CUSD: 1" }, { "+CUSD" }, { "+CUSD?", "+CUSD: 0" },
  },
  ["packet domain"] = {
    { "+CGCLASS=?", '+CGCLASS: ("A")' }, { "+CGPADDR=?", "+CGPADDR: (1,2,3)" },
    { "+CGAUTH=?", "+CGAUTH: ,,127,127", "+CGAUTH: (1-24,100-179),(0-3),127,127" },
    { "+CGDCONT=?", '+CGDCONT: (1-24,100-179),"IP",,,(0-2),(0-4),(0-1),(0-1)',
      '+CGDCONT: (1-24,100-179),"PPP",,,(0-2),(0-4),(0-1),(0-1)',
      '+CGDCONT: (1-24,100-179),"IPV6",,,(0-2),(0-4),(0-1),(0-1)',
      '+CGDCONT: (1-24,100-179),"IPV4V6",,,(0-2),(0-4),(0-1),(0-1)' },
    { "+CGSOCKCONT=?", '+CGSOCKCONT: (1-24,100-179),"IP",,,(0-2),(0-4)',
      '+CGSOCKCONT: (1-24,100-179),"IPV6",,,(0-2),(0-4)', '+CGSOCKCONT: (1-24,100-179),"IPV4V6",,,(0-2),(0-4)' },
    { '+CGSOCKCONT=1,"IP","example"' },
    { "+CGSOCKCONT?", '+CGSOCKCONT: 1,"IP","example","0.0.0.0",0,0',
      '+CGSOCKCONT: 2,"IPV4V6","ims","0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",0,0',
      '+CGSOCKCONT: 3,"IPV4V6","%{context.sos}","0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",0,0' },
    { "+CSOCKSETPN=?", "+CSOCKSETPN: (1-24,100-179)" }, { "+CSOCKSETPN=2" }, { "+CSOCKSETPN?", "+CSOCKSETPN: 2" },
  },
  ["settings of sockets"] = { -- TinyGSM makes them before it opens the network
    { "+CIPMODE=?", "+CIPMODE: (0-1)" }, { "+CIPMODE=1" }, { "+CIPMODE?", "+CIPMODE: 1" }, { "+CIPMODE" },
    { "+CIPSENDMODE=?", "+CIPSENDMODE: (0-1)" }, { "+CIPSENDMODE=1" }, { "+CIPSENDMODE?", "+CIPSENDMODE: 1" },
    { "+CIPHEAD=?", "+CIPHEAD: (0-1)" }, { "+CIPHEAD=0" }, { "+CIPHEAD?", "+CIPHEAD: 0" }, { "+CIPHEAD" },
    { "+CIPSRIP=?", "+CIPSRIP: (0-1)" }, { "+CIPSRIP=0" }, { "+CIPSRIP?", "+CIPSRIP: 0" }, { "+CIPSRIP" },
    { "+CIPCCFG=?", "+CIPCCFG: (0-10),(0-1000),(0),(0-1),(0-1),(0),(500-120000)" },
    { "+CIPCCFG=10,0,0,0,1,0,75000" }, { "+CIPCCFG?", "+CIPCCFG: 10,0,0,0,1,0,75000" }, { "+CIPCCFG" },
    { "+CIPCCFG?", "+CIPCCFG: 10,0,0,1,0,0,500" },
    { "+CIPTIMEOUT=30000,20000,10000" }, { "+CIPTIMEOUT?", "+CIPTIMEOUT: 30000,20000,10000" },
    { "+CIPDNSSET=1,10000,2" }, { "+CIPDNSSET?", "+CIPDNSSET: 1,10000,2" },
    { "+CIPRXGET=?", "+CIPRXGET: (0-4),(0-9),(1-1500)" }, { "+CIPRXGET=1" },
  },
  ["messages"] = {
    { "+CSMP=?" }, { "+CSDH" }, { "+CSCA=?" }, { "+CSMS=?", "+CSMS: (0-1)" }, { "+CNMA=?", "+CNMA: (0-2)" },
    { "+CGSMS=?", "+CGSMS: (0-3)" }, { "+CGSMS=1" }, { "+CGSMS?", "+CGSMS: 1" }, { "+CMGSEX=?" }, { "+CMSS=?" },
    { "+CMGRD=?" }, { "+CMGL" },
  },
  ["calls"] = {
    { "+CHUP=?" }, { "+CVHU=?", "+CVHU: (0-1)" }, { "+CLCC=?", "+CLCC: (0-1)" }, { "+CLCC?", "+CLCC: 0" },
    { "+CHLD=?", "+CHLD: (0,1,1x,2,2x,3,4)" }, { "+CPAS=?", "+CPAS: (0,3,4)" },
    { "+CEER", "+CEER: No cause information available" },
    { "+VTS=?", "+VTS: (0-9,*,#,A,B,C,D)" }, { "+VTD=?", "+VTD: (0-255)" }, { "+VTD=2" }, { "+VTD?", "+VTD: 2" },
    { "+CPCMREG=?", "+CPCMREG: (0-1)" }, { "+CPCMREG=0" }, { "+CPCMREG?", "+CPCMREG: 0" },
  },
  ["services of calls"] = {
    { "+CLIP=?", "+CLIP: (0-1)" }, { "+CLIP=1" }, { "+CLIP" }, { "+CLIP?", "+CLIP: 0,1" },
    { "+CLIR=?", "+CLIR: (0-2)" }, { "+CLIR?", "+CLIR: 0,4" }, { "+CLIR=1" }, { "+CLIR?", "+CLIR: 1,4" }, { "+CLIR" },
    { "+COLP=?", "+COLP: (0-1)" }, { "+COLP?", "+COLP: 0,1" }, { "+COLP=1" }, { "+COLP?", "+COLP: 1,1" }, { "+COLP" },
    { "+CRC=?", "+CRC: (0-1)" }, { "+CRC=1" }, { "+CRC" }, { "+CRC?", "+CRC: 0" },
    { "+CSSN=?", "+CSSN: (0-1),(0-1)" }, { "+CSSN?", "+CSSN: 0,0" }, { "+CSSN=1,1" }, { "+CSSN?", "+CSSN: 1,1" },
    { "+CSSN" }, { "+CCWA=?", "+CCWA: (0-1)" }, { "+CCWA=1" }, { "+CCWA?", "+CCWA: 1" }, { "+CCWA" },
    { "+CCWA=1,2", "+CCWA: 0,1" }, { "+CCFC=?", "+CCFC: (0,1,2,3,4,5)" }, { "+CCFC=0,2", "+CCFC: 0,255" },
  },
  ["sound"] = {
    { "+CLVL=?", "+CLVL: (0-5)" }, { "+CLVL=5" }, { "+CLVL?", "+CLVL: 5" },
    { "+CMUT=?", "+CMUT: (0-1)" }, { "+CMUT=1" }, { "+CMUT?", "+CMUT: 1" },
    { "+CPCMFRM=?", "+CPCMFRM: (0-1)" }, { "+CPCMFRM=1" }, { "+CPCMFRM?", "+CPCMFRM: 1" },
    { "+CMICGAIN=?", "+CMICGAIN: (0-8)" }, { "+CMICGAIN=8" }, { "+CMICGAIN?", "+CMICGAIN: 8" },
    { "+COUTGAIN=?", "+COUTGAIN: (0-8)" }, { "+COUTGAIN=8" }, { "+COUTGAIN?", "+COUTGAIN: 8" },
    { "+CECM=?", "+CECM: (0-7)" }, { "+CECM=0" }, { "+CECM?", "+CECM: 0" },
    { "+CNSN=?", "+CNSN: (0x0000-0xFFFF)" }, { "+CNSN=0x1234" }, { "+CNSN?", "+CNSN: 0x1234" },
    { "+CECWB=?", "+CECWB: (0x0000-0xFFFF)" }, { "+CECWB=0x0001" }, { "+CECWB?", "+CECWB: 0x0001" },
  },
  ["phonebook"] = {
    { "+CPBS=?", '+CPBS: ("SM","DC","FD","LD","MC","ME","RC","EN","ON")' }, { '+CPBS="ME"' }, { "+CPBS" },
    { "+CPBS?", '+CPBS: "SM",0,200' }, { "+CPBR=?", "+CPBR: (1-200),40,14" }, { "+CPBF=?", "+CPBF: 40,14" },
    { "+CPBW=?", "+CPBW: (1-200),40,(129,145,161),14" },
  },
}

local function cases()
  local list = {}
  for name, forms in pairs(FORMS) do
    list[#list + 1] = { name = name, forms = forms }
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The bytes of an answer.
local function unit(env, form)
  local lines = table.concat(form, "\r\n", 2):gsub("%%{(.-)}", function(key) return env.key(key) end)
  return (lines ~= "" and "\r\n" .. lines .. "\r\n" or "") .. "\r\nOK\r\n"
end

t.scenario "forms" {
  tags = { "at", "bytes", "answers" },
  needs = { "emulator" },
  sim = { keys = { ["context.ims"] = "idle" } }, -- the network of part E
  cases = cases(),
  run = function(dev, env, p)
    local commands = offered.commands()
    for _, form in ipairs(p.forms) do
      if offered.has(commands, form[1]) then
        dev:cmd("AT%s", form[1]):bytes(unit(env, form))
      end
    end
  end,
}

t.scenario "AT&V0 is AT&V" {
  tags = { "at", "answers" },
  needs = { "emulator" },
  run = function(dev)
    t.eq(dev:cmd("AT&V0"):ok():raw(), dev:cmd("AT&V"):ok():raw(), "AT&V0")
  end,
}

t.scenario "AT+SIMCOMATI is the identity" {
  tags = { "at", "answers" },
  needs = { "emulator" },
  run = function(dev, env)
    local lines = dev:cmd("AT+SIMCOMATI"):ok():lines()
    t.eq(lines[1], "Manufacturer: " .. env.key "manufacturer")
    t.eq(lines[2], "Model: " .. env.key "model")
    t.eq(lines[3], "Revision: " .. env.key "firmware")
  end,
}
