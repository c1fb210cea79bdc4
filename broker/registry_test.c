#include "broker/registry.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID_A            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_B            "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define THING(name, id) "{\"thingName\":\"" name "\",\"certificateId\":\"" id "\"}"

static void test_find(void **state)
{
    (void)state;
    static const char text[] =
        "{\"things\":[" THING("a:b_c-1", ID_A) "," THING("a:b_c-1", ID_B) "]}";
    struct registry *registry = NULL;
    struct json_error error = { 0 };
    assert_int_equal(registry_parse(text, sizeof text - 1, &registry, &error), 0);
    assert_int_equal(registry_count(registry), 2);
    struct registry_entry *entry = registry_find(registry, ID_B);
    assert_non_null(entry);
    assert_string_equal(entry->thing, "a:b_c-1");
    assert_string_equal(entry->certificate_id, ID_B);
    assert_null(registry_find(registry, "0123"));
    assert_null(registry_find(registry, ""));
    registry_free(&registry);
    assert_null(registry);
}

static const struct {
    const char *text;
    size_t line;
    size_t column;
    const char *what; /* a part of the message */
} error_row[] = {
    { "", 1, 1, "ends too early" },
    { "[]", 1, 1, "a registry is" },
    { "[1]", 1, 1, "a registry is" },
    { "{\"things\":{}}", 1, 1, "a registry is" },
    { "{\"things\":[\n  7]}", 2, 3, "a thing is" },
    { "{\"x\":1,\"things\":[\n {\"thingName\":\"a\"}]}", 2, 2, "has no certificateId" },
    { "{\"things\":[\n" THING("", ID_A) "]}", 2, 14, "thingName must be" },
    { "{\"things\":[\n" THING("a b", ID_A) "]}", 2, 14, "thingName must be" },
    { "{\"things\":[\n" THING("a/b", ID_A) "]}", 2, 14, "thingName must be" },
    { "{\"things\":[\n" THING("a", "12") "]}", 2, 34, "certificateId must be" },
    { "{\"things\":[" THING("a", ID_A) ",\n" THING("b", ID_A) "]}", 2, 34, "a second time" },
    { "{\"things\":[{\n\"status\":\"active\"}]}", 2, 10, "status must be" },
    { "{\"things\":[{\n\"attached\":\"no\"}]}", 2, 12, "attached must be" },
    { "{\"things\":[{\n\"attributes\":{\"a\":1}}]}", 2, 19, "a must be a text" },
    { "{\"things\":[{\n\"attributes\":[]}]}", 2, 14, "attributes must be" },
    { "{\"things\":[{\n\"policy\":[]}]}", 2, 10, "policy is a file name" },
    { "{\"things\":[{\n\"thing\":1}]}", 2, 1, "a thing has no \"thing\"" },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_row / sizeof error_row[0]; i++) {
        struct registry *registry = NULL;
        struct json_error error = { 0 };
        const char *text = error_row[i].text;
        assert_int_equal(registry_parse(text, strlen(text), &registry, &error), -EINVAL);
        assert_null(registry);
        if (error.line != error_row[i].line || error.column != error_row[i].column ||
            strstr(error.what, error_row[i].what) == NULL) {
            fail_msg("row %zu: got %zu:%zu: %s; wanted %zu:%zu: %s", i, error.line, error.column,
                     error.what, error_row[i].line, error_row[i].column, error_row[i].what);
        }
    }
}

static void test_thing_name_length(void **state)
{
    (void)state;
    for (size_t length = THING_NAME_MAX_LENGTH; length <= THING_NAME_MAX_LENGTH + 1; length++) {
        char name[THING_NAME_MAX_LENGTH + 2] = "";
        memset(name, 'x', length);
        char text[512];
        snprintf(text, sizeof text,
                 "{\"things\":[{\"thingName\":\"%s\",\"certificateId\":\"" ID_A "\"}]}", name);
        struct registry *registry = NULL;
        struct json_error error = { 0 };
        int wanted = length <= THING_NAME_MAX_LENGTH ? 0 : -EINVAL;
        assert_int_equal(registry_parse(text, strlen(text), &registry, &error), wanted);
        registry_free(&registry);
    }
}

/* A thing's type and attributes are there for its own client id; without a thing there are none. */
static void test_values(void **state)
{
    (void)state;
    static const char text[] =
        "{\"things\":[{\"thingName\":\"a\",\"certificateId\":\"" ID_A
        "\",\"thingTypeName\":\"lamp\","
        "\"attributes\":{\"room\":\"3\"},\"policy\":[\"p.json\",\"q.json\"]},"
        "{\"thingName\":\"b\",\"certificateId\":\"" ID_B
        "\",\"attached\":false,\"status\":\"REVOKED\"}]}";
    struct registry *registry = NULL;
    struct json_error error = { 0 };
    assert_int_equal(registry_parse(text, sizeof text - 1, &registry, &error), 0);
    const struct registry_entry *a = registry_find_thing(registry, "a");
    const struct registry_entry *b = registry_find(registry, ID_B);
    assert_true(registry_is_active(a));
    assert_false(registry_is_active(b));
    assert_int_equal(a->policy_count, 2);
    assert_string_equal(a->policy[1], "q.json");
    struct policy_values values = { 0 };
    registry_values(a, "a", &values);
    assert_string_equal(values.value[POLICY_THING_NAME][0], "a");
    assert_string_equal(values.value[POLICY_THING_TYPE_NAME][0], "lamp");
    assert_int_equal(values.attribute_count, 1);
    assert_string_equal(values.attribute[0].value, "3");
    values = (struct policy_values){ 0 };
    registry_values(a, "other", &values);
    assert_string_equal(values.value[POLICY_THING_NAME][0], "a");
    assert_null(values.value[POLICY_THING_TYPE_NAME][0]);
    assert_int_equal(values.attribute_count, 0);
    values = (struct policy_values){ 0 };
    registry_values(b, "b", &values);
    assert_null(values.value[POLICY_THING_NAME][0]);
    assert_string_equal(values.value[POLICY_THING_IS_ATTACHED][0], "false");
    assert_string_equal(values.value[POLICY_CERTIFICATE_ID][0], ID_B);
    registry_free(&registry);
}

static void test_take_seen(void **state)
{
    (void)state;
    static const char text[] = "{\"things\":[" THING("a", ID_A) "," THING("b", ID_B) "]}";
    struct registry *before = NULL;
    struct registry *after = NULL;
    struct json_error error = { 0 };
    assert_int_equal(registry_parse(text, sizeof text - 1, &before, &error), 0);
    assert_int_equal(registry_parse(text, sizeof text - 1, &after, &error), 0);
    struct registry_entry *seen = registry_find(before, ID_B);
    seen->certificate_seen = true;
    seen->certificate_value[POLICY_SUBJECT_COMMON_NAME][0] = strdup("b's");
    registry_take_seen(after, before);
    registry_free(&before);
    struct policy_values values = { 0 };
    registry_values(registry_find(after, ID_B), "b", &values);
    assert_string_equal(values.value[POLICY_SUBJECT_COMMON_NAME][0], "b's");
    assert_true(registry_find(after, ID_B)->certificate_seen);
    assert_false(registry_find(after, ID_A)->certificate_seen);
    registry_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_take_seen),
        cmocka_unit_test(test_thing_name_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
