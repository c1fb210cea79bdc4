/* require "modemtest.watch": interrupts a coroutine that runs on and on without waiting.
 *
 * A hook written in Lua could only raise, which a pcall in a loop swallows, and would not see
 * coroutines the watched one makes. A hook in C yields instead, through any pcall, and new
 * coroutines inherit it; theirs interrupts the watched one, too.
 */
#include "harness/bindings.h"

#include <limits.h>

#include <lauxlib.h>

#define AGAIN 1000 /* instructions until the next attempt, where a first one could not yield */

static const char watched_key = 0; /* its address: the watched coroutine's place in the registry */

static void interrupt(lua_State *lua, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(lua, interrupt, LUA_MASKCOUNT, AGAIN);
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &watched_key) == LUA_TTHREAD &&
        lua_tothread(lua, -1) != lua) {
        lua_sethook(lua_tothread(lua, -1), interrupt, LUA_MASKCOUNT, 1);
    }
    lua_pop(lua, 1);
    if (lua_isyieldable(lua)) {
        (void)lua_yield(lua, 0);
        return;
    }
    /* Inside a C function that calls back, such as string.gsub. */
    (void)luaL_error(lua, "too many instructions without waiting");
}

/* watch.start(coroutine, count): after 'count' instructions without a new start(), the coroutine
 * yields without a value, whatever it is doing. */
static int start(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTHREAD);
    const lua_Integer count = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, count > 0 && count <= INT_MAX, 2, "out of range");
    lua_sethook(lua_tothread(lua, 1), interrupt, LUA_MASKCOUNT, (int)count);
    lua_pushvalue(lua, 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &watched_key);
    return 0;
}

int luaopen_modemtest_watch(lua_State *lua)
{
    static const luaL_Reg functions[] = { { "start", start }, { NULL, NULL } };

    luaL_newlib(lua, functions);
    return 1;
}
