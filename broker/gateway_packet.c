#include "broker/gateway_packet.h"
#include "base/check.h"

enum {
    LEVEL_3_1_1 = 4,
    CONNECT_RESERVED = 0x01,
    CONNECT_CLEAN = 0x02,
    CONNECT_WILL = 0x04,
    CONNECT_WILL_RETAIN = 0x20,
    CONNECT_PASSWORD = 0x40,
    CONNECT_USER = 0x80
};

static const struct {
    const char *name;
    uint8_t flags; /* what its header must have (2.2.2); a PUBLISH's are its own */
} packet_row[16] = {
    [0] = { "reserved", 0 },
    [PACKET_CONNECT] = { "CONNECT", 0 },
    [PACKET_CONNACK] = { "CONNACK", 0 },
    [PACKET_PUBLISH] = { "PUBLISH", 0 },
    [PACKET_PUBACK] = { "PUBACK", 0 },
    [PACKET_PUBREC] = { "PUBREC", 0 },
    [PACKET_PUBREL] = { "PUBREL", 2 },
    [PACKET_PUBCOMP] = { "PUBCOMP", 0 },
    [PACKET_SUBSCRIBE] = { "SUBSCRIBE", 2 },
    [PACKET_SUBACK] = { "SUBACK", 0 },
    [PACKET_UNSUBSCRIBE] = { "UNSUBSCRIBE", 2 },
    [PACKET_UNSUBACK] = { "UNSUBACK", 0 },
    [PACKET_PINGREQ] = { "PINGREQ", 0 },
    [PACKET_PINGRESP] = { "PINGRESP", 0 },
    [PACKET_DISCONNECT] = { "DISCONNECT", 0 },
    [15] = { "reserved", 0 },
};

const char *packet_name(uint8_t type)
{
    return packet_row[type & 15].name;
}

enum packet_framing packet_next(struct span bytes, size_t most, struct packet *ret_packet)
{
    if (bytes.n == 0) {
        return PACKET_INCOMPLETE;
    }
    *ret_packet = (struct packet){ .type = bytes.p[0] >> 4, .flags = bytes.p[0] & 15 };
    if (ret_packet->type == 0 || ret_packet->type == 15) {
        return PACKET_MALFORMED;
    }
    size_t length = 0;
    size_t at = 1;
    for (;; at++) {
        if (at == PACKET_HEADER_MAX) {
            return PACKET_MALFORMED;
        }
        if (at == bytes.n) {
            return PACKET_INCOMPLETE;
        }
        length |= (size_t)(bytes.p[at] & 127) << (7 * (at - 1));
        if (bytes.p[at] < 128) {
            break;
        }
    }
    if (length > most) {
        return PACKET_TOO_LONG;
    }
    at++;
    if (bytes.n - at < length) {
        return PACKET_INCOMPLETE;
    }
    ret_packet->bytes = span_of(bytes.p, at + length);
    ret_packet->body = span_of(bytes.p + at, length);
    return PACKET_COMPLETE;
}

static bool take_byte(struct span *from, uint8_t *ret)
{
    if (from->n < 1 || from->p == NULL) {
        return false;
    }
    *ret = from->p[0];
    *from = span_from(*from, 1);
    return true;
}

static bool take_number(struct span *from, uint16_t *ret)
{
    if (from->n < 2 || from->p == NULL) {
        return false;
    }
    *ret = (uint16_t)(from->p[0] << 8 | from->p[1]);
    *from = span_from(*from, 2);
    return true;
}

static bool take_text(struct span *from, struct span *ret)
{
    uint16_t length = 0;
    struct span rest = *from;
    if (!take_number(&rest, &length) || rest.n < length) {
        return false;
    }
    *ret = span_of(rest.p, length);
    *from = span_from(rest, length);
    return true;
}

static const char *read_connect_flags(uint8_t flags, struct packet_connect *connect)
{
    connect->clean = (flags & CONNECT_CLEAN) != 0;
    connect->has_will = (flags & CONNECT_WILL) != 0;
    connect->will_qos = flags >> 3 & 3;
    connect->will_retain = (flags & CONNECT_WILL_RETAIN) != 0;
    connect->has_password = (flags & CONNECT_PASSWORD) != 0;
    connect->has_user = (flags & CONNECT_USER) != 0;
    if ((flags & CONNECT_RESERVED) != 0) {
        return "the reserved flag of CONNECT is set";
    }
    if (connect->will_qos == 3 ||
        (!connect->has_will && (connect->will_qos != 0 || connect->will_retain))) {
        return "the will flags of CONNECT contradict each other";
    }
    if (connect->has_password && !connect->has_user) {
        return "CONNECT has a password without a user name";
    }
    return NULL;
}

static const char *read_connect_payload(struct span rest, struct packet_connect *connect)
{
    if (!take_text(&rest, &connect->client_id)) {
        return "CONNECT ends within the client id";
    }
    if (connect->has_will &&
        (!take_text(&rest, &connect->will_topic) || !take_text(&rest, &connect->will_payload))) {
        return "CONNECT ends within the will";
    }
    if ((connect->has_user && !take_text(&rest, &connect->user)) ||
        (connect->has_password && !take_text(&rest, &connect->password))) {
        return "CONNECT ends within the user name or password";
    }
    return rest.n > 0 ? "CONNECT has bytes behind its last field" : NULL;
}

const char *packet_read_connect(const struct packet *packet, struct packet_connect *ret_connect)
{
    *ret_connect = (struct packet_connect){ 0 };
    struct span rest = packet->body;
    uint8_t flags = 0;
    if (packet->flags != 0) {
        return "the flags in the header of CONNECT are not 0";
    }
    if (!take_text(&rest, &ret_connect->protocol) || !take_byte(&rest, &ret_connect->level)) {
        return "CONNECT ends within the protocol's name";
    }
    if (!span_eq(ret_connect->protocol, SPAN_LIT("MQTT")) &&
        !span_eq(ret_connect->protocol, SPAN_LIT("MQIsdp"))) {
        return "the protocol's name in CONNECT is not MQTT";
    }
    ret_connect->level &= 127; /* the highest bit marks Mosquitto's bridges */
    if (ret_connect->level > LEVEL_3_1_1) {
        return NULL;
    }
    if (!take_byte(&rest, &flags) || !take_number(&rest, &ret_connect->keep_alive)) {
        return "CONNECT ends within its flags and keep-alive";
    }
    const char *wrong = read_connect_flags(flags, ret_connect);
    return wrong != NULL ? wrong : read_connect_payload(rest, ret_connect);
}

static void add_number(struct buf *out, size_t number)
{
    CHECK(number <= UINT16_MAX && buf_add_byte(out, (uint8_t)(number >> 8)) &&
          buf_add_byte(out, (uint8_t)number));
}

static void add_text(struct buf *out, struct span text)
{
    add_number(out, text.n);
    CHECK(buf_add(out, text));
}

static void add_header(struct buf *out, uint8_t first, size_t length)
{
    CHECK(buf_add_byte(out, first));
    do {
        uint8_t digit = length & 127;
        length >>= 7;
        CHECK(buf_add_byte(out, digit | (length > 0 ? 128 : 0)));
    } while (length > 0);
}

void packet_write_connect(struct buf *out, const struct packet_connect *connect)
{
    size_t length = 2 + connect->protocol.n + 1 + 1 + 2 + 2 + connect->client_id.n;
    length += connect->has_will ? 4 + connect->will_topic.n + connect->will_payload.n : 0;
    length += connect->has_user ? 2 + connect->user.n : 0;
    length += connect->has_password ? 2 + connect->password.n : 0;
    unsigned flags =
        (connect->clean ? CONNECT_CLEAN : 0U) | (connect->has_will ? CONNECT_WILL : 0U) |
        (unsigned)connect->will_qos << 3 | (connect->will_retain ? CONNECT_WILL_RETAIN : 0U) |
        (connect->has_password ? CONNECT_PASSWORD : 0U) | (connect->has_user ? CONNECT_USER : 0U);
    add_header(out, PACKET_CONNECT << 4, length);
    add_text(out, connect->protocol);
    CHECK(buf_add_byte(out, connect->level) && buf_add_byte(out, (uint8_t)flags));
    add_number(out, connect->keep_alive);
    add_text(out, connect->client_id);
    if (connect->has_will) {
        add_text(out, connect->will_topic);
        add_text(out, connect->will_payload);
    }
    if (connect->has_user) {
        add_text(out, connect->user);
    }
    if (connect->has_password) {
        add_text(out, connect->password);
    }
}

const char *packet_read_publish(const struct packet *packet, struct packet_publish *ret_publish)
{
    *ret_publish = (struct packet_publish){ .qos = packet->flags >> 1 & 3,
                                            .retain = (packet->flags & 1) != 0,
                                            .dup = (packet->flags & 8) != 0 };
    struct span rest = packet->body;
    if (ret_publish->qos == 3) {
        return "PUBLISH has QoS 3";
    }
    if (!take_text(&rest, &ret_publish->topic)) {
        return "PUBLISH ends within the topic";
    }
    if (ret_publish->qos > 0 && (!take_number(&rest, &ret_publish->id) || ret_publish->id == 0)) {
        return "PUBLISH has no packet id";
    }
    ret_publish->payload = rest;
    return NULL;
}

const char *packet_read_filters(const struct packet *packet, struct packet_filters *ret_filters)
{
    bool with_qos = packet->type == PACKET_SUBSCRIBE;
    struct span rest = packet->body;
    uint16_t id = 0;
    if (packet->flags != packet_row[packet->type].flags) {
        return "the flags in its header are not 2 (a DUP flag is for PUBLISH only)";
    }
    if (!take_number(&rest, &id) || id == 0) {
        return "it has no packet id";
    }
    *ret_filters = (struct packet_filters){ .rest = rest, .with_qos = with_qos };
    while (rest.n > 0) {
        struct span filter;
        uint8_t qos = 0;
        if (!take_text(&rest, &filter) || (with_qos && !take_byte(&rest, &qos))) {
            return "it ends within a topic filter";
        }
        if (filter.n == 0) {
            return "it has an empty topic filter";
        }
        if (qos > 2) {
            return "it asks for a QoS above 2";
        }
        ret_filters->count++;
    }
    return ret_filters->count == 0 ? "it names no topic filter" : NULL;
}

bool packet_next_filter(struct packet_filters *filters, struct span *ret_filter, uint8_t *ret_qos)
{
    *ret_qos = 0;
    return take_text(&filters->rest, ret_filter) &&
           (!filters->with_qos || take_byte(&filters->rest, ret_qos));
}

void packet_write_puback(struct buf *out, uint16_t id)
{
    add_header(out, PACKET_PUBACK << 4, 2);
    add_number(out, id);
}

void packet_write_connack(struct buf *out, uint8_t code)
{
    add_header(out, PACKET_CONNACK << 4, 2);
    CHECK(buf_add_byte(out, 0) && buf_add_byte(out, code));
}
