/* A PUBLISH over the limits, up to 256 MiB: its parts are dropped as they come, what is left of it
 * are lengths, flags and the identifier to acknowledge. The characters of its topic are not looked
 * at, since nobody gets to see them. */
#include "sim/mqtt/cursor.h"
#include "sim/mqtt/session_impl.h"

/* Takes two bytes of the message being skipped. False: they are not there yet. */
static bool take_u16(struct mqtt_session *s, uint16_t *ret)
{
    struct reader r = reader_of(session_unread(s));
    uint16_t value = reader_u16(&r);
    if (r.failed) {
        return false;
    }
    s->in_at += 2;
    s->skip.left -= 2;
    *ret = value;
    return true;
}

/* Drops what there is of the present part. True: all of the part is gone. */
static bool drop_part(struct mqtt_session *s)
{
    struct mqtt_skip *k = &s->skip;
    size_t there = session_unread(s).n;
    size_t n = there < k->part ? there : k->part;
    s->in_at += n;
    k->left -= n;
    k->part -= n;
    return k->part == 0;
}

static enum step topic_length(struct mqtt_session *s)
{
    struct mqtt_skip *k = &s->skip;
    uint16_t length = 0;
    if (!take_u16(s, &length)) {
        return STEP_WAIT;
    }
    if (length == 0) {
        return session_broken(s, k->packet.type, packet_status_text(PACKET_BAD_TOPIC));
    }
    if ((size_t)length + (k->packet.qos > 0 ? 2 : 0) > k->left) {
        return session_broken(s, k->packet.type, packet_status_text(PACKET_WRONG_LENGTH));
    }
    k->topic_len = length;
    k->part = length;
    k->stage = SKIP_TOPIC;
    return STEP_ON;
}

static enum step identifier(struct mqtt_session *s)
{
    struct mqtt_skip *k = &s->skip;
    if (k->packet.qos > 0) {
        if (!take_u16(s, &k->packet.identifier)) {
            return STEP_WAIT;
        }
        if (k->packet.identifier == 0) {
            return session_broken(s, k->packet.type, packet_status_text(PACKET_BAD_IDENTIFIER));
        }
    }
    k->payload_len = k->left;
    k->part = k->left;
    k->stage = SKIP_PAYLOAD;
    return STEP_ON;
}

void session_skip_start(struct mqtt_session *s, const struct packet_header *h)
{
    s->skip = (struct mqtt_skip){ .stage = SKIP_TOPIC_LENGTH,
                                  .left = h->remaining,
                                  .packet = { .type = h->type,
                                              .qos = packet_publish_qos(h),
                                              .dup = packet_publish_dup(h),
                                              .retain = packet_publish_retain(h) } };
}

enum step session_skip(struct mqtt_session *s, struct mqtt_event *ret)
{
    switch (s->skip.stage) {
    case SKIP_TOPIC_LENGTH:
        return topic_length(s);
    case SKIP_TOPIC:
        if (!drop_part(s)) {
            return STEP_WAIT;
        }
        s->skip.stage = SKIP_IDENTIFIER;
        return STEP_ON;
    case SKIP_IDENTIFIER:
        return identifier(s);
    case SKIP_PAYLOAD:
        return drop_part(s) ? session_oversize(s, ret) : STEP_WAIT;
    case SKIP_NONE:
        break;
    }
    return STEP_WAIT;
}
