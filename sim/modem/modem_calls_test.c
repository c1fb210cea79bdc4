/* Voice calls between two modems of one process. */
#include "sim/modem/voice_rig.h"

#define A                       "+12025550100"
#define B                       "+12025550101"
#define MISSED_AT(time, number) NO_CARRIER LN("MISSED_CALL: " time " " number)

/* A calls B, and B has answered. */
static void connect_both(struct pair *p, const char *profile_a, const char *profile_b)
{
    pair_start(p, profile_a, profile_b);
    SAY(&p->a, "ATD" B ";\r", OKAY);
    BOTH(p, 2000, "", RING);
    SAY(&p->b, "ATA\r", BEGIN OKAY);
    BOTH(p, 20, BEGIN, "");
}

static void answered_and_hung_up(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p, "", "");
    SAY(&p.b, "AT+CLIP=1\r", OKAY);
    SAY(&p.a, "ATD" B ";\r", OKAY);
    BOTH(&p, 1999, "", "");
    SAY(&p.a, "AT+CLCC\r", LN("+CLCC: 1,0,2,0,0,\"" B "\",145") OKAY);
    BOTH(&p, 1, "", RING LN("+CLIP: \"" A "\",145,,,\"\",0"));
    SAY(&p.a, "AT+CLCC\r", LN("+CLCC: 1,0,3,0,0,\"" B "\",145") OKAY);
    SAY(&p.b, "AT+CLCC\r", LN("+CLCC: 1,1,4,0,0,\"" A "\",145") OKAY);
    BOTH(&p, 5000, "", RING LN("+CLIP: \"" A "\",145,,,\"\",0"));
    SAY(&p.b, "ATA\r", BEGIN OKAY);
    BOTH(&p, 61000, BEGIN, "");
    SAY(&p.b, "AT+CLCC\r", LN("+CLCC: 1,1,0,0,0,\"" A "\",145") OKAY);
    SAY(&p.b, "AT+CHUP\r", END("000101") OKAY);
    BOTH(&p, 20, END("000101") NO_CARRIER, "");
    SAY(&p.a, "AT+CLCC\r", OKAY);

    SAY(&p.b, "ATD" A ";\r", OKAY); /* the other way round, and the caller ends it */
    BOTH(&p, 2000, RING, "");
    SAY(&p.a, "ATA\r", BEGIN OKAY);
    BOTH(&p, 20, "", BEGIN);
    SAY(&p.b, "AT+CHUP\r", END("000000") OKAY);
    BOTH(&p, 100000, END("000000") NO_CARRIER, "");
    pair_end(&p);
}

static void not_answered(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p, "", "");
    SAY(&p.a, "ATD" B ";\r", OKAY); /* the caller gives up */
    BOTH(&p, 2000, "", RING);
    SAY(&p.a, "AT+CHUP\r", UNANSWERED OKAY);
    BOTH(&p, 20, "", MISSED_AT("12:00AM", A));
    SAY(&p.a, "ATD" B ";\r", OKAY); /* the network gives up */
    BOTH(&p, 61999, "", RING RING RING RING RING RING RING RING RING RING RING RING);
    BOTH(&p, 1, UNANSWERED LN("NO ANSWER"), RING MISSED_AT("12:01AM", A));
    SAY(&p.a, "ATD" B ";\r", OKAY); /* the called side refuses */
    BOTH(&p, 2000, "", RING);
    SAY(&p.b, "AT+CHUP\r", UNANSWERED OKAY);
    BOTH(&p, 20, UNANSWERED LN("BUSY"), "");
    SAY(&p.a, "ATD" B ";\r", OKAY); /* given up before it rings: nobody hears of it */
    BOTH(&p, 1000, "", "");
    SAY(&p.a, "AT+CHUP\r", UNANSWERED OKAY);
    BOTH(&p, 100000, "", "");
    SAY(&p.b, "AT+CPBS=\"MC\";+CPBS?\r", LN("+CPBS: \"MC\",2,10") OKAY);
    pair_end(&p);
}

static void auto_answer_and_colp(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p, "", "");
    SAY(&p.b, "ATS0=1\r", OKAY);
    SAY(&p.a, "AT+COLP=1;D" B ";\r", "");
    BOTH(&p, 2000, LN("+COLP: \"" B "\",145") OKAY, RING BEGIN);
    BOTH(&p, 20, BEGIN, "");
    SAY(&p.b, "AT+CVHU=0;H\r", OKAY);
    BOTH(&p, 20, END("000000") NO_CARRIER, END("000000") NO_CARRIER);
    pair_end(&p);
}

static void tones_and_hold(void **state)
{
    (void)state;
    struct pair p;
    connect_both(&p, "", "");
    SAY(&p.a, "AT+VTS=1;+VTS=\"*,#,a\"\r", OKAY);
    BOTH(&p, 20, "", LN("+RXDTMF: 1") LN("+RXDTMF: *") LN("+RXDTMF: #") LN("+RXDTMF: A"));
    SAY(&p.b, "AT+VTS=\"9\"\r", OKAY);
    BOTH(&p, 20, LN("+RXDTMF: 9"), "");
    SAY(&p.b, "AT+CHLD=2\r", OKAY);
    BOTH(&p, 20, "", "");
    SAY(&p.a, "AT+CSSN=0,1\r", OKAY);
    SAY(&p.b, "AT+CHLD=2;+CHLD=2;+CHLD=2\r", OKAY);
    BOTH(&p, 20, LN("+CSSU: 3") LN("+CSSU: 2") LN("+CSSU: 3"), "");
    pair_end(&p);
}

static void busy_and_waiting(void **state)
{
    (void)state;
    struct pair p;
    connect_both(&p, "", "");
    SAY(&p.a, "ATD" B ";\r", OKAY); /* the same one once more: only the new call finds it busy */
    BOTH(&p, 2000, UNANSWERED LN("BUSY"), "");
    SAY(&p.a, "AT+CLCC\r", LN("+CLCC: 1,0,1,0,0,\"" B "\",145") OKAY);
    SAY(&p.b, "AT+CCWA=1,1\r", "");
    BOTH(&p, 1000, "", OKAY);
    SAY(&p.a, "AT+CSSN=1;D" B ";\r", OKAY);
    BOTH(&p, 2000, LN("+CSSI: 3"), LN("+CCWA: \"" A "\",145,1"));
    SAY(&p.b, "AT+CHLD=2\r", OKAY);
    BOTH(&p, 20, BEGIN, BEGIN);
    SAY(&p.b, "AT+CHLD=12\r", OKAY);
    BOTH(&p, 20, END("000000") NO_CARRIER, END("000000"));
    SAY(&p.a, "AT+CHUP\r", END("000005") OKAY);
    BOTH(&p, 20, "", END("000005") NO_CARRIER);
    pair_end(&p);
}

/* B has two calls, and then one of A that waits while the other one ends. */
static void waits_until_the_other_ends(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p, "callee = answer", "callee = answer");
    SAY(&p.b, "AT+CCWA=1,1\r", "");
    BOTH(&p, 1000, "", OKAY);
    SAY(&p.b, "ATD1;\r", OKAY);
    BOTH(&p, 5000, "", BEGIN);
    SAY(&p.b, "ATD2;\r", OKAY);
    BOTH(&p, 5000, "", BEGIN);
    SAY(&p.a, "ATD" B ";\r", OKAY);
    BOTH(&p, 2000, UNANSWERED LN("BUSY"), "");
    SAY(&p.b, "AT+CHLD=1\r", OKAY);
    BOTH(&p, 20, "", END("000002"));
    SAY(&p.b, "AT+CHUP\r", END("000007") OKAY);
    BOTH(&p, 20, "", "");

    SAY(&p.a, "ATD" B ";\r", OKAY);
    BOTH(&p, 2000, "", RING);
    SAY(&p.b, "ATA\r", BEGIN OKAY);
    BOTH(&p, 20, BEGIN, "");
    modem_call(p.b.m, "5");
    BOTH(&p, 20, "", LN("+CCWA: \"5\",128,1"));
    SAY(&p.a, "AT+CHUP\r", END("000000") OKAY);
    BOTH(&p, 20, "", END("000000") NO_CARRIER RING);
    SAY(&p.b, "ATA\r", BEGIN OKAY);
    pair_end(&p);
}

/* Nobody can be reached who is engaged in calling us, or is ourselves. */
static void crossing_calls(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p, "", "");
    SAY(&p.a, "ATD" B ";\r", OKAY);
    SAY(&p.b, "ATD" A ";\r", OKAY);
    BOTH(&p, 2000, UNANSWERED LN("BUSY"), UNANSWERED LN("BUSY"));
    SAY(&p.a, "ATD" A ";\r", OKAY);
    BOTH(&p, 2000, UNANSWERED LN("BUSY"), "");
    SAY(&p.a, "ATD+12025550102;\r", OKAY); /* nobody's number */
    BOTH(&p, 2000, UNANSWERED NO_CARRIER, "");
    pair_end(&p);
}

static void hidden_number(void **state)
{
    (void)state;

    static const struct {
        const char *dial, *clip;
    } cases[] = {
        { "AT+CLIR=0;D" B "I;\r", RING LN("+CLIP: \"\",128,,,\"\",1") },
        { "AT+CLIR=1;D" B ";\r", RING LN("+CLIP: \"\",128,,,\"\",1") },
        { "AT+CLIR=1;D" B "i;\r", RING LN("+CLIP: \"" A "\",145,,,\"\",0") },
        { "AT+CLIR=2;D" B ";\r", RING LN("+CLIP: \"" A "\",145,,,\"\",0") },
    };
    struct pair p;
    pair_start(&p, "", "");
    SAY(&p.b, "AT+CLIP=1\r", OKAY);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rig_type(&p.a, span_str(cases[i].dial));
        BOTH(&p, 1999, OKAY, "");
        rig_pass(&p.a, 1);
        rig_said(&p.b, span_str(cases[i].clip), cases[i].dial, __FILE__, (int)i);
        SAY(&p.b, "ATA\r", BEGIN OKAY); /* and yet the way back is known */
        BOTH(&p, 20, BEGIN, "");
        SAY(&p.b, "AT+CHUP\r", END("000000") OKAY);
        BOTH(&p, 20, END("000000") NO_CARRIER, "");
    }
    pair_end(&p);
}

static void out_of_reach(void **state)
{
    (void)state;
    struct pair p;
    static const char *const worlds[] = { "network = none", "network.cs = denied",
                                          "sim.card = absent" };
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        pair_start(&p, "", worlds[i]);
        SAY(&p.a, "ATD" B ";\r", OKAY);
        BOTH(&p, 2000, UNANSWERED NO_CARRIER, "");
        pair_end(&p);
    }
    pair_start(&p, "", "");
    SAY(&p.b, "AT+CPOF\r", OKAY);
    BOTH(&p, 100, "", "");
    SAY(&p.a, "ATD" B ";\r", OKAY);
    BOTH(&p, 2000, UNANSWERED NO_CARRIER, "");
    pair_end(&p);
}

/* One side goes, and the other hears of it. */
static void the_other_end_goes(void **state)
{
    (void)state;
    struct pair p;
    connect_both(&p, "", "");
    rig_set(&p.b, "network", "none");
    SAID(&p.b, END("000000") NO_CARRIER);
    BOTH(&p, 20, END("000000") NO_CARRIER, "");
    pair_end(&p);

    connect_both(&p, "", "");
    SAY(&p.b, "AT+CFUN=0\r", OKAY);
    BOTH(&p, 20, END("000000") NO_CARRIER, END("000000") NO_CARRIER LN("+SIMCARD: NOT AVAILABLE"));
    pair_end(&p);

    connect_both(&p, "", "");
    SAY(&p.b, "AT+CRESET\r", OKAY);
    BOTH(&p, 1000, END("000000") NO_CARRIER, END("000000") NO_CARRIER BOOT);
    pair_end(&p);

    connect_both(&p, "", ""); /* brown-out: not a word there */
    modem_press(p.b.m, MODEM_CUT);
    BOTH(&p, 1000, END("000000") NO_CARRIER, BOOT);
    pair_end(&p);

    connect_both(&p, "", "");
    SAY(&p.b, "AT+CPOF\r", OKAY);
    BOTH(&p, 1000, END("000000") NO_CARRIER, "");
    pair_end(&p);

    connect_both(&p, "", ""); /* it is no more */
    rig_end(&p.b);
    PASS(&p.a, 20, END("000000") NO_CARRIER);
    rig_end(&p.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answered_and_hung_up),
        cmocka_unit_test(not_answered),
        cmocka_unit_test(auto_answer_and_colp),
        cmocka_unit_test(tones_and_hold),
        cmocka_unit_test(busy_and_waiting),
        cmocka_unit_test(crossing_calls),
        cmocka_unit_test(waits_until_the_other_ends),
        cmocka_unit_test(hidden_number),
        cmocka_unit_test(out_of_reach),
        cmocka_unit_test(the_other_end_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
