/* Supply, temperature, converters and pins (general-commands.md B4.2, B4.12). */
#include <stdio.h>

#include "sim/modem/modem_int.h"

/* --- supply and temperature --- */

static struct at_result cbc_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    int mv = (int)modem_of(ch)->profile->battery_mv;
    at_info(ch, "+CBC: %d.%03dV", mv / 1000, mv % 1000);
    return AT_OK;
}

static struct at_result temperature_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CPMUTEMP: %d", (int)modem_of(ch)->profile->temperature);
    return AT_OK;
}

static void watch_changed(struct at_chan *ch)
{
    hw_world_changed(modem_of(ch));
}

/* The converter has 12 bits for 1.8 V; type 2 is the voltage. */
static struct at_result tell_adc(struct at_chan *ch, const struct at_call *call, int32_t mv)
{
    int32_t value = call->arg[0].num == 2 ? mv : mv * 4095 / 1800;
    at_info(ch, "%s: %d", call->cmd->name, (int)value);
    return AT_OK;
}

static struct at_result adc1_set(struct at_chan *ch, const struct at_call *call)
{
    return tell_adc(ch, call, modem_of(ch)->profile->adc1_mv);
}

static struct at_result adc2_set(struct at_chan *ch, const struct at_call *call)
{
    return tell_adc(ch, call, modem_of(ch)->profile->adc2_mv);
}

static struct at_result vaux_set(struct at_chan *ch, const struct at_call *call)
{
    int32_t mv = call->arg[0].num;
    if (mv % 50 != 0) {
        return AT_ERROR;
    }
    modem_of(ch)->hw.aux_mv = mv;
    return AT_OK;
}

static struct at_result vaux_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CVAUXV: %d", (int)modem_of(ch)->hw.aux_mv);
    return AT_OK;
}

/* --- GPIO --- */

/* The pin of the first argument, when it works as a GPIO; the others refuse. */
static struct hw_pin *pin_of(struct at_chan *ch, const struct at_call *call)
{
    struct hw_pin *pin = hw_pin(modem_of(ch), call->arg[0].num);
    return pin != NULL && !pin->special ? pin : NULL;
}

static struct at_result function_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    int32_t gpio = call->arg[0].num;
    struct hw_pin *pin = hw_pin(m, gpio);
    if (!call->arg[1].present) {
        at_info(ch, "+CGFUNC: %d,%d", (int)gpio, pin->special ? 1 : 0);
        return AT_OK;
    }
    bool special = call->arg[1].num == 1;
    if (special && !hw_pin_has_function(gpio)) {
        return AT_ERROR;
    }
    hw_pin_set_function(m, pin, special);
    return AT_OK;
}

static struct at_result direction_set(struct at_chan *ch, const struct at_call *call)
{
    struct hw_pin *pin = pin_of(ch, call);
    if (pin == NULL) {
        return AT_ERROR;
    }
    if (call->arg[1].present) {
        pin->out = call->arg[1].num == 1;
    } else {
        at_info(ch, "+CGDRT: %d,%d", (int)call->arg[0].num, pin->out ? 1 : 0);
    }
    return AT_OK;
}

static struct at_result level_set(struct at_chan *ch, const struct at_call *call)
{
    struct hw_pin *pin = pin_of(ch, call);
    if (pin == NULL || !pin->out) {
        return AT_ERROR; /* an input cannot be driven */
    }
    pin->high = call->arg[1].num == 1;
    return AT_OK;
}

static struct at_result level_get(struct at_chan *ch, const struct at_call *call)
{
    const struct hw_pin *pin = pin_of(ch, call);
    if (pin == NULL) {
        return AT_ERROR;
    }
    at_info(ch, "+CGGETV: %d,%d", (int)call->arg[0].num, hw_pin_level(modem_of(ch), pin) ? 1 : 0);
    return AT_OK;
}

static void tell_isr(struct at_chan *ch, int32_t gpio, const struct hw_pin *pin)
{
    if (pin->detect == DETECT_NONE) {
        at_info(ch, "+CGISR: %d,0", (int)gpio);
    } else {
        at_info(ch, "+CGISR: %d,%d,%d,%s", (int)gpio, (int)pin->detect, pin->on_high ? 1 : 0,
                pin->text);
    }
}

static struct at_result isr_set(struct at_chan *ch, const struct at_call *call)
{
    struct hw_pin *pin = pin_of(ch, call);
    if (pin == NULL || pin->out) {
        return AT_ERROR;
    }
    if (call->arg[1].present) {
        hw_pin_set_isr(modem_of(ch), pin, (enum hw_detect)call->arg[1].num, call->arg[2].num == 1,
                       call->arg[3].str);
    } else {
        tell_isr(ch, call->arg[0].num, pin);
    }
    return AT_OK;
}

/* --- USB --- */

/* Compositions of interfaces that the module can have on USB. */
static const char usb_pids[] =
    "9000,9001,9002,9003,9004,9005,9006,9007,9011,9016,9018,9019,901A,901B,9020,9021,9022,9023,"
    "9024,9025,9026,9027,9028,9029,902A,902B";

static bool read_pid(struct span text, uint32_t *ret)
{
    char hex[8];
    int32_t n = 0;
    (void)snprintf(hex, sizeof hex, "0x%.4s", (const char *)text.p);
    *ret = schema_number(span_str(hex), true, &n) ? (uint32_t)n : 0;
    for (const char *known = usb_pids; *known != '\0'; known += known[4] == ',' ? 5 : 4) {
        if (span_eq_nocase(span_of(known, 4), text)) {
            return true;
        }
    }
    return false;
}

static struct at_result usb_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CUSBPIDSWITCH: %04X", (unsigned)modem_of(ch)->hw.usb_pid);
    return AT_OK;
}

/* Another composition takes a restart. */
static struct at_result usb_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    uint32_t pid = 0;
    if (!read_pid(call->arg[0].str, &pid)) {
        return AT_ERROR;
    }
    if (pid != m->hw.usb_pid) {
        hw_set_usb_pid(m, pid);
        modem_reset_soon(m);
    }
    return AT_OK;
}

/* clang-format off */
#define SHEET .clause = "general-commands.md B4.12", .evidence = EV_MANUAL
#define GPIOS "3,6,40,41,43,44,77"
#define P_GPIO P_INT("GPIO", 3, 77, "number of the pin", .list = GPIOS)
#define LIMITS(low, low_def)                                                                        \
    P_INT("enable", 0, 1, "1: on", .list = "0,1"),                                                   \
    P_INT("low_voltage", (low), 4000, "in mV", .def = (low_def), .flags = PARAM_OPTIONAL),                \
    P_INT("high_voltage", 4001, 4300, "in mV", .def = 4300, .flags = PARAM_OPTIONAL)

static const struct at_cmd rows[] = {
    { .name = "+CBC", .doc = "Supply voltage.", .clause = "general-commands.md B4.2, part E", .evidence = EV_LOG, .exec = cbc_exec, .flags = AT_ROW_TEST_OK, .reply = "+CBC: <vol>V" },
    { .name = "+CPMUTEMP", .doc = "Temperature of the module.", .clause = "general-commands.md B4.2, part E", .evidence = EV_LOG, .exec = temperature_exec, .flags = AT_ROW_TEST_OK, .reply = "+CPMUTEMP: <temp>" },
    { .name = "+CVALARM", .doc = "Warns every 10 s while the supply is outside of the limits.", SHEET,
      AT_SETTING_HOOK(struct settings, cvalarm, AT_SET_AUTO, watch_changed, LIMITS(3300, 3300)) },
    { .name = "+CPMVT", .doc = "Switches the module off when the supply leaves the limits.", SHEET,
      AT_SETTING_HOOK(struct settings, cpmvt, AT_SET_AUTO, watch_changed, LIMITS(3200, 3200)) },
    { .name = "+CMTE", .doc = "Warns when the temperature gets critical.", SHEET,
      AT_SETTING_HOOK(struct settings, cmte, 0, watch_changed, P_INT("onoff", 0, 1, "1: on", .list = "0,1", .def = 1)) },
    { .name = "+CADC", .doc = "Reads the converter at pin ADC1.", SHEET, .set = adc1_set, .reply = "+CADC: <value>",
      AT_PARAMS(P_INT("adc", 0, 2, "0 as converted, 2 in mV", .list = "0,2")) },
    { .name = "+CADC2", .doc = "Reads the converter at pin ADC2.", SHEET, .set = adc2_set, .reply = "+CADC2: <value>",
      AT_PARAMS(P_INT("adc", 0, 2, "0 as converted, 2 in mV", .list = "0,2")) },
    { .name = "+CVAUXS", .doc = "Switches the auxiliary supply (VDD_AUX).", SHEET,
      AT_SETTING(struct settings, cvauxs, 0, P_INT("state", 0, 1, "1: on", .list = "0,1")) },
    { .name = "+CVAUXV", .doc = "Voltage of the auxiliary supply in mV.", SHEET, .read = vaux_read, .set = vaux_set, .reply = "+CVAUXV: <voltage>",
      AT_PARAMS(P_INT("voltage", 1700, 3050, "in mV, a multiple of 50")) },
    { .name = "+CGFUNC", .doc = "The pin's own function instead of GPIO (3, 40 and 44 have one); with the number alone it is read.", SHEET, .set = function_set, .reply = "+CGFUNC: <GPIO>,<function>",
      AT_PARAMS(P_GPIO, P_INT("function", 0, 1, "0 GPIO, 1 its own", .flags = PARAM_OPTIONAL)) },
    { .name = "+CGDRT", .doc = "Direction of a GPIO; with the number alone it is read.", SHEET, .set = direction_set, .reply = "+CGDRT: <GPIO>,<gpio_io>",
      AT_PARAMS(P_GPIO, P_INT("gpio_io", 0, 1, "1: out", .flags = PARAM_OPTIONAL)) },
    { .name = "+CGSETV", .doc = "Level of a GPIO that is an output.", SHEET, .set = level_set,
      AT_PARAMS(P_GPIO, P_INT("gpio_hl", 0, 1, "1: high")) },
    { .name = "+CGGETV", .doc = "Level at a GPIO: what it drives, or what is applied from outside (key gpio.in).", SHEET, .set = level_get, .reply = "+CGGETV: <GPIO>,<gpio_hl>",
      AT_PARAMS(P_GPIO) },
    { .name = "+CGISR", .doc = "Reports a level or an edge at a GPIO that is an input; with the number alone it is read.", SHEET, .set = isr_set, .reply = "+CGISR: <GPIO>,<detect>[,<polarity>,<URC>]",
      AT_PARAMS(P_GPIO, P_INT("detect", 0, 2, "0 nothing, 1 level, 2 edge", .flags = PARAM_OPTIONAL), P_INT("polarity", 0, 1, "1: high, rising", .flags = PARAM_OPTIONAL),
                P_STR("URC", 0, 256, "text to report; more than 45 bytes are cut", .flags = PARAM_OPTIONAL)) },
    { .name = "+CUSBPIDSWITCH", .doc = "Composition of the interfaces on USB; another one takes a restart, which follows.", SHEET, .read = usb_read, .set = usb_set, .reply = "+CUSBPIDSWITCH: <pid>",
      .test_quirk = "+CUSBPIDSWITCH: (9000,9001,9002,9003,9004,9005,9006,9007,9011,9016,9018,9019,901A,901B,9020,9021,9022,9023,9024,9025,9026,9027,9028,9029,902A,902B),(0-1),(0-1)",
      AT_PARAMS(P_STR("pid", 4, 4, "four hexadecimal digits", .flags = PARAM_UNQUOTED), P_INT("reserve1", 0, 1, "reserved"), P_INT("reserve2", 0, 1, "reserved")) },
    { .name = "+UIMHOTSWAPON", .doc = "Detection pin of the card holder; a card is seen to come and go in any case.", SHEET,
      AT_SETTING(struct settings, uimhotswapon, AT_SET_AUTO, P_INT("onoff", 0, 1, "1: on")) },
};
/* clang-format on */

const struct at_service service_hw = { "Hardware", rows, ARRAY_LEN(rows) };
