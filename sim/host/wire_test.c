#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/wire.h"

static void show(const struct buf *b, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < b->n && n + 4 < size; i++) {
        n += (size_t)snprintf(out + n, size - n, "%02X ", b->p[i]);
    }
}

static void heard_is(struct span sent, uint32_t from, uint32_t to, struct span wanted,
                     const char *about)
{
    struct buf heard;
    char text[400];
    buf_init(&heard, 100000);
    wire_sample(sent, from, to, &heard);
    if (!span_eq(buf_span(&heard), wanted)) {
        show(&heard, text, sizeof text);
        fail_msg("%s, %u to %u: %s", about, from, to, text);
    }
    buf_fini(&heard);
}

/* All bytes, and every byte behind every other one. */
static void all_bytes(struct buf *b)
{
    for (unsigned i = 0; i < 256; i++) {
        (void)buf_add_byte(b, (uint8_t)i);
        (void)buf_add_byte(b, (uint8_t)(i * 7 + 1));
    }
}

static void equal_speeds(void **state)
{
    static const uint32_t speeds[] = { 1, 300, 9600, 115200, 921600, 3686400, 4000000 };
    struct buf all;

    (void)state;
    buf_init(&all, 1000);
    all_bytes(&all);
    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        heard_is(buf_span(&all), speeds[i], speeds[i], buf_span(&all), "equal speeds");
    }
    heard_is(SPAN_LIT(""), 9600, 115200, SPAN_LIT(""), "nothing");
    buf_fini(&all);
}

/* A slow receiver gets everything while the middle of its stop bit, 9.5 bits behind the edge, is
 * not yet in the next frame: 10 bits of the sender. A fast one even when it is still in the last
 * data bit, as long as the middle of that, 8.5, is not in the bit before: 8 bits of the sender. */
static void tolerance(void **state)
{
    struct buf all;
    struct buf heard;

    (void)state;
    buf_init(&all, 1000);
    buf_init(&heard, 100000);
    all_bytes(&all);
    heard_is(buf_span(&all), 100000, 95100, buf_span(&all), "4.9 % slower");
    heard_is(buf_span(&all), 100000, 106200, buf_span(&all), "6.2 % faster");
    wire_sample(buf_span(&all), 100000, 94900, &heard);
    assert_false(span_eq(buf_span(&heard), buf_span(&all)));
    buf_clear(&heard);
    wire_sample(buf_span(&all), 100000, 106300, &heard);
    assert_false(span_eq(buf_span(&heard), buf_span(&all)));
    buf_fini(&all);
    buf_fini(&heard);
}

/* Drawn by hand. */
static void other_speeds(void **state)
{
    const struct {
        struct span sent;
        uint32_t from, to;
        struct span heard;
        const char *about;
    } cases[] = {
        /* 0 1010 1010 1: five lows of twelve bits each, every one a zero byte without a stop bit */
        { SPAN_LIT("U"), 9600, 115200, SPAN_LIT("\0\0\0\0\0"), "U" },
        /* 'A' = 0 10000010 1: lows of one, five and one bits */
        { SPAN_LIT("A"), 9600, 115200, SPAN_LIT("\0\0\0"), "A" },
        { SPAN_LIT("AT\r"), 9600, 115200, SPAN_LIT("\0\0\0\0\0\0\0\0\0\0"), "AT" },
        /* one bit of the sender is two of the receiver: start and first data bit low, … */
        { SPAN_LIT("\xFF"), 57600, 115200, SPAN_LIT("\xFE"), "a lone start bit" },
        { SPAN_LIT("\x00"), 57600, 115200, SPAN_LIT("\x00"), "nine low bits" },
        /* 0 1000 0010 1 at twice the receiver's speed, sampled at 1.0 (high: a glitch), then from
         * the fall at 2.0: 3.0 low, 5.0 low, 7.0 high, 9.0 high, then idle */
        { SPAN_LIT("A"), 115200, 57600, SPAN_LIT("\xFE"), "A" },
        /* a start bit shorter than half of the receiver's is a glitch */
        { SPAN_LIT("\xFF"), 115200, 9600, SPAN_LIT(""), "a glitch" },
        { SPAN_LIT("\xFF\xFF\xFF\xFF"), 115200, 9600, SPAN_LIT(""), "glitches" },
        /* nine low bits of twelve: a start bit, then idle */
        { SPAN_LIT("\x00"), 115200, 9600, SPAN_LIT("\xFF"), "a short low" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        heard_is(cases[i].sent, cases[i].from, cases[i].to, cases[i].heard, cases[i].about);
    }
}

/* A line that stays low gives one byte, not one for ever. */
static void breaks(void **state)
{
    (void)state;
    heard_is(SPAN_LIT("\0\0\0"), 300, 115200, SPAN_LIT("\0\0\0"), "three long lows");
}

/* For all pairs of speeds: never more than promised, and something when the receiver is faster. */
static void growth(void **state)
{
    static const uint32_t speeds[] = { 300, 1200, 9600, 38400, 57600, 115200, 921600, 3686400 };
    struct buf all;
    struct buf heard;

    (void)state;
    buf_init(&all, 1000);
    buf_init(&heard, 100000);
    all_bytes(&all);
    for (size_t i = 0; i < ARRAY_LEN(speeds) * ARRAY_LEN(speeds); i++) {
        uint32_t from = speeds[i / ARRAY_LEN(speeds)];
        uint32_t to = speeds[i % ARRAY_LEN(speeds)];
        buf_clear(&heard);
        wire_sample(buf_span(&all), from, to, &heard);
        assert_true(heard.n <= all.n * WIRE_GROWTH);
        assert_true(from > to || heard.n >= all.n);
        assert_true(from == to || !span_eq(buf_span(&heard), buf_span(&all)));
    }
    buf_fini(&all);
    buf_fini(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_speeds), cmocka_unit_test(tolerance), cmocka_unit_test(other_speeds),
        cmocka_unit_test(breaks),       cmocka_unit_test(growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
