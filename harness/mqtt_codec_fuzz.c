/* Any bytes for lua/modemtest/mqtt_codec.lua: decode() raises nothing, goes forward with each
 * packet, names a clause with each problem, and what it accepts as MQTT 3.1.1 encodes to the same
 * bytes. */
#include "harness/lua_fuzz.h"

static const char chunk[] =
    "local mqtt = require 'modemtest.mqtt_codec'\n"
    "local function one(rest, options)\n"
    "  local packet, more = mqtt.decode(rest, options)\n"
    "  if not packet then\n"
    "    assert(not more or more.clause and more.message and #tostring(more) > 0)\n"
    "    return ''\n"
    "  end\n"
    "  assert(packet.bytes .. more == rest and #packet.bytes >= 2)\n"
    "  if options.version == 4 then\n"
    "    local again = mqtt.encode(packet)\n"
    "    assert(again:byte() == packet.bytes:byte())\n"
    "    assert(again:sub(-#packet.body - 1):sub(2) == packet.body)\n"
    "  end\n"
    "  return more\n"
    "end\n"
    "return function(bytes)\n"
    "  for version = 3, 4 do\n"
    "    for _, from in ipairs { 'client', 'server' } do\n"
    "      local rest = bytes\n"
    "      while rest ~= '' do\n"
    "        rest = one(rest, { version = version, from = from })\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return lua_fuzz(chunk, data, size);
}
