/* AT+CMQTT*: the service, its clients and what is set before CONNECT (mqtt-ssl-commands.md 4.1
 * to 4.7, 4.17). */
#include "sim/modem/mqtt_rows.h"
#include "sim/mqtt/utf8.h"

/* --- START, STOP --- */

/* The bearer did not come within the manual's longest time (4.1). */
static void start_due(struct timer *t)
{
    mqtt_bearer_ready(MODEM_OF(t, start_timer), false);
}

static struct at_result start_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (m->mqtt_started || m->mqtt_starting) {
        if (m->profile->restart_error == REFUSAL_CODE) {
            at_info(ch, "+CMQTTSTART: 23");
        }
        return AT_ERROR;
    }
    if (!net_data(m)) {
        if (!radio_may_register(m) || m->profile->network_data != NETWORK_DATA_ACCEPT) {
            at_info(ch, "+CMQTTSTART: 7");
            return AT_ERROR;
        }
        m->mqtt_starting = true;
        timer_arm(m->sched, &m->start_timer, MAX_MS, start_due);
        if (m->profile->order_start != START_URC_OK) {
            return AT_OK; /* the line follows when the bearer is up: mqtt_bearer_ready */
        }
        m->start_ticket = at_park(ch);
        return AT_PENDING;
    }
    m->mqtt_started = true;
    if (m->profile->order_start == START_OK_URC) {
        at_after(ch, "+CMQTTSTART: 0");
    } else {
        at_info(ch, "+CMQTTSTART: 0");
    }
    return AT_OK;
}

void mqtt_bearer_ready(struct modem *m, bool up)
{
    timer_stop(&m->start_timer);
    if (m->mqtt_starting) {
        m->mqtt_starting = false;
        m->mqtt_started = up;
        if (at_parked(m->ch, m->start_ticket)) {
            at_info(m->ch, "+CMQTTSTART: %d", up ? 0 : 7);
            (void)at_finish(m->ch, m->start_ticket, up ? AT_OK : AT_ERROR);
        } else {
            at_late_result(m->ch, "+CMQTTSTART: %d", up ? 0 : 7);
        }
    }
}

static struct at_result stop_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (!m->mqtt_started) {
        if (m->profile->stop_not_started == REFUSAL_CODE) {
            at_info(ch, "+CMQTTSTOP: 9");
        }
        return AT_ERROR;
    }
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        if (m->client[i].state != CLIENT_FREE) {
            at_info(ch, "+CMQTTSTOP: %d", (int)m->profile->stop_with_client);
            return AT_ERROR;
        }
    }
    mqtt_stop_all(m, false);
    if (m->profile->order_stop == STOP_OK_URC) {
        at_after(ch, "+CMQTTSTOP: 0");
    } else {
        at_info(ch, "+CMQTTSTOP: 0");
    }
    return AT_OK;
}

/* --- ACCQ, REL, SSLCFG, CFG --- */

static struct at_result accq_set(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    if (!utf8_valid(call->arg[1].str)) {
        return mqtt_fail(ch, call, 2);
    }
    (void)buf_set(&c->client_id, call->arg[1].str);
    fault_trigger_client_id(c->m, call->arg[1].str);
    c->server_type = call->arg[2].num;
    c->version = call->arg[3].present ? call->arg[3].num : c->m->profile->mqtt_version_default;
    c->state = CLIENT_ACQUIRED;
    client_trace(c, "CMQTTACCQ");
    return AT_OK;
}

static struct at_result accq_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        const struct mqtt_client *c = &m->client[i];
        int id = (int)c->client_id.n;
        const char *text = id > 0 ? (const char *)c->client_id.p : "";
        if (m->profile->accq_version_field != 0) {
            at_info(ch, "+CMQTTACCQ: %u,\"%.*s\",%d,%d", i, id, text, (int)c->server_type,
                    (int)c->version);
        } else {
            at_info(ch, "+CMQTTACCQ: %u,\"%.*s\",%d", i, id, text, (int)c->server_type);
        }
    }
    return AT_OK;
}

static struct at_result rel_set(struct at_chan *ch, const struct at_call *call)
{
    struct mqtt_client *c = client_of(ch, call);
    int strict = (int)c->m->profile->rel_unacquired;
    if (c->state == CLIENT_FREE && strict != 0) {
        return mqtt_fail(ch, call, strict);
    }
    client_release(c);
    client_trace(c, "CMQTTREL");
    return AT_OK;
}

static struct at_result ok_only(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    (void)call;
    return AT_OK;
}

static struct at_result sslcfg_set(struct at_chan *ch, const struct at_call *call)
{
    client_of(ch, call)->ssl_ctx = call->arg[1].num;
    return AT_OK;
}

static struct at_result sslcfg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        if (m->client[i].ssl_ctx < 0) {
            at_info(ch, "+CMQTTSSLCFG: %u,", i);
        } else {
            at_info(ch, "+CMQTTSSLCFG: %u,%d", i, m->client[i].ssl_ctx);
        }
    }
    return AT_OK;
}

static struct at_result cfg_utf8(struct at_chan *ch, const struct at_call *call)
{
    client_of(ch, call)->check_utf8 = call->arg[1].num;
    return AT_OK;
}

static struct at_result cfg_optimeout(struct at_chan *ch, const struct at_call *call)
{
    client_of(ch, call)->optimeout = call->arg[1].num;
    return AT_OK;
}

static struct at_result cfg_version(struct at_chan *ch, const struct at_call *call)
{
    client_of(ch, call)->version = call->arg[1].num;
    return AT_OK;
}

static struct at_result cfg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        const struct mqtt_client *c = &m->client[i];
        if (m->profile->cfg_optimeout != 0) {
            at_info(ch, "+CMQTTCFG: %u,%d,%d", i, (int)c->check_utf8, (int)c->optimeout);
        } else {
            at_info(ch, "+CMQTTCFG: %u,%d", i, (int)c->check_utf8);
        }
    }
    return AT_OK;
}

/* --- WILLTOPIC, WILLMSG --- */

/* Length 0 is out of range, and has its own answers (4.6): 12, or the will is cleared. */
static struct at_result will_refuse(struct at_chan *ch, const struct at_call *call, int code)
{
    if (code != 22 || call->arg[1].num != 0) {
        return mqtt_fail(ch, call, code);
    }
    struct mqtt_client *c = client_of(ch, call);
    if (c->m->profile->will_len0 == WILL_LEN0_REFUSE) {
        return mqtt_fail(ch, call, 12);
    }
    c->has_will_topic = c->has_will_message = false;
    return AT_OK;
}

static struct at_result will_topic_data(struct at_chan *ch, const struct at_call *call,
                                        struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    c->has_will_topic = buf_set(&c->will_topic, data);
    return AT_OK;
}

static struct at_result will_message_data(struct at_chan *ch, const struct at_call *call,
                                          struct span data)
{
    struct mqtt_client *c = client_of(ch, call);
    if (mqtt_text_refused(c, data)) {
        return mqtt_fail(ch, call, 2);
    }
    c->has_will_message = buf_set(&c->will_message, data);
    c->will_qos = (uint8_t)call->arg[2].num;
    return AT_OK;
}

static const struct at_group will_group = { mqtt_check, will_refuse };

/* clang-format off */
#define WILL_SPEC(s) .clause = "mqtt-ssl-commands.md " s, .group = &will_group, FORMS_OF_MANUAL
static const struct at_cmd rows[] = {
    { .name = "+CMQTTSTART", .doc = "Starts the MQTT service and brings up the bearer.", SPEC("4.1"),
      .evidence = EV_LOG, .exec = start_exec, .flags = AT_ROW_TEST_OK, .limit_ms = MAX_MS, .reply = "+CMQTTSTART: <err>" },
    { .name = "+CMQTTSTOP", .doc = "Stops the MQTT service; every client must have been released.", SPEC("4.2"),
      .evidence = EV_LOG, .exec = stop_exec, .flags = AT_ROW_TEST_OK, .reply = "+CMQTTSTOP: <err>" },
    { .name = "+CMQTTACCQ", .doc = "Acquires a client: its id, TCP or TLS, and the MQTT version.", SPEC("4.3"),
      .evidence = EV_LOG, .needs = NEED_FREE, .set = accq_set, .read = accq_read,
      AT_PARAMS(P_CLIENT,
                P_STR("clientID", 1, 128, "client identifier, UTF-8", .vary = RANGE_clientid, .refuse = 22),
                P_INT("server_type", 0, 1, "0 TCP, 1 SSL/TLS", .flags = PARAM_OPTIONAL, .refuse = 12),
                P_INT("mqtt_version", 3, 4, "3 MQTT 3.1, 4 MQTT 3.1.1", .flags = PARAM_OPTIONAL, .refuse = 12, .offered = OFFER_ACCQ_VERSION)),
      .reply = "+CMQTTACCQ: <client_index>,\"<clientID>\",<server_type>,<mqtt_version>" },
    { .name = "+CMQTTREL", .doc = "Releases a client.", SPEC("4.4"),
      .evidence = EV_LOG, .needs = NEED_NO_WORK, .set = rel_set, .read = ok_only, AT_PARAMS(P_CLIENT),
      .reply = "+CMQTTREL: <client_index>,<err>" },
    { .name = "+CMQTTSSLCFG", .doc = "Binds an SSL context to a client; CONNECT reads its contents.", SPEC("4.5"),
      .evidence = EV_LOG, .needs = NEED_BINDABLE, .set = sslcfg_set, .read = sslcfg_read,
      AT_PARAMS(P_INT("session_id", 0, 1, "which of the two clients", .list = "0,1", .flags = PARAM_EARLY),
                P_INT("ssl_ctx_index", 0, 9, "SSL context")),
      .reply = "+CMQTTSSLCFG: <session_id>,[<ssl_ctx_index>]" },
    { .name = "+CMQTTWILLTOPIC", .doc = "Topic of the will.", WILL_SPEC("4.6"),
      .evidence = EV_LOG, .needs = NEED_IDLE, .set = mqtt_want_data, .data = will_topic_data,
      AT_PARAMS(P_CLIENT, P_LENGTH("reqLength", 1024, "bytes after the prompt")),
      .reply = "+CMQTTWILLTOPIC: <client_index>,<err>" },
    { .name = "+CMQTTWILLMSG", .doc = "Message of the will and its QoS.", WILL_SPEC("4.7"),
      .evidence = EV_LOG, .needs = NEED_IDLE, .set = mqtt_want_data, .data = will_message_data,
      AT_PARAMS(P_CLIENT, P_INT("reqLength", 1, 1024, "bytes after the prompt", .vary = RANGE_willmsg, .refuse = 22), P_QOS),
      .reply = "+CMQTTWILLMSG: <client_index>,<err>" },
    { .name = "+CMQTTCFG", .doc = "Client settings, from ACCQ until REL.", SPEC("4.17"),
      .evidence = EV_MANUAL, .needs = NEED_CFG, .read = cfg_read,
      AT_VARIANTS(
          { .key = "checkUTF8", .set = cfg_utf8, .doc = "1: topics, wills and payloads must be UTF-8", .n_params = 2,
            .params = (const struct param[]){ P_PLAIN_CLIENT, P_INT("checkUTF8_flag", 0, 1, "0 off, 1 on") } },
          { .key = "optimeout", .set = cfg_optimeout, .doc = "seconds that SUB and UNSUB wait", .n_params = 2, .offered = OFFER_CFG_OPTIMEOUT,
            .params = (const struct param[]){ P_PLAIN_CLIENT, P_INT("optimeout_val", 20, 120, "seconds") } },
          { .key = "version", .set = cfg_version, .doc = "version of MQTT", .n_params = 2, .offered = OFFER_CFG_VERSION,
            .params = (const struct param[]){ P_PLAIN_CLIENT, P_INT("version", 3, 4, "3 MQTT 3.1, 4 MQTT 3.1.1") } },
          { .key = "aliauth", .set = ok_only, .doc = "Alibaba authentication; accepted, without effect on other brokers", .n_params = 4, .offered = OFFER_CFG_ALIAUTH,
            .params = (const struct param[]){ P_PLAIN_CLIENT,
                P_STR("productkey", 1, 64, "product key", .flags = PARAM_LITERAL), P_STR("devicename", 1, 64, "device name", .flags = PARAM_LITERAL),
                P_STR("devicesecret", 1, 64, "device secret", .flags = PARAM_LITERAL | PARAM_SECRET) } }),
      .reply = "+CMQTTCFG: <client_index>,<checkUTF8>,<optimeout>" },
};
/* clang-format on */

const struct at_service service_mqtt = { "MQTT(S): service and clients", rows, ARRAY_LEN(rows) };
