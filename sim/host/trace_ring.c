#include "sim/host/trace_ring.h"

#include <stdlib.h>

#include "base/buf.h"

/* One block: the fields, and behind them their texts. */
struct kept {
    uint64_t ms;
    const char *event;
    unsigned modem;
    size_t n, bytes;
    struct trace_field fields[];
};

struct trace_ring {
    struct kept *kept[TRACE_RING_EVENTS];
    size_t first, n, bytes;
};

struct trace_ring *trace_ring_new(void)
{
    return xcalloc(1, sizeof(struct trace_ring));
}

static void drop_oldest(struct trace_ring *r)
{
    r->bytes -= r->kept[r->first]->bytes;
    free(r->kept[r->first]);
    r->kept[r->first] = NULL;
    r->first = (r->first + 1) % TRACE_RING_EVENTS;
    r->n--;
}

void trace_ring_free(struct trace_ring **rp)
{
    struct trace_ring *r = *rp;
    *rp = NULL;
    while (r != NULL && r->n > 0) {
        drop_oldest(r);
    }
    free(r);
}

static struct span text_of(const struct trace_field *f)
{
    return f->type == TRACE_INT           ? (struct span){ NULL, 0 }
           : f->text.n <= TRACE_RING_TEXT ? f->text
                                          : SPAN_LIT("(too long for the trace)");
}

void trace_ring_add(struct trace_ring *r, uint64_t ms, unsigned modem, const char *event,
                    const struct trace_field *fields, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        bytes += text_of(&fields[i]).n;
    }
    if (bytes > TRACE_RING_BYTES) {
        return;
    }
    while (r->n == TRACE_RING_EVENTS || r->bytes + bytes > TRACE_RING_BYTES) {
        drop_oldest(r);
    }
    struct kept *k = xcalloc(1, sizeof *k + n * sizeof k->fields[0] + bytes);
    *k = (struct kept){ .ms = ms, .event = event, .modem = modem, .n = n, .bytes = bytes };
    uint8_t *text = (uint8_t *)&k->fields[n];
    for (size_t i = 0; i < n; i++) {
        struct span s = text_of(&fields[i]);
        k->fields[i] = fields[i];
        k->fields[i].text = (struct span){ text, s.n };
        if (s.n > 0) {
            memcpy(text, s.p, s.n);
        }
        text += s.n;
    }
    r->kept[(r->first + r->n) % TRACE_RING_EVENTS] = k;
    r->n++;
    r->bytes += bytes;
}

void trace_ring_each(const struct trace_ring *r, size_t last,
                     void (*each)(void *arg, uint64_t ms, unsigned modem, const char *event,
                                  const struct trace_field *fields, size_t n),
                     void *arg)
{
    for (size_t i = r->n > last ? r->n - last : 0; i < r->n; i++) {
        const struct kept *k = r->kept[(r->first + i) % TRACE_RING_EVENTS];
        each(arg, k->ms, k->modem, k->event, k->fields, k->n);
    }
}
