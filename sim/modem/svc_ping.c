/* AT+CPING, AT+CPINGSTOP: echoes of a real host (general-commands.md B4.5, C4.3). The name is
 * resolved once, then one echo follows the outcome of the other at the interval that was asked for.
 * The data of the echoes go through the host's kernel; so round trips are real. */
#include <stdio.h>

#include "sim/modem/modem_int.h"

#define RESOLVE_MS 10000 /* a name that takes longer is none [I] */
#define HEADERS    28    /* of IPv4 and ICMP, counted in by firmware that reports the reply */

enum { TYPE_IPV4 = 1, TYPE_IPV6 = 2 };

void ping_end(struct modem *m)
{
    struct ping *p = &m->ping;
    if (!p->running) {
        return;
    }
    p->running = false;
    timer_stop(&p->timer);
    ask_no_more(m, ASK_PING);
    urc_cping_end(m, p->sent, p->received, p->sent - p->received, p->min_ms, p->max_ms,
                  p->received == 0 ? 0 : (unsigned)(p->sum_ms / p->received));
}

static void send_one(struct modem *m)
{
    struct ping *p = &m->ping;
    const struct query q = {
        .kind = QUERY_PING,
        .target = span_str(p->address),
        .limit_ms = (uint32_t)p->wait_ms,
        .bytes = (uint16_t)p->bytes,
        .ttl = (uint8_t)p->ttl,
    };
    p->sent++;
    ask_network(m, ASK_PING, &q);
}

static void next_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, ping.timer);
    if (net_data(m)) {
        send_one(m);
    } else {
        ping_end(m);
    }
}

static void count_reply(struct modem *m, const struct query_result *r)
{
    struct ping *p = &m->ping;
    p->min_ms = p->received == 0 || r->ms < p->min_ms ? r->ms : p->min_ms;
    p->max_ms = r->ms > p->max_ms ? r->ms : p->max_ms;
    p->sum_ms += r->ms;
    p->received++;
    bool reply = m->profile->cping_fields == CPING_REPLY;
    urc_cping_reply(m, p->address, (int)p->bytes + (reply ? HEADERS : 0), r->ms,
                    reply ? (int)r->ttl : (int)p->ttl);
}

/* An answer that is no address in dotted form is none. */
static bool take_address(struct ping *p, struct span text)
{
    if (text.n == 0 || text.n >= sizeof p->address) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '.' && (text.p[i] < '0' || text.p[i] > '9')) {
            return false;
        }
    }
    (void)snprintf(p->address, sizeof p->address, "%.*s", (int)text.n, (const char *)text.p);
    return true;
}

void ping_answer(struct modem *m, const struct query_result *r)
{
    struct ping *p = &m->ping;
    bool ok = r->end == QUERY_ANSWERED;
    if (!p->resolved) {
        p->resolved = ok && take_address(p, r->text);
        if (p->resolved) {
            send_one(m);
        } else {
            ping_end(m); /* nothing was sent: all zero, as lilygo90 shows it */
        }
        return;
    }
    if (ok) {
        count_reply(m, r);
    } else {
        urc_cping_lost(m);
    }
    if (p->sent < (uint32_t)p->count) {
        modem_after(m, &p->timer, p->interval_ms, next_due);
    } else {
        ping_end(m);
    }
}

static struct at_result cping_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    if (m->ping.running) {
        return AT_ERROR;
    }
    m->ping = (struct ping){
        .running = true,
        .count = call->arg[2].num,
        .bytes = call->arg[3].num,
        .interval_ms = call->arg[4].num,
        .wait_ms = call->arg[5].num,
        .ttl = call->arg[6].num,
    };
    if (!net_data(m) || call->arg[1].num == TYPE_IPV6) { /* the bearer has no IPv6 */
        ping_end(m);
        return AT_OK;
    }
    const struct query q = {
        .kind = QUERY_RESOLVE,
        .target = call->arg[0].str,
        .limit_ms = RESOLVE_MS,
    };
    ask_network(m, ASK_PING, &q);
    return AT_OK;
}

/* The sum of what was done so far follows. */
static struct at_result cpingstop_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (!m->ping.running) {
        return AT_ERROR;
    }
    ping_end(m);
    return AT_OK;
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CPING", .doc = "Sends echoes to a host of the real network.", .clause = "general-commands.md B4.5, C4.3; lilygo90-sim7600gh-netopen-error", .evidence = EV_LOG,
      .set = cping_set, .reply = "+CPING: 1,<address>,<bytes>,<rtt>,<ttl>; +CPING: 2; +CPING: 3,<sent>,<received>,<lost>,<min>,<max>,<avg>",
      .test_quirk = "+CPING: IP address,(1,2),(1-100),(4-188),(1000-10000),(10000-100000),(16-255)",
      AT_PARAMS(P_STR("dest_addr", 1, ASK_NAME_MAX, "name or address"), P_INT("dest_addr_type", TYPE_IPV4, TYPE_IPV6, "1 IPv4, 2 IPv6, which this network has not", .list = "1,2"),
                P_INT("num_pings", 1, 100, "how many", .flags = PARAM_OPTIONAL, .def = 4), P_INT("data_packet_size", 4, 188, "bytes", .flags = PARAM_OPTIONAL, .def = 64),
                P_INT("interval_time", 1000, 10000, "ms between them", .flags = PARAM_OPTIONAL, .def = 2000),
                P_INT("wait_time", 10000, 100000, "ms after which one is lost", .flags = PARAM_OPTIONAL, .def = 10000), P_INT("TTL", 16, 255, "time to live", .flags = PARAM_OPTIONAL, .def = 255)) },
    { .name = "+CPINGSTOP", .doc = "Ends CPING; what was done until then is summed up.", .clause = "general-commands.md B4.5", .evidence = EV_MANUAL,
      .exec = cpingstop_exec, .flags = AT_ROW_TEST_OK },
};
/* clang-format on */

const struct at_service service_ping = { "Ping", rows, ARRAY_LEN(rows) };
