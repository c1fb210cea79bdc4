/* The Device Shadow service as its clients see it: what is published to a request topic, and every
 * message that follows, byte for byte. The clock stands at 1000 and goes on by one second with each
 * request. */
#include "broker/shadow.h"

#include "broker/shadow_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PREFIX     "$aws/things/thing1/shadow/"
#define T(seconds) "{\"timestamp\":" #seconds "}"

struct fixture {
    struct shadow_store *store;
    int64_t now;
    char heard[1 << 17]; /* "TOPIC PAYLOAD\n" for each message, without the prefix */
    char detail[512];
};

static int64_t fixture_now(void *user)
{
    return ((struct fixture *)user)->now;
}

static void fixture_publish(void *user, const char *topic, const char *payload)
{
    struct fixture *fixture = user;
    const char *shown =
        strncmp(topic, PREFIX, strlen(PREFIX)) == 0 ? topic + strlen(PREFIX) : topic;
    size_t length = strlen(fixture->heard);
    snprintf(fixture->heard + length, sizeof fixture->heard - length, "%s %s\n", shown, payload);
}

static void fixture_rejected(void *user, const struct shadow_rejection *rejection)
{
    struct fixture *fixture = user;
    snprintf(fixture->detail, sizeof fixture->detail, "%s", rejection->detail);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct shadow_store_error error = { "" };
    if (fixture == NULL || shadow_store_open(NULL, &fixture->store, &error) != 0) {
        return -1;
    }
    fixture->now = 1000;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    shadow_store_close(&fixture->store);
    free(fixture);
    return 0;
}

/* Publishes to PREFIX + 'stub' and returns what is heard then. */
static const char *request_bytes(struct fixture *fixture, const char *stub, const char *payload,
                                 size_t length)
{
    const struct shadow_host host = { .user = fixture,
                                      .now = fixture_now,
                                      .publish = fixture_publish,
                                      .rejected = fixture_rejected };
    char topic[SHADOW_TOPIC_SIZE];
    snprintf(topic, sizeof topic, "%s%s", stub[0] == '$' ? "" : PREFIX, stub);
    struct shadow_topic parsed = shadow_topic_parse(topic);
    assert_int_equal(parsed.kind, SHADOW_TOPIC_REQUEST);
    fixture->heard[0] = '\0';
    fixture->detail[0] = '\0';
    shadow_answer(fixture->store, &host, &parsed, payload, length);
    fixture->now++;
    return fixture->heard;
}

static const char *request(struct fixture *fixture, const char *stub, const char *payload)
{
    return request_bytes(fixture, stub, payload, strlen(payload));
}

struct step {
    const char *stub;
    const char *payload;
    const char *heard;
};

static void play(struct fixture *fixture, const struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *heard = request(fixture, step[i].stub, step[i].payload);
        if (strcmp(heard, step[i].heard) != 0) {
            fail_msg("step %zu: got\n%swanted\n%s", i, heard, step[i].heard);
        }
    }
}

#define PLAY(steps) play(*state, steps, sizeof(steps) / sizeof(steps)[0])

static void test_a_lamp(void **state)
{
    static const struct step
        steps[] = {
            { "get", "",
              "get/rejected {\"code\":404,\"message\":\"No shadow exists with name: "
              "'thing1'\"}\n" },
            /* the device reports; there is nothing desired, so there is no delta */
            { "update",
              "{\"state\":{\"reported\":{\"id\":\"L21\",\"rgb\":[128,128,0]}},\"clientToken\":"
              "\"a\"}",
              "update/accepted "
              "{\"state\":{\"reported\":{\"id\":\"L21\",\"rgb\":[128,128,0]}},\"metadata\":"
              "{\"reported\":{\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(1001) "," T(
                  1001) "]}},"
                        "\"version\":1,\"timestamp\":1001,\"clientToken\":\"a\"}\n"
                        "update/documents "
                        "{\"previous\":{\"state\":{},\"metadata\":{},\"version\":0},\"current\":"
                        "{\"state\":{\"reported\":{\"id\":\"L21\",\"rgb\":[128,128,0]}},"
                        "\"metadata\":{\"reported\":"
                        "{\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(1001) "," T(
                            1001) "]}},\"version\":1},"
                                  "\"timestamp\":1001,\"clientToken\":\"a\"}\n" },
            /* an app desires */
            { "update", "{\"state\":{\"desired\":{\"rgb\":[255,0,0]}}}",
              "update/accepted "
              "{\"state\":{\"desired\":{\"rgb\":[255,0,0]}},\"metadata\":{\"desired\":"
              "{\"rgb\":[" T(1002) "," T(1002) "," T(
                  1002) "]}},\"version\":2,\"timestamp\":1002}\n"
                        "update/delta "
                        "{\"version\":2,\"timestamp\":1002,\"state\":{\"rgb\":[255,0,0]},"
                        "\"metadata\":"
                        "{\"rgb\":[" T(1002) "," T(1002) "," T(
                            1002) "]}}\n"
                                  "update/documents "
                                  "{\"previous\":{\"state\":{\"reported\":{\"id\":\"L21\",\"rgb\":["
                                  "128,128,0]}},"
                                  "\"metadata\":{\"reported\":{\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(1001) "," T(
                                      1001) "]}},\"version\":1},\"current\":{\"state\":{"
                                            "\"reported\":{\"id\":\"L21\",\"rgb\":[128,128,0]},"
                                            "\"desired\":{\"rgb\":[255,0,0]}},\"metadata\":{"
                                            "\"reported\":{\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(1001) "," T(1001) "]},\"desired\":{\"rgb\":[" T(
                                                1002) "," T(1002) "," T(1002) "]}},\"version\":2},"
                                                                              "\"timestamp\":1002}"
                                                                              "\n" },
            { "get", "{\"clientToken\":\"g\"}",
              "get/accepted "
              "{\"state\":{\"reported\":{\"id\":\"L21\",\"rgb\":[128,128,0]},\"desired\":{\"rgb\":"
              "[255,0,0]},\"delta\":{\"rgb\":[255,0,0]}},\"metadata\":{\"reported\":{\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(
                  1001) "," T(1001) "]},\"desired\":{\"rgb\":[" T(1002) "," T(1002) "," T(1002) "]}"
                                                                                                "},"
                                                                                                "\""
                                                                                                "ve"
                                                                                                "rs"
                                                                                                "io"
                                                                                                "n"
                                                                                                "\""
                                                                                                ":2"
                                                                                                ","
                                                                                                "\""
                                                                                                "ti"
                                                                                                "me"
                                                                                                "st"
                                                                                                "am"
                                                                                                "p"
                                                                                                "\""
                                                                                                ":1"
                                                                                                "00"
                                                                                                "3,"
                                                                                                "\""
                                                                                                "cl"
                                                                                                "ie"
                                                                                                "nt"
                                                                                                "To"
                                                                                                "ke"
                                                                                                "n"
                                                                                                "\""
                                                                                                ":"
                                                                                                "\""
                                                                                                "g"
                                                                                                "\""
                                                                                                "}"
                                                                                                "\n" },
            { "update",
              "{\"state\":{\"reported\":{\"rgb\":[255,0,0]},\"desired\":null},\"version\":2}",
              "update/accepted "
              "{\"state\":{\"reported\":{\"rgb\":[255,0,0]},\"desired\":null},\"metadata\":"
              "{\"reported\":{\"rgb\":[" T(1004) "," T(
                  1004) "," T(1004) "]}},\"version\":3,\"timestamp\":1004}\n"
                                    "update/documents "
                                    "{\"previous\":{\"state\":{\"reported\":{\"id\":\"L21\","
                                    "\"rgb\":[128,128,0]},"
                                    "\"desired\":{\"rgb\":[255,0,0]}},\"metadata\":{\"reported\":{"
                                    "\"id\":" T(1001) ",\"rgb\":[" T(1001) "," T(1001) "," T(1001) "]},\"desired\":{\"rgb\":[" T(
                                        1002) "," T(1002) "," T(1002) "]}},\"version\":2},"
                                                                      "\"current\":{\"state\":{"
                                                                      "\"reported\":{\"id\":"
                                                                      "\"L21\",\"rgb\":[255,0,0]}},"
                                                                      "\"metadata\":{\"reported\":{"
                                                                      "\"id\":" T(1001) ",\"rgb\":"
                                                                                        "[" T(1004) "," T(
                                                                                            1004) "," T(1004) "]}},\"version\":3},\"timestamp\":1004}\n" },
            { "update",
              "{\"state\":{\"desired\":{\"on\":true}},\"version\":2,\"clientToken\":\"c\"}",
              "update/rejected {\"code\":409,\"message\":\"Version "
              "conflict\",\"clientToken\":\"c\"}\n" },
            { "delete", "the content is ignored",
              "delete/accepted {\"version\":3,\"timestamp\":1006}\n" },
            { "delete", "{\"clientToken\":\"d\"}",
              "delete/rejected {\"code\":404,\"message\":\"No shadow exists with name: 'thing1'\","
              "\"clientToken\":\"d\"}\n" },
            /* made anew it goes on with the version of the deleted one */
            { "update", "{\"state\":{\"desired\":{}},\"version\":0}",
              "update/rejected {\"code\":409,\"message\":\"Version conflict\"}\n" },
            { "update", "{\"state\":{\"desired\":{}},\"version\":3}",
              "update/accepted "
              "{\"state\":{\"desired\":{}},\"metadata\":{\"desired\":{}},\"version\":4,"
              "\"timestamp\":1009}\nupdate/documents "
              "{\"previous\":{\"state\":{},\"metadata\":{},\"version\":3},"
              "\"current\":{\"state\":{},\"metadata\":{},\"version\":4},\"timestamp\":1009}\n" },
            { "get", "",
              "get/accepted {\"state\":{},\"metadata\":{},\"version\":4,\"timestamp\":1010}\n" },
        };
    PLAY(steps);
}

static void test_named_shadows_are_apart(void **state)
{
    static const struct step steps[] = {
        { "name/n:1/get", "",
          "name/n:1/get/rejected {\"code\":404,\"message\":"
          "\"No shadow exists with name: 'n:1'\"}\n" },
        { "name/n:1/update", "{\"state\":{}}",
          "name/n:1/update/accepted "
          "{\"state\":{},\"metadata\":{},\"version\":1,\"timestamp\":1001}\n"
          "name/n:1/update/documents {\"previous\":{\"state\":{},\"metadata\":{},\"version\":0},"
          "\"current\":{\"state\":{},\"metadata\":{},\"version\":1},\"timestamp\":1001}\n" },
        { "get", "",
          "get/rejected {\"code\":404,\"message\":\"No shadow exists with name: 'thing1'\"}\n" },
        { "$aws/things/thing2/shadow/name/n:1/get", "",
          "$aws/things/thing2/shadow/name/n:1/get/rejected {\"code\":404,\"message\":"
          "\"No shadow exists with name: 'n:1'\"}\n" },
        { "name/n:1/delete", "", "name/n:1/delete/accepted {\"version\":1,\"timestamp\":1004}\n" },
    };
    PLAY(steps);
}

static void test_a_deleted_version_is_forgotten_after_48_hours(void **state)
{
    struct fixture *fixture = *state;
    request(fixture, "update", "{\"state\":{}}");
    request(fixture, "update", "{\"state\":{}}");
    request(fixture, "delete", "");
    int64_t deleted = fixture->now - 1;
    fixture->now = deleted + SHADOW_DELETED_SECONDS;
    assert_non_null(strstr(request(fixture, "update", "{\"state\":{}}"), "\"version\":3,"));
    request(fixture, "delete", "");
    deleted = fixture->now - 1;
    fixture->now = deleted + SHADOW_DELETED_SECONDS + 1;
    assert_non_null(strstr(request(fixture, "update", "{\"state\":{},\"version\":0}"),
                           "update/accepted {\"state\":{},\"metadata\":{},\"version\":1,"));
}

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
        request(fixture, stub, payload);
        snprintf(payload, sizeof payload, "{\"state\":%s}", merge_row[i].second);
        const char *heard = request(fixture, stub, payload);
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

static void test_metadata_is_of_each_value(void **state)
{
    static const struct step
        steps[] = {
            { "update", "{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}}",
              "update/accepted "
              "{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}},\"metadata\":"
              "{\"desired\":{\"a\":{\"b\":" T(1000) ",\"c\":" T(1000) "},\"d\":" T(
                  1000) "}},\"version\":1,"
                        "\"timestamp\":1000}\n"
                        "update/delta "
                        "{\"version\":1,\"timestamp\":1000,\"state\":{\"a\":{\"b\":1,\"c\":2},"
                        "\"d\":3},"
                        "\"metadata\":{\"a\":{\"b\":" T(1000) ",\"c\":" T(1000) "},\"d\":" T(
                            1000) "}}\n"
                                  "update/documents "
                                  "{\"previous\":{\"state\":{},\"metadata\":{},\"version\":0},"
                                  "\"current\":{"
                                  "\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}},"
                                  "\"metadata\":{\"desired\":{\"a\":{\"b\":" T(1000) ",\"c\":" T(
                                      1000) "},\"d\":" T(1000) "}},\"version\":1},\"timestamp\":"
                                                               "1000}\n" },
            /* b again with the same value, c removed: the time of b is new, that of d is not */
            {
                "update",
                "{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":null}},\"reported\":{\"d\":3}}}",
                "update/accepted "
                "{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":null}},\"reported\":{\"d\":3}},"
                "\"metadata\":{\"desired\":{\"a\":{\"b\":" T(1001) "}},\"reported\":{\"d\":" T(
                    1001) "}},"
                          "\"version\":2,\"timestamp\":1001}\n"
                          "update/delta "
                          "{\"version\":2,\"timestamp\":1001,\"state\":{\"a\":{\"b\":1}},"
                          "\"metadata\":{\"a\":"
                          "{\"b\":" T(
                              1001) "}}}\n"
                                    "update/documents "
                                    "{\"previous\":{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":2}"
                                    ",\"d\":3}},"
                                    "\"metadata\":{\"desired\":{\"a\":{\"b\":" T(1000) ",\"c\":" T(
                                        1000) "},\"d\":" T(1000) "}},"
                                                                 "\"version\":1},\"current\":{"
                                                                 "\"state\":{\"desired\":{\"a\":{"
                                                                 "\"b\":1},\"d\":3},\"reported\":{"
                                                                 "\"d\":3}},"
                                                                 "\"metadata\":{\"desired\":{\"a\":"
                                                                 "{\"b\":" T(1001) "},\"d\":" T(
                                                                     1000) "},\"reported\":{"
                                                                           "\"d\":" T(1001) "}},"
                                                                                            "\"vers"
                                                                                            "ion\":"
                                                                                            "2},"
                                                                                            "\"time"
                                                                                            "stamp"
                                                                                            "\":"
                                                                                            "1001}"
                                                                                            "\n" },
        };
    PLAY(steps);
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

static void test_rejections(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rejection_row / sizeof rejection_row[0]; i++) {
        char stub[64];
        char wanted[256];
        snprintf(stub, sizeof stub, "name/row%zu/update", i);
        const char *heard = request(fixture, stub, rejection_row[i].payload);
        if (rejection_row[i].rejection == NULL) {
            snprintf(wanted, sizeof wanted, "name/row%zu/update/accepted ", i);
            if (strncmp(heard, wanted, strlen(wanted)) != 0) {
                fail_msg("row %zu: %s", i, heard);
            }
            continue;
        }
        snprintf(wanted, sizeof wanted, "%s/rejected {\"code\":%s}\n", stub,
                 rejection_row[i].rejection);
        if (strcmp(heard, wanted) != 0) {
            fail_msg("row %zu: got %s wanted %s", i, heard, wanted);
        }
        /* a rejected update makes no shadow */
        snprintf(stub, sizeof stub, "name/row%zu/get", i);
        assert_non_null(strstr(request(fixture, stub, ""), "\"code\":404"));
    }
}

static void test_the_log_tells_more_than_the_client(void **state)
{
    struct fixture *fixture = *state;
    request(fixture, "update", "{\"state\":{\"desired\":}}");
    assert_string_equal(fixture->detail, "wrong from byte 21 of the payload on");
    request(fixture, "update", "{\"state\":{},\"version\":7}");
    assert_string_equal(fixture->detail, "the request is for version 7, the shadow has version 0");
    request(fixture, "get", "");
    assert_string_equal(fixture->detail, "");
}

/* Fills a string value so that desired and reported together have 'length' bytes. */
static void send_state(struct fixture *fixture, const char *key, size_t length)
{
    char *payload = malloc(length + 64);
    assert_non_null(payload);
    int begin = sprintf(payload, "{ \"state\": {\"desired\":{\"%s\":\"", key);
    size_t overhead = strlen("{\"desired\":{\"\":\"\"}}") + strlen(key);
    memset(payload + begin, 'x', length - overhead);
    strcpy(payload + begin + length - overhead, "\"}}\n}");
    request(fixture, "update", payload);
    free(payload);
}

static void test_the_state_may_have_8192_bytes(void **state)
{
    struct fixture *fixture = *state;
    send_state(fixture, "a", SHADOW_STATE_MAX_LENGTH + 1);
    assert_string_equal(fixture->heard, "update/rejected {\"code\":413,\"message\":"
                                        "\"The payload exceeds the maximum size allowed\"}\n");
    send_state(fixture, "a", SHADOW_STATE_MAX_LENGTH);
    assert_non_null(strstr(fixture->heard, "\"version\":1,"));
    /* it counts what is stored, not only what is sent */
    assert_non_null(
        strstr(request(fixture, "update", "{\"state\":{\"desired\":{\"b\":1}}}"), "\"code\":413"));
    request(fixture, "update", "{\"state\":{\"desired\":{\"a\":\"short\",\"b\":1}}}");
    assert_non_null(strstr(fixture->heard, "\"version\":2,"));
}

static void test_payloads_of_the_broker(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(strstr(request_bytes(fixture, "get", NULL, 0), "\"code\":404"));
    assert_non_null(strstr(request_bytes(fixture, "update", NULL, 0), "Invalid JSON"));
    assert_non_null(
        strstr(request_bytes(fixture, "update", "{\"state\":{}}\0", 13), "Invalid JSON"));
    assert_non_null(strstr(request(fixture, "get", "{\"clientToken\":1}"), "Invalid clientToken"));
    size_t large = 128 * 1024 + 1;
    char *spaces = malloc(large);
    assert_non_null(spaces);
    memset(spaces, ' ', large);
    memcpy(spaces, "{\"state\":{}}", 12);
    assert_non_null(strstr(request_bytes(fixture, "update", spaces, large), "\"code\":413"));
    assert_non_null(strstr(request_bytes(fixture, "update", spaces, large - 1), "\"version\":1,"));
    memset(spaces, '[', large);
    assert_non_null(
        strstr(request_bytes(fixture, "update", spaces, large - 1), "levels of nesting"));
    free(spaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_lamp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_named_shadows_are_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_deleted_version_is_forgotten_after_48_hours, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_merge_and_delta, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_metadata_is_of_each_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rejections, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_log_tells_more_than_the_client, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_state_may_have_8192_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_payloads_of_the_broker, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
