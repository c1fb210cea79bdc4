/* AT+CMQTT*: CONNECT, DISC, and what a connected client does (mqtt-ssl-commands.md 4.8 to 4.16).
 * What the network does later is in mqtt_op.c and mqtt_client.c. */
#include <stdlib.h>

#include "sim/modem/mqtt_rows.h"

/* --- CONNECT, DISC --- */

/* tcp://host[:port]; an IPv6 address in brackets. False: not of that form (12). */
static bool split_address(struct span address, struct span *ret_host, uint16_t *ret_port)
{
    struct span scheme = SPAN_LIT("tcp://");
    if (address.n <= scheme.n || !span_eq_nocase(span_of(address.p, scheme.n), scheme)) {
        return false;
    }
    struct span rest = span_from(address, scheme.n);
    bool bracket = rest.p[0] == '[';
    const uint8_t *end = memchr(rest.p, bracket ? ']' : ':', rest.n);
    if (bracket && end == NULL) {
        return false;
    }
    size_t host_n = end == NULL ? rest.n : (size_t)(end - rest.p);
    *ret_host = bracket ? span_of(rest.p + 1, host_n - 1) : span_of(rest.p, host_n);
    struct span port = span_from(rest, host_n + (bracket ? 1 : 0));
    *ret_port = 1883; /* also for TLS: 4.8 */
    if (port.n > 0) {
        int32_t n = 0;
        if (port.p[0] != ':' || !schema_number(span_from(port, 1), false, &n) || n < 1 ||
            n > 65535) {
            return false;
        }
        *ret_port = (uint16_t)n;
    }
    return ret_host->n > 0;
}

static struct at_result connect_set(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    struct span host;
    uint16_t port = 0;
    bool password_alone = call->arg[5].present && !call->arg[4].present; /* MQTT 3.1.1, 3.1.2.9 */
    if (password_alone || !split_address(call->arg[1].str, &host, &port)) {
        return mqtt_fail(ch, call, 12);
    }
    at_release(
        ch); /* a CONNLOST behind this command's result would speak of the wrong connection */
    (void)buf_set(&c->address, call->arg[1].str);
    c->keep_alive = (uint16_t)call->arg[2].num;
    c->clean = call->arg[3].num != 0;
    c->has_user = call->arg[4].present;
    c->has_password = call->arg[5].present;
    (void)buf_set(&c->user, call->arg[4].str);
    (void)buf_set(&c->password, call->arg[5].str);
    return op_connect(c, host, port);
}

static void connect_line(const struct mqtt_client *c, struct span password, struct buf *out)
{
    (void)buf_addf(out, "+CMQTTCONNECT: %u", c->index);
    if (c->state != CLIENT_CONNECTED) {
        return;
    }
    (void)buf_addf(out, ",\"");
    (void)buf_add(out, buf_span(&c->address));
    (void)buf_addf(out, "\",%u,%d", (unsigned)c->keep_alive, c->clean ? 1 : 0);
    if (c->has_user) {
        (void)buf_addf(out, ",\"");
        (void)buf_add(out, buf_span(&c->user));
        (void)buf_addf(out, "\"");
    }
    if (c->has_password) {
        (void)buf_addf(out, ",\"");
        (void)buf_add(out, password);
        (void)buf_addf(out, "\"");
    }
}

static struct at_result connect_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        const struct mqtt_client *c = &m->client[i];
        struct buf text;
        struct buf shown;
        buf_init(&text, 1024);
        buf_init(&shown, 1024);
        connect_line(c, buf_span(&c->password), &text);
        connect_line(c, SPAN_LIT("***"), &shown);
        at_info_secret(ch, buf_span(&text), buf_span(&shown));
        buf_wipe(&text);
        buf_fini(&shown);
    }
    return AT_OK;
}

static struct at_result disc_set(struct at_chan *ch, const struct at_call *call)
{
    return op_disconnect(client_of(ch, call));
}

static struct at_result disc_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        at_info(ch, "+CMQTTDISC: %u,%d", i, m->client[i].state == CLIENT_CONNECTED ? 0 : 1);
    }
    return AT_OK;
}

/* --- TOPIC, PAYLOAD, SUBTOPIC, UNSUBTOPIC --- */

static struct at_result topic_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    (void)buf_set(&c->topic, data);
    return AT_OK;
}

static struct at_result payload_data(struct at_chan *ch, const struct at_call *call,
                                     struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    (void)buf_set(&c->payload, data);
    return AT_OK;
}

/* The sum of lengths is known before the data: a topic too much is refused without a prompt. */
static struct at_result list_want_data(struct at_chan *ch, const struct at_call *call,
                                       const struct topic_list *list)
{
    if ((size_t)call->arg[1].num > SUBTOPIC_LIST_MAX - list->bytes) {
        return mqtt_fail(ch, call, 22);
    }
    return mqtt_want_data(ch, call);
}

static struct at_result subtopic_set(struct at_chan *ch, const struct at_call *call)
{
    return list_want_data(ch, call, &client_of(ch, call)->subs);
}

static struct at_result unsubtopic_set(struct at_chan *ch, const struct at_call *call)
{
    return list_want_data(ch, call, &client_of(ch, call)->unsubs);
}

static struct at_result list_data(struct at_chan *ch, const struct at_call *call, struct span data,
                                  struct topic_list *list)
{
    if (mqtt_text_refused(client_of(ch, call), data)) {
        return mqtt_fail(ch, call, 2);
    }
    uint8_t qos = (uint8_t)call->arg[2].num;
    return topic_list_add(list, data, qos) ? AT_OK : mqtt_fail(ch, call, 22);
}

static struct at_result subtopic_data(struct at_chan *ch, const struct at_call *call,
                                      struct span data)
{
    return list_data(ch, call, data, &client_of(ch, call)->subs);
}

static struct at_result unsubtopic_data(struct at_chan *ch, const struct at_call *call,
                                        struct span data)
{
    return list_data(ch, call, data, &client_of(ch, call)->unsubs);
}

/* --- SUB, UNSUB, PUB --- */

static struct at_result run_list(struct mqtt_client *c, struct topic_list *list, bool subscribe,
                                 bool dup)
{
    struct mqtt_topic *topics = xcalloc(list->count, sizeof *topics);
    size_t n = 0;
    for (const struct topic_item *i = list->head; i != NULL; i = i->next) {
        topics[n++] = (struct mqtt_topic){ span_of(i->bytes, i->n), i->qos };
    }
    struct at_result r =
        subscribe ? op_subscribe(c, topics, n, dup) : op_unsubscribe(c, topics, n, dup);
    free(topics);
    topic_list_clear(list);
    return r;
}

static struct at_result sub_list(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    if (c->subs.count == 0) {
        return mqtt_fail(ch, call, 18);
    }
    return run_list(c, &c->subs, true, call->arg[1].num != 0);
}

static struct at_result sub_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    struct mqtt_topic topic = { data, (uint8_t)call->arg[2].num };
    return op_subscribe(c, &topic, 1, call->arg[3].num != 0);
}

/* Two parameters: the flag, or by some clients a length (4.16). */
static struct at_result unsub_list(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    if (call->arg[1].num > 1) {
        return c->m->profile->unsub_two == UNSUB_FLAG_OR_LEN ? mqtt_want_data(ch, call)
                                                             : mqtt_fail(ch, call, 12);
    }
    if (c->unsubs.count == 0) {
        return mqtt_fail(ch, call, 18);
    }
    return run_list(c, &c->unsubs, false, call->arg[1].num != 0);
}

static struct at_result unsub_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    struct mqtt_topic topic = { data, 0 };
    return op_unsubscribe(c, &topic, 1, call->arg[2].num != 0);
}

static struct at_result pub_set(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    if (c->topic.n == 0) {
        return mqtt_fail(ch, call, 18);
    }
    return op_publish(c, (uint8_t)call->arg[1].num, (uint32_t)call->arg[2].num,
                      call->arg[3].num != 0, call->arg[4].num != 0);
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CMQTTCONNECT", .doc = "Connects a client to a broker; the address begins with tcp:// also for TLS.", SPEC("4.8"),
      .evidence = EV_LOG, .needs = NEED_IDLE, .set = connect_set, .read = connect_read, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT,
                P_STR("server_addr", 9, 256, "tcp://host[:port], port 1883 unless given", .refuse = 22),
                P_INT("keepalive_time", 1, 64800, "seconds", .vary = RANGE_keepalive, .refuse = 12),
                P_INT("clean_session", 0, 1, "1: no session state is kept", .refuse = 12),
                P_STR("user_name", 1, 256, "user name", .flags = PARAM_OPTIONAL | PARAM_HIDDEN, .refuse = 22),
                P_STR("pass_word", 1, 256, "password", .flags = PARAM_OPTIONAL | PARAM_HIDDEN | PARAM_SECRET, .refuse = 22)),
      .reply = "+CMQTTCONNECT: <client_index>,<err>" },
    { .name = "+CMQTTDISC", .doc = "Disconnects; the client stays acquired.", SPEC("4.9"),
      .evidence = EV_MANUAL, .needs = NEED_CONNECTED, .set = disc_set, .read = disc_read,
      AT_PARAMS(P_CLIENT,
                P_INT("timeout", 0, 180, "seconds; 0 = no limit", .vary = RANGE_disc_timeout, .flags = PARAM_OPTIONAL, .refuse = 12)),
      .reply = "+CMQTTDISC: <client_index>,<err>" },
    { .name = "+CMQTTTOPIC", .doc = "Topic of the next PUB.", SPEC("4.10"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = mqtt_want_data, .data = topic_data,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 1024, "bytes after the prompt")),
      .reply = "+CMQTTTOPIC: <client_index>,<err>" },
    { .name = "+CMQTTPAYLOAD", .doc = "Payload of the next PUB.", SPEC("4.11"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = mqtt_want_data, .data = payload_data,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 10240, "bytes after the prompt")),
      .reply = "+CMQTTPAYLOAD: <client_index>,<err>" },
    { .name = "+CMQTTPUB", .doc = "Publishes topic and payload, and empties both.", SPEC("4.12"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = pub_set, .flags = AT_ROW_NO_COLON, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT, P_QOS,
                P_INT("pub_timeout", 60, 180, "seconds to wait for the acknowledgement", .vary = RANGE_pub_timeout, .refuse = 12),
                P_INT("retained", 0, 1, "RETAIN flag", .flags = PARAM_OPTIONAL, .refuse = 12), P_DUP),
      .reply = "+CMQTTPUB: <client_index>,<err>" },
    { .name = "+CMQTTSUBTOPIC", .doc = "Adds a topic filter to the list of the next SUB.", SPEC("4.13"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = subtopic_set, .data = subtopic_data,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 1024, "bytes after the prompt"), P_QOS),
      .reply = "+CMQTTSUBTOPIC: <client_index>,<err>" },
    { .name = "+CMQTTSUB", .doc = "Subscribes to one topic filter given after the prompt.", SPEC("4.14"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = mqtt_want_data, .data = sub_data, .flags = AT_ROW_NO_COLON, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT, P_INT("reqLength", 1, 1024, "bytes after the prompt", .refuse = 22, .refuse_type = 12), P_QOS, P_DUP),
      .reply = "+CMQTTSUB: <client_index>,<err>" },
    { .name = "+CMQTTSUB", .doc = "Subscribes to the topic filters collected by SUBTOPIC.", SPEC("4.14"),
      .evidence = EV_LOG, .needs = NEED_CONNECTED, .set = sub_list, .flags = AT_ROW_NO_TEST, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT, P_DUP), .reply = "+CMQTTSUB: <client_index>,<err>" },
    { .name = "+CMQTTUNSUBTOPIC", .doc = "Adds a topic filter to the list of the next UNSUB.", SPEC("4.15"),
      .evidence = EV_MANUAL, .needs = NEED_CONNECTED, .set = unsubtopic_set, .data = unsubtopic_data,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 1024, "bytes after the prompt")),
      .reply = "+CMQTTUNSUBTOPIC: <client_index>,<err>" },
    { .name = "+CMQTTUNSUB", .doc = "Unsubscribes from one topic filter given after the prompt.", SPEC("4.16"),
      .evidence = EV_MANUAL, .needs = NEED_CONNECTED, .set = mqtt_want_data, .data = unsub_data, .flags = AT_ROW_NO_COLON, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 1024, "bytes after the prompt"), P_INT("dup", 0, 1, "DUP flag", .refuse = 12)),
      .reply = "+CMQTTUNSUB: <client_index>,<err>" },
    { .name = "+CMQTTUNSUB", .doc = "Unsubscribes from the topic filters collected by UNSUBTOPIC; a number above 1 is a length.", SPEC("4.16"),
      .evidence = EV_CLIENT, .needs = NEED_CONNECTED, .set = unsub_list, .data = unsub_data, .flags = AT_ROW_NO_TEST, .limit_ms = 2 * MAX_MS,
      AT_PARAMS(P_CLIENT, P_INT("dup", 0, 1024, "DUP flag, or bytes after the prompt", .flags = PARAM_OPTIONAL, .refuse = 22)),
      .reply = "+CMQTTUNSUB: <client_index>,<err>" },
};
/* clang-format on */

const struct at_service service_mqtt_net = { "MQTT(S): connection, publish and subscribe", rows,
                                             ARRAY_LEN(rows) };
