/* Packets from the broker: one at a time, each checked, traced, answered, and told where the caller
 * has to know. Order of the checks: fixed header, whether it is allowed now, then the body. */
#include "base/check.h"
#include "sim/mqtt/session_impl.h"

enum step session_broken(struct mqtt_session *s, enum packet_type type, const char *what)
{
    trace_malformed(s->trace, packet_name(type), what);
    session_fail(s, what);
    return STEP_ON;
}

static enum step event(struct mqtt_event *ret, struct mqtt_event ev)
{
    *ret = ev;
    return STEP_EVENT;
}

/* Traces a packet that answers one of ours. False, and the trace says so, when none of ours is open
 * for it: late answers to what the caller gave up are normal, so the packet is ignored. */
static bool expected(const struct mqtt_session *s, const struct packet *p, bool open)
{
    trace_packet(s->trace, "in", p, open ? NULL : "nothing is open with this identifier");
    return open;
}

static void answer(struct mqtt_session *s, enum packet_type type, uint16_t identifier)
{
    session_send(s, &(struct packet){ .type = type, .identifier = identifier });
}

static enum step on_connack(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    if (p->session_present && s->clean_session) {
        return session_broken(s, p->type,
                              "session present in answer to a clean session"); /* 3.2.2-1 */
    }
    trace_packet(s->trace, "in", p, NULL);
    if (p->return_code != 0) {
        s->state = MQTT_IDLE;
    } else {
        s->state = MQTT_CONNECTED;
        keep_alive_start(s);
        if (s->version == MQTT_3_1_1 && !p->session_present) {
            session_forget(
                s); /* 3.2.2.2: the broker starts from nothing, and so must the identifiers */
        }
        if (s->pubrel_identifier != 0) {
            answer(s, PACKET_PUBREL, s->pubrel_identifier); /* 4.4 */
        }
    }
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_CONNACK,
                                           .code = p->return_code,
                                           .session_present = p->session_present });
}

/* Acknowledges a message (4.3). False: a QoS 2 message delivered before, which is not delivered
 * twice; that is told from the identifier alone, since DUP says nothing about it (4.3.3). */
static bool take_message(struct mqtt_session *s, const struct packet *p)
{
    bool is_new = true;
    if (p->qos == 1) {
        answer(s, PACKET_PUBACK, p->identifier);
    }
    if (p->qos == 2) {
        is_new = id_set_add(&s->received, p->identifier);
        answer(s, PACKET_PUBREC, p->identifier);
    }
    return is_new;
}

enum step session_oversize(struct mqtt_session *s, struct mqtt_event *ret)
{
    struct mqtt_skip *k = &s->skip;
    k->stage = SKIP_NONE;
    trace_oversize(s->trace, k);
    if (!take_message(s, &k->packet)) {
        return STEP_ON;
    }
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_OVERSIZE,
                                           .qos = k->packet.qos,
                                           .retain = k->packet.retain,
                                           .topic_len = k->topic_len,
                                           .payload_len = k->payload_len });
}

static enum step on_publish(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    if (p->topic.n > MQTT_TOPIC_MAX || p->payload.n > MQTT_PAYLOAD_MAX) {
        s->skip = (struct mqtt_skip){ .packet = *p,
                                      .topic_len = p->topic.n,
                                      .payload_len = p->payload.n };
        s->skip.packet.topic = s->skip.packet.payload = (struct span){ NULL, 0 };
        return session_oversize(s, ret);
    }
    trace_packet(s->trace, "in", p, NULL);
    if (!take_message(s, p)) {
        return STEP_ON;
    }
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_MESSAGE,
                                           .topic = p->topic,
                                           .payload = p->payload,
                                           .qos = p->qos,
                                           .retain = p->retain });
}

static enum step published(struct mqtt_session *s, struct mqtt_event *ret)
{
    s->publish.identifier = 0;
    s->publish.released = false;
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_PUBLISHED });
}

static bool publish_open(const struct mqtt_session *s, const struct packet *p, uint8_t qos)
{
    return s->publish.identifier == p->identifier && s->publish.qos == qos;
}

static enum step on_puback(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    return expected(s, p, publish_open(s, p, 1)) ? published(s, ret) : STEP_ON;
}

/* A PUBREC is answered with PUBREL even if nothing is open for it: otherwise the broker would keep
 * a message that was given up, and repeat its PUBREC, for as long as the session lives. */
static enum step on_pubrec(struct mqtt_session *s, const struct packet *p)
{
    if (expected(s, p, publish_open(s, p, 2) || s->pubrel_identifier == p->identifier)) {
        s->publish.released = s->publish.released || s->publish.identifier == p->identifier;
    }
    answer(s, PACKET_PUBREL, p->identifier);
    return STEP_ON;
}

static enum step on_pubcomp(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    bool open = publish_open(s, p, 2) && s->publish.released;
    bool earlier = s->pubrel_identifier == p->identifier;
    (void)expected(s, p, open || earlier);
    if (earlier) {
        s->pubrel_identifier = 0; /* of a connection before: nobody waits for it any more */
    }
    return open ? published(s, ret) : STEP_ON;
}

/* PUBCOMP follows also for an identifier that is not known (4.3.3): the broker repeats PUBREL until
 * then. */
static enum step on_pubrel(struct mqtt_session *s, const struct packet *p)
{
    trace_packet(s->trace, "in", p, NULL);
    (void)id_set_remove(&s->received, p->identifier);
    answer(s, PACKET_PUBCOMP, p->identifier);
    return STEP_ON;
}

static enum step on_suback(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    bool open = s->subscribe.identifier == p->identifier;
    if (open && p->codes.n != s->subscribe.topics) {
        return session_broken(s, p->type,
                              "SUBACK with another number of return codes than topics"); /* 3.9.3 */
    }
    if (!expected(s, p, open)) {
        return STEP_ON;
    }
    s->subscribe.identifier = 0;
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_SUBACK, .codes = p->codes });
}

static enum step on_unsuback(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    if (!expected(s, p, s->unsubscribe_identifier == p->identifier)) {
        return STEP_ON;
    }
    s->unsubscribe_identifier = 0;
    return event(ret, (struct mqtt_event){ .kind = MQTT_EV_UNSUBACK });
}

static enum step on_pingresp(struct mqtt_session *s, const struct packet *p)
{
    trace_packet(s->trace, "in", p, s->ping_open ? NULL : "no PINGREQ is open");
    s->ping_open = false;
    return STEP_ON;
}

static enum step on_packet(struct mqtt_session *s, const struct packet *p, struct mqtt_event *ret)
{
    switch (p->type) {
    case PACKET_CONNACK:
        return on_connack(s, p, ret);
    case PACKET_PUBLISH:
        return on_publish(s, p, ret);
    case PACKET_PUBACK:
        return on_puback(s, p, ret);
    case PACKET_PUBREC:
        return on_pubrec(s, p);
    case PACKET_PUBREL:
        return on_pubrel(s, p);
    case PACKET_PUBCOMP:
        return on_pubcomp(s, p, ret);
    case PACKET_SUBACK:
        return on_suback(s, p, ret);
    case PACKET_UNSUBACK:
        return on_unsuback(s, p, ret);
    case PACKET_PINGRESP:
        return on_pingresp(s, p);
    case PACKET_CONNECT:
    case PACKET_SUBSCRIBE:
    case PACKET_UNSUBSCRIBE:
    case PACKET_PINGREQ:
    case PACKET_DISCONNECT:
        break;
    }
    CHECK(false); /* packet_read_header lets none of these through */
    return STEP_WAIT;
}

/* What is allowed now, and not longer than anything we could have asked for; NULL: all well. */
static const char *out_of_place(const struct mqtt_session *s, const struct packet_header *h)
{
    if (s->state == MQTT_CONNECTING && h->type != PACKET_CONNACK) {
        return "packet before CONNACK"; /* 3.2 */
    }
    if (s->state == MQTT_CONNECTED && h->type == PACKET_CONNACK) {
        return "second CONNACK";
    }
    if (h->type != PACKET_PUBLISH && h->remaining > BODY_MAX) {
        return "SUBACK longer than for any SUBSCRIBE";
    }
    return NULL;
}

static enum step next_packet(struct mqtt_session *s, struct mqtt_event *ret)
{
    struct span in = session_unread(s);
    if (in.n == 0) {
        return STEP_WAIT;
    }
    struct packet_header h;
    enum packet_status status = packet_read_header(in, s->version, &h);
    if (status == PACKET_INCOMPLETE) {
        return STEP_WAIT;
    }
    if (status != PACKET_OK) {
        return session_broken(s, in.p[0] >> 4, packet_status_text(status));
    }
    const char *what = out_of_place(s, &h);
    if (what != NULL) {
        return session_broken(s, h.type, what);
    }
    if (h.remaining > BODY_MAX) {
        s->in_at += h.size;
        session_skip_start(s, &h);
        return STEP_ON;
    }
    if (in.n - h.size < h.remaining) {
        return STEP_WAIT;
    }
    s->in_at += h.size + h.remaining;
    struct packet p;
    status = packet_read_body(&h, span_of(in.p + h.size, h.remaining), s->version, &p);
    if (status != PACKET_OK) {
        return session_broken(s, h.type, packet_status_text(status));
    }
    return on_packet(s, &p, ret);
}

bool mqtt_session_next(struct mqtt_session *s, struct mqtt_event *ret)
{
    session_release_input(s);
    if (s->ping_missing) {
        s->ping_missing = false;
        *ret = (struct mqtt_event){ .kind = MQTT_EV_PING_TIMEOUT };
        return true;
    }
    enum step step = STEP_ON;
    while (session_live(s) && step == STEP_ON) {
        step = s->skip.stage == SKIP_NONE ? next_packet(s, ret) : session_skip(s, ret);
    }
    if (step == STEP_EVENT) {
        return true;
    }
    if (s->error != NULL) {
        *ret = (struct mqtt_event){ .kind = MQTT_EV_PROTOCOL_ERROR, .what = s->error };
        s->error = NULL;
        return true;
    }
    session_release_input(s);
    return false;
}

size_t mqtt_session_wanted(const struct mqtt_session *s)
{
    struct span in = session_unread(s);
    struct packet_header h;
    if (s->skip.stage != SKIP_NONE) {
        return s->skip.left;
    }
    if (in.n == 0) {
        return 0;
    }
    if (packet_read_header(in, s->version, &h) != PACKET_OK || h.size + h.remaining <= in.n) {
        return 1;
    }
    return h.size + h.remaining - in.n;
}
