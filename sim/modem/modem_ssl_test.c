/* SSL contexts and the certificate store (mqtt-ssl-commands.md section 5): forms, ranges, what is
 * stored, and what reaches the TLS connection. */
#include <stdlib.h>

#include "sim/modem/modem_link_rig.h"

struct exchange {
    const char *line, *want;
};

static void try_lines(struct rig *r, const struct exchange *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rig_type(r, span_str(e[i].line));
        TYPE(r, "\r");
        rig_said(r, span_str(e[i].want), e[i].line, __FILE__, (int)i);
    }
}

static void begin(struct rig *r, const char *profile)
{
    rig_start(r, profile);
    SAY(r, "ATE0\r", "ATE0\r" OKAY);
}

#define NAME124                                                                                    \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                               \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UNTOUCHED(n) "+CSSLCFG: " n ",4,0,1,300,\"\",\"\",\"\",0,\"\",0x0"
#define CTX1         LN("+CSSLCFG: 1,3,2,0,10,\"a.pem\",\"b.DER\",\"c.pem\",1,\"p,w;\",0x002F")

static void contexts(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CSSLCFG?",
          "\r\n" UNTOUCHED("0") "\r\n" UNTOUCHED("1") "\r\n" UNTOUCHED("2") "\r\n" UNTOUCHED("3") "\r\n" UNTOUCHED("4") "\r\n" UNTOUCHED(
              "5") "\r\n" UNTOUCHED("6") "\r\n" UNTOUCHED("7") "\r\n" UNTOUCHED("8") "\r"
                                                                                     "\n" UNTOUCHED(
                                                                                         "9") "\r"
                                                                                              "\n" OKAY },
        { "AT+CSSLCFG=\"sslversion\",1,3", OKAY },
        { "AT+CSSLCFG=\"AUTHMODE\",1,2", OKAY },
        { "AT+CSSLCFG=\"ignorelocaltime\",1,0", OKAY },
        { "AT+CSSLCFG=\"negotiatetime\",1,10", OKAY },
        { "AT+CSSLCFG=\"cacert\",1,\"a.pem\"", OKAY },
        { "AT+CSSLCFG=\"clientcert\",1,b.DER", OKAY },
        { "AT+CSSLCFG=\"clientkey\", 1, \"c.pem\"", OKAY },
        { "AT+CSSLCFG=\"enableSNI\", 1, 1", OKAY },
        { "AT+CSSLCFG=\"keypwd\",1,\"p,w;\"", OKAY },
        { "AT+CSSLCFG=\"ciphersuites\", 1, 0x002f", OKAY },
        { "AT+CSSLCFG=1", CTX1 OKAY },
        { "AT+CSSLCFG=\"ciphersuites\",1,0xFFFF", OKAY },
        { "AT+CSSLCFG=\"ciphersuites\",1,47", OKAY },
        /* out of range, unknown, malformed: always ERROR alone */
        { "AT+CSSLCFG=\"sslversion\",1,5", ERR },
        { "AT+CSSLCFG=\"sslversion\",1,-1", ERR },
        { "AT+CSSLCFG=\"sslversion\",10,4", ERR },
        { "AT+CSSLCFG=\"sslversion\",1", ERR },
        { "AT+CSSLCFG=\"sslversion\",1,", ERR },
        { "AT+CSSLCFG=\"sslversion\",1,4,1", ERR },
        { "AT+CSSLCFG=\"sslversion\",0,4\"", ERR }, /* log P10 */
        { "AT+CSSLCFG=sslversion,5,4", OKAY },      /* 1.1: strings with or without quotes */
        { "AT+CSSLCFG=\"authmode\",1,4", ERR },
        { "AT+CSSLCFG=\"ignorelocaltime\",1,2", ERR },
        { "AT+CSSLCFG=\"negotiatetime\",1,9", ERR },
        { "AT+CSSLCFG=\"negotiatetime\",1,301", ERR },
        { "AT+CSSLCFG=\"enableSNI\",1,2", ERR },
        { "AT+CSSLCFG=\"ciphersuites\",1,0x0030", ERR },
        { "AT+CSSLCFG=\"ciphersuites\",1,0", ERR },
        { "AT+CSSLCFG=\"ciphersuites\",1,0x10000", ERR },
        { "AT+CSSLCFG=\"cacert\",1,\"a.crt\"", ERR },
        { "AT+CSSLCFG=\"cacert\",1,\".pem\"", ERR },
        { "AT+CSSLCFG=\"cacert\",1,\"../x.pem\"", ERR },
        { "AT+CSSLCFG=\"cacert\",1,\"" NAME124 "a.pem\"", ERR },
        { "AT+CSSLCFG=\"ignorlocaltime\",1,1", ERR },
        { "AT+CSSLCFG=\"convert\",1,1", ERR },
        { "AT+CSSLCFG=\"password\",1,\"x\"", ERR },
        { "AT+CSSLCFG=10", ERR },
        { "AT+CSSLCFG", ERR },
        { "AT+CSSLCFG=1",
          LN("+CSSLCFG: 1,3,2,0,10,\"a.pem\",\"b.DER\",\"c.pem\",1,\"p,w;\",0x002F") OKAY },
        { "AT+CSSLCFG=\"cacert\",9,\"" NAME124 ".pem\"", OKAY },
        { "AT+CSSLCFG=\"keypwd\",1,\"\"", OKAY },
        { "AT+CSSLCFG=\"keypwd\",1,\"" NAME124 "aaaa\"", OKAY },
        { "AT+CSSLCFG=\"keypwd\",1,\"" NAME124 "aaaaa\"", ERR },
    };
    struct rig r;
    begin(&r, "");
    try_lines(&r, e, ARRAY_LEN(e));
    rig_end(&r);
}

/* 5.5. The form is for file names; elsewhere twice as many digits as bytes must not get in. */
static void non_ascii_names(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CCERTDOWN={non-ascii}\"262378344532443B262378353334453B2E70656D\",1\rxAT+CCERTLIST",
          "\r\n>" OKAY LN("+CCERTLIST: \"&#x4E2D;&#x534E;.pem\"") OKAY },
        { "AT+CSSLCFG=\"cacert\",0,{NON-ASCII}\"262378344532443B262378353334453B2e70656d\"", OKAY },
        { "AT+CSSLCFG=0",
          LN("+CSSLCFG: 0,4,0,1,300,\"&#x4E2D;&#x534E;.pem\",\"\",\"\",0,\"\",0x0") OKAY },
        { "AT+CCERTDELE={non-ascii}\"262378344532443B262378353334453B2E70656\"", ERR }, /* odd */
        { "AT+CCERTDELE={non-ascii}\"2623783445ZZ443B262378353334453B2E70656D\"", ERR },
        { "AT+CCERTDELE={non-ascii}262378344532443B262378353334453B2E70656D", ERR },
        { "AT+CCERTDELE={non-ascii}", ERR },
        { "AT+CCERTDOWN={non-ascii}\"612F622E70656D\",1", ERR }, /* a/b.pem */
        { "AT+CCERTDOWN={non-ascii}\"6100622E70656D\",1", ERR }, /* NUL */
        { "AT+CCERTDELE={non-ascii}\"262378344532443B262378353334453B2E70656D\"", OKAY },
        { "AT+CCERTLIST", OKAY },
        { "AT+CSSLCFG=\"keypwd\",0,{non-ascii}\"00" NAME124 NAME124 "\"", ERR },
        { "AT+CPIN={non-ascii}\"31323334\"", ERR },
        { "AT+CMQTTSTART;+CMQTTACCQ=0,{non-ascii}\"3132\"", LN("+CMQTTSTART: 0") ERR },
    };
    struct rig r;
    begin(&r, "");
    try_lines(&r, e, ARRAY_LEN(e));
    rig_end(&r);
}

static void certificate_store(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CCERTLIST", OKAY },
        { "at+ccertlist", OKAY },
        { "AT+CCERTLIST=?", OKAY },
        { "AT+CCERTDELE=?", OKAY },
        { "AT+CCERTDOWN=?", LN("+CCERTDOWN: (5-128),(1-10240)") OKAY },
        { "AT+CCERTDOWN=\"b.pem\",3\rabc", "\r\n>" OKAY },
        { "AT+CCERTDOWN=\"a.der\",4\r\r\n\x1a\x1b", "\r\n>" OKAY },
        { "AT+CCERTLIST", "\r\n+CCERTLIST: \"a.der\"\r\n+CCERTLIST: \"b.pem\"\r\n" OKAY },
        { "AT+CCERTDOWN=b.pem,1\rX", "\r\n>" OKAY },
        { "AT+CCERTDELE=\"c.pem\"", ERR },
        { "AT+CCERTDELE=\"a.der\"", OKAY },
        { "AT+CCERTDELE=\"a.der\"", ERR },
        { "AT+CCERTLIST", LN("+CCERTLIST: \"b.pem\"") OKAY },
        { "AT+CCERTDOWN=\"x.crt\",3", ERR },
        { "AT+CCERTDOWN=\".pem\",3", ERR },
        { "AT+CCERTDOWN=\"pem\",3", ERR },
        { "AT+CCERTDOWN=\"../../b.pem\",3", ERR },
        { "AT+CCERTDOWN=\"x.pem\",0", ERR },
        { "AT+CCERTDOWN=\"x.pem\",10241", ERR },
        { "AT+CCERTDOWN=\"x.pem\",-1", ERR },
        { "AT+CCERTDOWN=\"x.pem\"", ERR },
        { "AT+CCERTDOWN=\"x.pem\",", ERR },
        { "AT+CCERTDOWN=\"" NAME124 "a.pem\",1", ERR },
        { "AT+CCERTDOWN=\"x\xc3\xa4.pem\",1", ERR },
        { "AT+CCERTDOWN=\"x.pem", ERR },
        { "AT+CCERTDELE=", ERR },
        { "AT+CCERTDELE", ERR },
        { "AT+CCERTDOWN=\"" NAME124 ".pem\",1\rX", "\r\n>" OKAY },
    };
    struct rig r;
    begin(&r, "");
    try_lines(&r, e, ARRAY_LEN(e));
    assert_int_equal(r.files, 2);
    assert_true(span_eq(buf_span(&r.file[1].content), SPAN_LIT("X")));
    rig_end(&r);
}

/* A PEM file dropped onto the terminal, echo on, more bytes than one read takes. */
static void largest_file(void **state)
{
    (void)state;
    static char pem[10240];
    for (size_t i = 0; i < sizeof pem; i++) {
        pem[i] = i % 65 == 64 ? '\n' : (char)('A' + i % 26);
    }
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "AT+CCERTDOWN=\"k.pem\",10240\r\n", "AT+CCERTDOWN=\"k.pem\",10240\r\r\n>");
    rig_type(&r, span_of(pem, 5000));
    rig_type(&r, span_of(pem + 5000, 5240));
    assert_int_equal(r.said.n, 10240 + strlen(OKAY));
    buf_clear(&r.said);
    assert_true(span_eq(buf_span(&r.file[0].content), span_of(pem, sizeof pem)));
    assert_false(rig_traced(&r, "ABCDEFGHIJKLMNOP"));
    rig_end(&r);
}

static void a_store_that_fails(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, "csslcfg_check_file = on");
    SAY(&r, "AT+CCERTDOWN=\"a.pem\",1\rx", "\r\n>" OKAY);
    SAY(&r, "AT+CSSLCFG=\"cacert\",0,\"b.pem\"\r", ERR); /* check_file: not there */
    SAY(&r, "AT+CSSLCFG=\"cacert\",0,\"a.pem\"\r", OKAY);
    r.file_error = -ENOSPC;
    SAY(&r, "AT+CCERTDOWN=\"a.pem\",1\ry", "\r\n>" ERR);
    SAY(&r, "AT+CCERTLIST\r", ERR);
    SAY(&r, "AT+CCERTDELE=\"a.pem\"\r", ERR);
    SAY(&r, "AT+CSSLCFG=\"cacert\",0,\"a.pem\"\r", ERR);
    r.file_error = 0;
    SAY(&r, "AT+CCERTLIST\r", LN("+CCERTLIST: \"a.pem\"") OKAY);
    assert_true(span_eq(buf_span(&r.file[0].content), SPAN_LIT("x")));
    rig_end(&r);
}

static void dial_tls(struct rig *r, const char *settings, const char *profile)
{
    rig_started(r, profile);
    rig_type(r, span_str(settings));
    rig_pass(r, 100);
    buf_clear(&r->said);
    SAY(r, "AT+CMQTTACCQ=0,\"d\",1\r", OKAY);
    TYPE(r, "AT+CMQTTCONNECT=0,\"tcp://b.example:8883\",60,1\r");
    assert_true(r->link[0].open && r->link[0].tls);
}

/* Every parameter arrives at the TLS connection. */
static void parameters_of_the_connection(void **state)
{
    (void)state;

    static const struct {
        const char *value, *profile;
        enum tls_version lowest, highest;
    } versions[] = {
        { "0", "", TLS_SSL_3_0, TLS_SSL_3_0 }, { "1", "", TLS_1_0, TLS_1_0 },
        { "2", "", TLS_1_1, TLS_1_1 },         { "3", "", TLS_1_2, TLS_1_2 },
        { "4", "", TLS_SSL_3_0, TLS_1_2 },     { "4", "tls_max = 1", TLS_SSL_3_0, TLS_1_0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        char line[80];
        struct rig r;
        (void)snprintf(line, sizeof line, "ATE0+CSSLCFG=\"sslversion\",0,%s\r", versions[i].value);
        dial_tls(&r, line, versions[i].profile);
        assert_int_equal(r.link[0].params.min_version, versions[i].lowest);
        assert_int_equal(r.link[0].params.max_version, versions[i].highest);
        rig_end(&r);
    }
    struct rig r;
    dial_tls(&r,
             "AT+CCLK=\"24/05/17,12:34:56+08\"\r"
             "AT+CSSLCFG=\"ignorelocaltime\",0,0;+CSSLCFG=\"negotiatetime\",0,42\r"
             "AT+CSSLCFG=\"keypwd\",0,\"geheim\";+CSSLCFG=\"ciphersuites\",0,0x002F\r",
             "");
    const struct tls_params *p = &r.link[0].params;
    assert_true(p->check_dates && !p->sni && !p->verify_server && !p->send_cert);
    assert_int_equal(p->now, 1715942096); /* 10:34:56 UTC */
    assert_int_equal(p->handshake_ms, 42000);
    assert_int_equal(p->ciphersuite, 0x2F);
    assert_true(span_eq(buf_span(&r.link[0].password), SPAN_LIT("geheim")));
    assert_false(rig_traced(&r, "geheim"));
    rig_end(&r);
    dial_tls(&r, "AT\r", "");
    assert_false(r.link[0].params.check_dates);
    assert_int_equal(r.link[0].params.handshake_ms, 300000);
    assert_int_equal(r.link[0].params.ciphersuite, 0);
    rig_end(&r);
}

/* What is never to be in the trace, whatever was typed around it. */
static void no_secret_in_the_trace(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "AT+CSSLCFG=\"keypwd\",0,\"geheim\"\r",
        "AT+CSSLCFG=?;+CSSLCFG?\r",
        "AT+CSSLCFG=0\r",
        "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1,\"user\",\"geheim\"\r",
        "AT+CMQTTCONNECT?\r",
        "AT+CCERTDOWN=\"k.pem\",6\rgeheim",
        "AT+CCERTDOWN=\"k.pem\",2\rxxgeATgeheim\r\nATgeheim\r",
        "AT+CPIN=geheim\r",
        "AT+CPIN=\"geheim\r",
        "AT+CPINN=\"geheim\"\r",
        "AT+CMQTTCFG=\"aliauth\",0,\"a\",\"b\",\"geheim\"\r",
    };
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTDISC=0\r", OKAY LN("+CMQTTDISC: 0,0"));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        rig_type(&r, span_str(lines[i]));
        if (r.link[0].open && !r.link[0].up) {
            rig_up(&r, 0);
            BROKER(&r, 0, CONNACK_OK);
        }
        rig_pass(&r, 10);
        if (rig_traced(&r, "geheim")) {
            fail_msg("in the trace: %s", lines[i]);
        }
    }
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts),
        cmocka_unit_test(non_ascii_names),
        cmocka_unit_test(certificate_store),
        cmocka_unit_test(largest_file),
        cmocka_unit_test(a_store_that_fails),
        cmocka_unit_test(parameters_of_the_connection),
        cmocka_unit_test(no_secret_in_the_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
