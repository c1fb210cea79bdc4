/* The latest events of the process, in memory, for the verb 'trace' of the control socket. An event
 * is copied as it is and becomes JSON only when somebody asks. */
#ifndef SIM_HOST_TRACE_RING_H
#define SIM_HOST_TRACE_RING_H

#include "base/trace.h"

#define TRACE_RING_EVENTS 1000
#define TRACE_RING_BYTES                                                                           \
    ((size_t)128 * 1024)                    /* of all texts together; the oldest events go first */
#define TRACE_RING_TEXT ((size_t)16 * 1024) /* longer texts are not kept */

struct trace_ring;

struct trace_ring *trace_ring_new(void);
void trace_ring_free(struct trace_ring **rp);

/* Keeps an event. 'event' and the names of the fields must be literals: only the pointers are kept.
 */
void trace_ring_add(struct trace_ring *r, uint64_t ms, unsigned modem, const char *event,
                    const struct trace_field *fields, size_t n);

/* Calls each() for the latest 'last' events, oldest first. */
void trace_ring_each(const struct trace_ring *r, size_t last,
                     void (*each)(void *arg, uint64_t ms, unsigned modem, const char *event,
                                  const struct trace_field *fields, size_t n),
                     void *arg);

#endif
