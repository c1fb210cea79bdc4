-- Every two values of two different settings or demands meet: protocol versions, authmode, the three files in every
-- state, dates, names, cipher suites, and a server that demands this and that. Each row has the code and the exact
-- line order that lib/tls_oracle.lua works out from the manual. The server is OpenSSL's.
local t = require "modemtest"
local fault = require "modemtest.fault"
local all_pairs = require "lib.all_pairs"
local matrix = require "lib.tls_matrix"
local oracle = require "lib.tls_oracle"
local tls = require "lib.tls_context"
require "lib.tls_server"

local PARTS = 4
--- On other firmware than that of the reference device, which tries all rows, a part of its own: what a pair of values
-- leads to does not depend on the firmware, how it is told does, and every part shows that.
local PART_OF = { ["sim7600-async"] = 1, sim7600e = 2, ["v1-2018"] = 3, a76xx = 4 }
local SECONDS = 30 -- for an answer: a code that comes by a time limit is a failure here

--- Sets what differs from what the context has.
local function set(run, context, settings, row)
  local dev, known = run.dev, run.known[context] or {}
  run.known[context] = known
  local news = {}
  for name, value in pairs(settings) do
    if known[name] ~= value then
      news[name], known[name] = value, value
    end
  end
  tls.set(dev, context, news)
  local password = matrix.password(row)
  if password and known.password ~= password then
    tls.set_key_password(dev, run.env, context, password)
    known.password = password
  end
  if run.offers.sni and known.sni ~= row.sni then
    dev:cmd('AT+CSSLCFG="enableSNI",%d,%d', context, row.sni):ok()
    known.sni = row.sni
  end
  if context == tls.CIPHERS and not known.ciphersuites then
    dev:cmd('AT+CSSLCFG="ciphersuites",%d,0x002F', context):ok()
    known.ciphersuites = "0x002F"
  end
  if run.clock ~= row.clock then
    dev:cmd('AT+CCLK="%s"', matrix.clock(row)):ok()
    run.clock = row.clock
  end
end

local function start_server(run, row)
  return run.env.peer:openssl(matrix.server(run.env.certificates, row, function(bytes)
    return run.env.file("chain.pem", bytes)
  end))
end

--- The exact answer where the profile's style is known, else the code in either order.
local function check_answer(run, r, code)
  code = tls.code(run.env, code)
  if run.env.profile then
    r:bytes(oracle.answer(code, run.env.key "result_style"), { within = SECONDS })
  else
    r:result(("+CMQTTCONNECT: 0,%d"):format(code), { within = SECONDS })
  end
end

local function try(run, row, server)
  local context = matrix.context(row)
  set(run, context, matrix.settings(row), row)
  local code = oracle.code(row)
  local r = tls.begin_connect(run.dev, row.host .. ":" .. server.address:match(":(%d+)$"), context)
  if code == 0 then
    server:accept()
  end
  check_answer(run, r, code)
  if code == 0 then
    tls.disconnect(run.dev)
  end
end

--- A row that fails says which one it is.
local function named(row, fn, ...)
  local out = table.pack(pcall(fn, ...))
  if not out[1] and fault.is(out[2]) and out[2].kind ~= "skip" then
    out[2].message = ("%s [row: %s; the oracle says %d]"):format(out[2].message, matrix.label(row),
      (oracle.code(row)))
  end
  if not out[1] then
    error(out[2], 0)
  end
  return table.unpack(out, 2, out.n)
end

--- The factors without the values that let a connection fail all by themselves. Where most rows fail for one
-- reason, the others are hidden; in these rows a failure is the work of two values together.
local function harmless(factors)
  local lenient, base = { asks = "optional", ignorelocaltime = 1, sni = 0 }, {}
  for _, factor in ipairs(factors) do
    base[factor.name] = lenient[factor.name] or factor.values[1]
  end
  local out = {}
  for i, factor in ipairs(factors) do
    local values = { base[factor.name] }
    for _, value in ipairs(factor.values) do
      local row = setmetatable({ [factor.name] = value }, { __index = base })
      if value ~= values[1] and oracle.code(row) == 0 then
        values[#values + 1] = value
      end
    end
    out[i] = { name = factor.name, values = values }
  end
  return out
end

--- Both sets of factors that are tried.
local function both(offers)
  local factors = matrix.factors(offers)
  return { factors, harmless(factors) }
end

--- The rows of one part of the matrix.
local function rows_of(offers, part)
  local mine, n = {}, 0
  for _, factors in ipairs(both(offers)) do
    for _, row in ipairs(all_pairs.rows(factors, matrix.impossible)) do
      n = n + 1
      if n % PARTS == part % PARTS then
        mine[#mine + 1] = row
      end
    end
  end
  return mine
end

local function provide(dev, env)
  for kind, context in pairs(tls.WITHOUT) do
    tls.check_unnamed(dev, context, { [kind] = true })
  end
  for _, file in ipairs(matrix.files(env.certificates)) do
    env.certificates:store(dev, file.name, file.bytes)
  end
end

local function clean(run)
  for _, file in ipairs(matrix.files(run.env.certificates)) do
    run.dev:cmd('AT+CCERTDELE="%s"', file.name):ok()
  end
  if run.known[tls.KEY_PASSWORD] then
    tls.set_key_password(run.dev, run.env, tls.KEY_PASSWORD, "")
  end
  if run.known[tls.CIPHERS] then
    run.dev:cmd('AT+CSSLCFG="ciphersuites",%d,0xFFFF', tls.CIPHERS):ok()
  end
end

t.scenario "every two values of two settings or demands meet, and each row has its code and line order" {
  tags = { "tls", "matrix" },
  needs = { "mqtt", "tls", "broker" },
  uses = { "modem", "certificates", "peer" },
  matrix = { part = { 1, 2, 3, 4 } },
  limit = 300,
  run = function(dev, env, p)
    local only = PART_OF[env.profile]
    if only and only ~= p.part then
      t.skip(("%s has part %d; the reference device has all"):format(env.profile, only))
    end
    local run = { dev = dev, env = env, known = {}, offers = matrix.offers(dev) }
    provide(dev, env)
    tls.acquire(dev)
    -- what never leaves the modem never gets here
    local nobody = env.peer:openssl {}
    for _, row in ipairs(rows_of(run.offers, p.part)) do
      local _, is_local = oracle.code(row)
      if is_local then
        named(row, try, run, row, nobody)
      else
        local server = start_server(run, row)
        named(row, try, run, row, server)
        server:stop()
      end
    end
    nobody:stop()
    t.check(not nobody.process.lines:find(function(line) return line.text:find("^<<< ") ~= nil end),
      "a byte of a connection that cannot be set up reached the server")
    clean(run)
  end,
}

t.scenario "the rows of the TLS matrix leave no pair out, on any firmware" {
  tags = { "tls", "matrix" },
  uses = {},
  cases = { -- of 2018, of the A76XX, of today
    { sni = false, password = false, ciphersuites = false }, { sni = true, password = true, ciphersuites = false },
    { sni = true, password = true, ciphersuites = true },
  },
  run = function(_, _, offers)
    for _, factors in ipairs(both(offers)) do
      local rows = all_pairs.rows(factors, matrix.impossible)
      t.eq(all_pairs.missing(factors, matrix.impossible, rows), {}, "what the rows lack")
      -- and the check would see it
      table.remove(rows)
      t.check(#all_pairs.missing(factors, matrix.impossible, rows) > 0, "a row less is not noticed")
    end
    local factors = matrix.factors(offers)
    local row = all_pairs.rows(factors, matrix.impossible)[1]
    row.ca, row.client = "none", "no key"
    t.check(all_pairs.missing(factors, matrix.impossible, { row })[1]:find("^cannot be: "),
      "an impossible row is not noticed")
  end,
}
