-- A file that is not named gets 33; one that is named and missing or unusable gets 34 (spec 3.2), or what the
-- firmware has for it (tls.code). Both are known before anything is sent: the broker sees no connection.
local t = require "modemtest"
local tls = require "lib.tls_context"

local NEEDS = { "mqtt", "tls", "peer" }
local USES = { "modem", "certificates" }

--- CONNECT fails with this code and nothing reaches the server.
local function fails_alone(dev, env, code, context)
  local peer = t.peer { mqtt = false, unread = true }
  tls.acquire(dev)
  tls.connect(dev, peer.address, tls.code(env, code), context)
  for _, connection in ipairs(peer:facts().connections) do
    t.eq(connection.received, 0, "what the server received")
  end
end

t.scenario "a file that authmode needs and no setting names gets 33" {
  tags = { "tls", "code-33" },
  needs = NEEDS,
  uses = USES,
  cases = {
    { authmode = 1, without = "cacert" }, { authmode = 2, without = "cacert" },
    { authmode = 2, without = "clientcert" }, { authmode = 2, without = "clientkey" },
    { authmode = 3, without = "clientcert" }, { authmode = 3, without = "clientkey" },
  },
  run = function(dev, env, p)
    local context = tls.without(dev, p.without)
    tls.set(dev, context, { authmode = p.authmode })
    fails_alone(dev, env, 33, context)
  end,
}

t.scenario "naming the file is the cure for 33" {
  tags = { "tls", "code-33" },
  needs = { "mqtt", "tls", "emulator" }, -- no command takes the name back
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    local context = tls.without(dev, "clientkey")
    tls.set(dev, context, { authmode = 2 })
    tls.session(dev, env.broker.address, 33, context)
    tls.set(dev, context, { clientkey = "clientkey.pem" })
    tls.connect(dev, env.broker.address, 0, context)
  end,
}

t.scenario "a file that is named and not stored gets 34" {
  tags = { "tls", "code-34" },
  needs = NEEDS,
  uses = USES,
  matrix = { kind = { "cacert", "clientcert", "clientkey" } },
  run = function(dev, env, p)
    tls.set(dev, 0, { [p.kind] = "nobody-stored-this.pem" })
    fails_alone(dev, env, 34)
  end,
}

t.scenario "a file that was deleted gets 34, the context still names it, and storing it is the cure" {
  tags = { "tls", "code-34" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  run = function(dev, env)
    dev:cmd('AT+CCERTDELE="clientkey.pem"'):ok()
    tls.session(dev, env.broker.address, tls.code(env, 34))
    t.match(dev:cmd("AT+CSSLCFG=0"):ok():lines()[1], '"clientkey%.pem"', "the context")
    env.certificates:store(dev, "clientkey.pem", env.certificates:key())
    tls.connect(dev, env.broker.address, 0)
  end,
}

local UNUSABLE = {
  { "cacert", "hostile/CorruptRootCA.pem", "hostile/TruncatedRootCA.pem" },
  { "clientcert", "hostile/corrupt-certificate.pem.crt", "hostile/truncated-certificate.pem.crt" },
  { "clientkey", "hostile/corrupt-private.pem.key", "hostile/truncated-private.pem.key" },
}

for _, case in ipairs(UNUSABLE) do
  local kind = case[1]
  t.scenario(("a %s that cannot be read gets 34"):format(kind)) {
    tags = { "tls", "code-34" },
    needs = NEEDS,
    uses = USES,
    matrix = { file = { case[2], case[3], "one byte", "no PEM", "bytes" } },
    run = function(dev, env, p)
      local made = { ["one byte"] = "-", ["no PEM"] = "This is a letter.\n", bytes = env.binary(1200) }
      local bytes = made[p.file] or env.certificates:file(p.file)
      tls.with_file(dev, env, "unusable.pem", bytes, function()
        tls.set(dev, 0, { [kind] = "unusable.pem" })
        fails_alone(dev, env, 34)
      end)
    end,
  }
end

t.scenario "a file of the wrong kind gets 34" {
  tags = { "tls", "code-34" },
  needs = NEEDS,
  uses = USES,
  cases = {
    { kind = "cacert", is = "clientkey.pem" }, { kind = "clientcert", is = "clientkey.pem" },
    { kind = "clientkey", is = "clientcert.pem" },
  },
  run = function(dev, env, p)
    tls.set(dev, 0, { [p.kind] = p.is })
    fails_alone(dev, env, 34)
  end,
}

t.scenario "a key that belongs to another certificate gets 34" {
  tags = { "tls", "code-34" },
  needs = NEEDS,
  uses = USES,
  matrix = { key = { "thing2-private.pem.key", "thing1-ec-private.pem.key" } },
  run = function(dev, env, p)
    tls.with_file(dev, env, "other-key.pem", env.certificates:file(p.key), function()
      tls.set(dev, 0, { clientkey = "other-key.pem" })
      fails_alone(dev, env, 34)
    end)
  end,
}

t.scenario "a file that this authmode does not need may be missing" {
  tags = { "tls", "authmode" },
  needs = { "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  broker = { args = { "--no-client-cert" } },
  cases = {
    { authmode = 0, missing = "cacert" }, { authmode = 0, missing = "clientkey" },
    { authmode = 1, missing = "clientcert" }, { authmode = 1, missing = "clientkey" },
    { authmode = 3, missing = "cacert" },
  },
  run = function(dev, env, p)
    tls.set(dev, 0, { authmode = p.authmode, [p.missing] = "nobody-stored-this.pem" })
    tls.session(dev, env.broker.address, 0)
  end,
}
