-- Which SSL context a client uses: AT+CMQTTSSLCFG, else the one with the client's number (spec 4.5).
local t = require "modemtest"
local tls = require "lib.tls_context"

local USES = { "modem", "broker", "certificates" }
local NEEDS = { "mqtt", "tls" }

--- Thing1's settings in another context.
local function copy_to(dev, context)
  tls.set(dev, context, { authmode = 2, cacert = "cacert.pem", clientcert = "clientcert.pem",
    clientkey = "clientkey.pem" })
end

local function bound(dev)
  return dev:cmd("AT+CMQTTSSLCFG?"):ok():lines()
end

--- Firmware of 2018 clears the binding after every CONNECT, later firmware only where it failed (sslcfg_clear).
local function outlives_connect(env)
  return not env.profile or env.key "sslcfg_clear" == "failure"
end

t.scenario "without CMQTTSSLCFG the context has the client's number" {
  tags = { "tls", "context" },
  needs = NEEDS,
  uses = USES,
  matrix = { client = { 0, 1 } },
  run = function(dev, env, p)
    copy_to(dev, p.client)
    tls.set(dev, 1 - p.client, { authmode = 0 }) -- this one would be refused
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=%d,"thing1",1', p.client):ok()
    dev:cmd('AT+CMQTTCONNECT=%d,"tcp://%s",60,1', p.client, env.broker.address)
        :result(("+CMQTTCONNECT: %d,0"):format(p.client))
  end,
}

t.scenario "each of the ten contexts can be bound" {
  tags = { "tls", "context" },
  needs = { "mqtt", "tls", "emulator" }, -- afterwards no context is untouched any more
  uses = USES,
  run = function(dev, env)
    tls.set(dev, 0, { authmode = 0 })
    tls.acquire(dev)
    for context = 0, 9 do
      copy_to(dev, context)
      dev:cmd("AT+CMQTTSSLCFG=0,%d", context):ok()
      t.eq(bound(dev)[1], "+CMQTTSSLCFG: 0," .. context)
      dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,0")
      tls.disconnect(dev)
      tls.set(dev, context, { authmode = 0 }) -- so that no other context can do it
    end
  end,
}

t.scenario "the binding goes when CONNECT fails, and the client's own context counts again" {
  tags = { "tls", "context" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    tls.set(dev, tls.SPARE, { authmode = 0 })
    tls.acquire(dev)
    dev:cmd("AT+CMQTTSSLCFG=0,%d", tls.SPARE):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,26")
    t.eq(bound(dev), { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1," })
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,0")
  end,
}

t.scenario "the binding goes with DISC" {
  tags = { "tls", "context" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    copy_to(dev, tls.SPARE)
    tls.set(dev, 0, { authmode = 0 })
    tls.session(dev, env.broker.address, 0, tls.SPARE)
    t.eq(bound(dev), { "+CMQTTSSLCFG: 0," .. (outlives_connect(env) and tls.SPARE or ""), "+CMQTTSSLCFG: 1," })
    tls.disconnect(dev)
    t.eq(bound(dev), { "+CMQTTSSLCFG: 0,", "+CMQTTSSLCFG: 1," })
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,26")
  end,
}

t.scenario "what is set between CMQTTSSLCFG and CONNECT counts" {
  tags = { "tls", "context" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    tls.set(dev, 0, { authmode = 0 })
    tls.acquire(dev)
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    tls.set(dev, 0, { authmode = 2 })
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address):result("+CMQTTCONNECT: 0,0")
  end,
}

t.scenario "contexts outlive DISC, REL and STOP" {
  tags = { "tls", "context" },
  needs = NEEDS,
  uses = USES,
  run = function(dev, env)
    tls.session(dev, env.broker.address, 0)
    local before = dev:cmd("AT+CSSLCFG?"):ok():lines()
    tls.disconnect(dev)
    dev:cmd("AT+CMQTTREL=0"):ok()
    dev:cmd("AT+CMQTTSTOP"):result("+CMQTTSTOP: 0")
    t.eq(dev:cmd("AT+CSSLCFG?"):ok():lines(), before)
    tls.session(dev, env.broker.address, 0)
  end,
}
