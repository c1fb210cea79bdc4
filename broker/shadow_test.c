/* Whole dialogues with the Device Shadow service: what is published to a request topic, and every
 * message that follows, byte for byte. */
#include "broker/shadow_test_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One request and all that is heard then. For the sake of the eye ` stands for the quotation mark
 * of JSON in them, and <1000> for {"timestamp":1000}. */
struct step {
    const char *stub;
    const char *payload;
    const char *heard;
};

static void expand(const char *text, char *ret_text, size_t size)
{
    size_t length = 0;
    for (; *text != '\0' && length + 16 < size; text++) {
        if (*text == '<') {
            length += (size_t)snprintf(ret_text + length, size - length, "{\"timestamp\":");
        } else {
            ret_text[length++] = *text == '`' ? '"' : *text == '>' ? '}' : *text;
        }
    }
    ret_text[length] = '\0';
}

static void play(struct fixture *fixture, const struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char payload[1024];
        char wanted[4096];
        expand(step[i].payload, payload, sizeof payload);
        expand(step[i].heard, wanted, sizeof wanted);
        const char *heard = shadow_test_request(fixture, step[i].stub, payload);
        if (strcmp(heard, wanted) != 0) {
            fail_msg("step %zu: got\n%swanted\n%s", i, heard, wanted);
        }
    }
}

#define PLAY(steps) play(*state, steps, sizeof(steps) / sizeof(steps)[0])

static void test_a_lamp(void **state)
{
    /* clang-format off */
    static const struct step steps[] = {
        { "get", "",
          "get/rejected {`code`:404,`message`:`No shadow exists with name: 'thing1'`}\n" },
        /* the device reports; there is nothing desired, so there is no delta */
        { "update",
          "{`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]}},`clientToken`:`a`}",
          "update/accepted {`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]}},"
          "`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,<1001>,<1001>]}},`version`:1,"
          "`timestamp`:1001,`clientToken`:`a`}\n"
          "update/documents {`previous`:{`state`:{},`metadata`:{},`version`:0},"
          "`current`:{`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]}},"
          "`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,<1001>,<1001>]}},`version`:1},"
          "`timestamp`:1001,`clientToken`:`a`}\n" },
        /* an app desires */
        { "update", "{`state`:{`desired`:{`rgb`:[255,0,0]}}}",
          "update/accepted {`state`:{`desired`:{`rgb`:[255,0,0]}},"
          "`metadata`:{`desired`:{`rgb`:[<1002>,<1002>,<1002>]}},`version`:2,"
          "`timestamp`:1002}\n"
          "update/delta {`version`:2,`timestamp`:1002,`state`:{`rgb`:[255,0,0]},"
          "`metadata`:{`rgb`:[<1002>,<1002>,<1002>]}}\n"
          "update/documents {`previous`:{`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]}},"
          "`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,<1001>,<1001>]}},`version`:1},"
          "`current`:{`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]},`desired`:{`rgb`:[255,"
          "0,0]}},`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,<1001>,<1001>]},"
          "`desired`:{`rgb`:[<1002>,<1002>,<1002>]}},`version`:2},`timestamp`:1002}\n" },
        { "get", "{`clientToken`:`g`}",
          "get/accepted {`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]},"
          "`desired`:{`rgb`:[255,0,0]},`delta`:{`rgb`:[255,0,0]}},"
          "`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,<1001>,<1001>]},"
          "`desired`:{`rgb`:[<1002>,<1002>,<1002>]}},`version`:2,`timestamp`:1003,"
          "`clientToken`:`g`}\n" },
        { "update",
          "{`state`:{`reported`:{`rgb`:[255,0,0]},`desired`:null},`version`:2}",
          "update/accepted {`state`:{`reported`:{`rgb`:[255,0,0]},`desired`:null},"
          "`metadata`:{`reported`:{`rgb`:[<1004>,<1004>,<1004>]}},`version`:3,"
          "`timestamp`:1004}\n"
          "update/documents {`previous`:{`state`:{`reported`:{`id`:`L21`,`rgb`:[128,128,0]},"
          "`desired`:{`rgb`:[255,0,0]}},`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1001>,"
          "<1001>,<1001>]},`desired`:{`rgb`:[<1002>,<1002>,<1002>]}},`version`:2},"
          "`current`:{`state`:{`reported`:{`id`:`L21`,`rgb`:[255,0,0]}},"
          "`metadata`:{`reported`:{`id`:<1001>,`rgb`:[<1004>,<1004>,<1004>]}},`version`:3},"
          "`timestamp`:1004}\n" },
        { "update",
          "{`state`:{`desired`:{`on`:true}},`version`:2,`clientToken`:`c`}",
          "update/rejected {`code`:409,`message`:`Version conflict`,`clientToken`:`c`}\n" },
        { "delete", "the content is ignored",
          "delete/accepted {`version`:3,`timestamp`:1006}\n" },
        { "delete", "{`clientToken`:`d`}",
          "delete/rejected {`code`:404,`message`:`No shadow exists with name: 'thing1'`,"
          "`clientToken`:`d`}\n" },
        /* made anew it goes on with the version of the deleted one */
        { "update", "{`state`:{`desired`:{}},`version`:0}",
          "update/rejected {`code`:409,`message`:`Version conflict`}\n" },
        { "update", "{`state`:{`desired`:{}},`version`:3}",
          "update/accepted {`state`:{`desired`:{}},`metadata`:{`desired`:{}},`version`:4,"
          "`timestamp`:1009}\n"
          "update/documents {`previous`:{`state`:{},`metadata`:{},`version`:3},"
          "`current`:{`state`:{},`metadata`:{},`version`:4},`timestamp`:1009}\n" },
        { "get", "",
          "get/accepted {`state`:{},`metadata`:{},`version`:4,`timestamp`:1010}\n" },
    };
    /* clang-format on */
    PLAY(steps);
}

static void test_named_shadows_are_apart(void **state)
{
    /* clang-format off */
    static const struct step steps[] = {
        { "name/n:1/get", "",
          "name/n:1/get/rejected {`code`:404,`message`:`No shadow exists with name: 'n:1'`}\n" },
        { "name/n:1/update", "{`state`:{}}",
          "name/n:1/update/accepted {`state`:{},`metadata`:{},`version`:1,`timestamp`:1001}\n"
          "name/n:1/update/documents {`previous`:{`state`:{},`metadata`:{},`version`:0},"
          "`current`:{`state`:{},`metadata`:{},`version`:1},`timestamp`:1001}\n" },
        { "get", "",
          "get/rejected {`code`:404,`message`:`No shadow exists with name: 'thing1'`}\n" },
        { "$aws/things/thing2/shadow/name/n:1/get", "",
          "$aws/things/thing2/shadow/name/n:1/get/rejected {`code`:404,`message`:`No shadow "
          "exists with name: 'n:1'`}\n" },
        { "name/n:1/delete", "", "name/n:1/delete/accepted {`version`:1,`timestamp`:1004}\n" },
    };
    /* clang-format on */
    PLAY(steps);
}

static void test_a_deleted_version_is_forgotten_after_48_hours(void **state)
{
    struct fixture *fixture = *state;
    shadow_test_request(fixture, "update", "{\"state\":{}}");
    shadow_test_request(fixture, "update", "{\"state\":{}}");
    shadow_test_request(fixture, "delete", "");
    int64_t deleted = fixture->now - 1;
    fixture->now = deleted + SHADOW_DELETED_SECONDS;
    assert_non_null(
        strstr(shadow_test_request(fixture, "update", "{\"state\":{}}"), "\"version\":3,"));
    shadow_test_request(fixture, "delete", "");
    deleted = fixture->now - 1;
    fixture->now = deleted + SHADOW_DELETED_SECONDS + 1;
    assert_non_null(strstr(shadow_test_request(fixture, "update", "{\"state\":{},\"version\":0}"),
                           "update/accepted {\"state\":{},\"metadata\":{},\"version\":1,"));
}

static void test_metadata_is_of_each_value(void **state)
{
    /* clang-format off */
    static const struct step steps[] = {
        { "update", "{`state`:{`desired`:{`a`:{`b`:1,`c`:2},`d`:3}}}",
          "update/accepted {`state`:{`desired`:{`a`:{`b`:1,`c`:2},`d`:3}},"
          "`metadata`:{`desired`:{`a`:{`b`:<1000>,`c`:<1000>},`d`:<1000>}},`version`:1,"
          "`timestamp`:1000}\n"
          "update/delta {`version`:1,`timestamp`:1000,`state`:{`a`:{`b`:1,`c`:2},`d`:3},"
          "`metadata`:{`a`:{`b`:<1000>,`c`:<1000>},`d`:<1000>}}\n"
          "update/documents {`previous`:{`state`:{},`metadata`:{},`version`:0},"
          "`current`:{`state`:{`desired`:{`a`:{`b`:1,`c`:2},`d`:3}},"
          "`metadata`:{`desired`:{`a`:{`b`:<1000>,`c`:<1000>},`d`:<1000>}},`version`:1},"
          "`timestamp`:1000}\n" },
        /* b again with the same value, c removed: the time of b is new, that of d is not */
        {
                "update",
                "{`state`:{`desired`:{`a`:{`b`:1,`c`:null}},`reported`:{`d`:3}}}",
                "update/accepted {`state`:{`desired`:{`a`:{`b`:1,`c`:null}},`reported`:{`d`:3}},"
          "`metadata`:{`desired`:{`a`:{`b`:<1001>}},`reported`:{`d`:<1001>}},`version`:2,"
          "`timestamp`:1001}\n"
          "update/delta {`version`:2,`timestamp`:1001,`state`:{`a`:{`b`:1}},"
          "`metadata`:{`a`:{`b`:<1001>}}}\n"
          "update/documents {`previous`:{`state`:{`desired`:{`a`:{`b`:1,`c`:2},`d`:3}},"
          "`metadata`:{`desired`:{`a`:{`b`:<1000>,`c`:<1000>},`d`:<1000>}},`version`:1},"
          "`current`:{`state`:{`desired`:{`a`:{`b`:1},`d`:3},`reported`:{`d`:3}},"
          "`metadata`:{`desired`:{`a`:{`b`:<1001>},`d`:<1000>},`reported`:{`d`:<1001>}},"
          "`version`:2},`timestamp`:1001}\n" },
    };
    /* clang-format on */
    PLAY(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_lamp, shadow_test_set_up, shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_named_shadows_are_apart, shadow_test_set_up,
                                        shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_a_deleted_version_is_forgotten_after_48_hours,
                                        shadow_test_set_up, shadow_test_tear_down),
        cmocka_unit_test_setup_teardown(test_metadata_is_of_each_value, shadow_test_set_up,
                                        shadow_test_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
