/* Names and the time of the network (general-commands.md B4.5, B4.10): AT+CDNSGIP, AT+CDNSGHNAME,
 * AT+CNTP. The network behind them is the real one, asked through the host. */
#include <stdio.h>

#include "sim/modem/modem_int.h"

#define NAME_LIMIT_MS  120000U
#define DNS_QUERY_MS   5000 /* a resolver's usual patience with one query [I] */
#define DNS_ERROR      10   /* the only code that was ever seen (lilygo90) */
#define DEFAULT_SERVER "pool.ntp.org"
/* What the clock can say: 1980-01-06 to the end of 2079, since it has two digits for the year. */
#define TIME_FIRST INT64_C(315964800)
#define TIME_END   INT64_C(3471292800)

enum { NTP_OK = 0, NTP_BAD_TIME = 3, NTP_NETWORK = 4, NTP_TIMEOUT = 6 };

/* --- the network --- */

void ask_no_more(struct modem *m, enum ask who)
{
    if (m->asking[who]) {
        m->asking[who] = false;
        m->host->query_cancel(m->host_ctx, who);
    }
}

void ask_network(struct modem *m, enum ask who, const struct query *q)
{
    ask_no_more(m, who);
    m->asking[who] = true;
    m->host->query(m->host_ctx, who, q);
}

/* --- CDNSGIP, CDNSGHNAME --- */

static struct at_result name_failed(struct at_chan *ch, const char *command)
{
    at_info(ch, "%s: 0,%d", command, DNS_ERROR);
    return AT_ERROR;
}

/* What a name server says goes into a quoted string. */
static bool fit_to_quote(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] >= 0x7F || text.p[i] == '"') {
            return false;
        }
    }
    return text.n > 0 && text.n <= ASK_NAME_MAX;
}

static void name_answer(struct modem *m, const struct query_result *r)
{
    struct name_query *n = &m->name_query;
    struct at_result result = AT_OK;
    if (!at_parked(m->ch, n->ticket)) {
        return;
    }
    if (r->end != QUERY_ANSWERED || !fit_to_quote(r->text)) {
        result = name_failed(m->ch, n->command);
    } else if (n->reverse) {
        at_info(m->ch, "%s: 1,\"%.*s\",\"%s\"", n->command, (int)r->text.n, (const char *)r->text.p,
                n->asked);
    } else {
        at_info(m->ch, "%s: 1,\"%s\",\"%.*s\"", n->command, n->asked, (int)r->text.n,
                (const char *)r->text.p);
    }
    (void)at_finish(m->ch, n->ticket, result);
}

static struct at_result ask_name(struct at_chan *ch, const struct at_call *call, bool reverse)
{
    struct modem *m = modem_of(ch);
    struct name_query *n = &m->name_query;
    if (!net_data(m)) {
        return name_failed(ch, call->cmd->name);
    }
    n->command = call->cmd->name;
    n->reverse = reverse;
    n->ticket = at_park(ch);
    (void)snprintf(n->asked, sizeof n->asked, "%.*s", (int)call->arg[0].str.n,
                   (const char *)call->arg[0].str.p);
    const struct query q = {
        .kind = reverse ? QUERY_REVERSE : QUERY_RESOLVE,
        .target = call->arg[0].str,
        /* CIPDNSSET says how often a query is repeated. */
        .limit_ms = (uint32_t)(m->set.cipdnsset[2] + 1) * DNS_QUERY_MS,
    };
    ask_network(m, ASK_NAME, &q);
    return AT_PENDING;
}

static struct at_result cdnsgip_set(struct at_chan *ch, const struct at_call *call)
{
    return ask_name(ch, call, false);
}

static struct at_result cdnsghname_set(struct at_chan *ch, const struct at_call *call)
{
    return ask_name(ch, call, true);
}

/* --- CNTP --- */

static void time_answer(struct modem *m, const struct query_result *r)
{
    static const int codes[] = {
        [QUERY_ANSWERED] = NTP_OK,
        [QUERY_NO_NAME] = NTP_NETWORK,
        [QUERY_UNREACHABLE] = NTP_NETWORK,
        [QUERY_TIMEOUT] = NTP_TIMEOUT,
    };
    int code = codes[r->end];
    if (code == NTP_OK && (r->utc < TIME_FIRST || r->utc >= TIME_END)) {
        code = NTP_BAD_TIME;
    }
    if (code == NTP_OK) {
        clock_set_utc(m, r->utc, m->ntp.zone);
    }
    urc_cntp(m, code);
}

static struct at_result cntp_set(struct at_chan *ch, const struct at_call *call)
{
    struct ntp *n = &modem_of(ch)->ntp;
    (void)snprintf(n->server, sizeof n->server, "%.*s", (int)call->arg[0].str.n,
                   (const char *)call->arg[0].str.p);
    n->zone = call->arg[1].num;
    return AT_OK;
}

static struct at_result cntp_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct ntp *n = &modem_of(ch)->ntp;
    at_info(ch, "+CNTP: \"%s\",%d", n->server, (int)n->zone);
    return AT_OK;
}

static struct at_result cntp_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (m->asking[ASK_TIME]) {
        return AT_ERROR;
    }
    if (!net_data(m)) {
        urc_cntp(m, NTP_NETWORK); /* held back until the OK is out */
        return AT_OK;
    }
    const struct query q = {
        .kind = QUERY_SNTP,
        .target = span_str(m->ntp.server),
        .limit_ms = (uint32_t)m->profile->cntp_timeout_ms,
    };
    ask_network(m, ASK_TIME, &q);
    return AT_OK;
}

/* --- answers, and the end --- */

void modem_query_done(struct modem *m, unsigned id, const struct query_result *r)
{
    m->asking[id] = false;
    switch ((enum ask)id) {
    case ASK_NAME:
        name_answer(m, r);
        break;
    case ASK_PING:
        ping_answer(m, r);
        break;
    case ASK_TIME:
        time_answer(m, r);
        break;
    }
}

void query_bearer_lost(struct modem *m)
{
    static const struct query_result lost = { .end = QUERY_UNREACHABLE };
    bool name = m->asking[ASK_NAME];
    bool time = m->asking[ASK_TIME];
    ask_no_more(m, ASK_NAME);
    ask_no_more(m, ASK_TIME);
    ping_end(m);
    if (time) {
        time_answer(m, &lost);
    }
    if (name) {
        name_answer(m, &lost); /* last: what waits behind it in the line runs now */
    }
}

void query_stop(struct modem *m)
{
    for (unsigned i = 0; i < MODEM_QUERIES; i++) {
        ask_no_more(m, (enum ask)i);
    }
    timer_stop(&m->ping.timer);
    m->ping.running = false;
}

void query_reset(struct modem *m)
{
    query_stop(m);
    m->ntp = (struct ntp){ .server = DEFAULT_SERVER };
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s

static const struct at_cmd rows[] = {
    { .name = "+CDNSGIP", .doc = "Address of a name, from the real network.", CLAUSE("B4.5; lilygo90-sim7600gh-netopen-error"), .evidence = EV_LOG,
      .set = cdnsgip_set, .limit_ms = NAME_LIMIT_MS, .flags = AT_ROW_TEST_OK, .reply = "+CDNSGIP: 1,\"<name>\",\"<address>\" or +CDNSGIP: 0,<err>",
      AT_PARAMS(P_STR("domain name", 1, ASK_NAME_MAX, "name, or an address, which is answered as it stands")) },
    { .name = "+CDNSGHNAME", .doc = "Name of an address, from the real network.", CLAUSE("B4.5"), .evidence = EV_MANUAL,
      .set = cdnsghname_set, .limit_ms = NAME_LIMIT_MS, .flags = AT_ROW_TEST_OK, .reply = "+CDNSGHNAME: 1,\"<name>\",\"<address>\" or +CDNSGHNAME: 0,<err>",
      AT_PARAMS(P_STR("IP address", 1, ASK_NAME_MAX, "IPv4 address")) },
    { .name = "+CNTP", .doc = "Sets the clock from an NTP server: AT+CNTP=... names it, AT+CNTP asks it.", CLAUSE("B4.10, C1.6"), .evidence = EV_MANUAL,
      .set = cntp_set, .read = cntp_read, .exec = cntp_exec, .reply = "+CNTP: \"<host>\",<timezone>", .test_quirk = "+CNTP: 255,(-96~96)",
      AT_PARAMS(P_STR("host", 1, ASK_NAME_MAX, "server, asked on port 123"), P_INT("timezone", -96, 96, "of the clock, in quarters of an hour", .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */

const struct at_service service_query = { "Names and time of the network", rows, ARRAY_LEN(rows) };
