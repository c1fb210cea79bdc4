/* MQTT packets as trace events: "mqtt" with the direction, the name of the packet, and its fields
 * under the names the standard gives them. The password is never among them. */
#include "sim/mqtt/session_impl.h"

#define TRACE_BYTES_MAX 256 /* most bytes shown of a payload or will message */
#define TRACE_CODES_MAX 64  /* longest text of return codes */

struct fields {
    struct trace_field f[MQTT_TRACE_FIELDS];
    size_t n;
};

/* Full means full: the count fields tell how many topics there were. */
static void add(struct fields *fs, struct trace_field f)
{
    if (fs->n < MQTT_TRACE_FIELDS) {
        fs->f[fs->n++] = f;
    }
}

static void add_num(struct fields *fs, const char *name, int64_t v)
{
    add(fs, (struct trace_field)TRACE_NUM(name, v));
}

static void add_text(struct fields *fs, const char *name, struct span v)
{
    add(fs, (struct trace_field)TRACE_SPAN(name, v));
}

static void add_start(struct fields *fs, const char *dir, const char *packet)
{
    add_text(fs, "dir", span_str(dir));
    add_text(fs, "packet", span_str(packet));
}

static void add_bytes(struct fields *fs, const char *length_name, const char *name, struct span v)
{
    add_num(fs, length_name, (int64_t)v.n);
    add_text(fs, name, span_of(v.p, v.n < TRACE_BYTES_MAX ? v.n : TRACE_BYTES_MAX));
}

static void emit(const struct trace *t, const struct fields *fs)
{
    t->sink(t->ctx, "mqtt", fs->f, fs->n);
}

static void add_message_flags(struct fields *fs, const struct packet *p)
{
    add_num(fs, "qos", p->qos);
    add_num(fs, "retain", p->retain);
    add_num(fs, "dup", p->dup);
}

/* SUBACK return codes in decimal, one after the other: "0 1 128". */
static void add_codes(struct fields *fs, struct span codes, struct buf *text)
{
    for (size_t i = 0; i < codes.n; i++) {
        if (!buf_addf(text, i == 0 ? "%u" : " %u", (unsigned)codes.p[i])) {
            break; /* topics tells how many there are */
        }
    }
    add_num(fs, "topics", (int64_t)codes.n);
    add_text(fs, "return_codes", buf_span(text));
}

void trace_packet(const struct trace *t, const char *dir, const struct packet *p, const char *note)
{
    if (!trace_on(t)) {
        return;
    }
    struct fields fs = { .n = 0 };
    struct buf codes;
    buf_init(&codes, TRACE_CODES_MAX);
    add_start(&fs, dir, packet_name(p->type));
    if (p->identifier != 0) {
        add_num(&fs, "packet_identifier", p->identifier);
    }
    if (p->type == PACKET_PUBLISH) {
        add_text(&fs, "topic", p->topic);
        add_message_flags(&fs, p);
        add_bytes(&fs, "payload_length", "payload", p->payload);
    }
    if (p->type == PACKET_CONNACK) {
        add_num(&fs, "return_code", p->return_code);
        add_num(&fs, "session_present", p->session_present);
    }
    if (p->type == PACKET_SUBACK) {
        add_codes(&fs, p->codes, &codes);
    }
    if (note != NULL) {
        add_text(&fs, "note", span_str(note));
    }
    emit(t, &fs);
    buf_fini(&codes);
}

void trace_oversize(const struct trace *t, const struct mqtt_skip *k)
{
    if (!trace_on(t)) {
        return;
    }
    struct fields fs = { .n = 0 };
    add_start(&fs, "in", packet_name(k->packet.type));
    if (k->packet.identifier != 0) {
        add_num(&fs, "packet_identifier", k->packet.identifier);
    }
    add_message_flags(&fs, &k->packet);
    add_num(&fs, "topic_length", (int64_t)k->topic_len);
    add_num(&fs, "payload_length", (int64_t)k->payload_len);
    add_text(&fs, "note", span_str("dropped: larger than the modem takes"));
    emit(t, &fs);
}

void trace_malformed(const struct trace *t, const char *packet, const char *what)
{
    if (!trace_on(t)) {
        return;
    }
    struct fields fs = { .n = 0 };
    add_start(&fs, "in", packet);
    add_text(&fs, "error", span_str(what));
    emit(t, &fs);
}

void trace_connect(const struct trace *t, const struct mqtt_connect *c)
{
    if (!trace_on(t)) {
        return;
    }
    struct fields fs = { .n = 0 };
    add_start(&fs, "out", packet_name(PACKET_CONNECT));
    add_num(&fs, "protocol_level", c->version);
    add_text(&fs, "client_id", c->client_id);
    add_num(&fs, "keep_alive", c->keep_alive);
    add_num(&fs, "clean_session", c->clean_session);
    if (c->has_user) {
        add_text(&fs, "user_name", c->user);
    }
    add_num(&fs, "password_flag", c->has_password);
    if (c->has_will) {
        add_text(&fs, "will_topic", c->will_topic);
        add_num(&fs, "will_qos", c->will_qos);
        add_num(&fs, "will_retain", c->will_retain);
        add_bytes(&fs, "will_message_length", "will_message", c->will_message);
    }
    emit(t, &fs);
}

/* A field has one name, so the topics of one packet are counted in theirs. */
static const struct {
    const char *filter, *qos;
} topic_names[] = {
    { "topic_filter", "requested_qos" },     { "topic_filter_2", "requested_qos_2" },
    { "topic_filter_3", "requested_qos_3" }, { "topic_filter_4", "requested_qos_4" },
    { "topic_filter_5", "requested_qos_5" }, { "topic_filter_6", "requested_qos_6" },
    { "topic_filter_7", "requested_qos_7" }, { "topic_filter_8", "requested_qos_8" },
};

#define TOPIC_NAMES (sizeof topic_names / sizeof topic_names[0])

void trace_topics(const struct trace *t, const struct packet *p, const struct mqtt_topic *topics,
                  size_t n)
{
    if (!trace_on(t)) {
        return;
    }
    struct fields fs = { .n = 0 };
    add_start(&fs, "out", packet_name(p->type));
    add_num(&fs, "packet_identifier", p->identifier);
    add_num(&fs, "topics", (int64_t)n);
    for (size_t i = 0; i < n && i < TOPIC_NAMES; i++) {
        add_text(&fs, topic_names[i].filter, topics[i].filter);
        if (p->type == PACKET_SUBSCRIBE) {
            add_num(&fs, topic_names[i].qos, topics[i].qos);
        }
    }
    emit(t, &fs);
}
