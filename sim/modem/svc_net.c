/* SIM, signal, registration and the packet context, as far as the MQTT service rests on them: one
 * SIM that is ready and one LTE cell (general-commands.md B4.2 to B4.5, part E). */
#include "sim/modem/modem_int.h"

/* Everything that ends when the bearer goes, in the order of p10-creset-while-connected. */
void net_bearer_lost(struct modem *m)
{
    bool in_use = m->net_open || m->mqtt_started;
    timer_stop(&m->bearer_timer);
    m->bearer_up = false;
    if (in_use) {
        urc_cipevent(m);
    }
    if (m->net_opening) {
        urc_netopen(m, 1);
    }
    m->net_open = m->net_opening = false;
    mqtt_bearer_ready(m, false);
    mqtt_stop_all(m, true);
}

static struct at_result cpin_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    if (m->cfun == 0) {
        return AT_CME(10);
    }
    if (m->boot_step == 1 && timer_armed(&m->boot_timer)) {
        return AT_CME(14); /* between RDY and +CPIN: READY (A19) */
    }
    at_info(ch, "+CPIN: READY");
    return AT_OK;
}

/* No PIN is pending: operation not allowed (A22). */
static struct at_result cpin_set(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    (void)call;
    return AT_CME(3);
}

static struct at_result imsi_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    if (m->cfun == 0) {
        return AT_CME(10);
    }
    at_info(ch, "%s", m->profile->imsi);
    return AT_OK;
}

static struct at_result iccid_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    if (m->cfun == 0) {
        return AT_CME(10);
    }
    at_info(ch, "+ICCID: %s", m->profile->iccid);
    return AT_OK;
}

static struct at_result csq_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, modem_of(ch)->cfun == 1 ? "+CSQ: 16,99" : "+CSQ: 99,99");
    return AT_OK;
}

static void registration(struct at_chan *ch, const char *name, int32_t n)
{
    at_info(ch, "%s: %d,%d", name, (int)n, modem_of(ch)->cfun == 1 ? 1 : 0);
}

static struct at_result creg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    registration(ch, "+CREG", modem_of(ch)->set.creg);
    return AT_OK;
}

static struct at_result cgreg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    registration(ch, "+CGREG", modem_of(ch)->set.cgreg);
    return AT_OK;
}

static struct at_result cereg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    registration(ch, "+CEREG", modem_of(ch)->set.cereg);
    return AT_OK;
}

static struct at_result cgatt_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGATT: %d", modem_of(ch)->cfun == 1 ? 1 : 0);
    return AT_OK;
}

static struct at_result cgact_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGACT: 1,%d", modem_of(ch)->bearer_up ? 1 : 0);
    at_info(ch, "+CGACT: 2,0");
    at_info(ch, "+CGACT: 3,0");
    return AT_OK;
}

static struct at_result cgdcont_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    static const char zero[] = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
    at_info(ch, "+CGDCONT: 1,\"IP\",\"%s\",\"0.0.0.0\",0,0,0,0", modem_of(ch)->profile->apn);
    at_info(ch, "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"%s\",0,0,0,0", zero);
    at_info(ch, "+CGDCONT: 3,\"IPV4V6\",\"sos\",\"%s\",0,0,0,1", zero);
    return AT_OK;
}

/* --- NETOPEN: the socket service's own bearer; MQTT does not need it (2.2) --- */

static void bearer_due(struct timer *t)
{
    struct modem *m = (struct modem *)(void *)((char *)t - offsetof(struct modem, bearer_timer));
    m->bearer_up = true;
    if (m->net_opening) {
        m->net_opening = false;
        m->net_open = true;
        urc_netopen(m, 0);
    }
    mqtt_bearer_ready(m, true);
}

void net_attach(struct modem *m)
{
    m->bearer_up = false;
    timer_arm(m->sched, &m->bearer_timer, (uint64_t)m->profile->bearer_ms, bearer_due);
}

static struct at_result netopen_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    if (m->net_open) {
        at_info(ch, "+IP ERROR: Network is already opened");
        return AT_ERROR;
    }
    if (m->cfun != 1 || m->net_opening) {
        return AT_ERROR;
    }
    m->net_opening = true;
    if (m->bearer_up) {
        timer_arm(m->sched, &m->bearer_timer, 0, bearer_due);
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
#define REG(n, fn, field)                                                                           \
    { .name = (n), .doc = "Network registration.", CLAUSE("B4.3"), .evidence = EV_LOG, .read = (fn), \
      AT_SETTING(struct settings, field, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 2, "URCs: 0 off, 1 state, 2 state and cell")) }

static const struct at_cmd rows[] = {
    { .name = "+CPIN", .doc = "SIM state, and PIN entry.", CLAUSE("A22"), .evidence = EV_LOG, .read = cpin_read, .set = cpin_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("pin", 4, 8, "PIN or PUK", .flags = PARAM_SECRET), P_STR("newpin", 4, 8, "new PIN", .flags = PARAM_OPTIONAL | PARAM_SECRET)) },
    { .name = "+CIMI", .doc = "IMSI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = imsi_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CICCID", .doc = "ICCID.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = iccid_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+ICCID", .doc = "ICCID.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = iccid_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CSQ", .doc = "Signal quality.", CLAUSE("B4.2"), .evidence = EV_LOG, .exec = csq_exec, .test_quirk = "+CSQ: (0-31,99),(0-7,99)" },
    REG("+CREG", creg_read, creg),
    REG("+CGREG", cgreg_read, cgreg),
    REG("+CEREG", cereg_read, cereg),
    { .name = "+CGATT", .doc = "Packet domain attach.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgatt_read, .test_quirk = "+CGATT: (0,1)" },
    { .name = "+CGACT", .doc = "Packet contexts that are active.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgact_read, .test_quirk = "+CGACT: (0,1)" },
    { .name = "+CGDCONT", .doc = "Packet contexts.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgdcont_read },
    { .name = "+NETOPEN", .doc = "Opens the network for sockets.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = netopen_exec, .read = netopen_read, .reply = "+NETOPEN: <err>" },
    { .name = "+NETCLOSE", .doc = "Closes the network for sockets.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = netclose_exec, .reply = "+NETCLOSE: <err>" },
    { .name = "+IPADDR", .doc = "Address of the context.", CLAUSE("B4.5"), .evidence = EV_LOG, .exec = ipaddr_exec, .reply = "+IPADDR: <address>" },
};
/* clang-format on */

const struct at_service service_net = { "SIM, network, packet context", rows, ARRAY_LEN(rows) };
