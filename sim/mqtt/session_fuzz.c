/* A script of calls on a session: any bytes from the broker, requests, time, lost links, a link
 * that takes nothing. The same script runs twice, input whole and in small pieces: what is told and
 * what is sent must be equal. Input: pairs of an operation and its argument; "input" is followed by
 * as many bytes. */
#include "base/check.h"
#include "sim/mqtt/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum op {
    OP_INPUT,       /* argument: how many bytes follow and are fed */
    OP_FILLER,      /* argument: feed as many times 64 bytes */
    OP_CONNECT,     /* bit 0: clean_session, bit 1: MQTT 3.1; rest: keep_alive */
    OP_PUBLISH,     /* bits 0-1: QoS, bit 2: retain, bit 3: DUP */
    OP_SUBSCRIBE,   /* bits 0-1: topics less one, bit 2: DUP */
    OP_UNSUBSCRIBE, /* the same */
    OP_TIME,        /* argument: seconds */
    OP_LINK_LOST,
    OP_DISCONNECT,
    OP_STALL, /* odd: from now on the link takes nothing; even: takes all */
    OP_COUNT
};

struct run {
    struct sched sched;
    struct mqtt_session s;
    bool in_pieces, stalled;
    uint64_t told, sent; /* digests */
};

/* FNV-1a: enough to notice a difference. */
static void digest(uint64_t *to, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        *to = (*to ^ bytes.p[i]) * 1099511628211u;
    }
}

static void digest_num(uint64_t *to, uint64_t v)
{
    digest(to, span_of(&v, sizeof v));
}

static void drain(struct run *r)
{
    struct mqtt_event e;
    while (mqtt_session_next(&r->s, &e)) {
        digest_num(&r->told, (uint64_t)e.kind << 32 | (uint64_t)e.code << 8 | e.qos);
        digest_num(&r->told, (uint64_t)e.retain << 1 | e.session_present);
        digest_num(&r->told, e.topic_len);
        digest_num(&r->told, e.payload_len);
        digest(&r->told, e.codes);
        digest(&r->told, e.topic);
        digest(&r->told, e.payload);
        digest(&r->told, span_str(e.what));
        CHECK(e.topic.n <= MQTT_TOPIC_MAX && e.payload.n <= MQTT_PAYLOAD_MAX);
    }
    if (!r->stalled) {
        struct span out = mqtt_session_output(&r->s);
        digest(&r->sent, out);
        mqtt_session_sent(&r->s, out.n);
    }
    CHECK(r->s.in.n - r->s.in_at <= MQTT_INPUT_MAX && r->s.out.n <= MQTT_OUTPUT_MAX);
}

static void feed(struct run *r, struct span bytes)
{
    size_t small = bytes.n <= 255 ? 1 : 61; /* single bytes of a filler only cost time */
    size_t piece = r->in_pieces ? small : bytes.n;
    for (struct span rest = bytes; rest.n > 0; rest = span_from(rest, piece)) {
        mqtt_session_input(&r->s, span_of(rest.p, rest.n < piece ? rest.n : piece));
        drain(r);
    }
}

static void connect_session(struct run *r, uint8_t arg)
{
    struct mqtt_connect c = { .version = (arg & 2) != 0 ? MQTT_3_1 : MQTT_3_1_1,
                              .client_id = SPAN_LIT("fuzz"),
                              .clean_session = (arg & 1) != 0,
                              .keep_alive = arg >> 2 };
    mqtt_session_connect(&r->s, &c);
}

static void step(struct run *r, enum op op, uint8_t arg)
{
    static const uint8_t filler[255 * 64] = { 'x', 0, 1, 'x' };
    static const struct mqtt_topic topics[] = {
        { { (const uint8_t *)"a", 1 }, 0 },
        { { (const uint8_t *)"b/+", 3 }, 1 },
        { { (const uint8_t *)"c/#", 3 }, 2 },
        { { (const uint8_t *)"", 0 }, 0 },
    };
    size_t n = (size_t)(arg & 3) + 1;
    bool dup = (arg & 4) != 0;
    switch (op) {
    case OP_FILLER:
        feed(r, span_of(filler, (size_t)arg * 64));
        break;
    case OP_CONNECT:
        connect_session(r, arg);
        break;
    case OP_PUBLISH:
        mqtt_session_publish(&r->s, SPAN_LIT("t"), span_of(filler, arg), (uint8_t)(arg % 3), dup,
                             (arg & 8) != 0);
        break;
    case OP_SUBSCRIBE:
        mqtt_session_subscribe(&r->s, topics, n, dup);
        break;
    case OP_UNSUBSCRIBE:
        mqtt_session_unsubscribe(&r->s, topics, n, dup);
        break;
    case OP_TIME:
        sched_run(&r->sched, r->sched.now + (uint64_t)arg * 1000);
        break;
    case OP_LINK_LOST:
        mqtt_session_link_lost(&r->s);
        break;
    case OP_DISCONNECT:
        mqtt_session_disconnect(&r->s);
        break;
    case OP_STALL:
        r->stalled = (arg & 1) != 0;
        break;
    case OP_INPUT:
    case OP_COUNT:
        break;
    }
    drain(r);
}

static void run_script(struct run *r, struct span script)
{
    mqtt_session_init(&r->s, &r->sched, NULL, NULL, NULL);
    while (script.n >= 2) {
        enum op op = script.p[0] % OP_COUNT;
        uint8_t arg = script.p[1];
        script = span_from(script, 2);
        if (op == OP_INPUT) {
            size_t n = arg < script.n ? arg : script.n;
            feed(r, span_of(script.p, n));
            script = span_from(script, n);
        } else {
            step(r, op, arg);
        }
    }
    mqtt_session_fini(&r->s);
    CHECK(r->sched.head == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run whole = { .in_pieces = false };
    struct run pieces = { .in_pieces = true };
    run_script(&whole, span_of(data, size));
    run_script(&pieces, span_of(data, size));
    CHECK(whole.told == pieces.told);
    CHECK(whole.sent == pieces.sent);
    return 0;
}
