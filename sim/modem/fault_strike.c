/* Faults and their modem: what the outside may do with them, when they strike, and what the trace
 * tells of that. */
#include "sim/modem/modem_int.h"

#define SHOWN_MAX 512 /* of the parameters, in the trace */

static void trace_fault(const struct modem *m, const struct fault *f, const char *step)
{
    struct buf text;
    if (!trace_on(m->trace)) {
        return;
    }
    buf_init(&text, SHOWN_MAX);
    fault_parameters(f, &text);
    trace_emit(m->trace, "fault", TRACE_STR("step", step), TRACE_NUM("fault", f->number),
               TRACE_STR("name", f->row->name), TRACE_SPAN("parameters", buf_span(&text)),
               TRACE_NUM("left", f->for_ever ? -1 : (int64_t)f->left), TRACE_NUM("seed", f->seed));
    buf_fini(&text);
}

/* Those that strike by themselves; from the loop, where nothing of the modem is at work. */
static void act(struct timer *t)
{
    struct modem *m = MODEM_OF(t, fault_timer);
    for (struct fault *f = m->faults.head; f != NULL; f = f->next) {
        if (f->acts && f->left > 0) {
            f->acts = false;
            if (fault_strikes(m, f)) {
                f->row->act(m, f);
            }
        }
    }
}

static void act_soon(struct modem *m)
{
    timer_arm(m->sched, &m->fault_timer, 0, act);
}

const struct fault *modem_fault(struct modem *m, const struct fault_order *order, char *error,
                                size_t error_size)
{
    const struct fault *f = faults_arm(&m->faults, order, m->cfg.seed, error, error_size);
    if (f != NULL) {
        trace_fault(m, f, "armed");
        if (f->acts) {
            act_soon(m);
        }
    }
    return f;
}

bool modem_fault_clear(struct modem *m, uint32_t number)
{
    bool found = faults_clear(&m->faults, number);
    if (found) {
        fault_uart_release(m);
        fault_urc_release(m);
        trace_emit(m->trace, "fault", TRACE_STR("step", "cleared"), TRACE_NUM("fault", number));
    }
    return found;
}

const struct fault *modem_faults(const struct modem *m)
{
    return m->faults.head;
}

void modem_see(struct modem *m, const char *event, const struct trace_field *fields, size_t n)
{
    if (m->faults.head != NULL && faults_see(&m->faults, event, fields, n)) {
        act_soon(m);
    }
}

bool fault_strikes(struct modem *m, struct fault *f)
{
    bool strikes = fault_turn(f);
    if (strikes) {
        trace_fault(m, f, "fired");
    }
    return strikes;
}

struct fault *fault_hit(struct modem *m, const struct fault_row *row,
                        bool (*fits)(const struct fault *f, const void *arg), const void *arg)
{
    struct fault *f = fault_ready(&m->faults, row, NULL);
    while (f != NULL && !(fits(f, arg) && fault_strikes(m, f))) {
        f = fault_ready(&m->faults, row, f);
    }
    return f;
}
