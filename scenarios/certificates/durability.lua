-- What is stored stays stored (spec 1.6): a restart, a power cut, a disk that is full.
local t = require "modemtest"
local settings = require "lib.ssl_settings"
local store = require "lib.cert_store"

t.scenario "files survive a restart of the modem, SSL contexts do not" {
  tags = { "certificates", "durability" },
  needs = { "certificates", "restart" },
  destructive = true,
  limit = 300,
  run = function(dev, env)
    local bytes = env.binary(3000)
    store.put(dev, "kept.der", bytes)
    store.put(dev, "other.pem", "x")
    store.delete(dev, "other.pem")
    dev:cmd('AT+CSSLCFG="cacert",0,"kept.der"'):ok()
    dev:cmd('AT+CSSLCFG="authmode",0,1'):ok()
    dev:reset()
    t.eq(store.names(dev), { "kept.der" }, "what is stored")
    store.holds(env, "kept.der", bytes)
    dev:cmd("AT+CSSLCFG=0"):ok():lines { settings.line(env, 0) }
  end,
}

t.scenario "what was answered by OK survives a power cut at once" {
  tags = { "certificates", "durability" },
  needs = { "certificates", "emulator" },
  run = function(dev, env)
    local first, second = env.binary(5000), env.binary(10240)
    store.put(dev, "kept.der", first)
    env.sim:restart { kill = true }
    store.holds(env, "kept.der", first)
    store.put(dev, "kept.der", second)
    store.put(dev, "more.der", first)
    env.sim:restart { kill = true }
    t.eq(store.names(dev), { "kept.der", "more.der" }, "what is stored")
    store.holds(env, "kept.der", second)
    store.delete(dev, "more.der")
    env.sim:restart { kill = true }
    t.eq(store.names(dev), { "kept.der" }, "what is stored")
  end,
}

t.scenario "a power cut in the middle of the data leaves the old file" {
  tags = { "certificates", "durability" },
  needs = { "certificates", "emulator" },
  run = function(dev, env)
    store.put(dev, "kept.pem", "the old one")
    store.prompted(dev, "kept.pem", 1000)
    dev:send(("n"):rep(999))
    env.sim:restart { kill = true }
    t.eq(store.names(dev), { "kept.pem" }, "what is stored")
    store.holds(env, "kept.pem", "the old one")
  end,
}

t.scenario "a client that goes away in the middle of the data, and comes back, goes on" {
  tags = { "certificates", "durability" },
  needs = { "certificates", "emulator" },
  run = function(dev, env)
    store.prompted(dev, "kept.pem", 8)
    dev:send("abcd")
    dev:close()
    dev:reopen()
    dev:send("AT\r\r") -- the modem saw no break: it still waits for four bytes
    dev:expect("OK")
    store.holds(env, "kept.pem", "abcdAT\r\r")
  end,
}

t.scenario "on a full disk the answer is ERROR, and what was stored is still there" {
  tags = { "certificates", "durability" },
  needs = { "certificates", "emulator" },
  run = function(dev, env)
    -- No file of the emulator may be longer than 4 KiB: its writes fail half-way, as on a full disk.
    store.start_through(env, 'trap "" XFSZ\nulimit -f 4\nexec "$@"')
    env.sim:restart()
    local old = env.binary(2000)
    store.put(dev, "old.der", old)
    store.prompted(dev, "new.der", 6000):data(env.binary(6000)):error()
    store.prompted(dev, "old.der", 6000):data(env.binary(6000)):error()
    t.eq(store.names(dev), { "old.der" }, "what is stored")
    store.holds(env, "old.der", old)
    store.put(dev, "small.der", "fits")
    t.eq(store.names(dev), { "old.der", "small.der" }, "what is stored")
  end,
}
