--- Makes docs/SCENARIOS.md from the doc comments of the verbs, so that the text cannot drift from the
-- code. A documented verb is a comment whose first line is its call: "dev:cmd(fmt, ...) -> response".
local files = require "modemtest.files"
local host = require "modemtest.host"
local sorted_keys = require("modemtest.text").sorted_keys

local M = {}

local INTRO = [[
# Writing scenarios

Made by `modemtest --dump-docs` from the comments in `lua/modemtest`; do not edit.

A scenario is a Lua file that declares tests of a modem. `modemtest PATH...` runs the files it is given
and all `*.lua` below the folders it is given (not `*_spec.lua`, not below folders named `lib`; modules
there can be required: `require "lib.session"`). A file `*.jsonl` that it is given is a recording: see there.

```lua
local t = require "modemtest"
local text = require "modemtest.text"

t.scenario "a published message reaches the broker" {
  tags = { "mqtt" },
  uses = { "broker", "observer", "modem" },
  matrix = { qos = { 0, 1, 2 } },
  run = function(dev, env, p)
    local body = env.bytes(20)
    dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
    dev:cmd('AT+CMQTTACCQ=0,"thing1",0'):ok()
    dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.plain_address):result("+CMQTTCONNECT: 0,0")
    dev:cmd("AT+CMQTTTOPIC=0,3"):prompt():data("a/b"):ok()
    dev:cmd("AT+CMQTTPAYLOAD=0,%d", #body):prompt():data(body):ok()
    dev:cmd("AT+CMQTTPUB=0,%d,60", p.qos):result("+CMQTTPUB: 0,0")
    t.eq(env.observer:expect_message("a/b").payload, body)
  end,
}
```

Rules that hold for all verbs:

- Whatever waits has a deadline. `within` is in seconds and is stretched by `--timeout-factor`; a
  missing answer is missed after 20 s, that of a network operation after 60 s.
- What is wrong fails at once, not by the deadline: another final result, another result code, a
  differing byte, a closed port.
- Every received line must be looked at. What no verb took fails the scenario at its end (on hardware it
  is a note). `ok()` takes the final result only; information lines need `lines()`, `info()`, `result()`
  or `raw()`. Also what a scenario starts must end with it: tasks, programs, timers.
- `result`, `lines`, `bytes`, `expect_bytes` compare text exactly. A `pat` (`info`, `expect`,
  `expect_urc`) equals the whole line or matches it as a Lua pattern; `no_urc` already matches the
  beginning of a line.
- The modem has echo off (`ATE0` was sent) unless the scenario says `echo = true`.
- Each scenario has a fresh emulator and, where it uses one, a broker of its own. A modem that is not ours
  to restart (`pty:`, `tcp:`, `serial:`) is brought to a known state with AT commands: MQTT stopped, SSL
  contexts at their defaults, echo off.

## Capabilities

`needs` names what a device must have; without it the scenario is skipped with that name.

| capability | emulator | pty, tcp | serial |
|---|---|---|---|
| `mqtt`, `tls`, `certificates`, `network` | yes | yes | yes |
| `broker` (a broker it can reach) | yes | yes | with `--broker` |
| `broker.policy` (a broker of ours), `observer` | without `--broker` | without `--broker` | no |
| `peer` (`t.peer`: it reaches this machine) | yes | yes | with `--peer-host` |
| `emulator` (`env.sim`, the fixtures `sim` and `client`) | yes | no | no |
| `restart` (`dev:reset()`) | yes | no | yes |
| `destructive` (may change what is stored) | yes | with `--allow-destructive` | with `--allow-destructive` |
| `profile:NAME` (that firmware profile) | as `--profile`, default `sim7600` | the same | with `--profile` |
]]

local PEER = [[
A peer answers nothing by itself. Its packets are those of `modemtest.mqtt_codec`, written from the standard: a packet
of the modem that MQTT forbids fails with its clause. Bytes of one's own: `local mqtt = require "modemtest.mqtt_codec"`,
`mqtt.encode { type = "CONNACK", code = 0 }`, `mqtt.packet(first_byte, body)`, `mqtt.text(bytes)`,
`mqtt.remaining_length(n)`; fields are those of decoded packets:

- `CONNECT`: `protocol_name`, `protocol_level`, `clean_session`, `keep_alive`, `client_id`, `user_name`, `password`,
  `will = { topic, payload, qos, retain }`
- `CONNACK`: `session_present`, `code`
- `PUBLISH`: `topic`, `payload`, `qos`, `retain`, `dup`, `id`
- `SUBSCRIBE`, `SUBACK`: `id`, `topics = { { filter, qos }, ... }`, `dup`; `id`, `codes`
- `UNSUBSCRIBE`: `id`, `filters`, `dup`
- `PUBACK`, `PUBREC`, `PUBREL`, `PUBCOMP`, `UNSUBACK`: `id`
- `PINGREQ`, `PINGRESP`, `DISCONNECT`: none

With `tls = { ... }` the port speaks TLS; the handshake runs by itself as bytes come. All options may be left out. Files
are those of make-certs, by name (`uses` then names `certificates`), PEM text, or absolute paths.

- `certificate`, `chain`: file, or list of files: all are sent, in this order, which may be a wrong one; `server.crt`
- `der`: bytes that are sent in place of the first certificate, whatever they are
- `key`, `password`: need not be the certificate's key; `server.key`, for a certificate of `hostile/`
  `hostile/server.key`
- `min_version`, `max_version`: `"TLSv1.0"`, `"TLSv1.1"`, `"TLSv1.2"`
- `ciphers`: names as in the RFCs
- `client_certificate`, `ca`: `"none"`, `"optional"`, `"required"`; the file its issuer is in
- `alpn`: list of names
- `record_size`: at most so many bytes in a record of application data, from 1
- `at`: `{ ClientKeyExchange = "reset" }`: what to do when that message of the modem has arrived: `"stall"`,
  `"close"`, `"reset"`, `"alert NAME"`, or a function(connection). Messages: `ClientHello`, `Certificate`,
  `ClientKeyExchange`, `CertificateVerify`, `Finished`

`connection.tls` holds what was seen, whatever came of the handshake: `done`, `version`, `cipher`, `alpn`,
`server_name`, `alpn_offered`, `versions_offered`, `client_hello` (`suites`, `extensions`, as numbers), `messages`
(names, in order), `certificate` (`subject`, `issuer`, `serial`, `not_before`, `not_after`, `sha256`),
`no_certificate`, `verify` (what is wrong with it, in words), `alert` and `alert_means` (of the modem), `alert_sent`,
`garbage`, `error`.]]

local CLIENT = [[
With `uses = { "client" }` the program of `--client` owns the modem's port ([CLIENT.md](CLIENT.md)); `dev` is nil. What
`env.client` tells comes from the emulator's trace and from what the client prints. Of the trace the expect verbs look
only at what is behind the event they saw last; `output` at the lines behind its last one. Patterns are Lua patterns.

Behind each scenario the client is judged by these checks, unless `client = { waive = { NAME } }` or `--waive NAME`
makes a warning of one:

]]

--- The checks of every client, from their rows.
local function checks()
  local lines = {}
  for i, row in ipairs(require("modemtest.client_sins").rows) do
    lines[i] = ("- `%s`: %s. Right: %s."):format(row.name, row.doc, row.wanted)
  end
  return table.concat(lines, "\n")
end

local SECTIONS = {
  { "t: the module", { "init" }, "t" },
  { "dev: the modem", { "device", "device_data" }, "dev" },
  { "Responses: what dev:cmd returns", { "response" }, "r" },
  { "peer: what t.peer returns", { "peer" }, "peer", PEER },
  { "connection: what peer:accept returns", { "peer_connection" }, "connection" },
  { "env", { "environment" }, "env", [[
Fields: `tmp` (a folder of the scenario's own, removed afterwards), `seed`, `profile` (nil when unknown),
`device` (`"emulator"`, `"pty"`, ...), and each fixture's object by its name.]] },
  { "env.certificates", { "fixture_certificates" }, "env", [[
Field: `dir`, the folder `certs/make-certs` wrote, with the things `thing1` and `thing2`. Where `uses`
names `modem`, too, the modem has thing1's three files as `cacert.pem`, `clientcert.pem` and
`clientkey.pem`, and SSL context 0 is set up with them (mutual TLS), unless `provision = false`.]] },
  { "env.broker", { "fixture_broker" }, "env", [[
Fields: `address` (`"127.0.0.1:40123"`), `host`, `port` for TLS; `plain_address`, `plain_host`,
`plain_port` without TLS, where everything is allowed; `external` (true: the one of `--broker`).]] },
  { "env.observer", { "mqtt_client", "fixture_observer" }, "env" },
  { "env.point: in a t.sweep", { "sweep_place" }, "env", [[
Fields: `number` (`"0012"`: its own in its slice, for client ids and topics; of four digits, so that every run says as
many bytes as the one that counted), `name` (`"uart.drop from=host at=57"`; nil in that run), `stored_before` (see
below). In a `t.sweep` the fields `keys` and `args` of `sim` and `env` of `client` may be a table or a function(env);
env has the point there, too.]] },
  { "env.sim: the emulator", { "fixture_sim", "sim_ports", "sim_control", "sim_verbs" }, "env", [[
Fields: `state` (the folder with what the modem stores), `link`, `path` (the port), `control_path` (the
control socket), `process.pid`. The fixture `modem` brings it; `uses = { "sim" }` alone is the emulator with nobody of
ours on its port.]] },
  { "env.client: the client under test", { "client", "forbid" }, "env", function() return CLIENT .. checks() end },
}

local RECORDINGS = [[

## Recordings

A recording is a dialogue with a modem as JSON Lines: a head, then one object per chunk of bytes, command or
event. `modemtest --record FILE` writes one session per scenario; what stands inside PEM blocks is only
counted. `modemtest FILE.jsonl` plays each session on a fresh emulator: a command is sent when everything that
the recording has before it has come, every answer is compared, and a difference fails with its line in the
file. `scenarios/replay/` does so with dialogues of real devices.

A dialogue that anybody kept can be written in this form: one line of a terminal per object, framing
`unknown`. Then a line of the modem is *exact* when its text and the empty lines before it are those of the
source; *normalised* when a rule had to help, each with its reason; *left out* when its entry says why it cannot
be compared; *added* when the source does not have it, but the modem must say it. The report counts them.

Not recorded, and so not played: what others did, to the broker, the network, or the emulator's process. A
connection with TLS is refused in a replay, because the certificates of another run are unknown there.

### The head

]]

--- The tables of recording.lua, and what the rules of replay_rules.lua are for.
local function recordings_text()
  local recording, rules = require "modemtest.recording", require "modemtest.replay_rules"
  local out = { RECORDINGS }
  local function fields(list)
    for _, f in ipairs(list) do
      out[#out + 1] = ("- `%s`: %s\n"):format(f.name, f.doc)
    end
  end
  fields(recording.HEAD)
  for _, dir in ipairs({ "tx", "rx", "setup", "set", "power", "sms", "broker" }) do
    out[#out + 1] = ("\n### Entries `%s`: %s\n\n"):format(dir, recording.ENTRIES[dir].doc)
    fields(recording.ENTRIES[dir])
  end
  out[#out + 1] = "\n### Rules\n\nBy the head's `rules`, or by what an entry says:\n\n"
  for _, set in ipairs({ rules.known, rules.by_entry }) do
    for _, name in ipairs(sorted_keys(set)) do
      out[#out + 1] = ("- `%s`: %s\n"):format(name, set[name])
    end
  end
  return table.concat(out)
end

--- The documented verbs of one module: { { signature, description }, ... } in order.
local function verbs_of(module)
  local verbs, lines = {}, nil
  for line in (assert(files.read(host.lua_dir .. "/modemtest/" .. module .. ".lua")) .. "\n")
      :gmatch("(.-)\n") do
    local first = line:match("^%s*%-%-%- (%l+[%.:][%l_%.:]+.*)$")
    local more = line:match("^%s*%-%- ?(.*)$")
    if first then
      lines = { first }
    elseif lines and more then
      lines[#lines + 1] = more
    elseif lines then
      verbs[#verbs + 1] = { table.remove(lines, 1), table.concat(lines, "\n") }
      lines = nil
    end
  end
  return verbs
end

--- The whole document.
function M.text()
  local out = { INTRO }
  for _, section in ipairs(SECTIONS) do
    out[#out + 1] = ("\n## %s\n"):format(section[1])
    if section[4] then
      local text = section[4]
      out[#out + 1] = "\n" .. (type(text) == "function" and text() or text) .. "\n"
    end
    for _, module in ipairs(section[2]) do
      for _, verb in ipairs(verbs_of(module)) do
        if verb[1]:find("^" .. section[3] .. "[%.:]") then
          out[#out + 1] = ("\n### `%s`\n"):format(verb[1])
          out[#out + 1] = verb[2] ~= "" and "\n" .. verb[2] .. "\n" or ""
        end
      end
    end
  end
  out[#out + 1] = recordings_text()
  return table.concat(out)
end

return M
