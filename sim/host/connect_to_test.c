#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/connect_to.h"

static void parse(void **state)
{
    /* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): columns as they are read */
    static const struct {
        const char *text;
        bool ok;
        const char *host;
        unsigned port;
        const char *to_host;
        unsigned to_port;
    } cases[] = {
        { "a:1:b:2", true, "a", 1, "b", 2 },
        { "::127.0.0.1:8883", true, "", 0, "127.0.0.1", 8883 },
        { "a:1::", true, "a", 1, "", 0 },
        { ":::", true, "", 0, "", 0 },
        { "[::1]:8883:[fe80::1]:1", true, "::1", 8883, "fe80::1", 1 },
        { "a:65535:b:65535", true, "a", 65535, "b", 65535 },
        { "", false, NULL, 0, NULL, 0 },
        { "a", false, NULL, 0, NULL, 0 },
        { "a:1", false, NULL, 0, NULL, 0 },
        { "a:1:b", false, NULL, 0, NULL, 0 },
        { "a:1:b:2:3", false, NULL, 0, NULL, 0 },
        { "a:1:b:2 ", false, NULL, 0, NULL, 0 },
        { "a:x:b:2", false, NULL, 0, NULL, 0 },
        { "a:-1:b:2", false, NULL, 0, NULL, 0 },
        { "a:0:b:2", false, NULL, 0, NULL, 0 },
        { "a:65536:b:2", false, NULL, 0, NULL, 0 },
        { "a:4294967297:b:2", false, NULL, 0, NULL, 0 },
        { "[::1:1:b:2", false, NULL, 0, NULL, 0 },
        { "[]:1:b:2", false, NULL, 0, NULL, 0 },
        { "[::1]x:1:b:2", false, NULL, 0, NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct connect_to_rule r;
        bool ok = connect_to_parse(cases[i].text, &r);
        if (ok != cases[i].ok) {
            fail_msg("'%s' was %s", cases[i].text, ok ? "accepted" : "refused");
        }
        if (ok) {
            assert_string_equal(r.host, cases[i].host);
            assert_int_equal(r.port, cases[i].port);
            assert_string_equal(r.to_host, cases[i].to_host);
            assert_int_equal(r.to_port, cases[i].to_port);
        }
    }
}

static void host_of_256_bytes(void **state)
{
    char text[300];
    struct connect_to_rule r;
    (void)state;
    memset(text, 'a', sizeof text);
    (void)snprintf(text + CONNECT_TO_HOST_MAX, 10, ":1::");
    assert_true(connect_to_parse(text, &r));
    memset(text, 'a', sizeof text);
    (void)snprintf(text + CONNECT_TO_HOST_MAX + 1, 10, ":1::");
    assert_false(connect_to_parse(text, &r));
}

static void apply(void **state)
{
    /* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): columns as they are read */
    static const struct {
        const char *rules[2], *host;
        unsigned port;
        const char *to_host;
        unsigned to_port;
    } cases[] = {
        { { "a:1:b:2", NULL }, "a", 1, "b", 2 },
        { { "a:1:b:2", NULL }, "A", 1, "b", 2 },
        { { "a:1:b:2", NULL }, "a", 3, "a", 3 },
        { { "a:1:b:2", NULL }, "ab", 1, "ab", 1 },
        { { "::b:2", NULL }, "x", 9, "b", 2 },
        { { ":9::2", NULL }, "x", 9, "x", 2 },
        { { "x::y:", NULL }, "x", 9, "y", 9 },
        { { "a::first:", "::second:" }, "a", 1, "first", 1 },
        { { "a::first:", "::second:" }, "c", 1, "second", 1 },
        { { "a::b:", "b::c:" }, "a", 1, "b", 1 },      /* one rule only, no chains */
        { { ":123::", "::b:2" }, "x", 123, "x", 123 }, /* an exception */
        { { NULL, NULL }, "x", 9, "x", 9 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct connect_to_rule rules[2];
        struct connect_to c = { rules, 0 };
        while (c.n < 2 && cases[i].rules[c.n] != NULL) {
            assert_true(connect_to_parse(cases[i].rules[c.n], &rules[c.n]));
            c.n++;
        }
        struct span host = span_str(cases[i].host);
        uint16_t port = (uint16_t)cases[i].port;
        connect_to_apply(&c, &host, &port);
        assert_true(span_eq(host, span_str(cases[i].to_host)));
        assert_int_equal(port, cases[i].to_port);
    }
}

static void name(void **state)
{
    (void)state;
    struct connect_to_rule rules[2];
    struct connect_to c = { rules, 2 };
    assert_true(connect_to_parse("a:123:b:9", &rules[0]));
    assert_true(connect_to_parse("a::c:9", &rules[1]));

    const struct {
        struct span host;
        uint16_t port;
        const char *name; /* NULL: none */
        uint16_t to_port;
    } cases[] = {
        { SPAN_LIT("a"), 123, "b", 9 },
        { SPAN_LIT("a"), 0, "c", 9 }, /* what has no port takes rules for any port only */
        { SPAN_LIT("other"), 0, "other", 0 },
        { SPAN_LIT(""), 1, NULL, 1 },
        { SPAN_LIT("o\0ther"), 1, NULL, 1 },
    };

    char text[CONNECT_TO_HOST_MAX + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span host = cases[i].host;
        uint16_t port = cases[i].port;
        assert_int_equal(connect_to_name(&c, &host, &port, text), cases[i].name != NULL);
        assert_int_equal(port, cases[i].to_port);
        if (cases[i].name != NULL) {
            assert_string_equal(text, cases[i].name);
        }
    }
    char longest[CONNECT_TO_HOST_MAX + 1];
    uint16_t port = 1;
    memset(longest, 'x', sizeof longest);
    struct span host = span_of(longest, CONNECT_TO_HOST_MAX);
    assert_true(connect_to_name(&c, &host, &port, text));
    host = span_of(longest, sizeof longest);
    assert_false(connect_to_name(&c, &host, &port, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse),
        cmocka_unit_test(host_of_256_bytes),
        cmocka_unit_test(apply),
        cmocka_unit_test(name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
