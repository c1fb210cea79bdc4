/* Messages that arrive: from another modem of this process or from outside (modem_sms). AT+CNMI
 * says whether they are stored or routed to the host, and how it is told (27.005 3.4.1). What
 * cannot be delivered is lost: a network that keeps it and tries again is not modelled. */
#include "sim/modem/charset.h"
#include "sim/modem/exchange.h"
#include "sim/modem/modem_int.h"

#define TP_NO_MORE_FIRST (SMS_DELIVER | SMS_NO_MORE)

enum { CNMI_MODE, CNMI_MT, CNMI_BM, CNMI_DS, CNMI_BFR };

enum { ROUTE_NONE, ROUTE_INDICATE, ROUTE_DIRECT, ROUTE_CLASS_3 }; /* <mt> */

enum { REPORT_NONE, REPORT_DIRECT, REPORT_STORE }; /* <ds> */

void sms_now(const struct modem *m, uint8_t stamp[SMS_TIME_OCTETS])
{
    char text[24];
    clock_network_stamp(m, text, sizeof text);
    sms_time_set(stamp, text);
}

void sms_own_address(const struct modem *m, struct sms_address *ret)
{
    if (!sms_address_set(ret, span_str(m->number), 0)) {
        *ret = (struct sms_address){ .type = SMS_TOA_UNKNOWN }; /* key number is empty */
    }
}

/* --- telling the host --- */

static void tell(struct modem *m, const struct sms_indication *i)
{
    if (i->report) {
        urc_cdsi(m, sms_memory_name(i->memory), (int)i->index);
    } else {
        urc_cmti(m, sms_memory_name(i->memory), (int)i->index);
    }
}

/* Mode 0 keeps indications in the module; the oldest go when there is no more room. */
static void indicate(struct modem *m, bool report, enum sms_memory memory, int32_t index)
{
    struct sms *s = &m->sms;
    struct sms_indication i = { .report = report, .memory = memory, .index = index };
    if (m->set.cnmi[CNMI_MODE] != 0) {
        tell(m, &i);
        return;
    }
    if (s->untold_n == ARRAY_LEN(s->untold)) {
        s->untold_n--;
        memmove(&s->untold[0], &s->untold[1], s->untold_n * sizeof s->untold[0]);
    }
    s->untold[s->untold_n++] = i;
}

void sms_indications(struct modem *m)
{
    if (m->set.cnmi[CNMI_MODE] == 0) {
        return;
    }
    for (size_t i = 0; m->set.cnmi[CNMI_BFR] == 0 && i < m->sms.untold_n; i++) {
        tell(m, &m->sms.untold[i]);
    }
    m->sms.untold_n = 0;
}

static void route(struct modem *m, const char *name, const struct sms_message *msg)
{
    struct buf text;
    ri_sms(m);
    buf_init(&text, 4096);
    (void)buf_addf(&text, "%s: ", name);
    sms_print(m, SMS_ROUTED, msg, &text);
    at_urc_text(m->ch, buf_span(&text));
    buf_fini(&text);
    m->sms.unacknowledged += m->set.csms == 1 ? 1 : 0;
}

/* --- arriving --- */

static void lost(const struct modem *m, const char *from, const char *why)
{
    trace_emit(m->trace, "sms.lost", TRACE_STR("from", from), TRACE_STR("why", why));
}

/* Stored, and the host is told where. False: there was no room. */
static bool keep(struct modem *m, const struct sms_tpdu *t, const struct sms_message *msg,
                 bool told)
{
    enum sms_memory memory = sms_chosen(m, 2);
    int32_t index = 0;
    if (sms_keep(m, memory, msg, &index) != 0) {
        lost(m, t->address.text, "no room in the memory");
        return false;
    }
    ri_sms(m);
    if (told) {
        indicate(m, sms_type(t) == SMS_STATUS_REPORT, memory, index);
    }
    return true;
}

/* Messages for the card (class 2) are stored in any case (27.005 table 3.4.1-2). */
static bool is_routed(const struct modem *m, uint8_t dcs)
{
    int32_t mt = m->set.cnmi[CNMI_MT];
    int class = sms_class(dcs);
    return (mt == ROUTE_DIRECT && class != 2) || (mt == ROUTE_CLASS_3 && class == 3);
}

static bool accept_message(struct modem *m, const struct sms_tpdu *t, const struct sms_message *msg)
{
    if (is_routed(m, t->dcs)) {
        route(m, "+CMT", msg);
        return true;
    }
    return keep(m, t, msg, m->set.cnmi[CNMI_MT] != ROUTE_NONE);
}

static bool accept_report(struct modem *m, const struct sms_tpdu *t, const struct sms_message *msg)
{
    int32_t ds = m->set.cnmi[CNMI_DS];
    if (ds == REPORT_NONE) {
        lost(m, t->address.text, "reports are not wanted (AT+CNMI)");
        return false;
    }
    if (ds == REPORT_STORE) {
        return keep(m, t, msg, true);
    }
    route(m, "+CDS", msg);
    return true;
}

/* Takes a TPDU from the network. False: it could not be delivered. */
static bool arrive(struct modem *m, struct span tpdu)
{
    struct sms_tpdu t;
    if (!sms_tpdu_decode(tpdu, &t) || sms_type(&t) == SMS_SUBMIT) {
        lost(m, "", "not a message for a modem");
        return false;
    }
    if (m->power != POWER_ON || !m->card.sms_ready || !radio_registered(m)) {
        lost(m, t.address.text, "the modem is off, has no card or is not registered");
        return false;
    }
    trace_emit(m->trace, "sms.arrived", TRACE_STR("from", t.address.text),
               TRACE_NUM("octets", (int64_t)tpdu.n));
    struct sms_address centre;
    CHECK(sms_address_set(&centre, SPAN_LIT(SMS_CENTRE), 0));
    struct sms_message msg = { .state = SMS_REC_UNREAD };
    sms_message_set(&msg, &centre, tpdu);
    return sms_type(&t) == SMS_STATUS_REPORT ? accept_report(m, &t, &msg)
                                             : accept_message(m, &t, &msg);
}

/* What the service centre tells the sender who asked for it (23.040 9.2.2.3): status 0, received.
 */
static void report(struct modem *m, const struct exchange_message *msg)
{
    struct sms_tpdu t;
    CHECK(sms_tpdu_decode(msg->body, &t));
    if (sms_type(&t) != SMS_DELIVER || (t.first & SMS_REPORT) == 0) {
        return;
    }
    struct sms_tpdu r = { .first = SMS_STATUS_REPORT | SMS_NO_MORE,
                          .reference = (uint8_t)msg->number };
    sms_own_address(m, &r.address);
    memcpy(r.scts, t.scts, sizeof r.scts);
    sms_now(m, r.ended);
    struct buf body;
    buf_init(&body, SMS_TPDU_MAX);
    sms_tpdu_encode(&r, &body);
    struct exchange_message back = { .what = EXCHANGE_SMS, .body = buf_span(&body) };
    memcpy(back.from, msg->to, sizeof back.from);
    memcpy(back.to, msg->from, sizeof back.to);
    (void)exchange_post(m->cfg.exchange, &back);
    buf_fini(&body);
}

void sms_deliver(struct modem *m, const struct exchange_message *msg)
{
    if (arrive(m, msg->body)) {
        report(m, msg);
    }
}

/* --- from outside --- */

/* The text as one message: in the GSM alphabet if it has all its characters, else in UCS2; what
 * does not fit is cut off. */
static void set_text(struct sms_tpdu *t, struct span utf8_text)
{
    struct buf ucs2;
    struct buf all;
    struct buf content;
    buf_init(&ucs2, (size_t)2 * SMS_SEPTETS_MAX);
    ucs2_from_utf8(utf8_text, &ucs2);
    buf_init(&all, (size_t)2 * SMS_SEPTETS_MAX);
    bool gsm = ucs2_to_gsm(buf_span(&ucs2), &all);
    buf_init(&content, gsm ? SMS_SEPTETS_MAX : SMS_UD_MAX);
    if (gsm) {
        (void)ucs2_to_gsm(buf_span(&ucs2), &content);
    } else {
        t->dcs = 8;
        ucs2_from_utf8(utf8_text, &content);
    }
    CHECK(sms_content_set(t, (struct span){ NULL, 0 }, buf_span(&content)));
    buf_fini(&ucs2);
    buf_fini(&all);
    buf_fini(&content);
}

void modem_sms(struct modem *m, const char *from, struct span utf8_text)
{
    struct sms_tpdu t = { .first = TP_NO_MORE_FIRST };
    struct span sender = span_str(from);
    size_t most = SMS_DIGITS_MAX + (sender.n > 0 && sender.p[0] == '+' ? 1U : 0U);
    if (sms_is_number(sender) && sender.n > most) {
        sender.n = most;
    }
    if (!sms_address_set(&t.address, sender, 0)) {
        t.address.type = SMS_TOA_UNKNOWN; /* a sender that does not want to be known */
    }
    sms_now(m, t.scts);
    set_text(&t, utf8_text);
    struct buf body;
    buf_init(&body, SMS_TPDU_MAX);
    sms_tpdu_encode(&t, &body);
    (void)arrive(m, buf_span(&body));
    buf_fini(&body);
}
