-- Section 2 of the AWS wiki: what is stored is listed, deleted, and sent anew.
local t = require "modemtest"
local aws = require "lib.aws_session"

local function each_file(env)
  return { { "clientcert.pem", env.certificates:certificate("thing1") },
    { "clientkey.pem", env.certificates:key("thing1") }, { "cacert.pem", env.certificates:ca() } }
end

t.scenario "a modem without certificates lists nothing but OK" {
  tags = { "aws-iot", "certificates", "wiki" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    aws.terminal(dev)
    dev:cmd("AT+CCERTLIST"):bytes("\r\nOK\r\n")
  end,
}

t.scenario "the wiki's two old certificates are listed, and gone when deleted" {
  tags = { "aws-iot", "certificates", "wiki" },
  needs = { "certificates" },
  destructive = true,
  run = function(dev)
    aws.terminal(dev)
    dev:cmd('AT+CCERTDOWN="ca_cert.pem",3'):prompt():data("old"):ok()
    dev:cmd('AT+CCERTDOWN="client_key.pem",3'):prompt():data("old"):ok()
    dev:cmd("AT+CCERTLIST"):bytes(
      '\r\n+CCERTLIST: "ca_cert.pem"\r\n+CCERTLIST: "client_key.pem"\r\n\r\nOK\r\n')
    dev:cmd('AT+CCERTDELE="ca_cert.pem"'):bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes('\r\n+CCERTLIST: "client_key.pem"\r\n\r\nOK\r\n')
    dev:cmd('AT+CCERTDELE="client_key.pem"'):bytes("\r\nOK\r\n")
    dev:cmd("AT+CCERTLIST"):bytes("\r\nOK\r\n")
  end,
}

t.scenario "the three files are dropped onto the terminal when > is there" {
  tags = { "aws-iot", "certificates", "wiki" },
  needs = { "certificates" },
  uses = { "modem", "certificates" },
  destructive = true,
  provision = false,
  run = function(dev, env)
    aws.terminal(dev)
    for _, file in ipairs(each_file(env)) do
      dev:cmd('AT+CCERTDOWN="%s",%d', file[1], #file[2]):prompt():data(file[2]):ok()
    end
    dev:cmd("AT+CCERTLIST"):ok():lines {
      '+CCERTLIST: "cacert.pem"', '+CCERTLIST: "clientcert.pem"', '+CCERTLIST: "clientkey.pem"',
    }
  end,
}

t.scenario "the three files are dropped at once, whether > is there or not" {
  tags = { "aws-iot", "certificates", "wiki" },
  needs = { "certificates", "mqtt", "tls" },
  uses = { "modem", "broker", "certificates" },
  destructive = true,
  provision = false,
  run = function(dev, env)
    aws.terminal(dev)
    for _, file in ipairs(each_file(env)) do
      local r = dev:cmd('AT+CCERTDOWN="%s",%d', file[1], #file[2])
      r:data(file[2]):prompt():ok()
    end
    -- Not one byte was lost, and the LF behind the command was not taken for the first of them:
    -- the three files work.
    for _, line in ipairs(aws.SSL_CONFIGURATION) do
      dev:cmd(line):ok()
    end
    aws.connected(dev, env)
  end,
}
