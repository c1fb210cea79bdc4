/* Profiles: defaults, dump, built-in files, broken files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/dump.h"
#include "sim/modem/profile.h"

static void good_key(int32_t lo, int32_t def, int32_t hi, const char *doc)
{
    assert_in_range(def - lo, 0, hi - lo);
    assert_true(strlen(doc) > 3);
}

static void defaults_are_in_range(void **state)
{
    (void)state;
#define WORD(field, key, words, def, doc)      good_key(0, def, (int32_t)strlen(words), doc);
#define NUMBER(field, key, lo, hi, def, doc)   good_key(lo, def, hi, doc);
#define RANGE(field, key, lo, hi, def, doc)    good_key(1, schema_each_range(def, NULL, NULL), 1, doc);
#define TEXT(field, key, most_bytes, def, doc) good_key(0, (int32_t)strlen(def), most_bytes, doc);
#include "sim/modem/profile.def"
#include "sim/modem/world.def"
#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
}

static void assert_same(const struct profile *a, const struct profile *b)
{
#define WORD(field, key, words, def, doc)      assert_int_equal(a->field, b->field);
#define NUMBER(field, key, lo, hi, def, doc)   assert_int_equal(a->field, b->field);
#define RANGE(field, key, lo, hi, def, doc)    assert_string_equal(a->field, b->field);
#define TEXT(field, key, most_bytes, def, doc) assert_string_equal(a->field, b->field);
#include "sim/modem/profile.def"
#include "sim/modem/world.def"
#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
}

/* What --dump profile prints is a profile that reads back to the same values. */
static void read_back(const struct profile *p)
{
    char error[256] = "";
    struct profile again;
    struct buf text;
    buf_init(&text, (size_t)64 * 1024);
    assert_true(modem_dump("profile", "text", p, &text));
    profile_default(&again);
    if (!profile_parse(&again, buf_span(&text), error, sizeof error)) {
        fail_msg("%s", error);
    }
    assert_same(p, &again);
    buf_fini(&text);
}

static void dump_reads_back(void **state)
{
    (void)state;
    char error[256] = "";
    struct profile p;
    profile_default(&p);
    read_back(&p);
    assert_true(profile_parse(&p,
                              SPAN_LIT("result_style=async\r\n  prompt =\t\\r\\n>\\s \n"
                                       "# a comment\n\nmodel = \\s a\\\\b \\s\nimsi =\n"
                                       "range.disc_timeout = 0,1-180"),
                              error, sizeof error));
    assert_string_equal(p.prompt, "\r\n> ");
    assert_string_equal(p.model, "  a\\b  ");
    assert_string_equal(p.imsi, "");
    assert_string_equal(p.ranges[RANGE_disc_timeout], "0,1-180");
    read_back(&p);
}

static void built_in_profiles(void **state)
{
    (void)state;
    struct profile a;
    struct profile b;
    assert_string_equal(profile_builtin_names(),
                        "sim7600, sim7600-async, sim7600e, v1-2018, a76xx");
    assert_true(profile_builtin(&a, "sim7600"));
    profile_default(&b);
    assert_same(&a, &b);
    assert_string_equal(a.name, "sim7600");
    assert_true(profile_builtin(&a, "sim7600-async"));
    assert_string_equal(a.name, "sim7600-async");
    assert_int_equal(a.result_style, STYLE_ASYNC);
    a.result_style = STYLE_SYNC;
    assert_same(&a, &b);
    assert_false(profile_builtin(&a, "sim9999"));
    assert_false(profile_builtin(&a, ""));
}

/* Lines of 'b' that differ from those of 'a', both as dumped; they come key by key. */
static unsigned differing_keys(const char *a, const char *b)
{
    struct buf text[2];
    const char *names[] = { a, b };
    for (int i = 0; i < 2; i++) {
        struct profile p;
        assert_true(profile_builtin(&p, names[i]));
        read_back(&p);
        buf_init(&text[i], (size_t)64 * 1024);
        assert_true(modem_dump("profile", "text", &p, &text[i]));
    }
    struct span x = buf_span(&text[0]);
    struct span y = buf_span(&text[1]);
    unsigned n = 0;
    while (x.n > 0 && y.n > 0) {
        size_t nx = (size_t)((const uint8_t *)memchr(x.p, '\n', x.n) - x.p) + 1;
        size_t ny = (size_t)((const uint8_t *)memchr(y.p, '\n', y.n) - y.p) + 1;
        n += span_eq(span_of(x.p, nx), span_of(y.p, ny)) ? 0 : 1;
        x = span_from(x, nx);
        y = span_from(y, ny);
    }
    assert_int_equal(x.n + y.n, 0);
    buf_fini(&text[0]);
    buf_fini(&text[1]);
    return n;
}

/* A diff between two dumps shows exactly the keys in which the profiles differ. */
static void dumps_differ_in_their_keys(void **state)
{
    (void)state;
    assert_int_equal(differing_keys("sim7600", "sim7600"), 0);
    assert_int_equal(differing_keys("sim7600", "sim7600-async"), 1);
    assert_int_equal(differing_keys("sim7600-async", "sim7600e"), 5);
    assert_int_equal(differing_keys("sim7600-async", "v1-2018"), 14);
    assert_in_range(differing_keys("sim7600", "a76xx"), 30, 40);
}

/* What modem_set changes: keys of world.def, one at a time, and nothing else. */
static void live_keys(void **state)
{
    (void)state;
    char error[256] = "";
    struct profile a;
    struct profile b;
    profile_default(&a);
    profile_copy(&b, &a);
    assert_ptr_not_equal(a.ranges[RANGE_clientid], b.ranges[RANGE_clientid]);
    assert_same(&a, &b);
    assert_true(profile_set_live(&b, SPAN_LIT("network"), SPAN_LIT("none"), error, sizeof error));
    assert_int_equal(b.network, NETWORK_NONE);
    b.network = a.network;
    assert_same(&a, &b);
    assert_false(profile_set_live(&b, SPAN_LIT("model"), SPAN_LIT("x"), error, sizeof error));
    assert_false(profile_set_live(&b, SPAN_LIT("network"), SPAN_LIT("never"), error, sizeof error));
    assert_string_equal(error, "network: 'never' is not valid, it takes none|home|roaming|denied");
    assert_same(&a, &b);
}

static void broken_profiles(void **state)
{
    (void)state;

    static const struct {
        struct span text;
        const char *error;
    } cases[] = {

#define CASE(t, e) { { (const uint8_t *)(t), sizeof(t) - 1 }, e }
        CASE("result_stile = sync",
             "line 1: unknown key 'result_stile'; 'sim7600 --dump profile' lists all"),
        CASE("# x\n\nresult_style = soon",
             "line 3: result_style: 'soon' is not valid, it takes sync|async|link"),
        CASE("result_style = ", "line 1: result_style: '' is not valid, it takes sync|async|link"),
        CASE("result_style", "line 1: expected 'key = value', found 'result_style'"),
        CASE("= 3", "line 1: unknown key ''; 'sim7600 --dump profile' lists all"),
        CASE("line_max = 15", "line 1: line_max: '15' is not valid, it takes 16-4096"),
        CASE("line_max = 4097", "line 1: line_max: '4097' is not valid, it takes 16-4096"),
        CASE("line_max = 99999999999",
             "line 1: line_max: '99999999999' is not valid, it takes 16-4096"),
        CASE("line_max = 0x20", "line 1: line_max: '0x20' is not valid, it takes 16-4096"),
        CASE("line_max = 20 # twenty",
             "line 1: line_max: '20 # twenty' is not valid, it takes 16-4096"),
        CASE("extend = nobody", "line 1: extend: no built-in profile 'nobody'; there are: sim7600, "
                                "sim7600-async, sim7600e, v1-2018, a76xx"),
        CASE("line_max = 20\nextend = sim7600", "line 2: extend = sim7600 must be the first key"),
        CASE("range.certname = 5-500",
             "line 1: range.certname: '5-500' is not valid, it takes ranges such as 0,60-180, "
             "within 1-128"),
        CASE("range.clientid = 10-1",
             "line 1: range.clientid: '10-1' is not valid, it takes ranges such as 0,60-180, "
             "within 1-128"),
        CASE("range.clientid = ",
             "line 1: range.clientid: '' is not valid, it takes ranges such as 0,60-180, within "
             "1-128"),
        CASE("range.clientid = 1-5,",
             "line 1: range.clientid: '1-5,' is not valid, it takes ranges such as 0,60-180, "
             "within 1-128"),
        CASE("range.keepalive = 1-65536",
             "line 1: range.keepalive: '1-65536' is not valid, it takes ranges such as 0,60-180, "
             "within 0-65535"),
        CASE("range.clientid = 1,2,3,4,5,6,7,8,9,10,11,12,13,14",
             "line 1: range.clientid: '1,2,3,4,5,6,7,8,9,10,11,12,13,14' is not valid, it takes "
             "ranges such as 0,60-180, within 1-128"),
        CASE("prompt = 123456789",
             "line 1: prompt: '123456789' is not valid, it takes text of at most 8 bytes"),
        CASE("prompt = \\x",
             "line 1: prompt: '\\x' is not valid, it takes text of at most 8 bytes"),
        CASE("prompt = \\", "line 1: prompt: '\\' is not valid, it takes text of at most 8 bytes"),
        CASE("prompt = a\0b", "line 1: prompt: 'a"),
        CASE("result_style = async\0", "line 1: result_style: 'async"),
        CASE("\0\0\0\0", "line 1: expected 'key = value', found '"),
        CASE("imei = 1234567890123456",
             "line 1: imei: '1234567890123456' is not valid, it takes text of at most 15 bytes"),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char error[256] = "";
        struct profile p;
        profile_default(&p);
        if (profile_parse(&p, cases[i].text, error, sizeof error)) {
            fail_msg("taken: %s", (const char *)cases[i].text.p);
        }
        if (memchr(cases[i].text.p, 0, cases[i].text.n) != NULL) {
            error[strlen(cases[i].error)] = '\0'; /* the text ends at the NUL */
        }
        assert_string_equal(error, cases[i].error);
    }
}

/* 1 MB of anything: one clear line, whatever the bytes. */
static void garbage(void **state)
{
    (void)state;

    enum { SIZE = 1 << 20 };

    uint8_t *text = xcalloc(1, SIZE);
    uint32_t x = 1;
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < SIZE; i++) {
            x = x * 1664525 + 1013904223;
            text[i] = kind == 0 ? (uint8_t)(x >> 24) : (uint8_t) "x =\\"[kind];
        }
        char error[256] = "";
        struct profile p;
        profile_default(&p);
        bool taken = profile_parse(&p, span_of(text, SIZE), error, sizeof error);
        assert_int_equal(taken, kind == 1); /* nothing but spaces is an empty profile */
        assert_true(taken || strncmp(error, "line 1: ", 8) == 0);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_in_range),
        cmocka_unit_test(dump_reads_back),
        cmocka_unit_test(built_in_profiles),
        cmocka_unit_test(dumps_differ_in_their_keys),
        cmocka_unit_test(live_keys),
        cmocka_unit_test(broken_profiles),
        cmocka_unit_test(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
