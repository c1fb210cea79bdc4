/* The socket service's network and its parameters (general-commands.md B4.5). The sockets
 * themselves are not modelled: CIPOPEN and its like answer ERROR as an unknown command does. */
#include "sim/modem/modem_int.h"

bool net_data(const struct modem *m)
{
    return pdp_default_active(m) && m->profile->network_data == NETWORK_DATA_ACCEPT;
}

/* Everything that ends when the bearer goes, in the order of p10-creset-while-connected. */
void net_bearer_lost(struct modem *m)
{
    bool in_use = m->net_open || m->mqtt_started;
    timer_stop(&m->net_timer);
    if (m->set.cgerep[0] > 0 && m->power == POWER_ON) {
        urc_cgev(m, m->radio.attached ? "NW PDN DEACT 1" : "NW DETACH");
    }
    if (in_use) {
        urc_cipevent(m);
    }
    if (m->net_opening) {
        urc_netopen(m, 1);
    }
    m->net_open = m->net_opening = false;
    mqtt_bearer_ready(m, false);
    mqtt_stop_all(m, true);
    query_bearer_lost(m);
}

static void net_opened(struct modem *m)
{
    if (m->net_opening) {
        m->net_opening = false;
        m->net_open = net_data(m);
        urc_netopen(m, m->net_open ? 0 : 1);
    }
}

void net_bearer_up(struct modem *m)
{
    if (m->profile->pdn_event[0] != '\0') {
        urc_cgev(m, m->profile->pdn_event);
    }
    net_opened(m);
    mqtt_bearer_ready(m, net_data(m));
    gnss_world_changed(m); /* its server can be reached */
}

void net_reset(struct modem *m)
{
    timer_stop(&m->net_timer);
    m->net_open = m->net_opening = false;
}

static void open_due(struct timer *t)
{
    net_opened(MODEM_OF(t, net_timer));
}

static struct at_result netopen_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (m->net_open) {
        at_info(ch, "+IP ERROR: Network is already opened");
        return AT_ERROR;
    }
    bool refused = m->profile->network_data != NETWORK_DATA_ACCEPT;
    if (refused || m->net_opening || !radio_may_register(m) || !m->radio.attach_wanted) {
        return AT_ERROR; /* lilygo90: a bare ERROR although registered */
    }
    m->net_opening = true;
    if (net_data(m)) {
        timer_arm(m->sched, &m->net_timer, 0, open_due);
    } else if (m->radio.attached) {
        (void)pdp_activate(m, 1, true); /* it was deactivated by hand: NETOPEN brings it back */
    }
    return AT_OK;
}

static struct at_result netopen_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+NETOPEN: %d", modem_of(ch)->net_open ? 1 : 0);
    return AT_OK;
}

static struct at_result netclose_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (!m->net_open) {
        at_info(ch, "+NETCLOSE: 2");
        return AT_ERROR;
    }
    m->net_open = false;
    at_after(ch, "+NETCLOSE: 0");
    mqtt_stop_all(m,
                  true); /* the network closes under the MQTT service: CONNLOST 3 and NONET (6.2) */
    return AT_OK;
}

static struct at_result ipaddr_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    if (!m->net_open) {
        at_info(ch, "+IP ERROR: Network not opened");
        return AT_ERROR;
    }
    at_info(ch, "+IPADDR: %s", m->profile->address);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define FLAG(n, field, d, v)                                                                        \
    { .name = (n), .doc = (d), CLAUSE("B4.5"), .evidence = EV_MANUAL,                                  \
      AT_SETTING(struct settings, field, AT_SET_BARE_DEFAULT, P_INT("mode", 0, 1, d, .def = (v))) }

static const struct at_cmd rows[] = {
    { .name = "+NETOPEN", .doc = "Opens the network for sockets.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = netopen_exec, .read = netopen_read, .reply = "+NETOPEN: <err>" },
    { .name = "+NETCLOSE", .doc = "Closes the network for sockets.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = netclose_exec, .reply = "+NETCLOSE: <err>" },
    { .name = "+IPADDR", .doc = "Address of the context.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = ipaddr_exec, .reply = "+IPADDR: <address>" },
    FLAG("+CIPMODE", cipmode, "Transparent mode of sockets.", 0),
    { .name = "+CIPSENDMODE", .doc = "When CIPSEND is confirmed.", CLAUSE("B4.5"), .evidence = EV_LOG,
      AT_SETTING(struct settings, cipsendmode, 0, P_INT("mode", 0, 1, "1: when the peer acknowledged")) },
    FLAG("+CIPHEAD", ciphead, "Header before data received.", 1),
    FLAG("+CIPSRIP", cipsrip, "Sender's address before data received.", 1),
    { .name = "+CIPCCFG", .doc = "Parameters of sockets.", CLAUSE("B4.5"), .evidence = EV_LOG,
      AT_SETTING(struct settings, cipccfg, AT_SET_BARE_DEFAULT, P_INT("NmRetry", 0, 10, "retransmissions", .def = 10), P_INT("DelayTm", 0, 1000, "delay in ms", .flags = PARAM_OPTIONAL),
                 P_INT("Ack", 0, 0, "unused", .flags = PARAM_OPTIONAL), P_INT("errMode", 0, 1, "0 numbers, 1 text", .flags = PARAM_OPTIONAL, .def = 1),
                 P_INT("HeaderType", 0, 1, "header of received data", .flags = PARAM_OPTIONAL), P_INT("AsyncMode", 0, 0, "unused", .flags = PARAM_OPTIONAL),
                 P_INT("TimeoutVal", 500, 120000, "retransmission time-out in ms", .flags = PARAM_OPTIONAL, .def = 500)) },
    { .name = "+CIPTIMEOUT", .doc = "Time-outs of sockets in ms.", CLAUSE("B4.5"), .evidence = EV_LOG, .flags = AT_ROW_NO_TEST,
      AT_SETTING(struct settings, ciptimeout, 0, P_INT("netopen_timeout", 3000, 120000, "of NETOPEN", .def = 120000),
                 P_INT("cipopen_timeout", 3000, 120000, "of CIPOPEN", .flags = PARAM_OPTIONAL, .def = 120000), P_INT("cipsend_timeout", 3000, 120000, "of CIPSEND", .flags = PARAM_OPTIONAL, .def = 120000)) },
    { .name = "+CIPDNSSET", .doc = "How names are resolved.", CLAUSE("B4.5"), .evidence = EV_MANUAL, .flags = AT_ROW_NO_TEST,
      AT_SETTING(struct settings, cipdnsset, 0, P_INT("max_net_retries", 0, 3, "attempts to open the network", .def = 3), P_INT("net_timeout", 3000, 120000, "of them in ms", .flags = PARAM_OPTIONAL, .def = 30000),
                 P_INT("max_query_retries", 0, 7, "queries", .flags = PARAM_OPTIONAL, .def = 7)) },
    { .name = "+CIPRXGET", .doc = "How received data is handed out; fetching it needs sockets, which are not modelled.", CLAUSE("B4.5"), .evidence = EV_LOG,
      AT_SETTING(struct settings, ciprxget, 0, P_INT("mode", 0, 1, "0 pushed, 1 fetched")), .test_quirk = "+CIPRXGET: (0-4),(0-9),(1-1500)" },
};
/* clang-format on */

const struct at_service service_net = { "Network for sockets", rows, ARRAY_LEN(rows) };
