/* Messages between two modems on one exchange: sending, what arrives, how the host is told of it,
 * and status reports (general-commands.md A14, B4.7; 27.005 3.4.1). */
#include "sim/modem/sms_rig.h"

#define TAKEN(n)   "\r\n> " LN("+CMGS: " n) OKAY
#define TEXT_ERROR LN("+CMS ERROR: Invalid text mode parameter")
#define PDU_ERROR  LN("+CMS ERROR: Invalid PDU mode parameter")
#define TO_B       "AT+CMGS=\"+12025550101\"\r"
#define FROM_A     "\"+12025550100\",\"\""

/* Vector 19 of D1, and what stands around a prompt. */
static void the_prompt(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    SAY(&p.a, "AT+CMGS=\"+1\"\r", "\r\n> ");
    SAY(&p.a, "hi", "");
    SAY(&p.a, "\x1b", OKAY); /* ESC: nothing sent */
    PASS(&p.a, 5000, "");
    assert_false(rig_traced(&p.a, "sms.sent"));
    SAY(&p.a, TO_B, "\r\n> ");
    SAY(&p.a, "two\rlinez\x08s", "\r\n> ");
    SAY(&p.a, "\x1a", "");
    SAY(&p.a, "AT\r", ""); /* it waits, as the input for it does */
    PASS(&p.a, 1499, "");
    PASS(&p.a, 1, LN("+CMGS: 0") OKAY OKAY);
    PASS(&p.a, 0, "");
    PASS(&p.b, 100, LN("+CMTI: \"SM\",0"));
    TRY(&p.b, S("AT+CMGR=0\r", "\r\n+CMGR: \"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:04+00\"\r\n"
                               "two\rlines\r\n" OKAY));
    /* in one write with the command, with and without a LF; with echo */
    TRY(&p.a, S("AT+CMGS=\"+12025550101\"\r\nhello\x1a", TAKEN("1")), S("ATE1\r", OKAY),
        S("AT+CMGS=\"+12025550101\"\r", "AT+CMGS=\"+12025550101\"\r\r\n> "),
        S("a\rb\x08"
          "c\x1a",
          "a\r\r\n> b\b \bc" LN("+CMGS: 2") OKAY));
    TRY(&p.b, S("AT+CMGL\r", LN("+CMTI: \"SM\",1") LN(
                                 "+CMTI: \"SM\",2") "\r\n+CMGL: 1,\"REC UNREAD\"," FROM_A
                                                    ",\"24/05/17,10:35:08+00\"\r\nhello\r\n"
                                                    "\r\n+CMGL: 2,\"REC UNREAD\"," FROM_A
                                                    ",\"24/05/17,10:35:14+00\"\r\na\rc\r\n" OKAY));
    end(&p);
}

static void numbers(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    TRY(&p.a, S("AT+CMGS=\"12025550101\"\ra\x1a", TAKEN("0")),
        S("AT+CMGS=\"12025550101\",145\ra\x1a", TAKEN("1")),
        S("AT+CMGS=12025550101\ra\x1a", TAKEN("2")), S("AT+CSCS=\"UCS2\"\r", OKAY),
        S("AT+CMGS=\"00310032003000320035003500350030003100300031\"\r0061\x1a", TAKEN("3")),
        S("AT+CMGS=\"+12025550101\"\r", TEXT_ERROR), S("AT+CSCS\r", OKAY),
        S("AT+CMGS=\"123456789012345678901\"\r", TEXT_ERROR), S("AT+CMGS=\"Bob\"\r", TEXT_ERROR),
        S("AT+CMGS=\"+\"\r", TEXT_ERROR), S("AT+CMGS=\"\"\r", ERR), S("AT+CMGS\r", ERR),
        S("AT+CMGS=\"1\",127\r", ERR), S("AT+CMGS=\"1\",129,1\r", ERR), S("AT+CMGS?\r", ERR));
    SAID(&p.b,
         LN("+CMTI: \"SM\",0") LN("+CMTI: \"SM\",1") LN("+CMTI: \"SM\",2") LN("+CMTI: \"SM\",3"));
    /* nobody has this number; and the own one */
    TRY(&p.a, S("AT+CMGS=\"+4917\"\ra\x1a", TAKEN("4")));
    assert_true(rig_traced(&p.a, "sms.sent to=+4917 reference=4 goes=nowhere"));
    TRY(&p.a, S("AT+CMGS=\"+12025550100\"\ra\x1a", TAKEN("5") LN("+CMTI: \"SM\",0")));
    SAID(&p.b, "");
    end(&p);
}

static void texts(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
#define TEN  "0123456789"
#define H50  "00310032003300340035003600370038003900300031003200"
#define L150 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define U60  "044F044F044F044F044F044F044F044F044F044F044F044F044F044F044F"
    TRY(&p.a, S(TO_B L150 TEN "\x1a", TAKEN("0")),
        S(TO_B L150 TEN "x\x1a", "\r\n> " LN("+CMS ERROR: SMS size more than expected")),
        S(TO_B L150 "012345678[\x1a", "\r\n> " LN("+CMS ERROR: SMS size more than expected")),
        S(TO_B "\x1a", TAKEN("1")), S(TO_B "a\xe4`\x1a", TAKEN("2")), S("AT+CSCS=\"GSM\"\r", OKAY),
        S(TO_B "@\x02\x1a", TAKEN("3")),
        S("AT+CSMP=17,167,0,8\r", OKAY), /* as TinyGSM does it (C1.6): hexadecimal digits */
        S(TO_B "044f20aC\x1a", TAKEN("4")), S(TO_B "044\x1a", "\r\n> " TEXT_ERROR),
        S(TO_B "hello!\x1a", "\r\n> " TEXT_ERROR),
        S(TO_B U60 U60 U60 U60 "044F044F044F044F044F044F044F044F044F044F\x1a", TAKEN("5")),
        S(TO_B U60 U60 U60 U60 "044F044F044F044F044F044F044F044F044F044F0041\x1a",
          "\r\n> " LN("+CMS ERROR: SMS size more than expected")),
        S("AT+CSCS=\"UCS2\";+CSMP=17,167,0,0\r", OKAY), S("AT+CMGW\r006\x1a", "\r\n> " TEXT_ERROR),
        S("AT+CMGW\r00E4\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CMSS=0,\"002B00310032003000320035003500350030003100300031\"\r", LN("+CMSS: 6") OKAY));
    forget(&p.b);
    TRY(&p.b,
        S("AT+CMGD=0;+CMGL=\"ALL\"\r",
          "\r\n+CMGL: 1,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:05+00\"\r\n\r\n"
          "\r\n+CMGL: 2,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:07+00\"\r\na??\r\n"
          "\r\n+CMGL: 3,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:11+00\"\r\n?$\r\n"
          "\r\n+CMGL: 4,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:15+00\"\r\n044F20AC\r\n"
          "\r\n+CMGL: 5,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:21+00\"\r\n" U60 U60 U60 U60
          "044F044F044F044F044F044F044F044F044F044F\r\n"
          "\r\n+CMGL: 6,\"REC UNREAD\"," FROM_A ",\"24/05/17,10:35:31+00\"\r\n?\r\n" OKAY));
    end(&p);
}

static void pdus(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
#define SUBMIT "11000B912120550501F10000AA0AE8329BFD4697D9EC37"
    TRY(&p.a, S("AT+CMGF=0\r", OKAY), S("AT+CMGS=23\r00" SUBMIT "\x1a", TAKEN("0")),
        S("AT+CMGS=23\r07910100000000F0" SUBMIT "\r\n\x1a", "\r\n> \r\n> " LN("+CMGS: 1") OKAY),
        S("AT+CMGS=23\r\x1b", "\r\n> " OKAY), S("AT+CMGS=23\r\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=23\r00" SUBMIT "00\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=22\r00" SUBMIT "\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=23\r" SUBMIT "00\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=23\r00" SUBMIT "0\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=23\rhello, world\x1a", "\r\n> " PDU_ERROR),
        S("AT+CMGS=8\r0001000081000001"
          "61\x1a",
          "\r\n> " PDU_ERROR), /* no number */
        S("AT+CMGS=28\r00040BC87238880900F10000993092516195800AE8329BFD4697D9EC37\x1a",
          "\r\n> " PDU_ERROR), /* a DELIVER */
        S("AT+CMGS=6\r", PDU_ERROR), S("AT+CMGS=165\r", PDU_ERROR),
        S("AT+CMGS=\"23\"\r", PDU_ERROR), S("AT+CMGS=x\r", PDU_ERROR),
        S("AT+CMGS=23,129\r", PDU_ERROR),
        S("AT+CMGSEX=\"1\",1,1,2\r", LN("+CMS ERROR: Operation not allowed")),
        S("AT+CMGW=23\r00" SUBMIT "\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CMGW=23,3\r00" SUBMIT "\x1a", "\r\n> " LN("+CMGW: 1") OKAY),
        S("AT+CMGW=28,0\r00040BC87238880900F10000993092516195800AE8329BFD4697D9EC37\x1a",
          "\r\n> " LN("+CMGW: 2") OKAY),
        S("AT+CMGW=23,1\r00" SUBMIT "\x1a", "\r\n> " PDU_ERROR), S("AT+CMGW\r", PDU_ERROR),
        S("AT+CMGW=23,4\r", ERR), S("AT+CMGW=23,129\r", PDU_ERROR),
        S("AT+CMGW=23,1,\"STO SENT\"\r", PDU_ERROR), S("AT+CMSS=0\r", LN("+CMSS: 2") OKAY),
        S("AT+CMGL=4\r", "\r\n+CMGL: 0,3,\"\",23\r\n00" SUBMIT "\r\n"
                         "\r\n+CMGL: 1,3,\"\",23\r\n00" SUBMIT "\r\n"
                         "\r\n+CMGL: 2,0,\"\",28\r\n00040BC87238880900F10000993092516195800AE8329B"
                         "FD4697D9EC37\r\n" OKAY));
    SAID(&p.b, LN("+CMTI: \"SM\",0") LN("+CMTI: \"SM\",1") LN("+CMTI: \"SM\",2"));
    end(&p);
}

static void stored_ones(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    TRY(&p.a, S("AT+CMGW=\"+12025550101\"\rhello\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CMGW\rlater\x1a", "\r\n> " LN("+CMGW: 1") OKAY),
        S("AT+CMGW=\"1\",,\"REC READ\"\rx\x1a", "\r\n> " LN("+CMGW: 2") OKAY),
        S("AT+CMSS=0\r", LN("+CMSS: 0") OKAY), S("AT+CMSS=0,\"+4917\"\r", LN("+CMSS: 1") OKAY),
        S("AT+CMSS=1\r", TEXT_ERROR), S("AT+CMSS=1,\"12025550101\",145\r", LN("+CMSS: 2") OKAY),
        S("AT+CMSS=1,\"Bob\"\r", TEXT_ERROR),
        S("AT+CMSS=2\r", LN("+CMS ERROR: Operation not allowed")),
        S("AT+CMSS=3\r", LN("+CMS ERROR: Invalid memory index")),
        S("AT+CMSS=73\r", LN("+CMS ERROR: Invalid memory index")), S("AT+CMSS\r", ERR),
        S("AT+CMGW=\"1\",3\r", TEXT_ERROR), S("AT+CMGW=\"1\",129,\"ALL\"\r", ERR),
        S("AT+CMGW=\"1\",129,1\r", ERR),
        S("AT+CMGL=\"STO SENT\"\r", "\r\n+CMGL: 0,\"STO SENT\",\"+12025550101\",\"\",\r\nhello\r\n"
                                    "\r\n+CMGL: 1,\"STO SENT\",\"\",\"\",\r\nlater\r\n" OKAY));
    SAID(&p.b, LN("+CMTI: \"SM\",0") LN("+CMTI: \"SM\",1"));
    assert_true(rig_traced(&p.a, "sms.sent to=+4917 reference=1 goes=nowhere"));
    end(&p);
}

/* Each part says which one it is; text mode shows the text alone. */
static void long_messages_in_parts(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    TRY(&p.a, S("AT+CMGSEX=\"+12025550101\",190,1,2\rABC\x1a", "\r\n> " LN("+CMGSEX: 0") OKAY),
        S("AT+CMGSEX=\"12025550101\",145,190,2,2\rdef\x1a", "\r\n> " LN("+CMGSEX: 1") OKAY),
        S("AT+CMGSEX=\"1\",190,3,2\r", TEXT_ERROR), S("AT+CMGSEX=\"1\",256,1,2\r", ERR),
        S("AT+CMGSEX=\"1\",1,0,2\r", ERR), S("AT+CMGSEX=\"1\",1,1,1\r", ERR),
        S("AT+CMGSEX=\"1\",1,1\r", ERR), S("AT+CMGSEX=\"1\"\r", ERR),
        S("AT+CMGSEX=\"1\",190,1,2\r" L150 "123\x1a", "\r\n> " LN("+CMGSEX: 2") OKAY),
        S("AT+CMGSEX=\"1\",190,1,2\r" L150 "1234\x1a",
          "\r\n> " LN("+CMS ERROR: SMS size more than expected")));
    forget(&p.b);
    TRY(&p.b, S("AT+CMGR=0;+CMGF=0;+CMGR=1\r",
                "\r\n+CMGR: \"REC UNREAD\"," FROM_A ",\"24/05/17,10:34:59+00\"\r\nABC\r\n"
                "\r\n+CMGR: 0,\"\",28\r\n07910100000000F0"
                "440B912120550501F000004250710153"
                "1000"
                "0A050003BE0202C86533\r\n" OKAY));
    end(&p);
}

static void no_network_no_centre(void **state)
{
    (void)state;
    struct pair p;
    both(&p, "");
    SAY(&p.a, TO_B, "\r\n> ");
    char error[200];
    assert_true(modem_set(p.a.m, SPAN_LIT("network"), SPAN_LIT("none"), error, sizeof error));
    SAY(&p.a, "x\x1a", LN("+CMS ERROR: No network service"));
    SAY(&p.a, TO_B, "\r\n> ");
    SAY(&p.a, "x\x1a", LN("+CMS ERROR: No network service"));
    /* lost while it is being sent */
    assert_true(modem_set(p.a.m, SPAN_LIT("network"), SPAN_LIT("home"), error, sizeof error));
    rig_pass(&p.a, 1000);
    buf_clear(&p.a.said);
    SAY(&p.a, TO_B, "\r\n> ");
    SAY(&p.a, "x\x1a", "");
    assert_true(modem_set(p.a.m, SPAN_LIT("network"), SPAN_LIT("none"), error, sizeof error));
    PASS(&p.a, 1500, LN("+CMS ERROR: No network service"));
    assert_true(modem_set(p.a.m, SPAN_LIT("network"), SPAN_LIT("roaming"), error, sizeof error));
    rig_pass(&p.a, 1000);
    buf_clear(&p.a.said);
    /* the card goes while the prompt is open */
    SAY(&p.a, TO_B, "\r\n> ");
    assert_true(modem_set(p.a.m, SPAN_LIT("sim.card"), SPAN_LIT("absent"), error, sizeof error));
    SAY(&p.a, "x\x1a", LN("+CMS ERROR: SIM not inserted"));
    PASS(&p.a, 100, LN("+SIMCARD: NOT AVAILABLE"));
    assert_true(modem_set(p.a.m, SPAN_LIT("sim.card"), SPAN_LIT("present"), error, sizeof error));
    rig_pass(&p.a, 2000);
    buf_clear(&p.a.said);
    TRY(&p.a, S("AT+CSCA=\"\"\r", OKAY),
        S(TO_B "x\x1a", "\r\n> " LN("+CMS ERROR: SMSC address unknown")),
        S("AT+CSCA=\"1234\";+CSCA?;+CSCA=\"1234\",145;+CSCA?\r",
          LN("+CSCA: \"1234\",129") LN("+CSCA: \"+1234\",145") OKAY),
        S("AT+CSCA=\"x\"\r", ERR), S("AT+CSCA=\r", ERR), S("AT+CSCA=?\r", OKAY),
        S(TO_B "x\x1a", TAKEN("0")));
    /* a reset in the middle: nothing is sent */
    SAY(&p.a, TO_B, "\r\n> ");
    TYPE(&p.a, "x\x1a");
    modem_press(p.a.m, MODEM_RESET);
    PASS(&p.a, 3000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    PASS(&p.b, 0, LN("+CMTI: \"SM\",0"));
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prompt),
        cmocka_unit_test(numbers),
        cmocka_unit_test(texts),
        cmocka_unit_test(pdus),
        cmocka_unit_test(stored_ones),
        cmocka_unit_test(long_messages_in_parts),
        cmocka_unit_test(no_network_no_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
