#include "sim/mqtt/session.h"

#include "base/check.h"
#include "sim/mqtt/session_impl.h"

#define INPUT_CAP (MQTT_INPUT_MAX + HEADER_MAX + BODY_MAX)
#define KEEP_SIZE 512 /* an empty buffer of this size stays; a larger one is given back */

void mqtt_session_init(struct mqtt_session *s, struct sched *sched, const struct trace *trace,
                       void (*wake)(void *ctx), void *ctx)
{
    *s = (struct mqtt_session){
        .sched = sched, .trace = trace, .wake = wake, .ctx = ctx, .clean_session = true
    };
    buf_init(&s->in, INPUT_CAP);
    buf_init(&s->out, MQTT_OUTPUT_MAX);
}

/* What MQTT keeps of a session with clean_session 0 (3.1.2.4) is what is left untouched here. */
static void end_connection(struct mqtt_session *s)
{
    keep_alive_stop(s);
    buf_fini(&s->in);
    buf_wipe(&s->out); /* it may hold a CONNECT with a password */
    s->in_at = 0;
    s->skip = (struct mqtt_skip){ .stage = SKIP_NONE };
    s->error = NULL;
    s->state = MQTT_IDLE;
    if (s->publish.released) {
        s->pubrel_identifier = s->publish.identifier;
    }
    s->publish.identifier = 0;
    s->publish.released = false;
    s->subscribe.identifier = 0;
    s->unsubscribe_identifier = 0;
    if (s->clean_session) {
        session_forget(s);
    }
}

void session_forget(struct mqtt_session *s)
{
    id_set_clear(&s->received);
    s->pubrel_identifier = 0;
}

void mqtt_session_fini(struct mqtt_session *s)
{
    end_connection(s);
    session_forget(s);
}

void session_fail(struct mqtt_session *s, const char *what)
{
    keep_alive_stop(s);
    s->state = MQTT_IDLE;
    s->error = what;
}

void session_queued(struct mqtt_session *s, bool fitted)
{
    s->sent_at = sched_now(s->sched);
    if (fitted) {
        return;
    }
    session_fail(s, "the broker does not take what is sent to it");
    if (s->wake != NULL) {
        s->wake(s->ctx);
    }
}

void session_send(struct mqtt_session *s, const struct packet *p)
{
    bool fitted = packet_write(&s->out, p);
    if (fitted) {
        trace_packet(s->trace, "out", p, NULL);
    }
    session_queued(s, fitted);
}

void mqtt_session_connect(struct mqtt_session *s, const struct mqtt_connect *c)
{
    end_connection(s);
    s->version = c->version;
    s->clean_session = c->clean_session;
    s->keep_alive_ms = (uint64_t)c->keep_alive * 1000;
    if (s->clean_session) {
        session_forget(s);
    }
    s->state = MQTT_CONNECTING;
    bool fitted = packet_write_connect(&s->out, c);
    if (fitted) {
        trace_connect(s->trace, c);
    }
    session_queued(s, fitted);
}

static bool identifier_in_use(const struct mqtt_session *s, uint16_t id)
{
    return id == s->publish.identifier || id == s->subscribe.identifier ||
           id == s->unsubscribe_identifier || id == s->pubrel_identifier;
}

/* 2.3.1: not 0, and not one that is still open. 0 stands for "none" in each of the four. */
static uint16_t new_identifier(struct mqtt_session *s)
{
    do {
        s->last_identifier++;
    } while (s->last_identifier == 0 || identifier_in_use(s, s->last_identifier));
    return s->last_identifier;
}

void mqtt_session_publish(struct mqtt_session *s, struct span topic, struct span payload,
                          uint8_t qos, bool retain, bool dup)
{
    if (!session_live(s)) {
        return;
    }
    struct packet p = { .type = PACKET_PUBLISH,
                        .qos = qos,
                        .dup = dup,
                        .retain = retain,
                        .topic = topic,
                        .payload = payload };
    if (qos > 0) {
        p.identifier = new_identifier(s);
        s->publish.identifier = p.identifier;
        s->publish.qos = qos;
        s->publish.released = false;
    }
    session_send(s, &p);
}

void mqtt_session_subscribe(struct mqtt_session *s, const struct mqtt_topic *topics, size_t n,
                            bool dup)
{
    if (!session_live(s)) {
        return;
    }
    struct packet p = { .type = PACKET_SUBSCRIBE, .identifier = new_identifier(s), .dup = dup };
    s->subscribe.identifier = p.identifier;
    s->subscribe.topics = n;
    bool fitted = packet_write_subscribe(&s->out, p.identifier, topics, n, dup);
    if (fitted) {
        trace_topics(s->trace, &p, topics, n);
    }
    session_queued(s, fitted);
}

void mqtt_session_unsubscribe(struct mqtt_session *s, const struct mqtt_topic *topics, size_t n,
                              bool dup)
{
    if (!session_live(s)) {
        return;
    }
    struct packet p = { .type = PACKET_UNSUBSCRIBE, .identifier = new_identifier(s), .dup = dup };
    s->unsubscribe_identifier = p.identifier;
    bool fitted = packet_write_unsubscribe(&s->out, p.identifier, topics, n, dup);
    if (fitted) {
        trace_topics(s->trace, &p, topics, n);
    }
    session_queued(s, fitted);
}

void mqtt_session_disconnect(struct mqtt_session *s)
{
    if (session_live(s)) {
        session_send(s, &(struct packet){ .type = PACKET_DISCONNECT });
    }
    keep_alive_stop(s);
    s->state = MQTT_IDLE;
    s->error = NULL;
}

void mqtt_session_link_lost(struct mqtt_session *s)
{
    end_connection(s);
}

static void release_if_large(struct buf *b)
{
    if (b->size > KEEP_SIZE) {
        buf_fini(b);
    }
}

void session_release_input(struct mqtt_session *s)
{
    if (!session_live(s)) {
        buf_fini(&s->in);
        s->in_at = 0;
    }
    if (s->in_at == s->in.n) {
        buf_clear(&s->in);
        release_if_large(&s->in);
        s->in_at = 0;
    }
}

void mqtt_session_input(struct mqtt_session *s, struct span bytes)
{
    session_release_input(s);
    if (!session_live(s)) {
        return;
    }
    buf_drop(&s->in, s->in_at);
    s->in_at = 0;
    if (!buf_add(&s->in, bytes)) {
        session_fail(s, "more input than the session holds");
    }
}

struct span mqtt_session_output(const struct mqtt_session *s)
{
    return buf_span(&s->out);
}

void mqtt_session_sent(struct mqtt_session *s, size_t n)
{
    buf_drop(&s->out, n);
    if (s->out.n > 0) {
        return;
    }
    if (s->state == MQTT_CONNECTING) {
        buf_wipe(&s->out); /* it held the CONNECT, which may carry a password */
        return;
    }
    release_if_large(&s->out);
}
