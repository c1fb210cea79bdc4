local context = require "modemtest.context"
local dump = require "modemtest.dump"
local s = require "modemtest.spec"

local function with_emulator(emulator, fn)
  local before = context.emulator
  context.emulator = emulator
  local ok, problem = pcall(fn)
  context.emulator = before
  if not ok then
    error(problem, 0)
  end
end

s.test("what the emulator says about itself, with the profile", function()
  with_emulator({ profile = "sim7600-async" }, function()
    s.eq(dump.read("profile").result_style, "async")
    local commands = dump.read "commands"
    s.check(#commands > 100 and commands == dump.read "commands")
    for _, command in ipairs(commands) do
      if command.name == "+CMEE" then
        s.eq(command.parameters[1].parts, { { 0, 2 } })
        s.eq(math.type(command.parameters[1].parts[1][2]), "integer")
      end
    end
  end)
  with_emulator({}, function() s.eq(dump.read("profile").result_style, "sync") end)
end)

s.test("nothing of another modem, and an error for a profile that is none", function()
  with_emulator(nil, function() s.eq(dump.read("profile"), nil) end)
  with_emulator({ profile = "no 'such'" }, function()
    s.fails("fail", "this command failed: .*no .*such", dump.read, "profile")
  end)
end)
