#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/host/trace_ring.h"

struct seen {
    size_t n;
    uint64_t first, last;
    size_t text;
};

static void each(void *arg, uint64_t ms, unsigned modem, const char *event,
                 const struct trace_field *fields, size_t n)
{
    struct seen *s = arg;
    assert_int_equal(modem, 1);
    assert_string_equal(event, "event");
    assert_int_equal(n, 2);
    assert_string_equal(fields[0].name, "number");
    assert_int_equal(fields[0].num, (int64_t)ms);
    s->first = s->n == 0 ? ms : s->first;
    s->last = ms;
    s->text = fields[1].text.n;
    s->n++;
}

static void put(struct trace_ring *r, uint64_t ms, struct span text)
{
    const struct trace_field fields[] = { TRACE_NUM("number", (int64_t)ms),
                                          TRACE_SPAN("text", text) };
    trace_ring_add(r, ms, 1, "event", fields, 2);
}

static struct seen look(const struct trace_ring *r, size_t last)
{
    struct seen s = { 0 };
    trace_ring_each(r, last, each, &s);
    return s;
}

static void latest_events(void **state)
{
    struct trace_ring *r = trace_ring_new();
    (void)state;
    assert_int_equal(look(r, TRACE_RING_EVENTS).n, 0);
    for (uint64_t i = 0; i < TRACE_RING_EVENTS + 7; i++) {
        put(r, i, SPAN_LIT("x"));
    }
    struct seen all = look(r, TRACE_RING_EVENTS);
    assert_int_equal(all.n, TRACE_RING_EVENTS);
    assert_int_equal(all.first, 7);
    assert_int_equal(all.last, TRACE_RING_EVENTS + 6);
    struct seen two = look(r, 2);
    assert_int_equal(two.n, 2);
    assert_int_equal(two.last, TRACE_RING_EVENTS + 6);
    trace_ring_free(&r);
    assert_null(r);
}

static void bytes_are_bounded(void **state)
{
    static uint8_t text[TRACE_RING_TEXT + 1];
    struct trace_ring *r = trace_ring_new();
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        put(r, i, span_of(text, TRACE_RING_TEXT));
    }
    struct seen s = look(r, TRACE_RING_EVENTS);
    assert_int_equal(s.n, TRACE_RING_BYTES / TRACE_RING_TEXT);
    assert_int_equal(s.text, TRACE_RING_TEXT);
    put(r, 20, span_of(text, sizeof text));
    assert_int_equal(look(r, 1).text, SPAN_LIT("(too long for the trace)").n);
    trace_ring_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(latest_events),
                                        cmocka_unit_test(bytes_are_bounded) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
