/* The channel runs lines: verdicts, chains, data, tickets, result formats. */
#include "sim/at/chan_rig.h"

static void settings(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+LEVEL?;+LEVEL=9;+LEVEL?;+LEVEL;+LEVEL?\r",
        LN("+LEVEL: 5") LN("+LEVEL: 9") LN("+LEVEL: 5") OKAY);
    SAY(&w, "AT+LEVEL=?\r", LN("+LEVEL: (0-9)") OKAY);
    SAY(&w, "AT+LEVEL=10\r", ERR);
    SAY(&w, "AT+LEVEL=\r", ERR);
    SAY(&w, "AT+LEVEL=1,2\r", ERR);
    SAY(&w, "AT+SAVED=7;+SAVED?\r", LN("007") OKAY);
    SAY(&w, "AT+SAVED\r", ERR); /* no bare form */
    at_settings_default(w.ch, &table, AT_SET_SAVED);
    assert_int_equal(w.saved, 3);
    assert_int_equal(w.set.echo, 1);
    assert_int_equal(w.level, 5);
    end(&w);
}

static void forms(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+INFO\r", "\r\n+INFO: 1\r\n+INFO: 2\r\n" OKAY);
    SAY(&w, "AT+INFO=?\r", OKAY);
    SAY(&w, "AT+INFO?\r", ERR);
    SAY(&w, "AT+INFO=1\r", ERR);
    SAY(&w, "AT+PEND=?\r", ERR);
    SAY(&w, "AT+DATA\r", ERR);
    SAY(&w, "AT+DATA?\r", ERR);
    SAY(&w, "AT+NONE\r", ERR);
    SAY(&w, "AT+SILENT\r", "");
    SAY(&w, "AT+SILENT;+INFO\r", ""); /* ends the line */
    end(&w);
}

/* mqtt-ssl-commands.md 2.1: early range, preconditions, late range. */
static void order_of_checks(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+GROUP=1,1\r", LN("+GROUP: 1") OKAY);
    SAY(&w, "AT+GROUP?\r", LN("+GROUP: 0") OKAY);
    SAY(&w, "AT+GROUP=2,2\r", LN("+GROUP: 10") ERR);
    SAY(&w, "AT+GROUP=1,2\r", LN("+GROUP: 12") ERR);
    SAY(&w, "AT+GROUP=1,1,2\r", ERR); /* that parameter has no code */
    w.busy = true;
    SAY(&w, "AT+GROUP=2,2\r", LN("+GROUP: 10") ERR);
    SAY(&w, "AT+GROUP=1,2\r", LN("+GROUP: 14") ERR);
    SAY(&w, "AT+GROUP=1\r", ERR);
    SAY(&w, "AT+GROUP=1,x\r", ERR);
    SAY(&w, "AT+GROUP?\r", ERR);
    SAY(&w, "AT+GROUP=?\r", LN("+GROUP: (0-1),(0-1),(0-1)") OKAY); /* in every state */
    end(&w);
}

static void result_formats(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+CODE=3\r", LN("+CME ERROR: operation not allowed"));
    SAY(&w, "AT+CODE=999\r", LN("+CME ERROR: Unknown"));
    SAY(&w, "AT+CMEE=1;+CODE=999\r", LN("+CME ERROR: 999"));
    SAY(&w, "AT+CMEE=0;+CODE=3\r", ERR);
    SAY(&w, "ATV0\r", "0\r");
    SAY(&w, "AT+INFO\r", "+INFO: 1\r\n+INFO: 2\r\n0\r");
    SAY(&w, "AT+NONE\r", "4\r");
    SAY(&w, "AT+CODE=3\r", "4\r");
    SAY(&w, "AT+CMEE=1;+CODE=3\r", "+CME ERROR: 3\r\n");
    SAY(&w, "AT+AFTER\r", "0\r+AFTER: 0\r\n");
    at_urc_line(w.ch, "+URC");
    PASS(&w, 20, "+URC\r\n");
    SAY(&w, "ATV1Q1\r", "");
    SAY(&w, "AT+INFO;+AFTER\r", "\r\n+INFO: 1\r\n+INFO: 2\r\n" LN("+AFTER: 0"));
    SAY(&w, "AT+CODE=3\r", "");
    SAY(&w, "AT+NONE\r", "");
    at_urc_line(w.ch, "+URC");
    PASS(&w, 20, LN("+URC")); /* a URC is no result code of a command */
    SAY(&w, "ATQ0S4=33\r", "\r!OK\r!");
    SAY(&w, "ATS3=35\r", "#!OK#!");
    SAY(&w, "AT#", "#!OK#!");
    end(&w);
}

static void chains(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+INFO;+DATA=3;+AFTER;+PEND;+LEVEL?\r",
        "\r\n+INFO: 1\r\n+INFO: 2\r\n"
        "\r\n>");
    SAY(&w, "abc", "");
    assert_string_equal(w.data, "abc");
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, LN("+LEVEL: 5") OKAY LN("+AFTER: 0"));
    /* an error at the parked place ends the line, and what was said before stays */
    SAY(&w, "AT+LEVEL=8;+PEND;+LEVEL=9\r", "");
    at_info(w.ch, "+PEND: 1,6");
    assert_true(at_finish(w.ch, w.ticket, AT_ERROR));
    SAID(&w, LN("+PEND: 1,6") ERR);
    assert_int_equal(w.level, 8);
    SAY(&w, "AT+PEND;+LEVEL=9\r", "");
    assert_true(at_finish(w.ch, w.ticket, AT_CME(3)));
    SAID(&w, LN("+CME ERROR: operation not allowed"));
    assert_int_equal(w.level, 8);
    /* two parked ones in a line */
    SAY(&w, "AT+PEND;+PEND\r", "");
    uint32_t first = w.ticket;
    assert_true(at_finish(w.ch, first, AT_OK));
    SAID(&w, "");
    assert_false(at_finish(w.ch, first, AT_OK));
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY);
    /* data that leads to a parked command, and to an error */
    w.end = AT_PENDING;
    SAY(&w, "AT+DATA=1;+LEVEL?\rx", "\r\n>");
    assert_true(at_parked(w.ch, w.ticket));
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, LN("+LEVEL: 8") OKAY);
    w.end = AT_ERROR;
    SAY(&w, "AT+DATA=1;+LEVEL?\rx", "\r\n>" ERR);
    w.end = AT_DATA(2); /* asks again */
    SAY(&w, "AT+DATA=1;+LEVEL?\rx", "\r\n>\r\n>");
    w.end = AT_OK;
    SAY(&w, "yz", LN("+LEVEL: 8") OKAY);
    assert_string_equal(w.data, "yz");
    end(&w);
}

static void tickets(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    assert_false(at_finish(w.ch, 0, AT_OK));
    assert_false(at_finish(w.ch, 1, AT_OK));
    SAY(&w, "AT+PEND\r", "");
    uint32_t old = w.ticket;
    assert_false(at_finish(w.ch, old + 1, AT_OK));
    PASS(&w, 4999, "");
    PASS(&w, 1, ERR); /* the row's limit */
    assert_false(at_parked(w.ch, old));
    assert_false(at_finish(w.ch, old, AT_OK)); /* stale */
    SAID(&w, "");
    SAY(&w, "AT+PEND\r", "");
    assert_false(at_finish(w.ch, old, AT_OK));
    at_chan_reset(w.ch);
    assert_false(at_finish(w.ch, w.ticket, AT_OK));
    SAY(&w, "AT+INFO\r", "\r\n+INFO: 1\r\n+INFO: 2\r\n" OKAY);
    /* the result of a command whose OK is long out */
    at_late_result(w.ch, "+LATE: %d", 7);
    SAID(&w, LN("+LATE: 7")); /* needs no distance from the final result */
    end(&w);
}

static void input_while_pending(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    w.set.echo = 1;
    SAY(&w, "AT+PEND\r\nAT+LEVEL?\r\nAT+PEND\rA", "AT+PEND\r");
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY "AT+LEVEL?\r" LN("+LEVEL: 5") OKAY "AT+PEND\r");
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY "A");
    SAY(&w, "T\r", "T\r" OKAY);
    end(&w);
}

static void data_entry(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 700, false);
    w.set.echo = 1;
    SAY(&w, "AT+DATA=3\r\n", "AT+DATA=3\r\r\n>");
    SAY(&w, "a", "a");
    PASS(&w, 699, "");
    PASS(&w, 1, ERR); /* given up; the byte is gone */
    SAY(&w, "bc\r", "");
    SAY(&w, "AT\r", "AT\r" OKAY);
    SAY(&w, "AT+DATA=3\rAT\r", "AT+DATA=3\r\r\n>AT\r" OKAY);
    assert_string_equal(w.data, "AT\r");
    PASS(&w, 5000, "");
    /* A/ asks again: no CR, so a LF is data */
    SAY(&w, "A/\nxy", "A/\r\n>\nxy" OKAY);
    assert_string_equal(w.data, "\nxy");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(forms),
        cmocka_unit_test(order_of_checks),
        cmocka_unit_test(result_formats),
        cmocka_unit_test(chains),
        cmocka_unit_test(tickets),
        cmocka_unit_test(input_while_pending),
        cmocka_unit_test(data_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
