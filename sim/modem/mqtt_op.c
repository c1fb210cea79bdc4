/* Operations that wait for the network: begin, result, and the one place that knows in which order
 * OK and the result line go out (mqtt-ssl-commands.md 1.3). */
#include "sim/modem/modem_int.h"

static const char *const op_names[] = { "",          "+CMQTTCONNECT", "+CMQTTSUB", "+CMQTTUNSUB",
                                        "+CMQTTPUB", "+CMQTTDISC" };

static void op_due(struct timer *t);

bool op_is_operation(const char *command)
{
    bool is = false;
    for (size_t op = OP_NONE + 1; op < ARRAY_LEN(op_names); op++) {
        is = is || strcmp(op_names[op], command) == 0;
    }
    return is;
}

struct at_result op_begin(struct mqtt_client *c, enum mqtt_op op, uint64_t limit_ms)
{
    struct modem *m = c->m;
    c->op = op;
    c->op_forced = 0; /* op_force sets it behind this; a reset may have left one */
    timer_arm(m->sched, &c->op_timer, limit_ms * (uint64_t)m->profile->timeout_percent / 100,
              op_due);
    trace_emit(m->trace, "mqtt.operation", TRACE_STR("operation", op_names[op]),
               TRACE_NUM("client", c->index));
    int32_t style = m->profile->result_style;
    c->ok_sent = style == STYLE_ASYNC || (style == STYLE_LINK && op != OP_CONNECT);
    if (c->ok_sent) {
        return AT_OK;
    }
    c->ticket = at_park(m->ch);
    return AT_PENDING;
}

void op_link_up(struct mqtt_client *c)
{
    if (c->m->profile->result_style == STYLE_LINK && op_is_parked(c)) {
        c->ok_sent = true;
        (void)at_finish(c->m->ch, c->ticket, AT_OK);
    }
}

bool op_is_parked(const struct mqtt_client *c)
{
    return c->op != OP_NONE && !c->ok_sent && at_parked(c->m->ch, c->ticket);
}

void op_finish(struct mqtt_client *c, int code)
{
    enum mqtt_op op = c->op;
    if (op == OP_NONE) {
        return;
    }
    struct at_chan *ch = c->m->ch;
    bool parked = op_is_parked(c);
    trace_emit(c->m->trace, "mqtt.result", TRACE_STR("operation", op_names[op]),
               TRACE_NUM("client", c->index), TRACE_NUM("code", code),
               TRACE_NUM("forced", c->op_forced != 0));
    c->op = OP_NONE;
    c->op_forced = 0;
    timer_stop(&c->op_timer);
    if (!parked) {
        at_late_result(ch, "%s: %u,%d", op_names[op], c->index, code);
        return;
    }
    if (code == 0) {
        at_after(ch, "%s: %u,0", op_names[op], c->index);
    } else {
        at_info(ch, "%s: %u,%d", op_names[op], c->index, code);
    }
    (void)at_finish(ch, c->ticket, code == 0 ? AT_OK : AT_ERROR);
}

struct at_result op_done_now(struct mqtt_client *c, const char *name, bool line_first)
{
    if (line_first) {
        at_info(c->m->ch, "%s: %u,0", name, c->index);
    } else {
        at_after(c->m->ch, "%s: %u,0", name, c->index);
    }
    return AT_OK;
}

/* --- an operation that a fault ends --- */

/* Codes of a CONNECT that only an open link can bring: in result_style link OK is out by then. */
static bool needs_link(int code)
{
    return code == 6 || code == 17 || code == 24 || (code >= 27 && code <= 31);
}

bool op_force(struct mqtt_client *c, enum mqtt_op op, struct at_result *ret)
{
    struct modem *m = c->m;
    int code = mqtt_forced(m, op_names[op]);
    if (code == 0) {
        return false;
    }
    if (code == 2) { /* known without the network */
        at_info(m->ch, "%s: %u,%d", op_names[op], c->index, code);
        *ret = AT_ERROR;
        return true;
    }
    *ret = op_begin(c, op, 0);
    c->op_forced = code;
    return true;
}

static void forced_due(struct mqtt_client *c)
{
    int code = c->op_forced;
    if (c->op == OP_CONNECT) {
        if (needs_link(code)) {
            op_link_up(c);
        }
        client_connect_failed(c, code);
    } else if (c->op != OP_DISC && (code == 6 || code == 24)) {
        client_lost(c, code, code == 6 ? 1 : 2);
    } else {
        op_finish(c, code);
    }
}

/* The operation's own time limit. A CONNECT that got no answer gives the connection up; the others
 * leave it open (17, mqtt-ssl-commands.md 3.2). An op_timer of 0 ms reports files that could not be
 * opened. */
static void op_due(struct timer *t)
{
    struct mqtt_client *c =
        (struct mqtt_client *)(void *)((char *)t - offsetof(struct mqtt_client, op_timer));
    if (c->op_forced != 0) {
        forced_due(c);
        return;
    }
    if (c->op != OP_CONNECT) {
        trace_emit(c->m->trace, "mqtt.timeout", TRACE_STR("operation", op_names[c->op]),
                   TRACE_NUM("client", c->index));
        op_finish(c, 17);
        return;
    }
    bool dialled = c->link_open;
    client_drop(c);
    c->ssl_ctx = -1;
    op_finish(c, dialled ? 17 : c->m->profile->open_session_code);
}

static void dial(struct mqtt_client *c, struct span host, uint16_t port,
                 const struct tls_params *tls)
{
    struct modem *m = c->m;
    /* TCP gives up a little before the whole operation does: no connection is 3, no answer is 17.
     */
    uint32_t limit = (uint32_t)((uint64_t)m->profile->connect_timeout_ms *
                                (uint64_t)m->profile->timeout_percent / 100);
    struct dial d = { .host = host, .port = port, .connect_ms = limit - limit / 8, .tls = tls };
    c->link_open = true;
    c->connect_sent = false;
    fault_mqtt_begin(c);
    m->host->dial(m->host_ctx, c->index, &d);
}

struct at_result op_connect(struct mqtt_client *c, struct span host, uint16_t port)
{
    struct modem *m = c->m;
    uint64_t limit = (uint64_t)m->profile->connect_timeout_ms;
    struct at_result forced;
    if (op_force(c, OP_CONNECT, &forced)) {
        return forced;
    }
    if (c->server_type == 0) {
        dial(c, host, port, NULL);
        return op_begin(c, OP_CONNECT, limit);
    }
    struct tls_params tls;
    struct ssl_files files;
    unsigned ctx = c->ssl_ctx >= 0 ? (unsigned)c->ssl_ctx : c->index;
    int code = ssl_params(m, ctx, &tls, &files);
    if (code == 0) {
        dial(c, host, port, &tls);
    }
    ssl_files_free(&files);
    if (code > 0) {
        c->ssl_ctx = -1;
        at_info(m->ch, "+CMQTTCONNECT: %u,%d", c->index, code);
        return AT_ERROR;
    }
    return op_begin(c, OP_CONNECT, code == 0 ? limit : 0);
}

struct at_result op_publish(struct mqtt_client *c, uint8_t qos, uint32_t timeout_s, bool retain,
                            bool dup)
{
    struct at_result r;
    bool forced = op_force(c, OP_PUB, &r);
    bool sent = !forced && !fault_trigger_topic(c->m, buf_span(&c->topic));
    if (sent) {
        mqtt_session_publish(&c->session, buf_span(&c->topic), buf_span(&c->payload), qos, retain,
                             dup);
    }
    buf_fini(&c->topic);
    buf_fini(&c->payload);
    if (forced) {
        return r;
    }
    r = qos == 0 || !sent ? op_done_now(c, op_names[OP_PUB], false)
                          : op_begin(c, OP_PUB, (uint64_t)timeout_s * 1000);
    client_flush(c);
    return r;
}

struct at_result op_subscribe(struct mqtt_client *c, const struct mqtt_topic *topics, size_t n,
                              bool dup)
{
    struct at_result r;
    if (op_force(c, OP_SUB, &r)) {
        return r;
    }
    mqtt_session_subscribe(&c->session, topics, n, dup);
    r = op_begin(c, OP_SUB, (uint64_t)c->optimeout * 1000);
    client_flush(c);
    return r;
}

struct at_result op_unsubscribe(struct mqtt_client *c, const struct mqtt_topic *topics, size_t n,
                                bool dup)
{
    struct at_result r;
    if (op_force(c, OP_UNSUB, &r)) {
        return r;
    }
    mqtt_session_unsubscribe(&c->session, topics, n, dup);
    r = op_begin(c, OP_UNSUB, (uint64_t)c->optimeout * 1000);
    client_flush(c);
    return r;
}

/* DISCONNECT goes out, then the link is closed behind it; nothing is reported about the link (4.9).
 */
struct at_result op_disconnect(struct mqtt_client *c)
{
    struct at_result forced;
    if (op_force(c, OP_DISC, &forced)) {
        return forced;
    }
    mqtt_session_disconnect(&c->session);
    client_flush(c);
    c->m->host->hangup(c->m->host_ctx, c->index, true);
    c->link_open = false;
    client_drop(c);
    c->ssl_ctx = -1;
    return op_done_now(c, op_names[OP_DISC], c->m->profile->order_disc == DISC_URC_OK);
}
