/* The C bindings modemtest adds to Lua, where no Debian package has a Lua library: ports, an
 * MQTT client, a TLS server, and a watch over coroutines that never wait. One file per binding;
 * main.c preloads them.
 *
 * Manners of every binding: one metatable per type, checked at each entry; __gc and __close, both
 * idempotent; a failure of the environment returns nil, "NAME: text", "NAME"; misuse raises; no
 * binding keeps a lua_State and none calls back into Lua: events are fetched, not delivered.
 */
#ifndef HARNESS_BINDINGS_H
#define HARNESS_BINDINGS_H

#include <lauxlib.h>
#include <lua.h>

/* require "modemtest.port": see lua_port.c. */
int luaopen_modemtest_port(lua_State *lua);

/* require "modemtest.mqtt": see lua_mqtt.c. */
int luaopen_modemtest_mqtt(lua_State *lua);

/* require "modemtest.tls": see lua_tls.c. */
int luaopen_modemtest_tls(lua_State *lua);

/* require "modemtest.watch": see lua_watch.c. */
int luaopen_modemtest_watch(lua_State *lua);

/* Pushes nil, "NAME: text", "NAME" for a positive errno value and returns 3. */
int push_errno(lua_State *lua, int err);

/* The metatable of a type: its methods, and 'close' when it is collected or goes out of scope. */
void make_metatable(lua_State *lua, const char *type, const luaL_Reg *methods, lua_CFunction close);

#endif
