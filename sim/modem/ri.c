#include "sim/modem/ri.h"

#include "sim/modem/modem_int.h"

/* The rhythm of a call (general-commands.md A21). */
#define RING_ON_MS  5900
#define RING_OFF_MS 100

enum { CFGRI_STATUS, CFGRI_URC_MS, CFGRI_SMS_MS };

/* The trace has what the line does: who pulls it first, and who lets go of it last. */
static void pull(struct modem *m, enum ri_cause cause, bool on)
{
    static const char *const causes[] = { "call", "sms", "urc" };
    unsigned was = m->ri.pulled;
    unsigned bit = 1U << cause;
    m->ri.pulled = on ? was | bit : was & ~bit;
    if ((was != 0) != (m->ri.pulled != 0)) {
        trace_emit(m->trace, "ri", TRACE_STR("state", on ? "on" : "off"),
                   TRACE_STR("cause", causes[cause]));
    }
}

static void let_go(struct modem *m, enum ri_cause cause)
{
    timer_stop(&m->ri.timer[cause]);
    pull(m, cause, false);
}

/* --- pulses --- */

static void sms_due(struct timer *t)
{
    pull(MODEM_OF(t, ri.timer[RI_SMS]), RI_SMS, false);
}

static void urc_due(struct timer *t)
{
    pull(MODEM_OF(t, ri.timer[RI_URC]), RI_URC, false);
}

/* A pulse that is under way is never cut short: by one that AT+CFGRI has made shorter since. */
static void pulse(struct modem *m, enum ri_cause cause, int32_t ms, timer_fn *due)
{
    struct timer *t = &m->ri.timer[cause];
    uint64_t until = timer_armed(t) ? t->due : 0;
    pull(m, cause, true);
    modem_after(m, t, ms, due);
    if (t->due < until) {
        timer_arm(m->sched, t, until - sched_now(m->sched), due);
    }
}

void ri_urc(struct modem *m)
{
    if (m->set.cfgri[CFGRI_STATUS] != 0) {
        pulse(m, RI_URC, m->set.cfgri[CFGRI_URC_MS], urc_due);
    }
}

void ri_sms(struct modem *m)
{
    pulse(m, RI_SMS, m->set.cfgri[CFGRI_SMS_MS], sms_due);
}

/* --- calls --- */

static void ring_off(struct timer *t);

static void ring_on(struct timer *t)
{
    struct modem *m = MODEM_OF(t, ri.timer[RI_CALL]);
    pull(m, RI_CALL, true);
    voice_ring_after(m, t, RING_ON_MS, ring_off);
}

static void ring_off(struct timer *t)
{
    struct modem *m = MODEM_OF(t, ri.timer[RI_CALL]);
    pull(m, RI_CALL, false);
    voice_ring_after(m, t, RING_OFF_MS, ring_on);
}

void ri_ring(struct modem *m)
{
    ring_on(&m->ri.timer[RI_CALL]);
}

void ri_ring_end(struct modem *m)
{
    let_go(m, RI_CALL);
}

/* --- life --- */

bool ri_on(const struct modem *m)
{
    return m->ri.pulled != 0;
}

void ri_reset(struct modem *m)
{
    for (enum ri_cause c = RI_CALL; c < RI_CAUSES; c++) {
        let_go(m, c);
    }
}

/* The line is nobody's any more: the trace is not told. */
void ri_fini(struct modem *m)
{
    for (enum ri_cause c = RI_CALL; c < RI_CAUSES; c++) {
        timer_stop(&m->ri.timer[c]);
    }
    m->ri.pulled = 0;
}
