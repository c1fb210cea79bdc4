/* One MQTT client: its link, its session, and what becomes of it when either ends. */
#include <stdlib.h>

#include "base/check.h"
#include "sim/modem/modem_int.h"

/* CMQTT codes of a CONNECT that failed because the link ended (mqtt-ssl-commands.md 3.2). */
static int connect_code(const struct mqtt_client *c, enum link_end why)
{
    switch (why) {
    case LINK_DNS:
        return 25;
    case LINK_REFUSED:
    case LINK_CONNECT_TIMEOUT:
        return 3;
    case LINK_TLS_SETUP:
        return c->m->profile->open_session_code;
    case LINK_TLS_HANDSHAKE:
    case LINK_TLS_TIMEOUT:
        return 32;
    case LINK_TLS_CLOSED:
    case LINK_CLOSED_NO_CERT:
    case LINK_RESET:
        return 26;
    case LINK_CLOSED:
        break;
    case LINK_BROKEN:
        return 6;
    }
    switch (c->m->profile->peer_close_connect) {
    case PEER_CLOSE_6:
        return 6;
    case PEER_CLOSE_26:
        return 26;
    default:
        return c->connect_sent ? 6 : 26;
    }
}

void client_trace(const struct mqtt_client *c, const char *why)
{
    static const char *const names[] = {
        [CLIENT_FREE] = "free", [CLIENT_ACQUIRED] = "acquired", [CLIENT_CONNECTED] = "connected"
    };
    trace_emit(c->m->trace, "mqtt.client", TRACE_NUM("client", c->index),
               TRACE_STR("state", names[c->state]), TRACE_STR("why", why),
               TRACE_SPAN("client_id", buf_span(&c->client_id)),
               TRACE_NUM("server_type", c->server_type), TRACE_NUM("ssl_context", c->ssl_ctx),
               TRACE_NUM("connect_sent", c->connect_sent));
}

void client_drop(struct mqtt_client *c)
{
    if (c->link_open) {
        c->m->host->hangup(c->m->host_ctx, c->index, false);
    }
    c->link_open = false;
    c->connect_sent = false;
    timer_stop(&c->wake_timer);
    mqtt_session_link_lost(&c->session);
    if (c->state == CLIENT_CONNECTED) {
        c->state = CLIENT_ACQUIRED;
    }
}

void client_connect_failed(struct mqtt_client *c, int code)
{
    client_drop(c);
    c->ssl_ctx = -1;
    op_finish(c, code);
}

/* The connection is over: the pending operation's result first, then CONNLOST (6.2). Behind a
 * result that is held back they form one answer: "0,6", ERROR, CONNLOST, before anything that waits
 * in the input runs. */
void client_lost(struct mqtt_client *c, int code, int cause)
{
    struct modem *m = c->m;
    client_drop(c);
    client_trace(c, "connection lost");
    m->urc_behind = op_is_parked(c);
    if (m->urc_behind) {
        urc_cmqttconnlost(m, c->index, cause);
        m->urc_behind = false;
        op_finish(c, code);
        return;
    }
    op_finish(c, code);
    urc_cmqttconnlost(m, c->index, cause);
}

static void on_connack(struct mqtt_client *c, const struct mqtt_event *ev)
{
    if (c->op != OP_CONNECT) {
        return;
    }
    if (ev->code != 0) {
        /* 1-5 are 27-31 in the manual's table; others have no name there. */
        client_connect_failed(c, ev->code <= 5 ? 26 + ev->code : 24);
        return;
    }
    c->state = CLIENT_CONNECTED;
    client_trace(c, "CONNACK 0");
    if (c->m->profile->sslcfg_clear == SSLCFG_CLEAR_ALWAYS) {
        c->ssl_ctx = -1;
    }
    op_finish(c, 0);
}

static void on_suback(struct mqtt_client *c, const struct mqtt_event *ev)
{
    bool refused = false;
    for (size_t i = 0; i < ev->codes.n; i++) {
        refused = refused || ev->codes.p[i] > 2;
    }
    if (c->op != OP_SUB) {
        return;
    }
    if (refused && c->m->profile->deny_style == DENY_CLOSE) {
        client_lost(c, 6, 1);
        return;
    }
    op_finish(c, refused ? 1 : 0);
}

static void on_protocol_error(struct mqtt_client *c, const struct mqtt_event *ev)
{
    trace_emit(c->m->trace, "mqtt.protocol_error", TRACE_NUM("client", c->index),
               TRACE_STR("what", ev->what));
    if (c->op == OP_CONNECT) {
        client_connect_failed(c, 24);
    } else {
        client_lost(c, 24, 2);
    }
}

static void on_event(struct mqtt_client *c, const struct mqtt_event *ev)
{
    switch (ev->kind) {
    case MQTT_EV_CONNACK:
        on_connack(c, ev);
        break;
    case MQTT_EV_PUBLISHED:
        if (c->op == OP_PUB) {
            op_finish(c, 0);
        }
        break;
    case MQTT_EV_SUBACK:
        on_suback(c, ev);
        break;
    case MQTT_EV_UNSUBACK:
        if (c->op == OP_UNSUB) {
            op_finish(c, 0);
        }
        break;
    case MQTT_EV_MESSAGE:
        mqtt_rx_message(c, ev->topic, ev->payload);
        break;
    case MQTT_EV_OVERSIZE:
        trace_emit(c->m->trace, "mqtt.oversize", TRACE_NUM("client", c->index),
                   TRACE_NUM("topic_length", (int64_t)ev->topic_len),
                   TRACE_NUM("payload_length", (int64_t)ev->payload_len));
        break;
    case MQTT_EV_PING_TIMEOUT:
        trace_emit(c->m->trace, "mqtt.ping_timeout", TRACE_NUM("client", c->index),
                   TRACE_NUM("keep_alive", c->keep_alive));
        urc_cmqttping(c->m, c->index, 17);
        break;
    case MQTT_EV_PROTOCOL_ERROR:
        on_protocol_error(c, ev);
        break;
    }
}

void client_pump(struct mqtt_client *c)
{
    struct mqtt_event ev;
    while (c->link_open && mqtt_session_next(&c->session, &ev)) {
        on_event(c, &ev);
    }
    client_flush(c);
}

void client_flush(struct mqtt_client *c)
{
    struct span out = mqtt_session_output(&c->session);
    if (c->link_open && out.n > 0) {
        if (!fault_mqtt_takes(c, false, out)) {
            c->m->host->send(c->m->host_ctx, c->index, out);
        }
        mqtt_session_sent(&c->session, out.n);
    }
}

static void wake_due(struct timer *t)
{
    client_pump(
        (struct mqtt_client *)(void *)((char *)t - offsetof(struct mqtt_client, wake_timer)));
}

static void wake(void *ctx)
{
    struct mqtt_client *c = ctx;
    timer_arm(c->m->sched, &c->wake_timer, 0, wake_due);
}

void modem_link_up(struct modem *m, unsigned link)
{
    struct mqtt_client *c = &m->client[link];
    struct mqtt_connect p = {
        .version = (enum mqtt_version)c->version,
        .client_id = buf_span(&c->client_id),
        .keep_alive = c->keep_alive,
        .clean_session = c->clean,
        .has_user = c->has_user,
        .has_password = c->has_password,
        .has_will = c->has_will_topic && c->has_will_message,
        .user = buf_span(&c->user),
        .password = buf_span(&c->password),
        .will_topic = buf_span(&c->will_topic),
        .will_message = buf_span(&c->will_message),
        .will_qos = c->will_qos,
    };
    mqtt_session_connect(&c->session, &p);
    c->connect_sent = true;
    op_link_up(c);
    client_pump(c);
}

void modem_link_data(struct modem *m, unsigned link, struct span bytes)
{
    struct mqtt_client *c = &m->client[link];
    if (!fault_mqtt_takes(c, true, bytes)) {
        client_input(c, bytes);
    }
}

void client_input(struct mqtt_client *c, struct span bytes)
{
    while (c->link_open && bytes.n > 0) {
        size_t n = bytes.n < MQTT_INPUT_MAX ? bytes.n : MQTT_INPUT_MAX;
        mqtt_session_input(&c->session, span_of(bytes.p, n));
        client_pump(c);
        bytes = span_from(bytes, n);
    }
}

void modem_link_down(struct modem *m, unsigned link, enum link_end why, const char *detail)
{
    static const char *const ends[] = {
#define NAME_(name, text) text,
        LINK_END_LIST(NAME_)
#undef NAME_
    };
    struct mqtt_client *c = &m->client[link];
    client_pump(c); /* what arrived before the end still counts */
    if (!c->link_open) {
        return;
    }
    c->link_open = false; /* the host has closed it: client_drop must not hang up again */
    trace_emit(m->trace, "mqtt.link_down", TRACE_NUM("client", link), TRACE_STR("why", ends[why]),
               TRACE_STR("detail", detail), TRACE_NUM("connect_sent", c->connect_sent),
               TRACE_NUM("connected", c->state == CLIENT_CONNECTED));
    if (c->op == OP_CONNECT) {
        client_connect_failed(c, connect_code(c, why));
    } else {
        client_lost(c, 6, why == LINK_RESET ? 2 : 1);
    }
}

bool topic_list_add(struct topic_list *l, struct span topic, uint8_t qos)
{
    if (topic.n > SUBTOPIC_LIST_MAX - l->bytes) {
        return false;
    }
    struct topic_item *item = xcalloc(1, sizeof *item + topic.n);
    item->qos = qos;
    item->n = topic.n;
    memcpy(item->bytes, topic.p, topic.n);
    if (l->head == NULL) {
        l->tail = &l->head;
    }
    *l->tail = item;
    l->tail = &item->next;
    l->count++;
    l->bytes += topic.n;
    return true;
}

void topic_list_clear(struct topic_list *l)
{
    while (l->head != NULL) {
        struct topic_item *item = l->head;
        l->head = item->next;
        free(item);
    }
    *l = (struct topic_list){ 0 };
}

void client_release(struct mqtt_client *c)
{
    client_drop(c);
    timer_stop(&c->op_timer);
    c->op = OP_NONE;
    c->state = CLIENT_FREE;
    buf_fini(&c->client_id);
    buf_fini(&c->will_topic);
    buf_fini(&c->will_message);
    buf_fini(&c->address);
    buf_wipe(&c->user);
    buf_wipe(&c->password);
    buf_fini(&c->topic);
    buf_fini(&c->payload);
    topic_list_clear(&c->subs);
    topic_list_clear(&c->unsubs);
    c->has_will_topic = c->has_will_message = false;
    c->check_utf8 = 1;
    c->optimeout = c->m->profile->optimeout_default;
    c->version = c->m->profile->mqtt_version_default;
    c->server_type = 0;
    c->ssl_ctx = -1;
    /* The session state of MQTT belongs to the client id, which is given back here. */
    mqtt_session_fini(&c->session);
    mqtt_session_init(&c->session, c->m->sched, &c->trace, wake, c);
}

/* The session knows no client index; its events get it here. */
static void session_event(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    const struct mqtt_client *c = ctx;
    struct trace_field all[MQTT_TRACE_FIELDS + 1] = { TRACE_NUM("client", c->index) };
    CHECK(n < ARRAY_LEN(all));
    memcpy(&all[1], fields, n * sizeof *fields);
    c->m->trace->sink(c->m->trace->ctx, event, all, n + 1);
}

void mqtt_init(struct modem *m)
{
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        struct mqtt_client *c = &m->client[i];
        c->m = m;
        c->index = i;
        c->trace = (struct trace){ .sink = trace_on(m->trace) ? session_event : NULL, .ctx = c };
        buf_init(&c->client_id, 128);
        buf_init(&c->will_topic, 1024);
        buf_init(&c->will_message, 10240);
        buf_init(&c->address, 256);
        buf_init(&c->user, 256);
        buf_init(&c->password, 256);
        buf_init(&c->topic, 1024);
        buf_init(&c->payload, 10240);
        mqtt_session_init(&c->session, m->sched, &c->trace, wake, c);
        client_release(c);
    }
}

void mqtt_fini(struct modem *m)
{
    timer_stop(&m->start_timer);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        client_release(&m->client[i]);
        mqtt_session_fini(&m->client[i].session);
        fault_mqtt_end(&m->client[i]);
    }
}

void mqtt_stop_all(struct modem *m, bool tell)
{
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        struct mqtt_client *c = &m->client[i];
        bool connected = c->state == CLIENT_CONNECTED;
        bool connecting = c->op == OP_CONNECT;
        client_drop(c);
        if (tell) {
            op_finish(c, connecting ? 3 : 6);
        }
        if (connected && tell) {
            urc_cmqttconnlost(m, i, 3);
        }
        client_release(c);
    }
    if (m->mqtt_started && tell) {
        urc_cmqttnonet(m);
    }
    m->mqtt_started = false;
    m->mqtt_starting = false;
    timer_stop(&m->start_timer);
}
