/* Any bytes for lua/modemtest/tls_records.lua: nothing raises, and the same stream in pieces gives
 * the same events as in one. */
#include "harness/lua_fuzz.h"

static const char chunk[] =
    "local records = require 'modemtest.tls_records'\n"
    "local function events_of(bytes, size)\n"
    "  local reader, out = records.reader(), {}\n"
    "  for at = 1, #bytes, size do\n"
    "    for _, event in ipairs(reader:feed(bytes:sub(at, at + size - 1))) do\n"
    "      out[#out + 1] = table.concat({ event.kind, event.name or '', event.body or '',\n"
    "        event.code or '', event.what or '', event.upto or '' }, '|')\n"
    "      if event.body then\n"
    "        local hello = records.client_hello(event.body)\n"
    "        assert(not hello or hello.version_name and #hello.suites >= 0)\n"
    "        records.certificates(event.body)\n"
    "      elseif event.code then\n"
    "        assert(records.alert_name(event.code))\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "  return table.concat(out, '\\n')\n"
    "end\n"
    "return function(bytes)\n"
    "  local whole = events_of(bytes, #bytes + 1)\n"
    "  local first = #bytes <= 64 and 1 or #bytes // 16\n"
    "  assert(events_of(bytes, first) == whole and events_of(bytes, #bytes // 3 + 1) == whole)\n"
    "  records.client_hello(bytes)\n"
    "  records.certificates(bytes)\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return lua_fuzz(chunk, data, size);
}
