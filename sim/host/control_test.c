#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/control.h"
#include "sim/host/trace_file.h"

static const struct control_modem modems[] = { { "modem0", "/run/a\"b", "sim7600" },
                                               { "modem1", "tcp:h:1", "x" } };
static const struct control_facts facts = { .version = "1.2.3", .modems = modems, .n = 2 };

static void answers(void **state)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        { "{\"verb\":\"version\"}", "{\"version\":\"1.2.3\"}\n" },
        { " { \"verb\" : \"version\" , \"more\": 1 }\r", "{\"version\":\"1.2.3\"}\n" },
        { "{\"verb\":\"list\"}",
          "{\"modems\":[{\"name\":\"modem0\",\"path\":\"/run/a\\\"b\",\"profile\":\"sim7600\"},"
          "{\"name\":\"modem1\",\"path\":\"tcp:h:1\",\"profile\":\"x\"}]}\n" },
        { "{\"verb\":\"dance\"}", "{\"error\":\"unknown verb 'dance'; known: list, version\"}\n" },
        { "{\"verb\":7}",
          "{\"error\":\"expected a JSON object with a member \\\"verb\\\" on one line\"}\n" },
        { "[]", "{\"error\":\"expected a JSON object with a member \\\"verb\\\" on one line\"}\n" },
        { "version", "{\"error\":\"not a line of JSON\"}\n" },
        { "", "{\"error\":\"not a line of JSON\"}\n" },
        { "{\"verb\":\"version\"} x", "{\"error\":\"not a line of JSON\"}\n" },
        { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
          "{\"error\":\"not a line of JSON\"}\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, CONTROL_LINE_MAX);
        control_answer(&facts, span_str(cases[i].request), &out);
        if (!span_eq(buf_span(&out), span_str(cases[i].answer))) {
            fail_msg("'%s' gave '%.*s'", cases[i].request, (int)out.n, (const char *)out.p);
        }
        buf_fini(&out);
    }
}

static void escapes(void **state)
{
    const struct {
        struct span text;
        const char *escaped;
    } cases[] = {
        { SPAN_LIT("AT+CGMI"), "AT+CGMI" },
        { SPAN_LIT("a\\b"), "a\\\\b" },
        { SPAN_LIT("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F" },
        { SPAN_LIT("\x00\x01"), "\\x00\x01" },
        { SPAN_LIT("\xFF\xFE"), "\\xFF\\xFE" },
        { SPAN_LIT("\xC3"), "\\xC3" },          /* cut off */
        { SPAN_LIT("\xC0\x80"), "\\xC0\\x80" }, /* overlong */
        { SPAN_LIT("\xE0\x80\x80"), "\\xE0\\x80\\x80" },
        { SPAN_LIT("\xED\xA0\x80"), "\\xED\\xA0\\x80" }, /* surrogate */
        { SPAN_LIT("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80" },
        { SPAN_LIT("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_true(trace_escape(&out, cases[i].text));
        if (!span_eq(buf_span(&out), span_str(cases[i].escaped))) {
            fail_msg("case %zu gave '%.*s'", i, (int)out.n, (const char *)out.p);
        }
        buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(escapes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
