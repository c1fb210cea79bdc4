/* The phonebook (general-commands.md B4.8; 27.007 8.11-8.14), and dialling from it. */
#include "sim/modem/voice_rig.h"

#define NOT_ALLOWED LN("+CME ERROR: operation not allowed")
#define NOT_FOUND   LN("+CME ERROR: not found")
#define BAD_INDEX   LN("+CME ERROR: invalid index")
#define SIM_BUSY    LN("+CME ERROR: SIM busy")

static void writing_and_reading(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CPBS=?\r",
        LN("+CPBS: (\"SM\",\"DC\",\"FD\",\"LD\",\"MC\",\"ME\",\"RC\",\"EN\",\"ON\")") OKAY);
    SAY(&r, "AT+CPBS?\r", LN("+CPBS: \"SM\",0,200") OKAY);
    SAY(&r, "AT+CPBR=?;+CPBW=?;+CPBF=?\r",
        LN("+CPBR: (1-200),40,14") LN("+CPBW: (1-200),40,(129,145,161),14") LN("+CPBF: 40,14")
            OKAY);
    SAY(&r, "AT+CPBR=1\r", OKAY);
    SAY(&r, "AT+CPBW=1,\"1234567890\",129,\"James\"\r", OKAY);
    SAY(&r, "AT+CPBR=1\r", LN("+CPBR: 1,\"1234567890\",129,\"James\"") OKAY);
    SAY(&r, "AT+CPBW=,\"+4930123\",145,\"Anna; B, C\"\r", OKAY); /* the first empty place */
    SAY(&r, "AT+CPBW=200,\"4930124\",145\r", OKAY);              /* gets its '+' */
    SAY(&r, "AT+CPBW=3,\"+4930*#12\"\r", OKAY);                  /* is international anyway */
    SAY(&r, "AT+CPBR=1,200\r",
        "\r\n+CPBR: 1,\"1234567890\",129,\"James\"\r\n+CPBR: 2,\"+4930123\",145,\"Anna; B, C\"\r\n"
        "+CPBR: 3,\"+4930*#12\",145,\"\"\r\n+CPBR: 200,\"+4930124\",145,\"\"\r\n" OKAY);
    SAY(&r, "AT+CPBS?\r", LN("+CPBS: \"SM\",4,200") OKAY);
    SAY(&r, "AT+CPBF=\"ja\"\r", LN("+CPBF: 1,\"1234567890\",129,\"James\"") OKAY);
    SAY(&r, "AT+CPBF=\"ames\"\r", OKAY);
    SAY(&r, "AT+CPBW=1\r", OKAY);
    SAY(&r, "AT+CPBW=2,\"\"\r", OKAY);
    SAY(&r, "AT+CPBR=1,3\r", LN("+CPBR: 3,\"+4930*#12\",145,\"\"") OKAY);
    rig_end(&r);
}

/* Names are in the character set of AT+CSCS, numbers never (27.007 5.5, 8.12). */
static void character_sets(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CSCS=\"UCS2\"\r", OKAY);
    SAY(&r, "AT+CPBW=1,\"10011\",129,\"004A00FC0072\"\r", OKAY);
    SAY(&r, "AT+CPBR=1\r", LN("+CPBR: 1,\"10011\",129,\"004A00FC0072\"") OKAY);
    SAY(&r, "AT+CPBF=\"006A00FC\"\r", LN("+CPBF: 1,\"10011\",129,\"004A00FC0072\"") OKAY);
    SAY(&r, "AT+CPBW=2,\"10012\",129,\"Jim\"\r", ERR);
    SAY(&r,
        "AT+CPBW=2,\"10012\",129,\"00410041004100410041004100410041004100410041004100410041"
        "0041\"\r",
        ERR);
    SAY(&r, "AT+CSCS=\"IRA\";+CPBR=1,2\r", LN("+CPBR: 1,\"10011\",129,\"J?r\"") OKAY);
    rig_end(&r);
}

static void bad_input(void **state)
{
    (void)state;

    static const struct {
        const char *line, *want;
    } cases[] = {
        { "AT+CPBR=0\r", ERR },
        { "AT+CPBR=201\r", ERR },
        { "AT+CPBR=2,1\r", ERR },
        { "AT+CPBR\r", ERR },
        { "AT+CPBW=,\r", ERR },
        { "AT+CPBW=0,\"1\"\r", ERR },
        { "AT+CPBW=1,\"1\",130\r", ERR },
        { "AT+CPBW=1,\"1\",129,\"123456789012345\"\r", ERR },
        { "AT+CPBW=1,\"1\",129,\"12345678901234\"\r", OKAY },
        { "AT+CPBW=1,\"+1234567890123456789012345678901234567890\"\r", OKAY },
        { "AT+CPBW=1,\"+12345678901234567890123456789012345678901\"\r", ERR },
        { "AT+CPBW=1,\"12345678901234567890123456789012345678901\"\r",
          LN("+CME ERROR: invalid characters in dial string") },
        { "AT+CPBW=1,\"1x\"\r", LN("+CME ERROR: invalid characters in dial string") },
        { "AT+CPBW=1,\"+\"\r", LN("+CME ERROR: invalid characters in dial string") },
        { "AT+CPBS=\"XX\"\r", ERR },
        { "AT+CPBS=\"EN\";+CPBR=3\r", BAD_INDEX },
        { "AT+CPBW=1,\"112\"\r", NOT_ALLOWED },
        { "AT+CPBS=\"FD\";+CPBW=1,\"112\"\r", LN("+CME ERROR: SIM PIN2 required") },
        { "AT+CPBS;+CPBS?\r", LN("+CPBS: \"SM\",1,200") OKAY },
    };
    struct rig r;
    rig_start_quiet(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rig_type(&r, span_str(cases[i].line));
        rig_said(&r, span_str(cases[i].want), cases[i].line, __FILE__, (int)i);
    }
    for (int i = 2; i <= 200; i++) {
        SAY(&r, "AT+CPBW=,\"1\"\r", OKAY);
    }
    SAY(&r, "AT+CPBW=,\"1\"\r", LN("+CME ERROR: memory full"));
    r.file_error = -ENOSPC;
    SAY(&r, "AT+CPBW=7\r", LN("+CME ERROR: memory failure"));
    r.file_error = 0;
    SAY(&r, "AT+CPBR=7\r", LN("+CPBR: 7,\"1\",129,\"\"") OKAY); /* it is still there */
    rig_end(&r);
}

/* On the card and in the modem it survives power-off; the lists of calls do not. */
static void what_survives(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = none\nsim.msisdn = +12025550100");
    SAY(&r, "AT+CPBW=1,\"11\",129,\"on card\"\r", OKAY);
    SAY(&r, "AT+CPBS=\"ME\";+CPBW=5,\"+22\",145,\"in modem\"\r", OKAY);
    SAY(&r, "ATD11;\r", OKAY);
    rig_pass(&r, 3000);
    SAY(&r, "ATD+22;\r", UNANSWERED NO_CARRIER OKAY);
    PASS(&r, 3000, UNANSWERED NO_CARRIER);
    SAY(&r, "AT+CPBS=\"DC\";+CPBR=1,10\r",
        "\r\n+CPBR: 1,\"+22\",145,\"in modem\"\r\n+CPBR: 2,\"11\",129,\"on card\"\r\n" OKAY);
    SAY(&r, "AT+CPBS=\"LD\";+CPBR=1\r", LN("+CPBR: 1,\"+22\",145,\"in modem\"") OKAY);
    SAY(&r, "AT+CPBS=\"ON\";+CPBR=1;+CPBS?\r",
        LN("+CPBR: 1,\"+12025550100\",145,\"\"") LN("+CPBS: \"ON\",1,1") OKAY);
    SAY(&r, "AT+CPBS=\"EN\";+CPBR=1,2\r",
        "\r\n+CPBR: 1,\"112\",129,\"\"\r\n+CPBR: 2,\"911\",129,\"\"\r\n" OKAY);
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 149, LN("RDY") LN("+CPIN: READY") LN("SMS DONE"));
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CPBS?\r", SIM_BUSY); /* before PB DONE */
    SAY(&r, "AT+CPBR=1\r", SIM_BUSY);
    SAY(&r, "ATD>1;\r", SIM_BUSY);
    PASS(&r, 20, LN("PB DONE"));
    SAY(&r, "AT+CPBR=1;+CPBS=\"DC\";+CPBS?;+CPBS=\"ME\";+CPBR=5\r",
        LN("+CPBR: 1,\"11\",129,\"on card\"") LN("+CPBS: \"DC\",0,10")
            LN("+CPBR: 5,\"+22\",145,\"in modem\"") OKAY);
    struct modem_cfg cfg = r.cfg; /* the same files, another start of the program */
    modem_free(&r.m);
    r.m = modem_new(&cfg, &r.sched, &rig_host, &r);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CPBR=1,200\r", LN("+CPBR: 1,\"11\",129,\"on card\"") OKAY);
    rig_end(&r);
}

/* A file of another version, or a damaged one: line by line. */
static void damaged_file(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CPBW=1,\"11\",129,\"one\"\r", OKAY);
    static const char text[] =
        "0=1,129,a\n201=1,129,a\nx=1,129,a\n2=,129,a\n3=1,y,a\n4=1\n5=1,129\n"
        "6=1x,129,a\n7=1,129,123456789012345\n8=1,129,a\x01\n9=1,129,\"\n"
        "nothing\n10=+7,145,a,b\n";
    assert_int_equal(rig_put(&r, FILE_NVRAM, SPAN_LIT("phonebook-sim"), SPAN_LIT(text)), 0);
    struct modem_cfg cfg = r.cfg;
    modem_free(&r.m);
    r.m = modem_new(&cfg, &r.sched, &rig_host, &r);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CPBR=1,200\r",
        "\r\n+CPBR: 5,\"1\",129,\"\"\r\n+CPBR: 10,\"+7\",145,\"a,b\"\r\n" OKAY);
    SAY(&r, "AT+CPBS=\"ME\";+CPBS?\r", LN("+CPBS: \"ME\",0,200") OKAY);
    rig_end(&r);
}

/* The number that CLCC shows, or the final result. */
static void dialling_from_it(void **state)
{
    (void)state;

    static const struct {
        const char *dial, *number, *result;
    } cases[] = {
        { "ATD>\"Bob\";\r", "\"+491\",145", NULL },
        { "ATD> \"Bob\";\r", "\"+491\",145", NULL },
        { "ATD>\"Eve\";\r", "\"22\",129", NULL }, /* of the other memory */
        { "ATD>\"SM\";\r", "\"333\",129", NULL }, /* is a name here */
        { "ATD>1;\r", "\"+491\",145", NULL },
        { "ATD>1I;\r", "\"+491\",145", NULL },
        { "ATD>\"Bob\"i;\r", "\"+491\",145", NULL },
        { "ATD>SM1;\r", "\"+491\",145", NULL },
        { "ATD>me7;\r", "\"22\",129", NULL },
        { "ATD>\"ME\"7;\r", "\"22\",129", NULL },
        { "ATD>EN1;\r", "\"112\",129", NULL },
        { "ATD>\"bob\";\r", NULL, NOT_FOUND },
        { "ATD>\"Bo\";\r", NULL, NOT_FOUND },
        { "ATD>3;\r", NULL, NOT_FOUND },
        { "ATD>0;\r", NULL, BAD_INDEX },
        { "ATD>201;\r", NULL, BAD_INDEX },
        { "ATD>DC11;\r", NULL, BAD_INDEX },
        { "ATD>;\r", NULL, ERR },
        { "ATD>\"\";\r", NULL, ERR },
        { "ATD>\"Bob\"x;\r", NULL, ERR },
        { "ATD>\"XX\"1;\r", NULL, ERR },
        { "ATD>SM;\r", NULL, ERR },
        { "ATD>SM-1;\r", NULL, ERR },
        { "ATD>-1;\r", NULL, ERR },
        { "ATD>Bob;\r", NULL, ERR },
    };
    struct rig r;
    rig_start_quiet(&r, "callee = ring");
    SAY(&r, "AT+CPBW=1,\"+491\",145,\"Bob\";+CPBW=2,\"333\",129,\"SM\"\r", OKAY);
    SAY(&r, "AT+CPBS=\"ME\";+CPBW=7,\"22\",129,\"Eve\";+CPBS=\"SM\"\r", OKAY);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[120];
        rig_type(&r, span_str(cases[i].dial));
        rig_said(&r, span_str(cases[i].number == NULL ? cases[i].result : OKAY), cases[i].dial,
                 __FILE__, (int)i);
        if (cases[i].number != NULL) {
            (void)snprintf(want, sizeof want, LN("+CLCC: 1,0,2,0,0,%s") OKAY, cases[i].number);
            TYPE(&r, "AT+CLCC\r");
            rig_said(&r, span_str(want), cases[i].dial, __FILE__, (int)i);
            SAY(&r, "AT+CHUP\r", UNANSWERED OKAY);
        }
    }
    SAY(&r, "ATD>\"Bob\"\r", ""); /* without ';' a data call */
    PASS(&r, 4000, NO_CARRIER);
    rig_end(&r);
}

static void lists_of_calls(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CPBW=1,\"+495\",145,\"Bob\"\r", OKAY);
    for (int i = 0; i < 12; i++) {
        char from[16];
        (void)snprintf(from, sizeof from, "+49%d", i);
        voice_comes(&r, from);
        voice_gone(&r);
    }
    voice_comes(&r, ""); /* a hidden number is in no list */
    voice_gone(&r);
    voice_comes(&r, "77");
    rig_pass(&r, 20);
    buf_clear(&r.said);
    SAY(&r, "ATA\r", BEGIN OKAY);
    SAY(&r, "AT+CPBS=\"RC\";+CPBS?;+CPBR=1\r",
        LN("+CPBS: \"RC\",1,10") LN("+CPBR: 1,\"77\",128,\"\"") OKAY);
    SAY(&r, "AT+CPBS=\"MC\";+CPBS?;+CPBR=1,10\r",
        LN("+CPBS: \"MC\",10,10") "\r\n+CPBR: 1,\"+4911\",145,\"\"\r\n+CPBR: "
                                  "2,\"+4910\",145,\"\"\r\n"
                                  "+CPBR: 3,\"+499\",145,\"\"\r\n+CPBR: "
                                  "4,\"+498\",145,\"\"\r\n+CPBR: 5,\"+497\",145,\"\"\r\n"
                                  "+CPBR: 6,\"+496\",145,\"\"\r\n+CPBR: 7,\"+495\",145,\"Bob\"\r\n"
                                  "+CPBR: 8,\"+494\",145,\"\"\r\n+CPBR: 9,\"+493\",145,\"\"\r\n"
                                  "+CPBR: 10,\"+492\",145,\"\"\r\n" OKAY);
    rig_end(&r);
}

static void no_card(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "sim.card = absent");
    SAY(&r, "AT+CPBS?\r", LN("+CME ERROR: SIM not inserted"));
    SAY(&r, "AT+CPBW=1,\"1\"\r", LN("+CME ERROR: SIM not inserted"));
    SAY(&r, "ATD>1;\r", LN("+CME ERROR: SIM not inserted"));
    rig_end(&r);
    rig_start_quiet(&r, "sim.lock = on");
    SAY(&r, "AT+CPBR=1\r", LN("+CME ERROR: SIM PIN required"));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_and_reading), cmocka_unit_test(character_sets),
        cmocka_unit_test(bad_input),           cmocka_unit_test(what_survives),
        cmocka_unit_test(damaged_file),        cmocka_unit_test(dialling_from_it),
        cmocka_unit_test(lists_of_calls),      cmocka_unit_test(no_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
