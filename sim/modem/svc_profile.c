/* Line settings of the port, and the profiles they live in: ATZ, AT&F, AT&W, AT&V
 * (general-commands.md A9, A16, A17, A21). */
#include "sim/modem/modem_int.h"

static struct at_result user_profile(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    nvram_load_profile(modem_of(ch));
    return AT_OK;
}

static struct at_result factory(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_settings_default(ch, &modem_table, AT_SET_FACTORY);
    return AT_OK;
}

static struct at_result store(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    return nvram_store_profile(modem_of(ch)) ? AT_OK : AT_ERROR;
}

/* The order of a SIM7600G-H; a name without a setting of ours has the value that it has there. */
static const struct {
    const char *name, *value;
} view[] = {
    { "&C", NULL },
    { "&D", NULL },
    { "&E", NULL },
    { "&F", "0" },
    { "&S", NULL },
    { "&W", "0" },
    { "E", NULL },
    { "L", NULL },
    { "M", NULL },
    { "Q", NULL },
    { "V", NULL },
    { "X", NULL },
    { "Z", "0" },
    { "\\Q", NULL },
    { "\\S", NULL },
    { "\\V", NULL },
    { "O", "0" },
    { "S0", NULL },
    { "S2", NULL },
    { "S3", NULL },
    { "S4", NULL },
    { "S5", NULL },
    { "S6", NULL },
    { "S7", NULL },
    { "S8", NULL },
    { "S9", NULL },
    { "S10", NULL },
    { "S11", NULL },
    { "S30", NULL },
    { "S103", NULL },
    { "S104", NULL },
    { "+FCLASS", "0" },
    { "+ICF", NULL },
    { "+IFC", NULL },
    { "+IPR", NULL },
    { "+DR", "0" },
    { "+DS", "0,0,2048,6" },
    { "+CMEE", NULL },
    { "+WS46", "25" },
    { "+CREG", NULL },
    { "+CGREG", NULL },
    { "+CEREG", NULL },
    { "+CSCS", NULL },
    { "+CMGF", NULL },
    { "+CNMI", NULL },
    { "+CLIP", NULL },
    { "+CRC", NULL },
    { "+CVHU", NULL },
};

/* S-registers are plain numbers here, 0 and not 000. */
static void view_value(struct modem *m, const struct at_cmd *row, struct buf *out)
{
    struct buf text;
    buf_init(&text, 256);
    at_setting_text(m->ch, row, &text);
    struct span value = buf_span(&text);
    while ((row->setting->flags & AT_SET_3DIGITS) != 0 && value.n > 1 && value.p[0] == '0') {
        value = span_from(value, 1);
    }
    (void)buf_addf(out, "%s: %.*s; ", row->name, (int)value.n, (const char *)value.p);
    buf_fini(&text);
}

static struct at_result view_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(view); i++) {
        bool known = false;
        const struct at_cmd *row = at_index_find(m->index, span_str(view[i].name), -1, &known);
        if (row != NULL && row->setting != NULL) {
            view_value(m, row, &out);
        } else if (view[i].value != NULL) {
            (void)buf_addf(&out, "%s: %s; ", view[i].name, view[i].value);
        }
    }
    struct span text = span_of(out.p, out.n - 1);
    at_info_secret(ch, text, text);
    buf_fini(&out);
    return AT_OK;
}

/* The OK still goes out at the old speed (A16); the host changes over behind it. */
static void speed_changed(struct at_chan *ch)
{
    modem_speed_changed(modem_of(ch));
}

/* A stored speed holds now and after every power-on. */
static void stored_speed_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    m->set.ipr = m->set.iprex;
    modem_speed_changed(m);
}

static void sleep_changed(struct at_chan *ch)
{
    modem_may_sleep(modem_of(ch));
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define BOTH (AT_SET_SAVED | AT_SET_FACTORY)
#define SWITCH(n, field, lo, hi, d, f, ...)                                                         \
    { .name = (n), .doc = (d), CLAUSE("A8, A9"), .evidence = EV_MANUAL,                              \
      AT_SETTING(struct settings, field, (f), P_INT("value", (lo), (hi), d, .flags = PARAM_OPTIONAL, __VA_ARGS__)) }
#define SREG(n, field, d, v, f)                                                                     \
    { .name = (n), .doc = (d), CLAUSE("A9"), .evidence = EV_MANUAL,                                  \
      AT_SETTING(struct settings, field, (f) | AT_SET_3DIGITS, P_INT("value", 0, 255, d, .flags = PARAM_OPTIONAL, .def = (v))) }
#define PROFILE_NUMBER P_INT("profile", 0, 0, "user profile", .flags = PARAM_OPTIONAL)
#define RATES "300,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800,921600,3000000,3200000,3686400"

static const struct at_cmd rows[] = {
    SWITCH("E", at.echo, 0, 1, "Echo of what the host sends.", BOTH, .def = 1),
    SWITCH("Q", at.quiet, 0, 1, "1: no result codes.", BOTH, .def = 0),
    SWITCH("V", at.verbose, 0, 1, "0: numeric result codes.", BOTH, .def = 1),
    SWITCH("X", at.x, 0, 4, "Form of CONNECT.", BOTH | AT_SET_BARE_DEFAULT, .def = 1),
    SWITCH("L", l, 0, 3, "Loudness of a speaker that is not there.", AT_SET_FACTORY, .def = 0),
    SWITCH("M", mute, 0, 2, "When that speaker is on.", AT_SET_FACTORY, .def = 0),
    SWITCH("&C", dcd, 0, 2, "Data carrier detect.", BOTH, .def = 2),
    SWITCH("&D", dtr, 0, 2, "What a change of DTR does.", BOTH, .def = 2),
    SWITCH("&E", dte_rate, 0, 1, "CONNECT shows 1: the serial rate, 0: the radio rate.", AT_SET_FACTORY | AT_SET_BARE_DEFAULT, .def = 1),
    SWITCH("&S", dsr, 0, 1, "Data set ready.", BOTH, .def = 0),
    SWITCH("\\Q", flow, 0, 3, "Flow control.", AT_SET_FACTORY | AT_SET_BARE_DEFAULT, .def = 3),
    SWITCH("\\S", dsr_option, 0, 1, "DSR option.", AT_SET_FACTORY, .def = 0),
    SWITCH("\\V", protocol, 0, 1, "CONNECT shows the protocol.", BOTH, .def = 0),
    SREG("S0", s0, "Rings before the call is answered; 0 = never.", 0, BOTH),
    SREG("S2", s2, "Escape character.", 43, AT_SET_FACTORY),
    SREG("S3", at.s3, "Command line terminator.", 13, BOTH),
    SREG("S4", at.s4, "Response formatting character.", 10, BOTH),
    SREG("S5", at.s5, "Command line editing character.", 8, BOTH),
    SREG("S6", s6, "Pause before dialling, in s.", 2, BOTH),
    SREG("S7", s7, "Time to complete a connection, in s.", 0, BOTH),
    SREG("S8", s8, "Comma pause, in s.", 2, BOTH),
    SREG("S9", s9, "Carrier detect time, in 100 ms.", 6, AT_SET_FACTORY),
    SREG("S10", s10, "Hang-up delay after carrier loss, in 100 ms.", 14, BOTH),
    SREG("S11", s11, "Tone duration, in ms.", 95, AT_SET_FACTORY),
    SREG("S30", s30, "Inactivity timer.", 0, AT_SET_FACTORY),
    SREG("S103", s103, "Data call bearer.", 1, AT_SET_FACTORY),
    SREG("S104", s104, "Data call type.", 1, AT_SET_FACTORY),
    { .name = "Z", .doc = "Restores the user profile.", CLAUSE("A9"), .evidence = EV_MANUAL,
      .exec = user_profile, .set = user_profile, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "&F", .doc = "Factory settings.", CLAUSE("A9"), .evidence = EV_MANUAL,
      .exec = factory, .set = factory, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "&W", .doc = "Stores the settings as the user profile.", CLAUSE("A9"), .evidence = EV_MANUAL,
      .exec = store, .set = store, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "&V", .doc = "Shows the settings.", CLAUSE("A9"), .evidence = EV_LOG,
      .exec = view_exec, .set = view_exec, AT_PARAMS(PROFILE_NUMBER) },
    { .name = "+CMEE", .doc = "Form of +CME ERROR: 0 ERROR, 1 number, 2 text.", CLAUSE("A10"), .evidence = EV_LOG,
      AT_SETTING(struct settings, at.cmee, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 2, "form", .def = 2)) },
    { .name = "+IPR", .doc = "Speed of the UART until the next power-on.", CLAUSE("A16"), .evidence = EV_LOG,
      AT_SETTING_HOOK(struct settings, ipr, 0, speed_changed, P_INT("rate", 0, 3686400, "bit/s", .list = RATES, .def = 115200)),
      .test_quirk = "+IPR: (0," RATES ")" }, /* 0, autobaud, is shown, but firmware LE20 refuses it */
    { .name = "+IPREX", .doc = "Speed of the UART, stored.", CLAUSE("A16"), .evidence = EV_MANUAL,
      AT_SETTING_HOOK(struct settings, iprex, AT_SET_AUTO, stored_speed_changed, P_INT("rate", 0, 3686400, "bit/s", .list = RATES, .def = 115200)),
      .test_quirk = "+IPREX: (0," RATES ")" },
    { .name = "+IFC", .doc = "Flow control: 0 none, 2 RTS and CTS.", CLAUSE("A17"), .evidence = EV_LOG,
      AT_SETTING(struct settings, ifc, AT_SET_BARE_DEFAULT | BOTH | AT_SET_AUTO, P_INT("dce_by_dte", 0, 2, "towards the modem", .list = "0,2"), P_INT("dte_by_dce", 0, 2, "towards the host", .list = "0,2", .flags = PARAM_OPTIONAL)) },
    { .name = "+ICF", .doc = "Character framing: format 3 is 8N1; parity 3 is none.", CLAUSE("A16"), .evidence = EV_LOG,
      AT_SETTING(struct settings, icf, AT_SET_BARE_DEFAULT | BOTH, P_INT("format", 1, 6, "format", .def = 3), P_INT("parity", 0, 3, "parity", .flags = PARAM_OPTIONAL, .def = 3)) },
    { .name = "+CSCLK", .doc = "1: the UART sleeps while DTR is off.", CLAUSE("A21"), .evidence = EV_MANUAL,
      AT_SETTING_HOOK(struct settings, csclk, AT_SET_BARE_DEFAULT, sleep_changed, P_INT("mode", 0, 1, "1: may sleep")) },
    { .name = "+CFGRI", .doc = "Pulls RI low at URCs and late results (status 1), and at messages in any case; lengths in ms.", CLAUSE("A21"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, cfgri, AT_SET_BARE_DEFAULT, P_INT("status", 0, 1, "1: at URCs, too"), P_INT("URC_time", 10, 6000, "at a URC", .flags = PARAM_OPTIONAL, .def = 60), P_INT("SMS_time", 20, 6000, "at a message", .flags = PARAM_OPTIONAL, .def = 120)) },
    { .name = "+CATR", .doc = "The port that gets URCs; this modem has one.", CLAUSE("A13"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, catr, 0, P_INT("port", 0, 7, "0: all")) },
};
/* clang-format on */

const struct at_service service_profile = { "Port, settings and their profiles", rows,
                                            ARRAY_LEN(rows) };
