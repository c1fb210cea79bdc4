--- Fixture "certificates": the files certs/make-certs wrote, once per run, for all scenarios.
-- Where 'uses' names the modem, too, the modem gets thing1's three files (cacert.pem, clientcert.pem,
-- clientkey.pem) and SSL context 0 for mutual TLS, as sections 2 and 3 of the AWS wiki do it; a
-- scenario with provision = false finds its modem without them.
local fault = require "modemtest.fault"
local files = require "modemtest.files"
local fixtures = require "modemtest.fixtures"

local Certificates = {}
Certificates.__index = Certificates

--- env.certificates:path(name) -> path
-- Of any file make-certs wrote.
function Certificates:path(name)
  local path = self.dir .. "/" .. name
  if not files.exists(path) then
    fault.raise("error", ("make-certs wrote no file '%s'"):format(name))
  end
  return path
end

--- env.certificates:file(name) -> bytes
-- Of any file make-certs wrote: the hostile set, the server's files.
function Certificates:file(name)
  return assert(files.read(self:path(name)))
end

--- env.certificates:ca() -> PEM bytes of AmazonRootCA1
function Certificates:ca()
  return self:file("AmazonRootCA1.pem")
end

--- env.certificates:certificate([thing]) -> PEM bytes
-- Of a thing; "thing1" when left out, "thing2" exists, too.
function Certificates:certificate(thing)
  return self:file((thing or "thing1") .. "-certificate.pem.crt")
end

--- env.certificates:key([thing]) -> PEM bytes
function Certificates:key(thing)
  return self:file((thing or "thing1") .. "-private.pem.key")
end

local DIGITS = {}
for i = 1, 64 do
  DIGITS[("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):byte(i)] = i - 1
end

--- env.certificates:der(pem) -> bytes
-- The first PEM block in binary form (RFC 7468).
function Certificates.der(_, pem)
  local body = pem:match("%-%-%-%-%-BEGIN [^\n]*\n(.-)%-%-%-%-%-END")
  if not body then
    fault.raise("misuse", "no PEM block")
  end
  local out, bits, count = {}, 0, 0
  for digit in body:gmatch("[%w+/]") do
    bits, count = bits << 6 | DIGITS[digit:byte()], count + 6
    if count >= 8 then
      count = count - 8
      out[#out + 1] = string.char(bits >> count & 0xff)
    end
  end
  return table.concat(out)
end

--- env.certificates:store(dev, name, bytes)
-- Stores bytes in the modem (AT+CCERTDOWN).
function Certificates.store(_, dev, name, bytes)
  dev:cmd('AT+CCERTDOWN="%s",%d', name, #bytes):prompt():data(bytes):ok()
end

--- env.certificates:provision(dev [, {thing="thing1", context=0, authmode=2}])
-- The three files into the modem, and an SSL context that uses them.
function Certificates:provision(dev, options)
  options = options or {}
  local context = options.context or 0
  self:store(dev, "cacert.pem", self:ca())
  self:store(dev, "clientcert.pem", self:certificate(options.thing))
  self:store(dev, "clientkey.pem", self:key(options.thing))
  dev:cmd('AT+CSSLCFG="sslversion",%d,4', context):ok()
  dev:cmd('AT+CSSLCFG="authmode",%d,%d', context, options.authmode or 2):ok()
  for _, kind in ipairs { "cacert", "clientcert", "clientkey" } do
    dev:cmd('AT+CSSLCFG="%s",%d,"%s.pem"', kind, context, kind):ok()
  end
end

return {
  scope = "file",
  -- Called for each scenario, when all its fixtures are built.
  ready = function(certificates, env)
    if fixtures.provisions(env._case.spec) then
      certificates:provision(env.modem)
    end
  end,
  setup = function(env)
    local dir = env._settings.run:certificates()
    return setmetatable({ dir = dir }, Certificates)
  end,
}
