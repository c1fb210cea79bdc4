/* The verb 'subscribe': which events of the trace a connection gets as they happen. The connection
 * itself sends them (control.c). */
#include <stdio.h>

#include "sim/host/control_verbs.h"

enum { MODEM, LAST, EVENTS }; /* its fields */

static bool take_modem(const struct control_request *r, struct control_subscription *ret,
                       struct reason *why)
{
    const struct value *name = &r->value[MODEM];
    ret->all_modems = !name->present;
    for (size_t i = 0; name->present && i < r->facts->n; i++) {
        if (span_eq(name->str, span_str(r->facts->modems[i].name))) {
            ret->modem = r->facts->modems[i].number;
            return true;
        }
    }
    return ret->all_modems || reason_set(why, "subscribe: field 'modem' takes a name of 'list'");
}

static bool take_events(const cJSON *list, struct control_subscription *ret, struct reason *why)
{
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, list)
    {
        size_t n = cJSON_IsString(one) ? strlen(one->valuestring) : 0;
        if (n == 0 || n >= CONTROL_EVENT_NAME || ret->n == CONTROL_EVENTS_MAX) {
            return reason_set(why,
                              "subscribe: field 'events' takes up to %d names of 1 to %d bytes",
                              CONTROL_EVENTS_MAX, CONTROL_EVENT_NAME - 1);
        }
        memcpy(ret->event[ret->n++], one->valuestring, n + 1);
    }
    return true;
}

bool control_subscribe(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct control_subscription new = { .active = true,
                                        .fresh = true,
                                        .last = (size_t)r->value[LAST].num };
    (void)answer;
    if (!take_modem(r, &new, why) || !take_events(r->object[EVENTS], &new, why)) {
        return false;
    }
    *r->subscription = new;
    return true;
}

bool control_wants(const struct control_subscription *s, unsigned modem, const char *event)
{
    if (!s->active || (!s->all_modems && s->modem != modem)) {
        return false;
    }
    bool named = s->n == 0;
    for (size_t i = 0; !named && i < s->n; i++) {
        named = strcmp(s->event[i], event) == 0;
    }
    return named;
}
