/* The one event log, seen from the code that has something to tell: an event name and typed fields.
 * Who receives it (JSON Lines file, test, nobody) is decided by the host. Pure code holds a
 * 'const struct trace *' and calls trace_emit; a trace without a sink costs one comparison.
 * Rule: no field ever carries a private key, a password, a key password or a PIN. */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/span.h"

enum trace_type { TRACE_INT, TRACE_TEXT };

struct trace_field {
    const char *name;
    enum trace_type type;
    int64_t num;      /* TRACE_INT */
    struct span text; /* TRACE_TEXT: any bytes; the sink escapes what is not UTF-8 */
};

struct trace {
    /* 'fields' and the bytes in them are valid only during the call. */
    void (*sink)(void *ctx, const char *event, const struct trace_field *fields, size_t n);
    void *ctx;
};

#define TRACE_NUM(k, v)                                                                            \
    {                                                                                              \
        .name = (k), .type = TRACE_INT, .num = (v)                                                 \
    }
#define TRACE_SPAN(k, v)                                                                           \
    {                                                                                              \
        .name = (k), .type = TRACE_TEXT, .text = (v)                                               \
    }
#define TRACE_STR(k, v)                                                                            \
    {                                                                                              \
        .name = (k), .type = TRACE_TEXT, .text = span_str(v)                                       \
    }

static inline bool trace_on(const struct trace *t)
{
    return t != NULL && t->sink != NULL;
}

/* trace_emit(t, "mqtt.packet", TRACE_STR("packet", "CONNECT"), TRACE_NUM("keep_alive", 60)); */
#define trace_emit(t, event, ...)                                                                  \
    do {                                                                                           \
        if (trace_on(t)) {                                                                         \
            const struct trace_field trace_fields_[] = { __VA_ARGS__ };                            \
            (t)->sink((t)->ctx, (event), trace_fields_,                                            \
                      sizeof trace_fields_ / sizeof trace_fields_[0]);                             \
        }                                                                                          \
    } while (0)

#endif
