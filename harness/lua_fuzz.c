/* See lua_fuzz.h. */
#include "harness/lua_fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#ifndef FUZZ_LUA_DIR
#error "FUZZ_LUA_DIR must name the folder of the Lua modules"
#endif

#define LINES     2048 /* counters, by line of the source; two files may share one */
#define LINES_MAX 20000000

/* libFuzzer takes what stands in this section for coverage: Lua itself has no counters. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[LINES];

static long lines_left;

static void on_line(lua_State *lua, lua_Debug *ar)
{
    counters[(unsigned)ar->currentline % LINES]++;
    if (--lines_left < 0) {
        (void)luaL_error(lua, "it does not end");
    }
}

static void fail(lua_State *lua)
{
    (void)fprintf(stderr, "%s\n", luaL_tolstring(lua, -1, NULL));
    abort();
}

static lua_State *open_state(const char *chunk)
{
    lua_State *lua = luaL_newstate();

    if (lua == NULL) {
        abort();
    }
    luaL_openlibs(lua);
    if (luaL_dostring(lua, "package.path = '" FUZZ_LUA_DIR "/?.lua'") != LUA_OK ||
        luaL_dostring(lua, chunk) != LUA_OK) {
        fail(lua);
    }
    lua_sethook(lua, on_line, LUA_MASKLINE, 0);
    return lua;
}

int lua_fuzz(const char *chunk, const uint8_t *data, size_t size)
{
    static lua_State *lua = NULL; /* the function is on its stack */

    if (lua == NULL) {
        lua = open_state(chunk);
    }
    lines_left = LINES_MAX;
    lua_pushvalue(lua, 1);
    lua_pushlstring(lua, (const char *)data, size);
    if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
        fail(lua);
    }
    return 0;
}
