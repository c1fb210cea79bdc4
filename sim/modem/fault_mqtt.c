/* The hook "mqtt": packets between the MQTT session and its connection, in both directions, while a
 * fault of that hook is armed. */
#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/modem_int.h"

#define PACKET_MAX ((size_t)65536) /* longer ones, which no modem takes, pass by */
#define WIRE_MAX   ((size_t)1024 * 1024)
#define LENGTH_MAX 4 /* bytes of a remaining length (MQTT 3.1.1 2.2.3) */

/* --- the rows --- */

enum { DROP, DELAY, DUPLICATE, CORRUPT, MQTT_FAULTS };

enum { DIRECTION, PACKET, CLIENT, FOURTH, FIFTH };

/* clang-format off */
#define PACKETS "\"CONNECT\",\"CONNACK\",\"PUBLISH\",\"PUBACK\",\"PUBREC\",\"PUBREL\",\"PUBCOMP\",\"SUBSCRIBE\",\"SUBACK\",\"UNSUBSCRIBE\",\"UNSUBACK\",\"PINGREQ\",\"PINGRESP\",\"DISCONNECT\""
#define P_PACKET P_WORD("direction", "\"out\",\"in\"", "from the modem, or from the broker"), \
    P_WORD("packet", PACKETS, "which packets"), \
    P_INT("client", 0, 1, "only those of this MQTT client", .flags = PARAM_OPTIONAL)

static const struct param packet_only[] = { P_PACKET };
static const struct param delay[] = { P_PACKET, P_INT("ms", 1, 3600000, "ms") };
static const struct param corrupt[] = { P_PACKET, P_INT("at", 0, 65535, "which byte, 0: the first of the packet"),
    P_INT("mask", 1, 255, "the bits that change", .flags = PARAM_OPTIONAL, .def = 255) };

#define ROW(text, list, what) \
    { .name = (text), .hook = FAULT_MQTT, .params = (list), .n_params = ARRAY_LEN(list), .doc = (what), .clause = "mqtt-ssl-commands.md 3; MQTT 3.1.1 2.2" }

static const struct fault_row rows[MQTT_FAULTS] = {
    [DROP] = ROW("mqtt.drop", packet_only, "A packet is lost: one of the modem's is never sent though the modem believes it was, one of the broker's never seen."),
    [DELAY] = ROW("mqtt.delay", delay, "A packet comes so much later, and with it all behind it in that direction."),
    [DUPLICATE] = ROW("mqtt.duplicate", packet_only, "A packet comes twice."),
    [CORRUPT] = ROW("mqtt.corrupt", corrupt, "Bits of one byte of a packet change; one that is shorter is left alone. Its length counts from the byte that came."),
};
/* clang-format on */

const struct fault_table fault_table_mqtt = { rows, MQTT_FAULTS };

/* --- packets --- */

/* The length of the packet at the beginning of 'bytes', which need not be complete; 0: its fixed
 * header is not; SIZE_MAX: it is no packet. */
static size_t packet_length(struct span bytes)
{
    size_t length = 0;
    for (size_t i = 1; i <= LENGTH_MAX; i++) {
        if (i >= bytes.n) {
            return 0;
        }
        length |= (size_t)(bytes.p[i] & 0x7F) << (7 * (i - 1));
        if ((bytes.p[i] & 0x80) == 0) {
            return length + i + 1;
        }
    }
    return SIZE_MAX;
}

struct on_wire {
    const struct mqtt_wire *wire;
    struct span bytes;
};

static bool fits(const struct fault *f, const void *arg)
{
    const struct on_wire *p = arg;
    bool long_enough = f->row != &rows[CORRUPT] || (size_t)f->value[FOURTH].num < p->bytes.n;
    return f->value[DIRECTION].num == (int32_t)p->wire->incoming && long_enough &&
           f->value[PACKET].num + 1 == p->bytes.p[0] >> 4 &&
           (!f->value[CLIENT].present || f->value[CLIENT].num == (int32_t)p->wire->client->index);
}

static void step(struct mqtt_wire *w);

static void due(struct timer *t)
{
    struct mqtt_wire *w =
        (struct mqtt_wire *)(void *)((char *)t - offsetof(struct mqtt_wire, timer));
    w->held = false;
    step(w);
}

static void deliver(struct mqtt_wire *w, struct span bytes)
{
    struct mqtt_client *c = w->client;
    if (w->incoming) {
        client_input(c, bytes);
    } else if (c->link_open) {
        c->m->host->send(c->m->host_ctx, c->index, bytes);
    }
}

/* Lets one packet go its way. False: it has to wait. */
static bool pass(struct mqtt_wire *w, size_t length)
{
    struct modem *m = w->client->m;
    struct on_wire p = { w, span_of(w->bytes.p, length) };
    const struct fault *f;
    if (!w->waited && (f = fault_hit(m, &rows[DELAY], fits, &p)) != NULL) {
        w->held = w->waited = true;
        timer_arm(m->sched, &w->timer, (uint64_t)f->value[FOURTH].num, due);
        return false;
    }
    w->waited = false;
    unsigned times = fault_hit(m, &rows[DROP], fits, &p) != NULL ? 0 : 1;
    if (times > 0 && fault_hit(m, &rows[DUPLICATE], fits, &p) != NULL) {
        times = 2;
    }
    if (times > 0 && (f = fault_hit(m, &rows[CORRUPT], fits, &p)) != NULL) {
        w->bytes.p[f->value[FOURTH].num] ^= (uint8_t)f->value[FIFTH].num;
    }
    /* A copy: what the session does with it may end the connection, and with it the wire. */
    struct buf one;
    buf_init(&one, WIRE_MAX);
    (void)buf_add(&one, p.bytes);
    buf_drop(&w->bytes, length);
    for (; times > 0; times--) {
        deliver(w, buf_span(&one));
    }
    buf_fini(&one);
    return true;
}

/* Hands on what no fault looks at: the rest of a long packet goes the same way when it comes, since
 * the session has begun with it. */
static void pass_by(struct mqtt_wire *w, size_t n)
{
    struct buf some;
    buf_init(&some, WIRE_MAX);
    (void)buf_add(&some, span_of(w->bytes.p, n));
    buf_drop(&w->bytes, n);
    deliver(w, buf_span(&some));
    buf_fini(&some);
}

static void step(struct mqtt_wire *w)
{
    bool on = true;
    while (on && !w->held && w->bytes.n > 0) {
        size_t length = packet_length(buf_span(&w->bytes));
        if (length > PACKET_MAX) {
            pass_by(w, length < w->bytes.n ? length : w->bytes.n);
        } else {
            on = length > 0 && length <= w->bytes.n && pass(w, length);
        }
    }
}

/* A packet that the session has begun with is left alone. Returns what follows it. */
static struct span finish_begun(struct mqtt_client *c, struct span bytes)
{
    size_t n;
    while (c->link_open && bytes.n > 0 && (n = mqtt_session_wanted(&c->session)) > 0) {
        n = n < bytes.n ? n : bytes.n;
        client_input(c, span_of(bytes.p, n));
        bytes = span_from(bytes, n);
    }
    return bytes;
}

bool fault_mqtt_takes(struct mqtt_client *c, bool incoming, struct span bytes)
{
    struct mqtt_wire *w = &c->wire[incoming];
    if (w->bytes.n == 0 && !w->held && !faults_armed(&c->m->faults, FAULT_MQTT)) {
        return false;
    }
    if (incoming && w->bytes.n == 0 && !w->held) {
        bytes = finish_begun(c, bytes);
    }
    (void)buf_add(&w->bytes, bytes); /* more than a megabyte that waits is lost */
    step(w);
    return true;
}

void fault_mqtt_begin(struct mqtt_client *c)
{
    for (size_t i = 0; i < 2; i++) {
        struct mqtt_wire *w = &c->wire[i];
        timer_stop(&w->timer);
        w->client = c;
        w->incoming = i == 1;
        w->held = w->waited = false;
        w->bytes.cap = WIRE_MAX;
        buf_clear(&w->bytes);
    }
}

void fault_mqtt_end(struct mqtt_client *c)
{
    for (size_t i = 0; i < 2; i++) {
        timer_stop(&c->wire[i].timer);
        buf_fini(&c->wire[i].bytes);
    }
}
