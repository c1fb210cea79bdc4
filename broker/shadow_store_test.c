/* The topics of the Device Shadow service, and its files. */
#include "broker/shadow_file.h"
#include "broker/shadow_store.h"
#include "broker/shadow_topic.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME64  "0123456789012345678901234567890123456789012345678901234567890123"
#define NAME128 NAME64 NAME64

static const struct {
    const char *topic;
    enum shadow_topic_kind kind;
    enum shadow_operation operation;
    const char *thing;
    const char *name;
} topic_row[] = {
    { "$aws/things/a/shadow/update", SHADOW_TOPIC_REQUEST, SHADOW_UPDATE, "a", "" },
    { "$aws/things/a:_-Z9/shadow/get", SHADOW_TOPIC_REQUEST, SHADOW_GET, "a:_-Z9", "" },
    { "$aws/things/a/shadow/delete", SHADOW_TOPIC_REQUEST, SHADOW_DELETE, "a", "" },
    { "$aws/things/a/shadow/name/b/update", SHADOW_TOPIC_REQUEST, SHADOW_UPDATE, "a", "b" },
    { "$aws/things/shadow/shadow/name/name/get", SHADOW_TOPIC_REQUEST, SHADOW_GET, "shadow",
      "name" },
    { "$aws/things/" NAME128 "/shadow/name/" NAME64 "/get", SHADOW_TOPIC_REQUEST, SHADOW_GET,
      NAME128, NAME64 },
    { "$aws/things/a/shadow/update/accepted", SHADOW_TOPIC_ANSWER, SHADOW_UPDATE, "a", "" },
    { "$aws/things/a/shadow/update/rejected", SHADOW_TOPIC_ANSWER, SHADOW_UPDATE, "a", "" },
    { "$aws/things/a/shadow/update/delta", SHADOW_TOPIC_ANSWER, SHADOW_UPDATE, "a", "" },
    { "$aws/things/a/shadow/update/documents", SHADOW_TOPIC_ANSWER, SHADOW_UPDATE, "a", "" },
    { "$aws/things/a/shadow/get/accepted", SHADOW_TOPIC_ANSWER, SHADOW_GET, "a", "" },
    { "$aws/things/a/shadow/name/b/delete/rejected", SHADOW_TOPIC_ANSWER, SHADOW_DELETE, "a", "b" },
    { "$aws/things/a/shadow/get/delta", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/delete/documents", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/update/", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/update/accepted/x", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/updates", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/Update", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/name/update", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/name//update", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/name/b.c/update", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/name/" NAME64 "5/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/" NAME128 "9/shadow/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things//shadow/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/../shadow/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a b/shadow/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/shadow/", SHADOW_TOPIC_NONE, 0, "", "" },
    { "$aws/things/a/jobs/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "aws/things/a/shadow/get", SHADOW_TOPIC_NONE, 0, "", "" },
    { "", SHADOW_TOPIC_NONE, 0, "", "" },
};

static void test_topics(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof topic_row / sizeof topic_row[0]; i++) {
        struct shadow_topic topic = shadow_topic_parse(topic_row[i].topic);
        if (topic.kind != topic_row[i].kind || topic.operation != topic_row[i].operation ||
            strcmp(topic.thing, topic_row[i].thing) != 0 ||
            strcmp(topic.name, topic_row[i].name) != 0) {
            fail_msg("%s: kind %d, operation %d of \"%s\" \"%s\"", topic_row[i].topic, topic.kind,
                     topic.operation, topic.thing, topic.name);
        }
    }
}

static void test_the_longest_answer_has_room(void **state)
{
    (void)state;
    struct shadow_topic topic =
        shadow_topic_parse("$aws/things/" NAME128 "/shadow/name/" NAME64 "/update");
    char answer[SHADOW_TOPIC_SIZE];
    shadow_topic_answer(&topic, SHADOW_DOCUMENTS, answer);
    assert_string_equal(answer, "$aws/things/" NAME128 "/shadow/name/" NAME64 "/update/documents");
}

/* Files that are refused, with the position. */
static const struct {
    const char *text;
    size_t line;
    size_t column;
    const char *what;
} file_row[] = {
    { "", 1, 1, "not valid JSON" },
    { "{\"version\":1,", 1, 14, "not valid JSON" },
    { "[]", 1, 1, "must be an object" },
    { "{}", 1, 1, "version must be a whole number from 1" },
    { "{\"version\":1}", 1, 1, "timestamp must be a whole number from 1" },
    { "{\"version\":1.5,\"timestamp\":1}", 1, 12, "version must be" },
    { "{\"version\":1,\n\"timestamp\":\"1\"}", 2, 13, "timestamp must be" },
    { "{\"version\":1,\"timestamp\":1,\"state\":{}}", 1, 1, "must both be objects" },
    { "{\"version\":1,\"timestamp\":1,\"metadata\":{},\n \"state\":[]}", 2, 10, "must both be" },
    { "{\"version\":1,\"timestamp\":1,\"metadata\":{},\n \"state\":{\"x\":1}}", 2, 10,
      "State contains an invalid node: 'x'" },
};

static void test_damaged_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof file_row / sizeof file_row[0]; i++) {
        struct shadow_doc doc = { 0 };
        struct json_error error = { 0 };
        const char *text = file_row[i].text;
        assert_int_equal(shadow_file_parse(text, strlen(text), &doc, &error), -EINVAL);
        assert_null(doc.state);
        if (error.line != file_row[i].line || error.column != file_row[i].column ||
            strstr(error.what, file_row[i].what) == NULL) {
            fail_msg("row %zu: %zu:%zu: %s", i, error.line, error.column, error.what);
        }
    }
}

static void test_a_file_is_what_was_stored(void **state)
{
    (void)state;
    char folder[] = "/tmp/shadow-store-test.XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct shadow_topic topic = shadow_topic_parse("$aws/things/a/shadow/name/b:1/get");
    for (int round = 0; round < 2; round++) { /* the second store reads what the first wrote */
        struct shadow_store *store = NULL;
        struct shadow_store_error error = { "" };
        assert_int_equal(shadow_store_open(folder, &store, &error), 0);
        const struct shadow_doc *doc = NULL;
        assert_int_equal(shadow_store_get(store, &topic, &doc, &error), 0);
        assert_int_equal(doc->version, round);
        struct shadow_doc fresh = { 0 };
        cJSON *change = cJSON_Parse("{\"reported\":{\"n\":[1,\"\xC3\xA4\"]}}");
        assert_true(shadow_doc_merge(doc, change, 1000, &fresh));
        cJSON_Delete(change);
        assert_int_equal(shadow_store_put(store, &topic, &fresh, &error), 0);
        shadow_store_close(&store);
    }
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s/a.b:1.json", folder);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else is in there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_the_longest_answer_has_room),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_a_file_is_what_was_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
