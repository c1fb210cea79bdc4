/* What the general commands need of the channel: texts that end with Ctrl-Z, result codes, commands
 * that a character ends, settings with several values and with words. */
#include "sim/at/chan_rig.h"

/* 27.005 3.5.1: Ctrl-Z sends, whatever else is in the text; CR begins a new line with a prompt. */
static void text_ends_with_ctrl_z(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+TEXT=20\r", "\r\n> ");
    SAY(&w, "hello", "");
    SAY(&w, "\x1A", OKAY);
    assert_string_equal(w.data, "hello");
    SAY(&w, "AT+TEXT=20\r\n", "\r\n> "); /* the LF belongs to the line */
    SAY(&w, "a\rb\n\x1A", "\r\n> " OKAY);
    assert_string_equal(w.data, "a\rb\n");
    SAY(&w, "AT+TEXT=20\rAT\r\x1A", "\r\n> \r\n> " OKAY); /* a command inside is text */
    assert_string_equal(w.data, "AT\r");
    w.set.echo = 1;
    SAY(&w,
        "AT+TEXT=20\rab\x08"
        "c\x1A",
        "AT+TEXT=20\r\r\n> ab\b \bc" OKAY);
    assert_string_equal(w.data, "ac");
    end(&w);
}

static void escape_sends_nothing(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+TEXT=20\r", "\r\n> ");
    unsigned runs = w.runs;
    SAY(&w, "hello\x1B", OKAY);
    assert_int_equal(w.runs, runs);
    SAY(&w, "AT\r", OKAY);
    end(&w);
}

/* More than the row takes is cut, and the text still ends where it ends. */
static void text_too_long(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+TEXT=3\r", "\r\n> ");
    SAY(&w,
        "abcdef\x1A"
        "AT\r",
        OKAY OKAY);
    assert_string_equal(w.data, "abc");
    end(&w);
}

static void text_gives_up(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 1000, false);
    SAY(&w, "AT+TEXT=3\r", "\r\n> ");
    PASS(&w, 1000, ERR);
    SAY(&w, "AT\r", OKAY);
    end(&w);
}

/* V.250 5.6.1: any character ends it, but not those within 125 ms of the line; it is lost. */
static void a_character_aborts(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+SCAN\r", "");
    PASS(&w, 124, "");
    SAY(&w, "\n", ""); /* the LF of the line */
    PASS(&w, 1, "");
    SAY(&w, "xAT\r", ERR OKAY);
    assert_false(at_finish(w.ch, w.ticket, AT_OK)); /* what it waited for comes too late */
    SAY(&w, "AT+SCAN\r", "");
    PASS(&w, 5000, ERR);
    SAY(&w, "AT+PEND\r", "");
    PASS(&w, 200, "");
    SAY(&w, "AT\r", ""); /* this one cannot be aborted: the input waits */
    assert_true(at_finish(w.ch, w.ticket, AT_OK));
    SAID(&w, OKAY OKAY);
    end(&w);
}

static void result_codes(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+RESULT=3;+INFO\r", LN("NO CARRIER"));
    SAY(&w, "AT+RESULT=7\r", LN("BUSY"));
    SAY(&w, "AT+RESULT=8\r", LN("NO ANSWER"));
    SAY(&w, "AT+SMS=331\r", LN("+CMS ERROR: No network service"));
    SAY(&w, "AT+CMEE=1\r", OKAY);
    SAY(&w, "AT+SMS=331\r", LN("+CMS ERROR: 331"));
    SAY(&w, "AT+CMEE=0\r", OKAY);
    SAY(&w, "AT+SMS=331\r", ERR);
    PASS(&w, 100, "");
    at_urc_code(w.ch, AT_CODE_RING);
    SAID(&w, LN("RING"));
    SAY(&w, "ATV0\r", "0\r");
    SAY(&w, "AT+RESULT=3\r", "3\r");
    PASS(&w, 100, "");
    at_urc_code(w.ch, AT_CODE_RING);
    SAID(&w, "2\r");
    SAY(&w, "ATQ1\r", "");
    PASS(&w, 100, "");
    at_urc_code(w.ch, AT_CODE_RING);
    SAID(&w, "");
    end(&w);
}

/* A parameter that is left out keeps its value; the bare form sets all defaults. */
static void settings_of_several_values(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+PAIR?\r", LN("+PAIR: 1,2") OKAY);
    SAY(&w, "AT+PAIR=3,4;+PAIR?\r", LN("+PAIR: 3,4") OKAY);
    SAY(&w, "AT+PAIR=5;+PAIR?\r", LN("+PAIR: 5,4") OKAY);
    SAY(&w, "AT+PAIR=5,10\r", ERR);
    SAY(&w, "AT+PAIR=5,1,1\r", ERR);
    SAY(&w, "AT+PAIR=,1\r", ERR);
    SAY(&w, "AT+PAIR=?\r", LN("+PAIR: (0-9),(0-9)") OKAY);
    SAY(&w, "AT+PAIR;+PAIR?\r", LN("+PAIR: 1,2") OKAY);
    assert_int_equal(w.changes, 3);
    end(&w);
}

static void settings_with_words(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+COLOUR=?;+COLOUR?\r",
        LN("+COLOUR: (\"RED\",\"BLUE\")") LN("+COLOUR: \"RED\"") OKAY);
    SAY(&w, "AT+COLOUR=\"blue\";+COLOUR?\r", LN("+COLOUR: \"BLUE\"") OKAY);
    assert_int_equal(w.stores, 1);
    SAY(&w, "AT+COLOUR=\"GREEN\"\r", ERR);
    SAY(&w, "AT+COLOUR=\"\"\r", ERR);
    SAY(&w, "AT+COLOUR=1\r", ERR);
    SAY(&w, "AT+COLOUR=RED;+COLOUR?\r", LN("+COLOUR: \"RED\"") OKAY);
    end(&w);
}

/* A row that this firmware does not have is an unknown command in every form. */
static void rows_not_offered(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 0, false);
    SAY(&w, "AT+OFFER\rAT+OFFER?\rAT+OFFER=?\rAT+OFFER=1\r", ERR ERR ERR ERR);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_ends_with_ctrl_z),
        cmocka_unit_test(escape_sends_nothing),
        cmocka_unit_test(text_too_long),
        cmocka_unit_test(text_gives_up),
        cmocka_unit_test(a_character_aborts),
        cmocka_unit_test(result_codes),
        cmocka_unit_test(settings_of_several_values),
        cmocka_unit_test(settings_with_words),
        cmocka_unit_test(rows_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
