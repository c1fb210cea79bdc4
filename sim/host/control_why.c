/* 'why': explains a command of the host in plain words, from the latest events. The engine is the
 * harness's (lua/modemtest/why.lua), in a Lua state of its own for each request: nothing stays, and
 * it has no files, no clock and no way to the modems. */
#include <limits.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/host/trace_file.h"
#include "sim/host/trace_ring.h"
#include "sim/host/why_embedded.h"
#include "sim/mqtt/utf8.h"

#define MODULES "modemtest."
/* The modems wait meanwhile; a full trace takes some hundred thousand. */
#define INSTRUCTIONS_MAX 20000000

/* The fields of 'why', at their places in the row. */
enum { WHY_MODEM, WHY_COMMAND, WHY_CLIENT, WHY_DECISIONS };

/* --- from JSON to Lua; each leaves one value on the stack --- */

static void push_value(lua_State *lua, const cJSON *value);

static void push_table(lua_State *lua, const cJSON *value)
{
    const cJSON *member = NULL;
    lua_Integer n = 0;
    luaL_checkstack(lua, 3, NULL);
    lua_newtable(lua);
    cJSON_ArrayForEach(member, value)
    {
        push_value(lua, member);
        if (cJSON_IsArray(value)) {
            lua_rawseti(lua, -2, ++n);
        } else {
            lua_setfield(lua, -2, member->string);
        }
    }
}

static void push_value(lua_State *lua, const cJSON *value)
{
    if (cJSON_IsString(value)) {
        lua_pushstring(lua, value->valuestring);
    } else if (cJSON_IsBool(value)) {
        lua_pushboolean(lua, cJSON_IsTrue(value));
    } else if (cJSON_IsNumber(value)) {
        lua_Integer whole = 0;
        if (lua_numbertointeger(value->valuedouble, &whole) &&
            (double)whole == value->valuedouble) {
            lua_pushinteger(lua, whole);
        } else {
            lua_pushnumber(lua, value->valuedouble);
        }
    } else if (cJSON_IsNull(value)) {
        lua_pushnil(lua);
    } else {
        push_table(lua, value);
    }
}

struct events {
    lua_State *lua;
    lua_Integer n;
};

static void push_event(void *arg, uint64_t ms, unsigned modem, const char *event,
                       const struct trace_field *fields, size_t n)
{
    struct events *e = arg;
    cJSON *object = trace_object(ms, modem, event, fields, n);
    push_value(e->lua, object);
    cJSON_Delete(object);
    lua_rawseti(e->lua, -2, ++e->n);
}

/* --- the engine --- */

static void too_long(lua_State *lua, lua_Debug *at)
{
    (void)at;
    (void)luaL_error(lua, "it took too long");
}

/* What the libraries have of files. */
static void forget_files(lua_State *lua)
{
    static const char *const functions[] = { "dofile", "loadfile", "print" };
    static const char *const paths[] = { "path", "cpath" };
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        lua_pushnil(lua);
        lua_setglobal(lua, functions[i]);
    }
    lua_getglobal(lua, LUA_LOADLIBNAME);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        lua_pushliteral(lua, "");
        lua_setfield(lua, -2, paths[i]);
    }
    lua_pop(lua, 1);
}

/* require() finds the embedded modules and nothing else. */
static void open_modules(lua_State *lua)
{
    static const luaL_Reg libraries[] = {
        { LUA_GNAME, luaopen_base },        { LUA_LOADLIBNAME, luaopen_package },
        { LUA_STRLIBNAME, luaopen_string }, { LUA_TABLIBNAME, luaopen_table },
        { LUA_MATHLIBNAME, luaopen_math },
    };
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    forget_files(lua);
    luaL_getsubtable(lua, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (size_t i = 0; i < why_embedded_n; i++) {
        const struct embedded_file *f = &why_embedded[i];
        lua_pushfstring(lua, MODULES "%s", f->name);
        if (luaL_loadbuffer(lua, (const char *)f->text, f->n, f->name) != LUA_OK) {
            lua_error(lua);
        }
        lua_rawset(lua, -3);
    }
    lua_pop(lua, 1);
}

static void push_facts(lua_State *lua, const struct control_request *r)
{
    lua_newtable(lua);
    struct events e = { .lua = lua };
    lua_newtable(lua);
    if (r->facts->ring != NULL) {
        trace_ring_each(r->facts->ring, TRACE_RING_EVENTS, push_event, &e);
    }
    lua_setfield(lua, -2, "events");
    if (r->object[WHY_DECISIONS] != NULL) {
        push_value(lua, r->object[WHY_DECISIONS]);
        lua_setfield(lua, -2, "decisions");
    }
}

static void push_options(lua_State *lua, const struct control_request *r)
{
    const struct value *command = &r->value[WHY_COMMAND];
    const struct value *client = &r->value[WHY_CLIENT];
    lua_newtable(lua);
    lua_pushinteger(lua, r->modem->number);
    lua_setfield(lua, -2, "modem");
    if (command->present) {
        lua_pushlstring(lua, (const char *)command->str.p, command->str.n);
        lua_setfield(lua, -2, "command");
    }
    if (client->present) {
        lua_pushinteger(lua, client->num);
        lua_setfield(lua, -2, "client");
    }
}

struct asked {
    const struct control_request *request;
};

/* In a protected call, with what was asked as its argument: leaves the explanation, or nil. */
static int explain(lua_State *lua)
{
    const struct control_request *r = ((const struct asked *)lua_touserdata(lua, 1))->request;
    open_modules(lua);
    lua_getglobal(lua, "require");
    lua_pushliteral(lua, MODULES "why");
    lua_call(lua, 1, 1);
    lua_getfield(lua, -1, "explain");
    push_facts(lua, r);
    push_options(lua, r);
    lua_call(lua, 2, 1);
    return 1;
}

/* --- from Lua to the answer --- */

/* What the engine cut may end inside of a character. */
static cJSON *text_at(lua_State *lua, int index)
{
    size_t n = 0;
    const char *text = lua_tolstring(lua, index, &n);
    struct span s = span_of(text, text == NULL ? 0 : n);
    if (s.n > 0 && utf8_valid(s)) {
        return cJSON_CreateString(text);
    }
    struct buf escaped;
    buf_init(&escaped, 4 * s.n + 1);
    (void)trace_escape(&escaped, s);
    (void)buf_add_byte(&escaped, 0);
    cJSON *string = cJSON_CreateString((const char *)escaped.p);
    buf_fini(&escaped);
    return string;
}

static void add_text(lua_State *lua, const char *name, cJSON *to)
{
    if (lua_getfield(lua, -1, name) == LUA_TSTRING) {
        (void)cJSON_AddItemToObject(to, name, text_at(lua, -1));
    }
    lua_pop(lua, 1);
}

/* The explanation is on top of the stack. */
static void add_explanation(lua_State *lua, cJSON *answer)
{
    add_text(lua, "first", answer);
    cJSON *chain = cJSON_AddArrayToObject(answer, "chain");
    if (lua_getfield(lua, -1, "chain") == LUA_TTABLE) {
        lua_Integer n = (lua_Integer)lua_rawlen(lua, -1);
        for (lua_Integer i = 1; i <= n; i++) {
            (void)lua_rawgeti(lua, -1, i);
            (void)cJSON_AddItemToArray(chain, text_at(lua, -1));
            lua_pop(lua, 1);
        }
    }
    lua_pop(lua, 1);
    add_text(lua, "remedy", answer);
    (void)lua_getfield(lua, -1, "likely");
    (void)cJSON_AddBoolToObject(answer, "likely", lua_toboolean(lua, -1));
    lua_pop(lua, 1);
}

bool control_why(const struct control_request *r, cJSON *answer, struct reason *why)
{
    lua_State *lua = luaL_newstate();
    struct asked asked = { .request = r };
    bool ok = false;
    CHECK(lua != NULL);
    lua_sethook(lua, too_long, LUA_MASKCOUNT, INSTRUCTIONS_MAX);
    lua_pushcfunction(lua, explain);
    lua_pushlightuserdata(lua, &asked);
    if (lua_pcall(lua, 1, 1, 0) != LUA_OK) {
        (void)reason_set(why, "why: cannot explain: %.200s",
                         lua_isstring(lua, -1) ? lua_tostring(lua, -1) : "?");
    } else if (!lua_istable(lua, -1)) {
        (void)reason_set(why, "why: nothing to explain: the trace has no such command");
    } else {
        add_explanation(lua, answer);
        ok = true;
    }
    lua_close(lua);
    return ok;
}
