/* When a fault strikes: count, nth, chance and its seed, when and until; without a modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/fault.h"

#define ROW (&fault_table_command.rows[1]) /* command.answer */

static const struct fault_arg csq[] = {
    { .name = { (const uint8_t *)"command", 7 }, .text = { (const uint8_t *)"+CSQ", 4 } },
    { .name = { (const uint8_t *)"answer", 6 }, .text = { (const uint8_t *)"error", 5 } },
};

static struct fault_order order(uint32_t count)
{
    return (struct fault_order){
        .name = SPAN_LIT("command.answer"), .args = csq, .n = ARRAY_LEN(csq), .count = count
    };
}

static struct fault *arm(struct faults *f, const struct fault_order *o)
{
    char error[256] = "";
    struct fault *fault = faults_arm(f, o, 100, error, sizeof error);
    if (fault == NULL) {
        fail_msg("%s", error);
    }
    return fault;
}

/* The opportunities at which it strikes, as "..x". */
static void turns(struct faults *f, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++) {
        struct fault *fault = fault_ready(f, ROW, NULL);
        ret[i] = fault != NULL && fault_turn(fault) ? 'x' : '.';
    }
    ret[n] = '\0';
}

static void count_and_nth(void **state)
{
    (void)state;
    struct faults f = { 0 };
    char seen[9];
    struct fault_order o = order(2);
    o.nth = 3;
    (void)arm(&f, &o);
    turns(&f, 6, seen);
    assert_string_equal(seen, "..xx..");
    assert_true(faults_clear(&f, 0));
    o = order(0);
    const struct fault *sticky = arm(&f, &o);
    turns(&f, 6, seen);
    assert_string_equal(seen, "xxxxxx");
    assert_int_equal(sticky->fired, 6);
    assert_true(faults_clear(&f, 2));
}

/* The same seed, the same turns; and about as often as asked for. */
static void chance(void **state)
{
    (void)state;
    struct faults f = { 0 };
    char one[1001];
    char same[1001];
    char other[1001];
    struct fault_order o = order(0);
    o.chance = 25;
    o.has_seed = true;
    for (size_t i = 0; i < 3; i++) {
        o.seed = i < 2 ? 7 : 8;
        (void)arm(&f, &o);
        turns(&f, 1000, i == 0 ? one : i == 1 ? same : other);
        assert_true(faults_clear(&f, 0));
    }
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    size_t n = 0;
    for (size_t i = 0; i < 1000; i++) {
        n += one[i] == 'x';
    }
    assert_in_range(n, 200, 300);
    o.has_seed = false;
    assert_int_equal(arm(&f, &o)->seed, 100 + 4); /* the modem's, and its number */
    (void)faults_clear(&f, 0);
}

static void see(struct faults *f, const char *packet, int64_t id)
{
    const struct trace_field fields[] = { TRACE_STR("packet", packet), TRACE_NUM("id", id) };
    assert_false(faults_see(f, "mqtt", fields, 2));
}

static void when_and_until(void **state)
{
    (void)state;
    struct faults f = { 0 };
    char seen[9];
    struct fault_order o = order(0);
    o.when = (struct fault_event){
        .name = SPAN_LIT("mqtt"),
        .field = { { .name = SPAN_LIT("packet"), .text = SPAN_LIT("S*B*K") },
                   { .name = SPAN_LIT("id"), .is_number = true, .num = 5 } },
        .n = 2,
    };
    o.when_nth = 2;
    o.until =
        (struct fault_event){ .name = SPAN_LIT("mqtt"), .field = { o.when.field[0] }, .n = 1 };
    o.until.field[0].text = SPAN_LIT("PUBACK");
    (void)arm(&f, &o);
    turns(&f, 1, seen);
    assert_string_equal(seen, ".");
    see(&f, "SUBACK", 5);
    see(&f, "SUBACK", 6);   /* another id */
    see(&f, "PINGRESP", 5); /* another packet */
    turns(&f, 1, seen);
    assert_string_equal(seen, ".");
    see(&f, "SUBACK", 5);
    turns(&f, 2, seen);
    assert_string_equal(seen, "xx");
    see(&f, "PUBACK", 1);
    turns(&f, 2, seen);
    assert_string_equal(seen, "..");
    see(&f, "SUBACK", 5);
    turns(&f, 2, seen);
    assert_string_equal(seen, "xx");
    (void)faults_clear(&f, 0);
}

/* nth counts from waking on, and a fault that sleeps has no opportunities. */
static void nth_after_when(void **state)
{
    (void)state;
    struct faults f = { 0 };
    char seen[9];
    struct fault_order o = order(1);
    o.nth = 2;
    o.when = (struct fault_event){ .name = SPAN_LIT("mqtt") };
    (void)arm(&f, &o);
    turns(&f, 3, seen);
    assert_string_equal(seen, "...");
    see(&f, "SUBACK", 1);
    turns(&f, 4, seen);
    assert_string_equal(seen, ".x..");
    (void)faults_clear(&f, 0);
}

/* No fault is woken by what faults do. */
static void fault_events(void **state)
{
    (void)state;
    struct faults f = { 0 };
    char seen[3];
    struct fault_order o = order(1);
    o.when = (struct fault_event){ .name = SPAN_LIT("fault") };
    (void)arm(&f, &o);
    assert_false(faults_see(&f, "fault", NULL, 0));
    turns(&f, 2, seen);
    assert_string_equal(seen, "..");
    (void)faults_clear(&f, 0);
}

static void patterns(void **state)
{
    (void)state;

    static const struct {
        const char *pattern, *text;
        bool fits;
    } row[] = {
        { "", "", true },
        { "", "a", false },
        { "*", "", true },
        { "AT+CMQTT*", "AT+CMQTTPUB=0", true },
        { "AT+CMQTT*", "AT+CSQ", false },
        { "*a*b*", "xxaxxbxx", true },
        { "*a*b*", "xxbxxaxx", false },
        { "a*aab", "aaaaab", true },
        { "a*aab", "aab", false },
        { "**", "a", true },
        { "a.c", "abc", false },
    };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct faults f = { 0 };
        char seen[2];
        struct fault_order o = order(1);
        const struct trace_field field = TRACE_STR("text", row[i].text);
        o.when = (struct fault_event){
            .name = SPAN_LIT("at"),
            .field = { { .name = SPAN_LIT("text"), .text = span_str(row[i].pattern) } },
            .n = 1,
        };
        (void)arm(&f, &o);
        (void)faults_see(&f, "at", &field, 1);
        turns(&f, 1, seen);
        if ((seen[0] == 'x') != row[i].fits) {
            fail_msg("'%s' on '%s'", row[i].pattern, row[i].text);
        }
        (void)faults_clear(&f, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_and_nth),  cmocka_unit_test(chance),
        cmocka_unit_test(when_and_until), cmocka_unit_test(nth_after_when),
        cmocka_unit_test(fault_events),   cmocka_unit_test(patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
