/* What the host is told of messages and reports that arrive, by AT+CNMI (27.005 3.4.1), and what is
 * lost. */
#include "sim/modem/sms_rig.h"

#define HELD     ",\"\",\"24/05/17,10:34:57+00\"\r\n"
#define TO_B     "AT+CMGS=\"+12025550101\"\rx\x1a"
#define TAKEN(n) "\r\n> " LN("+CMGS: " n) OKAY
#define SCA      "07910100000000F0"

static void stored_without_a_word(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    SAY(&r, "AT+CNMI=2,0\r", OKAY);
    sms_receive(&r, "1", "a");
    TRY(&r, S("AT+CMGL\r", "\r\n+CMGL: 0,\"REC UNREAD\",\"1\"" HELD "a\r\n" OKAY));
    rig_end(&r);
}

static void routed_to_the_host(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    SAY(&r, "AT+CNMI=2,2,0,0,0\r", OKAY);
    PASS(&r, 100, "");
    sms_receive(&r, "+27840000000", "text");
    SAID(&r, "\r\n+CMT: \"+27840000000\"" HELD "text\r\n");
    sms_receive(&r, "+27840000000", "я");
    SAID(&r, "\r\n+CMT: \"+27840000000\"" HELD "044F\r\n");
    SAY(&r, "AT+CSDH=1;+CSCS=\"GSM\"\r", OKAY);
    sms_receive(&r, "+27840000000", "@ and a line\nmore");
    SAID(&r, "\r\n+CMT: \"+27840000000\",\"\",\"24/05/17,10:34:57+00\",145,4,0,0,\"+10000000000\","
             "145,17\r\n\0 and a line\nmore\r\n");
    SAY(&r, "AT+CSDH=0;+CSCS=\"UCS2\"\r", OKAY);
    sms_receive(&r, "1", "@");
    SAID(&r, "\r\n+CMT: \"0031\"" HELD "0040\r\n");
    SAY(&r, "AT+CMGF=0\r", OKAY);
    sms_receive(&r, "+27840000000", "hellohello");
    SAID(&r, "\r\n+CMT: ,28\r\n" SCA "040B917248000000F000004250710143750"
             "00AE8329BFD4697D9EC37\r\n");
    TRY(&r, S("AT+CPMS?\r", LN("+CPMS: \"SM\",0,50,\"SM\",0,50,\"SM\",0,50") OKAY));
    rig_end(&r);
}

/* A message that comes while the host is typing waits for the end of it. */
static void not_in_the_middle(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    SAY(&r, "AT+CMGS=\"1\"\r", "\r\n> ");
    sms_receive(&r, "1", "a");
    SAY(&r, "b", "");
    SAY(&r, "\x1b", OKAY);
    PASS(&r, 19, "");
    PASS(&r, 1, LN("+CMTI: \"SM\",0"));
    rig_end(&r);
}

static void classes(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");

    /* class 3 is routed under mt=3, others are not; class 2 is for the card even under mt=2 */
    static const struct {
        const char *sender, *receiver;
        bool routed;
    } cases[] = {
        { "AT+CSMP=17,167,0,19\r", "AT+CNMI=1,3\r", true },
        { "AT+CSMP=17,167,0,17\r", "AT+CNMI=1,3\r", false },
        { "AT+CSMP=17,167,0,0\r", "AT+CNMI=1,3\r", false },
        { "AT+CSMP=17,167,0,18\r", "AT+CNMI=1,2\r", false },
        { "AT+CSMP=17,167,0,16\r", "AT+CNMI=1,2\r", true },
        { "AT+CSMP=17,167,0,242\r", "AT+CNMI=2,2\r", false },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rig_type(&p.b, span_str(cases[i].receiver));
        rig_type(&p.a, span_str(cases[i].sender));
        TYPE(&p.a, TO_B);
        rig_pass(&p.a, 2000);
        forget(&p.a);
        rig_read(&p.b);
        assert_true(buf_add_byte(&p.b.said, 0));
        const char *said = (const char *)p.b.said.p;
        if ((strstr(said, "+CMT: ") != NULL) != cases[i].routed ||
            (strstr(said, "+CMTI: ") != NULL) == cases[i].routed) {
            fail_msg("%s %s: %s", cases[i].sender, cases[i].receiver, said);
        }
        forget(&p.b);
    }
    end(&p);
}

/* Mode 0 keeps indications back: bfr 0 lets them out, bfr 1 drops them. */
static void kept_back(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    SAY(&r, "AT+CNMI=0,1\r", OKAY);
    sms_receive(&r, "1", "a");
    sms_receive(&r, "1", "b");
    SAID(&r, "");
    SAY(&r, "AT+CNMI=0,1\r", OKAY);
    PASS(&r, 100, "");
    SAY(&r, "AT+CNMI=2\r", OKAY);
    PASS(&r, 100, LN("+CMTI: \"SM\",0") LN("+CMTI: \"SM\",1"));
    SAY(&r, "AT+CNMI=0\r", OKAY);
    sms_receive(&r, "1", "c");
    SAY(&r, "AT+CNMI=2,1,0,0,1\r", OKAY);
    PASS(&r, 100, "");
    sms_receive(&r, "1", "d");
    SAID(&r, LN("+CMTI: \"SM\",3"));
    /* more than it can keep: the oldest go */
    SAY(&r, "AT+CNMI=0,1,0,0,0\r", OKAY);
    for (int i = 0; i < 51; i++) {
        if (i % 40 == 0) {
            SAY(&r, "AT+CMGD=0,4\r", OKAY);
        }
        sms_receive(&r, "1", "x");
    }
    TYPE(&r, "AT+CNMI=2\r");
    rig_pass(&r, 100);
    struct buf want;
    buf_init(&want, 4096);
    (void)buf_addf(&want, OKAY);
    for (int i = 1; i < 51; i++) {
        (void)buf_addf(&want, LN("+CMTI: \"SM\",%d"), i % 40);
    }
    rig_said(&r, buf_span(&want), "indications", __FILE__, __LINE__);
    buf_fini(&want);
    rig_end(&r);
}

static void acknowledged_under_phase_2_plus(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    TRY(&r, S("AT+CNMA\r", LN("+CMS ERROR: NO +CNMA ACK EXPECTED")),
        S("AT+CNMI=2,2;+CSMS=1\r", LN("+CSMS: 1,1,1") OKAY));
    sms_receive(&r, "1", "a");
    sms_receive(&r, "1", "b");
    forget(&r);
    TRY(&r, S("AT+CNMA\r", OKAY), S("AT+CNMA=0\r", OKAY),
        S("AT+CNMA\r", LN("+CMS ERROR: NO +CNMA ACK EXPECTED")), S("AT+CNMA=3\r", ERR),
        S("AT+CNMA=?\r", OKAY), S("AT+CMGF=0;+CNMA=?\r", LN("+CNMA: (0-2)") OKAY));
    rig_end(&r);
}

static void reports(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    TRY(&p.a, S(TO_B, TAKEN("0")), S("AT+CNMI=1,1,0,1;+CSMP=49\r", OKAY),
        S(TO_B, TAKEN("1") LN("+CDS: 6,1,\"+12025550101\",145,\"24/05/17,10:35:03+00\","
                              "\"24/05/17,10:35:03+00\",0")),
        S("AT+CMGF=0\r", OKAY));
    TRY(&p.a,
        S("AT+CMGS=13\r0031000B912120550501F100000001"
          "78\x1a",
          "\r\n> " LN("+CMS ERROR: Invalid PDU mode parameter")),
        S("AT+CMGS=15\r0031000B912120550501F10000000178\x1a",
          TAKEN("2") "\r\n+CDS: 25\r\n" SCA "06020B912120550501F142507101539000425071015390"
                     "0000\r\n"),
        S("AT+CNMI=2,1,0,2,0\r", OKAY),
        S("AT+CMGS=15\r0031000B912120550501F10000000178\x1a", TAKEN("3") LN("+CDSI: \"SM\",0")),
        S("AT+CMGR=0;+CMGF=1;+CMGR=0\r",
          "\r\n+CMGR: 0,\"\",25\r\n" SCA "06030B912120550501F14250710153310042507101533100"
          "00\r\n" LN("+CMGR: \"REC READ\",6,3,\"+12025550101\",145,\"24/05/17,10:35:13+00\","
                      "\"24/05/17,10:35:13+00\",0") OKAY),
        S("AT+CMGL=\"REC READ\"\r",
          LN("+CMGL: 0,\"REC READ\",6,3,\"+12025550101\",145,\"24/05/17,10:35:13+00\","
             "\"24/05/17,10:35:13+00\",0") OKAY),
        S("AT+CMSS=0\r", LN("+CMS ERROR: Operation not allowed")), S("AT+CNMI=2,1,0,0\r", OKAY),
        S(TO_B, TAKEN("4")));
    assert_true(rig_traced(&p.a, "sms.lost from=+12025550101 why=reports are not wanted"));
    forget(&p.b);
    /* nobody has received it: no report */
    TRY(&p.a, S("AT+CNMI=1,1,0,1\r", OKAY), S("AT+CMGS=\"+4917\"\rx\x1a", TAKEN("5")));
    TRY(&p.b, S("AT+CFUN=4\r", OKAY));
    TRY(&p.a, S(TO_B, TAKEN("6")));
    TRY(&p.b, S("AT+CFUN=1\r", OKAY));
    forget(&p.b);
    assert_true(rig_traced(&p.b, "sms.lost from=+12025550100 why=the modem is off, has no card"));
    end(&p);
}

static void nobody_to_take_it(void **state)
{
    (void)state;
    static const char *const profiles[] = { "network = none", "network = denied", "sim.lock = on",
                                            "sim.card = absent", "sim.fault = busy" };
    struct rig r;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        sms_start(&r, profiles[i]);
        sms_receive(&r, "1", "a");
        SAID(&r, "");
        assert_true(rig_traced(&r, "sms.lost from=1 why=the modem is off"));
        rig_end(&r);
    }
    rig_start_boot(&r, "", true);
    sms_receive(&r, "1", "a"); /* before SMS DONE; 100 ms later it has booted */
    assert_true(rig_traced(&r, "sms.lost from=1 why=the modem is off"));
    SAID(&r, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    sms_receive(&r, "1", "b");
    SAID(&r, LN("+CMTI: \"SM\",0"));
    rig_end(&r);
}

/* From outside: one message of what fits, no character cut in two. */
static void long_texts_are_cut(void **state)
{
    (void)state;
#define TEN  "0123456789"
#define L150 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define U20  "яяяяяяяяяяяяяяяяяяяя"
#define H20  "044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F"
#define H9   "044F044F044F044F044F044F044F044F044F"
    const struct step cases[] = {
        S(L150 TEN, L150 TEN),
        S(L150 TEN "x", L150 TEN),
        S(L150 "012345678[", L150 "012345678"),
        S(U20 U20 U20 "яяяяяяяяяяя", H20 H20 H20 H9 "044F"),
        S(U20 U20 U20 "яяяяяяяяя😀", H20 H20 H20 H9),
        S("", ""),
    };
    struct rig r;
    sms_start(&r, "");
    SAY(&r, "AT+CNMI=2,2\r", OKAY);
    PASS(&r, 100, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        sms_receive(&r, "+123456789012345678901", cases[i].line);
        struct buf want;
        buf_init(&want, 4096);
        (void)buf_addf(&want, "\r\n+CMT: \"+12345678901234567890\"" HELD);
        (void)buf_add(&want, cases[i].want);
        (void)buf_addf(&want, "\r\n");
        rig_said(&r, buf_span(&want), "message", __FILE__, (int)i);
        buf_fini(&want);
    }
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_without_a_word),
        cmocka_unit_test(routed_to_the_host),
        cmocka_unit_test(not_in_the_middle),
        cmocka_unit_test(classes),
        cmocka_unit_test(kept_back),
        cmocka_unit_test(acknowledged_under_phase_2_plus),
        cmocka_unit_test(reports),
        cmocka_unit_test(nobody_to_take_it),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
