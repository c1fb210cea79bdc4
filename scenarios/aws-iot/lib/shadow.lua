--- What the scenarios of device shadows share. The shadow is thing1's, the classic one unless a stub says
-- "name/NAME/...".
local cjson = require "cjson"
local t = require "modemtest"
local aws = require "lib.aws_session"

local M = {}

local PREFIX = "$aws/things/thing1/shadow/"

--- Every client may connect and use the shadows of thing1, topics of answers included.
M.POLICY = aws.policy(aws.allow("iot:Connect", "*"),
  aws.allow({ "iot:Publish", "iot:Receive" }, "topic/" .. PREFIX .. "*"),
  aws.allow("iot:Subscribe", "topicfilter/" .. PREFIX .. "*"))

--- shadow.topic("update/accepted") -> the whole topic.
function M.topic(stub)
  return PREFIX .. stub
end

--- shadow.subscribe(dev, stub, ...): one SUB for each.
function M.subscribe(dev, ...)
  for _, stub in ipairs { ... } do
    aws.subscribe(dev, M.topic(stub))
  end
end

--- shadow.expect(dev, stub, fields) -> message
-- The next message the modem gets is on that topic and has these fields with these values, and of
-- clientToken only the one that is given. Returns its JSON as a table.
function M.expect(dev, stub, fields)
  local received = dev:expect_message()
  t.eq(received.topic, M.topic(stub), "topic of the answer")
  local message = cjson.decode(received.payload)
  for name, value in pairs(fields) do
    t.eq(message[name], value, name .. " of " .. received.payload)
  end
  t.eq(message.clientToken, fields.clientToken, "clientToken of " .. received.payload)
  return message
end

return M
