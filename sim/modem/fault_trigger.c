/* Faults that client code arms itself, where it has no other way to the modem: by a client id
 * "fault:NAME,PARAM=VALUE,…", or by a publish to "$fault/NAME/PARAM=VALUE/…". Only where the key
 * fault_triggers is on. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "sim/modem/modem_int.h"

/* What every fault takes; 'when' and 'until' are for those who see the trace. */
static const struct common {
    const char *name;
    int32_t lo, hi;
    size_t place; /* in struct fault_order */
} commons[] = {
    { "count", 0, FAULT_COUNT_MAX, offsetof(struct fault_order, count) },
    { "nth", 1, FAULT_COUNT_MAX, offsetof(struct fault_order, nth) },
    { "chance", 1, 100, offsetof(struct fault_order, chance) },
    { "seed", 0, INT32_MAX, offsetof(struct fault_order, seed) },
};

static const struct common *find_common(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(commons); i++) {
        if (span_eq(name, span_str(commons[i].name))) {
            return &commons[i];
        }
    }
    return NULL;
}

/* Up to the next 'between'; 'rest' goes behind it. */
static struct span next_part(struct span *rest, uint8_t between)
{
    const uint8_t *end = rest->n == 0 ? NULL : memchr(rest->p, between, rest->n);
    size_t n = end == NULL ? rest->n : (size_t)(end - rest->p);
    struct span part = span_of(rest->p, n);
    *rest = span_from(*rest, end == NULL ? n : n + 1);
    return part;
}

/* Takes PARAM=VALUE into the order, whose parameters are 'args' (FAULT_PARAMS_MAX of them). */
static bool take_part(struct fault_order *o, struct fault_arg *args, struct span part, char *error,
                      size_t size)
{
    const uint8_t *eq = part.n == 0 ? NULL : memchr(part.p, '=', part.n);
    if (eq == NULL) {
        (void)snprintf(error, size, "behind the name of a fault stands PARAM=VALUE");
        return false;
    }
    size_t n = (size_t)(eq - part.p);
    struct fault_arg a = { .name = span_of(part.p, n), .text = span_from(part, n + 1) };
    a.is_number = schema_number(a.text, false, &a.num);
    const struct common *c = find_common(a.name);
    if (c != NULL) {
        if (!a.is_number || a.num < c->lo || a.num > c->hi) {
            (void)snprintf(error, size, "%s takes %d to %d", c->name, (int)c->lo, (int)c->hi);
            return false;
        }
        *(uint32_t *)(void *)((char *)o + c->place) = (uint32_t)a.num;
        o->has_seed = o->has_seed || strcmp(c->name, "seed") == 0;
        return true;
    }
    if (o->n == FAULT_PARAMS_MAX) {
        (void)snprintf(error, size, "no fault takes more than %d parameters", FAULT_PARAMS_MAX);
        return false;
    }
    args[o->n++] = a;
    return true;
}

static void trigger(struct modem *m, struct span text, uint8_t between)
{
    char error[256] = "";
    struct fault_arg args[FAULT_PARAMS_MAX];
    struct fault_order order = { .args = args, .count = 1 };
    struct span rest = text;
    bool right = true;
    order.name = next_part(&rest, between);
    while (right && rest.n > 0) {
        right = take_part(&order, args, next_part(&rest, between), error, sizeof error);
    }
    if (!right || modem_fault(m, &order, error, sizeof error) == NULL) {
        trace_emit(m->trace, "fault", TRACE_STR("step", "refused"), TRACE_SPAN("text", text),
                   TRACE_STR("reason", error));
    }
}

static bool begins_with(const struct modem *m, struct span text, struct span prefix)
{
    return m->own.fault_triggers != 0 && text.n >= prefix.n &&
           memcmp(text.p, prefix.p, prefix.n) == 0;
}

void fault_trigger_client_id(struct modem *m, struct span id)
{
    struct span prefix = SPAN_LIT("fault:");
    if (begins_with(m, id, prefix)) {
        trigger(m, span_from(id, prefix.n), ',');
    }
}

bool fault_trigger_topic(struct modem *m, struct span topic)
{
    struct span prefix = SPAN_LIT("$fault/");
    bool is_one = begins_with(m, topic, prefix);
    if (is_one) {
        trigger(m, span_from(topic, prefix.n), '/');
    }
    return is_one;
}
