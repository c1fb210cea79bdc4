/* Messages: settings, memories, reading, and what the host is told of what arrives
 * (general-commands.md B4.7, part E). */
#include "sim/modem/sms_rig.h"

#define NOT_SUPPORTED LN("+CMS ERROR: Operation not supported")
#define BAD_INDEX     LN("+CMS ERROR: Invalid memory index")
#define SCA           "07910100000000F0" /* +10000000000 */
/* +27840000000, 24/05/17,10:34:57+00 */
#define DELIVER(dcs) "040B917248000000F000" dcs "42507101437500"

static void settings_of_the_sheet(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    TRY(&r, S("AT+CMGF;+CMGF=?;+CMGF?\r", LN("+CMGF: (0-1)") LN("+CMGF: 0") OKAY),
        S("AT+CMGF=1;+CMGF?;+CMGF;+CMGF?\r", LN("+CMGF: 1") LN("+CMGF: 0") OKAY),
        S("AT+CMGF=2\r", ERR),
        S("AT+CSCS=?;+CSCS?\r", LN("+CSCS: (\"IRA\",\"GSM\",\"UCS2\")") LN("+CSCS: \"IRA\"") OKAY),
        S("AT+CSCS=\"UCS2\";+CSCS?;+CSCS;+CSCS?\r",
          LN("+CSCS: \"UCS2\"") LN("+CSCS: \"IRA\"") OKAY),
        S("AT+CSCS=\"HEX\"\r", ERR), S("AT+CMGD=?\r", LN("+CMGD: (0-49),(0-4)") OKAY),
        S("AT+CMGL=?\r", LN("+CMGL: (0-4)") OKAY),
        S("AT+CMGF=1;+CMGL=?\r",
          LN("+CMGL: (\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\")") OKAY),
        S("AT+CMGR=?;+CMGS=?;+CMGW=?;+CMSS=?\r", OKAY),
        S("AT+CSMP?;+CSMP=17,167,0,8;+CSMP?\r",
          LN("+CSMP: 17,167,0,0") LN("+CSMP: 17,167,0,8") OKAY),
        S("AT+CSMP=?\r", OKAY), S("AT+CSMP=49;+CSMP?\r", LN("+CSMP: 49,167,0,8") OKAY),
        S("AT+CSMP=4\r", NOT_SUPPORTED),  /* not of a SUBMIT */
        S("AT+CSMP=25\r", NOT_SUPPORTED), /* absolute time */
        S("AT+CSMP=81\r", NOT_SUPPORTED), /* a header */
        S("AT+CSMP=256\r", ERR), S("AT+CSMP?\r", LN("+CSMP: 49,167,0,8") OKAY),
        S("AT+CSDH=?;+CSDH?;+CSDH=1;+CSDH?\r",
          LN("+CSDH: (0-1)") LN("+CSDH: 0") LN("+CSDH: 1") OKAY),
        S("AT+CSMS?;+CSMS=0;+CSMS=?\r",
          LN("+CSMS: 0,1,1,1") LN("+CSMS: 1,1,1") LN("+CSMS: (0-1)") OKAY),
        S("AT+CGSMS?;+CGSMS=?\r", LN("+CGSMS: 3") LN("+CGSMS: (0-3)") OKAY),
        S("AT&F+CMGF?;+CSDH?;+CSMP?\r",
          LN("+CMGF: 0") LN("+CSDH: 0") LN("+CSMP: 17,167,0,0") OKAY));
    rig_end(&r);
}

static void memories(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    TRY(&r,
        S("AT+CPMS=?\r",
          LN("+CPMS: (\"ME\",\"MT\",\"SM\",\"SR\"),(\"ME\",\"MT\",\"SM\"),(\"ME\",\"SM\")") OKAY),
        S("AT+CPMS?\r", LN("+CPMS: \"SM\",0,50,\"SM\",0,50,\"SM\",0,50") OKAY),
        S("AT+CPMS=\"SM\",\"SM\",\"SM\"\r", LN("+CPMS: 0,50,0,50,0,50") OKAY),
        S("AT+CPMS=\"ME\"\r", LN("+CPMS: 0,23,0,50,0,50") OKAY),
        S("AT+CPMS=\"SR\";+CMGR=9;+CMGD=9;+CMGL=\"ALL\"\r", LN("+CPMS: 0,10,0,50,0,50") OKAY),
        S("AT+CMGR=10\r", BAD_INDEX), S("AT+CPMS=\"SR\",\"SR\"\r", ERR),
        S("AT+CPMS=\"SM\",\"SM\",\"MT\"\r", ERR), S("AT+CPMS=\"XX\"\r", ERR), S("AT+CPMS=\r", ERR),
        S("AT+CPMS=\"SM\",\"ME\"\r", LN("+CPMS: 0,50,0,23,0,50") OKAY),
        S("AT+CMGW=\"1\"\ra\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CPMS=\"SM\",\"MT\"\r", LN("+CPMS: 0,50,1,73,0,50") OKAY),
        S("AT+CMGW=\"2\"\rb\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CPMS=\"MT\",\"MT\",\"ME\";+CMGD=?\r",
          LN("+CPMS: 2,73,2,73,1,23") LN("+CMGD: (0-72),(0-4)") OKAY),
        S("AT+CMGL=\"ALL\"\r", "\r\n+CMGL: 0,\"STO UNSENT\",\"2\",\"\",\r\nb\r\n"
                               "\r\n+CMGL: 50,\"STO UNSENT\",\"1\",\"\",\r\na\r\n" OKAY));
    sms_receive(&r, "3", "c");
    SAID(&r, LN("+CMTI: \"ME\",1"));
    TRY(&r, S("AT+CPMS?\r", LN("+CPMS: \"MT\",3,73,\"MT\",3,73,\"ME\",2,23") OKAY),
        S("AT+CMGR=51;+CMGD=51;+CMGR=51\r",
          "\r\n+CMGR: \"REC UNREAD\",\"3\",\"\",\"24/05/17,10:35:29+00\"\r\nc\r\n" OKAY),
        S("AT&F+CPMS?\r", LN("+CPMS: \"SM\",1,50,\"SM\",1,50,\"SM\",1,50") OKAY));
    rig_end(&r);
}

/* The mode rules of B4.7, and the three forms that ModemManager tries one after the other (C3.4).
 */
static void indications_and_their_modes(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    TRY(&r,
        S("AT+CNMI=?;+CNMI?\r",
          LN("+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)") LN("+CNMI: 2,1,0,0,0") OKAY),
        S("AT+CNMI=2,1,2,1,0\r", ERR), S("AT+CNMI=2,1,2,2,0;+CNMI?\r", LN("+CNMI: 2,1,2,2,0") OKAY),
        S("AT+CNMI=1,2,0,0,0;+CNMI?\r", LN("+CNMI: 1,2,0,0,0") OKAY),
        S("AT+CNMI=2,2;+CNMI?\r", LN("+CNMI: 2,2,0,0,0") OKAY), S("AT+CNMI=0\r", ERR),
        S("AT+CNMI=0,2\r", ERR), S("AT+CNMI=2,3\r", ERR), S("AT+CNMI=0,3\r", ERR),
        S("AT+CNMI=1,3;+CNMI?\r", LN("+CNMI: 1,3,0,0,0") OKAY), S("AT+CNMI=2\r", ERR),
        S("AT+CNMI=,,,1;+CNMI?\r", LN("+CNMI: 1,3,0,1,0") OKAY), S("AT+CNMI=3\r", ERR),
        S("AT+CNMI=1,4\r", ERR), S("AT+CNMI=1,1,1\r", ERR), S("AT+CNMI=1,1,0,3\r", ERR),
        S("AT+CNMI=1,1,0,0,2\r", ERR), S("AT+CNMI=1,1,0,0,0,0\r", ERR),
        S("AT+CNMI;+CNMI?\r", LN("+CNMI: 2,1,0,0,0") OKAY));
    rig_end(&r);
}

/* Without a card, while it is busy, locked, broken; before SMS DONE (A19, A22). */
static void the_card_comes_first(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "AT+CMGF=1\r",
        "AT+CMGS=\"1\"\r",
        "AT+CMGL\r",
        "AT+CMGL=4\r",
        "AT+CMGR=0\r",
        "AT+CMGD=0\r",
        "AT+CMGW=\"1\"\r",
        "AT+CMGW\r",
        "AT+CMSS=0\r",
        "AT+CPMS?\r",
        "AT+CSCA?\r",
        "AT+CNMI=2,1\r",
        "AT+CMGRD=0\r",
        "AT+CSMP?\r",
        "AT+CNMA\r",
        "AT+CMGD=99\r",
        "AT+CMGR=99\r",
        "AT+CPMS=\"SM\"\r",
        "AT+CMGSEX=\"1\",1,1,2\r",
    };

    static const struct {
        const char *profile, *want;
    } cards[] = {
        { "sim.card = absent", LN("+CMS ERROR: SIM not inserted") },
        { "sim.lock = on", LN("+CMS ERROR: SIM PIN required") },
        { "sim.fault = busy", LN("+CMS ERROR: SIM busy") },
        { "sim.fault = failure", LN("+CMS ERROR: SIM failure") },
    };
    struct rig r;
    for (size_t i = 0; i < ARRAY_LEN(cards); i++) {
        sms_start(&r, cards[i].profile);
        TYPE(&r, "ATE0\r");
        buf_clear(&r.said);
        for (size_t j = 0; j < ARRAY_LEN(lines); j++) {
            rig_type(&r, span_str(lines[j]));
            rig_said(&r, span_str(cards[i].want), lines[j], __FILE__, (int)i);
        }
        SAY(&r, "AT+CSCS=\"GSM\";+CMGF=?\r", LN("+CMGF: (0-1)") OKAY);
        rig_end(&r);
    }
    rig_start_boot(&r, "boot.sms_ms = 500\nboot.pb_ms = 600", true);
    PASS(&r, 100, LN("RDY") LN("+CPIN: READY"));
    SAY(&r, "ATE0+CMEE=1\r", "ATE0+CMEE=1\r" OKAY);
    SAY(&r, "AT+CMGF=1\r", LN("+CMS ERROR: 314"));
    PASS(&r, 600, LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CMGF=1\r", OKAY);
    rig_end(&r);
}

static void text_mode(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "network.zone = 8");
    sms_receive(&r, "+27840000000", "Hello @[€]");
    SAID(&r, LN("+CMTI: \"SM\",0"));
    sms_receive(&r, "AmazonAWS", "two\r\nlines");
    SAID(&r, LN("+CMTI: \"SM\",1"));
    sms_receive(&r, "", "я");
    SAID(&r, LN("+CMTI: \"SM\",2"));
    TRY(&r, S("AT+CMGR=3\r", OKAY), /* an empty place */
        S("AT+CMGR=0\r", "\r\n+CMGR: \"REC UNREAD\",\"+27840000000\",\"\",\"24/05/17,12:34:57+08\""
                         "\r\nHello @[?]\r\n" OKAY),
        S("AT+CMGL=\"REC UNREAD\"\r", "\r\n+CMGL: 1,\"REC UNREAD\",\"AmazonAWS\",\"\",\"24/05/17,"
                                      "12:34:57+08\"\r\ntwo\r\nlines\r\n"
                                      "\r\n+CMGL: 2,\"REC UNREAD\",\"\",\"\",\"24/05/17,"
                                      "12:34:57+08\"\r\n044F\r\n" OKAY),
        S("AT+CMGL=\"REC UNREAD\";+CMGL\r", OKAY),
        S("AT+CSCS=\"GSM\";+CSDH=1;+CMGR=0\r",
          "\r\n+CMGR: \"REC READ\",\"+27840000000\",\"\",\"24/05/17,12:34:57+08\",145,4,0,0,"
          "\"+10000000000\",145,13\r\nHello \0\x1b<\x1b"
          "e\x1b>\r\n" OKAY),
        S("AT+CMGL=\"ALL\"\r",
          "\r\n+CMGL: 0,\"REC READ\",\"+27840000000\",\"\",\"24/05/17,12:34:57+08\",145,13\r\n"
          "Hello \0\x1b<\x1b"
          "e\x1b>\r\n"
          "\r\n+CMGL: 1,\"REC READ\",\"AmazonAWS\",\"\",\"24/05/17,12:34:57+08\",208,10\r\n"
          "two\r\nlines\r\n"
          "\r\n+CMGL: 2,\"REC READ\",\"\",\"\",\"24/05/17,12:34:57+08\",129,2\r\n044F\r\n" OKAY),
        S("AT+CSCS=\"UCS2\";+CSDH=0;+CMGRD=0\r",
          "\r\n+CMGRD: \"REC READ\",\"002B00320037003800340030003000300030003000300030\",\"\","
          "\"24/05/17,12:34:57+08\"\r\n00480065006C006C006F00200040005B20AC005D\r\n" OKAY),
        S("AT+CMGRD=0;+CMGR=0\r", OKAY), S("AT+CMGR=50\r", BAD_INDEX), S("AT+CMGR=99\r", BAD_INDEX),
        S("AT+CMGR=-1\r", BAD_INDEX), S("AT+CMGR=\r", ERR), S("AT+CMGR=\"1\"\r", ERR),
        S("AT+CMGRD=50\r", BAD_INDEX),
        S("AT+CMGL=4\r", LN("+CMS ERROR: Invalid text mode parameter")), S("AT+CMGL=5\r", ERR),
        S("AT+CMGL=\"SOME\"\r", ERR), S("AT+CMGL=\"ALL\",1\r", ERR),
        S("AT+CSCS;+CMGL=rec read\r", ERR)); /* the blank outside quotes goes */
    rig_end(&r);
}

static void pdu_mode(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    TYPE(&r, "AT+CMGF=0\r");
    sms_receive(&r, "+27840000000", "hellohello");
    sms_receive(&r, "+27840000000", "я");
    SAID(&r, OKAY LN("+CMTI: \"SM\",0") LN("+CMTI: \"SM\",1"));
    TRY(&r,
        S("AT+CMGR=0\r",
          "\r\n+CMGR: 0,\"\",28\r\n" SCA DELIVER("00") "0A"
                                                       "E8329BFD4697D9EC37\r\n" OKAY),
        S("AT+CMGL\r", "\r\n+CMGL: 1,0,\"\",21\r\n" SCA DELIVER("08") "02044F\r\n" OKAY),
        S("AT+CMGL=0;+CMGL=2;+CMGL=3\r", OKAY),
        S("AT+CMGL=1\r",
          "\r\n+CMGL: 0,1,\"\",28\r\n" SCA DELIVER("00") "0A"
                                                         "E8329BFD4697D9EC37\r\n"
                                                         "\r\n+CMGL: 1,1,\"\",21\r\n" SCA DELIVER(
                                                             "08") "02044F\r\n" OKAY),
        S("AT+CMGD=0;+CMGL=4\r", "\r\n+CMGL: 1,1,\"\",21\r\n" SCA DELIVER("08") "02044F\r\n" OKAY),
        S("AT+CMGL=\"ALL\"\r", "\r\n+CMGL: 1,1,\"\",21\r\n" SCA DELIVER("08") "02044F\r\n" OKAY),
        S("AT+CMGRD=1;+CPMS?\r", "\r\n+CMGRD: 1,\"\",21\r\n" SCA DELIVER("08") "02044F\r\n" LN(
                                     "+CPMS: \"SM\",0,50,\"SM\",0,50,\"SM\",0,50") OKAY),
        S("AT+CMGL=5\r", ERR));
    rig_end(&r);
}

/* One message of each state in the places 0 to 3. */
static void one_of_each(struct rig *r)
{
    sms_start(r, "");
    TRY(r, S("AT+CMGW=\"1\",129,\"REC UNREAD\"\ra\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CMGW=\"1\",,\"REC READ\"\ra\x1a", "\r\n> " LN("+CMGW: 1") OKAY),
        S("AT+CMGW=\"1\"\ra\x1a", "\r\n> " LN("+CMGW: 2") OKAY),
        S("AT+CMGW=\"1\",145,\"STO SENT\"\ra\x1a", "\r\n> " LN("+CMGW: 3") OKAY));
}

static bool is_there(struct rig *r, int place)
{
    char line[16];
    (void)snprintf(line, sizeof line, "AT+CMGR=%d\r", place);
    rig_type(r, span_str(line));
    bool there = r->said.n > strlen(OKAY);
    buf_clear(&r->said);
    return there;
}

static void deleting(void **state)
{
    (void)state;

    static const struct {
        const char *line;
        int left; /* bit 0: place 0 ... */
    } cases[] = {
        { "AT+CMGD=0\r", 0xE },   { "AT+CMGD=3,0\r", 0x7 }, { "AT+CMGD=0,1\r", 0xD },
        { "AT+CMGD=,1\r", 0xD },  { "AT+CMGD=0,2\r", 0x5 }, { "AT+CMGD=72,3\r", 0x1 },
        { "AT+CMGD=1,4\r", 0x0 }, { "AT+CMGD=49\r", 0xF },
    };
    struct rig r;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        one_of_each(&r);
        rig_type(&r, span_str(cases[i].line));
        rig_said(&r, SPAN_LIT(OKAY), cases[i].line, __FILE__, __LINE__);
        int left = 0;
        for (int place = 0; place < 4; place++) {
            left |= is_there(&r, place) ? 1 << place : 0;
        }
        if (left != cases[i].left) {
            fail_msg("%s: left %X", cases[i].line, (unsigned)left);
        }
        rig_end(&r);
    }
    one_of_each(&r);
    TRY(&r, S("AT+CMGD=\r", ERR), S("AT+CMGD=,\r", ERR), S("AT+CMGD=,0\r", ERR),
        S("AT+CMGD=50\r", BAD_INDEX), S("AT+CMGD=73\r", BAD_INDEX), S("AT+CMGD=0,5\r", ERR),
        S("AT+CMGD\r", ERR),
        S("AT+CPMS?\r", LN("+CPMS: \"SM\",4,50,\"SM\",4,50,\"SM\",4,50") OKAY));
    rig_end(&r);
}

/* What is written in text mode, as all headers show it. */
static void stored_messages(void **state)
{
    (void)state;
    struct rig r;
    one_of_each(&r);
    TRY(&r,
        S("AT+CMGL=\"ALL\"\r",
          "\r\n+CMGL: 0,\"REC UNREAD\",\"1\",\"\",\"24/05/17,10:34:57+00\"\r\na\r\n"
          "\r\n+CMGL: 1,\"REC READ\",\"1\",\"\",\"24/05/17,10:34:59+00\"\r\na\r\n"
          "\r\n+CMGL: 2,\"STO UNSENT\",\"1\",\"\",\r\na\r\n"
          "\r\n+CMGL: 3,\"STO SENT\",\"+1\",\"\",\r\na\r\n" OKAY),
        S("AT+CMGR=2;+CSDH=1;+CMGR=2\r",
          "\r\n+CMGR: \"STO UNSENT\",\"1\",\"\"\r\na\r\n"
          "\r\n+CMGR: \"STO "
          "UNSENT\",\"1\",\"\",129,17,0,0,167,\"+10000000000\",145,1\r\na\r\n" OKAY),
        S("AT+CMGL=\"STO SENT\"\r", "\r\n+CMGL: 3,\"STO SENT\",\"+1\",\"\",,145,1\r\na\r\n" OKAY),
        S("AT+CSMP=1,,,4;+CMGW\r4142\x1a", "\r\n> " LN("+CMGW: 4") OKAY),
        S("AT+CMGR=4\r", "\r\n+CMGR: \"STO UNSENT\",\"\",\"\",129,1,0,4,,\"+10000000000\",145,2\r\n"
                         "4142\r\n" OKAY));
    rig_end(&r);
}

static void a_modem_again(struct rig *r)
{
    modem_free(&r->m);
    r->m = modem_new(&r->cfg, &r->sched, &rig_host, r);
    sms_quiet(r);
}

static void messages_survive_power_off(void **state)
{
    (void)state;
    struct rig r;
    one_of_each(&r);
    TRY(&r, S("AT+CPMS=\"SM\",\"ME\"\r", LN("+CPMS: 4,50,0,23,4,50") OKAY),
        S("AT+CMGW=\"2\"\rin the module\x1a", "\r\n> " LN("+CMGW: 0") OKAY),
        S("AT+CMGD=1;+CMGR=0\r",
          "\r\n+CMGR: \"REC UNREAD\",\"1\",\"\",\"24/05/17,10:34:57+00\"\r\na\r\n" OKAY),
        S("AT+CSCA=\"+4917\";+CSCA?\r", LN("+CSCA: \"+4917\",145") OKAY),
        S("AT+CMGS=\"9\"\rx\x1a", "\r\n> " LN("+CMGS: 0") OKAY));
    a_modem_again(&r);
    TRY(&r,
        S("AT+CPMS=\"MT\";+CSCA?\r", LN("+CPMS: 4,73,3,50,3,50") LN("+CSCA: \"+4917\",145") OKAY),
        S("AT+CMGL=\"ALL\"\r",
          "\r\n+CMGL: 0,\"REC READ\",\"1\",\"\",\"24/05/17,10:34:57+00\"\r\na\r\n"
          "\r\n+CMGL: 2,\"STO UNSENT\",\"1\",\"\",\r\na\r\n"
          "\r\n+CMGL: 3,\"STO SENT\",\"+1\",\"\",\r\na\r\n"
          "\r\n+CMGL: 50,\"STO UNSENT\",\"2\",\"\",\r\nin the module\r\n" OKAY),
        S("AT+CMGS=\"9\"\rx\x1a", "\r\n> " LN("+CMGS: 1") OKAY), S("AT+CSCA=\"\"\r", OKAY));
    a_modem_again(&r);
    TRY(&r, S("AT+CSCA?\r", LN("+CSCA: \"\",129") OKAY));
    rig_end(&r);
}

/* A file that another version or somebody's hand wrote: what makes no sense is left out. */
static void a_broken_file(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    modem_free(&r.m);
    assert_int_equal(
        rig_put(&r, FILE_NVRAM, SPAN_LIT("messages"),
                SPAN_LIT("centre=300,1\ncentre=145\ncentre=145,x\nreference=256\n"
                         "SM0=4,00010004812143000000\nSM1=2,0001\nSM50=2,00010004812143"
                         "000000\nSM2=2,000100048121430000000\nSMx=2,0001\nS=1\n\nME23="
                         "2,00010004812143000000\nSM-1=2,00010004812143000000\nSM3=2,"
                         "00010004812143000000\nME0=x\nSM4=2,030100048121430000\n")),
        0);
    a_modem_again(&r);
    TRY(&r, S("AT+CPMS=\"MT\"\r", LN("+CPMS: 1,73,1,50,1,50") OKAY),
        S("AT+CSCA?\r", LN("+CSCA: \"+10000000000\",145") OKAY),
        S("AT+CMGL=\"ALL\"\r", "\r\n+CMGL: 3,\"STO UNSENT\",\"1234\",\"\",\r\n\r\n" OKAY));
    rig_end(&r);
}

static void memory_full_and_broken(void **state)
{
    (void)state;
    struct rig r;
    sms_start(&r, "");
    r.file_error = -ENOSPC;
    TRY(&r, S("AT+CMGW=\"1\"\ra\x1a", "\r\n> " LN("+CMS ERROR: Memory failure")),
        S("AT+CMGR=0\r", OKAY));
    r.file_error = 0;
    for (int i = 0; i < 50; i++) {
        sms_receive(&r, "1", "x");
    }
    buf_clear(&r.said);
    assert_false(rig_traced(&r, "sms.lost"));
    sms_receive(&r, "1", "one too many");
    SAID(&r, "");
    assert_true(rig_traced(&r, "sms.lost from=1 why=no room in the memory"));
    TRY(&r, S("AT+CPMS?\r", LN("+CPMS: \"SM\",50,50,\"SM\",50,50,\"SM\",50,50") OKAY),
        S("AT+CMGW=\"1\"\ra\x1a", "\r\n> " LN("+CMS ERROR: Memory full")), S("AT+CMGD=7\r", OKAY));
    sms_receive(&r, "1", "now");
    SAID(&r, LN("+CMTI: \"SM\",7"));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_of_the_sheet),
        cmocka_unit_test(memories),
        cmocka_unit_test(indications_and_their_modes),
        cmocka_unit_test(the_card_comes_first),
        cmocka_unit_test(text_mode),
        cmocka_unit_test(pdu_mode),
        cmocka_unit_test(deleting),
        cmocka_unit_test(stored_messages),
        cmocka_unit_test(messages_survive_power_off),
        cmocka_unit_test(a_broken_file),
        cmocka_unit_test(memory_full_and_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
