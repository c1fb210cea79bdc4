/* The ring indicator: how long it is low, what it tells of, and when it is left alone. */
#include "sim/modem/modem_link_rig.h"
#include "sim/modem/voice_rig.h"

/* The line as it is now. */
#define ON(r)  assert_true(modem_lines((r)->m).ri)
#define OFF(r) assert_false(modem_lines((r)->m).ri)
/* Everything that the trace has of it since the last look, as "on urc off sms". */
#define TRACED(r, want) traced((r), (want), __LINE__)

static void traced(struct rig *r, const char *want, int line)
{
    const struct span before_state = SPAN_LIT("ri state=");
    const struct span before_cause = SPAN_LIT(" cause=");
    struct buf got;
    buf_init(&got, 4096);
    struct span rest = buf_span(&r->trail);
    while (rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        struct span one = span_of(rest.p, (size_t)(end - rest.p));
        rest = span_from(rest, one.n + 1);
        if (span_has_prefix(one, before_state)) {
            struct span of = span_from(one, before_state.n);
            size_t n = span_has_prefix(of, SPAN_LIT("on")) ? 2 : 3;
            struct span cause = span_from(of, n + before_cause.n);
            (void)buf_addf(&got, "%s%.*s %.*s", got.n > 0 ? " " : "", (int)n, (const char *)of.p,
                           (int)cause.n, (const char *)cause.p);
        }
    }
    rig_compare(buf_span(&got), span_str(want), "RI", __FILE__, line);
    buf_fini(&got);
    buf_clear(&r->trail);
}

static void comes(struct rig *r, const char *text)
{
    assert_true(modem_urc(r->m, span_str(text)));
    rig_read(r);
}

/* --- lines --- */

static void a_line_that_comes_by_itself(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    PASS(&r, 20, "");
    comes(&r, "+X: 1"); /* CFGRI=0 */
    SAID(&r, LN("+X: 1"));
    OFF(&r);
    PASS(&r, 10000, "");
    SAY(&r, "AT+CFGRI=1\r", OKAY); /* no answer pulls it */
    PASS(&r, 20, "");
    OFF(&r);
    TRACED(&r, "");
    comes(&r, "+X: 2");
    ON(&r);
    PASS(&r, 59, LN("+X: 2"));
    ON(&r);
    PASS(&r, 1, "");
    OFF(&r);
    TRACED(&r, "on urc off urc");
    SAY(&r, "AT+CFGRI=1,6000,20\r", OKAY);
    SAY(&r, "AT", "");
    comes(&r, "+X: 3"); /* held: somebody types */
    OFF(&r);
    SAY(&r, "\r", OKAY);
    PASS(&r, 19, "");
    OFF(&r);
    PASS(&r, 1, LN("+X: 3"));
    PASS(&r, 5999, "");
    ON(&r);
    SAY(&r, "AT+CFGRI=0\r", OKAY); /* what has begun is not cut short */
    ON(&r);
    PASS(&r, 1, "");
    OFF(&r);
    TRACED(&r, "on urc off urc");
    rig_end(&r);
}

/* Lines behind a final result, and the late results of commands. */
static void results_that_come_unasked(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "order.start = ok_urc");
    SAY(&r, "AT+CFGRI=1;+NETOPEN\r", OKAY);
    TRACED(&r, "");
    PASS(&r, 400, LN("+NETOPEN: 0"));
    PASS(&r, 60, "");
    TRACED(&r, "on urc off urc");
    SAY(&r, "AT+CMQTTSTART\r", OKAY LN("+CMQTTSTART: 0"));
    ON(&r);
    PASS(&r, 60, "");
    TRACED(&r, "on urc off urc");
    SAY(&r, "AT+CMQTTSTOP\r", LN("+CMQTTSTOP: 0") OKAY); /* an answer */
    TRACED(&r, "");
    rig_end(&r);
    rig_started(&r, "result_style = async");
    SAY(&r, "AT+CFGRI=1;+CMQTTACCQ=0,\"dev0\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", OKAY);
    PASS(&r, 1000, "");
    OFF(&r);
    TRACED(&r, "");
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    ON(&r);
    PASS(&r, 60, LN("+CMQTTCONNECT: 0,0"));
    TRACED(&r, "on urc off urc");
    rig_end(&r);
}

static void pulses_that_overlap(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CFGRI=1,100,300\r", OKAY);
    PASS(&r, 20, "");
    comes(&r, "+X: 1");
    PASS(&r, 60, LN("+X: 1"));
    comes(&r, "+X: 2"); /* 100 ms from here on */
    PASS(&r, 99, LN("+X: 2"));
    ON(&r);
    PASS(&r, 1, "");
    OFF(&r);
    TRACED(&r, "on urc off urc");
    comes(&r, "+X: 3");
    SAY(&r, "AT+CFGRI=1,10\r", LN("+X: 3") OKAY);
    PASS(&r, 20, "");
    comes(&r, "+X: 4"); /* the shorter one cuts nothing off */
    PASS(&r, 79, LN("+X: 4"));
    ON(&r);
    PASS(&r, 1, "");
    OFF(&r);
    TRACED(&r, "on urc off urc");
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    PASS(&r, 290, LN("+CMTI: \"SM\",0"));
    comes(&r, "+X: 5"); /* ends as the message's pulse does */
    PASS(&r, 9, LN("+X: 5"));
    ON(&r);
    PASS(&r, 1, "");
    OFF(&r);
    TRACED(&r, "on sms off urc");
    rig_end(&r);
}

/* --- messages --- */

/* Whether it is told, stored in silence or routed, and whatever CFGRI says of lines. */
static void a_message_comes(void **state)
{
    (void)state;
    static const char *const settings[] = { "AT+CNMI=2,1\r", "AT+CNMI=2,0\r", "AT+CNMI=2,2\r",
                                            "AT+CNMI=0,1\r" };
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        struct rig r;
        rig_start_quiet(&r, "");
        rig_type(&r, span_str(settings[i]));
        rig_pass(&r, 1000);
        TRACED(&r, "");
        modem_sms(r.m, "+1", SPAN_LIT("a"));
        ON(&r);
        rig_pass(&r, 119);
        ON(&r);
        rig_pass(&r, 1);
        OFF(&r);
        TRACED(&r, "on sms off sms");
        rig_end(&r);
    }
}

static void a_message_is_lost(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "network = none");
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    OFF(&r);
    rig_set(&r, "network", "home");
    rig_pass(&r, 1000);
    for (int i = 0; i < 100 && !rig_traced(&r, "sms.lost from=+1 why=no room"); i++) {
        OFF(&r);
        modem_sms(r.m, "+1", SPAN_LIT("a"));
        rig_pass(&r, 130);
        buf_clear(&r.said);
    }
    buf_clear(&r.trail);
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    assert_true(rig_traced(&r, "sms.lost from=+1 why=no room"));
    OFF(&r);
    TRACED(&r, "");
    rig_end(&r);
}

/* --- calls --- */

static void a_call_rings(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    voice_comes(&r, "1");
    for (int i = 0; i < 3; i++) {
        ON(&r);
        rig_pass(&r, 5899);
        ON(&r);
        rig_pass(&r, 1);
        OFF(&r);
        rig_pass(&r, 99);
        OFF(&r);
        rig_pass(&r, 1);
    }
    TRACED(&r, "on call off call on call off call on call off call on call");
    buf_clear(&r.said);
    SAY(&r, "ATA\r", BEGIN OKAY);
    OFF(&r);
    PASS(&r, 20000, "");
    TRACED(&r, "off call");
    voice_gone(&r);
    SAID(&r, END("000020") NO_CARRIER);
    TRACED(&r, "");
    rig_end(&r);
}

/* Each way in which a call that rings ends. */
static void it_rings_no_more(void **state)
{
    (void)state;
    static const char *const lines[] = { "AT+CHUP\r", "ATA\r", "AT+CHLD=0\r", "AT+CVHU=0;H\r",
                                         NULL };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        for (int gap = 0; gap < 2; gap++) {
            struct rig r;
            rig_start_quiet(&r, "");
            voice_comes(&r, "1");
            rig_pass(&r, gap == 0 ? 1000 : 5950);
            assert_true(modem_lines(r.m).ri == (gap == 0));
            if (lines[i] == NULL) {
                voice_gone(&r);
            } else {
                rig_type(&r, span_str(lines[i]));
            }
            OFF(&r);
            rig_pass(&r, 20000);
            TRACED(&r, "on call off call");
            rig_end(&r);
        }
    }
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "ATS0=1\r", OKAY); /* answered by itself, at the first RING */
    voice_comes(&r, "1");
    OFF(&r);
    TRACED(&r, "on call off call");
    voice_comes(&r, "2"); /* waits: it does not ring */
    OFF(&r);
    rig_end(&r);
}

/* Time at once: neither a gap nor a ring without end. */
static void a_call_rings_without_delays(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "time_percent = 0");
    voice_comes(&r, "1");
    rig_pass(&r, 58);
    ON(&r);
    rig_pass(&r, 1);
    OFF(&r);
    rig_pass(&r, 1);
    ON(&r);
    rig_type(&r, SPAN_LIT("AT+CHUP\r"));
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    TRACED(&r, "on call off call on call off call");
    SAY(&r, "AT+CFGRI=1,6000,6000\r", OKAY);
    rig_pass(&r, 20);
    comes(&r, "+X: 1");
    ON(&r);
    rig_pass(&r, 0);
    OFF(&r);
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    rig_pass(&r, 0);
    OFF(&r);
    TRACED(&r, "on urc off urc on sms off urc");
    rig_end(&r);
}

/* With lines of its own and a message, in the gap between two rings. */
static void all_at_once(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CFGRI=1\r", OKAY);
    voice_comes(&r, "1"); /* RING comes at 0, 5000 ms, ... */
    rig_pass(&r, 5850);
    TRACED(&r, "on call"); /* not of the line that says so */
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    rig_pass(&r, 119);
    ON(&r);
    rig_pass(&r, 1); /* 5970: the gap has 30 ms left */
    OFF(&r);
    rig_pass(&r, 30);
    ON(&r);
    TRACED(&r, "off sms on call");
    rig_end(&r);
}

/* --- power --- */

static void the_power_goes(void **state)
{
    (void)state;

    static const struct {
        const char *line;
        enum modem_press press;
    } ways[] = { { "AT+CRESET\r", MODEM_RESET },
                 { "AT+CPOF\r", MODEM_RESET },
                 { NULL, MODEM_RESET },
                 { NULL, MODEM_CUT },
                 { NULL, MODEM_PWRKEY } };

    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct rig r;
        rig_start_quiet(&r, "");
        SAY(&r, "AT+CFGRI=1,6000,6000\r", OKAY);
        PASS(&r, 20, "");
        modem_sms(r.m, "+1", SPAN_LIT("a"));
        voice_comes(&r, "1");
        comes(&r, "+X: 1");
        if (ways[i].line != NULL) {
            rig_type(&r, span_str(ways[i].line));
            rig_pass(&r, 49);
            ON(&r);
            rig_pass(&r, 1);
        } else {
            modem_press(r.m, ways[i].press);
            rig_pass(&r, ways[i].press == MODEM_PWRKEY ? 50 : 0);
        }
        OFF(&r);
        TRACED(&r, "on sms off urc");
        rig_pass(&r, 20000); /* nor does it come back with the power, whose lines AT+CFGRI=0 has */
        TRACED(&r, "");
        rig_end(&r);
    }
}

/* --- AT+CFGRI --- */

/* The bare command does; AT&F, whose table in the manual does not have it, and AT&W leave it alone.
 */
static void what_resets_it(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CFGRI=1,6000,20;&F;+CFGRI?\r", LN("+CFGRI: 1,6000,20") OKAY);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CFGRI;+CFGRI?\r", LN("+CFGRI: 0,60,120") OKAY);
    PASS(&r, 20, "");
    comes(&r, "+X: 1");
    SAID(&r, LN("+X: 1"));
    OFF(&r);
    SAY(&r, "AT+CFGRI=1;&W\r", OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CFGRI?\r", LN("+CFGRI: 0,60,120") OKAY);
    TRACED(&r, "");
    rig_end(&r);
}

static bool said_to_be_on(struct rig *r)
{
    struct buf text;
    buf_init(&text, RIG_CAP);
    modem_state_json(r->m, &text);
    assert_true(buf_add_byte(&text, '\0'));
    bool on = strstr((const char *)text.p, "\"ri\":true") != NULL;
    assert_true(on != (strstr((const char *)text.p, "\"ri\":false") != NULL));
    buf_fini(&text);
    return on;
}

static void the_state_tells(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    assert_false(said_to_be_on(&r));
    modem_sms(r.m, "+1", SPAN_LIT("a"));
    assert_true(said_to_be_on(&r));
    rig_pass(&r, 120);
    assert_false(said_to_be_on(&r));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_comes_by_itself),
        cmocka_unit_test(results_that_come_unasked),
        cmocka_unit_test(pulses_that_overlap),
        cmocka_unit_test(a_message_comes),
        cmocka_unit_test(a_message_is_lost),
        cmocka_unit_test(a_call_rings),
        cmocka_unit_test(it_rings_no_more),
        cmocka_unit_test(a_call_rings_without_delays),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(the_power_goes),
        cmocka_unit_test(what_resets_it),
        cmocka_unit_test(the_state_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
