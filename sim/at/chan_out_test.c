/* What the channel writes, and when: units that come unasked, output that nobody reads. */
#include "sim/at/chan_rig.h"

/* When a unit that comes unasked may go out. */
static void holding(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    at_urc_line(w.ch, "+URC");
    SAID(&w, LN("+URC")); /* nothing is under way */
    SAY(&w, "AT\r", OKAY);
    at_urc_line(w.ch, "+URC");
    PASS(&w, 19, "");
    PASS(&w, 1, LN("+URC"));
    /* from inside a handler: behind the final result */
    PASS(&w, 1000, "");
    SAY(&w, "AT+URCX;+INFO\r", LN("+URCX: 1") "\r\n+INFO: 1\r\n+INFO: 2\r\n" OKAY);
    PASS(&w, 19, "");
    PASS(&w, 1, LN("+URC"));
    /* typing */
    SAY(&w, "AT", "");
    at_urc_line(w.ch, "+URC");
    at_late_result(w.ch, "+LATE");
    PASS(&w, 999, "");
    SAY(&w, "+", "");
    PASS(&w, 999, "");
    SAY(&w, "INFO\r", "\r\n+INFO: 1\r\n+INFO: 2\r\n" OKAY);
    PASS(&w, 19, "");
    PASS(&w, 1, LN("+URC") LN("+LATE")); /* in the order they came */
    SAY(&w, "AT", "");
    at_urc_line(w.ch, "+URC");
    PASS(&w, 1000, LN("+URC")); /* somebody went away */
    SAY(&w, "\r", OKAY);
    /* data entry */
    SAY(&w, "AT+DATA=2\r", "\r\n>");
    at_urc_line(w.ch, "+URC");
    at_late_result(w.ch, "+LATE");
    PASS(&w, 100000, "");
    SAY(&w, "xy", OKAY);
    PASS(&w, 20, LN("+URC") LN("+LATE"));
    /* pending */
    SAY(&w, "AT+PEND\r", "");
    at_urc_line(w.ch, "+URC");
    PASS(&w, 4000, "");
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY);
    PASS(&w, 20, LN("+URC"));
    end(&w);
    begin(&w, 0, true);
    SAY(&w, "AT+PEND\r", "");
    at_urc_line(w.ch, "+URC");
    SAID(&w, LN("+URC"));
    at_late_result(w.ch, "+LATE"); /* a result does not come between echo and result */
    SAID(&w, "");
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY LN("+LATE"));
    end(&w);
}

static void power(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+DATA=9\rabc", "\r\n>");
    at_urc_line(w.ch, "+URC");
    at_chan_mute(w.ch, true);
    at_urc_line(w.ch, "+URC");
    at_late_result(w.ch, "+LATE");
    SAY(&w, "AT\r", "");
    at_chan_mute(w.ch, false);
    PASS(&w, 5000, "");
    SAY(&w, "AT\r", OKAY);
    end(&w);
}

/* The owner is told of each line that is no answer, when it goes out. */
static void lines_that_are_no_answer(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+INFO;+DATA=1\r",
        "\r\n+INFO: 1\r\n+INFO: 2\r\n"
        "\r\n>");
    at_urc_line(w.ch, "+URC");
    at_late_result(w.ch, "+LATE");
    SAY(&w, "x", OKAY);
    at_raw(w.ch, SPAN_LIT("raw"));
    PASS(&w, 19, "raw");
    assert_int_equal(w.unasked, 0);
    PASS(&w, 1, LN("+URC") LN("+LATE"));
    assert_int_equal(w.unasked, 2);
    SAY(&w, "AT+AFTER\r", OKAY LN("+AFTER: 0"));
    assert_int_equal(w.unasked, 3);
    at_urc_line(w.ch, "+URC");
    at_release(w.ch);
    SAID(&w, LN("+URC"));
    assert_int_equal(w.unasked, 4);
    at_chan_mute(w.ch, true);
    at_urc_line(w.ch, "+URC");
    assert_int_equal(w.unasked, 4);
    end(&w);
}

/* More unasked units than anybody reads: whole units are lost, and it is traced. */
static void output_that_nobody_reads(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    static uint8_t unit[10240];
    memset(unit, 'u', sizeof unit);
    for (int i = 0; i < 60; i++) {
        at_urc_unit(w.ch, span_of(unit, sizeof unit));
    }
    assert_true(at_chan_tx(w.ch).n < 64 * 1024);
    assert_int_equal(at_chan_rx_room(w.ch), 0);
    assert_true(w.overruns > 0);
    do {
        take(&w);
    } while (at_chan_tx(w.ch).n > 0);
    assert_int_equal(w.said.n % sizeof unit, 0);
    assert_int_equal(w.said.n / sizeof unit, 60 - w.overruns);
    assert_true(w.said.n > (size_t)200 * 1024);
    buf_clear(&w.said);
    SAY(&w, "AT\r", OKAY);
    end(&w);
}

static int64_t early(struct world *w)
{
    int64_t n = w->early;
    w->early = 0;
    return n;
}

/* What came before the client can have seen an answer is traced; line ends alone are not. */
static void input_that_does_not_wait(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT\r\n", OKAY);
    SAY(&w, "AT", "");
    SAY(&w, "\r", OKAY);
    assert_int_equal(early(&w), 0);
    SAY(&w, "AT\rAT\r\n", OKAY OKAY);
    assert_int_equal(early(&w), 4);
    /* behind the line, and behind the data */
    SAY(&w, "AT+DATA=2\r\n", "\r\n>");
    SAY(&w, "x", "");
    SAY(&w, "y", OKAY);
    assert_int_equal(early(&w), 0);
    SAY(&w, "AT+DATA=2\r\nx", "\r\n>");
    assert_int_equal(early(&w), 1);
    SAY(&w, "yAT\r", OKAY OKAY);
    assert_int_equal(early(&w), 3);
    /* while a command runs */
    SAY(&w, "AT+PEND\r", "");
    SAY(&w, "\n", "");
    assert_int_equal(early(&w), 0);
    SAY(&w, "AT\r", "");
    assert_int_equal(early(&w), 3);
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY OKAY);
    assert_int_equal(early(&w), 0);
    end(&w);
}

/* 64 KiB of input in one piece, taken out one byte at a time. */
static void a_flood_of_input(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    struct buf in;
    buf_init(&in, (size_t)64 * 1024);
    while (buf_addf(&in, "AT+INFO\r")) {
    }
    size_t lines = in.n / 8;
    assert_true(at_chan_rx_room(w.ch) >= in.n);
    at_chan_rx(w.ch, buf_span(&in));
    while (at_chan_tx(w.ch).n > 0) {
        size_t n = at_chan_tx(w.ch).n < 997 ? at_chan_tx(w.ch).n : 997;
        assert_true(buf_add(&w.said, span_of(at_chan_tx(w.ch).p, n)));
        at_chan_tx_done(w.ch, n);
    }
    assert_int_equal(w.runs, lines);
    assert_int_equal(w.said.n, lines * strlen("\r\n+INFO: 1\r\n+INFO: 2\r\n" OKAY));
    assert_int_equal(w.overruns, 0);
    buf_fini(&in);
    buf_clear(&w.said);
    end(&w);
    /* beyond the room: dropped, told, and the channel lives */
    begin(&w, 0, false);
    SAY(&w, "AT+PEND\r", "");
    uint8_t *junk = xcalloc(1, 70000);
    at_chan_rx(w.ch, span_of(junk, 70000));
    assert_int_equal(w.overruns, 1);
    free(junk);
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY);
    end(&w);
}

static void the_driver_is_told(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    at_chan_rx(w.ch, SPAN_LIT("AT"));
    assert_int_equal(w.told, 0); /* echo off: nothing to write */
    at_chan_rx(w.ch, SPAN_LIT("\r"));
    assert_int_equal(w.told, 1);
    SAID(&w, OKAY);
    SAY(&w, "AT+PEND\r", "");
    w.told = 0;
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    assert_true(w.told > 0);
    SAID(&w, OKAY);
    at_urc_line(w.ch, "+URC");
    w.told = 0;
    sched_run(&w.sched, w.sched.now + 20);
    assert_true(w.told > 0);
    SAID(&w, LN("+URC"));
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holding),
        cmocka_unit_test(power),
        cmocka_unit_test(lines_that_are_no_answer),
        cmocka_unit_test(output_that_nobody_reads),
        cmocka_unit_test(input_that_does_not_wait),
        cmocka_unit_test(a_flood_of_input),
        cmocka_unit_test(the_driver_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
