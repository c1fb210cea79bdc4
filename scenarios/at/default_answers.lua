--- What a modem answers that is ready, registered on LTE and has been told nothing: part E of the general
-- commands. Commands that this firmware does not offer are not sent.
local t = require "modemtest"
local offered = require "lib.offered"

--- Body, then the lines of its answer, which are one unit; OK comes behind. Where the specification gives two
-- units or a state, the scenario is elsewhere.
local ANSWERS = {
  { "" },
  { "I", "Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600G_V2.0.2",
    "IMEI: 860123456789014", "+GCAP: +CGSM" },
  { "+CGMI", "SIMCOM INCORPORATED" }, { "+CGMM", "SIMCOM_SIM7600G-H" }, { "+CGMR", "+CGMR: LE20B04SIM7600G22" },
  { "+CGSN", "860123456789014" }, { "+GSN", "860123456789014" }, { "+SIMEI?", "+SIMEI: 860123456789014" },
  { "+CIMI", "001010123456789" }, { "+CICCID", "+ICCID: 89882110000000000127" },
  { "+ICCID", "+ICCID: 89882110000000000127" },
  { "+GCAP", "+GCAP: +CGSM" }, { "+CSCS=?", '+CSCS: ("IRA","GSM","UCS2")' }, { "+CSCS?", '+CSCS: "IRA"' },
  { "+CMEE=?", "+CMEE: (0-2)" }, { "+CMEE?", "+CMEE: 2" }, { "+IPR?", "+IPR: 115200" },
  { "+IFC=?", "+IFC: (0,2),(0,2)" }, { "+IFC?", "+IFC: 0,0" }, { "+ICF?", "+ICF: 3,3" }, { "S0?", "000" },
  { "+CFUN?", "+CFUN: 1" }, { "+CFUN=?", "+CFUN: (0,1,4,5,6,7),(0,1)" }, { "+CPIN?", "+CPIN: READY" },
  { "+SPIC", "+SPIC: 3,10,0,10" }, { "+CSPN?", '+CSPN: "Test PLMN",0' }, { "+CSQ", "+CSQ: 16,99" },
  { "+CSQ=?", "+CSQ: (0-31,99),(0-7,99)" }, { "+AUTOCSQ=?", "+AUTOCSQ: (0-1),(0-1)" },
  { "+AUTOCSQ?", "+AUTOCSQ: 0,0" }, { "+CPAS", "+CPAS: 0" }, { "+CCLK?", '+CCLK: "24/05/17,12:34:56+08"' },
  { "+CTZU?", "+CTZU: 1" }, { "+CTZR?", "+CTZR: 0" }, { "+CBC", "+CBC: 3.991V" }, { "+CPMUTEMP", "+CPMUTEMP: 29" },
  { "+CATR?", "+CATR: 0" }, { "+CSCLK?", "+CSCLK: 0" }, { "+CFGRI?", "+CFGRI: 0,60,120" },
  { '+CLCK="SC",2', "+CLCK: 0" }, { "+CREG?", "+CREG: 0,1" }, { "+CGREG?", "+CGREG: 0,1" },
  { "+CEREG?", "+CEREG: 0,1" }, { "+CREG=?", "+CREG: (0-2)" }, { "+COPS?", '+COPS: 0,0,"Test PLMN",7' },
  { "+CPSI?", "+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-1093,-810,15" },
  { "+CNSMOD?", "+CNSMOD: 0,8" }, { "+CNSMOD=?", "+CNSMOD: (0-1)" }, { "+CNMP?", "+CNMP: 2" },
  { "+CNAOP?", "+CNAOP: 7,9,5,3" }, { "+CGATT?", "+CGATT: 1" },
  { "+CGACT?", "+CGACT: 1,1", "+CGACT: 2,0", "+CGACT: 3,0" }, { "+CGACT=?", "+CGACT: (0,1)" },
  { "+CGDCONT?", '+CGDCONT: 1,"IP","internet","0.0.0.0",0,0,0,0',
    '+CGDCONT: 2,"IPV4V6","ims","0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",0,0,0,0',
    '+CGDCONT: 3,"IPV4V6","sos","0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",0,0,0,1' },
  { "+CGPADDR", "+CGPADDR: 1,10.4.20.106", "+CGPADDR: 2,0.0.0.0,0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
    "+CGPADDR: 3,0.0.0.0,0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" },
  { "+CGPADDR=1", "+CGPADDR: 1,10.4.20.106" }, { "+CGEREP=?", "+CGEREP: (0-2),(0-1)" },
  { "+CGCLASS?", '+CGCLASS: "A"' }, { "+NETOPEN?", "+NETOPEN: 0" }, { "+CIPOPEN=?", '+CIPOPEN: (0-9),("TCP","UDP")' },
  { "+CIPCLOSE?", "+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0" }, { "+CIPSEND=?", "+CIPSEND: (0-9),(1-1500)" },
  { "+CIPRXGET?", "+CIPRXGET: 0" }, { "+CIPMODE?", "+CIPMODE: 0" },
  { "+CIPSENDMODE?", "+CIPSENDMODE: 0" }, { "+CIPHEAD?", "+CIPHEAD: 1" }, { "+CIPSRIP?", "+CIPSRIP: 1" },
  { "+CIPCCFG?", "+CIPCCFG: 10,0,0,1,0,0,500" }, { "+CIPTIMEOUT?", "+CIPTIMEOUT: 120000,120000,120000" },
  { "+CIPDNSSET?", "+CIPDNSSET: 3,30000,7" }, { "+CNETSTART?", "+CNETSTART: 0" },
  { "+HTTPACTION=?", "+HTTPACTION: (0-3)" }, { "+CMGF?", "+CMGF: 0" }, { "+CMGF=?", "+CMGF: (0-1)" },
  { "+CPMS?", '+CPMS: "SM",0,50,"SM",0,50,"SM",0,50' },
  { "+CPMS=?", '+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM"),("ME","SM")' }, { "+CNMI?", "+CNMI: 2,1,0,0,0" },
  { "+CSCA?", '+CSCA: "+10000000000",145' }, { "+CSMP?", "+CSMP: 17,167,0,0" }, { "+CSMS?", "+CSMS: 0,1,1,1" },
  { "+CMGD=?", "+CMGD: (0-49),(0-4)" }, { '+CMGL="ALL"' }, { "+CVHU?", "+CVHU: 1" }, { "+CLIP?", "+CLIP: 0,1" },
  { "+CRC?", "+CRC: 0" }, { "+CLCC" }, { "+VTD?", "+VTD: 0" }, { "+CLVL?", "+CLVL: 4" },
  { "+CPBS?", '+CPBS: "SM",0,200' }, { "+CNUM" }, { "+CGPS?", "+CGPS: 0,1" }, { "+CGPS=?", "+CGPS: (0-1),(1-3)" },
  { "+CGPSINFO", "+CGPSINFO: ,,,,,,,," }, { "+CGNSSINFO", "+CGNSSINFO: ,,,,,,,,,,,,,,," },
  { "+CGPSAUTO?", "+CGPSAUTO: 0" }, { "+CGNSSMODE?", "+CGNSSMODE: 15,1" }, { "+CNTP=?", "+CNTP: 255,(-96~96)" },
  { "+CUSBPIDSWITCH?", "+CUSBPIDSWITCH: 9001" }, { "+CVAUXS?", "+CVAUXS: 0" }, { "+CVAUXV?", "+CVAUXV: 2800" },
  { "+CMUX=?", "+CMUX: (0),(0),(1-8),(1-1500),(0),(0),(2-1000)" }, { "+CMUX?", "+CMUX: 0,0,5,1500,0,0,600" },
  { "+UIMHOTSWAPON?", "+UIMHOTSWAPON: 0" }, { "+FSCD?", "+FSCD: C:/" }, { "+FSMEM", "+FSMEM: C:(11348480, 2201600)" },
}

--- The same from the sheets of single commands (B4.1, B4.3, B4.4).
local MORE_ANSWERS = {
  { "+GMI", "SIMCOM INCORPORATED" }, { "+GMM", "SIMCOM_SIM7600G-H" }, { "+GMR", "+CGMR: LE20B04SIM7600G22" },
  { "+CGREG=?", "+CGREG: (0-2)" }, { "+CEREG=?", "+CEREG: (0-2)" }, { "+CGATT=?", "+CGATT: (0,1)" },
}

--- Known commands without a range to tell answer their test form by OK alone (A11).
local BARE_TESTS = {
  "CPIN", "CGMI", "CGMM", "CGMR", "CGSN", "CIMI", "CICCID", "CSIM", "CRSM", "CRESET", "CPOF", "CSPN", "CNUM", "CEER",
  "CMGR", "CMGS", "SIMEI", "GCAP", "CDNSGIP", "CNETSTART", "GMI", "GMM", "GMR", "GSN", "ICCID", "CCLK",
}

--- Answers whose value is not the modem's alone: the pattern that they must match.
local VARIES = {
  ["+CCLK?"] = '^\r\n%+CCLK: "%d%d/%d%d/%d%d,%d%d:%d%d:%d%d"\r\n\r\nOK\r\n$',
}

--- The reference device's words and the profile keys under which another firmware has its own.
local IDENTITY = {
  manufacturer = "SIMCOM INCORPORATED", model = "SIMCOM_SIM7600G-H", revision = "SIM7600G_V2.0.2",
  firmware = "LE20B04SIM7600G22", gcap = "+CGSM",
}

local function of_this_firmware(line)
  for key, word in pairs(IDENTITY) do
    local from, to = line:find(word, 1, true)
    if from then
      return line:sub(1, from - 1) .. t.dump("profile")[key] .. line:sub(to + 1)
    end
  end
  return line
end

local function check(dev, body, lines)
  local r = dev:cmd("AT%s", body)
  if VARIES[body] then
    t.match(r:raw(), VARIES[body], "AT" .. body)
    return
  end
  for i, line in ipairs(lines) do
    lines[i] = of_this_firmware(line)
  end
  r:bytes((#lines > 0 and "\r\n" .. table.concat(lines, "\r\n") .. "\r\n" or "") .. "\r\nOK\r\n")
end

t.scenario "default answers, byte for byte" {
  tags = { "at", "bytes", "answers" },
  needs = { "emulator" },
  -- the network of part E, whatever the profile's own captures were made in
  sim = { keys = { ["context.ims"] = "idle", ["context.sos"] = "sos", cpsi_units = "tenths" } },
  run = function(dev)
    local commands = offered.commands()
    for _, list in ipairs { ANSWERS, MORE_ANSWERS } do
      for _, answer in ipairs(list) do
        if offered.has(commands, answer[1]) then
          check(dev, answer[1], { table.unpack(answer, 2) })
        end
      end
    end
    for _, name in ipairs(BARE_TESTS) do
      local body = "+" .. name .. "=?"
      if offered.has(commands, body) then
        check(dev, body, {})
      end
    end
  end,
}
