/* Packet data contexts: definition, activation, addresses, what survives power-off
 * (general-commands.md B4.4), and their captures p10-aws-connect-ok and lilygo90. */
#include "sim/modem/modem_link_rig.h"

#define ZERO  "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
#define FIRST "\r\n+CGDCONT: 1,\"IP\",\"internet\",\"0.0.0.0\",0,0,0,0\r\n"
#define REST                                                                                       \
    "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"" ZERO "\",0,0,0,0\r\n"                                      \
    "+CGDCONT: 3,\"IPV4V6\",\"sos\",\"" ZERO "\",0,0,0,1\r\n"

static void start(struct rig *r, const char *keys)
{
    rig_start(r, keys);
    TYPE(r, "ATE0\r");
    buf_clear(&r->said);
}

static void contexts(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CGDCONT?\r", FIRST REST OKAY); /* one unit: no empty line between (A8) */
    SAY(&r, "AT+CGDCONT=1,\"IP\",\"my.apn\",\"0.0.0.0\",0,0\r", OKAY);
    SAY(&r, "AT+CGDCONT=4,\"IPV6\",\"\"\r", OKAY);
    SAY(&r, "AT+CGDCONT=5,,\"x\",,1,2\r", OKAY); /* empty places (A4) */
    SAY(&r, "AT+CGDCONT=2\r", OKAY);             /* a cid alone deletes */
    SAY(&r, "AT+CGDCONT=1,\"IPV4\",\"a\"\r", ERR);
    SAY(&r, "AT+CGDCONT=25,\"IP\",\"a\"\r", ERR);
    SAY(&r, "AT+CGDCONT=0\r", ERR);
    SAY(&r, "AT+CGDCONT\r", ERR);
    rig_restart(&r);
    TYPE(&r, "ATE0\r");
    buf_clear(&r.said);
    SAY(&r, "AT+CGDCONT?\r",
        "\r\n+CGDCONT: 1,\"IP\",\"my.apn\",\"0.0.0.0\",0,0,0,0\r\n"
        "+CGDCONT: 3,\"IPV4V6\",\"sos\",\"" ZERO "\",0,0,0,1\r\n"
        "+CGDCONT: 4,\"IPV6\",\"\",\"0.0.0.0\",0,0,0,0\r\n"
        "+CGDCONT: 5,\"IP\",\"x\",\"0.0.0.0\",1,2,0,0\r\n" OKAY);
    SAY(&r, "AT+CGPADDR=?\r", LN("+CGPADDR: (1,3,4,5)") OKAY);
    rig_end(&r);
}

/* p10-aws-connect-ok: CGACT=1 without a cid activates what is defined. */
static void activation(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "context.ims = active");
    SAY(&r, "AT+CGACT=?;+CGACT?\r",
        LN("+CGACT: (0,1)") "\r\n+CGACT: 1,1\r\n+CGACT: 2,1\r\n+CGACT: 3,0\r\n" OKAY);
    SAY(&r, "AT+CGACT=1\r", OKAY);
    SAY(&r, "AT+CGACT?\r", "\r\n+CGACT: 1,1\r\n+CGACT: 2,1\r\n+CGACT: 3,1\r\n" OKAY);
    SAY(&r, "AT+CGACT=1,7\r", LN("+CME ERROR: unspecified GPRS error"));
    SAY(&r, "AT+CGACT=2\r", ERR);
    SAY(&r, "AT+CGPADDR=1\r", LN("+CGPADDR: 1,10.4.20.106") OKAY);
    SAY(&r, "AT+CGPADDR\r",
        "\r\n+CGPADDR: 1,10.4.20.106\r\n+CGPADDR: 2,10.4.20.106," ZERO
        "\r\n+CGPADDR: 3,10.4.20.106," ZERO "\r\n" OKAY);
    SAY(&r, "AT+CGPADDR=9\r", ERR);
    rig_end(&r);
}

/* Context 1 carries everything: without it MQTT has no network, and NETOPEN brings it back. */
static void deactivation(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CGACT=0,1\r", OKAY);
    PASS(&r, 100,
         LN("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY") LN("+CMQTTCONNLOST: 0,3") LN("+CMQTTNONET"));
    SAY(&r, "AT+CGACT?;+CGATT?\r",
        "\r\n+CGACT: 1,0\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" LN("+CGATT: 1") OKAY);
    SAY(&r, "AT+NETOPEN\r", OKAY);
    PASS(&r, 1000, LN("+NETOPEN: 0"));
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY);
    rig_end(&r);
}

static void attach(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CGATT=0;+CGATT?\r", LN("+CGATT: 0") OKAY);
    SAY(&r, "AT+CGACT=1,1\r", LN("+CME ERROR: unspecified GPRS error"));
    SAY(&r, "AT+NETOPEN\r", ERR);
    SAY(&r, "AT+CGATT=1\r", OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CGATT?;+CGPADDR=1\r", LN("+CGATT: 1") LN("+CGPADDR: 1,10.4.20.106") OKAY);
    rig_world(&r, "network = none");
    SAY(&r, "AT+CGATT=1\r", LN("+CME ERROR: no network service"));
    rig_end(&r);
}

static void authentication(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CGAUTH=1,1,\"secretword\",\"user\"\r", OKAY); /* password before user */
    SAY(&r, "AT+CGAUTH?\r", LN("+CGAUTH: 1,1,\"user\",\"secretword\"") OKAY);
    assert_false(rig_traced(&r, "secretword"));
    rig_restart(&r);
    TYPE(&r, "ATE0\r");
    buf_clear(&r.said);
    SAY(&r, "AT+CGAUTH?\r", LN("+CGAUTH: 1,1,\"user\",\"secretword\"") OKAY);
    SAY(&r, "AT+CGAUTH=1,0\r", OKAY);
    SAY(&r, "AT+CGAUTH?\r", OKAY);
    SAY(&r, "AT+CGAUTH=1,4\r", ERR);
    SAY(&r, "AT+CGAUTH=?\r",
        "\r\n+CGAUTH: ,,127,127\r\n+CGAUTH: (1-24,100-179),(0-3),127,127\r\n" OKAY);
    rig_end(&r);
}

/* A contexts file of another kind harms nothing. */
static void damaged_file(void **state)
{
    (void)state;
    static const char junk[] = "1=9,zz\n2=0\nx\n=\n99=0,,,,,0,0,0,0,0\n3=-1,,,,,0,0,0,0,0\n";
    struct rig r;
    start(&r, "");
    assert_int_equal(rig_host.file_put(&r, FILE_NVRAM, SPAN_LIT("contexts"), SPAN_LIT(junk)), 0);
    rig_restart(&r);
    TYPE(&r, "ATE0\r");
    buf_clear(&r.said);
    SAY(&r, "AT+CGDCONT?\r", FIRST "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"" ZERO "\",0,0,0,0\r\n" OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts),       cmocka_unit_test(activation),
        cmocka_unit_test(deactivation),   cmocka_unit_test(attach),
        cmocka_unit_test(authentication), cmocka_unit_test(damaged_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
