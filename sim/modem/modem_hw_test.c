/* Supply, temperature, converters, pins and USB composition. */
#include "sim/modem/modem_rig.h"

static void what_is_measured(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CBC;+CPMUTEMP\r", LN("+CBC: 3.991V") LN("+CPMUTEMP: 29") OKAY);
    SAY(&r, "AT+CBC=?;+CPMUTEMP=?\r", OKAY);
    SAY(&r, "AT+CADC=?;+CADC2=?\r", LN("+CADC: (0,2)") LN("+CADC2: (0,2)") OKAY);
    SAY(&r, "AT+CADC=2;+CADC2=2\r", LN("+CADC: 1187") LN("+CADC2: 0") OKAY);
    SAY(&r, "AT+CADC=1\r", ERR);
    rig_set(&r, "battery.mv", "3005");
    rig_set(&r, "temperature", "-7");
    rig_set(&r, "adc1.mv", "1800");
    rig_set(&r, "adc2.mv", "900");
    SAY(&r, "AT+CBC;+CPMUTEMP\r", LN("+CBC: 3.005V") LN("+CPMUTEMP: -7") OKAY);
    SAY(&r, "AT+CADC=0;+CADC2=2\r", LN("+CADC: 4095") LN("+CADC2: 900") OKAY);
    rig_end(&r);
}

static void auxiliary_supply(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CVAUXS=?;+CVAUXS?\r", LN("+CVAUXS: (0,1)") LN("+CVAUXS: 0") OKAY);
    SAY(&r, "AT+CVAUXV=?;+CVAUXV?\r", LN("+CVAUXV: (1700-3050)") LN("+CVAUXV: 2800") OKAY);
    SAY(&r, "AT+CVAUXV=61\r", ERR); /* as the SIM5320 had it */
    SAY(&r, "AT+CVAUXV=2810\r", ERR);
    SAY(&r, "AT+CVAUXV=3100\r", ERR);
    SAY(&r, "AT+CVAUXV=3050;+CVAUXS=1\r", OKAY);
    SAY(&r, "AT+CVAUXV?;+CVAUXS?\r", LN("+CVAUXV: 3050") LN("+CVAUXS: 1") OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CVAUXV?;+CVAUXS?\r", LN("+CVAUXV: 2800") LN("+CVAUXS: 0") OKAY);
    rig_end(&r);
}

/* --- alarms --- */

static void voltage_alarm(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CVALARM=?\r", LN("+CVALARM: (0,1),(3300-4000),(4001-4300)") OKAY);
    SAY(&r, "AT+CVALARM?\r", LN("+CVALARM: 0,3300,4300") OKAY);
    SAY(&r, "AT+CVALARM=1,3299\r", ERR);
    SAY(&r, "AT+CVALARM=1,3400,4301\r", ERR);
    rig_set(&r, "battery.mv", "3399");
    PASS(&r, 20000, "");
    SAY(&r, "AT+CVALARM=1,3400,4200\r", OKAY);
    PASS(&r, 20, LN("UNDER-VOLTAGE WARNNING")); /* the modem's spelling */
    PASS(&r, 9979, "");
    PASS(&r, 1, LN("UNDER-VOLTAGE WARNNING"));
    rig_set(&r, "battery.mv", "4201");
    SAID(&r, LN("OVER-VOLTAGE WARNNING"));
    PASS(&r, 9999, "");
    PASS(&r, 1, LN("OVER-VOLTAGE WARNNING"));
    rig_set(&r, "battery.mv", "4200");
    PASS(&r, 20000, "");
    rig_set(&r, "battery.mv", "3000");
    SAID(&r, LN("UNDER-VOLTAGE WARNNING"));
    SAY(&r, "AT+CVALARM=0\r", OKAY);
    PASS(&r, 20000, "");
    SAY(&r, "AT+CVALARM?\r", LN("+CVALARM: 0,3400,4200") OKAY);
    SAY(&r, "AT+CVALARM=1\r", OKAY);
    PASS(&r, 20, LN("UNDER-VOLTAGE WARNNING"));
    TYPE(&r, "AT+CRESET\r");
    PASS(&r, 50, OKAY);
    PASS(&r, 1000,
         LN("RDY") LN("UNDER-VOLTAGE WARNNING") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    rig_end(&r);
}

static void it_switches_itself_off(void **state)
{
    (void)state;

    static const struct {
        const char *mv, *side;
    } tries[] = { { "3399", "UNDER" }, { "4101", "OVER" } };

    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        struct rig r;
        char want[64];
        rig_start_quiet(&r, "");
        SAY(&r, "AT+CPMVT=?\r", LN("+CPMVT: (0,1),(3200-4000),(4001-4300)") OKAY);
        SAY(&r, "AT+CPMVT?\r", LN("+CPMVT: 0,3200,4300") OKAY);
        SAY(&r, "AT+CPMVT=1,3400,4100\r", OKAY);
        SAY(&r, "AT+CPMVT?\r", LN("+CPMVT: 1,3400,4100") OKAY);
        PASS(&r, 1000, "");
        rig_set(&r, "battery.mv", tries[i].mv);
        (void)snprintf(want, sizeof want, "\r\n%s-VOLTAGE WARNNING POWER DOWN\r\n", tries[i].side);
        rig_said(&r, span_str(want), "power down", __FILE__, __LINE__);
        PASS(&r, 100, "");
        SAY(&r, "AT\r", ""); /* off */
        PASS(&r, 100000, "");
        modem_press(r.m, MODEM_PWRKEY); /* the voltage is still wrong, and CPMVT is kept */
        rig_pass(&r, 50);
        (void)snprintf(want, sizeof want, "\r\nRDY\r\n\r\n%s-VOLTAGE WARNNING POWER DOWN\r\n",
                       tries[i].side);
        rig_said(&r, span_str(want), "power on", __FILE__, __LINE__);
        rig_pass(&r, 50);
        buf_clear(&r.said);
        SAY(&r, "AT\r", "");
        rig_set(&r, "battery.mv", "3800");
        modem_press(r.m, MODEM_PWRKEY);
        rig_pass(&r, 1000);
        SAID(&r, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
        rig_end(&r);
    }
}

static void temperature_alarm(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CMTE=?;+CMTE?\r", LN("+CMTE: (0,1)") LN("+CMTE: 1") OKAY);
    rig_set(&r, "temperature", "80");
    SAID(&r, "");
    PASS(&r, 100, "");

    static const struct {
        const char *degrees, *want;
    } steps[] = {
        { "81", "\r\n+CMTE: 1\r\n" },   { "85", "" },  { "86", "\r\n+CMTE: 2\r\n" },
        { "85", "\r\n+CMTE: 1\r\n" },   { "20", "" },  { "-29", "" },
        { "-30", "\r\n+CMTE: -1\r\n" }, { "-45", "" }, { "-46", "\r\n+CMTE: -2\r\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        rig_set(&r, "temperature", steps[i].degrees);
        rig_said(&r, span_str(steps[i].want), steps[i].degrees, __FILE__, __LINE__);
    }
    SAY(&r, "AT+CMTE=0\r", OKAY);
    rig_set(&r, "temperature", "120");
    PASS(&r, 100, "");
    SAY(&r, "AT+CMTE=1\r", OKAY);
    PASS(&r, 20, LN("+CMTE: 2"));
    rig_end(&r);
}

/* --- pins --- */

#define GPIOS "(3,6,40,41,43,44,77)"

static void forms_of_the_pins(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGFUNC=?\r", LN("+CGFUNC: " GPIOS ",(0-1)") OKAY);
    SAY(&r, "AT+CGDRT=?\r", LN("+CGDRT: " GPIOS ",(0-1)") OKAY);
    SAY(&r, "AT+CGSETV=?\r", LN("+CGSETV: " GPIOS ",(0-1)") OKAY);
    SAY(&r, "AT+CGGETV=?\r", LN("+CGGETV: " GPIOS) OKAY);
    SAY(&r, "AT+CGISR=?\r", LN("+CGISR: " GPIOS ",(0-2),(0-1),(0-256)") OKAY);
    SAY(&r, "AT+CGDRT=42,1\r", ERR);
    SAY(&r, "AT+CGDRT=43,2\r", ERR);
    SAY(&r, "AT+CGGETV?\r", ERR);
    rig_end(&r);
}

static void outputs_and_inputs(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGDRT=43\r", LN("+CGDRT: 43,0") OKAY);
    SAY(&r, "AT+CGSETV=43,1\r", ERR); /* an input */
    SAY(&r, "AT+CGGETV=43\r", LN("+CGGETV: 43,0") OKAY);
    SAY(&r, "AT+CGDRT=43,1;+CGSETV=43,1;+CGGETV=43\r", LN("+CGGETV: 43,1") OKAY);
    SAY(&r, "AT+CGDRT=43\r", LN("+CGDRT: 43,1") OKAY);
    rig_set(&r, "gpio.in", "127"); /* an output does not mind */
    SAY(&r, "AT+CGSETV=43,0;+CGGETV=43;+CGGETV=41\r", LN("+CGGETV: 43,0") LN("+CGGETV: 41,1") OKAY);
    rig_set(&r, "gpio.in", "64");
    SAY(&r, "AT+CGGETV=77;+CGGETV=41;+CGGETV=3\r",
        LN("+CGGETV: 77,1") LN("+CGGETV: 41,0") LN("+CGGETV: 3,0") OKAY);
    SAY(&r, "AT+CGDRT=43,0;+CGGETV=43\r", LN("+CGGETV: 43,0") OKAY);
    SAY(&r, "AT+CGDRT=41,1;+CGSETV=41,1\r", OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGDRT=41;+CGGETV=41\r", LN("+CGDRT: 41,0") LN("+CGGETV: 41,0") OKAY);
    rig_end(&r);
}

static void pins_with_a_function(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGFUNC=40\r", LN("+CGFUNC: 40,1") OKAY); /* STATUS */
    SAY(&r, "AT+CGFUNC=44\r", LN("+CGFUNC: 44,0") OKAY);
    SAY(&r, "AT+CGDRT=40,1\r", ERR);
    SAY(&r, "AT+CGGETV=40\r", ERR);
    SAY(&r, "AT+CGFUNC=43,1\r", ERR); /* has none */
    SAY(&r, "AT+CGFUNC=43,0\r", OKAY);
    SAY(&r, "AT+CGFUNC=40,0;+CGDRT=40,1;+CGSETV=40,1;+CGGETV=40\r", LN("+CGGETV: 40,1") OKAY);
    SAY(&r, "AT+CGFUNC=44,1\r", OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGFUNC=40;+CGFUNC=44;+CGFUNC=3\r", /* stored by themselves */
        LN("+CGFUNC: 40,0") LN("+CGFUNC: 44,1") LN("+CGFUNC: 3,0") OKAY);
    rig_end(&r);
}

static void interrupts(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "gpio.in = 8\n"); /* GPIO41 is high */
    SAY(&r, "AT+CGISR=41\r", LN("+CGISR: 41,0") OKAY);
    SAY(&r, "AT+CGISR=41,2,0\r", OKAY); /* falling edge */
    SAY(&r, "AT+CGISR=41\r", LN("+CGISR: 41,2,0,GPIO_41_ISR!") OKAY);
    PASS(&r, 100, "");
    rig_set(&r, "gpio.in", "0");
    SAID(&r, LN("GPIO_41_ISR!"));
    rig_set(&r, "gpio.in", "8");
    SAID(&r, "");
    SAY(&r, "AT+CGISR=41,2,1,\"DOOR OPEN\"\r", OKAY);
    rig_set(&r, "gpio.in", "0");
    PASS(&r, 20, "");
    rig_set(&r, "gpio.in", "8");
    SAID(&r, LN("DOOR OPEN"));
    SAY(&r, "AT+CGISR=43,1,1,\"0123456789012345678901234567890123456789012345678\"\r", OKAY);
    SAY(&r, "AT+CGISR=43\r",
        LN("+CGISR: 43,1,1,012345678901234567890123456789012345678901234") OKAY);
    SAY(&r, "AT+CGISR=43,1,0\r", OKAY);
    PASS(&r, 20, LN("GPIO_43_ISR!")); /* the level is there */
    SAY(&r, "AT+CGISR=41,0;+CGISR=41\r", LN("+CGISR: 41,0") OKAY);
    rig_set(&r, "gpio.in", "0");
    PASS(&r, 20, "");
    SAY(&r, "AT+CGDRT=44,1\r", OKAY);
    SAY(&r, "AT+CGISR=44,1,1\r", ERR); /* an output */
    rig_reset(&r);
    SAY(&r, "AT+CGISR=43\r", LN("+CGISR: 43,0") OKAY);
    rig_end(&r);
}

/* --- USB and card --- */

static void usb_composition(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CUSBPIDSWITCH=?\r",
        LN("+CUSBPIDSWITCH: "
           "(9000,9001,9002,9003,9004,9005,9006,9007,9011,9016,9018,9019,901A,901B,9020,9021,9022,"
           "9023,9024,9025,9026,9027,9028,9029,902A,902B),(0-1),(0-1)") OKAY);
    SAY(&r, "AT+CUSBPIDSWITCH?\r", LN("+CUSBPIDSWITCH: 9001") OKAY);
    SAY(&r, "AT+CUSBPIDSWITCH=9001,1,1\r", OKAY);
    PASS(&r, 1000, ""); /* it is that already */
    SAY(&r, "AT+CUSBPIDSWITCH=9099,1,1\r", ERR);
    SAY(&r, "AT+CUSBPIDSWITCH=9011\r", ERR);
    SAY(&r, "AT+CUSBPIDSWITCH=9011,1,2\r", ERR);
    SAY(&r, "AT+CUSBPIDSWITCH=901a,1,1\r", OKAY);
    PASS(&r, 1000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    SAY(&r, "AT+CUSBPIDSWITCH?\r", "AT+CUSBPIDSWITCH?\r" LN("+CUSBPIDSWITCH: 901A") OKAY);
    rig_end(&r);
}

static void card_detection(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+UIMHOTSWAPON=?;+UIMHOTSWAPON?\r",
        LN("+UIMHOTSWAPON: (0-1)") LN("+UIMHOTSWAPON: 0") OKAY);
    SAY(&r, "AT+UIMHOTSWAPON=1\r", OKAY);
    rig_reset(&r);
    SAY(&r, "AT+UIMHOTSWAPON?\r", LN("+UIMHOTSWAPON: 1") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_measured),   cmocka_unit_test(auxiliary_supply),
        cmocka_unit_test(voltage_alarm),      cmocka_unit_test(it_switches_itself_off),
        cmocka_unit_test(temperature_alarm),  cmocka_unit_test(forms_of_the_pins),
        cmocka_unit_test(outputs_and_inputs), cmocka_unit_test(pins_with_a_function),
        cmocka_unit_test(interrupts),         cmocka_unit_test(usb_composition),
        cmocka_unit_test(card_detection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
