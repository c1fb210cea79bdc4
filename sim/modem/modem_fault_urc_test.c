/* Faults of lines that come by themselves, and commands that are late or answer otherwise: exact
 * bytes. */
#include "sim/modem/fault_rig.h"
#include "sim/modem/modem_int.h"
#include "sim/modem/modem_link_rig.h"

static void start(struct rig *r)
{
    rig_start(r, "urc_guard_ms = 0\n");
    SAY(r, "ATE0;+CREG=1;+CGREG=1\r", "ATE0;+CREG=1;+CGREG=1\r" OKAY);
}

/* The network goes: +CREG: 0, then +CGREG: 0. */
static void lose(struct rig *r)
{
    rig_set(r, "network", "none");
}

static void drop_delay_duplicate(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    lose(&r);
    SAID(&r, LN("+CREG: 2") LN("+CGREG: 2"));
    const struct fault *f = fault_rig(&r, "urc.drop urc=+CREG count=2");
    rig_set(&r, "network", "home");
    SAID(&r, LN("+CGREG: 1"));
    assert_int_equal(f->fired, 1);
    lose(&r);
    SAID(&r, LN("+CGREG: 2"));
    (void)fault_rig(&r, "urc.delay urc=+CREG ms=100");
    (void)fault_rig(&r, "urc.duplicate urc=+CGREG");
    rig_set(&r, "network", "home");
    SAID(&r, LN("+CGREG: 1") LN("+CGREG: 1"));
    PASS(&r, 99, "");
    PASS(&r, 1, LN("+CREG: 1"));
    (void)fault_rig(&r, "urc.reorder urc=+CREG");
    lose(&r);
    SAID(&r, LN("+CGREG: 2") LN("+CREG: 2"));
    rig_end(&r);
}

static void places(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    SAY(&r, "ATE1\r", OKAY);
    (void)fault_rig(&r, "urc.place urc=+CREG where=command_echo");
    (void)fault_rig(&r, "urc.place urc=+CGREG where=echo_answer");
    lose(&r);
    SAID(&r, "");
    SAY(&r, "AT+CMEE?\r", LN("+CREG: 2") "AT+CMEE?\r" LN("+CGREG: 2") LN("+CMEE: 2") OKAY);
    (void)fault_rig(&r, "urc.place urc=+CREG where=echo_answer");
    rig_set(&r, "network", "home");
    SAID(&r, LN("+CGREG: 1"));
    assert_true(modem_fault_clear(r.m, 0));
    PASS(&r, 1, LN("+CREG: 1"));
    rig_end(&r);
}

/* A line between the topic and the payload of a received message. */
static void block(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    (void)fault_rig(&r, "urc.place urc=+CREG where=block");
    SAY(&r, "AT+CREG=1\r", OKAY);
    rig_set(&r, "network.cs", "denied");
    SAID(&r, "");
    BROKER(&r, 0,
           "\x30\x07\x00\x03"
           "a/bxy");
    PASS(&r, 1000,
         LN("+CMQTTRXSTART: 0,3,2") LN("+CMQTTRXTOPIC: 0,3") "a/b" LN("+CREG: 3")
             LN("+CMQTTRXPAYLOAD: 0,2") "xy" LN("+CMQTTRXEND: 0"));
    rig_end(&r);
}

static void commands(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    (void)fault_rig(&r, "command.answer command=+CSQ answer=ok text=+CSQ:\\x2099,99");
    SAY(&r, "AT+CSQ\r", LN("+CSQ: 99,99") OKAY);
    const struct fault *f = fault_rig(&r, "command.answer command=+CSQ answer=error count=0");
    SAY(&r, "AT+CSQ\r", ERR);
    SAY(&r, "AT+CSQ\r", ERR);
    assert_int_equal(f->fired, 2);
    assert_true(modem_fault_clear(r.m, f->number));
    (void)fault_rig(&r, "command.delay command=+CMEE ms=500");
    SAY(&r, "AT+CMEE=2;+CMEE?\r", "");
    PASS(&r, 499, "");
    PASS(&r, 1, LN("+CMEE: 2") OKAY);
    /* late, and the prompt with it */
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY);
    SAY(&r, "AT+CMQTTACCQ=0,\"c\",0\r", OKAY);
    (void)fault_rig(&r, "command.delay command=+CMQTTWILLTOPIC ms=10");
    SAY(&r, "AT+CMQTTWILLTOPIC=0,3\r", "");
    PASS(&r, 10, "\r\n>");
    SAY(&r, "a/b", OKAY);
    rig_end(&r);
}

static void world(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    (void)fault_rig(&r, "modem.registration_lost ms=100");
    PASS(&r, 0, LN("+CREG: 2") LN("+CGREG: 2"));
    PASS(&r, 99, "");
    PASS(&r, 1, LN("+CREG: 1") LN("+CGREG: 1"));
    (void)fault_rig(&r, "modem.sim_removed ms=50");
    rig_pass(&r, 0);
    buf_clear(&r.said);
    SAY(&r, "AT+CMEE=2\r", OKAY);
    SAY(&r, "AT+CPIN?\r", LN("+CME ERROR: SIM not inserted"));
    rig_pass(&r, 10000);
    buf_clear(&r.said);
    SAY(&r, "AT+CPIN?\r", LN("+CPIN: READY") OKAY);
    SAY(&r, "AT+CCLK=\"24/05/17,10:34:56+00\"\r", OKAY);
    (void)fault_rig(&r, "modem.clock_jump seconds=-86400");
    rig_pass(&r, 0);
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"24/05/16,10:34:56+00\"") OKAY);
    (void)fault_rig(&r, "modem.brown_out");
    PASS(&r, 50, LN("RDY"));
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    (void)fault_rig(&r, "modem.reboot farewell=yes when.event=at when.text=AT+CSQ");
    SAY(&r, "AT+CSQ\r", LN("+CSQ: 16,99") OKAY);
    PASS(&r, 100, LN("RDY"));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drop_delay_duplicate),
        cmocka_unit_test(places),
        cmocka_unit_test(block),
        cmocka_unit_test(commands),
        cmocka_unit_test(world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
