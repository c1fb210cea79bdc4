/* The exchanges of mqtt-ssl-commands.md section 9, byte by byte, with a scripted broker. */
#include "sim/modem/modem_link_rig.h"

/* 9.1, default profile. */
static void full_session(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CCERTDOWN=\"ca.pem\",4\r", "\r\n>");
    SAY(&r, "abcd", OKAY);
    SAY(&r, "AT+CCERTLIST\r", "\r\n+CCERTLIST: \"ca.pem\"\r\n\r\nOK\r\n");
    SAY(&r, "AT+CSSLCFG=\"authmode\",0,1\r", OKAY);
    SAY(&r, "AT+CSSLCFG=\"cacert\",0,\"ca.pem\"\r", OKAY);
    SAY(&r, "AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTACCQ=0,\"dev1\",1\r", OKAY);
    SAY(&r, "AT+CMQTTSSLCFG=0,0\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example:8883\",60,1\r", "");
    assert_string_equal(r.link[0].host, "b.example");
    assert_int_equal(r.link[0].port, 8883);
    assert_true(r.link[0].tls && r.link[0].params.verify_server);
    assert_true(span_eq(buf_span(&r.link[0].ca), SPAN_LIT("abcd")));
    rig_up(&r, 0);
    SENT(&r, 0,
         "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04"
         "dev1");
    SAID(&r, "");
    BROKER(&r, 0, CONNACK_OK);
    SAID(&r, "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n");
    SAY(&r, "AT+CMQTTSUBTOPIC=0,3,1\r", "\r\n>");
    SAY(&r, "a/b", OKAY);
    SAY(&r, "AT+CMQTTSUB=0\r", "");
    SENT(&r, 0,
         "\x82\x08\x00\x01\x00\x03"
         "a/b\x01");
    BROKER(&r, 0, "\x90\x03\x00\x01\x01");
    SAID(&r, "\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n");
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", "\r\n>");
    SAY(&r, "a/b", OKAY);
    SAY(&r, "AT+CMQTTPAYLOAD=0,5\r", "\r\n>");
    SAY(&r, "hello", OKAY);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", "");
    SENT(&r, 0,
         "\x32\x0c\x00\x03"
         "a/b\x00\x02hello");
    BROKER(&r, 0, "\x40\x02\x00\x02");
    SAID(&r, "\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n");
    BROKER(&r, 0,
           "\x30\x0a\x00\x03"
           "a/bhello");
    PASS(&r, 20,
         "\r\n+CMQTTRXSTART: 0,3,5\r\n\r\n+CMQTTRXTOPIC: 0,3\r\na/b\r\n+CMQTTRXPAYLOAD: 0,5\r\n"
         "hello\r\n+CMQTTRXEND: 0\r\n");
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", "\r\n+CMQTTPUB: 0,18\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTUNSUBTOPIC=0,3\r", "\r\n>");
    SAY(&r, "a/b", OKAY);
    SAY(&r, "AT+CMQTTUNSUB=0,0\r", "");
    SENT(&r, 0,
         "\xa2\x07\x00\x03\x00\x03"
         "a/b");
    BROKER(&r, 0, "\xb0\x02\x00\x03");
    SAID(&r, "\r\nOK\r\n\r\n+CMQTTUNSUB: 0,0\r\n");
    SAY(&r, "AT+CMQTTSTOP\r", "\r\n+CMQTTSTOP: 21\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTDISC=0,60\r", "\r\nOK\r\n\r\n+CMQTTDISC: 0,0\r\n");
    SENT(&r, 0, "\xe0\x00");
    assert_true(r.link[0].flushed && r.link[0].hangups == 1);
    SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,1\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTREL=0\r", OKAY);
    SAY(&r, "AT+CMQTTSTOP\r", "\r\n+CMQTTSTOP: 0\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTSTOP\r", "\r\n+CMQTTSTOP: 9\r\n\r\nERROR\r\n");
    rig_end(&r);
}

/* 9.2: refusals by the policy, in both styles. */
static void connect_refused_by_policy(void **state)
{
    (void)state;

    static const struct {
        const char *profile;
        const char *at_once, *later;
    } cases[] = {
        { "", "", "\r\n+CMQTTCONNECT: 0,6\r\n\r\nERROR\r\n" },
        { "result_style = async", "\r\nOK\r\n", "\r\n+CMQTTCONNECT: 0,6\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        rig_started(&r, cases[i].profile);
        SAY(&r, "AT+CMQTTACCQ=0,\"x\"\r", OKAY);
        TYPE(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r");
        rig_said(&r, span_str(cases[i].at_once), "at once", __FILE__, __LINE__);
        rig_pass(&r, 500);
        rig_up(&r, 0);
        rig_down(&r, 0, LINK_CLOSED);
        rig_said(&r, span_str(cases[i].later), "later", __FILE__, __LINE__);
        PASS(&r, 1000, "");
        rig_end(&r);
    }
}

static void publish_refused_by_policy(void **state)
{
    (void)state;

    static const struct {
        const char *profile;
        const char *at_once, *later;
    } cases[] = {
        { "", "", "\r\n+CMQTTPUB: 0,6\r\n\r\nERROR\r\n\r\n+CMQTTCONNLOST: 0,1\r\n" },
        { "result_style = async", "\r\nOK\r\n",
          "\r\n+CMQTTPUB: 0,6\r\n\r\n+CMQTTCONNLOST: 0,1\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        rig_connected(&r, cases[i].profile);
        SAY(&r, "AT+CMQTTTOPIC=0,3\r", "\r\n>");
        SAY(&r, "a/b", OKAY);
        TYPE(&r, "AT+CMQTTPUB=0,1,60\r");
        rig_said(&r, span_str(cases[i].at_once), "at once", __FILE__, __LINE__);
        rig_pass(&r, 500);
        rig_down(&r, 0, LINK_CLOSED);
        rig_pass(&r, 100);
        rig_said(&r, span_str(cases[i].later), "later", __FILE__, __LINE__);
        SAY(&r, "AT+CMQTTTOPIC=0,3\r", LN("+CMQTTTOPIC: 0,11") ERR);
        SAY(&r, "AT+CMQTTREL=0\r", OKAY); /* ACQUIRED, not connected, not busy */
        rig_end(&r);
    }
}

static void other_refusals(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "result_style = async");
    SAY(&r, "AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 23\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTACCQ=0,\"dev1\"\r", OKAY);
    SAY(&r, "AT+CMQTTACCQ=0,\"dev1\"\r", "\r\n+CMQTTACCQ: 0,19\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", "\r\n+CMQTTTOPIC: 0,11\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTCONNECT=0,\"ssl://b.example\",60,1\r",
        "\r\n+CMQTTCONNECT: 0,12\r\n\r\nERROR\r\n");
    rig_end(&r);
    rig_connected(&r, "result_style = async");
    SAY(&r, "AT+CMQTTSUB=0,\"a/b\",1\r", "\r\n+CMQTTSUB: 0,12\r\n\r\nERROR\r\n");
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", "\r\n>");
    SAY(&r, "a/b", OKAY);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", OKAY);
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", "\r\n+CMQTTTOPIC: 0,14\r\n\r\nERROR\r\n");
    rig_end(&r);
}

/* The wiki's own spelling: the client id without quotes. */
static void wiki_forms(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,thing1,1\r", OKAY);
    SAY(&r, "AT+CMQTTACCQ?\r",
        "\r\n+CMQTTACCQ: 0,\"thing1\",1,4\r\n+CMQTTACCQ: 1,\"\",0,4\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTSSLCFG?\r", "\r\n+CMQTTSSLCFG: 0,\r\n+CMQTTSSLCFG: 1,\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTSSLCFG=1,9\r", OKAY);
    SAY(&r, "AT+CMQTTSSLCFG?\r", "\r\n+CMQTTSSLCFG: 0,\r\n+CMQTTSSLCFG: 1,9\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTCONNECT?\r", "\r\n+CMQTTCONNECT: 0\r\n+CMQTTCONNECT: 1\r\n\r\nOK\r\n");
    SAY(&r, "AT+CMQTTCFG?\r", "\r\n+CMQTTCFG: 0,1,120\r\n+CMQTTCFG: 1,1,120\r\n\r\nOK\r\n");
    SAY(&r, "at+cmqttrel=0\r", OKAY);
    SAY(&r, "AT+CMQTTREL?\r", OKAY);
    rig_end(&r);
}

/* 4.18: not in the command set. */
static void what_does_not_exist(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    static const char *const lines[] = {
        "AT+CMQTTPING\r",
        "AT+CMQTTRELEASE=0\r",
        "AT+CMQTTSTART?\r",
        "AT+CMQTTSTART=1\r",
        "AT+CMQTTSUB?\r",
        "AT+SMCONN\r",
        "AT+CCERTMOVE=\"a.pem\"\r",
        "AT+CCERTVERIFY?\r",
        "AT+CMQTTSTOP?\r",
        "AT+CMQTTPUB?\r",
        "AT+CMQTTTOPIC?\r",
        "AT+CMQTTACCQ\r",
        "AT+CMQTTCFG=\"argtopic\",0,1\r",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        rig_type(&r, span_str(lines[i]));
        rig_said(&r, SPAN_LIT(ERR), lines[i], __FILE__, __LINE__);
    }
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_session),
        cmocka_unit_test(connect_refused_by_policy),
        cmocka_unit_test(publish_refused_by_policy),
        cmocka_unit_test(other_refusals),
        cmocka_unit_test(wiki_forms),
        cmocka_unit_test(what_does_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
