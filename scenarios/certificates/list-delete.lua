-- AT+CCERTLIST and AT+CCERTDELE (spec 5.3, 5.4), and commands of the family that this modem has not.
local t = require "modemtest"
local store = require "lib.cert_store"

t.scenario "an empty store lists OK only" {
  tags = { "certificates", "list" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    dev:cmd("AT+CCERTLIST"):bytes("\r\nOK\r\n")
  end,
}

t.scenario "the list is in alphabetical order, whatever the order of download" {
  tags = { "certificates", "list" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    for _, name in ipairs { "delta.pem", "alpha.pem", "charlie.der", "bravo.pem" } do
      store.put(dev, name, "x")
    end
    dev:cmd("AT+CCERTLIST"):bytes('\r\n+CCERTLIST: "alpha.pem"\r\n+CCERTLIST: "bravo.pem"\r\n'
      .. '+CCERTLIST: "charlie.der"\r\n+CCERTLIST: "delta.pem"\r\n\r\nOK\r\n')
  end,
}

t.scenario "forty files are listed" {
  tags = { "certificates", "list" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    local names = {}
    for i = 1, 40 do
      names[i] = ("cert-%02d.pem"):format(i)
      store.put(dev, names[i], "x")
    end
    t.eq(store.names(dev), names, "what is stored")
  end,
}

t.scenario "a deleted file is gone, and only that one" {
  tags = { "certificates", "delete" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    store.put(dev, "first.pem", "1")
    store.put(dev, "second.pem", "2")
    store.put(dev, "third.pem", "3")
    dev:cmd('AT+CCERTDELE="second.pem"'):bytes("\r\nOK\r\n")
    t.eq(store.names(dev), { "first.pem", "third.pem" }, "what is stored")
    dev:cmd('AT+CCERTDELE="second.pem"'):bytes("\r\nERROR\r\n")
    store.put(dev, "second.pem", "anew")
    t.eq(store.names(dev), { "first.pem", "second.pem", "third.pem" }, "what is stored")
  end,
}

t.scenario "what is not there cannot be deleted" {
  tags = { "certificates", "delete" },
  needs = { "certificates" },
  matrix = { line = { 'AT+CCERTDELE="nobody-stored-this.pem"', "AT+CCERTDELE", "AT+CCERTDELE=", 'AT+CCERTDELE=""',
    'AT+CCERTDELE="*.pem"', "AT+CCERTDELE?", 'AT+CCERTDELE="nobody-stored-this.pem",1' } },
  run = function(dev, _, p)
    dev:cmd(p.line):bytes("\r\nERROR\r\n")
  end,
}

t.scenario "test commands of LIST and DELE answer OK" {
  tags = { "certificates", "list", "delete" },
  needs = { "certificates" },
  run = function(dev)
    dev:cmd("AT+CCERTLIST=?"):bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTDELE=?"):bytes("\r\nOK\r\n")
  end,
}

t.scenario "a refusal is plain ERROR, also with CMEE=2" {
  tags = { "certificates", "delete" },
  needs = { "certificates" },
  matrix = { cmee = { 0, 1, 2 } },
  run = function(dev, _, p)
    dev:cmd("AT+CMEE=%d", p.cmee):ok()
    dev:cmd('AT+CCERTDELE="nobody-stored-this.pem"'):bytes("\r\nERROR\r\n")
    dev:cmd('AT+CCERTDOWN="cert.txt",4'):bytes("\r\nERROR\r\n")
    dev:cmd('AT+CSSLCFG="authmode",0,4'):bytes("\r\nERROR\r\n")
  end,
}

t.scenario "LIST, DELE and LIST in one command line" {
  tags = { "certificates", "list", "delete" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    store.put(dev, "one.pem", "1")
    store.put(dev, "two.pem", "2")
    dev:cmd('AT+CCERTDELE="one.pem";+CCERTLIST'):bytes('\r\n+CCERTLIST: "two.pem"\r\n\r\nOK\r\n')
  end,
}

t.scenario "what other families and old manuals have is no command here" {
  tags = { "certificates", "absent" },
  needs = { "certificates", "emulator" },
  matrix = { line = { 'AT+CCERTMOVE="a.pem"', "AT+CCERTMOVE=?", "AT+CCERTVERIFY?", "AT+CCERTVERIFY=1" } },
  run = function(dev, _, p)
    dev:cmd(p.line):error()
  end,
}
