-- What a certificate or key file may look like: PEM and DER, RSA and EC, LF and CR LF, several
-- certificates in one file.
local t = require "modemtest"
local tls = require "lib.tls_context"

local USES = { "modem", "broker", "certificates", "observer" }
local NEEDS = { "mqtt", "tls" }

local function crlf(text)
  return (text:gsub("\n", "\r\n"))
end

--- The three files under their names, and a session that uses them.
local function works_with(dev, env, files)
  local settings = { authmode = 2 }
  for kind, file in pairs(files) do
    env.certificates:store(dev, file.name, file.bytes)
    settings[kind] = file.name
  end
  tls.set(dev, tls.SPARE, settings)
  tls.session(dev, env.broker.address, 0, tls.SPARE)
  tls.publish(dev, env, "hello")
  for _, file in pairs(files) do
    dev:cmd('AT+CCERTDELE="%s"', file.name):ok()
  end
end

t.scenario "DER works as PEM does" {
  tags = { "tls", "certificates", "der" },
  needs = NEEDS,
  uses = USES,
  matrix = { kind = { "", "-ec" } },
  run = function(dev, env, p)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root.der", bytes = files:file("AmazonRootCA1.der") },
      clientcert = { name = "thing.der", bytes = files:file("thing1" .. p.kind .. "-certificate.der") },
      clientkey = { name = "private.der", bytes = files:file("thing1" .. p.kind .. "-private.der") },
    })
  end,
}

t.scenario "an EC key and certificate work as RSA ones do" {
  tags = { "tls", "certificates", "ec" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root.pem", bytes = files:ca() },
      clientcert = { name = "ec-thing.pem", bytes = files:certificate("thing1-ec") },
      clientkey = { name = "ec-private.pem", bytes = files:key("thing1-ec") },
    })
  end,
}

t.scenario "PEM with CR LF at its line ends works" {
  tags = { "tls", "certificates" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root-crlf.pem", bytes = crlf(files:ca()) },
      clientcert = { name = "thing-crlf.pem", bytes = crlf(files:certificate("thing1")) },
      clientkey = { name = "private-crlf.pem", bytes = crlf(files:key("thing1")) },
    })
  end,
}

t.scenario "PEM may have text around it and no line end behind it" {
  tags = { "tls", "certificates" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root-text.pem", bytes = "Amazon Root CA 1\n=====\n" .. files:ca() },
      clientcert = { name = "thing-bare.pem", bytes = (files:certificate("thing1"):gsub("\n$", "")) },
      clientkey = { name = "private-bare.pem", bytes = (files:key("thing1"):gsub("\n$", "")) },
    })
  end,
}

t.scenario "several root certificates in one file are all trusted" {
  tags = { "tls", "certificates" },
  needs = NEEDS,
  uses = USES,
  matrix = { first = { "AmazonRootCA1.pem", "hostile/UnknownRootCA.pem" } },
  run = function(dev, env, p)
    local files = env.certificates
    local other = p.first == "AmazonRootCA1.pem" and "hostile/UnknownRootCA.pem" or "AmazonRootCA1.pem"
    works_with(dev, env, {
      cacert = { name = "roots.pem", bytes = files:file(p.first) .. files:file(other) },
      clientcert = { name = "thing.pem", bytes = files:certificate("thing1") },
      clientkey = { name = "private.pem", bytes = files:key("thing1") },
    })
  end,
}

t.scenario "a client certificate may bring its chain" {
  tags = { "tls", "certificates" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root.pem", bytes = files:ca() },
      clientcert = { name = "chain.pem", bytes = files:certificate("thing1") .. files:ca() },
      clientkey = { name = "private.pem", bytes = files:key("thing1") },
    })
  end,
}

t.scenario "the ending of a name does not decide the format" {
  tags = { "tls", "certificates", "der" },
  needs = { "mqtt", "tls", "emulator" }, -- no document says what hardware makes of it
  uses = USES,
  run = function(dev, env)
    local files = env.certificates
    works_with(dev, env, {
      cacert = { name = "root.pem", bytes = files:file("AmazonRootCA1.der") },
      clientcert = { name = "thing.der", bytes = files:certificate("thing1") },
      clientkey = { name = "private.pem", bytes = files:file("thing1-private.der") },
    })
  end,
}
