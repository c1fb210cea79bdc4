/* modemtest.tls: the server's side of TLS 1.0 to 1.2 over memory, on mbedTLS. No socket and no
 * clock: bytes in, bytes out; the caller moves them. Failures: nil, "NAME: text", "NAME"; names:
 * ALERT (a fatal alert of the client), CLOSE_NOTIFY, VERIFY (its certificate), TLS (anything else).
 *
 * tls.server(options) -> s | failure
 *     options: certificate (PEM: the chain as it is sent, in any order), der (bytes sent in
 *     place of its first one), key (PEM, not necessarily of that certificate), password (of the
 *     key), min, max ("TLSv1.0" ... "TLSv1.2"), ciphers, alpn (lists of names), ca (PEM),
 *     client_certificate ("none", "optional", "required")
 * tls.describe(der)       -> { subject, issuer, serial, not_before, not_after, sha256 } | failure
 * s:input(bytes)             what came from the client
 * s:output()              -> what must go to the client, and is forgotten here
 * s:handshake()           -> true: it is over; false: it waits for bytes | failure
 * s:read()                -> bytes, "" when nothing is there now | failure
 * s:write(bytes, size)    -> true | failure: application data in records of at most 'size' bytes
 * s:alert(level, code)    -> true | failure: an alert, encrypted where the rest is
 * s:alert_received()      -> level, code of the fatal alert that failed with ALERT
 * s:info()                -> { version, cipher, alpn, verify }: verify is "" or says what is wrong
 * s:close()                  idempotent; every other method raises afterwards
 */
#include "harness/bindings.h"

#include "harness/tls_server.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <mbedtls/error.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#define TLS_TYPE   "modemtest.tls"
#define TEXT_CAP   1024
#define READ_CAP   4096
#define RECORD_MAX 16384

struct tls_box {
    struct tls_server *server; /* NULL once closed */
};

static int push_failure(lua_State *lua, int rc)
{
    static const struct {
        int rc;
        const char *name;
    } names[] = {
        { MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, "ALERT" },
        { MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "CLOSE_NOTIFY" },
        { MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, "VERIFY" },
    };

    const char *name = "TLS";
    char text[TEXT_CAP];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        name = names[i].rc == rc ? names[i].name : name;
    }
    mbedtls_strerror(rc, text, sizeof(text));
    lua_pushnil(lua);
    lua_pushfstring(lua, "%s: %s", name, text);
    lua_pushstring(lua, name);
    return 3;
}

static struct tls_server *check_open(lua_State *lua)
{
    const struct tls_box *box = luaL_checkudata(lua, 1, TLS_TYPE);

    luaL_argcheck(lua, box->server != NULL, 1, "TLS is closed");
    return box->server;
}

/* The string field of the options at index 1; it stays on the stack. */
static struct tls_bytes string_field(lua_State *lua, const char *name)
{
    struct tls_bytes bytes = { 0 };

    if (lua_getfield(lua, 1, name) != LUA_TNIL) {
        bytes.at = lua_tolstring(lua, -1, &bytes.len);
        if (bytes.at == NULL) {
            (void)luaL_error(lua, "%s must be a string", name);
        }
    }
    return bytes;
}

/* A field that is one of these words; its index. */
static int word_field(lua_State *lua, const char *name, const char *fallback,
                      const char *const words[])
{
    lua_getfield(lua, 1, name);
    const char *text = luaL_optstring(lua, -1, fallback);

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    return luaL_error(lua, "%s: '%s' is not one of its words", name, text);
}

static void ciphers_field(lua_State *lua, struct tls_options *ret_options)
{
    if (lua_getfield(lua, 1, "ciphers") == LUA_TNIL) {
        return;
    }
    luaL_checktype(lua, -1, LUA_TTABLE);
    const lua_Unsigned n = lua_rawlen(lua, -1);
    if (n == 0 || n > TLS_CIPHERS_MAX) {
        (void)luaL_error(lua, "ciphers: 1 to %d names", TLS_CIPHERS_MAX);
    }
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(lua, -1, (lua_Integer)i + 1);
        const char *name = luaL_checkstring(lua, -1);
        ret_options->ciphers[i] = tls_server_cipher(name);
        if (ret_options->ciphers[i] == 0) {
            (void)luaL_error(lua, "ciphers: this mbedTLS has no '%s'", name);
        }
        lua_pop(lua, 1);
    }
}

/* The names stay on the stack while they are used. */
static void alpn_field(lua_State *lua, struct tls_options *ret_options)
{
    if (lua_getfield(lua, 1, "alpn") == LUA_TNIL) {
        return;
    }
    luaL_checktype(lua, -1, LUA_TTABLE);
    const int table = lua_absindex(lua, -1);
    const lua_Unsigned n = lua_rawlen(lua, table);
    if (n > TLS_ALPN_MAX) {
        (void)luaL_error(lua, "alpn: at most %d names", TLS_ALPN_MAX);
    }
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(lua, table, (lua_Integer)i + 1);
        ret_options->alpn[i] = luaL_checkstring(lua, -1);
    }
}

static int l_server(lua_State *lua)
{
    static const char *const versions[] = { "TLSv1.0", "TLSv1.1", "TLSv1.2", NULL };
    static const char *const demands[] = { "none", "optional", "required", NULL };
    struct tls_options options = { 0 };

    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_checkstack(lua, TLS_ALPN_MAX + 20, NULL);
    struct tls_box *box = lua_newuserdatauv(lua, sizeof(*box), 0);
    box->server = NULL;
    luaL_setmetatable(lua, TLS_TYPE);
    const int self = lua_absindex(lua, -1);
    options.certificate = string_field(lua, "certificate");
    options.der = string_field(lua, "der");
    options.key = string_field(lua, "key");
    options.password = string_field(lua, "password");
    options.ca = string_field(lua, "ca");
    options.min = word_field(lua, "min", "TLSv1.0", versions) + 1;
    options.max = word_field(lua, "max", "TLSv1.2", versions) + 1;
    options.client_certificate = word_field(lua, "client_certificate", "none", demands);
    ciphers_field(lua, &options);
    alpn_field(lua, &options);
    const int rc = tls_server_open(&options, &box->server);
    if (rc != 0) {
        return push_failure(lua, rc);
    }
    lua_pushvalue(lua, self);
    return 1;
}

static int l_input(lua_State *lua)
{
    struct tls_server *server = check_open(lua);
    size_t len = 0;
    const char *bytes = luaL_checklstring(lua, 2, &len);

    if (tls_server_input(server, bytes, len) != 0) {
        return luaL_error(lua, "out of memory");
    }
    return 0;
}

static int l_output(lua_State *lua)
{
    struct tls_server *server = check_open(lua);
    size_t len = 0;
    const void *bytes = tls_server_output(server, &len);

    lua_pushlstring(lua, bytes, len);
    tls_server_sent(server);
    return 1;
}

static int l_handshake(lua_State *lua)
{
    const int rc = tls_server_handshake(check_open(lua));

    if (rc < 0) {
        return push_failure(lua, rc);
    }
    lua_pushboolean(lua, rc == 0);
    return 1;
}

static int l_read(lua_State *lua)
{
    char buf[READ_CAP];
    const int n = tls_server_read(check_open(lua), buf, sizeof(buf));

    if (n < 0) {
        return push_failure(lua, n);
    }
    lua_pushlstring(lua, buf, (size_t)n);
    return 1;
}

static int push_done(lua_State *lua, int rc)
{
    if (rc != 0) {
        return push_failure(lua, rc);
    }
    lua_pushboolean(lua, 1);
    return 1;
}

static int l_write(lua_State *lua)
{
    struct tls_server *server = check_open(lua);
    size_t len = 0;
    const char *bytes = luaL_checklstring(lua, 2, &len);
    const lua_Integer size = luaL_optinteger(lua, 3, RECORD_MAX);

    luaL_argcheck(lua, size >= 1 && size <= RECORD_MAX, 3, "a record has 1 to 16384 bytes");
    return push_done(lua, tls_server_write(server, bytes, len, (size_t)size));
}

static int l_alert(lua_State *lua)
{
    struct tls_server *server = check_open(lua);
    const lua_Integer level = luaL_checkinteger(lua, 2);
    const lua_Integer code = luaL_checkinteger(lua, 3);

    luaL_argcheck(lua, level >= 0 && level <= 255, 2, "out of range");
    luaL_argcheck(lua, code >= 0 && code <= 255, 3, "out of range");
    return push_done(lua, tls_server_alert(server, (uint8_t)level, (uint8_t)code));
}

static int l_alert_received(lua_State *lua)
{
    uint8_t level = 0;
    uint8_t code = 0;

    tls_server_alert_received(check_open(lua), &level, &code);
    lua_pushinteger(lua, level);
    lua_pushinteger(lua, code);
    return 2;
}

static int l_info(lua_State *lua)
{
    struct tls_info info;
    char verify[TEXT_CAP];

    tls_server_info(check_open(lua), &info);
    lua_createtable(lua, 0, 4);
    lua_pushstring(lua, info.version);
    lua_setfield(lua, -2, "version");
    lua_pushstring(lua, info.cipher);
    lua_setfield(lua, -2, "cipher");
    lua_pushstring(lua, info.alpn);
    lua_setfield(lua, -2, "alpn");
    const int n = info.verify == 0 || info.verify == UINT32_MAX
                      ? 0
                      : mbedtls_x509_crt_verify_info(verify, sizeof(verify), "", info.verify);
    lua_pushlstring(lua, verify, n > 0 ? (size_t)n : 0);
    lua_setfield(lua, -2, "verify");
    return 1;
}

static void set_time(lua_State *lua, const char *name, const mbedtls_x509_time *time)
{
    char text[sizeof("2147483647-2147483647-2147483647T2147483647:2147483647:2147483647Z")];

    (void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", time->year, time->mon,
                   time->day, time->hour, time->min, time->sec);
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, name);
}

static void set_text(lua_State *lua, const char *name, const char *text, int len)
{
    lua_pushlstring(lua, text, len > 0 ? (size_t)len : 0);
    lua_setfield(lua, -2, name);
}

static void push_certificate(lua_State *lua, const mbedtls_x509_crt *crt)
{
    char text[TEXT_CAP];
    uint8_t hash[32];

    lua_createtable(lua, 0, 6);
    set_text(lua, "subject", text, mbedtls_x509_dn_gets(text, sizeof(text), &crt->subject));
    set_text(lua, "issuer", text, mbedtls_x509_dn_gets(text, sizeof(text), &crt->issuer));
    set_text(lua, "serial", text, mbedtls_x509_serial_gets(text, sizeof(text), &crt->serial));
    set_time(lua, "not_before", &crt->valid_from);
    set_time(lua, "not_after", &crt->valid_to);
    if (mbedtls_sha256_ret(crt->raw.p, crt->raw.len, hash, 0) == 0) {
        for (size_t i = 0; i < sizeof(hash); i++) {
            (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
        }
        set_text(lua, "sha256", text, 2 * (int)sizeof(hash));
    }
}

static int l_describe(lua_State *lua)
{
    size_t len = 0;
    const char *der = luaL_checklstring(lua, 1, &len);
    mbedtls_x509_crt crt;

    mbedtls_x509_crt_init(&crt);
    const int rc = mbedtls_x509_crt_parse_der(&crt, (const uint8_t *)der, len);
    if (rc == 0) {
        push_certificate(lua, &crt);
    }
    mbedtls_x509_crt_free(&crt);
    return rc == 0 ? 1 : push_failure(lua, rc);
}

static int l_close(lua_State *lua)
{
    struct tls_box *box = luaL_checkudata(lua, 1, TLS_TYPE);

    tls_server_close(&box->server);
    return 0;
}

int luaopen_modemtest_tls(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        { "input", l_input },
        { "output", l_output },
        { "handshake", l_handshake },
        { "read", l_read },
        { "write", l_write },
        { "alert", l_alert },
        { "alert_received", l_alert_received },
        { "info", l_info },
        { "close", l_close },
        { NULL, NULL },
    };
    static const luaL_Reg functions[] = {
        { "server", l_server },
        { "describe", l_describe },
        { NULL, NULL },
    };

    make_metatable(lua, TLS_TYPE, methods, l_close);
    luaL_newlib(lua, functions);
    return 1;
}
