/* Settings and their profiles (general-commands.md A9): AT&W, ATZ, AT&F, AT&V, what is stored by
 * itself, what a reset keeps; power-off and the pins; sleep; the UART's speed. */
#include "sim/modem/modem_link_rig.h"

static void start(struct rig *r, const char *keys)
{
    rig_start(r, keys);
    TYPE(r, "ATE0\r");
    buf_clear(&r->said);
}

static void stored_profile(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "ATS0=3&C1;+ICF=2,1;+CMEE=0;&W\r", OKAY); /* E0 is stored, too; CMEE is not */
    SAY(&r, "ATS0=5E1&C0\r", OKAY);
    SAY(&r, "ATZ\r", "ATZ\r" OKAY);
    SAY(&r, "ATS0?\r", LN("003") OKAY);
    rig_restart(&r);
    SAY(&r, "ATS0?\r", LN("003") OKAY); /* no echo: E0 came from the profile */
    SAY(&r, "AT+ICF?;+CMEE?\r", LN("+ICF: 2,1") LN("+CMEE: 2") OKAY);
    SAY(&r, "AT&F\r", OKAY);
    SAY(&r, "ATS0?\r", "ATS0?\r" LN("000") OKAY);
    SAY(&r, "AT&FZE0&W\r", "AT&FZE0&W\r" OKAY); /* three of 85 clients send that */
    SAY(&r, "ATZ1\r", ERR);
    rig_end(&r);
}

static void nothing_can_be_stored(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    r.file_error = -ENOSPC;
    SAY(&r, "AT&W\r", ERR);
    r.file_error = 0;
    SAY(&r, "AT&W\r", OKAY);
    rig_end(&r);
}

static void stored_by_itself(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CTZU=0;+IFC=2,2;+CTZR=1\r", OKAY);
    rig_restart(&r);
    TYPE(&r, "ATE0\r");
    buf_clear(&r.said);
    SAY(&r, "AT+CTZU?;+IFC?;+CTZR?\r", LN("+CTZU: 0") LN("+IFC: 2,2") LN("+CTZR: 0") OKAY);
    SAY(&r, "AT+IFC=1,1\r", ERR);
    SAY(&r, "AT+IFC=0;+IFC?\r", LN("+IFC: 0,2") OKAY);
    SAY(&r, "AT+IFC;+IFC?\r", LN("+IFC: 0,0") OKAY);
    rig_end(&r);
}

/* The sample of A9, as far as the list goes. */
static void view(void **state)
{
    (void)state;
    static const char head[] =
        "\r\n&C: 2; &D: 2; &E: 1; &F: 0; &S: 0; &W: 0; E: 0; L: 0; M: 0; Q: 0; V: 1; X: 1; Z: 0; "
        "\\Q: 3; \\S: 0; \\V: 0; O: 0; S0: 0; S2: 43; S3: 13; S4: 10; S5: 8; S6: 2; S7: 0; S8: 2; "
        "S9: 6; S10: 14; S11: 95; S30: 0; S103: 1; S104: 1; +FCLASS: 0; +ICF: 3,3; +IFC: 0,0; "
        "+IPR: 115200; +DR: 0; +DS: 0,0,2048,6; +CMEE: 2; +WS46: 25; ";
    struct rig r;
    start(&r, "");
    TYPE(&r, "AT&V\r");
    assert_true(r.said.n > sizeof head - 1);
    rig_compare(span_of(r.said.p, sizeof head - 1), SPAN_LIT(head), "AT&V", __FILE__, __LINE__);
    const char *tail = ";\r\n" OKAY;
    rig_compare(span_from(buf_span(&r.said), r.said.n - strlen(tail)), span_str(tail), "its end",
                __FILE__, __LINE__);
    buf_clear(&r.said);
    rig_end(&r);
}

static void power_off(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "usb = on");
    SAY(&r, "AT+CPOF\r", OKAY);
    PASS(&r, 49, "");
    assert_false(r.port_gone);
    PASS(&r, 1000, ""); /* no farewell (A20) */
    assert_true(r.port_gone);
    assert_int_equal(r.link[0].hangups, 1);
    SAY(&r, "AT\r", "");
    modem_press(r.m, MODEM_PWRKEY);
    assert_false(r.port_gone);
    PASS(&r, 1000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    modem_press(r.m, MODEM_PWRKEY);
    PASS(&r, 1000, "");
    assert_true(r.port_gone);
    rig_end(&r);
}

/* Brown-out: not a word, everything in RAM is gone; also in the middle of a command and a boot. */
static void supply_breaks_down(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTTOPIC=0,5\r", "\r\n>");
    modem_press(r.m, MODEM_CUT);
    assert_int_equal(r.link[0].hangups, 1);
    SAY(&r, "abcde", "");
    PASS(&r, 60, LN("RDY") LN("+CPIN: READY"));
    modem_press(r.m, MODEM_CUT);
    PASS(&r, 49, "");
    modem_press(r.m, MODEM_RESET);
    PASS(&r, 1000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CMQTTSTOP\r", "AT+CMQTTSTOP\r" LN("+CMQTTSTOP: 9") ERR);
    rig_end(&r);
}

static void uart_sleeps(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CSCLK=1\r", OKAY);
    PASS(&r, 60000, "");
    SAY(&r, "AT\r", OKAY); /* DTR is on */
    rig_world(&r, "uart.dtr = off");
    PASS(&r, 14000, "");
    SAY(&r, "AT\r", OKAY);
    PASS(&r, 14999, "");
    SAY(&r, "AT\r", OKAY);
    PASS(&r, 15000, "");
    SAY(&r, "AT\r", "");
    assert_true(rig_traced(&r, "uart.asleep"));
    rig_world(&r, "uart.dtr = on");
    SAY(&r, "AT+CSCLK=2\r", ERR);
    SAY(&r, "AT+CSCLK;+CSCLK?\r", LN("+CSCLK: 0") OKAY);
    rig_end(&r);
}

/* The OK goes out at the old speed; IPR holds until power-off, IPREX for good (A16). */
static void speed(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    TYPE(&r, "AT+IPR=9600\r");
    assert_int_equal(r.baud, 0);
    SAID(&r, OKAY);
    rig_pass(&r, 0);
    assert_int_equal(r.baud, 9600);
    SAY(&r, "AT+IPR=0\r", ERR);
    SAY(&r, "AT+IPR=9601\r", ERR);
    TYPE(&r, "AT+CRESET\r");
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    assert_int_equal(r.baud, 115200);
    SAY(&r, "ATE0+IPREX=57600;+IPR?\r", "ATE0+IPREX=57600;+IPR?\r" LN("+IPR: 57600") OKAY);
    rig_pass(&r, 0);
    TYPE(&r, "AT+CRESET\r");
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    assert_int_equal(r.baud, 57600);
    SAY(&r, "ATE0+IPR=?\r",
        "ATE0+IPR=?\r" LN("+IPR: (0,300,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,"
                          "460800,921600,3000000,3200000,3686400)") OKAY);
    rig_end(&r);
}

/* Keys that cannot be changed at run time, and values that do not fit, say so. */
static void wrong_keys(void **state)
{
    (void)state;
    struct rig r;
    char error[256];
    start(&r, "");
    assert_false(modem_set(r.m, SPAN_LIT("nokey"), SPAN_LIT("1"), error, sizeof error));
    assert_string_equal(error, "unknown key 'nokey'; 'sim7600 --dump profile' lists all");
    assert_false(modem_set(r.m, SPAN_LIT("prompt"), SPAN_LIT("x"), error, sizeof error));
    assert_string_equal(error,
                        "prompt: cannot be changed while the modem runs; give it in a profile");
    assert_false(modem_set(r.m, SPAN_LIT("signal.dbm"), SPAN_LIT("-50"), error, sizeof error));
    assert_string_equal(error, "signal.dbm: '-50' is not valid, it takes -113 to -51");
    SAY(&r, "AT+CSQ\r", LN("+CSQ: 16,99") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_profile),   cmocka_unit_test(nothing_can_be_stored),
        cmocka_unit_test(stored_by_itself), cmocka_unit_test(view),
        cmocka_unit_test(power_off),        cmocka_unit_test(supply_breaks_down),
        cmocka_unit_test(uart_sleeps),      cmocka_unit_test(speed),
        cmocka_unit_test(wrong_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
