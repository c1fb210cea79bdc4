/* Updates of a shadow: what they store, what differs then, and why they are rejected. */
#include "broker/shadow_test_kit.h"

#include "broker/shadow_doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is stored behind two updates, and the delta of the second; "-" where there is none. */
static const struct {
    const char *first;
    const char *second;
    const char *stored;
    const char *delta;
} merge_row[] = {
    { "{\"desired\":{\"a\":{\"b\":1,\"c\":2}}}", "{\"desired\":{\"a\":{\"b\":3}}}",
      "{\"desired\":{\"a\":{\"b\":3,\"c\":2}}}", "{\"a\":{\"b\":3,\"c\":2}}" },
    { "{\"desired\":{\"a\":{\"b\":1,\"c\":2}}}", "{\"desired\":{\"a\":{\"b\":null}}}",
      "{\"desired\":{\"a\":{\"c\":2}}}", "{\"a\":{\"c\":2}}" },
    { "{\"desired\":{\"a\":1}}", "{\"desired\":{\"a\":null}}", "{}", "-" },
    { "{\"desired\":{\"a\":1}}", "{\"desired\":{\"none\":null}}", "{\"desired\":{\"a\":1}}",
      "{\"a\":1}" },
    { "{\"desired\":{\"a\":1},\"reported\":{\"a\":2}}", "null", "{}", "-" },
    { "{\"desired\":{\"a\":1},\"reported\":{\"a\":2}}", "{\"reported\":null}",
      "{\"desired\":{\"a\":1}}", "{\"a\":1}" },
    /* arrays are replaced whole, and differ as a whole */
    { "{\"desired\":{\"a\":[1,2,3]}}", "{\"desired\":{\"a\":[1]}}", "{\"desired\":{\"a\":[1]}}",
      "{\"a\":[1]}" },
    { "{\"desired\":{\"a\":[1,{\"b\":2}]}}", "{\"reported\":{\"a\":[1,{\"b\":3}]}}",
      "{\"desired\":{\"a\":[1,{\"b\":2}]},\"reported\":{\"a\":[1,{\"b\":3}]}}",
      "{\"a\":[1,{\"b\":2}]}" },
    { "{\"desired\":{\"a\":[1,2]}}", "{\"reported\":{\"a\":[2,1]}}",
      "{\"desired\":{\"a\":[1,2]},\"reported\":{\"a\":[2,1]}}", "{\"a\":[1,2]}" },
    /* a value takes the place of an object and the other way round */
    { "{\"desired\":{\"a\":{\"b\":1}}}", "{\"desired\":{\"a\":2}}", "{\"desired\":{\"a\":2}}",
      "{\"a\":2}" },
    { "{\"desired\":{\"a\":2}}", "{\"desired\":{\"a\":{\"b\":1,\"x\":null}}}",
      "{\"desired\":{\"a\":{\"b\":1}}}", "{\"a\":{\"b\":1}}" },
    { "{\"desired\":{\"a\":[2]}}", "{\"desired\":{\"a\":{\"b\":1}}}",
      "{\"desired\":{\"a\":{\"b\":1}}}", "{\"a\":{\"b\":1}}" },
    /* the delta has only what differs, also below; what is only reported is not in it */
    { "{\"desired\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}",
      "{\"reported\":{\"a\":{\"b\":1,\"c\":9,\"z\":0},\"d\":3,\"e\":4}}",
      "{\"desired\":{\"a\":{\"b\":1,\"c\":2},\"d\":3},\"reported\":{\"a\":{\"b\":1,\"c\":9,\"z\":0}"
      ",\"d\":3,"
      "\"e\":4}}",
      "{\"a\":{\"c\":2}}" },
    { "{\"desired\":{\"a\":{\"b\":1}}}", "{\"reported\":{\"a\":{\"b\":1,\"z\":0}}}",
      "{\"desired\":{\"a\":{\"b\":1}},\"reported\":{\"a\":{\"b\":1,\"z\":0}}}", "-" },
    { "{\"desired\":{\"a\":1}}", "{\"reported\":{\"a\":1}}",
      "{\"desired\":{\"a\":1},\"reported\":{\"a\":1}}", "-" },
    { "{\"desired\":{\"a\":1}}", "{\"reported\":{\"a\":\"1\"}}",
      "{\"desired\":{\"a\":1},\"reported\":{\"a\":\"1\"}}", "{\"a\":1}" },
    { "{\"desired\":{\"a\":true}}", "{\"reported\":{\"a\":false}}",
      "{\"desired\":{\"a\":true},\"reported\":{\"a\":false}}", "{\"a\":true}" },
    { "{\"desired\":{\"a\":{\"b\":1}}}", "{\"reported\":{\"a\":1}}",
      "{\"desired\":{\"a\":{\"b\":1}},\"reported\":{\"a\":1}}", "{\"a\":{\"b\":1}}" },
    /* names are compared with their case; of two members with one name the last counts */
    { "{\"desired\":{\"A\":1}}", "{\"reported\":{\"a\":1}}",
      "{\"desired\":{\"A\":1},\"reported\":{\"a\":1}}", "{\"A\":1}" },
    { "{}", "{\"desired\":{\"a\":1,\"b\":2,\"a\":3}}", "{\"desired\":{\"b\":2,\"a\":3}}",
      "{\"b\":2,\"a\":3}" },
    { "{}", "{\"desired\":{\"a\":1},\"desired\":null}", "{}", "-" },
    { "{}", "{\"desired\":{\"\":0,\"\\u00e4\":-1.5e3,\"t\":1700000000000}}",
      "{\"desired\":{\"\":0,\"\xC3\xA4\":-1500,\"t\":1700000000000}}",
      "{\"\":0,\"\xC3\xA4\":-1500,\"t\":1700000000000}" },
};

/* Cuts what begins behind 'begin' and ends before 'end' out of 'text'. */
static void cut(const char *text, const char *begin, const char *end, char *ret, size_t size)
{
    snprintf(ret, size, "-");
    const char *from = strstr(text, begin);
    const char *to = from == NULL ? NULL : strstr(from, end);
    if (to != NULL) {
        from += strlen(begin);
        snprintf(ret, size, "%.*s", (int)(to - from), from);
    }
}

static void test_merge_and_delta(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof merge_row / sizeof merge_row[0]; i++) {
        char stub[64];
        char payload[512];
        char got[512];
        snprintf(stub, sizeof stub, "name/row%zu/update", i);
        snprintf(payload, sizeof payload, "{\"state\":%s}", merge_row[i].first);
        shadow_test_request(fixture, stub, payload);
        snprintf(payload, sizeof payload, "{\"state\":%s}", merge_row[i].second);
        const char *heard = shadow_test_request(fixture, stub, payload);
        cut(heard, "\"current\":{\"state\":", ",\"metadata\":", got, sizeof got);
        if (strcmp(got, merge_row[i].stored) != 0) {
            fail_msg("row %zu: stored %s, wanted %s", i, got, merge_row[i].stored);
        }
        const char *delta = strstr(heard, "/update/delta ");
        cut(delta == NULL ? "" : delta, ",\"state\":", ",\"metadata\":", got, sizeof got);
        if (strcmp(got, merge_row[i].delta) != 0) {
            fail_msg("row %zu: delta %s, wanted %s", i, got, merge_row[i].delta);
        }
    }
}

#define DEEP6   "{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":0}}}}}}"
#define DEEP7   "{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":0}}}}}}}"
#define TOKEN64 "0123456789012345678901234567890123456789012345678901234567890123"

/* An update and its rejection; NULL: it is accepted. */
static const struct {
    const char *payload;
    const char *rejection;
} rejection_row[] = {
    { "", "400,\"message\":\"Invalid JSON\"" },
    { "x", "400,\"message\":\"Invalid JSON\"" },
    { "[]", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{}}x", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{},}", "400,\"message\":\"Invalid JSON\"" },
    { "{'state':{}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":01}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":1.}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":+1}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":NaN}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\t\"}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\\u0000\"}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\\ud800\"}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\\x\"}}}", "400,\"message\":\"Invalid JSON\"" },
    { "{}", "400,\"message\":\"Missing required node: state\"" },
    { "{\"clientToken\":\"t\"}",
      "400,\"message\":\"Missing required node: state\",\"clientToken\":\"t\"" },
    { "{\"State\":{}}", "400,\"message\":\"Missing required node: state\"" },
    { "{\"state\":1}", "400,\"message\":\"State node must be an object\"" },
    { "{\"state\":[]}", "400,\"message\":\"State node must be an object\"" },
    { "{\"state\":{\"desired\":1}}", "400,\"message\":\"Desired node must be an object\"" },
    { "{\"state\":{\"desired\":[]}}", "400,\"message\":\"Desired node must be an object\"" },
    { "{\"state\":{\"reported\":\"on\"}}", "400,\"message\":\"Reported node must be an object\"" },
    { "{\"state\":{},\"version\":-1}", "400,\"message\":\"Invalid version\"" },
    { "{\"state\":{},\"version\":1.5}", "400,\"message\":\"Invalid version\"" },
    { "{\"state\":{},\"version\":\"1\"}", "400,\"message\":\"Invalid version\"" },
    { "{\"state\":{},\"version\":null}", "400,\"message\":\"Invalid version\"" },
    { "{\"state\":{},\"version\":1e300}", "400,\"message\":\"Invalid version\"" },
    { "{\"state\":{},\"version\":1}", "409,\"message\":\"Version conflict\"" },
    { "{\"state\":{},\"clientToken\":\"" TOKEN64 "5\"}",
      "400,\"message\":\"Invalid clientToken\"" },
    { "{\"state\":{},\"clientToken\":7}", "400,\"message\":\"Invalid clientToken\"" },
    { "{\"state\":{\"desired\":" DEEP7 "}}",
      "400,\"message\":\"JSON contains too many levels of nesting; maximum is 6\"" },
    { "{\"state\":{\"reported\":" DEEP7 "}}",
      "400,\"message\":\"JSON contains too many levels of nesting; maximum is 6\"" },
    { "{\"state\":{\"delta\":{}}}", "400,\"message\":\"State contains an invalid node: 'delta'\"" },
    { "{\"state\":{\"desired\":{\"a\":[1,null]}}}",
      "400,\"message\":\"State contains an invalid node: 'a'\"" },
    { "{\"state\":{\"desired\":{\"a\":[{\"b\":null}]}}}",
      "400,\"message\":\"State contains an invalid node: 'b'\"" },
    { "{\"state\":{\"desired\":{\"a\":1e999}}}",
      "400,\"message\":\"State contains an invalid node: 'a'\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\xE4\"}}}",
      "415,\"message\":\"Unsupported documented encoding; supported encoding is UTF-8\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\xED\xA0\x80\"}}}",
      "415,\"message\":\"Unsupported documented encoding; supported encoding is UTF-8\"" },
    { "{\"state\":{\"desired\":{\"a\":\"\xC0\x80\"}}}",
      "415,\"message\":\"Unsupported documented encoding; supported encoding is UTF-8\"" },
    { "{\"state\":{},\"clientToken\":\"" TOKEN64 "\"}", NULL },
    { "{\"state\":{},\"version\":0}", NULL },
    { "{\"state\":null}", NULL },
    { " \r\n\t{\"state\" : { \"desired\" : null } , \"other\" : [ 1 , null ] } ", NULL },
    { "{\"state\":{\"desired\":" DEEP6 ",\"reported\":" DEEP6 "}}", NULL },
    { "{\"state\":{\"desired\":{\"a\":\"\xF0\x9F\x98\x80 \\\" \\ud83d\\ude00\"}}}", NULL },
};

static bool is_answered_as_in(struct fixture *fixture, size_t row)
{
    char stub[64];
    char wanted[256];
    snprintf(stub, sizeof stub, "name/row%zu/update", row);
    bool is_accepted = rejection_row[row].rejection == NULL;
    if (is_accepted) {
        snprintf(wanted, sizeof wanted, "%s/accepted ", stub);
    } else {
        snprintf(wanted, sizeof wanted, "%s/rejected {\"code\":%s}\n", stub,
                 rejection_row[row].rejection);
    }
    const char *heard = shadow_test_request(fixture, stub, rejection_row[row].payload);
    return is_accepted ? strncmp(heard, wanted, strlen(wanted)) == 0 : strcmp(heard, wanted) == 0;
}

static void test_rejections(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rejection_row / sizeof rejection_row[0]; i++) {
        if (!is_answered_as_in(fixture, i)) {
            fail_msg("row %zu: got %s", i, fixture->heard);
        }
        /* a rejected update makes no shadow */
        char stub[64];
        snprintf(stub, sizeof stub, "name/row%zu/get", i);
        bool is_there = strstr(shadow_test_request(fixture, stub, ""), "\"code\":404") == NULL;
        assert_int_equal(is_there, rejection_row[i].rejection == NULL);
    }
}

static void test_the_log_tells_more_than_the_client(void **state)
{
    struct fixture *fixture = *state;
    shadow_test_request(fixture, "update", "{\"state\":{\"desired\":}}");
    assert_string_equal(fixture->detail, "wrong from byte 21 of the payload on");
    shadow_test_request(fixture, "update", "{\"state\":{},\"version\":7}");
    assert_string_equal(fixture->detail, "the request is for version 7, the shadow has version 0");
    shadow_test_request(fixture, "get", "");
    assert_string_equal(fixture->detail, "");
}

/* Sends a string value so long that desired and reported together have 'length' bytes. */
static const char *send_state(struct fixture *fixture, size_t length)
{
    static const char around[] = "{\"desired\":{\"a\":\"\"}}";
    char value[SHADOW_STATE_MAX_LENGTH + 2] = "";
    char payload[sizeof value + 64];
    memset(value, 'x', length - (sizeof around - 1));
    snprintf(payload, sizeof payload, "{ \"state\": {\"desired\": {\"a\":\"%s\"}}\n}", value);
    return shadow_test_request(fixture, "update", payload);
}

static void test_the_state_may_have_8192_bytes(void **state)
{
    struct fixture *fixture = *state;
    send_state(fixture, SHADOW_STATE_MAX_LENGTH + 1);
    assert_string_equal(fixture->heard, "update/rejected {\"code\":413,\"message\":"
                                        "\"The payload exceeds the maximum size allowed\"}\n");
    send_state(fixture, SHADOW_STATE_MAX_LENGTH);
    assert_non_null(strstr(fixture->heard, "\"version\":1,"));
    /* it counts what is stored, not only what is sent */
    assert_non_null(
        strstr(shadow_test_request(fixture, "update", "{\"state\":{\"desired\":{\"b\":1}}}"),
               "\"code\":413"));
    shadow_test_request(fixture, "update", "{\"state\":{\"desired\":{\"a\":\"short\",\"b\":1}}}");
    assert_non_null(strstr(fixture->heard, "\"version\":2,"));
}

static void test_payloads_of_the_broker(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(strstr(shadow_test_request_bytes(fixture, "get", NULL, 0), "\"code\":404"));
    assert_non_null(strstr(shadow_test_request_bytes(fixture, "update", NULL, 0), "Invalid JSON"));
    assert_non_null(strstr(shadow_test_request_bytes(fixture, "update", "{\"state\":{}}\0", 13),
                           "Invalid JSON"));
    assert_non_null(
        strstr(shadow_test_request(fixture, "get", "{\"clientToken\":1}"), "Invalid clientToken"));
    size_t large = 128 * 1024 + 1;
    char *spaces = malloc(large);
    assert_non_null(spaces);
    memset(spaces, ' ', large);
    static const char update[] = "{\"state\":{}}";
    for (size_t i = 0; update[i] != '\0'; i++) {
        spaces[i] = update[i];
    }
    assert_non_null(
        strstr(shadow_test_request_bytes(fixture, "update", spaces, large), "\"code\":413"));
    assert_non_null(
        strstr(shadow_test_request_bytes(fixture, "update", spaces, large - 1), "\"version\":1,"));
    memset(spaces, '[', large);
    assert_non_null(strstr(shadow_test_request_bytes(fixture, "update", spaces, large - 1),
                           "levels of nesting"));
    free(spaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_merge_and_delta, shadow_test_set_up,
                                        shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_rejections, shadow_test_set_up, shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_the_log_tells_more_than_the_client, shadow_test_set_up,
                                        shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_the_state_may_have_8192_bytes, shadow_test_set_up,
                                        shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_payloads_of_the_broker, shadow_test_set_up,
                                        shadow_test_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
