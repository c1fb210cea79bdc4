/* A session with virtual time and no link, for its tests: what it tells is collected as text, what
 * it sends as bytes, what it traces as one line per event. For tests only, which own it. */
#ifndef SIM_MQTT_SESSION_RIG_H
#define SIM_MQTT_SESSION_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/mqtt/session.h"

#define RIG_CAP ((size_t)1 << 20)

#define SPAN_INIT(s)                                                                               \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }

struct rig {
    struct sched sched;
    struct trace trace;
    struct mqtt_session s;
    struct buf told;  /* events as text, each with a line feed */
    struct buf sent;  /* bytes taken from the output */
    struct buf trail; /* trace: "event name=value …", each with a line feed */
    unsigned wakes;
};

static void rig_wake(void *ctx)
{
    struct rig *r = ctx;
    r->wakes++;
}

static void rig_trace(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    struct rig *r = ctx;
    assert_true(buf_addf(&r->trail, "%s", event));
    for (size_t i = 0; i < n; i++) {
        assert_true(buf_addf(&r->trail, " %s=", fields[i].name));
        if (fields[i].type == TRACE_INT) {
            assert_true(buf_addf(&r->trail, "%lld", (long long)fields[i].num));
        } else {
            assert_true(buf_add(&r->trail, fields[i].text));
        }
    }
    assert_true(buf_add_byte(&r->trail, '\n'));
}

static inline void rig_init(struct rig *r)
{
    *r = (struct rig){ .trace = { .sink = rig_trace, .ctx = r } };
    buf_init(&r->told, RIG_CAP);
    buf_init(&r->sent, RIG_CAP);
    buf_init(&r->trail, RIG_CAP);
    mqtt_session_init(&r->s, &r->sched, &r->trace, rig_wake, r);
}

/* Nothing may be left over: no armed timer; memory is the sanitizer's business. */
static inline void rig_fini(struct rig *r)
{
    mqtt_session_fini(&r->s);
    assert_null(r->sched.head);
    buf_fini(&r->told);
    buf_fini(&r->sent);
    buf_fini(&r->trail);
}

static inline void rig_forget(struct rig *r)
{
    buf_clear(&r->told);
    buf_clear(&r->sent);
    buf_clear(&r->trail);
    r->wakes = 0;
}

static inline void rig_tell(struct rig *r, const struct mqtt_event *e)
{
    struct buf *to = &r->told;
    switch (e->kind) {
    case MQTT_EV_CONNACK:
        assert_true(buf_addf(to, "CONNACK %d%s\n", e->code, e->session_present ? " present" : ""));
        break;
    case MQTT_EV_PUBLISHED:
        assert_true(buf_addf(to, "PUBLISHED\n"));
        break;
    case MQTT_EV_SUBACK:
        assert_true(buf_addf(to, "SUBACK"));
        for (size_t i = 0; i < e->codes.n; i++) {
            assert_true(buf_addf(to, " %d", e->codes.p[i]));
        }
        assert_true(buf_addf(to, "\n"));
        break;
    case MQTT_EV_UNSUBACK:
        assert_true(buf_addf(to, "UNSUBACK\n"));
        break;
    case MQTT_EV_MESSAGE:
        assert_true(buf_addf(to, "MESSAGE qos %d%s ", e->qos, e->retain ? " retain" : ""));
        assert_true(buf_add(to, e->topic) && buf_add_byte(to, ' ') && buf_add(to, e->payload));
        assert_true(buf_addf(to, "\n"));
        break;
    case MQTT_EV_OVERSIZE:
        assert_true(
            buf_addf(to, "OVERSIZE qos %d %zu %zu\n", e->qos, e->topic_len, e->payload_len));
        break;
    case MQTT_EV_PING_TIMEOUT:
        assert_true(buf_addf(to, "PING_TIMEOUT\n"));
        break;
    case MQTT_EV_PROTOCOL_ERROR:
        assert_true(buf_addf(to, "ERROR %s\n", e->what));
        break;
    }
}

/* Collects every event due and all output. */
static inline void rig_drain(struct rig *r)
{
    struct mqtt_event e;
    while (mqtt_session_next(&r->s, &e)) {
        rig_tell(r, &e);
    }
    struct span out = mqtt_session_output(&r->s);
    assert_true(buf_add(&r->sent, out));
    mqtt_session_sent(&r->s, out.n);
}

static inline void rig_feed(struct rig *r, struct span bytes)
{
    mqtt_session_input(&r->s, bytes);
    rig_drain(r);
}

/* Moves time to 'now' ms and collects. */
static inline void rig_time(struct rig *r, uint64_t now)
{
    sched_run(&r->sched, now);
    rig_drain(r);
}

static inline void rig_connect(struct rig *r, enum mqtt_version version, bool clean, uint16_t keep)
{
    struct mqtt_connect c = {
        .version = version, .client_id = SPAN_LIT("c"), .keep_alive = keep, .clean_session = clean
    };
    mqtt_session_connect(&r->s, &c);
    rig_drain(r);
}

static inline void assert_bytes(const struct buf *got, struct span want)
{
    if (!span_eq(buf_span(got), want)) {
        for (size_t i = 0; i < got->n; i++) {
            print_error("%02x ", got->p[i]);
        }
        fail_msg("%zu bytes, wanted %zu", got->n, want.n);
    }
}

#define assert_sent(r, literal) assert_bytes(&(r)->sent, SPAN_LIT(literal))

static inline void assert_text(struct buf *got, const char *want)
{
    assert_true(buf_add_byte(got, 0));
    assert_string_equal((char *)got->p, want);
    got->n--;
}

#define assert_told(r, text) assert_text(&(r)->told, text)

/* Connects, has the connection accepted, and forgets what was told and sent. */
static inline void rig_connected(struct rig *r, enum mqtt_version version, bool clean,
                                 uint16_t keep)
{
    rig_connect(r, version, clean, keep);
    rig_forget(r);
    rig_feed(r, SPAN_LIT("\x20\x02\x00\x00"));
    assert_told(r, "CONNACK 0\n");
    rig_forget(r);
}

#endif
