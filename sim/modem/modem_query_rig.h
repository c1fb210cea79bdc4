/* A query of the modem under test as the rig records it: what was asked, and that the modem keeps
 * its side of struct modem_host. Part of modem_rig.h. */
#ifndef SIM_MODEM_MODEM_QUERY_RIG_H
#define SIM_MODEM_MODEM_QUERY_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/modem/query.h"

struct rig_query {
    unsigned asked, cancelled;
    bool open;
    enum query_kind kind;
    char target[300];
    uint32_t limit_ms;
    uint16_t bytes;
    uint8_t ttl;
};

static inline void rig_query_begin(struct rig_query *r, const struct query *q)
{
    assert_true(!r->open && q->target.n > 0 && q->limit_ms > 0);
    r->asked++;
    r->open = true;
    r->kind = q->kind;
    r->limit_ms = q->limit_ms;
    r->bytes = q->bytes;
    r->ttl = q->ttl;
    (void)snprintf(r->target, sizeof r->target, "%.*s", (int)q->target.n,
                   (const char *)q->target.p);
}

static inline void rig_query_cancel(struct rig_query *r)
{
    assert_true(r->open);
    r->open = false;
    r->cancelled++;
}

#endif
