--- Every parameter of every MQTT command at lo-1, lo, hi and hi+1, generated from what the modem itself
-- answers to =?. Refusals: index 10, length 22, any other value 12 (section 2.1 of the specification);
-- a negative number may also be a syntax error, which is a plain ERROR.
local t = require "modemtest"
local session = require "lib.mqtt_session"

local ID, LENGTH, VALUE = 10, 22, 12

local SHORTEST = "tcp://0:1" -- 9 bytes: this machine's own port 1, where nobody listens

--- An address of exactly n bytes that leads to the plain port of the broker where n allows it: IPv4
-- parts may have leading zeros (inet_aton); the loopback network's first part is octal 177.
local function address_of(env, n)
  if n <= #SHORTEST then
    return SHORTEST:sub(1, n)
  end
  local tail = "177.0.0.1:" .. env.broker.plain_port
  return "tcp://" .. ("0"):rep(n - 6 - #tail) .. tail
end

local function connect(env)
  return '"tcp://' .. env.broker.plain_address .. '"'
end

local function data_then_ok(_, _, r, values)
  r:prompt():data(("d"):rep(values[2])):ok()
end

--- SUB and UNSUB with a length. The DUP flag is accepted and sent; the broker closes the connection for
-- it, since MQTT 3.1.1 (3.8.1, 3.10.1) reserves that bit (field-failures.md F06).
local function subscribed(name, dup)
  return function(dev, env, r, values)
    r:prompt():data(("d"):rep(values[2]))
    if values[dup] == 0 then
      return r:result(("%s: %d,0"):format(name, values[1]))
    end
    session.failed(env, r, ("%s: %d,6"):format(name, values[1]))
    dev:expect_urc(("+CMQTTCONNLOST: %d,1"):format(values[1]))
    session.connect(dev, env.broker.plain_address, { client = values[1] })
  end
end

--- refuse: what each parameter gives out of range; optional: the key that says whether the firmware has the
-- last one; zero: what length 0 gives (4.6 has 12 for a will); valid: values that are accepted; text: the
-- parameters that are strings, whose range is one of lengths; accepted(dev, env, r, values): what follows a
-- value in range.
local COMMANDS = {
  { name = "+CMQTTACCQ", state = "free", valid = { 0, 9, 0, 4 }, refuse = { ID, LENGTH, VALUE, VALUE },
    optional = "accq_version_param",
    text = { [2] = function(_, n) return '"' .. ("i"):rep(n) .. '"' end },
    accepted = function(dev, _, r, values)
      r:ok()
      dev:cmd("AT+CMQTTREL=%d", values[1]):ok()
    end },
  { name = "+CMQTTREL", state = "acquired", valid = { 0 }, refuse = { ID },
    accepted = function(dev, _, r, values)
      r:ok()
      session.acquire(dev, { client = values[1] })
    end },
  { name = "+CMQTTSSLCFG", state = "acquired", valid = { 0, 0 }, refuse = { "ERROR", "ERROR" },
    accepted = function(_, _, r) r:ok() end },
  { name = "+CMQTTWILLTOPIC", state = "acquired", valid = { 0, 3 }, refuse = { ID, LENGTH },
    zero = VALUE, accepted = data_then_ok },
  { name = "+CMQTTWILLMSG", state = "acquired", valid = { 0, 3, 0 }, refuse = { ID, LENGTH, VALUE },
    zero = VALUE, accepted = data_then_ok },
  { name = "+CMQTTCONNECT", state = "acquired", valid = { 0, 0, 60, 1 },
    refuse = { ID, LENGTH, VALUE, VALUE },
    text = { [2] = function(env, n)
      return n == 0 and connect(env) or '"' .. address_of(env, n) .. '"'
    end },
    accepted = function(dev, env, r, values)
      if values[2] == #SHORTEST then
        return session.unreached(env, r, ("+CMQTTCONNECT: %d,3"):format(values[1]))
      end
      r:result(("+CMQTTCONNECT: %d,0"):format(values[1]))
      session.disconnect(dev, values[1])
    end },
  { name = "+CMQTTDISC", state = "connected", valid = { 0, 60 }, refuse = { ID, VALUE },
    accepted = function(dev, env, r, values)
      r:result(("+CMQTTDISC: %d,0"):format(values[1]))
      session.connect(dev, env.broker.plain_address, { client = values[1] })
    end },
  { name = "+CMQTTTOPIC", state = "connected", valid = { 0, 3 }, refuse = { ID, LENGTH },
    accepted = data_then_ok },
  { name = "+CMQTTPAYLOAD", state = "connected", valid = { 0, 3 }, refuse = { ID, LENGTH },
    accepted = data_then_ok },
  { name = "+CMQTTPUB", state = "connected", valid = { 0, 0, 60, 0, 0 },
    refuse = { ID, VALUE, VALUE, VALUE, VALUE },
    before = function(dev)
      session.message(dev, "ranges/0", "x", 0)
      session.message(dev, "ranges/1", "x", 1)
    end,
    accepted = function(_, _, r, values) r:result(("+CMQTTPUB: %d,0"):format(values[1])) end },
  { name = "+CMQTTSUBTOPIC", state = "connected", valid = { 0, 3, 0 }, refuse = { ID, LENGTH, VALUE },
    accepted = data_then_ok },
  { name = "+CMQTTSUB", state = "connected", valid = { 0, 3, 0, 0 },
    refuse = { ID, LENGTH, VALUE, VALUE },
    accepted = subscribed("+CMQTTSUB", 4) },
  { name = "+CMQTTUNSUBTOPIC", state = "connected", valid = { 0, 3 }, refuse = { ID, LENGTH },
    accepted = data_then_ok },
  { name = "+CMQTTUNSUB", state = "connected", valid = { 0, 3, 0 }, refuse = { ID, LENGTH, VALUE },
    accepted = subscribed("+CMQTTUNSUB", 3) },
}

local ENTER = {
  free = session.start,
  -- MQTT 3.1.1, since 3.1 allows the DUP flag that a broker refuses in subscribed().
  acquired = function(dev, env)
    session.start(dev)
    session.acquire_version(dev, env, 4, { client = 0, id = "ranges-0" })
    session.acquire_version(dev, env, 4, { client = 1, id = "ranges-1" })
  end,
}
function ENTER.connected(dev, env)
  ENTER.acquired(dev, env)
  session.connect(dev, env.broker.plain_address, { client = 0 })
  session.connect(dev, env.broker.plain_address, { client = 1 })
end

local function inside(range, value)
  for _, part in ipairs(range) do
    if value >= part.lo and value <= part.hi then
      return true
    end
  end
  return false
end

--- lo-1, lo, hi, hi+1 of every part of a range such as (0,60-180), each value once.
local function edges(range)
  local list, seen = {}, {}
  for _, part in ipairs(range) do
    for _, value in ipairs { part.lo - 1, part.lo, part.hi, part.hi + 1 } do
      if not seen[value] then
        seen[value] = true
        list[#list + 1] = value
      end
    end
  end
  return list
end

--- The row as this firmware has it.
local function of_firmware(env, row)
  if not row.optional or session.has(env, row.optional) then
    return row
  end
  local last = #row.refuse
  return setmetatable({ valid = { table.unpack(row.valid, 1, last - 1) },
    refuse = { table.unpack(row.refuse, 1, last - 1) } }, { __index = row })
end

local function line_of(env, command, values)
  local words = {}
  for i, value in ipairs(values) do
    local text = command.text and command.text[i]
    words[i] = text and text(env, value) or tostring(value)
  end
  return ("AT%s=%s"):format(command.name, table.concat(words, ","))
end

local function check_refusal(r, command, index, values)
  local code = command.refuse[index]
  if code == LENGTH and values[index] == 0 and command.zero then
    code = command.zero
  end
  local lines = r:error():lines()
  local line = code ~= "ERROR" and ("%s: %d,%d"):format(command.name, values[1], code) or nil
  if values[index] < 0 and #lines == 0 then
    return
  end
  t.eq(lines, { line }, ("parameter %d = %d out of range"):format(index, values[index]))
end

local function check_parameter(dev, env, command, index, range)
  t.check(#range > 0, ("=? gives no range for parameter %d"):format(index))
  for _, value in ipairs(edges(range)) do
    local values = { table.unpack(command.valid) }
    values[index] = value
    -- A string cannot have a negative length.
    if value >= 0 or not (command.text and command.text[index]) then
      if command.before then
        command.before(dev)
      end
      local r = dev:cmd("%s", line_of(env, command, values))
      if inside(range, value) then
        command.accepted(dev, env, r, values)
      else
        check_refusal(r, command, index, values)
      end
    end
  end
end

t.scenario "parameters at the edges of their ranges" {
  tags = { "mqtt", "ranges" },
  needs = { "broker.policy" },
  uses = { "modem", "broker" },
  provision = false,
  cases = COMMANDS,
  run = function(dev, env, case)
    local p, ranges = of_firmware(env, case), dev:ranges(case.name)
    t.eq(#ranges, #p.refuse, "parameters in the answer to =?")
    ENTER[p.state](dev, env)
    for index, range in ipairs(ranges) do
      check_parameter(dev, env, p, index, range)
    end
  end,
}

--- AT+CMQTTCFG="key" with each of its two numbers at the edges of the ranges.
local function check_setting(dev, key, ranges)
  for index, range in ipairs(ranges) do
    for _, value in ipairs(edges(range)) do
      local values = { 0, ranges[2][1].lo }
      values[index] = value
      local r = dev:cmd('AT+CMQTTCFG="%s",%d,%d', key, values[1], values[2])
      if inside(range, value) then
        r:ok():lines {}
      else
        r:error():lines {}
      end
    end
  end
end

t.scenario "CMQTTCFG at the edges of its ranges" {
  tags = { "mqtt", "ranges" },
  run = function(dev, env)
    local keys = dev:ranges("+CMQTTCFG")
    session.start(dev)
    session.acquire(dev, { client = 0, id = "zero" })
    session.acquire(dev, { client = 1, id = "one" })
    check_setting(dev, "checkUTF8", keys.checkUTF8)
    for _, key in ipairs { "optimeout", "version" } do
      t.eq(keys[key] ~= nil, session.has(env, "cfg." .. key), key .. " in the answer to =?")
      if keys[key] then
        check_setting(dev, key, keys[key])
      end
    end
  end,
}

t.scenario "user and password take 1 to 256 bytes" {
  tags = { "mqtt", "ranges" },
  needs = { "broker.policy" },
  uses = { "modem", "broker" },
  provision = false,
  -- Not in =?, but in the manual. Both at 256 would not fit into a command line of 559 characters.
  cases = {
    { name = "user 0", user = 0, code = 22 }, { name = "user 1", user = 1, code = 0 },
    { name = "user 256", user = 256, code = 0 }, { name = "user 257", user = 257, code = 22 },
    { name = "password 0", user = 1, password = 0, code = 22 },
    { name = "password 1", user = 1, password = 1, code = 0 },
    { name = "password 256", user = 1, password = 256, code = 0 },
    { name = "password 257", user = 1, password = 257, code = 22 },
  },
  run = function(dev, env, p)
    session.start(dev)
    session.acquire(dev)
    local line = session.connect_line(env.broker.plain_address, { user = ("u"):rep(p.user),
      password = p.password and ("p"):rep(p.password) })
    dev:cmd("%s", line):result("+CMQTTCONNECT: 0," .. p.code)
  end,
}

t.scenario "a number far out of range is refused" {
  tags = { "mqtt", "ranges" },
  run = function(dev)
    session.start(dev)
    session.acquire(dev)
    for _, number in ipairs { "2147483647", "2147483648", "4294967296", "4294967297",
      "18446744073709551617", ("9"):rep(400) } do
      local lines = dev:cmd("AT+CMQTTWILLTOPIC=0,%s", number):error():lines()
      t.check(#lines == 0 or lines[1] == "+CMQTTWILLTOPIC: 0,22", "accepted as a length: " .. number)
    end
  end,
}
