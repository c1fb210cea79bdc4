/* modemtest and sim7600ctl: a Lua 5.4 state with luv, our bindings, and the way to our Lua modules.
 * Everything else is in lua/modemtest; cli.lua or ctl.lua gets the arguments and gives the exit
 * code.
 *
 * Where the modules are: share/sim7600-hil/lua beside the program (build tree, a link CMake makes),
 * or the same below its parent (installed, wherever the tree was moved to), or the place named at
 * compile time.
 */
#include "harness/bindings.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>
#include <luv/luv.h>
#include <mosquitto.h>

#ifndef MODEMTEST_LUA_DIR
#error "MODEMTEST_LUA_DIR must name the installed folder of the Lua modules"
#endif
#ifndef MODEMTEST_VERSION
#error "MODEMTEST_VERSION must be the project's version"
#endif

/* The programs of the harness are this file with different names and entry modules. */
#if !defined(HARNESS_PROGRAM) || !defined(HARNESS_MODULE)
#error "HARNESS_PROGRAM and HARNESS_MODULE must name the program and its first Lua module"
#endif

#define EXIT_SETUP 2
#define PATH_CAP   4096

struct args {
    int argc;
    char **argv;
};

static bool format_path(char *ret_buf, const char *dir, const char *rest)
{
    const int n = snprintf(ret_buf, PATH_CAP, "%s%s", dir, rest);

    return n > 0 && n < PATH_CAP;
}

/* The program's own folder, without a slash at the end. */
static bool own_dir(char *ret_dir)
{
    const ssize_t n = readlink("/proc/self/exe", ret_dir, PATH_CAP - 1);

    if (n <= 0) {
        return false;
    }
    ret_dir[n] = '\0';
    char *slash = strrchr(ret_dir, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

static bool has_modules(const char *dir)
{
    char file[PATH_CAP];

    return format_path(file, dir, "/modemtest/cli.lua") && access(file, R_OK) == 0;
}

static bool find_lua_dir(const char *exe_dir, char *ret_dir)
{
    static const char *const places[] = { "/share/sim7600-hil/lua", "/../share/sim7600-hil/lua" };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (format_path(ret_dir, exe_dir, places[i]) && has_modules(ret_dir)) {
            return true;
        }
    }
    return format_path(ret_dir, MODEMTEST_LUA_DIR, "") && has_modules(ret_dir);
}

static void preload(lua_State *lua)
{
    static const luaL_Reg modules[] = {
        { "luv", luaopen_luv },
        { "modemtest.port", luaopen_modemtest_port },
        { "modemtest.mqtt", luaopen_modemtest_mqtt },
        { "modemtest.tls", luaopen_modemtest_tls },
        { "modemtest.watch", luaopen_modemtest_watch },
        { NULL, NULL },
    };

    luaL_getsubtable(lua, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(lua, modules, 0);
    lua_pop(lua, 1);
}

/* Our folder first, Debian's afterwards (argparse, cjson). */
static void set_path(lua_State *lua, const char *lua_dir)
{
    lua_getglobal(lua, "package");
    lua_getfield(lua, -1, "path");
    lua_pushfstring(lua, "%s/?.lua;%s/?/init.lua;%s", lua_dir, lua_dir, luaL_checkstring(lua, -1));
    lua_setfield(lua, -3, "path");
    lua_pop(lua, 2);
}

/* require("modemtest.host"): what only the program itself knows. */
static void set_host(lua_State *lua, const char *exe_dir, const char *lua_dir)
{
    luaL_getsubtable(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_createtable(lua, 0, 3);
    lua_pushstring(lua, exe_dir);
    lua_setfield(lua, -2, "exe_dir");
    lua_pushstring(lua, lua_dir);
    lua_setfield(lua, -2, "lua_dir");
    lua_pushstring(lua, MODEMTEST_VERSION);
    lua_setfield(lua, -2, "version");
    lua_setfield(lua, -2, "modemtest.host");
    lua_pop(lua, 1);
}

static int traceback(lua_State *lua)
{
    luaL_traceback(lua, lua, luaL_tolstring(lua, 1, NULL), 1);
    return 1;
}

/* Protected: everything from here on may raise. Arguments: struct args. Result: exit code. */
static int run(lua_State *lua)
{
    const struct args *args = lua_touserdata(lua, 1);
    char exe_dir[PATH_CAP];
    char lua_dir[PATH_CAP];

    luaL_openlibs(lua);
    preload(lua);
    if (!own_dir(exe_dir)) {
        return luaL_error(lua, "cannot find the program's own folder (is /proc mounted?)");
    }
    if (!find_lua_dir(exe_dir, lua_dir)) {
        return luaL_error(lua, "the Lua modules are neither beside %s nor in %s", exe_dir,
                          MODEMTEST_LUA_DIR);
    }
    set_path(lua, lua_dir);
    set_host(lua, exe_dir, lua_dir);

    lua_getglobal(lua, "require");
    lua_pushliteral(lua, HARNESS_MODULE);
    lua_call(lua, 1, 1);
    lua_getfield(lua, -1, "main");
    lua_createtable(lua, args->argc, 0);
    for (int i = 1; i < args->argc; i++) {
        lua_pushstring(lua, args->argv[i]);
        lua_rawseti(lua, -2, i);
    }
    lua_call(lua, 1, 1);
    return 1;
}

static int protected_run(lua_State *lua, struct args *args)
{
    lua_pushcfunction(lua, traceback);
    lua_pushcfunction(lua, run);
    lua_pushlightuserdata(lua, args);
    if (lua_pcall(lua, 1, 1, 1) != LUA_OK) {
        (void)fprintf(stderr, HARNESS_PROGRAM ": %s\n", lua_tostring(lua, -1));
        return EXIT_SETUP;
    }
    return (int)lua_tointeger(lua, -1);
}

int main(int argc, char **argv)
{
    struct args args = { .argc = argc, .argv = argv };
    lua_State *lua = luaL_newstate();

    if (lua == NULL) {
        (void)fputs(HARNESS_PROGRAM ": out of memory\n", stderr);
        return EXIT_SETUP;
    }
    /* A program we talk to may end at any time; the write then reports it. */
    (void)signal(SIGPIPE, SIG_IGN);
    const int code = protected_run(lua, &args);
    lua_close(lua);
    mosquitto_lib_cleanup();
    return code;
}
