/* What client-good makes of the deltas of a shadow, and of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "good_shadow.h"

static struct shadow shadow;

/* The text is copied to a block of its size, so that a sanitizer sees what is read behind it. */
static enum shadow_result apply_bytes(const char *text, size_t n)
{
    char *bytes = malloc(n > 0 ? n : 1);
    assert_non_null(bytes);
    memcpy(bytes, text, n);
    enum shadow_result result = shadow_apply(&shadow, bytes, n);
    free(bytes);
    return result;
}

static enum shadow_result apply(const char *text)
{
    return apply_bytes(text, strlen(text));
}

static void begin(const char *state)
{
    memset(&shadow, 0, sizeof(shadow));
    memcpy(shadow.state, state, strlen(state));
}

#define assert_state(before, delta, after)                                                         \
    do {                                                                                           \
        begin(before);                                                                             \
        assert_int_equal(apply(delta), SHADOW_TAKEN);                                              \
        assert_string_equal(shadow.state, after);                                                  \
    } while (0)

#define assert_ignored(delta, result)                                                              \
    do {                                                                                           \
        begin("{\"a\":1}");                                                                        \
        assert_int_equal(apply(delta), result);                                                    \
        assert_string_equal(shadow.state, "{\"a\":1}");                                            \
    } while (0)

static void what_it_begins_with(void **state)
{
    (void)state;
    shadow_init(&shadow);
    assert_string_equal(shadow.state, "{\"client\":\"client-good\"}");
}

static void members(void **state)
{
    (void)state;
    assert_state("{}", "{\"state\":{\"advisor\":1}}", "{\"advisor\":1}");
    assert_state("{\"a\":1}", "{\"version\":4,\"timestamp\":7,\"state\":{\"b\":2},\"metadata\":{}}",
                 "{\"a\":1,\"b\":2}");
    assert_state("{\"a\":1,\"b\":2,\"c\":3}", "{\"state\":{\"b\":-4.5}}",
                 "{\"a\":1,\"b\":-4.5,\"c\":3}");
    assert_state("{\"a\":1}", " {\r\n\t\"state\" : { \"a\" : [ 1 , \" 2\" ] , \"b\" : true } } ",
                 "{\"a\":[1,\" 2\"],\"b\":true}");
    assert_state("{\"a\":1}", "{\"state\":{}}", "{\"a\":1}");
    assert_state("{\"a\":[1]}", "{\"state\":{\"a\":null,\"b\":false,\"\":0}}",
                 "{\"a\":null,\"b\":false,\"\":0}");
}

static void objects_in_objects(void **state)
{
    (void)state;
    assert_state("{\"a\":{\"b\":1,\"c\":2}}", "{\"state\":{\"a\":{\"c\":3,\"d\":4}}}",
                 "{\"a\":{\"b\":1,\"c\":3,\"d\":4}}");
    assert_state("{\"a\":1}", "{\"state\":{\"a\":{\"b\":{\"c\":[]}}}}",
                 "{\"a\":{\"b\":{\"c\":[]}}}");
    assert_state("{\"a\":{\"b\":1}}", "{\"state\":{\"a\":2}}", "{\"a\":2}");
    /* A member of the same name further inside, or further out, is another one. */
    assert_state("{\"a\":1}", "{\"x\":{\"state\":{\"a\":2}},\"state\":{\"b\":{\"a\":3}}}",
                 "{\"a\":1,\"b\":{\"a\":3}}");
    assert_ignored("{\"x\":{\"state\":{\"a\":2}}}", SHADOW_NO_STATE);
}

static void strings_with_escapes(void **state)
{
    (void)state;
    assert_state("{\"a\":1}", "{\"state\":{\"b\":\"\\\"}{\\\\\"}}",
                 "{\"a\":1,\"b\":\"\\\"}{\\\\\"}");
    assert_state("{\"a\":1}", "{\"x\":\"\\\",\\\"state\\\":{\\\"a\\\":2}\",\"state\":{\"a\":3}}",
                 "{\"a\":3}");
    assert_state("{\"a\":1}", "{\"\\u0073t\\u0061te\":{\"\\u0061\":2}}", "{\"a\":2}");
    /* U+00E4 and U+1F600 */
    assert_state("{\"\xC3\xA4\":1}", "{\"state\":{\"\\u00e4\":3,\"\\uD83D\\uDE00\":4}}",
                 "{\"\xC3\xA4\":3,\"\xF0\x9F\x98\x80\":4}");
}

static void names_twice(void **state)
{
    (void)state;
    assert_state("{}", "{\"state\":{\"a\":1,\"b\":2,\"\\u0061\":3}}", "{\"a\":3,\"b\":2}");
    assert_state("{}", "{\"state\":{\"a\":{\"b\":1,\"b\":2}}}", "{\"a\":{\"b\":2}}");
    assert_state("{\"a\":1}", "{\"state\":{\"a\":{},\"a\":{\"b\":1}}}", "{\"a\":{\"b\":1}}");
}

static void what_is_no_json(void **state)
{
    static const char *const TEXTS[] = {
        "",
        " ",
        "{",
        "{\"state\":{\"a\":2}",
        "{\"state\":{\"a\":2}}}",
        "{\"state\":{\"a\":2}}x",
        "{\"state\":{\"a\":2,}}",
        "{'state':{\"a\":2}}",
        "{\"state\":{\"a\":nul}}",
        "{\"state\":{\"a\":\"\\x\"}}",
        "{\"state\":{\"a\":\"\\\"}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        assert_ignored(TEXTS[i], SHADOW_UNREADABLE);
    }
    begin("{\"a\":1}");
    assert_int_equal(apply_bytes("{\"state\":{}}\0", 13), SHADOW_UNREADABLE);
    assert_ignored("1", SHADOW_NO_STATE);
    assert_ignored("[{\"state\":{\"a\":2}}]", SHADOW_NO_STATE);
    assert_ignored("{}", SHADOW_NO_STATE);
    assert_ignored("{\"state\":[{\"a\":2}]}", SHADOW_NO_STATE);
    assert_ignored("{\"state\":null}", SHADOW_NO_STATE);
}

static void too_deep(void **state)
{
    static char text[6000] = "{\"state\":{\"b\":";
    (void)state;
    memset(text + strlen(text), '[', sizeof(text) - strlen(text) - 1);
    assert_ignored(text, SHADOW_UNREADABLE);
}

/* {"state":{"b":"xxx"}} with n x. */
static const char *long_value(size_t n)
{
    static char text[SHADOW_STATE_MAX + 100];
    char *to = text + snprintf(text, sizeof(text), "{\"state\":{\"b\":\"");
    memset(to, 'x', n);
    memcpy(to + n, "\"}}", sizeof("\"}}"));
    return text;
}

static void too_long(void **state)
{
    (void)state;
    begin("{\"a\":1}");
    assert_int_equal(apply(long_value(SHADOW_STATE_MAX - 30)), SHADOW_TAKEN);
    /* What is nearly full can still change. */
    assert_int_equal(apply("{\"state\":{\"a\":2,\"b\":3}}"), SHADOW_TAKEN);
    assert_string_equal(shadow.state, "{\"a\":2,\"b\":3}");
    assert_ignored(long_value(SHADOW_STATE_MAX), SHADOW_TOO_LONG);
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(shadow_words(SHADOW_UNREADABLE), "it is no JSON, or nested too deep");
    assert_string_equal(shadow_words(SHADOW_NO_STATE), "it has no object \"state\"");
    assert_string_equal(shadow_words(SHADOW_TOO_LONG), "there is no room for its state");
    assert_string_equal(shadow_words(SHADOW_TAKEN), "it is taken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_begins_with),
        cmocka_unit_test(members),
        cmocka_unit_test(objects_in_objects),
        cmocka_unit_test(strings_with_escapes),
        cmocka_unit_test(names_twice),
        cmocka_unit_test(what_is_no_json),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(too_long),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
