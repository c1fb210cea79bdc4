-- AT+CSSLCFG="ignorelocaltime": validity dates against the modem's own clock (AT+CCLK), not against
-- the time of this machine. The broker's certificate and its CA are valid from 2015-05-26 00:00:00 to
-- 2038-01-17 00:00:00 UTC.
local t = require "modemtest"
local tls = require "lib.tls_context"

local USES = { "modem", "broker", "certificates" }

t.scenario "with ignorelocaltime 0 the modem's clock decides" {
  tags = { "tls", "ignorelocaltime" },
  needs = { "mqtt", "tls" },
  uses = USES,
  cases = {
    { clock = "80/01/06,00:00:00+00", code = 32 }, -- nobody has set it
    { clock = "15/05/25,23:50:00+00", code = 32 },
    { clock = "15/05/26,00:00:00+00", code = 0 },
    { clock = "24/05/17,12:00:00+00", code = 0 },
    { clock = "38/01/16,23:50:00+00", code = 0 },
    { clock = "38/01/17,00:00:01+00", code = 32 },
    { clock = "50/01/01,00:00:00+00", code = 32 },
    -- The zone counts: quarters of an hour. The first is 23:30 UTC of the day before.
    { clock = "38/01/17,01:30:00+08", code = 0 },
    { clock = "38/01/16,22:30:00-08", code = 32 },
    { clock = "15/05/26,01:30:00+08", code = 32 },
  },
  run = function(dev, env, p)
    dev:cmd('AT+CCLK="%s"', p.clock):ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
    tls.session(dev, env.broker.address, p.code)
  end,
}

t.scenario "with ignorelocaltime 1 the clock does not matter" {
  tags = { "tls", "ignorelocaltime" },
  needs = { "mqtt", "tls" },
  uses = USES,
  matrix = { clock = { "80/01/06,00:00:00+00", "50/01/01,00:00:00+00" } },
  run = function(dev, env, p)
    dev:cmd('AT+CCLK="%s"', p.clock):ok()
    tls.set(dev, 0, { ignorelocaltime = 1 })
    tls.session(dev, env.broker.address, 0)
  end,
}

t.scenario "setting the clock is the cure" {
  tags = { "tls", "ignorelocaltime" },
  needs = { "mqtt", "tls" },
  uses = USES,
  run = function(dev, env)
    dev:cmd('AT+CCLK="80/01/06,00:00:00+00"'):ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
    tls.session(dev, env.broker.address, 32)
    dev:cmd('AT+CCLK="24/05/17,12:00:00+00"'):ok()
    tls.connect(dev, env.broker.address, 0)
  end,
}

t.scenario "dates are the server's affair only: authmode 3 does not look at them" {
  tags = { "tls", "ignorelocaltime", "authmode" },
  needs = { "mqtt", "tls" },
  uses = USES,
  run = function(dev, env)
    dev:cmd('AT+CCLK="80/01/06,00:00:00+00"'):ok()
    tls.set(dev, 0, { ignorelocaltime = 0, authmode = 3 })
    tls.session(dev, env.broker.address, 0)
  end,
}

for _, name in ipairs { "expired", "not-yet-valid" } do
  t.scenario(("with ignorelocaltime 1 a server that is %s is accepted"):format(name)) {
    tags = { "tls", "ignorelocaltime" },
    needs = { "mqtt", "tls" },
    uses = USES,
    broker = { certificate = ("hostile/server-%s.crt"):format(name) },
    run = function(dev, env)
      tls.session(dev, env.broker.address, 0)
    end,
  }
end

t.scenario "an expired server is accepted by a clock of its time" {
  tags = { "tls", "ignorelocaltime" },
  needs = { "mqtt", "tls" },
  uses = USES,
  broker = { certificate = "hostile/server-expired.crt" },
  run = function(dev, env)
    dev:cmd('AT+CCLK="15/12/24,20:00:00+04"'):ok()
    tls.set(dev, 0, { ignorelocaltime = 0 })
    tls.session(dev, env.broker.address, 0)
  end,
}
