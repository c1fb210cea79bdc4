/* What every binding does the same way: an errno value becomes the three results of a failed call,
 * a type gets its metatable. */
#include "harness/bindings.h"

#include <errno.h>
#include <string.h>

static const struct {
    int err;
    const char *name;
} names[] = {
    { EACCES, "EACCES" },   { EBADF, "EBADF" },
    { EBUSY, "EBUSY" },     { ECONNREFUSED, "ECONNREFUSED" },
    { EINVAL, "EINVAL" },   { EIO, "EIO" },
    { EISDIR, "EISDIR" },   { ELOOP, "ELOOP" },
    { EMFILE, "EMFILE" },   { ENFILE, "ENFILE" },
    { ENODEV, "ENODEV" },   { ENOENT, "ENOENT" },
    { ENOMEM, "ENOMEM" },   { ENOTDIR, "ENOTDIR" },
    { ENOTSUP, "ENOTSUP" }, { ENOTTY, "ENOTTY" },
    { ENXIO, "ENXIO" },     { EPERM, "EPERM" },
    { EPIPE, "EPIPE" },     { ETIMEDOUT, "ETIMEDOUT" },
};

static const char *name_of(int err)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].err == err) {
            return names[i].name;
        }
    }
    return "EUNKNOWN";
}

int push_errno(lua_State *lua, int err)
{
    const char *name = name_of(err);

    lua_pushnil(lua);
    lua_pushfstring(lua, "%s: %s", name, strerror(err));
    lua_pushstring(lua, name);
    return 3;
}

void make_metatable(lua_State *lua, const char *type, const luaL_Reg *methods, lua_CFunction close)
{
    luaL_newmetatable(lua, type);
    lua_pushcfunction(lua, close);
    lua_setfield(lua, -2, "__gc");
    lua_pushcfunction(lua, close);
    lua_setfield(lua, -2, "__close");
    lua_newtable(lua);
    luaL_setfuncs(lua, methods, 0);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
}
