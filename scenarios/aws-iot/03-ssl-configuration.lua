-- Section 3 of the AWS wiki: the SSL context.
local t = require "modemtest"
local aws = require "lib.aws_session"

t.scenario "every line of the wiki's SSL configuration is answered by OK" {
  tags = { "aws-iot", "tls", "wiki" },
  needs = { "tls" },
  run = function(dev, env)
    aws.terminal(dev)
    for _, line in ipairs(aws.SSL_CONFIGURATION) do
      dev:cmd(line):bytes("\r\nOK\r\n")
    end
    dev:cmd("AT+CSSLCFG=0"):bytes(("\r\n%s\r\n\r\nOK\r\n"):format(aws.configured(env)))
  end,
}

t.scenario "the files may be configured before they are stored" {
  tags = { "aws-iot", "tls" },
  needs = { "tls", "mqtt" },
  uses = { "modem", "broker", "certificates" },
  destructive = true,
  provision = false,
  run = function(dev, env)
    for _, line in ipairs(aws.SSL_CONFIGURATION) do
      dev:cmd(line):ok()
    end
    env.note("nothing is stored yet: CONNECT finds no file")
    aws.start(dev, "thing1")
    aws.connect(dev, env, aws.no_file(env))
    env.note("the cure")
    env.certificates:store(dev, "cacert.pem", env.certificates:ca())
    env.certificates:store(dev, "clientcert.pem", env.certificates:certificate())
    env.certificates:store(dev, "clientkey.pem", env.certificates:key())
    dev:cmd("AT+CMQTTSSLCFG=0,0"):ok()
    aws.connect(dev, env)
  end,
}

t.scenario "a quote too many is an error, and changes nothing" {
  tags = { "aws-iot", "tls" },
  needs = { "tls" },
  run = function(dev)
    dev:cmd('AT+CSSLCFG="sslversion",0,3'):ok()
    dev:cmd('AT+CSSLCFG="sslversion",0,4"'):error()
    t.eq(dev:cmd("AT+CSSLCFG=0"):info("%+CSSLCFG: 0,(%d),.*")[1], "3", "sslversion")
  end,
}
