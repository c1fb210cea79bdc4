/* Voice calls of one modem with somebody outside (general-commands.md B4.8, A12, A15). */
#include "sim/modem/voice_rig.h"

static void a_call_and_its_time(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = answer");
    SAY(&r, "ATD10011;\r", OKAY);
    SAY(&r, "AT+CLCC\r", LN("+CLCC: 1,0,2,0,0,\"10011\",129") OKAY);
    PASS(&r, 1999, "");
    PASS(&r, 1, "");
    SAY(&r, "AT+CLCC;+CPAS\r", LN("+CLCC: 1,0,3,0,0,\"10011\",129") LN("+CPAS: 4") OKAY);
    PASS(&r, 2999, "");
    PASS(&r, 1, BEGIN);
    SAY(&r, "AT+CLCC\r", LN("+CLCC: 1,0,0,0,0,\"10011\",129") OKAY);
    PASS(&r, 34000, "");
    voice_gone(&r);
    SAID(&r, END("000034") NO_CARRIER);
    SAY(&r, "AT+CLCC;+CPAS;+CEER\r", LN("+CPAS: 0") LN("+CEER: Normal call clearing") OKAY);
    voice_gone(&r); /* nobody is there */
    SAID(&r, "");
    rig_end(&r);

    voice_talk(&r, "callee = answer"); /* hours and minutes */
    PASS(&r, 3723999, "");
    SAY(&r, "AT+CHUP\r", END("010203") OKAY);
    SAY(&r, "AT+CHUP\r", OKAY);
    rig_end(&r);
}

/* How a call fails, in words and numbers, and what CEER says of it. */
static void calls_that_fail(void **state)
{
    (void)state;

    static const struct {
        const char *profile;
        uint64_t ms;
        const char *words, *numbers, *report;
    } cases[] = {
        { "callee = none", 2000, UNANSWERED NO_CARRIER, "VOICE CALL: END\r\n3\r",
          LN("+CEER: Unassigned/unallocated number") OKAY },
        { "callee = busy", 2000, UNANSWERED LN("BUSY"), "VOICE CALL: END\r\n7\r",
          LN("+CEER: User busy") OKAY },
        { "callee = ring", 62000, UNANSWERED LN("NO ANSWER"), "VOICE CALL: END\r\n8\r",
          LN("+CEER: No answer from user") OKAY },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        rig_start_quiet(&r, cases[i].profile);
        SAY(&r, "AT+CEER\r", LN("+CEER: No cause information available") OKAY);
        SAY(&r, "ATD+4930123;\r", OKAY);
        rig_pass(&r, cases[i].ms - 1);
        SAID(&r, "");
        rig_pass(&r, 1);
        rig_said(&r, span_str(cases[i].words), cases[i].profile, __FILE__, __LINE__);
        rig_type(&r, SPAN_LIT("AT+CEER\r"));
        rig_said(&r, span_str(cases[i].report), cases[i].profile, __FILE__, __LINE__);
        SAY(&r, "ATV0\r", "0\r");
        SAY(&r, "ATD+4930123;\r", "0\r");
        rig_pass(&r, cases[i].ms);
        rig_said(&r, span_str(cases[i].numbers), cases[i].profile, __FILE__, __LINE__);
        rig_end(&r);
    }
}

static void callee_decides_while_it_rings(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = ring");
    modem_call_answer(r.m); /* nobody is called */
    SAY(&r, "ATD1;\r", OKAY);
    modem_call_answer(r.m); /* it does not ring there yet */
    voice_gone(&r);
    PASS(&r, 10000, "");
    modem_call_answer(r.m);
    rig_read(&r);
    SAID(&r, BEGIN);
    PASS(&r, 120000, ""); /* ringing is over */
    SAY(&r, "AT+CHUP\r", END("000200") OKAY);
    SAY(&r, "ATD1;\r", OKAY);
    PASS(&r, 10000, "");
    voice_gone(&r); /* refused */
    SAID(&r, UNANSWERED LN("BUSY"));
    SAY(&r, "ATD1;\r", OKAY);
    PASS(&r, 10000, "");
    SAY(&r, "AT+CHUP\r", UNANSWERED OKAY); /* we give up */
    PASS(&r, 100000, "");
    rig_end(&r);
}

/* CVHU=1, the default, keeps ATH from voice calls; under 0 the lines follow the OK [L]. */
static void ath_and_cvhu(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CVHU?\r", LN("+CVHU: 1") OKAY);
    SAY(&r, "ATH\r", OKAY);
    PASS(&r, 33990, "");
    SAY(&r, "AT+CVHU=0;H0\r", OKAY);
    PASS(&r, 20, END("000033") NO_CARRIER);
    SAY(&r, "ATH\r", OKAY);
    SAY(&r, "ATH1\r", ERR);
    PASS(&r, 1000, "");
    rig_end(&r);
}

/* What stands in a dial string, and the number that CLCC then shows (NULL: the final result). */
static void dial_strings(void **state)
{
    (void)state;

    static const struct {
        const char *dial, *clcc, *result;
    } cases[] = {
        { "ATD10011;\r", "\"10011\",129", NULL },
        { "atd10011;\r", "\"10011\",129", NULL },
        { "ATD+49 30 123-45;\r", "\"+493012345\",145", NULL },
        { "ATDT0,p1w2!3@4;\r", "\"01234\",129", NULL },
        { "ATD*31#10011;\r", "\"*31#10011\",129", NULL },
        { "ATD12aBcD;\r", "\"12ABCD\",129", NULL },
        { "ATD10011I;\r", "\"10011\",129", NULL },
        { "ATD10011i;\r", "\"10011\",129", NULL },
        { "ATD10011IG;\r", "\"10011\",129", NULL },
        { "ATD112;\r", "\"112\",129", NULL },
        { "ATD1234567890123456789012345678901234567890;\r",
          "\"1234567890123456789012345678901234567890\",129", NULL },
        { "ATD12345678901234567890123456789012345678901;\r", NULL, ERR },
        { "ATD;\r", NULL, ERR },
        { "ATD,;\r", NULL, ERR },
        { "ATDI1;\r", NULL, ERR },
        { "ATD1+2;\r", NULL, ERR },
        { "ATD1x2;\r", NULL, ERR },
        { "ATD\"1\";\r", NULL, ERR },
        { "ATD\"1;\r", NULL, ERR },
        { "ATD1\xff;\r", NULL, ERR },
        { "ATD\r", NULL, ERR },
        { "ATD*99#\r", NULL, ERR },
        { "ATD*99##\r", NULL, ERR },
        { "ATD*99***1#\r", NULL, ERR },
        { "ATDT*99***16#\r", NULL, ERR },
        { "ATO\r", NULL, ERR },
        { "ATO0\r", NULL, ERR },
        { "ATA\r", NULL, NO_CARRIER },
        { "AT+CGDATA=\"PPP\",1\r", NULL, ERR },
    };
    struct rig r;
    rig_start_quiet(&r, "callee = ring");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[200];
        (void)snprintf(want, sizeof want, cases[i].clcc == NULL ? "%s" : OKAY, cases[i].result);
        rig_type(&r, span_str(cases[i].dial));
        rig_said(&r, span_str(want), cases[i].dial, __FILE__, (int)i);
        if (cases[i].clcc != NULL) {
            (void)snprintf(want, sizeof want, LN("+CLCC: 1,0,2,0,0,%s") OKAY, cases[i].clcc);
            TYPE(&r, "AT+CLCC\r");
            rig_said(&r, span_str(want), cases[i].dial, __FILE__, (int)i);
            SAY(&r, "AT+CHUP\r", UNANSWERED OKAY);
        }
    }
    SAY(&r, "ATD10011;+CLCC;+CHUP\r",
        LN("+CLCC: 1,0,2,0,0,\"10011\",129") UNANSWERED OKAY); /* ';' ends it */
    rig_end(&r);

    rig_start(&r, "unquoted_strings = refuse"); /* is about strings, and this is none */
    SAY(&r, "ATE0D1;\r", "ATE0D1;\r" OKAY);
    rig_end(&r);
}

/* A data call looks for a carrier, and any character ends that (A12). */
static void data_calls(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "ATD10011\r", "");
    SAY(&r, "AT\r", ""); /* so close to the line it does not end it; it waits */
    PASS(&r, 3999, "");
    PASS(&r, 1, NO_CARRIER OKAY);
    SAY(&r, "ATD10011\r", "");
    PASS(&r, 124, "");
    PASS(&r, 1, "");
    SAY(&r, "x", NO_CARRIER);
    PASS(&r, 10000, "");
    SAY(&r, "AT\r", OKAY);
    SAY(&r, "AT+CPBW=1,\"*99#\";D>1\r", ERR); /* packet data, wherever the number stands */
    rig_set(&r, "network", "none");
    SAY(&r, "ATD10011\r", NO_CARRIER);
    rig_end(&r);
}

static void no_service_no_call(void **state)
{
    (void)state;
    static const char *const worlds[] = { "network = none", "network = denied",
                                          "network.cs = denied", "sim.card = absent",
                                          "sim.lock = on" };
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        struct rig r;
        rig_start_quiet(&r, worlds[i]);
        SAY(&r, "ATD10011;\r", NO_CARRIER);
        SAY(&r, "ATD112;\r", NO_CARRIER); /* no emergency call, either */
        SAY(&r, "AT+CLCC\r", OKAY);
        voice_comes(&r, "+49301"); /* out of reach */
        PASS(&r, 10000, "");
        rig_end(&r);
    }
}

static void ringing_and_answering(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    voice_comes(&r, "02152063113");
    SAID(&r, RING);
    SAY(&r, "AT+CLCC;+CPAS\r", LN("+CLCC: 1,1,4,0,0,\"02152063113\",128") LN("+CPAS: 3") OKAY);
    PASS(&r, 4999, "");
    PASS(&r, 1, RING);
    SAY(&r, "AT+CRC=1;+CLIP=1\r", OKAY);
    PASS(&r, 5000, LN("+CRING: VOICE") LN("+CLIP: \"02152063113\",128,,,\"\",0"));
    SAY(&r, "AT+CPBW=1,\"02152063113\",129,\"gongsi\"\r", OKAY);
    SAY(&r, "AT+CRC=0\r", OKAY);
    PASS(&r, 5000, RING LN("+CLIP: \"02152063113\",128,,,\"gongsi\",0"));
    SAY(&r, "ATA\r", BEGIN OKAY);
    SAY(&r, "ATA\r", NO_CARRIER);
    PASS(&r, 17000, "");
    SAY(&r, "AT+CHUP\r", END("000017") OKAY);
    PASS(&r, 100000, "");
    SAY(&r, "AT\r", OKAY);
    modem_call(r.m, "1");
    PASS(&r, 19, ""); /* as every URC it keeps its distance */
    PASS(&r, 1, RING LN("+CLIP: \"1\",128,,,\"\",0"));
    SAY(&r, "AT+CHUP\r", UNANSWERED OKAY); /* refused: nobody has missed it */
    voice_comes(&r, "\"+4930\r\n+1"); /* whoever gives such a number: only digits come through */
    SAID(&r, RING LN("+CLIP: \"+49301\",145,,,\"\",0"));
    SAY(&r, "AT+CHUP\r", UNANSWERED OKAY);
    voice_comes(&r, "");
    SAID(&r, RING LN("+CLIP: \"\",128,,,\"\",1"));
    SAY(&r, "AT+CLCC\r", LN("+CLCC: 1,1,4,0,0,\"\",128") OKAY);
    voice_gone(&r);
    PASS(&r, 20, NO_CARRIER LN("MISSED_CALL: 12:02AM "));
    SAY(&r, "ATV0\r", "0\r");
    voice_comes(&r, "1");
    PASS(&r, 20, "2\r+CLIP: \"1\",128,,,\"\",0\r\n");
    SAY(&r, "ATA\r", "VOICE CALL: BEGIN\r\n0\r");
    rig_end(&r);
}

/* The caller gives up, by itself or after a minute; the time is the clock's, of twelve hours. */
static void missed_calls(void **state)
{
    (void)state;

    static const struct {
        const char *clock, *said;
    } times[] = {
        { "AT+CCLK=\"24/05/17,08:48:00+08\"\r", "08:48AM" },
        { "AT+CCLK=\"24/05/17,00:00:00+08\"\r", "12:00AM" },
        { "AT+CCLK=\"24/05/17,11:59:59-08\"\r", "11:59AM" },
        { "AT+CCLK=\"24/05/17,12:00:00+00\"\r", "12:00PM" },
        { "AT+CCLK=\"24/05/17,19:54:00+00\"\r", "07:54PM" },
    };
    struct rig r;
    rig_start_quiet(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        char want[120];
        rig_type(&r, span_str(times[i].clock));
        SAID(&r, OKAY);
        voice_comes(&r, "+27840000000");
        SAID(&r, RING);
        voice_gone(&r);
        (void)snprintf(want, sizeof want, NO_CARRIER LN("MISSED_CALL: %s +27840000000"),
                       times[i].said);
        rig_said(&r, span_str(want), times[i].clock, __FILE__, (int)i);
    }
    SAY(&r, "AT+CCLK=\"24/05/17,08:00:00+08\"\r", OKAY);
    voice_comes(&r, "1");
    PASS(&r, 59999, RING RING RING RING RING RING RING RING RING RING RING RING);
    PASS(&r, 1, NO_CARRIER LN("MISSED_CALL: 08:01AM 1"));
    PASS(&r, 60000, "");
    rig_end(&r);
}

static void auto_answer(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "ATS0=3;+CLCC=1\r", OKAY);
    voice_comes(&r, "1");
    SAID(&r, RING LN("+CLCC: 1,1,4,0,0,\"1\",128"));
    PASS(&r, 9999, RING);
    PASS(&r, 1, RING BEGIN LN("+CLCC: 1,1,0,0,0,\"1\",128"));
    PASS(&r, 60000, "");
    voice_gone(&r);
    SAID(&r, LN("+CLCC: 1,1,6,0,0,\"1\",128") END("000100") NO_CARRIER);
    SAY(&r, "ATS0=1\r", OKAY);
    voice_comes(&r, "1");
    SAID(&r, RING LN("+CLCC: 1,1,4,0,0,\"1\",128") BEGIN LN("+CLCC: 1,1,0,0,0,\"1\",128"));
    rig_end(&r);
}

/* CLCC=1 tells every state (order of a public log of a SIM7600: BEGIN before 0, 6 before END). */
static void states_told(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = answer");
    SAY(&r, "AT+CLCC?;+CLCC=1;+CLCC?\r", LN("+CLCC: 0") LN("+CLCC: 1") OKAY);
    SAY(&r, "ATD1;\r", OKAY);
    PASS(&r, 20, LN("+CLCC: 1,0,2,0,0,\"1\",129"));
    PASS(&r, 1980, LN("+CLCC: 1,0,3,0,0,\"1\",129"));
    PASS(&r, 3000, BEGIN LN("+CLCC: 1,0,0,0,0,\"1\",129"));
    SAY(&r, "AT+CHUP\r", END("000000") OKAY);
    PASS(&r, 20, LN("+CLCC: 1,0,6,0,0,\"1\",129"));
    rig_end(&r);
}

/* Under COLP=1 ATD waits for the answer; a character ends it (A12). */
static void colp_waits(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = answer");
    SAY(&r, "AT+COLP?;+COLP=1;+COLP?\r", LN("+COLP: 0,1") LN("+COLP: 1,1") OKAY);
    SAY(&r, "ATD+491;+CPAS\r", "");
    PASS(&r, 4999, "");
    PASS(&r, 1, LN("+COLP: \"+491\",145") LN("+CPAS: 4") OKAY);
    PASS(&r, 20, BEGIN);
    SAY(&r, "AT+CHUP\r", END("000000") OKAY);
    rig_set(&r, "callee", "busy");
    SAY(&r, "ATD1;+CPAS\r", "");
    PASS(&r, 2000, UNANSWERED LN("BUSY"));
    rig_set(&r, "callee", "ring");
    SAY(&r, "ATD1;\r", "");
    PASS(&r, 1000, "");
    SAY(&r, "xAT+CLCC\r", NO_CARRIER OKAY);
    SAY(&r, "ATD1;\r", "");
    PASS(&r, 62000, UNANSWERED LN("NO ANSWER"));
    SAY(&r, "ATD1;\rAT\r", "");
    PASS(&r, 1000, "");
    rig_set(&r, "network", "none");
    SAID(&r, UNANSWERED NO_CARRIER OKAY);
    rig_end(&r);
}

/* Without service there is no call any more. */
static void the_call_ends_with_the_network(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CREG=1\r", OKAY);
    PASS(&r, 3000, "");
    rig_set(&r, "network", "none");
    SAID(&r, END("000003") NO_CARRIER LN("+CREG: 2"));
    SAY(&r, "AT+CLCC\r", OKAY);
    rig_end(&r);

    voice_talk(&r, "callee = answer");
    rig_set(&r, "network.cs", "denied"); /* packet data goes on */
    SAID(&r, END("000000") NO_CARRIER);
    SAY(&r, "AT+CGREG?\r", LN("+CGREG: 0,1") OKAY);
    rig_end(&r);

    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CFUN=4\r", OKAY);
    PASS(&r, 20, END("000000") NO_CARRIER);
    rig_end(&r);

    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CFUN=0\r", OKAY);
    PASS(&r, 20, END("000000") NO_CARRIER LN("+SIMCARD: NOT AVAILABLE"));
    rig_end(&r);

    rig_start_quiet(&r, "");
    voice_comes(&r, "1");
    SAID(&r, RING);
    rig_set(&r, "network", "none");
    SAID(&r, NO_CARRIER LN("MISSED_CALL: 12:00AM 1"));
    PASS(&r, 60000, "");
    rig_end(&r);
}

/* A reset says farewell, a brown-out and a power-off do not; nothing of a call comes back. */
static void the_call_ends_with_the_power(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 1000, END("000000") NO_CARRIER BOOT);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CLCC;+CEER\r", LN("+CEER: No cause information available") OKAY);
    rig_end(&r);

    voice_talk(&r, "callee = answer");
    modem_press(r.m, MODEM_CUT);
    rig_read(&r);
    PASS(&r, 1000, BOOT);
    rig_end(&r);

    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CPOF\r", OKAY);
    PASS(&r, 1000, "");
    voice_comes(&r, "1");
    PASS(&r, 60000, "");
    rig_end(&r);

    rig_start_quiet(&r, "callee = answer"); /* a COLP dial under way */
    SAY(&r, "AT+COLP=1;D1;\r", "");
    modem_press(r.m, MODEM_RESET);
    rig_read(&r);
    PASS(&r, 100000, BOOT);
    rig_end(&r);
}

/* Under time_percent 0 the network takes no time, but people do, a little. */
static void ringing_takes_time(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "time_percent = 0\ncallee = ring");
    SAY(&r, "ATD1;\r", OKAY);
    PASS(&r, 599, "");
    PASS(&r, 1, UNANSWERED LN("NO ANSWER"));
    voice_comes(&r, "1");
    SAID(&r, RING);
    PASS(&r, 149, RING RING);
    SAY(&r, "ATA\r", BEGIN OKAY);
    rig_set(&r, "callee", "answer");
    SAY(&r, "AT+CHUP;D1;\r", END("000000") OKAY);
    PASS(&r, 20, BEGIN);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_and_its_time),
        cmocka_unit_test(calls_that_fail),
        cmocka_unit_test(callee_decides_while_it_rings),
        cmocka_unit_test(ath_and_cvhu),
        cmocka_unit_test(dial_strings),
        cmocka_unit_test(data_calls),
        cmocka_unit_test(no_service_no_call),
        cmocka_unit_test(ringing_and_answering),
        cmocka_unit_test(missed_calls),
        cmocka_unit_test(auto_answer),
        cmocka_unit_test(states_told),
        cmocka_unit_test(ringing_takes_time),
        cmocka_unit_test(colp_waits),
        cmocka_unit_test(the_call_ends_with_the_network),
        cmocka_unit_test(the_call_ends_with_the_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
