#include "broker/gateway_session.h"
#include "base/check.h"
#include "broker/gateway_topic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SECOND_MS = 1000,
    KEEP_ALIVE_LEAST = 30, /* seconds; the most stands in the rule's row */
    ID_MAX = 65535,
    PROTOCOL_3_1_1 = 4
};

struct gateway_session {
    struct gateway_shared *shared;
    const char *user, *password;
    struct gateway_client *client; /* from an accepted CONNECT on */
    struct gateway_session *taken; /* the connection whose place this one takes, until CONNACK */
    struct gateway_session *taker; /* the one that takes this one's place */
    struct buf client_id;
    uint64_t last_ms;   /* when the client's last packet came */
    uint64_t window_ms; /* when the present second of publishing began */
    unsigned published; /* in that second */
    unsigned asked;     /* keep-alive of the CONNECT, seconds */
    uint8_t last_type;  /* of the client's packets; 0: none yet */
};

/* A time of AWS's as it runs here. */
static uint64_t scaled(const struct gateway_session *s, uint64_t ms)
{
    return ms * s->shared->time_percent / 100;
}

static unsigned limit_of(enum gateway_rule rule)
{
    return gateway_rule_row(rule)->limit;
}

static void broken(struct gateway_verdict *verdict, enum gateway_rule rule, bool close,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

static void broken(struct gateway_verdict *verdict, enum gateway_rule rule, bool close,
                   const char *format, ...)
{
    verdict->rule = rule;
    verdict->close = close;
    va_list args;
    va_start(args, format);
    vsnprintf(verdict->detail, sizeof verdict->detail, format, args);
    va_end(args);
}

static void set_resource(struct gateway_verdict *verdict, const char *type, struct span name)
{
    snprintf(verdict->resource, sizeof verdict->resource, "%s/%.*s", type,
             (int)(name.n < 300 ? name.n : 300), (const char *)name.p);
}

struct gateway_session *gateway_session_new(struct gateway_shared *shared, const char *user,
                                            const char *password, uint64_t now_ms)
{
    struct gateway_session *s = xcalloc(1, sizeof *s);
    s->shared = shared;
    s->user = user;
    s->password = password;
    s->last_ms = now_ms;
    buf_init(&s->client_id, ID_MAX);
    return s;
}

void gateway_session_free(struct gateway_session *s)
{
    if (s == NULL) {
        return;
    }
    if (s->client != NULL && s->client->current == s) {
        s->client->current = NULL;
    }
    if (s->taken != NULL) {
        s->taken->taker = NULL;
    }
    if (s->taker != NULL) {
        s->taker->taken = NULL;
    }
    buf_fini(&s->client_id);
    free(s);
}

/* The rules of every topic and topic filter. */
static bool topic_passes(struct span topic, bool is_filter, struct gateway_verdict *verdict)
{
    set_resource(verdict, is_filter ? "topicfilter" : "topic", topic);
    struct span counted = gateway_topic_counted(topic);
    size_t slashes = gateway_topic_slashes(counted);
    if (counted.n > limit_of(RULE_TOPIC_LENGTH)) {
        broken(verdict, RULE_TOPIC_LENGTH, true, "this one has %zu", counted.n);
    } else if (slashes > limit_of(RULE_TOPIC_SLASHES)) {
        broken(verdict, RULE_TOPIC_SLASHES, true, "this one has %zu", slashes);
    } else if (!is_filter && !gateway_topic_is_plain(topic)) {
        broken(verdict, RULE_TOPIC_WILDCARD, true, "+ and # are for topic filters");
    } else if (!gateway_topic_is_open(topic, is_filter)) {
        broken(verdict, RULE_RESERVED_TOPIC, true, "AWS IoT Core treats this one as denied");
    }
    return verdict->rule == RULE_NONE;
}

static bool will_passes(const struct packet_connect *connect, struct gateway_verdict *verdict)
{
    if (!connect->has_will) {
        return true;
    }
    if (!topic_passes(connect->will_topic, false, verdict)) {
        return false;
    }
    if (connect->will_qos == 2) {
        broken(verdict, RULE_QOS_2, true, "the will asks for it");
    } else if (connect->will_payload.n > limit_of(RULE_PAYLOAD)) {
        broken(verdict, RULE_PAYLOAD, true, "the will has %zu", connect->will_payload.n);
    }
    return verdict->rule == RULE_NONE;
}

static bool connect_passes(struct gateway_session *s, uint64_t now_ms,
                           const struct packet_connect *connect, struct gateway_verdict *verdict)
{
    size_t length = connect->client_id.n;
    set_resource(verdict, "client", connect->client_id);
    if (length < 1 || length > limit_of(RULE_CLIENT_ID)) {
        broken(verdict, RULE_CLIENT_ID, true, "this one has %zu", length);
        return false;
    }
    if (!will_passes(connect, verdict)) {
        return false;
    }
    set_resource(verdict, "client", connect->client_id);
    struct gateway_client *client = gateway_clients_get(&s->shared->clients, connect->client_id);
    uint64_t since = now_ms - client->connected_ms;
    if (s->shared->throttle && client->connected_before && since < scaled(s, SECOND_MS)) {
        broken(verdict, RULE_CLIENT_ID_THROTTLE, true, "its last CONNECT was %u ms ago",
               (unsigned)since);
        return false;
    }
    client->connected_ms = now_ms;
    client->connected_before = true;
    s->client = client;
    return true;
}

/* The connection takes the place of the one that has this client id now; Mosquitto ends that. */
static void take_place(struct gateway_session *s)
{
    struct gateway_session *other = s->client->current;
    if (other != NULL) {
        if (other->taker != NULL) {
            other->taker->taken = NULL;
        }
        s->taken = other;
        other->taker = s;
    }
    s->client->current = s;
}

static void from_client_connect(struct gateway_session *s, uint64_t now_ms,
                                const struct packet *packet, const struct gateway_output *out,
                                struct gateway_verdict *verdict)
{
    struct packet_connect connect;
    if (s->client != NULL) {
        broken(verdict, RULE_CONNECT_ONCE, true, "this is the second one");
        return;
    }
    const char *wrong = packet_read_connect(packet, &connect);
    if (wrong != NULL) {
        broken(verdict, RULE_MALFORMED, true, "%s", wrong);
        return;
    }
    if (connect.level > PROTOCOL_3_1_1 || connect.level < PROTOCOL_3_1_1 - 1) {
        packet_write_connack(out->to_client, 1);
        broken(verdict, RULE_PROTOCOL_LEVEL, true, "this CONNECT has protocol level %d",
               connect.level);
        return;
    }
    size_t most = limit_of(RULE_CLIENT_ID);
    struct span id =
        span_of(connect.client_id.p, connect.client_id.n < most ? connect.client_id.n : most);
    CHECK(buf_set(&s->client_id, id));
    if (!connect_passes(s, now_ms, &connect, verdict)) {
        return;
    }
    s->asked = connect.keep_alive;
    s->client->keeps = !connect.clean;
    take_place(s);
    connect.has_user = connect.has_password = true;
    connect.user = span_str(s->user);
    connect.keep_alive = 0; /* the gateway's own affair */
    struct buf password;
    buf_init(&password, 65535);
    CHECK(buf_set(&password, span_str(s->password)));
    /* the plugin reads it there; see gateway_identity.h. A topic that has no room is left out */
    if (connect.has_will && s->password[0] != '\0' &&
        buf_span(&password).n + 1 + connect.will_topic.n <= 65535) {
        CHECK(buf_add_byte(&password, ' ') && buf_add(&password, connect.will_topic));
    }
    connect.password = buf_span(&password);
    packet_write_connect(out->to_broker, &connect);
    buf_fini(&password);
}

static bool rate_passes(struct gateway_session *s, uint64_t now_ms, struct gateway_verdict *verdict)
{
    if (now_ms - s->window_ms >= scaled(s, SECOND_MS)) {
        s->window_ms = now_ms;
        s->published = 0;
    }
    unsigned most = limit_of(RULE_PUBLISH_RATE);
    s->published++;
    if (!s->shared->throttle || s->published <= most) {
        return true;
    }
    broken(verdict, RULE_PUBLISH_RATE, false,
           "this is number %u, it is not delivered and not acknowledged", s->published);
    verdict->quiet = s->published > most + 1;
    return false;
}

static void from_client_publish(struct gateway_session *s, uint64_t now_ms,
                                const struct packet *packet, struct gateway_verdict *verdict)
{
    struct packet_publish publish;
    const char *wrong = packet_read_publish(packet, &publish);
    if (wrong != NULL) {
        broken(verdict, RULE_MALFORMED, true, "%s", wrong);
        return;
    }
    if (!topic_passes(publish.topic, false, verdict)) {
        return;
    }
    if (publish.payload.n > limit_of(RULE_PAYLOAD)) {
        broken(verdict, RULE_PAYLOAD, true, "this one has %zu bytes", publish.payload.n);
    } else if (publish.qos == 2) {
        broken(verdict, RULE_QOS_2, s->shared->qos_2_closes, "this PUBLISH asks for it");
    } else {
        rate_passes(s, now_ms, verdict);
    }
}

/* Adds the filters of a SUBSCRIBE to those of the client. */
static void note_filters(struct gateway_session *s, struct packet_filters filters,
                         struct gateway_verdict *verdict)
{
    struct span filter;
    uint8_t qos = 0;
    while (packet_next_filter(&filters, &filter, &qos)) {
        if (!gateway_filters_add(&s->client->filters, filter)) {
            set_resource(verdict, "topicfilter", filter);
            broken(verdict, RULE_SUBSCRIPTIONS, true, "this would be number %d",
                   GATEWAY_FILTERS_MAX + 1);
            return;
        }
    }
}

static void from_client_subscribe(struct gateway_session *s, const struct packet *packet,
                                  struct gateway_verdict *verdict)
{
    struct packet_filters filters;
    const char *wrong = packet_read_filters(packet, &filters);
    if (wrong != NULL) {
        broken(verdict, RULE_MALFORMED, true, "%s", wrong);
        return;
    }
    if (filters.count > limit_of(RULE_FILTERS)) {
        broken(verdict, RULE_FILTERS, true, "this one has %zu", filters.count);
        return;
    }
    struct packet_filters rest = filters;
    struct span filter;
    uint8_t qos = 0;
    while (packet_next_filter(&rest, &filter, &qos)) {
        if (!topic_passes(filter, true, verdict)) {
            return;
        }
        if (qos == 2) {
            broken(verdict, RULE_QOS_2, s->shared->qos_2_closes, "this SUBSCRIBE asks for it");
            return;
        }
    }
    note_filters(s, filters, verdict);
}

static void from_client_unsubscribe(struct gateway_session *s, const struct packet *packet,
                                    struct gateway_verdict *verdict)
{
    struct packet_filters filters;
    const char *wrong = packet_read_filters(packet, &filters);
    if (wrong != NULL) {
        broken(verdict, RULE_MALFORMED, true, "%s", wrong);
        return;
    }
    struct span filter;
    uint8_t qos = 0;
    while (packet_next_filter(&filters, &filter, &qos)) {
        gateway_filters_remove(&s->client->filters, filter);
    }
}

void gateway_session_from_client(struct gateway_session *s, uint64_t now_ms,
                                 const struct packet *packet, const struct gateway_output *out,
                                 struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE };
    s->last_ms = now_ms;
    s->last_type = packet->type;
    if (packet->type == PACKET_CONNECT) {
        from_client_connect(s, now_ms, packet, out, ret_verdict);
        return;
    }
    if (s->client == NULL) {
        broken(ret_verdict, RULE_CONNECT_FIRST, true, "this is %s", packet_name(packet->type));
        return;
    }
    switch (packet->type) {
    case PACKET_PUBLISH:
        from_client_publish(s, now_ms, packet, ret_verdict);
        break;
    case PACKET_SUBSCRIBE:
        from_client_subscribe(s, packet, ret_verdict);
        break;
    case PACKET_UNSUBSCRIBE:
        from_client_unsubscribe(s, packet, ret_verdict);
        break;
    case PACKET_PUBREC:
    case PACKET_PUBREL:
    case PACKET_PUBCOMP:
        broken(ret_verdict, RULE_QOS_2, s->shared->qos_2_closes, "this is %s",
               packet_name(packet->type));
        break;
    case PACKET_CONNACK:
    case PACKET_SUBACK:
    case PACKET_UNSUBACK:
    case PACKET_PINGRESP:
        broken(ret_verdict, RULE_MALFORMED, true, "%s is a packet of the broker",
               packet_name(packet->type));
        break;
    default:
        break;
    }
    if (ret_verdict->rule == RULE_NONE) {
        CHECK(buf_add(out->to_broker, packet->bytes));
    }
}

void gateway_session_bad_framing(const struct gateway_session *s, enum packet_framing framing,
                                 const struct packet *packet, struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE };
    if (s->client == NULL && packet->type != PACKET_CONNECT) {
        broken(ret_verdict, RULE_CONNECT_FIRST, true, "these bytes are no CONNECT");
    } else if (framing != PACKET_TOO_LONG) {
        broken(ret_verdict, RULE_MALFORMED, true, "its header is no header of an MQTT packet");
    } else {
        broken(ret_verdict, packet->type == PACKET_PUBLISH ? RULE_PAYLOAD : RULE_PACKET_LENGTH,
               true, "this %s is longer", packet_name(packet->type));
    }
}

static void from_broker_connack(struct gateway_session *s, const struct packet *packet)
{
    bool accepted = packet->body.n == 2 && packet->body.p[1] == 0;
    bool session_present = packet->body.n == 2 && (packet->body.p[0] & 1) != 0;
    if (s->client != NULL && !session_present) {
        gateway_filters_clear(&s->client->filters);
    }
    if (!accepted && s->taken != NULL && s->client != NULL) {
        s->taken->taker = NULL; /* it keeps its place */
        if (s->client->current == s) {
            s->client->current = s->taken;
        }
        s->taken = NULL;
    }
}

/* Whether a retained message may reach the client; notes that it has. */
static bool retained_passes(struct gateway_session *s, const struct packet_publish *publish)
{
    struct gateway_filter *filter = gateway_filters_find(&s->client->filters, publish->topic);
    bool passes = filter != NULL && filter->retained_due;
    if (filter != NULL) {
        filter->retained_due = false;
    }
    return passes;
}

void gateway_session_from_broker(struct gateway_session *s, const struct packet *packet,
                                 const struct gateway_output *out,
                                 struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE };
    struct packet_publish publish;
    if (packet->type == PACKET_CONNACK) {
        from_broker_connack(s, packet);
    }
    /* RETAIN is set only where a SUBSCRIBE is the reason of the delivery (3.3.1.3) */
    if (packet->type == PACKET_PUBLISH && s->client != NULL && (packet->flags & 1) != 0 &&
        packet_read_publish(packet, &publish) == NULL && !retained_passes(s, &publish)) {
        set_resource(ret_verdict, "topic", publish.topic);
        broken(ret_verdict, RULE_RETAINED_WILDCARD, false, "this one is not delivered");
        if (publish.qos == 1) {
            packet_write_puback(out->to_broker, publish.id);
        }
        return;
    }
    CHECK(buf_add(out->to_client, packet->bytes));
}

void gateway_session_broker_gone(const struct gateway_session *s,
                                 struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE, .close = true };
    if (s->taker != NULL) {
        set_resource(ret_verdict, "client", buf_span(&s->client_id));
        broken(ret_verdict, RULE_DUPLICATE_CLIENT_ID, true, "Mosquitto ended this one");
    } else if (s->last_type != PACKET_DISCONNECT) {
        broken(ret_verdict, RULE_BROKER_CLOSED, true, "the client's last packet was %s",
               gateway_session_last_packet(s));
    }
}

/* Keep-alive as AWS takes it, in seconds. */
static unsigned keep_alive(const struct gateway_session *s)
{
    unsigned most = limit_of(RULE_KEEP_ALIVE);
    if (s->asked == 0 || s->asked > most) {
        return most;
    }
    return s->asked < KEEP_ALIVE_LEAST ? KEEP_ALIVE_LEAST : s->asked;
}

uint64_t gateway_session_deadline(const struct gateway_session *s)
{
    if (s->client == NULL) {
        return s->last_ms + (uint64_t)limit_of(RULE_CONNECT_TIME) * SECOND_MS;
    }
    return s->last_ms + scaled(s, (uint64_t)keep_alive(s) * SECOND_MS * 3 / 2);
}

void gateway_session_expired(const struct gateway_session *s, struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE };
    if (s->client == NULL) {
        broken(ret_verdict, RULE_CONNECT_TIME, true, "no CONNECT came within %u s",
               limit_of(RULE_CONNECT_TIME));
        return;
    }
    set_resource(ret_verdict, "client", buf_span(&s->client_id));
    broken(ret_verdict, RULE_KEEP_ALIVE, true,
           "CONNECT asked for %u s, AWS takes that as %u s; the last packet was %s", s->asked,
           keep_alive(s), gateway_session_last_packet(s));
}

struct span gateway_session_client_id(const struct gateway_session *s)
{
    return buf_span(&s->client_id);
}

const char *gateway_session_last_packet(const struct gateway_session *s)
{
    return s->last_type == 0 ? "TLS" : packet_name(s->last_type);
}
