/* The operator: selection and search, names, bands (general-commands.md B4.3). */
#include <stdio.h>

#include "sim/modem/gates.h"

enum { CME_NO_NETWORK = 30 };

static struct at_result cnaop_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CNAOP: 7,9,5,3"); /* LTE, WCDMA, TD-SCDMA, GSM: no CDMA in this variant (B4.3) */
    return AT_OK;
}

/* Bands are accepted and kept as they are written; which bands a network is on is not modelled. */
static struct at_result cnbp_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "+CNBP: %s,%s,%s", m->radio.bands[0], m->radio.bands[1], m->radio.bands[2]);
    return AT_OK;
}

static bool is_mask(struct span s)
{
    bool ok = s.n >= 3 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
    for (size_t i = 2; ok && i < s.n; i++) {
        char c = ascii_upper((char)s.p[i]);
        ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    }
    return ok;
}

static struct at_result cnbp_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < 3; i++) {
        if (call->arg[i].present && !is_mask(call->arg[i].str)) {
            return AT_ERROR;
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (call->arg[i].present) {
            (void)snprintf(m->radio.bands[i], sizeof m->radio.bands[i], "%.*s",
                           (int)call->arg[i].str.n, (const char *)call->arg[i].str.p);
        }
    }
    return AT_OK;
}

/* The preferred list of a card that has none. */
static struct at_result cpol_read(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    (void)call;
    return AT_OK;
}

static struct at_result copn_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct profile *p = modem_of(ch)->profile;
    at_info(ch, "+COPN: \"%s\",\"%s\"", p->network_plmn, p->network_name);
    return AT_OK;
}

static struct at_result ws46_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "25"); /* GERAN and UTRAN and E-UTRAN, as AT&V of a SIM7600G-H shows it */
    return AT_OK;
}

/* --- operator --- */

/* Its number is digits in every character set. */
static const char *operator_name(const struct modem *m, char ret[HOST_TEXT_SIZE])
{
    const struct profile *p = m->profile;
    return m->radio.cops_format == 2
               ? p->network_plmn
               : host_text(m, m->radio.cops_format == 1 ? p->network_short : p->network_name, ret);
}

static struct at_result cops_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    const struct radio *r = &m->radio;
    if (radio_registered(m)) {
        char name[HOST_TEXT_SIZE];
        at_info(ch, "+COPS: %d,%d,\"%s\",%d", (int)r->cops_mode, (int)r->cops_format,
                operator_name(m, name), (int)radio_act(m));
    } else {
        at_info(ch, "+COPS: %d", (int)r->cops_mode);
    }
    return AT_OK;
}

static struct at_result cops_ended(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    timer_stop(&modem_of(ch)->radio.cops_timer);
    return at_aborted(ch);
}

static void scan_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.cops_timer);
    struct radio *r = &m->radio;
    if (!at_parked(m->ch, r->cops_ticket)) {
        return;
    }
    char cell[128] = "";
    if (m->profile->network != NETWORK_NONE && m->cfun == 1) {
        int stat = radio_registered(m) ? 2 : m->profile->network == NETWORK_DENIED ? 3 : 1;
        (void)snprintf(cell, sizeof cell, "(%d,\"%.32s\",\"%.16s\",\"%.6s\",%d),", stat,
                       m->profile->network_name, m->profile->network_short,
                       m->profile->network_plmn,
                       m->profile->network_rat == RAT_LTE     ? 7
                       : m->profile->network_rat == RAT_WCDMA ? 2
                                                              : 0);
    }
    at_info(m->ch, "+COPS: %s,(0,1,2,3,4,5),(0,1,2)", cell);
    (void)at_finish(m->ch, r->cops_ticket, AT_OK);
}

static struct at_result cops_scan(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (m->cfun != 1) {
        return AT_CME(CME_NO_NETWORK);
    }
    m->radio.cops_ticket = at_park(ch);
    modem_after(m, &m->radio.cops_timer, m->profile->scan_ms, scan_due);
    return AT_PENDING;
}

static void selection_failed(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.cops_timer);
    struct radio *r = &m->radio;
    bool registered = radio_registered(m);
    r->cops_selecting = false;
    if (!registered && r->cops_mode == COPS_MANUAL_AUTO) {
        r->cops_mode = COPS_AUTO;
        radio_update(m, false);
    }
    (void)at_finish(m->ch, r->cops_ticket, registered ? AT_OK : AT_CME(CME_NO_NETWORK));
}

/* The PLMN that a name or number stands for: our network's, or one that is not there. */
static void take_operator(struct modem *m, const struct at_call *call)
{
    const struct profile *p = m->profile;
    const char *name = call->arg[1].num == 2   ? p->network_plmn
                       : call->arg[1].num == 1 ? p->network_short
                                               : p->network_name;
    bool ours = span_eq(call->arg[2].str, span_str(name));
    (void)snprintf(m->radio.cops_plmn, sizeof m->radio.cops_plmn, "%.6s",
                   ours ? p->network_plmn : "-");
}

static struct at_result cops_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct radio *r = &m->radio;
    int32_t mode = call->arg[0].num;
    if (mode == COPS_FORMAT_ONLY) {
        r->cops_format = call->arg[1].num;
        return AT_OK;
    }
    if (m->card.state != CARD_READY) {
        return AT_CME(card_error(m));
    }
    bool manual = mode == COPS_MANUAL || mode == COPS_MANUAL_AUTO;
    if (manual && !call->arg[2].present) {
        return AT_ERROR;
    }
    r->cops_mode = mode;
    if (call->arg[1].present) {
        r->cops_format = call->arg[1].num;
    }
    if (!manual) {
        radio_update(m, false);
        return AT_OK;
    }
    take_operator(m, call);
    r->cops_mode = COPS_MANUAL;
    radio_update(m, false);
    r->cops_mode = mode;
    if (radio_registered(m)) {
        return AT_OK;
    }
    r->cops_selecting = true;
    r->cops_ticket = at_park(ch);
    modem_after(m, &r->cops_timer, m->profile->scan_ms, selection_failed);
    return AT_PENDING;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s

static const struct at_cmd rows[] = {
    { .name = "+COPS", .doc = "Operator: selection, name, search.", CLAUSE("B4.3"), .evidence = EV_LOG, .read = cops_read, .set = cops_set, .test = cops_scan,
      .abort = cops_ended, .limit_ms = 180000, .reply = "+COPS: <mode>[,<format>,\"<oper>\",<AcT>]",
      AT_PARAMS(P_INT("mode", 0, 4, "0 automatic, 1 manual, 2 deregister, 3 format only, 4 manual then automatic"),
                P_INT("format", 0, 2, "0 long, 1 short, 2 number", .flags = PARAM_OPTIONAL), P_STR("oper", 1, 32, "operator", .flags = PARAM_OPTIONAL),
                P_INT("AcT", 0, 7, "radio access", .list = "0,2,7", .flags = PARAM_OPTIONAL)) },
    { .name = "+CNAOP", .doc = "Acquisition order.", CLAUSE("B4.3"), .evidence = EV_MANUAL, .read = cnaop_read },
    { .name = "+CNBP", .doc = "Bands in use.", CLAUSE("B4.3"), .evidence = EV_MANUAL, .read = cnbp_read, .set = cnbp_set, .flags = AT_ROW_NO_TEST,
      AT_PARAMS(P_STR("mode", 3, 18, "GSM and WCDMA bands, 0x..."), P_STR("lte_mode", 3, 66, "LTE bands, 0x...", .flags = PARAM_OPTIONAL), P_STR("tds_mode", 3, 18, "TD-SCDMA bands, 0x...", .flags = PARAM_OPTIONAL)) },
    { .name = "+CPOL", .doc = "Preferred operators; the card has none.", CLAUSE("B4.3"), .evidence = EV_MANUAL, .read = cpol_read, .group = &gate_card, .test_quirk = "+CPOL: (1-80),(0-2)" },
    { .name = "+COPN", .doc = "Names of operators: the one there is.", CLAUSE("B4.3"), .evidence = EV_MANUAL, .exec = copn_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+WS46", .doc = "Radio access that may be used; 25 is all of it.", CLAUSE("B4.1"), .evidence = EV_INFERRED, .read = ws46_read, .test_quirk = "+WS46: (12,22,25,28,29,30,31)" },
};
/* clang-format on */

const struct at_service service_operator = { "Operator", rows, ARRAY_LEN(rows) };
