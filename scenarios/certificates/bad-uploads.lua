-- How the upload of a file goes wrong, and when somebody notices: at the command (there is no prompt), while the data
-- is sent (an answer too few or too many), at CONNECT (34), or never, because it is no mistake. CCERTDOWN itself looks
-- at no content (spec 5.2; F09).
local t = require "modemtest"
local store = require "lib.cert_store"

local NAME = "upload.pem"
local CONTEXT = 5 -- any file: see ../tls/lib/tls_context.lua

-- Each makes from PEM text what a hand, an editor or a program makes of it.
local function part(text, share)
  return text:sub(1, #text * share // 100)
end

local function line(text, n, replace)
  local i = 0
  return (text:gsub("[^\n]*\n", function(one)
    i = i + 1
    return i == n and replace(one) or nil
  end))
end

local function without_last_line_end(text)
  return (text:gsub("\n$", ""))
end

--- 'kind' is the file that goes wrong. command: the line, which %d gives the right length. announced and sent, from
-- the right bytes: what CCERTDOWN is told and what follows. bytes: the content, complete and announced rightly.
local UPLOADS = {
  { "the name ends neither in .pem nor in .der", noticed = "command", command = 'AT+CCERTDOWN="upload.key",%d' },
  { "the name has no ending", noticed = "command", command = 'AT+CCERTDOWN="upload",%d' },
  { "the name has four characters", noticed = "command", command = 'AT+CCERTDOWN=".pem",%d' },
  { "the name is too long", noticed = "command", command = 'AT+CCERTDOWN="' .. ("n"):rep(125) .. '.pem",%d' },
  { "the name is a path", noticed = "command", command = 'AT+CCERTDOWN="certs/upload.pem",%d' },
  { "the length is 0", noticed = "command", command = 'AT+CCERTDOWN="upload.pem",0' },
  { "the length is above 10240", noticed = "command", command = 'AT+CCERTDOWN="upload.pem",10241' },
  { "the length is missing", noticed = "command", command = 'AT+CCERTDOWN="upload.pem"' },
  { "the length is negative", noticed = "command", command = 'AT+CCERTDOWN="upload.pem",-%d' },
  { "the second quote is missing", noticed = "command", command = 'AT+CCERTDOWN="upload.pem,%d' },
  { "the length is quoted by half", noticed = "command", command = 'AT+CCERTDOWN="upload.pem",%d"' },
  { "a parameter too many", noticed = "command", command = 'AT+CCERTDOWN="upload.pem",%d,1' },
  { "length and name are exchanged", noticed = "command", command = 'AT+CCERTDOWN=%d,"upload.pem"' },

  { "fewer bytes than announced: the next commands are swallowed", noticed = "data", code = 0,
    announced = function(text) return #text + 8 end, sent = function(text) return text .. "AT\r\nAT\r\n" end },
  { "more bytes than announced: the rest is taken for commands", noticed = "data", code = 34, errors = 1,
    announced = function(text) return #text // 2 end,
    sent = function(text) return part(text, 50) .. "AT+NOCOMMAND\r" end },
  -- the rest is RTIFICATE-----: the modem takes what stands behind AT for a command
  { "the line ends are counted as one byte and sent as two", noticed = "data", code = 34, errors = 1,
    announced = function(text) return #text end, sent = function(text) return (text:gsub("\n", "\r\n")) end },
  { "a CR in front that nobody counted, and no line end behind", noticed = "connect", code = 34,
    announced = function(text) return #without_last_line_end(text) end,
    sent = function(text) return "\r" .. without_last_line_end(text) .. "\r" end },
  { "a CR in front that nobody counted, and a line end behind", noticed = "never", code = 0,
    announced = function(text) return #text end, sent = function(text) return "\r" .. text .. "\r" end },

  { "three characters of the text are damaged", noticed = "connect", code = 34,
    bytes = function(text) return line(text, 3, function(l) return "!?#" .. l:sub(4) end) end },
  { "a line is missing", noticed = "connect", code = 34,
    bytes = function(text) return line(text, 4, function() return "" end) end },
  { "the last third is missing", noticed = "connect", code = 34, bytes = function(text) return part(text, 66) end },
  { "the BEGIN line is missing", noticed = "connect", code = 34,
    bytes = function(text) return line(text, 1, function() return "" end) end },
  { "the END line is missing", noticed = "connect", code = 34,
    bytes = function(text) return (text:gsub("%-%-%-%-%-END.*", "")) end },
  { "four dashes instead of five", noticed = "connect", code = 34,
    bytes = function(text) return text:sub(2) end },
  { "all in one line", noticed = "connect", code = 34, bytes = function(text) return (text:gsub("\n", "")) end },
  { "backslash and n instead of line ends", noticed = "connect", code = 34,
    bytes = function(text) return (text:gsub("\n", "\\n")) end },
  { "CR alone at the line ends", noticed = "connect", code = 34,
    bytes = function(text) return (text:gsub("\n", "\r")) end },
  { "indented, as in a program's source", noticed = "connect", code = 34,
    bytes = function(text) return (text:gsub("[^\n]+", "    %0")) end },
  { "UTF-16", noticed = "connect", code = 34, bytes = function(text) return "\xFF\xFE" .. text:gsub(".", "%0\0") end },
  { "an empty line and nothing else", noticed = "connect", code = 34, bytes = function() return " \n" end },
  { "what a server says instead of the file", noticed = "connect", code = 34,
    bytes = function() return "<Error><Code>AccessDenied</Code></Error>\n" end },
  { "the key in the place of the certificate", noticed = "connect", code = 34,
    bytes = function(_, files) return files:key() end },
  { "the certificate in the place of the key", kind = "clientkey", noticed = "connect", code = 34,
    bytes = function(_, files) return files:certificate() end },
  { "another thing's key", kind = "clientkey", noticed = "connect", code = 34,
    bytes = function(_, files) return files:key("thing2") end },
  { "the root CA in the place of the certificate", noticed = "connect", code = 34,
    bytes = function(_, files) return files:ca() end },
  { "the issuer's certificate first, then the own", noticed = "connect", code = 34,
    bytes = function(text, files) return files:ca() .. text end },
  { "two keys in a file, the other's first", kind = "clientkey", noticed = "connect", code = 34,
    bytes = function(text, files) return files:key("thing2") .. text end },
  { "the certificate in the place of the root CA", kind = "cacert", noticed = "connect", code = 32,
    bytes = function(_, files) return files:certificate() end },
  { "a wrong root CA", kind = "cacert", noticed = "connect", code = 32,
    bytes = function(_, files) return files:file("hostile/UnknownRootCA.pem") end },

  { "CR LF at the line ends", noticed = "never", code = 0,
    bytes = function(text) return (text:gsub("\n", "\r\n")) end },
  { "a byte order mark in front", noticed = "never", code = 0,
    bytes = function(text) return "\xEF\xBB\xBF" .. text end },
  { "DER under a name that ends in .pem", noticed = "never", code = 0,
    bytes = function(text, files) return files:der(text) end },
  { "blanks and text around it", noticed = "never", code = 0,
    bytes = function(text) return "my certificate:\r\n\r\n" .. text .. "\r\n\r\nend\r\n" end },
  { "the own certificate first, then its issuer's", noticed = "never", code = 0,
    bytes = function(text, files) return text .. files:ca() end },
  { "certificate and key in one file", noticed = "never", code = 0,
    bytes = function(text, files) return text .. files:key() end },
  { "certificate and key in one file", kind = "clientkey", noticed = "never", code = 0,
    bytes = function(text, files) return files:certificate() .. text end },
}

local function right_bytes(env, kind)
  local files = env.certificates
  return kind == "cacert" and files:ca() or kind == "clientkey" and files:key() or files:certificate()
end

--- thing1's files in context CONTEXT, but for this one.
local function use(dev, kind)
  dev:cmd('AT+CSSLCFG="authmode",%d,2', CONTEXT):ok()
  for _, name in ipairs { "cacert", "clientcert", "clientkey" } do
    dev:cmd('AT+CSSLCFG="%s",%d,"%s"', name, CONTEXT, name == kind and NAME or name .. ".pem"):ok()
  end
end

--- The code of CONNECT is 'code' or what this firmware has for it, in the order of its result_style.
local function connects(dev, env, code)
  if code == 34 and env.profile then
    code = tonumber(env.key "open_session_code")
  end
  local final = code == 0 and "OK" or env.profile and (env.key "result_style" == "async" and "OK" or "ERROR") or nil
  dev:cmd("AT+CMQTTSSLCFG=0,%d", CONTEXT):ok()
  dev:cmd('AT+CMQTTCONNECT=0,"tcp://%s",60,1', env.broker.address)
    :result(("+CMQTTCONNECT: 0,%d"):format(code), { final = final })
  if code == 0 then
    dev:cmd("AT+CMQTTDISC=0,60"):result("+CMQTTDISC: 0,0")
  end
end

--- What is sent is answered by one OK for the file, and by 'errors' times ERROR for what came behind it.
local function upload(dev, env, row, text)
  dev:cmd('AT+CCERTDOWN="%s",%d', NAME, row.announced(text)):bytes(store.prompt_bytes(env)):data(row.sent(text))
    :bytes("\r\nOK\r\n" .. ("\r\nERROR\r\n"):rep(row.errors or 0))
end

local function of(noticed)
  local list = {}
  for _, row in ipairs(UPLOADS) do
    if row.noticed == noticed then
      list[#list + 1] = { name = row.command and row[1] or (row.kind or "clientcert") .. ": " .. row[1], row = row }
    end
  end
  return list
end

t.scenario "what is noticed at the command: no prompt, and nothing is stored" {
  tags = { "certificates", "bad-upload" },
  needs = { "certificates" },
  cases = of "command",
  run = function(dev, _, p)
    local before = store.names(dev)
    dev:cmd(p.row.command:format(1200)):bytes("\r\nERROR\r\n")
    t.eq(store.names(dev), before, "what is stored")
  end,
}

--- Everything that is stored, in one session: what CONNECT says of it.
local function stored_scenario(title, noticed, run)
  t.scenario(title) {
    tags = { "certificates", "bad-upload" },
    needs = { "certificates", "mqtt", "tls" },
    uses = { "modem", "broker", "certificates" },
    run = function(dev, env)
      dev:cmd("AT+CMQTTSTART"):result("+CMQTTSTART: 0")
      dev:cmd('AT+CMQTTACCQ=0,"thing1",1'):ok()
      for _, case in ipairs(of(noticed)) do
        local row = case.row
        local kind = row.kind or "clientcert"
        local text = right_bytes(env, kind)
        use(dev, kind)
        env.note(case.name)
        run(dev, env, row, text)
        connects(dev, env, row.code)
      end
      store.put(dev, NAME, right_bytes(env, "clientcert"))
      use(dev, "clientcert")
      connects(dev, env, 0) -- the right bytes are the cure
      store.delete(dev, NAME)
    end,
  }
end

stored_scenario("what is noticed while the data is sent", "data", function(dev, env, row, text)
  upload(dev, env, row, text)
  dev:cmd("AT"):ok()
end)

local function put(dev, env, row, text)
  if row.bytes then
    store.put(dev, NAME, row.bytes(text, env.certificates))
  else
    upload(dev, env, row, text)
  end
end

stored_scenario("what is noticed at CONNECT: CCERTDOWN says OK to it", "connect", put)
stored_scenario("what nobody notices, because it works", "never", put)
