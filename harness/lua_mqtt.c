/* modemtest.mqtt: a libmosquitto client for Lua, the independent witness of what a broker received.
 * No threads and no callbacks into Lua: the caller watches fd(), calls the loop functions, and
 * fetches events.
 *
 *   mqtt.new([id [, clean]])              -> m          ('id' nil: the library makes one up)
 *   m:login(user, password)
 *   m:tls(cafile [, certfile, keyfile])   -> true | nil, error
 *   m:connect(host, port [, keepalive])   -> true | nil, error  (TCP is connected, MQTT not yet)
 *   m:fd()                                -> descriptor, or nil when not connected
 *   m:want_write()                        -> boolean
 *   m:loop_read() m:loop_write() m:loop_misc()          -> true | nil, error
 *   m:subscribe(filter, qos) m:unsubscribe(filter)      -> message id | nil, error
 *   m:publish(topic, payload, qos, retain)              -> message id | nil, error
 *   m:disconnect()                        -> true | nil, error
 *   m:next_event()  -> table or nil: { type = "connect", code = }, { type = "disconnect", code = },
 *                      { type = "subscribe", mid =, granted = }, { type = "publish", mid = },
 *                      { type = "message", topic =, payload =, qos =, retain = }
 *   m:close()          idempotent
 */
#include "harness/bindings.h"
#include "harness/mqtt_events.h"

#include <errno.h>
#include <stdbool.h>

#include <lauxlib.h>
#include <mosquitto.h>

#define MQTT_TYPE   "modemtest.mqtt"
#define PAYLOAD_MAX 268435455u /* MQTT 3.1.1, 2.2.3: the largest remaining length */

struct client {
    struct mosquitto *mosq; /* NULL once closed */
    struct event_queue events;
};

static struct client *check_box(lua_State *lua)
{
    return luaL_checkudata(lua, 1, MQTT_TYPE);
}

static struct client *check_client(lua_State *lua)
{
    struct client *c = check_box(lua);

    luaL_argcheck(lua, c->mosq != NULL, 1, "client is closed");
    return c;
}

/* true for success, or the three results of a failure. Reads errno: call it first thing. */
static int result(lua_State *lua, int rc)
{
    if (rc == MOSQ_ERR_SUCCESS) {
        lua_pushboolean(lua, 1);
        return 1;
    }
    if (rc == MOSQ_ERR_ERRNO) {
        return push_errno(lua, errno);
    }
    lua_pushnil(lua);
    lua_pushfstring(lua, "EMQTT: %s", mosquitto_strerror(rc));
    lua_pushliteral(lua, "EMQTT");
    return 3;
}

static int l_new(lua_State *lua)
{
    const char *id = luaL_optstring(lua, 1, NULL);
    const bool clean = lua_isnoneornil(lua, 2) || lua_toboolean(lua, 2);
    struct client *c = lua_newuserdatauv(lua, sizeof(*c), 0);

    c->mosq = NULL;
    events_init(&c->events);
    luaL_setmetatable(lua, MQTT_TYPE);
    c->mosq = mosquitto_new(id, clean, &c->events);
    if (c->mosq == NULL) {
        return push_errno(lua, errno);
    }
    events_watch(c->mosq);
    return 1;
}

static int l_login(lua_State *lua)
{
    struct client *c = check_client(lua);

    return result(lua, mosquitto_username_pw_set(c->mosq, luaL_optstring(lua, 2, NULL),
                                                 luaL_optstring(lua, 3, NULL)));
}

static int l_tls(lua_State *lua)
{
    struct client *c = check_client(lua);
    const char *cafile = luaL_checkstring(lua, 2);
    const char *cert = luaL_optstring(lua, 3, NULL);
    const char *key = luaL_optstring(lua, 4, NULL);

    return result(lua, mosquitto_tls_set(c->mosq, cafile, NULL, cert, key, NULL));
}

static int l_connect(lua_State *lua)
{
    struct client *c = check_client(lua);
    const char *host = luaL_checkstring(lua, 2);
    const lua_Integer port = luaL_checkinteger(lua, 3);
    const lua_Integer keepalive = luaL_optinteger(lua, 4, 60);

    luaL_argcheck(lua, port >= 1 && port <= 65535, 3, "port out of range");
    luaL_argcheck(lua, keepalive >= 5 && keepalive <= 65535, 4, "keepalive out of range");
    return result(lua, mosquitto_connect(c->mosq, host, (int)port, (int)keepalive));
}

static int l_fd(lua_State *lua)
{
    const int fd = mosquitto_socket(check_client(lua)->mosq);

    if (fd < 0) {
        return 0;
    }
    lua_pushinteger(lua, fd);
    return 1;
}

static int l_want_write(lua_State *lua)
{
    lua_pushboolean(lua, mosquitto_want_write(check_client(lua)->mosq));
    return 1;
}

static int l_loop_read(lua_State *lua)
{
    return result(lua, mosquitto_loop_read(check_client(lua)->mosq, 1));
}

static int l_loop_write(lua_State *lua)
{
    return result(lua, mosquitto_loop_write(check_client(lua)->mosq, 1));
}

static int l_loop_misc(lua_State *lua)
{
    return result(lua, mosquitto_loop_misc(check_client(lua)->mosq));
}

static int result_mid(lua_State *lua, int rc, int mid)
{
    if (rc != MOSQ_ERR_SUCCESS) {
        return result(lua, rc);
    }
    lua_pushinteger(lua, mid);
    return 1;
}

static int check_qos(lua_State *lua, int arg)
{
    const lua_Integer qos = luaL_optinteger(lua, arg, 0);

    luaL_argcheck(lua, qos >= 0 && qos <= 2, arg, "QoS is 0, 1 or 2");
    return (int)qos;
}

static int l_subscribe(lua_State *lua)
{
    struct client *c = check_client(lua);
    const char *filter = luaL_checkstring(lua, 2);
    int mid = 0;
    const int rc = mosquitto_subscribe(c->mosq, &mid, filter, check_qos(lua, 3));

    return result_mid(lua, rc, mid);
}

static int l_unsubscribe(lua_State *lua)
{
    struct client *c = check_client(lua);
    int mid = 0;
    const int rc = mosquitto_unsubscribe(c->mosq, &mid, luaL_checkstring(lua, 2));

    return result_mid(lua, rc, mid);
}

static int l_publish(lua_State *lua)
{
    struct client *c = check_client(lua);
    const char *topic = luaL_checkstring(lua, 2);
    size_t len = 0;
    const char *payload = luaL_checklstring(lua, 3, &len);
    const int qos = check_qos(lua, 4);
    int mid = 0;

    luaL_argcheck(lua, len <= PAYLOAD_MAX, 3, "payload too long");
    const int rc =
        mosquitto_publish(c->mosq, &mid, topic, (int)len, payload, qos, lua_toboolean(lua, 5));
    return result_mid(lua, rc, mid);
}

static int l_disconnect(lua_State *lua)
{
    return result(lua, mosquitto_disconnect(check_client(lua)->mosq));
}

static void set_string(lua_State *lua, const char *key, const char *bytes, size_t len)
{
    lua_pushlstring(lua, bytes, len);
    lua_setfield(lua, -2, key);
}

static void set_integer(lua_State *lua, const char *key, int value)
{
    lua_pushinteger(lua, value);
    lua_setfield(lua, -2, key);
}

static void push_event(lua_State *lua, const struct event *e)
{
    static const char *const names[] = { "connect", "disconnect", "subscribe", "publish",
                                         "message" };

    lua_createtable(lua, 0, 5);
    lua_pushstring(lua, names[e->type]);
    lua_setfield(lua, -2, "type");
    switch (e->type) {
    case EVENT_CONNECT:
    case EVENT_DISCONNECT:
        set_integer(lua, "code", e->number);
        break;
    case EVENT_SUBSCRIBE:
        set_integer(lua, "granted", e->qos);
        set_integer(lua, "mid", e->number);
        break;
    case EVENT_PUBLISH:
        set_integer(lua, "mid", e->number);
        break;
    case EVENT_MESSAGE:
        set_string(lua, "topic", e->bytes, e->topic_len);
        set_string(lua, "payload", e->bytes + e->topic_len, e->payload_len);
        set_integer(lua, "qos", e->qos);
        lua_pushboolean(lua, e->retain);
        lua_setfield(lua, -2, "retain");
        break;
    }
}

static int l_next_event(lua_State *lua)
{
    struct client *c = check_client(lua);

    if (c->events.lost) {
        return luaL_error(lua, "out of memory: an MQTT event was lost");
    }
    /* The event leaves the list only after Lua took its copy: pushing can raise. */
    if (c->events.first == NULL) {
        return 0;
    }
    push_event(lua, c->events.first);
    events_drop_first(&c->events);
    return 1;
}

static int l_close(lua_State *lua)
{
    struct client *c = check_box(lua);

    if (c->mosq != NULL) {
        mosquitto_destroy(c->mosq);
        c->mosq = NULL;
    }
    events_clear(&c->events);
    return 0;
}

int luaopen_modemtest_mqtt(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        { "login", l_login },
        { "tls", l_tls },
        { "connect", l_connect },
        { "fd", l_fd },
        { "want_write", l_want_write },
        { "loop_read", l_loop_read },
        { "loop_write", l_loop_write },
        { "loop_misc", l_loop_misc },
        { "subscribe", l_subscribe },
        { "unsubscribe", l_unsubscribe },
        { "publish", l_publish },
        { "disconnect", l_disconnect },
        { "next_event", l_next_event },
        { "close", l_close },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "new", l_new },
        { NULL, NULL },
    };

    mosquitto_lib_init();
    make_metatable(lua, MQTT_TYPE, methods, l_close);
    luaL_newlib(lua, functions);
    return 1;
}
