#include "base/check.h"
#include "sim/mqtt/cursor.h"
#include "sim/mqtt/packet.h"
#include "sim/mqtt/utf8.h"

#define REMAINING_BYTES 4 /* longest Remaining Length field (2.2.3) */

/* What the standard fixes about each type of packet (2.2.1, 2.2.2, and its own section). */
static const struct packet_rule {
    const char *name;
    bool from_server;
    uint8_t flags;     /* reserved flags; unused for PUBLISH */
    uint32_t min, max; /* Remaining Length */
} rules[] = {
    [0] = { "reserved", false, 0, 0, 0 },
    [PACKET_CONNECT] = { "CONNECT", false, 0, 0, 0 },
    [PACKET_CONNACK] = { "CONNACK", true, 0, 2, 2 },
    /* topic length, at least one character of topic; two bytes more with an identifier */
    [PACKET_PUBLISH] = { "PUBLISH", true, 0, 3, PACKET_REMAINING_MAX },
    [PACKET_PUBACK] = { "PUBACK", true, 0, 2, 2 },
    [PACKET_PUBREC] = { "PUBREC", true, 0, 2, 2 },
    [PACKET_PUBREL] = { "PUBREL", true, 2, 2, 2 },
    [PACKET_PUBCOMP] = { "PUBCOMP", true, 0, 2, 2 },
    [PACKET_SUBSCRIBE] = { "SUBSCRIBE", false, 0, 0, 0 },
    /* identifier, at least one return code */
    [PACKET_SUBACK] = { "SUBACK", true, 0, 3, PACKET_REMAINING_MAX },
    [PACKET_UNSUBSCRIBE] = { "UNSUBSCRIBE", false, 0, 0, 0 },
    [PACKET_UNSUBACK] = { "UNSUBACK", true, 0, 2, 2 },
    [PACKET_PINGREQ] = { "PINGREQ", false, 0, 0, 0 },
    [PACKET_PINGRESP] = { "PINGRESP", true, 0, 0, 0 },
    [PACKET_DISCONNECT] = { "DISCONNECT", false, 0, 0, 0 },
    [15] = { "reserved", false, 0, 0, 0 },
};

const char *packet_name(unsigned type)
{
    CHECK(type < ARRAY_LEN(rules));
    return rules[type].name;
}

const char *packet_status_text(enum packet_status status)
{
    switch (status) {
    case PACKET_OK:
        return "ok";
    case PACKET_INCOMPLETE:
        return "incomplete packet";
    case PACKET_BAD_TYPE:
        return "reserved packet type";
    case PACKET_CLIENT_ONLY:
        return "packet type that only a client may send";
    case PACKET_BAD_FLAGS:
        return "reserved flags of the fixed header are wrong";
    case PACKET_BAD_QOS:
        return "QoS 3";
    case PACKET_BAD_DUP:
        return "DUP set with QoS 0";
    case PACKET_BAD_REMAINING_LENGTH:
        return "Remaining Length of more than four bytes";
    case PACKET_WRONG_LENGTH:
        return "wrong length for this packet type";
    case PACKET_BAD_IDENTIFIER:
        return "packet identifier 0";
    case PACKET_BAD_TOPIC:
        return "topic name that is empty, not UTF-8, or has a NUL or a wildcard";
    case PACKET_BAD_CONNACK:
        return "CONNACK with reserved flags, or session present with a refusal";
    case PACKET_BAD_SUBACK:
        return "SUBACK with a reserved return code";
    }
    CHECK(false);
    return NULL;
}

uint8_t packet_publish_qos(const struct packet_header *h)
{
    return h->flags >> 1 & 3;
}

bool packet_publish_dup(const struct packet_header *h)
{
    return (h->flags & 0x08) != 0;
}

bool packet_publish_retain(const struct packet_header *h)
{
    return (h->flags & 0x01) != 0;
}

static enum packet_status check_first_byte(const struct packet_header *h, enum mqtt_version version)
{
    const struct packet_rule *rule = &rules[h->type];
    if (h->type == 0 || h->type > PACKET_DISCONNECT) {
        return PACKET_BAD_TYPE;
    }
    if (!rule->from_server) {
        return PACKET_CLIENT_ONLY;
    }
    if (h->type == PACKET_PUBLISH && packet_publish_qos(h) == 3) {
        return PACKET_BAD_QOS;
    }
    if (version == MQTT_3_1) {
        return PACKET_OK; /* 3.1 calls the other flags "not used" and lets PUBREL carry DUP */
    }
    if (h->type == PACKET_PUBLISH) {
        return packet_publish_dup(h) && packet_publish_qos(h) == 0 ? PACKET_BAD_DUP : PACKET_OK;
    }
    return h->flags == rule->flags ? PACKET_OK : PACKET_BAD_FLAGS;
}

/* 2.2.3. Longer forms of a small number are legal before MQTT 5. */
static enum packet_status read_remaining(struct reader *r, uint32_t *ret)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < REMAINING_BYTES; i++) {
        uint8_t byte = reader_u8(r);
        if (r->failed) {
            return PACKET_INCOMPLETE;
        }
        value |= (uint32_t)(byte & 0x7f) << 7 * i;
        if ((byte & 0x80) == 0) {
            *ret = value;
            return PACKET_OK;
        }
    }
    return PACKET_BAD_REMAINING_LENGTH;
}

enum packet_status packet_read_header(struct span in, enum mqtt_version version,
                                      struct packet_header *ret)
{
    struct reader r = reader_of(in);
    uint8_t first = reader_u8(&r);
    if (r.failed) {
        return PACKET_INCOMPLETE;
    }
    struct packet_header h = { .type = first >> 4, .flags = first & 0x0f };
    enum packet_status status = check_first_byte(&h, version);
    if (status != PACKET_OK) {
        return status;
    }
    status = read_remaining(&r, &h.remaining);
    if (status != PACKET_OK) {
        return status;
    }
    const struct packet_rule *rule = &rules[h.type];
    uint32_t identifier = h.type == PACKET_PUBLISH && packet_publish_qos(&h) > 0 ? 2 : 0;
    if (h.remaining < rule->min + identifier || h.remaining > rule->max) {
        return PACKET_WRONG_LENGTH;
    }
    h.size = in.n - r.rest.n;
    *ret = h;
    return PACKET_OK;
}

/* 1.5.3, 3.3.2.1, 4.7.3: a topic name has a character or more, well-formed UTF-8, no U+0000, and in
 * a PUBLISH no wildcard. */
static bool topic_name_valid(struct span topic)
{
    for (size_t i = 0; i < topic.n; i++) {
        if (topic.p[i] == 0 || topic.p[i] == '+' || topic.p[i] == '#') {
            return false;
        }
    }
    return topic.n > 0 && utf8_valid(topic);
}

static enum packet_status read_connack(struct reader *r, enum mqtt_version version,
                                       struct packet *ret)
{
    uint8_t flags = reader_u8(r);
    ret->return_code = reader_u8(r);
    if (version == MQTT_3_1) {
        return PACKET_OK; /* 3.1: the first byte is not used */
    }
    ret->session_present = flags == 1;
    bool refused = ret->return_code != 0;
    return flags > 1 || (refused && ret->session_present) ? PACKET_BAD_CONNACK : PACKET_OK;
}

static enum packet_status read_publish(const struct packet_header *h, struct reader *r,
                                       struct packet *ret)
{
    ret->qos = packet_publish_qos(h);
    ret->dup = packet_publish_dup(h);
    ret->retain = packet_publish_retain(h);
    ret->topic = reader_string(r);
    if (ret->qos > 0) {
        ret->identifier = reader_u16(r);
    }
    ret->payload = reader_bytes(r, r->rest.n);
    if (r->failed) {
        return PACKET_WRONG_LENGTH;
    }
    if (!topic_name_valid(ret->topic)) {
        return PACKET_BAD_TOPIC;
    }
    return ret->qos > 0 && ret->identifier == 0 ? PACKET_BAD_IDENTIFIER : PACKET_OK;
}

static enum packet_status read_suback(struct reader *r, struct packet *ret)
{
    ret->identifier = reader_u16(r);
    ret->codes = reader_bytes(r, r->rest.n);
    for (size_t i = 0; i < ret->codes.n; i++) {
        if (ret->codes.p[i] > 2 && ret->codes.p[i] != 0x80) {
            return PACKET_BAD_SUBACK;
        }
    }
    return ret->identifier == 0 ? PACKET_BAD_IDENTIFIER : PACKET_OK;
}

static enum packet_status read_fields(const struct packet_header *h, struct reader *r,
                                      enum mqtt_version version, struct packet *ret)
{
    switch (h->type) {
    case PACKET_CONNACK:
        return read_connack(r, version, ret);
    case PACKET_PUBLISH:
        return read_publish(h, r, ret);
    case PACKET_SUBACK:
        return read_suback(r, ret);
    case PACKET_PINGRESP:
        return PACKET_OK;
    case PACKET_PUBACK:
    case PACKET_PUBREC:
    case PACKET_PUBREL:
    case PACKET_PUBCOMP:
    case PACKET_UNSUBACK:
        ret->identifier = reader_u16(r);
        return ret->identifier == 0 ? PACKET_BAD_IDENTIFIER : PACKET_OK;
    case PACKET_CONNECT:
    case PACKET_SUBSCRIBE:
    case PACKET_UNSUBSCRIBE:
    case PACKET_PINGREQ:
    case PACKET_DISCONNECT:
        break;
    }
    return PACKET_CLIENT_ONLY;
}

enum packet_status packet_read_body(const struct packet_header *h, struct span body,
                                    enum mqtt_version version, struct packet *ret)
{
    CHECK(body.n == h->remaining);
    struct reader r = reader_of(body);
    struct packet p = { .type = h->type };
    enum packet_status status = read_fields(h, &r, version, &p);
    if (status == PACKET_OK && (r.failed || r.rest.n > 0)) {
        return PACKET_WRONG_LENGTH;
    }
    if (status == PACKET_OK) {
        *ret = p;
    }
    return status;
}
