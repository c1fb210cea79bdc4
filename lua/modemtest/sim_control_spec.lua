--- Requests to a control socket that is a scripted peer in this process, and profiles made from keys.
local uv = require "luv"
local files = require "modemtest.files"
local s = require "modemtest.spec"
local sim_control = require "modemtest.sim_control"
local task = require "modemtest.task"

--- A peer that reads one line and answers with these pieces, each in a turn of its own, and then closes
-- when 'close'. Calls fn(path); returns the line it got and what fn returned.
local function with_peer(pieces, close, fn)
  local folder = files.temporary()
  local server, got, client = uv.new_pipe(false), "", nil
  server:bind(folder .. "/c")
  server:listen(1, task.callback(function()
    client = uv.new_pipe(false)
    server:accept(client)
    client:read_start(task.callback(function(_, bytes)
      got = got .. (bytes or "")
      if bytes and got:find("\n", 1, true) then
        task.spawn("the peer's answer", function()
          for _, piece in ipairs(pieces) do
            client:write(piece)
            task.turn()
          end
          if close then
            client:close()
          end
        end)
      end
    end))
  end))
  local result = table.pack(fn(folder .. "/c"))
  server:close()
  if client and not client:is_closing() then
    client:close()
  end
  files.remove(folder)
  return got, table.unpack(result, 1, result.n)
end

local function request(pieces, close, seconds)
  return with_peer(pieces, close, function(path)
    return sim_control.request(path, { verb = "get" }, task.now() + (seconds or 20) * 1000)
  end)
end

s.test("control: a request is a line, its answer a table", function()
  local got, answer = request({ '{"ke', 'ys":{"a":', "1}}", "\n" })
  s.eq(got, '{"verb":"get"}\n')
  s.eq(answer, { keys = { a = 1 } })
end)

s.test("control: an error's text is the message", function()
  local _, answer, message = request({ '{"error":"set: unknown key \'x\'"}\n' })
  s.eq(answer, nil)
  s.eq(message, "set: unknown key 'x'")
end)

s.test("control: no answer, half an answer, no JSON, nobody there", function()
  s.eq(select(3, request({}, false, 0.02)), "no answer in time")
  s.match(select(3, request({ '{"keys"' }, true)), "^closed without an answer")
  s.eq(select(3, request({ "hello\n" })), "not an answer: hello")
  s.match(select(2, sim_control.request("/nowhere/c", {}, task.now() + 1000)), "cannot connect to /nowhere/c")
end)

s.test("control: keys laid over a profile", function()
  s.eq(sim_control.profile("sim7600", { ["sim.lock"] = "on", ["signal.dbm"] = -99.0 }),
    "extend = sim7600\nsignal.dbm = -99\nsim.lock = on\n")
  local folder = files.temporary()
  files.write(folder .. "/p", "extend = v1\na = 1")
  s.eq(sim_control.profile(folder .. "/p", { b = "x y" }), "extend = v1\na = 1\nb = x y\n")
  files.remove(folder)
  s.match(select(2, sim_control.profile("sim7600", { a = true })), "key 'a' takes a string")
  s.match(select(2, sim_control.profile("sim7600", { a = "x\nb = 1" })), "without line ends")
end)
