#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/sched.h"
#include "base/schema.h"

static void buffer_keeps_its_cap(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    assert_true(buf_add(&b, SPAN_LIT("abc")));
    assert_false(buf_add(&b, SPAN_LIT("def")));
    assert_int_equal(b.n, 3);
    assert_false(buf_addf(&b, "%s", "xyz"));
    assert_true(buf_add(&b, SPAN_LIT("de")));
    buf_drop(&b, 2);
    assert_true(span_eq(buf_span(&b), SPAN_LIT("cde")));
    buf_wipe(&b);
    assert_int_equal(b.n, 0);
}

static void quotes_are_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    buf_add_quoted(&b, SPAN_LIT("a\"b\\c"));
    assert_true(span_eq(buf_span(&b), SPAN_LIT("\"a\\\"b\\\\c\"")));
    buf_clear(&b);
    buf_add_quoted(&b, span_str(NULL));
    assert_true(span_eq(buf_span(&b), SPAN_LIT("\"\"")));
    buf_fini(&b);
}

struct probe {
    struct timer timer;
    char *log;
    char name;
};

static void note(struct timer *t)
{
    struct probe *p = (struct probe *)(void *)t;
    size_t n = strlen(p->log);
    p->log[n] = p->name;
}

static void timers_fire_in_order_of_due_time(void **state)
{
    (void)state;
    char log[8] = "";
    struct sched s = { 0 };
    struct probe a = { .log = log, .name = 'a' };
    struct probe b = { .log = log, .name = 'b' };
    struct probe c = { .log = log, .name = 'c' };
    timer_arm(&s, &a.timer, 20, note);
    timer_arm(&s, &b.timer, 10, note);
    timer_arm(&s, &c.timer, 20, note);
    uint64_t due = 0;
    assert_true(sched_next(&s, &due));
    assert_int_equal(due, 10);
    sched_run(&s, 19);
    assert_string_equal(log, "b");
    timer_arm(&s, &b.timer, 5, note); /* due at 24 */
    timer_stop(&a.timer);
    sched_run(&s, 30);
    assert_string_equal(log, "bcb");
    assert_false(sched_next(&s, &due));
    sched_run(&s, 3); /* time never goes back */
    assert_int_equal(sched_now(&s), 30);
}

static void ranges_and_their_text(void **state)
{
    (void)state;
    static const char *const vary[] = { NULL, "0,60-180" };

    static const struct {
        struct param p;
        int32_t num;
        bool in;
        const char *text;
    } rows[] = {
        { { .lo = 0, .hi = 1 }, 0, true, "(0-1)" },
        { { .lo = 0, .hi = 1 }, 2, false, "(0-1)" },
        { { .lo = 0, .hi = 1 }, -1, false, "(0-1)" },
        { { .lo = 0, .hi = 0, .vary = 1 }, 59, false, "(0,60-180)" },
        { { .lo = 0, .hi = 0, .vary = 1 }, 60, true, "(0,60-180)" },
        { { .lo = 0, .hi = 0, .vary = 1 }, 0, true, "(0,60-180)" },
        { { .list = "0x002F,0xFFFF", .flags = PARAM_HEX }, 0x2f, true, "(0x002F,0xFFFF)" },
        { { .list = "0x002F,0xFFFF", .flags = PARAM_HEX }, 0x30, false, "(0x002F,0xFFFF)" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value v = { .present = true, .num = rows[i].num };
        assert_int_equal(schema_in_range(&rows[i].p, vary, &v), rows[i].in);
        struct buf out;
        buf_init(&out, 64);
        schema_range_text(&rows[i].p, vary, &out);
        assert_true(span_eq(buf_span(&out), span_str(rows[i].text)));
        buf_fini(&out);
    }
}

static void numbers(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        bool hex, ok;
        int32_t num;
    } rows[] = {
        { "0", false, true, 0 },           { "2147483647", false, true, INT32_MAX },
        { "2147483648", false, false, 0 }, { "", false, false, 0 },
        { "-1", false, true, -1 },         { "-", false, false, 0 },
        { "1a", false, false, 0 },         { "0x2F", false, false, 0 },
        { "0x2F", true, true, 47 },        { "0x", true, false, 0 },
        { "+1", false, false, 0 },         { "99999999999999999999", false, false, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t num = 0;
        assert_int_equal(schema_number(span_str(rows[i].text), rows[i].hex, &num), rows[i].ok);
        assert_int_equal(num, rows[i].num);
    }
    assert_true(schema_each_range("0,60-180,0x10", NULL, NULL));
    assert_false(schema_each_range("", NULL, NULL));
    assert_false(schema_each_range("1-", NULL, NULL));
    assert_false(schema_each_range("5-1", NULL, NULL));
    assert_false(schema_each_range("1,,2", NULL, NULL));
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(span_has_prefix(SPAN_LIT("abc"), SPAN_LIT("ab")));
    assert_true(span_has_prefix(SPAN_LIT("abc"), SPAN_LIT("abc")));
    assert_true(span_has_prefix(SPAN_LIT("abc"), (struct span){ NULL, 0 }));
    assert_true(span_has_prefix((struct span){ NULL, 0 }, SPAN_LIT("")));
    assert_false(span_has_prefix(SPAN_LIT("abc"), SPAN_LIT("bc")));
    assert_false(span_has_prefix(SPAN_LIT("ab"), SPAN_LIT("abc")));
    assert_false(span_has_prefix((struct span){ NULL, 0 }, SPAN_LIT("a")));
}

static void decimals(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        unsigned places;
        bool ok;
        int64_t num;
    } rows[] = {
        { "0", 0, true, 0 },
        { "17.6", 1, true, 176 },
        { "-17.6", 3, true, -17600 },
        { "-0.25", 1, true, -3 }, /* halves away from zero */
        { "0.24", 1, true, 2 },
        { "1.999999999999999999", 9, true, INT64_C(2000000000) },
        { "48.910707050", 9, true, INT64_C(48910707050) },
        { "999999999", 9, true, INT64_C(999999999000000000) },
        { "1000000000", 9, false, 0 },
        { "1715942096", 0, true, 1715942096 },
        { "1.0000000000000000001", 9, false, 0 },
        { "", 1, false, 0 },
        { "-", 1, false, 0 },
        { ".5", 1, false, 0 },
        { "5.", 1, false, 0 },
        { "1.2.3", 1, false, 0 },
        { "1,5", 1, false, 0 },
        { "1e3", 1, false, 0 },
        { "+1", 1, false, 0 },
        { "--1", 1, false, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t num = 0;
        if (schema_decimal(span_str(rows[i].text), rows[i].places, &num) != rows[i].ok ||
            num != rows[i].num) {
            fail_msg("%s: %lld", rows[i].text, (long long)num);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_its_cap),
        cmocka_unit_test(quotes_are_escaped),
        cmocka_unit_test(timers_fire_in_order_of_due_time),
        cmocka_unit_test(ranges_and_their_text),
        cmocka_unit_test(numbers),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
