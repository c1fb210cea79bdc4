/* The conformance vectors of general-commands.md D1, each fed whole, byte by byte, and split at
 * each position: what comes out must not depend on how the bytes arrive. */
#include "sim/modem/modem_rig.h"

struct vector {
    const char *about, *profile, *before; /* 'before': typed first, its answer is not looked at */
    struct span in, out;
};

#define IN(s)                                                                                      \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }
#define E0      "ATE0\r"
#define CSQ     LN("+CSQ: 16,99")
#define CSQ10   CSQ CSQ CSQ CSQ CSQ CSQ CSQ CSQ CSQ CSQ
#define CSQ39   CSQ10 CSQ10 CSQ10 CSQ CSQ CSQ CSQ CSQ CSQ CSQ CSQ CSQ
#define TEN(s)  s s s s s s s s s s
#define X100    TEN(TEN("x"))
#define X50     TEN("xxxxx")
#define PLUS(n) ";+CSQ" n
#define CSQ9    ";+CSQ;+CSQ;+CSQ;+CSQ;+CSQ;+CSQ;+CSQ;+CSQ;+CSQ"
#define JUNK    "~\x7f\xff}#\xc0!}!}!} }4}\x00~"

static const struct vector vectors[] = {
    { "1", "", "", IN("AT\r"), IN("AT\r" OKAY) },
    { "2", "", "", IN("AT\r\n"), IN("AT\r" OKAY) },
    { "2, twice", "", "", IN("AT\r\nAT\r\n"), IN("AT\r" OKAY "AT\r" OKAY) },
    { "2, second LF", "", "", IN("AT\r\n\nAT\r"), IN("AT\r" OKAY "AT\r" OKAY) },
    { "3", "", "", IN("ATE0\rAT\r"), IN("ATE0\r" OKAY OKAY) },
    { "4", "", E0, IN("at+csq\r"), IN(CSQ OKAY) },
    { "5", "", E0, IN("AT+FOO\r"), IN(ERR) },
    { "6", "", E0, IN("AT+CREG?;+CGREG?;+CSQ\r"), IN(LN("+CREG: 0,1") LN("+CGREG: 0,1") CSQ OKAY) },
    { "7", "", E0, IN("AT+CPIN?;+FOO;+CSQ\r"), IN(LN("+CPIN: READY") ERR) },
    { "8", "", E0, IN("ATV0\rAT\r"), IN("0\r0\r") },
    { "8, text and error", "", E0, IN("ATV0\rAT+CSQ\rAT+FOO\rATV1\r"),
      IN("0\r+CSQ: 16,99\r\n0\r4\r" OKAY) },
    { "9", "", E0, IN("ATQ1\rAT+CSQ\rAT+FOO\rATQ0\r"), IN(CSQ OKAY) },
    { "9, echo is not suppressed", "", "", IN("ATQ1\rAT\r"), IN("ATQ1\rAT\r") },
    { "11", "", E0, IN("AT+NETOPEN\r"), IN(OKAY LN("+NETOPEN: 0")) },
    { "11, again", "", E0 "AT+NETOPEN\r", IN("AT+NETOPEN\r"),
      IN(LN("+IP ERROR: Network is already opened") ERR) },
    { "12", "", E0, IN("AT+NETCLOSE\r"), IN(LN("+NETCLOSE: 2") ERR) },
    { "12, open", "", E0 "AT+NETOPEN\r", IN("AT+NETCLOSE\r"), IN(OKAY LN("+NETCLOSE: 0")) },
    { "13", "", E0, IN(JUNK "\r\nAT\r\n\0"), IN(OKAY) },
    { "13, echo on", "", "", IN(JUNK "\r\nAT\r\n\0"), IN("AT\r" OKAY) },
    { "13, +++ in command mode", "", "", IN("+++AT\r"), IN("AT\r" OKAY) },
    { "14", "", E0, IN("AT" X100 X100 X100 X100 X100 X50 "xxxxxxxxxx\r"), IN(ERR) },
    { "14, 559 are not too many", "", E0, IN("AT+CSQ" TEN(TEN("     ")) TEN("     ") "     \r"),
      IN(CSQ OKAY) },
    { "14, nothing executed", "", E0,
      IN("AT+NETOPEN;+CSQ" X100 X100 X100 X100 X100 X50 "\rAT+NETOPEN?\r"),
      IN(ERR LN("+NETOPEN: 0") OKAY) },
    { "15, 40 commands", "", E0, IN("AT+CSQ" CSQ9 CSQ9 CSQ9 CSQ9 ";+CSQ;+CSQ;+CSQ\r"), IN(ERR) },
    { "15, 39 commands", "", E0, IN("AT+CSQ" CSQ9 CSQ9 CSQ9 CSQ9 ";+CSQ;+CSQ\r"), IN(CSQ39 OKAY) },
    { "17", "", E0, IN("AT+CGDCONT?\r"),
      IN("\r\n+CGDCONT: 1,\"IP\",\"internet\",\"0.0.0.0\",0,0,0,0\r\n"
         "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,0\r\n"
         "+CGDCONT: 3,\"IPV4V6\",\"sos\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,1\r\n" OKAY) },
    { "18", "", "", IN("AT\rAT\r"), IN("AT\r" OKAY "AT\r" OKAY) },
    /* A2 to A7 */
    { "a line without AT", "", "", IN("hello\r\nAT\r"), IN("AT\r" OKAY) },
    { "AT is not special in a body", "", E0, IN("ATAT\r"), IN(ERR) },
    { "A A T", "", "", IN("AAT\r"), IN("AAT\r" OKAY) },
    { "prefix in any case", "", "", IN("aT\rAt\r"), IN("aT\r" OKAY "At\r" OKAY) },
    { "backspace", "", "", IN("AT+CSX\x08Q\r"), IN("AT+CSX\b \bQ\r" CSQ OKAY) },
    { "backspace past the start", "", "", IN("AT\x08\x08\r"), IN("AT\r" OKAY) },
    { "control characters and NUL", "", "", IN("AT+C\x01\0S\x1b\tQ\x7f\r"),
      IN("AT+CSQ\r" CSQ OKAY) },
    { "A/", "", "", IN("AT+CSQ\rA/"), IN("AT+CSQ\r" CSQ OKAY "A/" CSQ OKAY) },
    { "a/ CR", "", E0, IN("AT+CSQ\ra/\r\nAT\r"), IN(CSQ OKAY CSQ OKAY OKAY) },
    { "A/ with nothing before it", "", "", IN("A/"), IN("A/" OKAY) },
    { "A/ of a refused line", "", E0, IN("AT+FOO\rA/"), IN(ERR ERR) },
    { "editing character of S5", "", "", IN("ATS5=35\rAT+CSX#Q\r"),
      IN("ATS5=35\r" OKAY "AT+CSX\b \bQ\r" CSQ OKAY) },
    { "terminator of S3", "", E0, IN("ATS3=33\rAT!ATS3=13!"), IN("!\nOK!\n!\nOK!\n\r\nOK\r\n") },
    { "S3 read", "", E0, IN("ATS3?S5?S0?\r"), IN(LN("013") LN("008") LN("000") OKAY) },
    { "S out of range", "", E0, IN("ATS3=256\r"), IN(ERR) },
    { "basic commands follow each other", "", E0, IN("ATQ0V1S0=1S0?;+CSQ;E0S0=0\r"),
      IN(LN("001") CSQ OKAY) },
    /* A4: a missing number is 0, of X 1. */
    { "ATE is ATE0", "", "", IN("ATE\rAT\r"), IN("ATE\r" OKAY OKAY) },
    { "ATV is ATV0", "", E0, IN("ATV\r"), IN("0\r") },
    { "ATQ is ATQ0", "", E0, IN("ATQ1\rATQ\r"), IN(OKAY) },
    { "ATZ", "", E0, IN("ATZ\rAT\r"), IN(OKAY "AT\r" OKAY) },
    { "AT&F", "", E0, IN("ATV0&F\r"), IN(OKAY) },
    { "ATZ1", "", E0, IN("ATZ1\r"), IN(ERR) },
    { "unknown basic", "", E0, IN("ATB\rATN123;\rAT&Y\rAT\\Y\r"), IN(ERR ERR ERR ERR) },
    /* A10, A11 */
    { "CMEE 2", "", E0, IN("AT+CPIN=1234\r"), IN(LN("+CME ERROR: operation not allowed")) },
    { "CMEE 1", "", E0, IN("AT+CMEE=1;+CPIN=1234\r"), IN(LN("+CME ERROR: 3")) },
    { "CMEE 0", "", E0, IN("AT+CMEE=0;+CPIN=1234\r"), IN(ERR) },
    { "CMEE 1 under V0", "", E0, IN("ATV0+CMEE=1;+CPIN=1234\r"), IN("+CME ERROR: 3\r\n") },
    { "CMEE 0 under V0", "", E0, IN("ATV0+CMEE=0;+CPIN=1234\r"), IN("4\r") },
    { "CMEE under Q1", "", E0, IN("ATQ1+CPIN=1234\r"), { NULL, 0 } },
    { "CMEE forms", "", E0, IN("AT+CMEE=?;+CMEE?;+CMEE=0;+CMEE;+CMEE?\r"),
      IN(LN("+CMEE: (0-2)") LN("+CMEE: 2") LN("+CMEE: 2") OKAY) },
    { "CMEE=3", "", E0, IN("AT+CMEE=3\r"), IN(ERR) },
    { "bare CREG sets the default", "", E0, IN("AT+CREG=2;+CREG?;+CREG;+CREG?\r"),
      IN(LN("+CREG: 2,1,\"775C\",\"6F95933\"") LN("+CREG: 0,1") OKAY) },
    { "test of a command without ranges", "", E0, IN("AT+CGMI=?;+CIMI=?;+CRESET=?\r"), IN(OKAY) },
    { "test of an unknown command", "", E0, IN("AT+FOO=?\r"), IN(ERR) },
    { "no test form", "", E0, IN("AT+NETOPEN=?\r"), IN(ERR) },
    { "read form of an action", "", E0, IN("AT+CRESET?\r"), IN(ERR) },
    { "typographic quotes", "", E0,
      IN("AT+CCERTDELE=\xe2\x80\x9c"
         "a.pem\xe2\x80\x9d\r"),
      IN(ERR) },
    { "I", "", E0, IN("ATI\r"),
      IN("\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\n"
         "Revision: SIM7600G_V2.0.2\r\nIMEI: 860123456789014\r\n+GCAP: +CGSM\r\n" OKAY) },
    { "identity", "", E0, IN("AT+CGMI;+CGMM;+CGMR;+CGSN;+SIMEI?;+CIMI;+CICCID;+GCAP\r"),
      IN(LN("SIMCOM INCORPORATED") LN("SIMCOM_SIM7600G-H") LN("+CGMR: LE20B04SIM7600G22")
             LN("860123456789014") LN("+SIMEI: 860123456789014") LN("001010123456789")
                 LN("+ICCID: 89882110000000000127") LN("+GCAP: +CGSM") OKAY) },
    { "network", "", E0, IN("AT+CGATT?;+CGACT?;+CEREG?;+IPADDR\r"),
      IN(LN("+CGATT: 1") "\r\n+CGACT: 1,1\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" LN("+CEREG: 0,1")
             LN("+IP ERROR: Network not opened") ERR) },
    { "address", "", E0 "AT+NETOPEN\r", IN("AT+IPADDR\r"), IN(LN("+IPADDR: 10.4.20.106") OKAY) },
};

static void run(const struct vector *v, size_t split, bool single)
{
    struct rig r;
    rig_start(&r, v->profile);
    rig_type(&r, span_str(v->before));
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    if (single) {
        for (size_t i = 0; i < v->in.n; i++) {
            rig_type(&r, span_of(v->in.p + i, 1));
            rig_pass(&r, 1);
        }
    } else {
        rig_type(&r, span_of(v->in.p, split));
        rig_type(&r, span_from(v->in, split));
    }
    rig_pass(&r, 1000);
    rig_said(&r, v->out, v->about, single ? "byte by byte" : "split at", (int)split);
    rig_end(&r);
}

static void vectors_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        run(&vectors[i], vectors[i].in.n, false);
    }
}

static void vectors_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        run(&vectors[i], 0, true);
    }
}

static void vectors_split_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        size_t step = vectors[i].in.n > 100 ? 7 : 1;
        for (size_t at = 1; at < vectors[i].in.n; at += step) {
            run(&vectors[i], at, false);
        }
    }
}

/* 13: OK within 16 bytes of output. */
static void answer_behind_junk_is_near(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    TYPE(&r, JUNK "\r\nAT\r\n\0");
    assert_true(r.said.n <= 16);
    buf_clear(&r.said);
    rig_end(&r);
}

/* Several modems of one program have different identities; the check digit stays right. */
static void identity_of_further_modems(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    struct modem *first = r.m;
    struct modem_cfg cfg = r.cfg;
    cfg.index = 3;
    r.m = modem_new(&cfg, &r.sched, &rig_host, &r);
    SAY(&r, "ATE0+CGSN\r", "ATE0+CGSN\r" LN("860123456789048") OKAY);
    modem_free(&r.m);
    r.m = first;
    SAY(&r, "ATE0+CGSN\r", "ATE0+CGSN\r" LN("860123456789014") OKAY);
    rig_end(&r);
}

/* Every byte of either direction counts once, over a reset, too. */
static void traffic_is_counted(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    struct modem_traffic t = modem_traffic(r.m);
    assert_int_equal(t.from_host, 5);
    assert_int_equal(t.from_modem, 11);
    modem_press(r.m, MODEM_RESET);
    TYPE(&r, "AT\r");
    t = modem_traffic(r.m);
    assert_int_equal(t.from_host, 8);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_whole),
        cmocka_unit_test(vectors_byte_by_byte),
        cmocka_unit_test(vectors_split_everywhere),
        cmocka_unit_test(answer_behind_junk_is_near),
        cmocka_unit_test(identity_of_further_modems),
        cmocka_unit_test(traffic_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
