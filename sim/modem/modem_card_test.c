/* The SIM card: PIN and PUK with their counters, what the card remembers, a card that is absent,
 * busy or broken, and one that comes and goes (general-commands.md A22). */
#include "sim/modem/modem_link_rig.h"

#define E0      "ATE0\r"
#define BUSY    LN("+CME ERROR: SIM busy")
#define WRONG   LN("+CME ERROR: incorrect password")
#define NO_CARD LN("+CME ERROR: SIM not inserted")
#define PIN     LN("+CME ERROR: SIM PIN required")

static void start(struct rig *r, const char *keys)
{
    rig_start(r, keys);
    TYPE(r, E0);
    buf_clear(&r->said);
}

static void pin_is_asked(void **state)
{
    (void)state;
    struct rig r;
    rig_start_boot(&r, "sim.lock = on", true);
    PASS(&r, 1000, LN("RDY") LN("+CPIN: SIM PIN"));
    TYPE(&r, E0);
    buf_clear(&r.said);
    SAY(&r, "AT+CPIN?;+CREG?\r", LN("+CPIN: SIM PIN") LN("+CREG: 0,0") OKAY);
    SAY(&r, "AT+CIMI\r", PIN);
    SAY(&r, "AT+CNUM\r", PIN);
    SAY(&r, "AT+CPIN=1234\r", OKAY); /* esp_modem sends it without quotes */
    PASS(&r, 2000, LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CPIN?;+CREG?\r", LN("+CPIN: READY") LN("+CREG: 0,1") OKAY);
    SAY(&r, "AT+CPIN=1234\r", LN("+CME ERROR: operation not allowed"));
    rig_end(&r);
}

static void three_wrong_pins_then_puk(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "sim.lock = on");
    SAY(&r, "AT+CPIN=\"0000\"\r", WRONG);
    SAY(&r, "AT+CPIN=\"0000\"\r", WRONG);
    rig_restart(&r); /* the card counts, not the modem */
    TYPE(&r, E0);
    buf_clear(&r.said);
    SAY(&r, "AT+CPIN=\"0000\"\r", WRONG);
    SAY(&r, "AT+CPIN?\r", LN("+CPIN: SIM PUK") OKAY);
    SAY(&r, "AT+CIMI\r", LN("+CME ERROR: SIM PUK required"));
    SAY(&r, "AT+CPIN=\"1234\"\r", ERR); /* a new PIN is missing */
    SAY(&r, "AT+CPIN=\"11111111\",\"4321\"\r", WRONG);
    SAY(&r, "AT+CPIN=\"12345678\",\"4321\"\r", OKAY);
    PASS(&r, 1000, LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+SPIC\r", LN("+SPIC: 3,10,0,10") OKAY);
    rig_restart(&r);
    TYPE(&r, E0 "AT+CPIN=1234\rAT+CPIN=4321\r");
    SAID(&r, "ATE0\r" OKAY WRONG OKAY);
    rig_end(&r);
}

static void ten_wrong_puks(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "sim.lock = on");
    for (int i = 0; i < 3; i++) {
        SAY(&r, "AT+CPIN=\"0000\"\r", WRONG);
    }
    for (int i = 0; i < 9; i++) {
        SAY(&r, "AT+CPIN=\"00000000\",\"1234\"\r", WRONG);
    }
    SAY(&r, "AT+CPIN=\"00000000\",\"1234\"\r", LN("+CME ERROR: SIM failure"));
    SAY(&r, "AT+CPIN?\r", LN("+CME ERROR: SIM failure"));
    rig_restart(&r);
    TYPE(&r, E0 "AT+CPIN?\r");
    SAID(&r, "ATE0\r" OKAY LN("+CME ERROR: SIM failure"));
    rig_end(&r);
}

static void facility_lock(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CLCK=\"SC\",2\r", LN("+CLCK: 0") OKAY);
    SAY(&r, "AT+CLCK=\"FD\",2\r", LN("+CLCK: 0") OKAY);
    SAY(&r, "AT+CLCK=\"SC\",1\r", ERR);
    SAY(&r, "AT+CLCK=\"SC\",1,\"9999\"\r", WRONG);
    SAY(&r, "AT+SPIC\r", LN("+SPIC: 2,10,0,10") OKAY);
    SAY(&r, "AT+CSIM=10,\"0020000100\"\r", LN("+CSIM: 4,\"63C2\"") OKAY);
    SAY(&r, "AT+CLCK=\"SC\",1,\"1234\"\r", OKAY);
    SAY(&r, "AT+CLCK=\"SC\",2\r", LN("+CLCK: 1") OKAY);
    SAY(&r, "AT+CPWD=\"SC\",\"1234\",\"567890\"\r", OKAY);
    SAY(&r, "AT+CPWD=\"SC\",\"1234\",\"567\"\r", ERR);
    rig_restart(&r);
    TYPE(&r, E0 "AT+CPIN?\rAT+CPIN=567890\r");
    SAID(&r, "ATE0\r" OKAY LN("+CPIN: SIM PIN") OKAY OKAY);
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    SAY(&r, "AT+CLCK=\"SC\",0,567890\r", OKAY);
    SAY(&r, "AT+CPWD=\"SC\",\"567890\",\"1234\"\r", LN("+CME ERROR: operation not allowed"));
    rig_end(&r);
}

/* The PIN is nowhere in the trace. */
static void pins_are_secret(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "sim.lock = on\nsim.pin = 24680");
    SAY(&r, "AT+CPIN=24680\r", OKAY);
    SAY(&r, "AT+CPWD=\"SC\",\"24680\",\"97531\"\r", OKAY);
    assert_false(rig_traced(&r, "24680"));
    assert_false(rig_traced(&r, "97531"));
    assert_true(rig_traced(&r, "+CPWD"));
    rig_end(&r);
}

static void no_card(void **state)
{
    (void)state;
    struct rig r;
    rig_start_boot(&r, "sim.card = absent", true);
    PASS(&r, 1000, LN("RDY"));
    TYPE(&r, E0);
    buf_clear(&r.said);
    SAY(&r, "AT+CPIN?\r", NO_CARD);
    SAY(&r, "AT+CICCID\r", NO_CARD);
    SAY(&r, "AT+CREG?;+CSQ\r", LN("+CREG: 0,0") LN("+CSQ: 16,99") OKAY);
    SAY(&r, "AT+NETOPEN\r", ERR);
    rig_world(&r, "sim.card = present");
    SAY(&r, "AT+CPIN?\r", BUSY);
    PASS(&r, 1000, LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CREG?\r", LN("+CREG: 0,1") OKAY);
    rig_end(&r);
}

/* It is pulled out under a connection: everything that rests on it goes, in order. */
static void card_pulled(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CREG=1\r", OKAY);
    PASS(&r, 100, "");
    rig_world(&r, "sim.card = absent");
    PASS(&r, 100,
         LN("+SIMCARD: NOT AVAILABLE") LN("+CREG: 0") LN("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
             LN("+CMQTTCONNLOST: 0,3") LN("+CMQTTNONET"));
    SAY(&r, "AT+CPIN?\r", NO_CARD);
    rig_end(&r);
}

static void faulty_cards(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "sim.fault = busy");
    SAY(&r, "AT+CPIN?\r", BUSY);
    SAY(&r, "AT+CIMI\r", BUSY);
    rig_world(&r, "sim.fault = none");
    PASS(&r, 1000, LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    rig_world(&r, "sim.fault = failure");
    SAY(&r, "AT+CPIN?\r", LN("+CME ERROR: SIM failure"));
    SAY(&r, "AT+CREG?\r", LN("+CREG: 0,0") OKAY);
    rig_end(&r);
}

/* Bytes as ModemManager reads them (C3.3). */
static void files_of_the_card(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CRSM=176,12258,0,0,10\r", LN("+CRSM: 144,0,\"98881201000000001072\"") OKAY);
    SAY(&r, "AT+CRSM=176,28589,0,0,4\r", LN("+CRSM: 144,0,\"00000002\"") OKAY);
    SAY(&r, "AT+CRSM=176,28486,0,0,17\r",
        LN("+CRSM: 144,0,\"005465737420504C4D4EFFFFFFFFFFFFFF\"") OKAY);
    SAY(&r, "AT+CRSM=176,28478,0,0,0\r", LN("+CRSM: 106,130") OKAY);
    SAY(&r, "AT+CSIM=8,\"0020000100\"\r", ERR);
    SAY(&r, "AT+CSIM=10,\"00B0000010\"\r", LN("+CSIM: 4,\"6D00\"") OKAY);
    SAY(&r, "AT+CNUM\r", OKAY);
    rig_world(&r, "sim.msisdn = +491700000000");
    SAY(&r, "AT+CNUM\r", LN("+CNUM: \"\",\"+491700000000\",145") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pin_is_asked),      cmocka_unit_test(three_wrong_pins_then_puk),
        cmocka_unit_test(ten_wrong_puks),    cmocka_unit_test(facility_lock),
        cmocka_unit_test(pins_are_secret),   cmocka_unit_test(no_card),
        cmocka_unit_test(card_pulled),       cmocka_unit_test(faulty_cards),
        cmocka_unit_test(files_of_the_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
