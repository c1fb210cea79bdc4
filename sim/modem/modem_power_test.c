/* Power-on, CRESET, CFUN, the bearer and the clock (general-commands.md A19, A20; field-failures.md
 * F13), and where their unasked lines may stand. */
#include "sim/modem/modem_link_rig.h"

#define CIPEVENT LN("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
#define NONET    LN("+CMQTTNONET")
#define BOOT     LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE")

static void boot_sequence(void **state)
{
    (void)state;
    struct rig r;
    rig_start_boot(&r, "", true);
    SAY(&r, "AT\r", ""); /* mute: input is lost */
    PASS(&r, 49, "");
    PASS(&r, 1, LN("RDY"));
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CPIN?\r", LN("+CME ERROR: SIM busy"));
    PASS(&r, 29, LN("+CPIN: READY"));
    SAY(&r, "AT+CPIN?\r", LN("+CPIN: READY") OKAY);
    PASS(&r, 1000, LN("SMS DONE") LN("PB DONE"));
    rig_end(&r);
}

/* The three variants of p10-creset-while-connected, and the fourth of 6.4; the order is OK first.
 */
static void reset_says_what_was_open(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 49, CIPEVENT LN("+CMQTTCONNLOST: 0,3") NONET);
    PASS(&r, 1000, BOOT);
    assert_int_equal(r.link[0].hangups, 1);
    SAY(&r, "AT+CMQTTSTOP\r", "AT+CMQTTSTOP\r" LN("+CMQTTSTOP: 9") ERR); /* echo is on again */
    rig_end(&r);

    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 49, CIPEVENT NONET);
    PASS(&r, 1000, BOOT);
    rig_end(&r);

    rig_start(&r, "");
    SAY(&r, "ATE0+NETOPEN\r", "ATE0+NETOPEN\r" OKAY);
    PASS(&r, 1000, LN("+NETOPEN: 0"));
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 49, CIPEVENT);
    PASS(&r, 1000, BOOT);
    rig_end(&r);

    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 1000, BOOT);
    rig_end(&r);
}

/* Also with both clients connected, from CFUN=1,1 and CFUN=6, and under async. */
static void other_ways_to_reset(void **state)
{
    (void)state;
    static const char *const lines[] = { "AT+CFUN=1,1\r", "AT+CFUN=6\r", "AT+CRESET\r" };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct rig r;
        rig_connected(&r, "result_style = async");
        rig_connect(&r, 1);
        SAY(&r, "AT+CMQTTSUB=1,1,0\r", "\r\n>");
        SAY(&r, "t", OKAY);
        PASS(&r, 100, "");
        rig_type(&r, span_str(lines[i]));
        SAID(&r, OKAY);
        PASS(&r, 49,
             CIPEVENT LN("+CMQTTCONNLOST: 0,3") LN("+CMQTTSUB: 1,6") LN("+CMQTTCONNLOST: 1,3")
                 NONET);
        PASS(&r, 1000, BOOT);
        assert_true(r.link[0].hangups == 1 && r.link[1].hangups == 1);
        rig_end(&r);
    }
}

static void reset_forgets_what_is_in_ram(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CCERTDOWN=\"a.pem\",1\r", "\r\n>");
    SAY(&r, "x", OKAY);
    SAY(&r, "AT+CSSLCFG=\"authmode\",1,2;+CMEE=0;+CREG=2\r", OKAY);
    SAY(&r, "AT+CCLK=\"24/05/17,12:34:56+08\"\r", OKAY);
    SAY(&r, "AT+CRESET\r", OKAY);
    rig_pass(&r, 2000);
    buf_clear(&r.said);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CSSLCFG=1;+CMEE?;+CREG?\r",
        LN("+CSSLCFG: 1,4,0,1,300,\"\",\"\",\"\",0,\"\",0x0") LN("+CMEE: 2") LN("+CREG: 0,1") OKAY);
    SAY(&r, "AT+CCERTLIST\r", LN("+CCERTLIST: \"a.pem\"") OKAY);
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"24/05/17,12:34:58+08\"") OKAY);
    rig_end(&r);
}

/* Rest of a line and queued input end with the reset, a prompt that is open, too. What was held
 * back until then, the farewell, goes out before. */
static void reset_in_the_middle(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CRESET;+CCERTDOWN=\"a.pem\",9\r", "\r\n>");
    SAY(&r, "abc", "");
    PASS(&r, 1000, LN("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY") LN("+CMQTTNONET") BOOT);
    SAY(&r, "AT\r", "AT\r" OKAY);
    assert_int_equal(r.files, 0);
    rig_end(&r);
}

/* NETCLOSE takes the network from the MQTT service, too (mqtt-ssl-commands.md 6.2); START gets it
 * back. */
static void netclose_under_mqtt(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+NETOPEN\r", OKAY);
    PASS(&r, 1000, LN("+NETOPEN: 0"));
    SAY(&r, "AT+NETCLOSE\r", OKAY LN("+NETCLOSE: 0"));
    PASS(&r, 100, LN("+CMQTTCONNLOST: 0,3") LN("+CMQTTNONET"));
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY);
    rig_end(&r);
}

static void functionality(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CFUN=?;+CFUN?\r", LN("+CFUN: (0,1,4,5,6,7),(0,1)") LN("+CFUN: 1") OKAY);
    SAY(&r, "AT+CFUN=2\r", ERR);
    SAY(&r, "AT+CFUN=1,2\r", ERR);
    SAY(&r, "AT+CFUN=1\r", OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CFUN=0\r", OKAY);
    PASS(&r, 100, LN("+SIMCARD: NOT AVAILABLE"));
    SAY(&r, "AT+CPIN?\r", LN("+CME ERROR: SIM not inserted"));
    SAY(&r, "AT+CIMI\r", LN("+CME ERROR: SIM not inserted"));
    SAY(&r, "AT+CICCID\r", LN("+CME ERROR: SIM not inserted"));
    SAY(&r, "AT+CSQ;+CREG?;+CGATT?;+CGACT?;+CFUN?\r",
        LN("+CSQ: 99,99") LN("+CREG: 0,0")
            LN("+CGATT: 0") "\r\n+CGACT: 1,0\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" LN("+CFUN: 0")
                OKAY);
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 7") ERR);
    SAY(&r, "AT+NETOPEN\r", ERR);
    SAY(&r, "AT+CFUN=1\r", OKAY);
    PASS(&r, 1000, LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CPIN?;+CREG?\r", LN("+CPIN: READY") LN("+CREG: 0,1") OKAY);
    SAY(&r, "AT+CFUN=7\r", OKAY);
    SAY(&r, "AT+CFUN=1\r", ERR); /* only a reset leads out */
    SAY(&r, "AT+CFUN=6\r", OKAY);
    rig_pass(&r, 2000);
    buf_clear(&r.said);
    SAY(&r, "AT+CFUN?\r", "AT+CFUN?\r" LN("+CFUN: 1") OKAY);
    rig_end(&r);
}

/* The radio goes off under a connection: the lines of the bearer follow the OK (6.4, F14). */
static void radio_off_while_connected(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CFUN=4\r", OKAY);
    PASS(&r, 100, CIPEVENT LN("+CMQTTCONNLOST: 0,3") NONET);
    SAY(&r, "AT+CMQTTDISC=0,0\r", LN("+CMQTTDISC: 0,11") ERR);
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 7") ERR);
    SAY(&r, "AT+CFUN=1\r", OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY); /* 0, not 23: NONET stopped it */
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    rig_end(&r);
}

/* 1.4: the bearer is down while the modem registers: OK at once, the line when it is up. */
static void start_while_registering(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "bearer_ms = 700");
    SAY(&r, "ATE0+CFUN=4\r", "ATE0+CFUN=4\r" OKAY);
    SAY(&r, "AT+CFUN=1\r", OKAY);
    SAY(&r, "AT+CGACT?\r", "\r\n+CGACT: 1,0\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" OKAY);
    SAY(&r, "AT+CMQTTSTART\r", OKAY);
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 23") ERR);
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", LN("+CMQTTACCQ: 0,9") ERR);
    PASS(&r, 699, "");
    PASS(&r, 1, LN("+CMQTTSTART: 0"));
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    rig_end(&r);
    /* The radio goes off again before it is up. */
    rig_start(&r, "bearer_ms = 700");
    SAY(&r, "ATE0+CFUN=4;+CFUN=1;+CMQTTSTART;+NETOPEN\r",
        "ATE0+CFUN=4;+CFUN=1;+CMQTTSTART;+NETOPEN\r" OKAY);
    PASS(&r, 300, "");
    SAY(&r, "AT+CFUN=0\r", OKAY);
    PASS(&r, 2000, LN("+NETOPEN: 1") LN("+CMQTTSTART: 7") LN("+SIMCARD: NOT AVAILABLE"));
    rig_end(&r);
    /* Also after power-on. */
    rig_start_boot(&r, "", true);
    PASS(&r, 200, BOOT);
    SAY(&r, "AT+CMQTTSTART\r", "AT+CMQTTSTART\r" OKAY);
    PASS(&r, 1000, LN("+CMQTTSTART: 0"));
    rig_end(&r);
}

static void netopen_while_registering(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "bearer_ms = 700");
    SAY(&r, "ATE0+CFUN=4;+CFUN=1;+NETOPEN\r", "ATE0+CFUN=4;+CFUN=1;+NETOPEN\r" OKAY);
    SAY(&r, "AT+NETOPEN\r", ERR); /* under way */
    SAY(&r, "AT+NETOPEN?\r", LN("+NETOPEN: 0") OKAY);
    PASS(&r, 699, "");
    PASS(&r, 1, LN("+NETOPEN: 0"));
    SAY(&r, "AT+NETOPEN?\r", LN("+NETOPEN: 1") OKAY);
    rig_end(&r);
}

struct exchange {
    const char *line, *want;
};

static void the_clock(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CCLK?", LN("+CCLK: \"80/01/06,00:00:00\"") OKAY }, /* nobody knows the zone */
        { "AT+CCLK=\"24/02/29,23:59:59+08\"", OKAY },
        { "AT+CCLK?", LN("+CCLK: \"24/02/29,23:59:59+08\"") OKAY },
        { "AT+CCLK=\"99/12/31,23:59:59-96\"", OKAY },
        { "AT+CCLK?", LN("+CCLK: \"99/12/31,23:59:59-96\"") OKAY },
        { "AT+CCLK=\"26/01/01,00:00:00\"", OKAY },
        { "AT+CCLK?", LN("+CCLK: \"26/01/01,00:00:00+00\"") OKAY },
        { "AT+CCLK=\"26/13/01,00:00:00\"", ERR },
        { "AT+CCLK=\"26/00/01,00:00:00\"", ERR },
        { "AT+CCLK=\"26/02/30,00:00:00\"", ERR },
        { "AT+CCLK=\"25/02/29,00:00:00\"", ERR },
        { "AT+CCLK=\"26/01/32,00:00:00\"", ERR },
        { "AT+CCLK=\"26/01/01,24:00:00\"", ERR },
        { "AT+CCLK=\"26/01/01,00:60:00\"", ERR },
        { "AT+CCLK=\"26/01/01,00:00:60\"", ERR },
        { "AT+CCLK=\"26/01/01,00:00:00+97\"", ERR },
        { "AT+CCLK=\"26/01/01,00:00:00*08\"", ERR },
        { "AT+CCLK=\"26-01-01,00:00:00\"", ERR },
        { "AT+CCLK=\"26/01/01 00:00:00\"", ERR },
        { "AT+CCLK=\"26/01/01,00:00:00+8\"", ERR },
        { "AT+CCLK=\"\"", ERR },
        { "AT+CCLK=", ERR },
        { "AT+CCLK=?", OKAY },
        { "AT+CCLK?", LN("+CCLK: \"26/01/01,00:00:00+00\"") OKAY },
    };
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        rig_type(&r, span_str(e[i].line));
        TYPE(&r, "\r");
        rig_said(&r, span_str(e[i].want), e[i].line, __FILE__, (int)i);
    }
    PASS(&r, 86400000, "");
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"26/01/02,00:00:00+00\"") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boot_sequence),
        cmocka_unit_test(reset_says_what_was_open),
        cmocka_unit_test(other_ways_to_reset),
        cmocka_unit_test(reset_forgets_what_is_in_ram),
        cmocka_unit_test(reset_in_the_middle),
        cmocka_unit_test(netclose_under_mqtt),
        cmocka_unit_test(functionality),
        cmocka_unit_test(radio_off_while_connected),
        cmocka_unit_test(start_while_registering),
        cmocka_unit_test(netopen_while_registering),
        cmocka_unit_test(the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
