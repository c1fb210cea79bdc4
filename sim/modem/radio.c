#include "sim/modem/radio.h"

#include "sim/modem/modem_int.h"

#define CSQ_UNKNOWN 99

enum { GSM = 1U << RAT_GSM, WCDMA = 1U << RAT_WCDMA, LTE = 1U << RAT_LTE };

/* Radio access that a CNMP value allows; those without GSM, WCDMA or LTE find nothing here. */
static unsigned allowed_by(int32_t cnmp)
{
    static const struct {
        int32_t mode;
        unsigned rats;
    } modes[] = {
        { 2, GSM | WCDMA | LTE },
        { 13, GSM },
        { 14, WCDMA },
        { 19, GSM | WCDMA },
        { 38, LTE },
        { 39, GSM | WCDMA | LTE },
        { 48, WCDMA | LTE },
        { 51, GSM | LTE },
        { 54, WCDMA | LTE },
        { 60, GSM },
        { 63, GSM | WCDMA },
        { 67, GSM | WCDMA | LTE },
    };

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (modes[i].mode == cnmp) {
            return modes[i].rats;
        }
    }
    return 0;
}

/* The best radio access that both sides have; -1: no cell for us. */
static int best_rat(const struct modem *m)
{
    unsigned allowed = allowed_by(m->set.cnmp);
    for (int rat = m->profile->network_rat; rat >= 0 && m->profile->network != NETWORK_NONE;
         rat--) {
        if ((allowed & 1U << (unsigned)rat) != 0) {
            return rat;
        }
    }
    return -1;
}

static bool radio_on(const struct modem *m)
{
    return m->power == POWER_ON && m->cfun == 1;
}

/* Where registration leads to as things are. */
static enum reg_state wanted_state(const struct modem *m)
{
    const struct radio *r = &m->radio;
    if (!radio_on(m) || m->card.state != CARD_READY || r->cops_mode == COPS_DEREGISTER) {
        return REG_IDLE;
    }
    bool other_plmn =
        r->cops_mode == COPS_MANUAL && strcmp(r->cops_plmn, m->profile->network_plmn) != 0;
    if (best_rat(m) < 0 || other_plmn) {
        return REG_SEARCHING;
    }
    return m->profile->network == NETWORK_DENIED    ? REG_DENIED
           : m->profile->network == NETWORK_ROAMING ? REG_ROAMING
                                                    : REG_HOME;
}

static bool is_registered(enum reg_state s)
{
    return s == REG_HOME || s == REG_ROAMING;
}

/* --- views --- */

bool radio_registered(const struct modem *m)
{
    return is_registered(m->radio.state);
}

bool radio_may_register(const struct modem *m)
{
    return radio_registered(m) || is_registered(wanted_state(m));
}

enum reg_state radio_ps(const struct modem *m)
{
    return m->radio.state;
}

enum reg_state radio_cs(const struct modem *m)
{
    bool denied = radio_registered(m) && m->profile->network_cs == NETWORK_CS_DENIED;
    return denied ? REG_DENIED : m->radio.state;
}

/* E-UTRAN alone; on older radio access it is not registered there. */
enum reg_state radio_eps(const struct modem *m)
{
    return radio_registered(m) && m->radio.rat != RAT_LTE ? REG_IDLE : m->radio.state;
}

int32_t radio_csq(const struct modem *m)
{
    bool heard = radio_on(m) && best_rat(m) >= 0;
    return heard ? (m->profile->signal_dbm + 113) / 2 : CSQ_UNKNOWN;
}

int32_t radio_act(const struct modem *m)
{
    static const int32_t act[] = { [RAT_GSM] = 0, [RAT_WCDMA] = 2, [RAT_LTE] = 7 };
    return m->radio.rat < 0 ? 0 : act[m->radio.rat];
}

int32_t radio_system_mode(const struct modem *m)
{
    static const int32_t mode[] = { [RAT_GSM] = 3, [RAT_WCDMA] = 7, [RAT_LTE] = 8 };
    return radio_registered(m) ? mode[m->radio.rat] : 0;
}

/* --- what is told unasked --- */

/* One registration domain: how its URCs look with n = 1, and with n = 2 while registered. */
struct domain {
    void (*state)(struct modem *m, int stat);
    void (*cell)(struct modem *m, int stat, unsigned area, unsigned cell);
};

static void cereg_cell(struct modem *m, int stat, unsigned area, unsigned cell)
{
    urc_cereg_cell(m, stat, area, cell, (int)radio_act(m));
}

static void tell_domain(struct modem *m, const struct domain *d, int32_t n, enum reg_state now,
                        enum reg_state *told)
{
    if (now == *told) {
        return;
    }
    *told = now;
    if (n == 2 && is_registered(now)) {
        d->cell(m, (int)now, (unsigned)m->profile->network_tac, (unsigned)m->profile->network_cell);
    } else if (n != 0) {
        d->state(m, (int)now);
    }
}

static void tell_signal(struct modem *m)
{
    int32_t csq = radio_csq(m);
    int32_t step = csq > m->radio.told_csq ? csq - m->radio.told_csq : m->radio.told_csq - csq;
    bool on_change = m->set.autocsq[0] == 1 && m->set.autocsq[1] == 1;
    if (step != 0 && step >= m->set.csqdelta) {
        m->radio.told_csq = csq;
        if (on_change) {
            urc_csq(m, (int)csq);
        }
    }
}

static void tell(struct modem *m)
{
    struct radio *r = &m->radio;
    voice_service_changed(m);
    static const struct domain cs = { urc_creg, urc_creg_cell };
    static const struct domain ps = { urc_cgreg, urc_cgreg_cell };
    static const struct domain eps = { urc_cereg, cereg_cell };
    tell_domain(m, &cs, m->set.creg, radio_cs(m), &r->told_cs);
    tell_domain(m, &ps, m->set.cgreg, radio_ps(m), &r->told_ps);
    tell_domain(m, &eps, m->set.cereg, radio_eps(m), &r->told_eps);
    if (radio_system_mode(m) != r->told_mode) {
        r->told_mode = radio_system_mode(m);
        if (m->set.cnsmod == 1) {
            urc_cnsmod(m, (int)r->told_mode);
        }
    }
    tell_signal(m);
}

static void remember(struct modem *m)
{
    struct radio *r = &m->radio;
    r->told_cs = radio_cs(m);
    r->told_ps = radio_ps(m);
    r->told_eps = radio_eps(m);
    r->told_mode = radio_system_mode(m);
    r->told_csq = radio_csq(m);
}

/* --- attach and bearer --- */

static void bearer_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.bearer_timer);
    pdp_attached(m, true);
    net_bearer_up(m);
}

static void detach(struct modem *m)
{
    timer_stop(&m->radio.bearer_timer);
    m->radio.attached = false;
    pdp_attached(m, false);
    net_bearer_lost(m);
}

static void attach_now(struct modem *m, bool at_once)
{
    struct radio *r = &m->radio;
    if (!r->attach_wanted || r->attached || !radio_registered(m)) {
        return;
    }
    r->attached = true;
    if (at_once) {
        pdp_attached(m, true);
    } else {
        modem_after(m, &r->bearer_timer, m->profile->bearer_ms, bearer_due);
    }
}

void radio_attach(struct modem *m, bool attach)
{
    m->radio.attach_wanted = attach;
    if (attach) {
        attach_now(m, false);
    } else if (m->radio.attached) {
        detach(m);
    }
}

/* --- registration --- */

static void enter(struct modem *m, enum reg_state state)
{
    struct radio *r = &m->radio;
    bool lost = is_registered(r->state) && !is_registered(state);
    bool won = !is_registered(r->state) && is_registered(state);
    r->state = state;
    r->rat = is_registered(state) ? best_rat(m) : -1;
    tell(m);
    if (lost && r->attached) {
        detach(m);
    }
    if (won) {
        clock_nitz(m);
        attach_now(m, false);
    }
    if (won && r->cops_selecting) {
        r->cops_selecting = false;
        timer_stop(&r->cops_timer);
        (void)at_finish(m->ch, r->cops_ticket, AT_OK);
    }
}

static void register_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, radio.register_timer);
    enter(m, wanted_state(m));
}

void radio_update(struct modem *m, bool at_once)
{
    struct radio *r = &m->radio;
    enum reg_state wanted = wanted_state(m);
    if (at_once) {
        timer_stop(&r->register_timer);
        r->state = wanted;
        r->rat = is_registered(wanted) ? best_rat(m) : -1;
        attach_now(m, true);
        remember(m);
        return;
    }
    bool answer = is_registered(wanted) || wanted == REG_DENIED;
    if (!answer || is_registered(r->state)) {
        timer_stop(&r->register_timer);
        enter(m, wanted); /* a loss, or another answer of the network that we are in, is at once */
        return;
    }
    if (r->state != wanted && !timer_armed(&r->register_timer)) {
        enter(m, REG_SEARCHING);
        modem_after(m, &r->register_timer, m->profile->register_ms, register_due);
    }
}

void radio_restart(struct modem *m)
{
    if (radio_on(m) && m->radio.state != REG_IDLE) {
        timer_stop(&m->radio.register_timer);
        enter(m, REG_SEARCHING);
    }
    radio_update(m, false);
}

void radio_world_changed(struct modem *m)
{
    if (m->power == POWER_ON) {
        bool other_rat = radio_registered(m) && best_rat(m) != m->radio.rat && best_rat(m) >= 0;
        if (other_rat) {
            m->radio.rat = best_rat(m); /* reselection: the registration goes on */
        }
        radio_update(m, false);
        tell(m);
    }
}

void radio_reset(struct modem *m)
{
    radio_fini(m);
    m->radio = (struct radio){
        .rat = -1,
        .attach_wanted = true,
        .told_csq = CSQ_UNKNOWN,
        .bands = { "0x0002000004FF0387",
                   "0x000000000000000000000000000000000000000000000000000001E200000095",
                   "0x000000000000003F" },
    };
}

void radio_fini(struct modem *m)
{
    struct radio *r = &m->radio;
    struct timer *timers[] = { &r->register_timer, &r->bearer_timer, &r->csq_timer, &r->cpsi_timer,
                               &r->cops_timer };
    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        timer_stop(timers[i]);
    }
}
