/* Messages as the host sees them: text mode and PDU mode of CMGL, CMGR, +CMT and +CDS (27.005 3.4,
 * 4.1 to 4.3; general-commands.md B4.7). */
#include "sim/modem/charset.h"
#include "sim/modem/modem_int.h"

void sms_print_address(const struct modem *m, const struct sms_address *a, struct buf *out)
{
    char text[HOST_TEXT_SIZE];
    (void)buf_addf(out, "\"%s\"", host_text(m, a->text, text));
}

bool sms_number(const struct modem *m, struct span text, int32_t toda, struct sms_address *ret)
{
    struct buf number;
    buf_init(&number, (size_t)3 * SMS_HOST_NUMBER_MAX);
    bool ok = host_text_read(m, text, &number) && sms_is_number(buf_span(&number)) &&
              sms_address_set(ret, buf_span(&number), (uint8_t)toda);
    buf_fini(&number);
    return ok;
}

/* Text of the default alphabet in the host's character set, octets and UCS2 in hexadecimal digits.
 */
static void print_content(const struct modem *m, const struct sms_tpdu *t, struct buf *out)
{
    struct buf content;
    buf_init(&content, SMS_SEPTETS_MAX);
    sms_content(t, &content);
    if (sms_alphabet(t->dcs) == SMS_GSM) {
        struct buf ucs2;
        buf_init(&ucs2, (size_t)2 * SMS_SEPTETS_MAX);
        ucs2_from_gsm(buf_span(&content), &ucs2);
        ucs2_to_host((enum charset)m->set.cscs, buf_span(&ucs2), out);
        buf_fini(&ucs2);
    } else {
        hex_add(buf_span(&content), out);
    }
    buf_fini(&content);
}

static void print_time(const uint8_t stamp[SMS_TIME_OCTETS], struct buf *out)
{
    char text[24];
    sms_time_text(stamp, text);
    (void)buf_addf(out, ",\"%s\"", text);
}

/* What CSDH=1 adds in the middle of CMGR and +CMT. */
static void print_parameters(const struct modem *m, const struct sms_tpdu *t,
                             const struct sms_address *centre, struct buf *out)
{
    (void)buf_addf(out, ",%d,%d,%d", (int)t->first, (int)t->pid, (int)t->dcs);
    if (sms_type(t) == SMS_SUBMIT) {
        unsigned form = t->first & SMS_VPF;
        if (form == SMS_VPF) {
            print_time(t->vp, out);
        } else if (form == SMS_VPF_RELATIVE) {
            (void)buf_addf(out, ",%d", (int)t->vp[0]);
        } else {
            (void)buf_addf(out, ",");
        }
    }
    (void)buf_addf(out, ",");
    sms_print_address(m, centre, out);
    (void)buf_addf(out, ",%d", (int)centre->type);
}

static void print_report(const struct modem *m, const struct sms_tpdu *t, struct buf *out)
{
    (void)buf_addf(out, "%d,%d,", (int)t->first, (int)t->reference);
    sms_print_address(m, &t->address, out);
    (void)buf_addf(out, ",%d", (int)t->address.type);
    print_time(t->scts, out);
    print_time(t->ended, out);
    (void)buf_addf(out, ",%d", (int)t->status);
}

static void print_text_mode(const struct modem *m, enum sms_form form,
                            const struct sms_message *msg, struct buf *out)
{
    static const struct param states = { .type = PARAM_WORD, .list = SMS_STATES };
    struct sms_address centre;
    struct sms_tpdu t;
    size_t octets = 0;
    sms_message_read(msg, &centre, &t, &octets);
    if (form != SMS_ROUTED) {
        struct span state = schema_word(&states, msg->state);
        (void)buf_addf(out, "\"%.*s\",", (int)state.n, (const char *)state.p);
    }
    if (sms_type(&t) == SMS_STATUS_REPORT) {
        print_report(m, &t, out);
        return;
    }
    sms_print_address(m, &t.address, out);
    (void)buf_addf(out, ",\"\""); /* <alpha>: no phone book entry, as devices print it */
    if (sms_type(&t) == SMS_DELIVER) {
        print_time(t.scts, out);
    } else if (form == SMS_LISTED) {
        (void)buf_addf(out, ","); /* no <scts> */
    }
    if (m->set.csdh == 1) {
        (void)buf_addf(out, ",%d", (int)t.address.type);
        if (form != SMS_LISTED) {
            print_parameters(m, &t, &centre, out);
        }
        (void)buf_addf(out, ",%d", (int)t.length);
    }
    (void)buf_addf(out, "\r\n");
    print_content(m, &t, out);
}

static void print_pdu_mode(enum sms_form form, const struct sms_message *msg, struct buf *out)
{
    struct sms_address centre;
    struct sms_tpdu t;
    size_t octets = 0;
    sms_message_read(msg, &centre, &t, &octets);
    if (form != SMS_ROUTED) {
        (void)buf_addf(out, "%d,\"\",", (int)msg->state);
    } else if (sms_type(&t) == SMS_DELIVER) {
        (void)buf_addf(out, ","); /* +CMT: [<alpha>],<length> */
    }
    (void)buf_addf(out, "%zu\r\n", octets);
    hex_add(span_of(msg->pdu, msg->n), out);
}

void sms_print(const struct modem *m, enum sms_form form, const struct sms_message *msg,
               struct buf *out)
{
    if (m->set.cmgf == 1) {
        print_text_mode(m, form, msg, out);
    } else {
        print_pdu_mode(form, msg, out);
    }
}
