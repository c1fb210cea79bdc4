-- Names of certificate files: 5 to 128 bytes, .pem or .der, {non-ascii} (spec 5.2, 5.5).
local t = require "modemtest"
local store = require "lib.cert_store"

local function name_of(length, ending)
  return ("n"):rep(length - #ending) .. ending
end

t.scenario "a name is taken from lo to hi bytes, and refused outside" {
  tags = { "certificates", "names", "ranges" },
  needs = { "certificates" },
  destructive = true,
  matrix = { ending = { ".pem", ".der" } },
  run = function(dev, _, p)
    local length = dev:ranges("+CCERTDOWN")[1]
    for _, n in ipairs { length.lo - 1, length.hi + 1 } do
      dev:cmd('AT+CCERTDOWN="%s",1', name_of(n, p.ending)):error()
      dev:cmd('AT+CCERTDELE="%s"', name_of(n, p.ending)):error()
    end
    for _, n in ipairs { length.lo, length.hi } do
      store.put(dev, name_of(n, p.ending), "x")
      t.eq(store.names(dev), { name_of(n, p.ending) }, "what is stored")
      store.delete(dev, name_of(n, p.ending))
    end
    t.eq(store.names(dev), {}, "what is stored")
  end,
}

t.scenario "the ending is .pem or .der, in small or capital letters" {
  tags = { "certificates", "names" },
  needs = { "certificates" },
  destructive = true,
  matrix = { name = { "file.pem", "file.der", "a.b.c.pem", "under_score-1.pem", "with space.pem" } },
  run = function(dev, env, p)
    store.put(dev, p.name, "content")
    t.eq(store.names(dev), { p.name }, "what is stored")
    store.holds(env, p.name, "content")
  end,
}

t.scenario "any other ending is refused without a prompt" {
  tags = { "certificates", "names" },
  needs = { "certificates" },
  matrix = { name = { "clientcert", "cert.crt", "private.key", "root.cer", "file.pem.txt", "file.pe", "filepem",
    "file.pem " } },
  run = function(dev, _, p)
    dev:cmd('AT+CCERTDOWN="%s",4', p.name):bytes("\r\nERROR\r\n")
  end,
}

t.scenario "a name leads nowhere outside the store" {
  tags = { "certificates", "names", "hostile" },
  needs = { "certificates", "emulator" },
  matrix = { name = { "../out.pem", "/tmp/out.pem", "a/../../out.pem" } },
  run = function(dev, _, p)
    dev:cmd('AT+CCERTDOWN="%s",4', p.name):error()
    dev:cmd('AT+CCERTDELE="%s"', p.name):error()
  end,
}

t.scenario "names that differ are different files" {
  tags = { "certificates", "names" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    store.put(dev, "cert.pem", "1")
    store.put(dev, "cert.der", "2")
    store.put(dev, "cert.pem.pem", "3")
    t.eq(store.names(dev), { "cert.der", "cert.pem", "cert.pem.pem" }, "what is stored")
    store.holds(env, "cert.pem", "1")
    store.holds(env, "cert.der", "2")
  end,
}

-- The manual's own example, for &#x4E2D;&#x534E;.pem.
local HEX = "262378344532443B262378353334453B2E70656D"
local ENTITIES = "&#x4E2D;&#x534E;.pem"

t.scenario "a name that is not ASCII is given in hex and listed as entities" {
  tags = { "certificates", "names", "non-ascii" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev, env)
    dev:cmd('AT+CCERTDOWN={non-ascii}"%s",611', HEX):bytes(store.prompt_bytes(env)):data(("c"):rep(611))
        :bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes(('\r\n+CCERTLIST: "%s"\r\n\r\nOK\r\n'):format(ENTITIES))
    store.holds(env, ENTITIES, ("c"):rep(611))
    dev:cmd('AT+CCERTDELE={non-ascii}"%s"', HEX):bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes("\r\nOK\r\n")
  end,
}

t.scenario "the entities in plain text are the same name" {
  tags = { "certificates", "names", "non-ascii" },
  needs = { "certificates", "emulator" }, -- no document says it of hardware
  destructive = true,
  run = function(dev)
    dev:cmd('AT+CCERTDOWN={non-ascii}"%s",1', HEX):prompt():data("x"):ok()
    store.delete(dev, ENTITIES)
    t.eq(store.names(dev), {}, "what is stored")
  end,
}

t.scenario "hex that is none is refused" {
  tags = { "certificates", "names", "non-ascii" },
  needs = { "certificates" },
  cases = {
    { why = "odd", hex = "2E70656D2" }, { why = "no digits", hex = "xyz70656D" },
    { why = "wrong ending", hex = "2623783445324443B2E747874" }, { why = "empty", hex = "" },
    { why = "a path", hex = "2E2E2F6F75742E70656D" },
  },
  run = function(dev, _, p)
    dev:cmd('AT+CCERTDOWN={non-ascii}"%s",4', p.hex):error()
  end,
}
