/* Sending and writing messages: CMGS, CMGSEX, CMSS, CMGW (general-commands.md A14,
 * B4.7; 27.005 3.5, 4.3, 4.4). The network takes what it is given; whether somebody has the number
 * is another matter. */
#include "sim/modem/charset.h"
#include "sim/modem/exchange.h"
#include "sim/modem/gates.h"

#define TEXT_MAX      1024 /* bytes behind the prompt; more than any message needs */
#define TPDU_MIN      7
#define HEADER_OCTETS 6                       /* of a part of a long message */
#define SEND_LIMIT_MS (10 * 60 * 1000 + 1000) /* more than key sms_ms can make of it */

enum {
    CMS_NOT_ALLOWED = 302,
    CMS_PDU_PARAMETER = 304,
    CMS_TEXT_PARAMETER = 305,
    CMS_INDEX = 321,
    CMS_NO_CENTRE = 330,
    CMS_NO_NETWORK = 331,
    CMS_TOO_LONG = 342,
};

/* --- from the host's text to a message --- */

/* The text as user data of the coding scheme of AT+CSMP: characters for the default alphabet,
 * hexadecimal digits for octets and UCS2 (27.005 3.1, <data>). 0, or a CMS error. */
static uint32_t fill(const struct modem *m, struct span text, struct span header,
                     struct sms_tpdu *t)
{
    struct buf content;
    struct buf ucs2;
    buf_init(&content, (size_t)2 * TEXT_MAX);
    buf_init(&ucs2, (size_t)2 * TEXT_MAX);
    bool ok;
    if (sms_alphabet(t->dcs) == SMS_GSM) {
        ok = ucs2_from_host((enum charset)m->set.cscs, text, &ucs2);
        (void)ucs2_to_gsm(buf_span(&ucs2), &content);
    } else {
        ok = hex_read(text, &content);
    }
    uint32_t code = 0;
    if (!ok) {
        code = CMS_TEXT_PARAMETER;
    } else if (!sms_content_set(t, header, buf_span(&content))) {
        code = CMS_TOO_LONG;
    }
    buf_fini(&content);
    buf_fini(&ucs2);
    return code;
}

static void set_message(const struct modem *m, const struct sms_tpdu *t, struct sms_message *msg)
{
    struct buf tpdu;
    buf_init(&tpdu, SMS_TPDU_MAX);
    sms_tpdu_encode(t, &tpdu);
    sms_message_set(msg, &m->sms.centre, buf_span(&tpdu));
    buf_fini(&tpdu);
}

/* A message of text mode; msg->state says which kind. */
static uint32_t from_text(const struct modem *m, const struct sms_address *number,
                          struct span header, struct span text, struct sms_message *msg)
{
    const int32_t *csmp = m->set.csmp;
    struct sms_tpdu t = { .address = *number, .pid = (uint8_t)csmp[2], .dcs = (uint8_t)csmp[3] };
    if (msg->state <= SMS_REC_READ) {
        t.first = SMS_DELIVER | SMS_NO_MORE;
        sms_now(m, t.scts);
    } else {
        t.first = (uint8_t)csmp[0];
        t.vp[0] = (uint8_t)csmp[1];
    }
    uint32_t code = fill(m, text, header, &t);
    if (code == 0) {
        set_message(m, &t, msg);
    }
    return code;
}

static struct span without_line_ends(struct span text)
{
    while (text.n > 0 && (text.p[text.n - 1] == '\r' || text.p[text.n - 1] == '\n')) {
        text.n--;
    }
    return text;
}

/* A message of PDU mode: hexadecimal digits; 'octets' are those of the TPDU, without the service
 * centre's address. */
static uint32_t from_pdu(struct span text, size_t octets, struct sms_message *msg)
{
    struct buf pdu;
    struct sms_address centre;
    struct sms_tpdu t;
    buf_init(&pdu, TEXT_MAX);
    bool ok = hex_read(without_line_ends(text), &pdu);
    struct span tpdu = buf_span(&pdu);
    ok = ok && sms_centre_take(&tpdu, &centre) && tpdu.n == octets && sms_tpdu_decode(tpdu, &t);
    bool received = msg->state <= SMS_REC_READ;
    ok = ok && (sms_type(&t) == SMS_SUBMIT) != received;
    if (ok) {
        msg->n = (uint8_t)pdu.n;
        memcpy(msg->pdu, pdu.p, pdu.n);
    }
    buf_fini(&pdu);
    return ok ? 0 : CMS_PDU_PARAMETER;
}

/* --- towards the network --- */

/* What the service centre makes of it arrives at whoever has the number. */
static void carry(struct modem *m, const struct sms_tpdu *t)
{
    struct sms_tpdu d = *t;
    uint8_t kept = SMS_REPORT | SMS_HEADER | SMS_REPLY_PATH;
    d.first = (uint8_t)(SMS_DELIVER | SMS_NO_MORE | (t->first & kept));
    sms_own_address(m, &d.address);
    sms_now(m, d.scts);
    struct buf body;
    buf_init(&body, SMS_TPDU_MAX);
    sms_tpdu_encode(&d, &body);
    struct exchange_message msg = { .what = EXCHANGE_SMS,
                                    .number = t->reference,
                                    .body = buf_span(&body) };
    (void)snprintf(msg.from, sizeof msg.from, "%s", m->number);
    (void)snprintf(msg.to, sizeof msg.to, "%.*s", (int)sizeof msg.to - 1, t->address.text);
    bool there = exchange_post(m->cfg.exchange, &msg);
    trace_emit(m->trace, "sms.sent", TRACE_STR("to", msg.to), TRACE_NUM("reference", t->reference),
               TRACE_STR("goes", there ? "to a modem" : "nowhere: nobody has that number"));
    buf_fini(&body);
}

static void sent_due(struct timer *timer)
{
    struct modem *m = MODEM_OF(timer, sms.timer);
    struct sms *s = &m->sms;
    if (!radio_registered(m)) {
        (void)at_finish(m->ch, s->ticket, AT_CMS(CMS_NO_NETWORK));
        return;
    }
    struct sms_address centre;
    struct sms_tpdu t;
    size_t octets = 0;
    sms_message_read(&s->out, &centre, &t, &octets);
    t.reference = s->reference++;
    carry(m, &t);
    if (s->stored != NULL && s->stored->n > 0) {
        s->stored->state = SMS_STO_SENT;
    }
    (void)sms_store(m);
    at_info(m->ch, "%s: %d", s->name, (int)t.reference);
    (void)at_finish(m->ch, s->ticket, AT_OK);
}

/* Sends s->out; 'stored' is where it came from, or NULL. */
static struct at_result begin_send(struct at_chan *ch, const char *name, struct sms_message *stored)
{
    struct modem *m = modem_of(ch);
    struct sms *s = &m->sms;
    struct sms_address centre;
    struct sms_tpdu t;
    size_t octets = 0;
    sms_message_read(&s->out, &centre, &t, &octets);
    if (t.address.text[0] == '\0') {
        return AT_CMS(m->set.cmgf == 1 ? CMS_TEXT_PARAMETER : CMS_PDU_PARAMETER);
    }
    if (centre.text[0] == '\0' && s->centre.text[0] == '\0') {
        return AT_CMS(CMS_NO_CENTRE);
    }
    if (!radio_registered(m)) {
        return AT_CMS(CMS_NO_NETWORK);
    }
    s->name = name;
    s->stored = stored;
    s->ticket = at_park(ch);
    modem_after(m, &s->timer, m->profile->sms_ms, sent_due);
    return AT_PENDING;
}

/* --- what stands before the prompt --- */

/* The octets of PDU mode, or of text mode a number; 0, or a CMS error. */
static uint32_t before_prompt(const struct modem *m, const struct at_call *call, size_t *ret_octets,
                              struct sms_address *ret_number)
{
    const struct value *first = &call->arg[0];
    if (m->set.cmgf == 1) {
        *ret_number = (struct sms_address){ .type = SMS_TOA_UNKNOWN };
        bool ok = !first->present || sms_number(m, first->str, call->arg[1].num, ret_number);
        return ok ? 0 : CMS_TEXT_PARAMETER;
    }
    int32_t octets = 0;
    if (first->quoted || !schema_number(first->str, false, &octets) || octets < TPDU_MIN ||
        octets > SMS_TPDU_MAX) {
        return CMS_PDU_PARAMETER;
    }
    *ret_octets = (size_t)octets;
    return 0;
}

static struct at_result prompt_after(uint32_t code)
{
    return code == 0 ? AT_TEXT(TEXT_MAX) : AT_CMS(code);
}

/* What was typed, as a message; the card may be gone by now. 0, or a CMS error. */
static uint32_t behind_prompt(struct at_chan *ch, const struct at_call *call, struct span header,
                              struct span data, struct sms_message *msg)
{
    struct modem *m = modem_of(ch);
    struct sms_address number;
    size_t octets = 0;
    uint32_t code = (uint32_t)gate_sms.check(ch, call);
    code = code != 0 ? code : before_prompt(m, call, &octets, &number);
    if (code != 0) {
        return code;
    }
    return m->set.cmgf == 1 ? from_text(m, &number, header, data, msg)
                            : from_pdu(data, octets, msg);
}

static struct at_result send_typed(struct at_chan *ch, const struct at_call *call,
                                   struct span header, struct span data)
{
    struct sms_message msg = { .state = SMS_STO_UNSENT };
    uint32_t code = behind_prompt(ch, call, header, data, &msg);
    if (code != 0) {
        return AT_CMS(code);
    }
    modem_of(ch)->sms.out = msg;
    return begin_send(ch, call->cmd->name, NULL);
}

/* --- CMGS --- */

static struct at_result cmgs_set(struct at_chan *ch, const struct at_call *call)
{
    struct sms_address number;
    size_t octets = 0;
    if (modem_of(ch)->set.cmgf == 0 && call->arg[1].present) {
        return AT_CMS(CMS_PDU_PARAMETER);
    }
    return prompt_after(before_prompt(modem_of(ch), call, &octets, &number));
}

static struct at_result cmgs_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    return send_typed(ch, call, (struct span){ NULL, 0 }, data);
}

/* --- CMGSEX: one part of a long message --- */

static struct at_result cmgsex_set(struct at_chan *ch, const struct at_call *call)
{
    const struct value *part = &call->arg[call->cmd->n_params - 3];
    struct sms_address number;
    size_t octets = 0;
    if (modem_of(ch)->set.cmgf == 0) {
        return AT_CMS(CMS_NOT_ALLOWED);
    }
    if (part[1].num > part[2].num) {
        return AT_CMS(CMS_TEXT_PARAMETER);
    }
    return prompt_after(before_prompt(modem_of(ch), call, &octets, &number));
}

static struct at_result cmgsex_data(struct at_chan *ch, const struct at_call *call,
                                    struct span data)
{
    /* concatenated short messages, 8-bit reference number (23.040 9.2.3.24.1) */
    const struct value *part = &call->arg[call->cmd->n_params - 3];
    const uint8_t header[HEADER_OCTETS] = {
        HEADER_OCTETS - 1, 0, 3, (uint8_t)part[0].num, (uint8_t)part[2].num, (uint8_t)part[1].num,
    };
    return send_typed(ch, call, span_of(header, sizeof header), data);
}

/* --- CMSS --- */

static struct at_result cmss_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct sms_message *place = sms_place(m, sms_chosen(m, 1), call->arg[0].num);
    if (place == NULL || place->n == 0) {
        return AT_CMS(CMS_INDEX);
    }
    struct sms_address centre;
    struct sms_tpdu t;
    size_t octets = 0;
    sms_message_read(place, &centre, &t, &octets);
    if (sms_type(&t) != SMS_SUBMIT) {
        return AT_CMS(CMS_NOT_ALLOWED);
    }
    m->sms.out = *place;
    if (call->arg[1].present) {
        if (!sms_number(m, call->arg[1].str, call->arg[2].num, &t.address)) {
            return AT_CMS(CMS_TEXT_PARAMETER);
        }
        set_message(m, &t, &m->sms.out);
    }
    return begin_send(ch, "+CMSS", place);
}

/* --- CMGW --- */

/* The second parameter is <toda> of text mode or <stat> of PDU mode, and the third exists in text
 * mode alone. */
static bool write_state(const struct modem *m, const struct at_call *call, uint8_t *ret_state)
{
    bool text = m->set.cmgf == 1;
    int32_t second = call->arg[1].num;
    if (text) {
        *ret_state = (uint8_t)(call->form == AT_EXEC ? SMS_STO_UNSENT : call->arg[2].num);
        return !call->arg[1].present || second > SMS_STO_SENT;
    }
    *ret_state = (uint8_t)(call->arg[1].present ? second : SMS_STO_UNSENT);
    return second <= SMS_STO_SENT && !call->arg[2].present;
}

static struct at_result cmgw_set(struct at_chan *ch, const struct at_call *call)
{
    const struct modem *m = modem_of(ch);
    struct sms_address number;
    size_t octets = 0;
    uint8_t state = 0;
    uint32_t code = before_prompt(m, call, &octets, &number);
    if (code == 0 && !write_state(m, call, &state)) {
        code = m->set.cmgf == 1 ? CMS_TEXT_PARAMETER : CMS_PDU_PARAMETER;
    }
    return prompt_after(code);
}

static struct at_result cmgw_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct modem *m = modem_of(ch);
    struct sms_message msg = { 0 };
    (void)write_state(m, call, &msg.state);
    uint32_t code = behind_prompt(ch, call, (struct span){ NULL, 0 }, data, &msg);
    int32_t index = 0;
    code = code != 0 ? code : sms_keep(m, sms_chosen(m, 1), &msg, &index);
    if (code != 0) {
        return AT_CMS(code);
    }
    at_info(ch, "+CMGW: %d", (int)index);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE .clause = "general-commands.md B4.7"
#define NUMBER(n, d, ...) P_STR(n, 1, SMS_HOST_NUMBER_MAX, d, __VA_ARGS__)
#define TODA(...) P_INT("toda", 128, 255, "type of address", __VA_ARGS__)
#define PART P_INT("mr", 0, 255, "reference of the whole"), P_INT("msg_seg", 1, 255, "number of this part"), \
             P_INT("msg_total", 2, 255, "how many parts")

static const struct at_cmd rows[] = {
    { .name = "+CMGS", .doc = "Sends a message: prompt, then text or PDU up to Ctrl-Z; ESC gives up.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmgs_set, .data = cmgs_data, .flags = AT_ROW_TEST_OK, .limit_ms = SEND_LIMIT_MS,
      AT_PARAMS(NUMBER("da", "number; in PDU mode the octets of the TPDU, unquoted", .flags = PARAM_OR_NUMBER),
                TODA(.flags = PARAM_OPTIONAL)), .reply = "+CMGS: <mr>" },
    { .name = "+CMGSEX", .doc = "Sends one part of a long message in text mode.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmgsex_set, .data = cmgsex_data, .flags = AT_ROW_TEST_OK, .limit_ms = SEND_LIMIT_MS,
      AT_PARAMS(NUMBER("da", "number", .flags = PARAM_OR_NUMBER), PART), .reply = "+CMGSEX: <mr>" },
    { .name = "+CMGSEX", .doc = "The same with a type of address.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmgsex_set, .data = cmgsex_data, .flags = AT_ROW_TEST_OK, .limit_ms = SEND_LIMIT_MS,
      AT_PARAMS(NUMBER("da", "number", .flags = PARAM_OR_NUMBER), TODA(.flags = 0), PART), .reply = "+CMGSEX: <mr>" },
    { .name = "+CMSS", .doc = "Sends a stored message.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmss_set, .flags = AT_ROW_TEST_OK, .limit_ms = SEND_LIMIT_MS,
      AT_PARAMS(P_INT("index", 0, SMS_INDEX_MAX, "place in <mem2>", .refuse = CMS_INDEX),
                NUMBER("da", "another number than the stored one", .flags = PARAM_OPTIONAL | PARAM_OR_NUMBER),
                TODA(.flags = PARAM_OPTIONAL)), .reply = "+CMSS: <mr>" },
    { .name = "+CMGW", .doc = "Writes a message to <mem2>: prompt, then text or PDU up to Ctrl-Z.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .exec = cmgw_set, .set = cmgw_set, .data = cmgw_data, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(NUMBER("oa/da", "number; in PDU mode the octets of the TPDU, unquoted", .flags = PARAM_OR_NUMBER),
                P_INT("toda", 0, 255, "type of address; in PDU mode <stat>", .list = "0-3,128-255", .flags = PARAM_OPTIONAL),
                P_WORD("stat", SMS_STATES, "kind of message", .def = SMS_STO_UNSENT, .flags = PARAM_OPTIONAL)),
      .reply = "+CMGW: <index>" },
};
/* clang-format on */

const struct at_service service_sms_send = { "Messages: sending and writing", rows,
                                             ARRAY_LEN(rows) };
