/* CONNECT: what is asked of the network, every way it can end (mqtt-ssl-commands.md 3.1, 3.2, 4.8),
 * and what happens to a connection that stands. */
#include "sim/modem/modem_link_rig.h"

static void begin(struct rig *r, const char *profile)
{
    rig_started(r, profile);
    SAY(r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    TYPE(r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r");
    buf_clear(&r->said);
}

static void expect_code(struct rig *r, int code, const char *about)
{
    char want[80];
    bool async = r->profile.result_style == STYLE_ASYNC;
    (void)snprintf(want, sizeof want,
                   code == 0 ? OKAY LN("+CMQTTCONNECT: 0,%d") : LN("+CMQTTCONNECT: 0,%d") "%s",
                   code, async ? "" : ERR);
    size_t skip = code == 0 && async ? strlen(OKAY) : 0;
    rig_said(r, span_str(want + skip), about, __FILE__, code);
}

static void link_ends(void **state)
{
    (void)state;

    static const struct {
        enum link_end why;
        bool up; /* the CONNECT packet was sent before */
        int code;
    } cases[] = {
        { LINK_DNS, false, 25 },
        { LINK_REFUSED, false, 3 },
        { LINK_CONNECT_TIMEOUT, false, 3 },
        { LINK_TLS_SETUP, false, 34 },
        { LINK_TLS_HANDSHAKE, false, 32 },
        { LINK_TLS_TIMEOUT, false, 32 },
        { LINK_TLS_CLOSED, false, 26 },
        { LINK_CLOSED, false, 26 },
        { LINK_CLOSED, true, 6 },
        { LINK_CLOSED_NO_CERT, true, 26 },
        { LINK_RESET, false, 26 },
        { LINK_RESET, true, 26 },
        { LINK_BROKEN, true, 6 },
    };

    static const char *const styles[] = { "", "result_style = async" };
    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        struct rig r;
        begin(&r, styles[i % 2]);
        if (cases[i / 2].up) {
            rig_up(&r, 0);
        }
        rig_down(&r, 0, cases[i / 2].why);
        expect_code(&r, cases[i / 2].code, "link end");
        PASS(&r, 200000, "");
        assert_int_equal(r.link[0].hangups, 0);
        rig_end(&r);
    }
}

static void connack_codes(void **state)
{
    (void)state;

    static const struct {
        struct span packet;
        int code;
    } cases[] = {
        { { (const uint8_t *)"\x20\x02\x00\x00", 4 }, 0 },
        { { (const uint8_t *)"\x20\x02\x01\x00", 4 }, 24 }, /* session present with clean session */
        { { (const uint8_t *)"\x20\x02\x00\x01", 4 }, 27 },
        { { (const uint8_t *)"\x20\x02\x00\x02", 4 }, 28 },
        { { (const uint8_t *)"\x20\x02\x00\x03", 4 }, 29 },
        { { (const uint8_t *)"\x20\x02\x00\x04", 4 }, 30 },
        { { (const uint8_t *)"\x20\x02\x00\x05", 4 }, 31 },
        { { (const uint8_t *)"\x20\x02\x00\x06", 4 }, 24 },
        { { (const uint8_t *)"\x20\x02\x00\xff", 4 }, 24 },
        { { (const uint8_t *)"\x20\x03\x00\x00\x00", 5 }, 24 },
        { { (const uint8_t *)"HTTP/1.1 400 Bad Request\r\n", 26 }, 24 },
        { { (const uint8_t *)"\x90\x03\x00\x01\x00", 5 }, 24 },
        { { (const uint8_t *)"\x15\x03\x03\x00\x02\x02\x28", 7 }, 24 }, /* a TLS alert */
    };

    static const char *const styles[] = { "", "result_style = async" };
    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        if (cases[i / 2].packet.p[2] == 1 && cases[i / 2].packet.p[0] == 0x20) {
            continue; /* accepted by some, refused by others: not this modem's business */
        }
        struct rig r;
        begin(&r, styles[i % 2]);
        rig_up(&r, 0);
        rig_broker(&r, 0, cases[i / 2].packet);
        expect_code(&r, cases[i / 2].code, "CONNACK");
        assert_int_equal(r.link[0].hangups, cases[i / 2].code == 0 ? 0 : 1);
        assert_false(r.link[0].flushed);
        rig_end(&r);
    }
}

static void no_answer_gives_17(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, "");
    rig_up(&r, 0);
    PASS(&r, 119999, "");
    PASS(&r, 1, LN("+CMQTTCONNECT: 0,17") ERR);
    assert_int_equal(r.link[0].hangups, 1);
    assert_int_equal(r.link[0].connect_ms, 105000);
    /* The next CONNECT needs no REL and no ACCQ. */
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    SAID(&r, OKAY LN("+CMQTTCONNECT: 0,0"));
    rig_end(&r);
}

/* What goes into the packet: version, session, keep-alive, will, user and password. */
static void connect_packet(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=1,\"abc\",0,3\r", OKAY);
    SAY(&r, "AT+CMQTTWILLTOPIC=1,1\r", "\r\n>");
    SAY(&r, "w", OKAY);
    TYPE(&r, "AT+CMQTTCONNECT=1,\"TCP://[fe80::1]:1884\",300,0,\"u\",\"p;,\r");
    SAID(&r, ERR); /* the quote is not closed */
    SAY(&r, "AT+CMQTTCONNECT=1,\"TCP://[fe80::1]:1884\",300,0,\"u\",\"p;,\"\r", "");
    assert_string_equal(r.link[1].host, "fe80::1");
    assert_int_equal(r.link[1].port, 1884);
    assert_false(r.link[1].tls);
    rig_up(&r, 1);
    /* A will topic without a message: no will. */
    SENT(&r, 1,
         "\x10\x19\x00\x06MQIsdp\x03\xc0\x01\x2c\x00\x03"
         "abc\x00\x01u\x00\x03p;,");
    BROKER(&r, 1, CONNACK_OK);
    SAID(&r, OKAY LN("+CMQTTCONNECT: 1,0"));
    SAY(&r, "AT+CMQTTCONNECT?\r",
        "\r\n+CMQTTCONNECT: 0\r\n+CMQTTCONNECT: "
        "1,\"TCP://[fe80::1]:1884\",300,0,\"u\",\"p;,\"\r\n" OKAY);
    SAY(&r, "AT+CMQTTDISC=1,0\r", OKAY LN("+CMQTTDISC: 1,0"));
    SAY(&r, "AT+CMQTTWILLMSG=1,2,2\r", "\r\n>");
    SAY(&r, "hi", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=1,\"tcp://b.example\",1,1\r", "");
    rig_up(&r, 1);
    SENT(&r, 1,
         "\x10\x18\x00\x06MQIsdp\x03\x16\x00\x01\x00\x03"
         "abc\x00\x01w\x00\x02hi");
    rig_end(&r);
}

/* A password without a user cannot be said in MQTT 3.1.1 (3.1.2-22). */
static void password_without_user(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1,,\"secret\"\r",
        LN("+CMQTTCONNECT: 0,12") ERR);
    assert_int_equal(r.link[0].dials, 0);
    rig_end(&r);
}

/* What authmode makes of files of 'n' bytes. */
static void expect_tls(const struct rig_link *l, char authmode, size_t n)
{
    bool verify = authmode == '1' || authmode == '2';
    bool present = authmode >= '2';
    assert_true(l->open && l->tls);
    assert_int_equal(l->params.verify_server, verify);
    assert_int_equal(l->params.send_cert, present);
    assert_int_equal(l->ca.n, verify ? n : 0);
    assert_int_equal(l->cert.n, present ? n : 0);
    assert_int_equal(l->key.n, present ? n : 0);
}

static void certificates_missing(void **state)
{
    (void)state;

    static const struct {
        const char *authmode;
        bool named, stored;
        int code; /* 0: it dials */
    } cases[] = {
        { "0", false, false, 0 },  { "1", false, false, 33 }, { "2", false, false, 33 },
        { "3", false, false, 33 }, { "1", true, false, 34 },  { "2", true, false, 34 },
        { "3", true, false, 34 },  { "0", true, false, 0 },   { "1", true, true, 0 },
        { "2", true, true, 0 },    { "3", true, true, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        rig_started(&r, "");
        SAY(&r, "AT+CMQTTACCQ=0,\"d\",1\r", OKAY);
        rig_line(&r, "AT+CSSLCFG=\"authmode\",3,");
        rig_line(&r, cases[i].authmode);
        TYPE(&r, "\rAT+CMQTTSSLCFG=0,3\r");
        if (cases[i].named) {
            TYPE(&r, "AT+CSSLCFG=\"cacert\",3,\"ca.pem\";+CSSLCFG=\"clientcert\",3,\"c.pem\";"
                     "+CSSLCFG=\"clientkey\",3,\"k.der\";+CSSLCFG=\"keypwd\",3,\"pw\"\r");
        }
        if (cases[i].stored) {
            TYPE(&r, "AT+CCERTDOWN=\"ca.pem\",2\rCAAT+CCERTDOWN=\"c.pem\",2\rCCAT+CCERTDOWN="
                     "\"k.der\",2\rKK");
        }
        buf_clear(&r.said);
        TYPE(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example:8883\",60,1\r");
        rig_pass(&r, 0);
        if (cases[i].code != 0) {
            expect_code(&r, cases[i].code, cases[i].authmode);
            /* The binding is gone with the failure (4.5). */
            SAY(&r, "AT+CMQTTSSLCFG?\r", "\r\n+CMQTTSSLCFG: 0,\r\n+CMQTTSSLCFG: 1,\r\n" OKAY);
        } else {
            expect_tls(&r.link[0], cases[i].authmode[0], cases[i].stored ? 2 : 0);
        }
        rig_end(&r);
    }
}

/* 34 and 33 in async style: 33 is known at once, 34 comes from the operation. */
static void certificates_missing_async(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "result_style = async");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\",1\r", OKAY);
    SAY(&r, "AT+CSSLCFG=\"authmode\",0,1\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", LN("+CMQTTCONNECT: 0,33") ERR);
    SAY(&r, "AT+CSSLCFG=\"cacert\",0,\"ca.pem\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", OKAY);
    PASS(&r, 1, LN("+CMQTTCONNECT: 0,34"));
    rig_end(&r);
}

/* The connection ends while nothing waits, and while something waits (3.2). */
static void connection_ends(void **state)
{
    (void)state;

    static const struct {
        enum link_end why;
        int cause;
    } cases[] = { { LINK_CLOSED, 1 }, { LINK_RESET, 2 }, { LINK_BROKEN, 1 } };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[100];
        struct rig r;
        rig_connected(&r, "");
        rig_down(&r, 0, cases[i].why);
        rig_pass(&r, 100);
        (void)snprintf(want, sizeof want, LN("+CMQTTCONNLOST: 0,%d"), cases[i].cause);
        rig_said(&r, span_str(want), "idle", __FILE__, __LINE__);
        SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,1\r\n" OKAY);
        rig_end(&r);
        rig_connected(&r, "");
        SAY(&r, "AT+CMQTTSUB=0,3,1\r", "\r\n>");
        SAY(&r, "a/b", "");
        rig_down(&r, 0, cases[i].why);
        rig_pass(&r, 100);
        (void)snprintf(want, sizeof want, LN("+CMQTTSUB: 0,6") ERR LN("+CMQTTCONNLOST: 0,%d"),
                       cases[i].cause);
        rig_said(&r, span_str(want), "SUB pending", __FILE__, __LINE__);
        rig_end(&r);
    }
}

static void broken_packets_from_the_broker(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    BROKER(&r, 0, "\xff\xff\xff\xff\xff\xff");
    PASS(&r, 100, LN("+CMQTTCONNLOST: 0,2"));
    assert_int_equal(r.link[0].hangups, 1);
    rig_end(&r);
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTSUB=0,3,1\r", "\r\n>");
    SAY(&r, "a/b", "");
    BROKER(&r, 0, "\x90\x03\x00\x01\x07");
    PASS(&r, 100, LN("+CMQTTSUB: 0,24") ERR LN("+CMQTTCONNLOST: 0,2"));
    rig_end(&r);
}

/* A failed CONNECT leaves the settings of the client, but not the binding. */
static void failure_clears_the_binding(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\",1;+CMQTTSSLCFG=0,7\r", OKAY);
    SAY(&r, "AT+CSSLCFG=\"enableSNI\",7,1\r", OKAY); /* contents are read by CONNECT (4.5) */
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
    assert_true(r.link[0].params.sni);
    rig_down(&r, 0, LINK_TLS_HANDSHAKE);
    SAID(&r, LN("+CMQTTCONNECT: 0,32") ERR);
    SAY(&r, "AT+CMQTTSSLCFG?\r", "\r\n+CMQTTSSLCFG: 0,\r\n+CMQTTSSLCFG: 1,\r\n" OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
    assert_false(r.link[0].params.sni); /* context 0, by the client's number */
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    SAID(&r, OKAY LN("+CMQTTCONNECT: 0,0"));
    SAY(&r, "AT+CMQTTSSLCFG=0,1\r", ERR);
    SAY(&r, "AT+CMQTTDISC=0,0\r", OKAY LN("+CMQTTDISC: 0,0"));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_ends),
        cmocka_unit_test(connack_codes),
        cmocka_unit_test(no_answer_gives_17),
        cmocka_unit_test(connect_packet),
        cmocka_unit_test(password_without_user),
        cmocka_unit_test(certificates_missing),
        cmocka_unit_test(certificates_missing_async),
        cmocka_unit_test(connection_ends),
        cmocka_unit_test(broken_packets_from_the_broker),
        cmocka_unit_test(failure_clears_the_binding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
