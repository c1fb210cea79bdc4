/* modemtest.port: base/port for Lua. Failures: nil, "NAME: text", "NAME".
 *
 * port.open(path [, baud])  -> p | failure
 * p:fd()                    -> descriptor for luv's new_poll, which is readable when the port has
 *                              something to say: bytes, room after watch(true), the other side's
 *                              end. Valid until p:close(). It is an epoll set around the port: with
 *                              the port's own descriptor luv would report a hang-up as an error of
 *                              ours.
 * p:watch(write)            -> true | failure: also wake up when there is room to write
 * p:read()                  -> bytes, "" when nothing is there now | failure ("EPIPE": gone)
 * p:write(bytes [, from])   -> number of bytes taken, counted from position 'from' (1) | failure
 * p:lines(dtr, rts)         -> true | failure ("ENOTSUP" on a pty)
 * p:speed(baud)             -> true | failure ("EINVAL": not one it can do)
 * p:kind()                  -> "pty" or "serial"
 * p:close()                    idempotent; every other method raises afterwards
 */
#include "harness/bindings.h"

#include "base/port.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <lauxlib.h>

#define PORT_TYPE "modemtest.port"
#define READ_MAX  4096

struct port_box {
    struct port *port; /* NULL once closed */
    int epoll_fd;      /* -1 once closed */
};

static struct port_box *check_box(lua_State *lua)
{
    return luaL_checkudata(lua, 1, PORT_TYPE);
}

static struct port_box *check_open_box(lua_State *lua)
{
    struct port_box *box = check_box(lua);

    luaL_argcheck(lua, box->port != NULL, 1, "port is closed");
    return box;
}

static struct port *check_open(lua_State *lua)
{
    return check_open_box(lua)->port;
}

static int watch(const struct port_box *box, int operation, bool write)
{
    struct epoll_event event = { .events = EPOLLIN | (write ? (uint32_t)EPOLLOUT : 0u) };

    return epoll_ctl(box->epoll_fd, operation, port_fd(box->port), &event) == 0 ? 0 : -errno;
}

static void release(struct port_box *box)
{
    port_close(&box->port);
    if (box->epoll_fd >= 0) {
        close(box->epoll_fd);
        box->epoll_fd = -1;
    }
}

static int open_box(struct port_box *box, const char *path, unsigned baud)
{
    const int rc = port_open(path, baud, &box->port);

    if (rc != 0) {
        return rc;
    }
    box->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (box->epoll_fd < 0) {
        return -errno;
    }
    return watch(box, EPOLL_CTL_ADD, false);
}

static int l_open(lua_State *lua)
{
    const char *path = luaL_checkstring(lua, 1);
    const lua_Integer baud = luaL_optinteger(lua, 2, 0);

    luaL_argcheck(lua, baud >= 0 && baud <= 4000000, 2, "baud rate out of range");
    struct port_box *box = lua_newuserdatauv(lua, sizeof(*box), 0);
    *box = (struct port_box){ .epoll_fd = -1 };
    luaL_setmetatable(lua, PORT_TYPE);
    const int rc = open_box(box, path, (unsigned)baud);
    if (rc != 0) {
        release(box);
        return push_errno(lua, -rc);
    }
    return 1;
}

static int l_fd(lua_State *lua)
{
    lua_pushinteger(lua, check_open_box(lua)->epoll_fd);
    return 1;
}

static int l_watch(lua_State *lua)
{
    const int rc = watch(check_open_box(lua), EPOLL_CTL_MOD, lua_toboolean(lua, 2));

    if (rc != 0) {
        return push_errno(lua, -rc);
    }
    lua_pushboolean(lua, 1);
    return 1;
}

static int l_kind(lua_State *lua)
{
    lua_pushstring(lua, port_kind(check_open(lua)));
    return 1;
}

static int l_read(lua_State *lua)
{
    char buf[READ_MAX];
    const ssize_t n = port_read(check_open(lua), buf, sizeof(buf));

    if (n < 0) {
        return push_errno(lua, (int)-n);
    }
    lua_pushlstring(lua, buf, (size_t)n);
    return 1;
}

static int l_write(lua_State *lua)
{
    struct port *port = check_open(lua);
    size_t len = 0;
    const char *bytes = luaL_checklstring(lua, 2, &len);
    const lua_Integer from = luaL_optinteger(lua, 3, 1);

    luaL_argcheck(lua, from >= 1 && (lua_Unsigned)from <= len + 1, 3, "position outside the bytes");
    const size_t skip = (size_t)from - 1;
    const ssize_t n = port_write(port, bytes + skip, len - skip);
    if (n < 0) {
        return push_errno(lua, (int)-n);
    }
    lua_pushinteger(lua, n);
    return 1;
}

static int l_lines(lua_State *lua)
{
    const int rc = port_lines(check_open(lua), lua_toboolean(lua, 2), lua_toboolean(lua, 3));

    if (rc != 0) {
        return push_errno(lua, -rc);
    }
    lua_pushboolean(lua, 1);
    return 1;
}

static int l_speed(lua_State *lua)
{
    struct port *port = check_open(lua);
    const lua_Integer baud = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, baud > 0 && baud <= 4000000, 2, "baud rate out of range");
    const int rc = port_set_speed(port, (unsigned)baud);
    if (rc != 0) {
        return push_errno(lua, -rc);
    }
    lua_pushboolean(lua, 1);
    return 1;
}

static int l_close(lua_State *lua)
{
    release(check_box(lua));
    return 0;
}

int luaopen_modemtest_port(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        { "fd", l_fd },       { "watch", l_watch }, { "kind", l_kind },
        { "read", l_read },   { "write", l_write }, { "lines", l_lines },
        { "speed", l_speed }, { "close", l_close }, { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "open", l_open },
        { NULL, NULL },
    };

    make_metatable(lua, PORT_TYPE, methods, l_close);
    luaL_newlib(lua, functions);
    return 1;
}
