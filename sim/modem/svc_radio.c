/* Signal and registration: views of the radio model (general-commands.md B4.2, B4.3). */
#include <stdio.h>

#include "sim/modem/modem_int.h"

#define AUTOCSQ_MS 5000

/* --- signal --- */

static struct at_result csq_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CSQ: %d,99", (int)radio_csq(modem_of(ch)));
    return AT_OK;
}

/* Unless a key says otherwise RSRP is as far below the power as on a capture of an LTE cell. */
static int rsrp_tenths(const struct modem *m)
{
    const struct profile *p = m->profile;
    return p->signal_rsrp != 0 ? (int)p->signal_rsrp : (int)p->signal_dbm * 10 - 283;
}

static int rsrp_index(const struct modem *m)
{
    return (rsrp_tenths(m) + 1410) / 10;
}

static int rsrq_index(const struct modem *m)
{
    return ((int)m->profile->signal_rsrq + 195) / 5;
}

/* 27.007 8.69: rxlev, ber, rscp, ecno, rsrq, rsrp; what the radio access does not have is unknown.
 */
static struct at_result cesq_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    int dbm = (int)m->profile->signal_dbm;
    if (!radio_registered(m) || m->radio.rat < 0) {
        at_info(ch, "+CESQ: 99,99,255,255,255,255");
    } else if (m->radio.rat == RAT_LTE) {
        at_info(ch, "+CESQ: 99,99,255,255,%d,%d", rsrq_index(m), rsrp_index(m));
    } else if (m->radio.rat == RAT_WCDMA) {
        at_info(ch, "+CESQ: 99,99,%d,49,255,255", dbm + 121);
    } else {
        at_info(ch, "+CESQ: %d,0,255,255,255,255", dbm + 111);
    }
    return AT_OK;
}

static void csq_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.csq_timer);
    urc_csq(m, (int)radio_csq(m));
    modem_every(m, t, AUTOCSQ_MS, csq_due);
}

static void autocsq_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    timer_stop(&m->radio.csq_timer);
    if (m->set.autocsq[0] == 1 && m->set.autocsq[1] == 0) {
        modem_every(m, &m->radio.csq_timer, AUTOCSQ_MS, csq_due);
    }
}

/* --- CPSI --- */

static void cpsi_lte(const struct modem *m, const char *plmn, struct buf *out)
{
    const struct profile *p = m->profile;
    (void)buf_addf(out, "+CPSI: LTE,Online,%s,0x%04X,%d,%d,%s,%d,%d", plmn,
                   (unsigned)p->network_tac, (int)p->network_cell, (int)p->network_pci,
                   p->network_band, (int)p->network_earfcn, (int)p->network_bandwidth);
    if (p->cpsi_units == CPSI_TENTHS) {
        (void)buf_addf(out, ",%d,%d,%d,%d,%d", (int)p->network_bandwidth, (int)p->signal_rsrq,
                       rsrp_tenths(m), (int)(p->signal_dbm * 10 + p->signal_tenths),
                       (int)p->signal_snr);
    } else {
        (void)buf_addf(out, ",0,%d,%d,%d,%d", rsrq_index(m), rsrp_index(m),
                       (int)p->signal_dbm + 110, (int)p->signal_snr);
    }
}

static void cpsi_text(const struct modem *m, struct buf *out)
{
    const struct profile *p = m->profile;
    char plmn[16];
    (void)snprintf(plmn, sizeof plmn, "%.3s-%s", p->network_plmn,
                   strlen(p->network_plmn) > 3 ? p->network_plmn + 3 : "");
    const char *mode = m->cfun == 7 ? "Offline" : m->cfun == 1 ? "Online" : "Low Power Mode";
    if (!radio_registered(m)) {
        (void)buf_addf(out, "+CPSI: NO SERVICE,%s", mode);
    } else if (m->radio.rat == RAT_LTE) {
        cpsi_lte(m, plmn, out);
    } else if (m->radio.rat == RAT_WCDMA) {
        (void)buf_addf(
            out, "+CPSI: WCDMA,Online,%s,0x%04X,%d,WCDMA IMT 2000,279,10663,0,1.5,%d,33,%d,500",
            plmn, (unsigned)p->network_tac, (int)p->network_cell, -(int)p->signal_dbm - 19,
            (int)p->signal_dbm + 115);
    } else {
        (void)buf_addf(out, "+CPSI: GSM,Online,%s,0x%04x,%d,27 EGSM 900,%d,2110,42-42", plmn,
                       (unsigned)p->network_tac, (int)p->network_cell & 0xFFFF, (int)p->signal_dbm);
    }
}

static struct at_result cpsi_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct buf text;
    buf_init(&text, 256);
    cpsi_text(modem_of(ch), &text);
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
    return AT_OK;
}

static void cpsi_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.cpsi_timer);
    struct buf text;
    buf_init(&text, 256);
    cpsi_text(m, &text);
    (void)buf_add_byte(&text, 0);
    at_urc_line(m->ch, (const char *)text.p);
    buf_fini(&text);
    modem_every(m, t, m->set.cpsi * 1000, cpsi_due);
}

static void cpsi_changed(struct at_chan *ch)
{
    struct modem *m = modem_of(ch);
    timer_stop(&m->radio.cpsi_timer);
    if (m->set.cpsi > 0) {
        modem_every(m, &m->radio.cpsi_timer, m->set.cpsi * 1000, cpsi_due);
    }
}

/* --- registration --- */

static void registration(struct at_chan *ch, const char *name, int32_t n, enum reg_state stat,
                         bool with_act)
{
    const struct modem *m = modem_of(ch);
    if (n != 2 || (stat != REG_HOME && stat != REG_ROAMING)) {
        at_info(ch, "%s: %d,%d", name, (int)n, (int)stat);
        return;
    }
    char act[8] = "";
    if (with_act) {
        (void)snprintf(act, sizeof act, ",%d", (int)radio_act(m));
    }
    at_info(ch, "%s: 2,%d,\"%X\",\"%X\"%s", name, (int)stat, (unsigned)m->profile->network_tac,
            (unsigned)m->profile->network_cell, act);
}

static struct at_result creg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    registration(ch, "+CREG", m->set.creg, radio_cs(m), false);
    return AT_OK;
}

static struct at_result cgreg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    registration(ch, "+CGREG", m->set.cgreg, radio_ps(m), false);
    return AT_OK;
}

static struct at_result cereg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    registration(ch, "+CEREG", m->set.cereg, radio_eps(m), true);
    return AT_OK;
}

static struct at_result cnsmod_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "+CNSMOD: %d,%d", (int)m->set.cnsmod, (int)radio_system_mode(m));
    return AT_OK;
}

static void cnmp_changed(struct at_chan *ch)
{
    radio_restart(modem_of(ch)); /* registers anew with what is allowed now */
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define REG(n, fn, field)                                                                           \
    { .name = (n), .doc = "Network registration.", CLAUSE("B4.3"), .evidence = EV_LOG, .read = (fn), \
      AT_SETTING(struct settings, field, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 2, "URCs: 0 off, 1 state, 2 state and cell")) }

static const struct at_cmd rows[] = {
    { .name = "+CSQ", .doc = "Signal quality.", CLAUSE("B4.2"), .evidence = EV_LOG, .exec = csq_exec, .test_quirk = "+CSQ: (0-31,99),(0-7,99)" },
    { .name = "+CESQ", .doc = "Signal quality in detail.", CLAUSE("B4.3"), .evidence = EV_INFERRED, .exec = cesq_exec,
      .test_quirk = "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)" },
    { .name = "+AUTOCSQ", .doc = "Reports the signal: every 5 s, or when it changes.", CLAUSE("B4.2"), .evidence = EV_LOG,
      AT_SETTING_HOOK(struct settings, autocsq, AT_SET_FACTORY, autocsq_changed, P_INT("auto", 0, 1, "1: on"), P_INT("mode", 0, 1, "0 every 5 s, 1 on change", .flags = PARAM_OPTIONAL)) },
    { .name = "+CSQDELTA", .doc = "How much the signal must change for AUTOCSQ mode 1.", CLAUSE("B4.2"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, csqdelta, AT_SET_BARE_DEFAULT, P_INT("delta", 0, 5, "steps of CSQ", .def = 5)) },
    { .name = "+CPSI", .doc = "The cell in detail; a period in s makes it come by itself.", CLAUSE("B4.3"), .evidence = EV_LOG, .read = cpsi_read,
      AT_SETTING_HOOK(struct settings, cpsi, 0, cpsi_changed, P_INT("time", 0, 255, "period in s, 0: off")) },
    REG("+CREG", creg_read, creg),
    REG("+CGREG", cgreg_read, cgreg),
    REG("+CEREG", cereg_read, cereg),
    { .name = "+CNSMOD", .doc = "System mode: 0 none, 3 EDGE, 7 HSPA, 8 LTE.", CLAUSE("B4.3"), .evidence = EV_MANUAL, .read = cnsmod_read,
      AT_SETTING(struct settings, cnsmod, AT_SET_FACTORY, P_INT("n", 0, 1, "1: changes are reported")) },
    { .name = "+CNMP", .doc = "Preferred mode: 2 automatic, 13 GSM, 14 WCDMA, 38 LTE.", CLAUSE("B4.3"), .evidence = EV_LOG,
      AT_SETTING_HOOK(struct settings, cnmp, AT_SET_AUTO, cnmp_changed, P_INT("mode", 2, 67, "mode", .list = "2,9,10,13,14,19,22,38,39,48,51,54,59,60,63,67", .def = 2)) },
};
/* clang-format on */

const struct at_service service_radio = { "Signal and registration", rows, ARRAY_LEN(rows) };
