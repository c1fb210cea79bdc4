/* What client-good makes of a modem's bytes, whole and cut in every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "good_reader.h"

/* What was read, in one text: lines in [], prompts >, messages {TOPIC=PAYLOAD}, damaged ones {!}.
 */
static const char *read_all(struct reader *r, const char *bytes, size_t n)
{
    static char text[4096];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        char *to = text + used;
        size_t room = sizeof(text) - used;
        int more = 0;
        switch (reader_feed(r, bytes[i])) {
        case READER_NONE:
            break;
        case READER_LINE:
            more = snprintf(to, room, "[%s]", r->line);
            break;
        case READER_PROMPT:
            more = snprintf(to, room, ">");
            break;
        case READER_MESSAGE:
            more = snprintf(to, room, "{%s=%s}", r->topic, r->payload);
            break;
        case READER_DAMAGED:
            more = snprintf(to, room, "{!}");
            break;
        }
        used += (size_t)more;
        assert_true(used < sizeof(text));
    }
    return text;
}

static const char *fresh(const char *bytes)
{
    static struct reader r;
    reader_reset(&r);
    r.expect_prompt = true;
    return read_all(&r, bytes, strlen(bytes));
}

#define START(t, p)   "\r\n+CMQTTRXSTART: 0," t "," p "\r\n"
#define TOPIC(n, t)   "\r\n+CMQTTRXTOPIC: 0," n "\r\n" t
#define PAYLOAD(n, p) "\r\n+CMQTTRXPAYLOAD: 0," n "\r\n" p
#define END           "\r\n+CMQTTRXEND: 0\r\n"

static void lines_and_prompts(void **state)
{
    (void)state;
    assert_string_equal(fresh("\r\nOK\r\n"), "[OK]");
    assert_string_equal(fresh("AT\r\r\nOK\r\n\r\n+CSQ: 1,99\r\n"), "[AT][OK][+CSQ: 1,99]");
    assert_string_equal(fresh("\r\n>"), ">");
    assert_string_equal(fresh("\r\n> \r\nOK\r\n"), ">[OK]");
    assert_string_equal(fresh("\r\n>\r\n\r\nOK\r\n"), ">[OK]");
    assert_string_equal(fresh("\nOK\n"), "[OK]"); /* each CR was lost */
    assert_string_equal(fresh("\rOK\r"), "[OK]"); /* each LF was lost */
}

static void messages(void **state)
{
    (void)state;
    assert_string_equal(fresh(START("1", "2") TOPIC("1", "t") PAYLOAD("2", "ab") END "\r\nOK\r\n"),
                        "{t=ab}[OK]");
    assert_string_equal(fresh(START("1", "6") TOPIC("1", "t") PAYLOAD("6", "\r\nOK\r\n") END),
                        "{t=\r\nOK\r\n}");
    assert_string_equal(fresh(START("1", "3") TOPIC("1", "t") PAYLOAD("3", "\nab") END),
                        "{t=\nab}");
    assert_string_equal(fresh(START("1", "0") TOPIC("1", "t") END), "{t=}");
    assert_string_equal(
        fresh(START("1", "3") TOPIC("1", "t") PAYLOAD("2", "ab") PAYLOAD("1", "c") END), "{t=abc}");
    assert_string_equal(fresh(START("1", "2") TOPIC("1", "t") "\r\nRDY\r\n" PAYLOAD("2", "ab") END),
                        "[RDY]{t=ab}");
}

static void damaged_messages(void **state)
{
    (void)state;
    /* A byte lost in a payload, one twice, one lost in a header: what is inside never counts as a
     * line. */
    assert_string_equal(
        fresh(START("1", "6") TOPIC("1", "t") PAYLOAD("6", "\r\nOK\r") END "\r\nOK\r\n"),
        "{!}[OK]");
    assert_string_equal(
        fresh(START("1", "6") TOPIC("1", "t") PAYLOAD("6", "\r\nOOK\r\n") END "\r\nOK\r\n"),
        "{!}[OK]");
    assert_string_equal(
        fresh(START("1", "6") TOPIC("1", "t") PAYLOAD("", "\r\nOK\r\n") END "\r\nOK\r\n"),
        "{!}[OK]");
    assert_string_equal(fresh(TOPIC("1", "t") PAYLOAD("6", "\r\nOK\r\n") END "\r\nOK\r\n"),
                        "{!}[OK]");
    assert_string_equal(
        fresh(START("1", "6") START("1", "1") TOPIC("1", "t") PAYLOAD("1", "a") END), "{!}{t=a}");
    assert_string_equal(fresh(START("1025", "1") TOPIC("1025", "t") END), "{!}");
    assert_string_equal(fresh(START("1", "2") TOPIC("1", "t") END), "{!}");
}

static void a_message_that_does_not_end(void **state)
{
    struct reader r;
    (void)state;
    reader_reset(&r);
    static const char BEGUN[] = START("1", "900") TOPIC("1", "t") PAYLOAD("900", "a") "\r\nOK\r\n";
    assert_string_equal(read_all(&r, BEGUN, sizeof(BEGUN) - 1), "");
    assert_true(reader_is_inside_message(&r));
    assert_int_equal(reader_give_up_message(&r), READER_DAMAGED);
    assert_string_equal(read_all(&r, "\r\nOK\r\n", 6), "[OK]");
    assert_int_equal(reader_give_up_message(&r), READER_NONE);
}

static void numbers(void **state)
{
    long n[3];
    (void)state;
    assert_int_equal(reader_numbers("0,12,345", n, 3), 3);
    assert_int_equal(n[2], 345);
    assert_int_equal(reader_numbers("0,6", n, 3), 2);
    assert_int_equal(reader_numbers("", n, 3), 0);
    assert_int_equal(reader_numbers("0,", n, 3), 0);
    assert_int_equal(reader_numbers("0,x", n, 3), 0);
    assert_int_equal(reader_numbers("1,2,3,4", n, 3), 0);
    assert_int_equal(reader_numbers("1234567890", n, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_prompts), cmocka_unit_test(messages),
        cmocka_unit_test(damaged_messages),  cmocka_unit_test(a_message_that_does_not_end),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
