/* Arms faults in tests from a text, as sim7600ctl does: "uart.drop from=host at=2 when.event=at".
 * For tests only. */
#ifndef SIM_MODEM_FAULT_RIG_H
#define SIM_MODEM_FAULT_RIG_H

#include "sim/modem/fault.h"
#include "sim/modem/modem_rig.h"

static inline struct fault_arg fault_rig_arg(struct span word, struct span *ret_name)
{
    const uint8_t *eq = memchr(word.p, '=', word.n);
    assert_non_null(eq);
    size_t n = (size_t)(eq - word.p);
    struct fault_arg a = { .name = span_of(word.p, n), .text = span_from(word, n + 1) };
    a.is_number = schema_number(a.text, false, &a.num);
    *ret_name = a.name;
    return a;
}

static inline bool fault_rig_event(struct fault_event *e, struct span prefix, struct fault_arg a,
                                   uint32_t *nth)
{
    if (a.name.n <= prefix.n || memcmp(a.name.p, prefix.p, prefix.n) != 0) {
        return false;
    }
    a.name = span_from(a.name, prefix.n);
    if (span_eq(a.name, SPAN_LIT("event"))) {
        e->name = a.text;
    } else if (nth != NULL && span_eq(a.name, SPAN_LIT("nth"))) {
        *nth = (uint32_t)a.num;
    } else {
        e->field[e->n++] = a;
    }
    return true;
}

/* The fault, or NULL with the reason in 'error' (256 bytes). */
static inline const struct fault *fault_rig_try(struct rig *r, const char *text, char *error)
{
    struct fault_arg args[FAULT_PARAMS_MAX];
    struct fault_order o = { .args = args, .count = 1 };
    struct span rest = span_str(text);
    for (bool first = true; rest.n > 0; first = false) {
        const uint8_t *space = memchr(rest.p, ' ', rest.n);
        size_t n = space == NULL ? rest.n : (size_t)(space - rest.p);
        struct span word = span_of(rest.p, n);
        rest = span_from(rest, space == NULL ? n : n + 1);
        struct span name;
        if (first) {
            o.name = word;
            continue;
        }
        struct fault_arg a = fault_rig_arg(word, &name);
        uint32_t *common = span_eq(name, SPAN_LIT("count"))    ? &o.count
                           : span_eq(name, SPAN_LIT("nth"))    ? &o.nth
                           : span_eq(name, SPAN_LIT("chance")) ? &o.chance
                                                               : NULL;
        if (common != NULL) {
            *common = (uint32_t)a.num;
        } else if (!fault_rig_event(&o.when, SPAN_LIT("when."), a, &o.when_nth) &&
                   !fault_rig_event(&o.until, SPAN_LIT("until."), a, NULL)) {
            assert_true(o.n < FAULT_PARAMS_MAX);
            args[o.n++] = a;
        }
    }
    return modem_fault(r->m, &o, error, 256);
}

static inline const struct fault *fault_rig(struct rig *r, const char *text)
{
    char error[256] = "";
    const struct fault *f = fault_rig_try(r, text, error);
    if (f == NULL) {
        fail_msg("%s: %s", text, error);
    }
    return f;
}

#endif
