--- The subscription to the emulator's trace, with a control socket that is a scripted peer in this process.
local cjson = require "cjson"
local uv = require "luv"
local events = require "modemtest.events"
local files = require "modemtest.files"
local s = require "modemtest.spec"
local task = require "modemtest.task"

--- A control socket: on_request(request, send) is called for each line it gets.
local function serve(path, on_request)
  local server, clients = uv.new_pipe(false), {}
  server:bind(path)
  server:listen(4, task.callback(function()
    local client, rest = uv.new_pipe(false), ""
    server:accept(client)
    clients[#clients + 1] = client
    client:read_start(task.callback(function(_, bytes)
      if not bytes then
        return client:close()
      end
      rest = rest .. bytes
      for line in rest:gmatch("([^\n]*)\n") do
        on_request(cjson.decode(line), function(text) client:write(text) end, client)
      end
      rest = rest:match("[^\n]*$")
    end))
  end))
  return function()
    server:close()
    for _, client in ipairs(clients) do
      if not client:is_closing() then
        client:close()
      end
    end
  end
end

local function at(t, text, from)
  return cjson.encode({ t = t, modem = 0, event = "at", from = from or "host", text = text }) .. "\n"
end

--- Calls fn(list, noted) with events subscribed to such a socket, whose past are these texts.
local function with_events(past, on_request, fn)
  local folder, noted, send = files.temporary(), {}, nil
  local close = serve(folder .. "/c", function(request, write, client)
    send = write
    if request.verb == "subscribe" then
      s.eq(request.last, 1000)
      return write("{}\n" .. past)
    end
    return on_request and on_request(write, client) or write('{"version":"1"}\n')
  end)
  local env = { _settings = { factor = 0.05 }, _transcript = { note = function(_, actor, text)
    noted[#noted + 1] = actor .. " " .. text
  end } }
  env.sim = { control_path = folder .. "/c", started_at = task.now() }
  local list = events.new(env)
  list.noted = true
  local ok, problem = pcall(function()
    list:attach()
    fn(list, noted, function(text) send(text) end, env)
  end)
  list:close()
  close()
  files.remove(folder)
  if not ok then
    error(problem, 0)
  end
end

local function texts(list)
  local out = {}
  for n, event in ipairs(list.list) do
    out[n] = event.seq .. " " .. event.text
  end
  return out
end

s.test("events: the past is there at once, then what happens", function()
  with_events(at(1, "AT") .. at(2, "OK", "modem"), nil, function(list, noted, send)
    s.eq(texts(list), { "1 AT", "2 OK" })
    s.eq(noted, { "at> AT", "at< OK" })
    local pieces = at(3, "ATE0")
    send(pieces:sub(1, 10))
    task.turn()
    send(pieces:sub(11) .. at(4, "OK", "modem"))
    local event = list:wait("x", task.now() + 5000, 2, function(e) return e.from == "modem" end)
    s.eq({ event.text, event.seq, event.ms }, { "OK", 4, 4 })
    s.eq(list:wait("x", task.now() + 10, 4, function() return true end), nil)
  end)
end)

s.test("events: an answer in between is none, and sync has all before it", function()
  with_events("", function(write)
    write(at(1, "AT") .. '{"version":"1"}\n' .. at(2, "ATE0"))
    return true
  end, function(list)
    s.check(list:sync(), "answered")
    s.eq(texts(list)[1], "1 AT")
  end)
end)

s.test("events: no answer, another end, rubbish", function()
  with_events("", nil, function(list, _, _, env)
    env.sim.control_path = env.sim.control_path .. "x"
    list:close()
    s.fails("error", "events of the emulator: cannot connect", list.attach, list)
  end)
  local asked = 0
  with_events("", function(_, client)
    asked = asked + 1
    if asked > 1 then
      client:close()
      return true
    end
    return nil
  end, function(list)
    s.eq(list:sync(), false)
    s.match(list.gone, "^the emulator is gone")
    s.eq(list:sync(), false)
  end)
  with_events("", nil, function(list, _, send)
    send("hello\n")
    s.fails("error", "not an event: hello", list.wait, list, "x", task.now() + 5000, 0, function() return true end)
  end)
end)

s.test("events: one that refuses to be subscribed to", function()
  local folder = files.temporary()
  local close = serve(folder .. "/c", function(_, write) write('{"error":"unknown verb"}\n') end)
  local env = { _settings = { factor = 1 }, sim = { control_path = folder .. "/c", started_at = task.now() } }
  local list = events.new(env)
  s.fails("error", "unknown verb", list.attach, list)
  s.eq(list.stream, nil)
  close()
  files.remove(folder)
end)

s.test("events: a list goes on over a restart, and its time, too", function()
  with_events(at(5, "AT"), nil, function(list, _, _, env)
    local first = env.sim.started_at
    env.sim.started_at = first + 1000
    list:restarted(env.sim)
    s.eq(texts(list), { "1 AT", "2 AT" })
    s.eq(list.list[1].ms, 5)
    s.eq(list.list[2].ms, 1005)
    list:put({ event = "client", step = "start", text = "-" })
    s.eq(list.list[3].seq, 3)
  end)
end)

s.test("events: who watches is told until it has enough", function()
  with_events("", nil, function(list)
    local seen = {}
    local unwatch = list:watch(function(event) seen[#seen + 1] = event.step end)
    list:put({ event = "client", step = "start" })
    unwatch()
    list:put({ event = "client", step = "exit" })
    s.eq(seen, { "start" })
  end)
end)

s.test("events: fields match as those of a fault's 'when'", function()
  local event = { event = "mqtt", packet = "PUBLISH", qos = 1, topic = "a.b/c" }
  s.check(events.matches(event, { event = "mqtt", qos = 1 }), "equal")
  s.check(events.matches(event, { topic = "a.b/*", packet = "PUB*" }), "with *")
  s.check(events.matches(event, function(e) return e.qos == 1 end), "function")
  s.check(not events.matches(event, { topic = "aXb/*" }), "a dot is a dot")
  s.check(not events.matches(event, { qos = 2 }), "number")
  s.check(not events.matches(event, { retain = 1 }), "no such field")
end)

s.test("events: what is expected has a name, whatever fields it has", function()
  local function name(wanted) return select(2, events.expected(wanted)) end
  s.eq(name({ event = "at", text = "AT" }), "an event AT")
  s.eq(name({ event = "at", from = "host" }), "an event at from=host")
  s.eq(name({ step = "fired", name = "uart.drop" }), "an event any name=uart.drop step=fired")
  s.eq(name(function() end), "an event")
end)
