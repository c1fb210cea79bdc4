-- Messages to the client: counted bytes that may look like anything.
local client = require "lib.client"

local MESSAGES = {
  { what = "a message that looks like answers",
    text = "\r\nOK\r\n\r\nERROR\r\n>\r\n+CMQTTCONNLOST: 0,1\r\n\r\nRDY\r\n" },
  { what = "the test message of the AWS console, of three lines", profile = client.REFERENCE,
    text = '{\n  "message": "Hello from AWS IoT console"\n}' },
  { what = "a message of several blocks", text = ("0123456789abcdef"):rep(200) },
  { what = "an empty message", profile = client.REFERENCE, text = "" },
}

for _, message in ipairs(MESSAGES) do
  client.scenario("it gets " .. message.what) {
    profile = message.profile,
    run = function(_, env)
      client.up(env)
      env.client:never("^AT%+CMQTTCONNECT")
      env.observer:publish(client.COMMANDS, message.text, { qos = 1 })
      client.prints_message(env, message.text)
      client.published(env, 2)
    end,
  }
end

client.scenario "it gets a message whose counted bytes come in two reads" {
  run = function(_, env)
    client.up(env)
    env.sim:fault { name = "uart.split", from = "modem", at = 48, -- behind the CR of +CMQTTRXTOPIC
      when = { event = "mqtt", dir = "in", packet = "PUBLISH" } }
    env.observer:publish(client.COMMANDS, "an order of forty characters in one line", { qos = 1 })
    client.prints_message(env, "an order of forty characters in one line")
    client.published(env, 2)
  end,
}
