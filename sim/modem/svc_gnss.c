/* AT+CGPS… and AT+CGNSS…: the receiver's commands (general-commands.md B4.9). What they set takes
 * effect where the receiver has it; what has none here (accuracy, positioning modes, transport of
 * assistance) is kept as the device keeps it. */
#include "sim/modem/modem_int.h"

#define FIELDS_MAX 512
#define TEST_MS    1000

/* --- session --- */

static struct at_result cgps_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "+CGPS: %d,%d", gnss_on(m) ? 1 : 0, gnss_on(m) ? (int)m->gnss.mode : 1);
    return AT_OK;
}

static struct at_result cgps_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    bool ok =
        call->arg[0].num == 1 ? gnss_start(m, call->arg[1].num, GNSS_START_AUTO) : gnss_stop(m);
    return ok ? AT_OK : AT_ERROR;
}

/* Some commands are for a receiver that is off. */
static int must_be_off(struct at_chan *ch, const struct at_call *call)
{
    return call->form != AT_READ && gnss_on(modem_of(ch)) ? -1 : 0;
}

static const struct at_group gnss_off = { .check = must_be_off };

static struct at_result cold_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)gnss_start(modem_of(ch), GNSS_STANDALONE, GNSS_START_COLD);
    return AT_OK;
}

static struct at_result hot_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)gnss_start(modem_of(ch), GNSS_STANDALONE, GNSS_START_HOT);
    return AT_OK;
}

static struct at_result del_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    gnss_forget(modem_of(ch));
    return AT_OK;
}

/* --- position --- */

/* The fields of one moment as text with a NUL; the caller ends 'out'. */
static const char *fields_now(const struct modem *m, struct buf *out,
                              void (*text)(const struct gnss_fix *f, struct buf *out))
{
    struct gnss_fix now;
    gnss_now(m, &now);
    buf_init(out, FIELDS_MAX);
    text(&now, out);
    (void)buf_add_byte(out, '\0');
    return (const char *)out->p;
}

static struct at_result info_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct buf text;
    at_info(ch, "+CGPSINFO: %s", fields_now(modem_of(ch), &text, gnss_info_text));
    buf_fini(&text);
    return AT_OK;
}

static struct at_result long_info_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct buf text;
    at_info(ch, "+CGNSSINFO: %s", fields_now(modem_of(ch), &text, gnss_info_long_text));
    buf_fini(&text);
    return AT_OK;
}

/* --- reports --- */

/* A period that the client has chosen is real time, whatever time_percent says. 0 s: no report. */
static void report_every(struct modem *m, struct timer *t, int32_t seconds, timer_fn *fn)
{
    timer_stop(t);
    if (seconds > 0) {
        timer_arm(m->sched, t, (uint64_t)seconds * 1000, fn);
    }
}

static void info_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.info_timer);
    struct buf text;
    urc_cgpsinfo(m, fields_now(m, &text, gnss_info_text));
    buf_fini(&text);
    report_every(m, t, m->set.cgpsinfo, info_due);
}

static void info_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    report_every(m, &m->gnss.info_timer, m->set.cgpsinfo, info_due);
}

static void long_info_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.gnss_info_timer);
    struct buf text;
    urc_cgnssinfo(m, fields_now(m, &text, gnss_info_long_text));
    buf_fini(&text);
    report_every(m, t, m->set.cgnssinfo, long_info_due);
}

static void long_info_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    report_every(m, &m->gnss.gnss_info_timer, m->set.cgnssinfo, long_info_due);
}

static void tell_sentences(struct modem *m, struct buf *text)
{
    if (text->n > 0) {
        (void)buf_add_byte(text, '\0');
        urc_nmea(m, (const char *)text->p);
    }
    buf_fini(text);
}

/* The receiver makes only the sentences of CGPSNMEA, and none while it is off. */
static void nmea_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.nmea_timer);
    struct gnss_fix now;
    struct buf text;
    gnss_now(m, &now);
    buf_init(&text, 4096);
    if (now.running) {
        gnss_nmea_text(&now, (uint32_t)(m->set.cgpsinfocfg[1] & m->gnss.nmea_mask), &text);
    }
    tell_sentences(m, &text);
    report_every(m, t, m->set.cgpsinfocfg[0], nmea_due);
}

static void nmea_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    report_every(m, &m->gnss.nmea_timer, m->set.cgpsinfocfg[0], nmea_due);
}

static void test_due(struct timer *t)
{
    enum { NMEA_GSV = 1 << 2 };
    struct modem *m = MODEM_OF(t, gnss.test_timer);
    struct gnss_fix now;
    gnss_now(m, &now);
    for (int glonass = 0; glonass < 2 && (m->gnss.nmea_mask & NMEA_GSV) != 0; glonass++) {
        struct buf text;
        buf_init(&text, FIELDS_MAX);
        gnss_signal_text(&now, glonass == 1, &text);
        tell_sentences(m, &text);
    }
    timer_arm(m->sched, t, TEST_MS, test_due);
}

static void test_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    report_every(m, &m->gnss.test_timer, m->set.cgpsftm, test_due);
}

/* --- assistance --- */

static struct at_result url_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGPSURL: \"%s\"", modem_of(ch)->gnss.next_url);
    return AT_OK;
}

static struct at_result url_set(struct at_chan *ch, const struct at_call *call)
{
    gnss_set_url(modem_of(ch), call->arg[0].str);
    return AT_OK;
}

static void fetch_changed(struct at_chan *ch)
{
    gnss_fetch(modem_of(ch));
}

/* clang-format off */
#define SHEET .clause = "general-commands.md B4.9", .evidence = EV_MANUAL, .offered = OFFER_GNSS
#define LOGGED .clause = "general-commands.md B4.9, part E", .evidence = EV_LOG, .offered = OFFER_GNSS
/* A switch of one number. */
#define NUMBER(n, field, fl, p, lo, hi, v, d)                                                    \
    { .name = (n), .doc = (d), SHEET, AT_SETTING(struct settings, field, (fl), P_INT(p, (lo), (hi), d, .def = (v))) }
#define SWITCH(n, field, fl, v, d)                                                                  \
    { .name = (n), .doc = (d), SHEET, AT_SETTING(struct settings, field, (fl), P_INT("onoff", 0, 1, "1: on", .list = "0,1", .def = (v))) }

static const struct at_cmd rows[] = {
    { .name = "+CGPS", .doc = "Starts and stops the receiver. It says +CGPS: 0 when it has stopped, and can be started again from then on.",
      SHEET, .read = cgps_read, .set = cgps_set, .reply = "+CGPS: <onoff>,<mode>",
      AT_PARAMS(P_INT("onoff", 0, 1, "1: start"), P_INT("mode", 1, 3, "1 standalone, 2 UE-based, 3 UE-assisted", .def = 1, .flags = PARAM_OPTIONAL)) },
    { .name = "+CGPSINFO", .doc = "Position: latitude, longitude, date, UTC, altitude in m, speed in knots, course; empty fields without a fix. =n reports it every n seconds.",
      LOGGED, .exec = info_exec, .reply = "+CGPSINFO: <lat>,<N/S>,<lon>,<E/W>,<date>,<time>,<alt>,<speed>,<course>",
      AT_SETTING_HOOK(struct settings, cgpsinfo, 0, info_changed, P_INT("time", 0, 255, "period in s, 0: none")) },
    { .name = "+CGNSSINFO", .doc = "The same with the kind of fix, satellites and dilution of precision.",
      LOGGED, .exec = long_info_exec, .reply = "+CGNSSINFO: <mode>,<GPS-SVs>,<GLONASS-SVs>,<BEIDOU-SVs>,<lat>,<N/S>,<lon>,<E/W>,<date>,<time>,<alt>,<speed>,<course>,<PDOP>,<HDOP>,<VDOP>",
      AT_SETTING_HOOK(struct settings, cgnssinfo, 0, long_info_changed, P_INT("time", 0, 255, "period in s, 0: none")) },
    { .name = "+CGPSINFOCFG", .doc = "Reports NMEA sentences every n seconds while the receiver runs; those that CGPSNMEA allows.",
      SHEET, .test_quirk = "+CGPSINFO: (0-255),(0-262143)",
      AT_SETTING_HOOK(struct settings, cgpsinfocfg, 0, nmea_changed, P_INT("time", 0, 255, "period in s, 0: none"),
                      P_INT("config", 0, 262143, "sentences as in CGPSNMEA", .flags = PARAM_OPTIONAL),
                      P_INT("reserved", 0, 1, "of no effect; read by firmware of 2020 and later", .flags = PARAM_OPTIONAL)) },
    { .name = "+CGPSNMEA", .doc = "Sentences that the receiver makes, from the next start on; not while it runs.",
      SHEET, .group = &gnss_off,
      AT_SETTING(struct settings, cgpsnmea, AT_SET_AUTO, P_INT("nmea", 0, 262143, "bit 0 GGA, 1 RMC, 2 GSV, 3 GSA, 4 VTG, 6 GLGSV, 7 GNGSA, 8 GNGNS", .def = 200191)) },
    NUMBER("+CGPSNMEARATE", cgpsnmearate, AT_SET_AUTO, "rate", 0, 1, 0, "Rate of the receiver: 0 1 Hz, 1 10 Hz."),
    SWITCH("+CGPSAUTO", cgpsauto, AT_SET_AUTO, 0, "The receiver starts with the modem, standalone."),
    { .name = "+CGPSHOT", .doc = "Starts the receiver with what it knows; not while it runs.", SHEET, .group = &gnss_off, .exec = hot_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CGPSCOLD", .doc = "Starts the receiver as if it knew nothing; not while it runs.", SHEET, .group = &gnss_off, .exec = cold_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CGPSDEL", .doc = "Forgets what is known about the satellites; not while the receiver runs.", SHEET, .group = &gnss_off, .exec = del_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CGNSSMODE", .doc = "Systems besides GPS, and dynamic power optimisation; from the next start on.", SHEET,
      AT_SETTING(struct settings, cgnssmode, AT_SET_AUTO, P_INT("gnss_mode", 0, 15, "bit 0 GLONASS, 1 BeiDou, 2 Galileo, 3 QZSS", .def = 15),
                 P_INT("dpo_mode", 0, 1, "1: on", .def = 1, .flags = PARAM_OPTIONAL)) },
    { .name = "+CGPSURL", .doc = "Server that assists in modes 2 and 3, from the next start on; none is set in a fresh modem.", SHEET,
      .read = url_read, .set = url_set, .flags = AT_ROW_TEST_OK, .reply = "+CGPSURL: \"<URL>\"",
      AT_PARAMS(P_STR("URL", 1, GNSS_URL_MAX, "host:port")) },
    SWITCH("+CGPSSSL", cgpsssl, AT_SET_AUTO, 0, "TLS towards the assistance server."),
    { .name = "+CGPSMD", .doc = "Assistance over the control plane or the user plane; not while the receiver runs.", SHEET, .group = &gnss_off,
      AT_SETTING(struct settings, cgpsmd, AT_SET_AUTO, P_INT("method", 0, 1, "0 control plane, 1 user plane", .def = 1)) },
    { .name = "+CGPSMSB", .doc = "UE-based mode goes on alone when there is no server; not while the receiver runs.",
      SHEET, .group = &gnss_off,
      AT_SETTING(struct settings, cgpsmsb, 0, P_INT("mode", 0, 1, "1: it does", .def = 1)) },
    { .name = "+CGPSHOR", .doc = "Accuracy asked for in m.", SHEET,
      AT_SETTING(struct settings, cgpshor, 0, P_INT("acc", 0, 1800000, "in m", .def = 50), P_INT("acc_f", 0, 1800000, "reserved", .def = 50, .flags = PARAM_OPTIONAL)) },
    NUMBER("+CGPSPMD", cgpspmd, AT_SET_AUTO, "mode", 1, 65407, 65407, "Positioning modes, a bit each; from the next start on."),
    SWITCH("+CGPSXE", cgpsxe, AT_SET_AUTO, 0, "Assistance data (XTRA)."),
    { .name = "+CGPSXD", .doc = "Fetches assistance data; it needs packet data. They make the next fix a fast one.", SHEET, .reply = "+CGPSXD: <server>",
      AT_SETTING_HOOK(struct settings, cgpsxd, 0, fetch_changed, P_INT("server", 0, 2, "of three")) },
    SWITCH("+CGPSXDAUTO", cgpsxdauto, AT_SET_AUTO, 0, "Fetches assistance data by itself when the receiver starts without, with CGPSXE=1."),
    { .name = "+CGPSFTM", .doc = "Test mode: the signal of each satellite every second while the receiver runs.", SHEET, .flags = AT_ROW_TEST_OK,
      AT_SETTING_HOOK(struct settings, cgpsftm, 0, test_changed, P_INT("onoff", 0, 1, "1: on")) },
};
/* clang-format on */

const struct at_service service_gnss = { "GNSS", rows, ARRAY_LEN(rows) };
