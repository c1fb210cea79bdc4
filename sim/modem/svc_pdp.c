/* Packet data contexts and attach (27.007 10.1; general-commands.md B4.4). */
#include <stdio.h>

#include "sim/modem/modem_int.h"

enum { CME_NOT_ALLOWED = 3, CME_GPRS = 148, CME_NO_NETWORK = 30 };

static struct pdp_context *context(struct modem *m, int32_t cid)
{
    return cid >= 1 && cid <= PDP_CONTEXTS ? &m->pdp.context[cid - 1] : NULL;
}

/* --- attach --- */

static struct at_result cgatt_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGATT: %d", modem_of(ch)->radio.attached ? 1 : 0);
    return AT_OK;
}

static struct at_result cgatt_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    bool attach = call->arg[0].num == 1;
    if (attach && card_error(m) != 0) {
        return AT_CME(card_error(m));
    }
    radio_attach(m, attach);
    return attach && !m->radio.attached ? AT_CME(CME_NO_NETWORK) : AT_OK;
}

/* --- CGDCONT --- */

static const struct param cgdcont_type =
    P_WORD("PDP_type", "\"IP\",\"PPP\",\"IPV6\",\"IPV4V6\"", "type", .flags = PARAM_OPTIONAL);

/* The defined contexts, with so many of the options behind the address. */
static void print_contexts(struct at_chan *ch, const char *name, unsigned options)
{
    const struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        const struct pdp_context *c = &m->pdp.context[i];
        struct span type = schema_word(&cgdcont_type, c->type);
        if (!c->defined) {
            continue;
        }
        char tail[PDP_OPTIONS * 12 + 1] = "";
        size_t n = 0;
        for (unsigned o = 0; o < options; o++) {
            n += (size_t)snprintf(tail + n, sizeof tail - n, ",%d", (int)c->option[o]);
        }
        at_info(ch, "%s: %u,\"%.*s\",\"%s\",\"%s\"%s", name, i + 1, (int)type.n,
                (const char *)type.p, c->apn, c->address, tail);
    }
}

static struct at_result cgdcont_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    print_contexts(ch, "+CGDCONT", PDP_OPTIONS);
    return AT_OK;
}

static void put_text(char *to, size_t size, struct span from)
{
    (void)snprintf(to, size, "%.*s", (int)from.n, (const char *)from.p);
}

static bool printable(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 0x20 || s.p[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

/* An active context keeps what it has until it is activated again (B4.4). */
static struct at_result cgdcont_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct pdp_context *c = context(m, call->arg[0].num);
    if (c == NULL) {
        return AT_CME(CME_NOT_ALLOWED); /* 100-179: in the range, but no room for it */
    }
    if (!printable(call->arg[2].str) || !printable(call->arg[3].str)) {
        return AT_ERROR;
    }
    if (call->argc == 1) {
        c->defined = false;
        (void)pdp_activate(m, (unsigned)call->arg[0].num, false);
        pdp_store(m);
        return AT_OK;
    }
    struct pdp_context new = { .defined = true, .active = c->active };
    new.type = call->arg[1].present ? call->arg[1].num : PDP_IP;
    put_text(new.apn, sizeof new.apn, call->arg[2].str);
    put_text(new.address, sizeof new.address,
             call->arg[3].present     ? call->arg[3].str
             : new.type == PDP_IPV4V6 ? SPAN_LIT("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0")
                                      : SPAN_LIT("0.0.0.0"));
    for (unsigned i = 0; i < ARRAY_LEN(new.option); i++) {
        new.option[i] = call->arg[4 + i].num;
    }
    new.auth = c->auth;
    memcpy(new.user, c->user, sizeof new.user);
    memcpy(new.password, c->password, sizeof new.password);
    *c = new;
    pdp_store(m);
    return AT_OK;
}

static struct at_result cgsockcont_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    print_contexts(ch, "+CGSOCKCONT", 2);
    return AT_OK;
}

/* --- CGACT, CGPADDR, CGAUTH --- */

static struct at_result cgact_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        if (m->pdp.context[i].defined) {
            at_info(ch, "+CGACT: %u,%d", i + 1, m->pdp.context[i].active ? 1 : 0);
        }
    }
    return AT_OK;
}

/* Without a cid all defined contexts are meant (27.007 10.1.10; capture p10-aws-connect-ok). */
static struct at_result cgact_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    bool active = call->arg[0].num == 1;
    bool ok = true;
    if (call->arg[1].present) {
        ok = context(m, call->arg[1].num) != NULL &&
             pdp_activate(m, (unsigned)call->arg[1].num, active);
    } else {
        for (unsigned cid = 1; cid <= PDP_CONTEXTS; cid++) {
            if (m->pdp.context[cid - 1].defined) {
                ok = pdp_activate(m, cid, active) && ok;
            }
        }
    }
    return ok ? AT_OK : AT_CME(CME_GPRS);
}

static void address_line(struct at_chan *ch, unsigned cid)
{
    const struct modem *m = modem_of(ch);
    const struct pdp_context *c = &m->pdp.context[cid - 1];
    const char *v4 = c->active ? m->profile->address : "0.0.0.0";
    at_info(ch, "+CGPADDR: %u,%s%s", cid, v4,
            c->type == PDP_IPV4V6 ? ",0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" : "");
}

static struct at_result cgpaddr_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    for (unsigned cid = 1; cid <= PDP_CONTEXTS; cid++) {
        if (modem_of(ch)->pdp.context[cid - 1].defined) {
            address_line(ch, cid);
        }
    }
    return AT_OK;
}

static struct at_result cgpaddr_set(struct at_chan *ch, const struct at_call *call)
{
    const struct pdp_context *c = context(modem_of(ch), call->arg[0].num);
    if (c == NULL || !c->defined) {
        return AT_ERROR;
    }
    address_line(ch, (unsigned)call->arg[0].num);
    return AT_OK;
}

static struct at_result cgpaddr_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct buf list;
    buf_init(&list, 256);
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        if (modem_of(ch)->pdp.context[i].defined) {
            (void)buf_addf(&list, "%s%u", list.n == 0 ? "" : ",", i + 1);
        }
    }
    at_info(ch, "+CGPADDR: (%.*s)", (int)list.n, (const char *)list.p);
    buf_fini(&list);
    return AT_OK;
}

/* The password comes before the user here, and behind it in the read form (B4.4). */
static struct at_result cgauth_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct pdp_context *c = context(m, call->arg[0].num);
    if (c == NULL) {
        return AT_CME(CME_NOT_ALLOWED); /* 100-179: as CGDCONT */
    }
    if (!printable(call->arg[2].str) || !printable(call->arg[3].str)) {
        return AT_ERROR;
    }
    c->auth = call->arg[1].num;
    put_text(c->password, sizeof c->password, call->arg[2].str);
    put_text(c->user, sizeof c->user, call->arg[3].str);
    pdp_store(m);
    return AT_OK;
}

static struct at_result cgauth_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        const struct pdp_context *c = &m->pdp.context[i];
        char text[400];
        char traced[400];
        if (c->auth == 0) {
            continue;
        }
        (void)snprintf(text, sizeof text, "+CGAUTH: %u,%d,\"%s\",\"%s\"", i + 1, (int)c->auth,
                       c->user, c->password);
        (void)snprintf(traced, sizeof traced, "+CGAUTH: %u,%d,\"%s\",***", i + 1, (int)c->auth,
                       c->user);
        at_info_secret(ch, span_str(text), span_str(traced));
    }
    return AT_OK;
}

static struct at_result cgclass_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGCLASS: \"A\"");
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define CID(...) P_INT("cid", 1, 179, "context", .list = "1-24,100-179", __VA_ARGS__)

static const struct at_cmd rows[] = {
    { .name = "+CGATT", .doc = "Packet domain attach.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgatt_read, .set = cgatt_set,
      AT_PARAMS(P_INT("state", 0, 1, "1: attach", .list = "0,1")) },
    { .name = "+CGDCONT", .doc = "Packet contexts.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgdcont_read, .set = cgdcont_set,
      AT_PARAMS(CID(.flags = 0), P_WORD("PDP_type", "\"IP\",\"PPP\",\"IPV6\",\"IPV4V6\"", "type", .flags = PARAM_OPTIONAL), P_STR("APN", 0, 100, "access point", .flags = PARAM_OPTIONAL),
                P_STR("PDP_addr", 0, 63, "address", .flags = PARAM_OPTIONAL), P_INT("d_comp", 0, 2, "data compression", .flags = PARAM_OPTIONAL), P_INT("h_comp", 0, 4, "header compression", .flags = PARAM_OPTIONAL),
                P_INT("ipv4_ctrl", 0, 1, "how the address is got", .flags = PARAM_OPTIONAL), P_INT("request_type", 0, 1, "1: emergency", .flags = PARAM_OPTIONAL)),
      .test_quirk = "+CGDCONT: (1-24,100-179),\"IP\",,,(0-2),(0-4),(0-1),(0-1)\r\n+CGDCONT: (1-24,100-179),\"PPP\",,,(0-2),(0-4),(0-1),(0-1)\r\n"
                    "+CGDCONT: (1-24,100-179),\"IPV6\",,,(0-2),(0-4),(0-1),(0-1)\r\n+CGDCONT: (1-24,100-179),\"IPV4V6\",,,(0-2),(0-4),(0-1),(0-1)" },
    { .name = "+CGSOCKCONT", .doc = "Packet contexts, the old name of CGDCONT.", CLAUSE("B4.4"), .evidence = EV_CLIENT, .read = cgsockcont_read, .set = cgdcont_set,
      AT_PARAMS(CID(.flags = 0), P_WORD("PDP_type", "\"IP\",\"PPP\",\"IPV6\",\"IPV4V6\"", "type", .flags = PARAM_OPTIONAL), P_STR("APN", 0, 100, "access point", .flags = PARAM_OPTIONAL),
                P_STR("PDP_addr", 0, 63, "address", .flags = PARAM_OPTIONAL), P_INT("d_comp", 0, 2, "data compression", .flags = PARAM_OPTIONAL), P_INT("h_comp", 0, 4, "header compression", .flags = PARAM_OPTIONAL)),
      .test_quirk = "+CGSOCKCONT: (1-24,100-179),\"IP\",,,(0-2),(0-4)\r\n+CGSOCKCONT: (1-24,100-179),\"IPV6\",,,(0-2),(0-4)\r\n+CGSOCKCONT: (1-24,100-179),\"IPV4V6\",,,(0-2),(0-4)" },
    { .name = "+CSOCKSETPN", .doc = "The context that NETOPEN uses.", CLAUSE("B4.4"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, csocksetpn, 0, P_INT("profile", 1, 179, "context", .list = "1-24,100-179", .def = 1)) },
    { .name = "+CGACT", .doc = "Packet contexts that are active.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgact_read, .set = cgact_set,
      AT_PARAMS(P_INT("state", 0, 1, "1: activate", .list = "0,1"), CID(.flags = PARAM_OPTIONAL)), .test_quirk = "+CGACT: (0,1)" },
    { .name = "+CGPADDR", .doc = "Addresses of the contexts.", CLAUSE("B4.4"), .evidence = EV_LOG, .exec = cgpaddr_exec, .set = cgpaddr_set, .test = cgpaddr_test,
      AT_PARAMS(CID(.flags = 0)) },
    { .name = "+CGAUTH", .doc = "Authentication of a context: password before user.", CLAUSE("B4.4"), .evidence = EV_MANUAL, .set = cgauth_set, .read = cgauth_read,
      AT_PARAMS(CID(.flags = 0), P_INT("auth_type", 0, 3, "0 none, 1 PAP, 2 CHAP, 3 either", .flags = PARAM_OPTIONAL), P_STR("passwd", 0, 127, "password", .flags = PARAM_OPTIONAL | PARAM_SECRET),
                P_STR("user", 0, 127, "user", .flags = PARAM_OPTIONAL)),
      .test_quirk = "+CGAUTH: ,,127,127\r\n+CGAUTH: (1-24,100-179),(0-3),127,127" },
    { .name = "+CGEREP", .doc = "Packet domain events, +CGEV.", CLAUSE("B4.4"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, cgerep, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("mode", 0, 2, "0: none"), P_INT("bfr", 0, 1, "buffer", .flags = PARAM_OPTIONAL)) },
    { .name = "+CGCLASS", .doc = "GPRS class.", CLAUSE("B4.4"), .evidence = EV_LOG, .read = cgclass_read, .test_quirk = "+CGCLASS: (\"A\")" },
};
/* clang-format on */

const struct at_service service_pdp = { "Packet contexts", rows, ARRAY_LEN(rows) };
