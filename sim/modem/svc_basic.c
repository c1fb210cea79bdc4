/* V.250 basic commands, identity, error reporting (general-commands.md A8 to A10, B4.1). */
#include "sim/modem/modem_int.h"

static struct at_result id_all(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "Manufacturer: %s", m->profile->manufacturer);
    at_info(ch, "Model: %s", m->profile->model);
    at_info(ch, "Revision: %s", m->profile->revision);
    at_info(ch, "IMEI: %s", m->imei);
    at_info(ch, "+GCAP: +CGSM");
    return AT_OK;
}

static struct at_result id_manufacturer(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->profile->manufacturer);
    return AT_OK;
}

static struct at_result id_model(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->profile->model);
    return AT_OK;
}

static struct at_result id_firmware(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGMR: %s", modem_of(ch)->profile->firmware);
    return AT_OK;
}

static struct at_result id_imei(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->imei);
    return AT_OK;
}

static struct at_result id_simei(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+SIMEI: %s", modem_of(ch)->imei);
    return AT_OK;
}

static struct at_result id_gcap(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+GCAP: +CGSM");
    return AT_OK;
}

/* ATZ: the user profile. Without AT&W that is the state after power-on. */
static struct at_result user_profile(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_settings_default(ch, &modem_table, AT_SET_SAVED);
    return AT_OK;
}

static struct at_result factory(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_settings_default(ch, &modem_table, AT_SET_FACTORY);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define SWITCH(n, field, lo, hi, d, f, ...)                                                         \
    { .name = (n), .doc = (d), CLAUSE("A8, A9"), .evidence = EV_MANUAL,                              \
      AT_SETTING(struct settings, field, (f), P_INT("value", (lo), (hi), d, .flags = PARAM_OPTIONAL, __VA_ARGS__)) }
#define SREG(n, field, d, v)                                                                        \
    { .name = (n), .doc = (d), CLAUSE("A9"), .evidence = EV_MANUAL,                                  \
      AT_SETTING(struct settings, field, BOTH | AT_SET_3DIGITS, P_INT("value", 0, 255, d, .flags = PARAM_OPTIONAL, .def = (v))) }
#define BOTH (AT_SET_SAVED | AT_SET_FACTORY)
#define PROFILE_NUMBER P_INT("profile", 0, 0, "user profile", .flags = PARAM_OPTIONAL)

static const struct at_cmd rows[] = {
    SWITCH("E", at.echo, 0, 1, "Echo of what the host sends.", BOTH, .def = 1),
    SWITCH("Q", at.quiet, 0, 1, "1: no result codes.", BOTH, .def = 0),
    SWITCH("V", at.verbose, 0, 1, "0: numeric result codes.", BOTH, .def = 1),
    SWITCH("X", at.x, 0, 4, "Form of CONNECT.", BOTH | AT_SET_BARE_DEFAULT, .def = 1),
    SWITCH("&C", dcd, 0, 2, "Data carrier detect.", BOTH, .def = 2),
    SWITCH("&D", dtr, 0, 2, "What a change of DTR does.", BOTH, .def = 2),
    SWITCH("&S", dsr, 0, 1, "Data set ready.", BOTH, .def = 0),
    SREG("S0", s0, "Rings before the call is answered; 0 = never.", 0),
    SREG("S3", at.s3, "Command line terminator.", 13),
    SREG("S4", at.s4, "Response formatting character.", 10),
    SREG("S5", at.s5, "Command line editing character.", 8),
    SREG("S6", s6, "Pause before dialling, in s.", 2),
    SREG("S7", s7, "Time to complete a connection, in s.", 0),
    SREG("S8", s8, "Comma pause, in s.", 2),
    SREG("S10", s10, "Hang-up delay after carrier loss, in 100 ms.", 14),
    { .name = "Z", .doc = "Restores the user profile.", CLAUSE("A9"), .evidence = EV_MANUAL,
      .exec = user_profile, .set = user_profile, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "&F", .doc = "Factory settings.", CLAUSE("A9"), .evidence = EV_MANUAL,
      .exec = factory, .set = factory, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "I", .doc = "Identification.", CLAUSE("B4.1"), .evidence = EV_LOG,
      .exec = id_all, .set = id_all, AT_PARAMS(P_INT("value", 0, 255, "ignored", .flags = PARAM_OPTIONAL)) },
    { .name = "+CMEE", .doc = "Form of +CME ERROR: 0 ERROR, 1 number, 2 text.", CLAUSE("A10"), .evidence = EV_LOG,
      AT_SETTING(struct settings, at.cmee, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 2, "form", .def = 2)) },
    { .name = "+CGMI", .doc = "Manufacturer.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_manufacturer, .flags = AT_ROW_TEST_OK },
    { .name = "+GMI", .doc = "Manufacturer.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_manufacturer, .flags = AT_ROW_TEST_OK },
    { .name = "+CGMM", .doc = "Model.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_model, .flags = AT_ROW_TEST_OK },
    { .name = "+GMM", .doc = "Model.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_model, .flags = AT_ROW_TEST_OK },
    { .name = "+CGMR", .doc = "Firmware revision.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_firmware, .flags = AT_ROW_TEST_OK },
    { .name = "+GMR", .doc = "Firmware revision.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_firmware, .flags = AT_ROW_TEST_OK },
    { .name = "+CGSN", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_imei, .flags = AT_ROW_TEST_OK },
    { .name = "+GSN", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_imei, .flags = AT_ROW_TEST_OK },
    { .name = "+SIMEI", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_MANUAL, .read = id_simei, .flags = AT_ROW_TEST_OK },
    { .name = "+GCAP", .doc = "Capabilities.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_gcap, .flags = AT_ROW_TEST_OK },
};
/* clang-format on */

const struct at_service service_basic = { "V.250 and identity", rows, ARRAY_LEN(rows) };
