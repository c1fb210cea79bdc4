/* Any octets as a PDU, service centre and TPDU, as AT+CMGS in PDU mode brings them: either refused,
 * or sound. What is sound encodes to octets that mean the same, and prints in every character set;
 * text made of it fits again. */
#include "base/check.h"
#include "sim/modem/charset.h"
#include "sim/modem/sms_tpdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct span septets)
{
    static const enum charset sets[] = { CHARSET_IRA, CHARSET_GSM, CHARSET_UCS2 };
    struct buf ucs2;
    struct buf text;
    struct buf back;
    buf_init(&ucs2, (size_t)2 * SMS_SEPTETS_MAX);
    buf_init(&text, (size_t)8 * SMS_SEPTETS_MAX);
    buf_init(&back, (size_t)4 * SMS_SEPTETS_MAX);
    ucs2_from_gsm(septets, &ucs2);
    CHECK(ucs2.n <= septets.n * 2);
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        buf_clear(&text);
        buf_clear(&back);
        ucs2_to_host(sets[i], buf_span(&ucs2), &text);
        CHECK(ucs2_from_host(sets[i], buf_span(&text), &back));
        CHECK(back.n == ucs2.n);
        CHECK(sets[i] == CHARSET_IRA || span_eq(buf_span(&back), buf_span(&ucs2)));
    }
    buf_clear(&text);
    buf_clear(&back);
    ucs2_to_utf8(buf_span(&ucs2), &text);
    ucs2_from_utf8(buf_span(&text), &back);
    CHECK(span_eq(buf_span(&back), buf_span(&ucs2)));
    buf_fini(&ucs2);
    buf_fini(&text);
    buf_fini(&back);
}

static void print_times(const struct sms_tpdu *t)
{
    char text[24];
    sms_time_text(t->scts, text);
    CHECK(strlen(text) == 20);
    sms_time_text(t->vp, text);
    CHECK(strlen(text) == 20);
}

static void use(const struct sms_tpdu *t)
{
    struct buf octets;
    struct buf again;
    struct buf content;
    struct sms_tpdu back;
    buf_init(&octets, SMS_TPDU_MAX);
    buf_init(&again, SMS_TPDU_MAX);
    buf_init(&content, SMS_SEPTETS_MAX);
    sms_tpdu_encode(t, &octets);
    CHECK(octets.n > 0 && sms_tpdu_decode(buf_span(&octets), &back));
    sms_tpdu_encode(&back, &again);
    CHECK(span_eq(buf_span(&octets), buf_span(&again)));
    CHECK(strcmp(t->address.text, back.address.text) == 0);
    print_times(t);
    if (sms_type(t) != SMS_STATUS_REPORT) {
        sms_content(t, &content);
        if (sms_alphabet(t->dcs) == SMS_GSM) {
            print(buf_span(&content));
        }
        back.first &= (uint8_t)~SMS_HEADER;
        CHECK(sms_content_set(&back, (struct span){ NULL, 0 }, buf_span(&content)));
    }
    buf_fini(&octets);
    buf_fini(&again);
    buf_fini(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span pdu = span_of(data, size);
    struct sms_address centre;
    struct sms_tpdu t;
    if (sms_centre_take(&pdu, &centre)) {
        struct buf out;
        buf_init(&out, SMS_SCA_MAX);
        sms_centre_add(&centre, &out);
        CHECK(out.n > 0 && out.n <= SMS_SCA_MAX);
        buf_fini(&out);
        if (sms_tpdu_decode(pdu, &t)) {
            use(&t);
        }
    }
    return 0;
}
