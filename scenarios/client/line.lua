-- What happens on the AT line: bytes lost and late, answers that do not come, lines in the middle of others.
local client = require "lib.client"

local TROUBLES = {
  { what = "a prompt is lost", fault = { name = "uart.drop", from = "modem", at = 2,
    when = { event = "at", from = "host", text = "AT+CMQTTPAYLOAD=*" } } },
  { what = "a byte of a payload is lost on its way to the modem", profile = client.REFERENCE,
    fault = { name = "uart.drop", from = "host", at = 5,
    when = { event = "at.prompt", command = "+CMQTTPAYLOAD" } } },
  { what = "a command is lost", profile = client.REFERENCE,
    fault = { name = "uart.drop", from = "host", at = 0, bytes = 19,
    when = { event = "at.data", command = "+CMQTTTOPIC" } } },
  { what = "the result of a publish is damaged", profile = client.REFERENCE,
    fault = { name = "uart.corrupt", from = "modem", at = 12, mask = 1,
    when = { event = "at", from = "host", text = "AT+CMQTTPUB=*" } } },
  { what = "a command is not answered at all", profile = client.REFERENCE,
    fault = { name = "command.answer", command = "+CMQTTTOPIC",
    answer = "none" } },
}

for _, trouble in ipairs(TROUBLES) do
  client.scenario("it finds the thread again after " .. trouble.what) {
    profile = trouble.profile,
    run = function(_, env)
      client.up(env)
      client.survives(env, trouble.fault)
      client.telemetry(env, 3)
    end,
  }
end

client.scenario "answers that come in pieces are whole answers" {
  client = client.with { start = "manual" },
  run = function(_, env)
    env.sim:fault { name = "uart.slicer", from = "modem", size = 3, delay = 1, count = 0 }
    env.client:start()
    client.up(env)
    env.client:never("^AT%+CMQTTCONNECT")
    client.telemetry(env, 3)
    client.is_back(env)
  end,
}

client.scenario "a line with OK in it that comes by itself does not end a command" {
  run = function(_, env)
    client.up(env)
    env.broker:pause()
    env.client:forget()
    env.sim:fault { name = "uart.insert", from = "modem", at = 0, text = [[\r\n+CUSD: 0,"Balance OK",15\r\n]],
      when = { event = "at.data", command = "+CMQTTPAYLOAD" } }
    env.client:expect_event({ event = "fault", step = "fired" }, { within = client.WITHIN })
    env.client:expect_command("^AT%+CMQTTPUB", { within = client.WITHIN })
    env.client:quiet_for(0.6)
    env.broker:resume()
    client.is_back(env)
  end,
}
