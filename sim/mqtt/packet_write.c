#include "base/check.h"
#include "sim/mqtt/cursor.h"
#include "sim/mqtt/packet.h"

#define FLAG_DUP    0x08u
#define FLAG_RETAIN 0x01u
#define FLAGS_QOS1  0x02u /* fixed for PUBREL, SUBSCRIBE and UNSUBSCRIBE (2.2.2) */

/* Writes the fixed header: type and flags, then Remaining Length, seven bits at a time (2.2.3). */
static struct writer begin(struct buf *to, enum packet_type type, unsigned flags, size_t remaining)
{
    CHECK(remaining <= PACKET_REMAINING_MAX);
    struct writer w = writer_of(to);
    writer_u8(&w, (uint8_t)((unsigned)type << 4 | flags));
    size_t left = remaining;
    do {
        unsigned more = left >= 128 ? 0x80 : 0;
        writer_u8(&w, (uint8_t)(left % 128 | more));
        left /= 128;
    } while (left > 0);
    return w;
}

static size_t string_size(struct span s)
{
    return 2 + s.n;
}

static uint8_t connect_flags(const struct mqtt_connect *c)
{
    unsigned flags = c->clean_session ? 0x02 : 0;
    if (c->has_will) {
        flags |= 0x04u | (unsigned)c->will_qos << 3 | (c->will_retain ? 0x20u : 0);
    }
    flags |= c->has_password ? 0x40u : 0;
    flags |= c->has_user ? 0x80u : 0;
    return (uint8_t)flags;
}

bool packet_write_connect(struct buf *to, const struct mqtt_connect *c)
{
    CHECK(c->version == MQTT_3_1 || c->version == MQTT_3_1_1);
    CHECK(c->will_qos <= 2);
    CHECK(c->has_user || !c->has_password);
    struct span protocol = c->version == MQTT_3_1 ? SPAN_LIT("MQIsdp") : SPAN_LIT("MQTT");
    size_t remaining = string_size(protocol) + 4 + string_size(c->client_id);
    remaining += c->has_will ? string_size(c->will_topic) + string_size(c->will_message) : 0;
    remaining += c->has_user ? string_size(c->user) : 0;
    remaining += c->has_password ? string_size(c->password) : 0;

    struct writer w = begin(to, PACKET_CONNECT, 0, remaining);
    writer_string(&w, protocol);
    writer_u8(&w, (uint8_t)c->version);
    writer_u8(&w, connect_flags(c));
    writer_u16(&w, c->keep_alive);
    writer_string(&w, c->client_id);
    if (c->has_will) {
        writer_string(&w, c->will_topic);
        writer_string(&w, c->will_message);
    }
    if (c->has_user) {
        writer_string(&w, c->user);
    }
    if (c->has_password) {
        writer_string(&w, c->password);
    }
    return writer_end(&w);
}

static bool write_publish(struct buf *to, const struct packet *p)
{
    CHECK(p->qos <= 2);
    unsigned flags = (unsigned)p->qos << 1;
    flags |= p->dup ? FLAG_DUP : 0;
    flags |= p->retain ? FLAG_RETAIN : 0;
    size_t remaining = string_size(p->topic) + (p->qos > 0 ? 2 : 0) + p->payload.n;
    struct writer w = begin(to, PACKET_PUBLISH, flags, remaining);
    writer_string(&w, p->topic);
    if (p->qos > 0) {
        CHECK(p->identifier != 0);
        writer_u16(&w, p->identifier);
    }
    writer_bytes(&w, p->payload);
    return writer_end(&w);
}

bool packet_write(struct buf *to, const struct packet *p)
{
    if (p->type == PACKET_PUBLISH) {
        return write_publish(to, p);
    }
    if (p->type == PACKET_PINGREQ || p->type == PACKET_DISCONNECT) {
        struct writer w = begin(to, p->type, 0, 0);
        return writer_end(&w);
    }
    CHECK(p->type >= PACKET_PUBACK && p->type <= PACKET_PUBCOMP);
    CHECK(p->identifier != 0);
    struct writer w = begin(to, p->type, p->type == PACKET_PUBREL ? FLAGS_QOS1 : 0, 2);
    writer_u16(&w, p->identifier);
    return writer_end(&w);
}

static unsigned subscribe_flags(bool dup)
{
    return FLAGS_QOS1 | (dup ? FLAG_DUP : 0);
}

static size_t filters_size(const struct mqtt_topic *topics, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        size += string_size(topics[i].filter);
    }
    return size;
}

bool packet_write_subscribe(struct buf *to, uint16_t identifier, const struct mqtt_topic *topics,
                            size_t n, bool dup)
{
    CHECK(identifier != 0 && n > 0);
    size_t remaining = 2 + filters_size(topics, n) + n;
    struct writer w = begin(to, PACKET_SUBSCRIBE, subscribe_flags(dup), remaining);
    writer_u16(&w, identifier);
    for (size_t i = 0; i < n; i++) {
        CHECK(topics[i].qos <= 2);
        writer_string(&w, topics[i].filter);
        writer_u8(&w, topics[i].qos);
    }
    return writer_end(&w);
}

bool packet_write_unsubscribe(struct buf *to, uint16_t identifier, const struct mqtt_topic *topics,
                              size_t n, bool dup)
{
    CHECK(identifier != 0 && n > 0);
    size_t remaining = 2 + filters_size(topics, n);
    struct writer w = begin(to, PACKET_UNSUBSCRIBE, subscribe_flags(dup), remaining);
    writer_u16(&w, identifier);
    for (size_t i = 0; i < n; i++) {
        writer_string(&w, topics[i].filter);
    }
    return writer_end(&w);
}
