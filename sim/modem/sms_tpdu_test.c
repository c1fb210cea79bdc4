/* TPDUs of the short message service against examples written down as octets, and what is not one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/charset.h"
#include "sim/modem/sms_tpdu.h"

static void octets(const char *hex, struct buf *out)
{
    buf_init(out, 4096);
    assert_true(hex_read(span_str(hex), out));
}

static void is_hex(const struct buf *b, const char *want)
{
    struct buf text;
    buf_init(&text, 4096);
    hex_add(buf_span(b), &text);
    assert_true(buf_add_byte(&text, 0));
    assert_string_equal((const char *)text.p, want);
    buf_fini(&text);
}

/* A TPDU in words: what a test can compare in one go. */
static void describe(const struct sms_tpdu *t, struct buf *out)
{
    char time[24];
    struct buf content;
    buf_init(&content, SMS_SEPTETS_MAX);
    buf_clear(out);
    (void)buf_addf(out, "%02X %u '%s' %u", t->first, t->reference, t->address.text,
                   t->address.type);
    if (sms_type(t) != SMS_SUBMIT) {
        sms_time_text(t->scts, time);
        (void)buf_addf(out, " %s", time);
    }
    if (sms_type(t) == SMS_STATUS_REPORT) {
        sms_time_text(t->ended, time);
        (void)buf_addf(out, " %s %u", time, t->status);
    } else {
        sms_content(t, &content);
        (void)buf_addf(out, " %u %u %u %u '%.*s'", t->pid, t->dcs, t->vp[0], t->length,
                       (int)content.n, (const char *)content.p);
    }
    (void)buf_add_byte(out, 0);
    buf_fini(&content);
}

static const struct {
    const char *hex, *words;
} good[] = {
    /* SMS-SUBMIT, relative validity period */
    { "11000B916407281553F80000AA0AE8329BFD4697D9EC37",
      "11 0 '+46708251358' 145 0 0 170 10 'hellohello'" },
    /* without one; a national number of an even number of digits */
    { "012A0481214300000161", "01 42 '1234' 129 0 0 0 1 'a'" },
    /* absolute: seven octets */
    { "190004812143000042507121436580"
      "0161",
      "19 0 '1234' 129 0 0 66 1 'a'" },
    /* octets, UCS2 */
    { "0100048121430004024142", "01 0 '1234' 129 0 4 0 2 'AB'" },
    { "0100048121430008024142", "01 0 '1234' 129 0 8 0 2 'AB'" },
    /* no text at all */
    { "010004812143000000", "01 0 '1234' 129 0 0 0 0 ''" },
    /* SMS-DELIVER */
    { "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
      "04 0 '27838890001' 200 99/03/29,15:16:59+08 0 0 0 10 'hellohello'" },
    /* names as senders, an odd number of semi-octets, too; a zone west of Greenwich */
    { "0410D0C17658FF7607AF5300002280802110418801"
      "61",
      "04 0 'AmazonAWS' 208 22/08/08,12:01:14-08 0 0 0 1 'a'" },
    { "0407D049B7F90D0000228080211041800161", "04 0 'Info' 208 22/08/08,12:01:14+08 0 0 0 1 'a'" },
    /* parts of a long message: the text begins at a septet behind the header */
    { "41000481214300000A0500032A0201C2E231", "41 0 '1234' 129 0 0 0 10 'abc'" },
    { "4100048121430004080500032A02014142", "41 0 '1234' 129 0 4 0 8 'AB'" },
    /* SMS-STATUS-REPORT */
    { "062A0B916407281553F8228080211041"
      "80"
      "228080211051"
      "80"
      "00",
      "06 42 '+46708251358' 145 22/08/08,12:01:14+08 22/08/08,12:01:15+08 0" },
};

static void known_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct buf in;
        struct buf out;
        struct sms_tpdu t;
        octets(good[i].hex, &in);
        buf_init(&out, 4096);
        bool ok = sms_tpdu_decode(buf_span(&in), &t);
        if (ok != (good[i].words != NULL)) {
            fail_msg("%s: %s", good[i].hex, ok ? "decoded" : "not decoded");
        }
        if (ok) {
            sms_tpdu_encode(&t, &out);
            is_hex(&out, good[i].hex);
            describe(&t, &out);
            assert_string_equal((const char *)out.p, good[i].words);
        }
        buf_fini(&in);
        buf_fini(&out);
    }
}

/* Cut short anywhere, or longer than it says: no TPDU. */
static void lengths_must_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct buf in;
        struct sms_tpdu t;
        octets(good[i].hex, &in);
        for (size_t n = 0; good[i].words != NULL && n < in.n; n++) {
            uint8_t *copy = xcalloc(1, n + 1); /* exact size, for the sanitizer */
            memcpy(copy + 1, in.p, n);
            assert_false(sms_tpdu_decode(span_of(copy + 1, n), &t));
            free(copy);
        }
        assert_true(buf_add_byte(&in, 0));
        assert_false(sms_tpdu_decode(buf_span(&in), &t));
        buf_fini(&in);
    }
}

static void not_a_tpdu(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "03000481214300000161", /* a reserved type */
        "0100158121436587092143658709210000"
        "0161", /* more than 20 digits */
        "01000481F1430000"
        "0161", /* a filler inside the number */
        "010004812143"
        "00"
        "00"
        "A1", /* 161 septets */
        "010004812143"
        "00"
        "08"
        "8D", /* 141 octets */
        "410004812143"
        "00"
        "04"
        "020500", /* the header is longer than the data */
        "410004812143"
        "00"
        "04"
        "00", /* no header although there is said to be */
        "410004812143"
        "00"
        "00"
        "06"
        "0500032A0201", /* its septets do not hold the header */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf in;
        struct sms_tpdu t;
        octets(bad[i], &in);
        if (sms_tpdu_decode(buf_span(&in), &t)) {
            fail_msg("%s: decoded", bad[i]);
        }
        buf_fini(&in);
    }
}

static void the_longest_fit(void **state)
{
    (void)state;
    uint8_t text[SMS_SEPTETS_MAX + 1];
    memset(text, 'x', sizeof text);

    static const struct {
        uint8_t dcs, header;
        size_t most;
    } cases[] = { { 0, 0, 160 }, { 0, 6, 153 }, { 4, 0, 140 }, { 8, 6, 134 } };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static const uint8_t header[6] = { 5, 0, 3, 1, 2, 1 };
        struct sms_tpdu t = { .first = SMS_SUBMIT, .dcs = cases[i].dcs };
        struct span h = span_of(header, cases[i].header);
        assert_true(sms_address_set(&t.address, SPAN_LIT("+12345678901234567890"), 0));
        assert_false(sms_content_set(&t, h, span_of(text, cases[i].most + 1)));
        assert_true(sms_content_set(&t, h, span_of(text, cases[i].most)));
        struct buf out;
        struct sms_tpdu back;
        struct buf content;
        buf_init(&out, SMS_TPDU_MAX);
        buf_init(&content, SMS_SEPTETS_MAX);
        sms_tpdu_encode(&t, &out);
        assert_true(sms_tpdu_decode(buf_span(&out), &back));
        sms_content(&back, &content);
        assert_int_equal(content.n, cases[i].most);
        assert_memory_equal(content.p, text, content.n);
        assert_string_equal(back.address.text, "+12345678901234567890");
        buf_fini(&out);
        buf_fini(&content);
    }
}

static void addresses(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        uint8_t toda;
        const char *want; /* NULL: refused */
        unsigned type;
    } cases[] = {
        { "+4917", 0, "+4917", 145 },
        { "4917", 0, "4917", 129 },
        { "4917", 145, "+4917", 145 },
        { "+4917", 129, "4917", 129 },
        { "*101#", 0, "*101#", 129 },
        { "12345678901234567890", 0, "12345678901234567890", 129 },
        { "123456789012345678901", 0, NULL, 0 },
        { "", 0, NULL, 0 },
        { "AmazonAWS", 0, "AmazonAWS", 208 },
        { "Größe 5", 0, "Größe 5", 208 },
        { "a name too long", 0, "a name too ", 208 },
        { "+", 0, "+", 208 },
        { "4917", 208, "4917", 129 }, /* a number is no name */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sms_address a;
        bool ok = sms_address_set(&a, span_str(cases[i].text), cases[i].toda);
        assert_int_equal(ok, cases[i].want != NULL);
        if (!ok) {
            continue;
        }
        assert_string_equal(a.text, cases[i].want);
        assert_int_equal(a.type, cases[i].type);
        struct sms_tpdu t = { .first = SMS_DELIVER, .address = a };
        struct sms_tpdu back;
        struct buf out;
        buf_init(&out, SMS_TPDU_MAX);
        sms_tpdu_encode(&t, &out);
        assert_true(sms_tpdu_decode(buf_span(&out), &back));
        assert_string_equal(back.address.text, cases[i].want);
        assert_int_equal(back.address.type, cases[i].type);
        buf_fini(&out);
    }
    struct sms_address a;
    assert_false(sms_address_set(&a, SPAN_LIT("a\0b"), 0));
}

static void service_centre(void **state)
{
    (void)state;

    static const struct {
        const char *hex, *text; /* NULL: refused */
        size_t rest;
    } cases[] = {
        { "07917283010010F504", "+27381000015", 1 },
        { "00AA", "", 1 },
        { "0381214304", "1234", 1 },
        { "", NULL, 0 },
        { "01", NULL, 0 },
        { "0191", NULL, 0 },
        { "0791728301", NULL, 0 },
        { "0C917283010010F511111111111111", NULL, 0 },
        { "03D04142", NULL, 0 }, /* a name */
        { "0381F143", NULL, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf in;
        struct sms_address a;
        octets(cases[i].hex, &in);
        struct span pdu = buf_span(&in);
        assert_int_equal(sms_centre_take(&pdu, &a), cases[i].text != NULL);
        if (cases[i].text != NULL) {
            assert_string_equal(a.text, cases[i].text);
            assert_int_equal(pdu.n, cases[i].rest);
            struct buf out;
            buf_init(&out, 64);
            sms_centre_add(&a, &out);
            assert_true(buf_add(&out, pdu));
            is_hex(&out, cases[i].hex);
            buf_fini(&out);
        }
        buf_fini(&in);
    }
}

/* 23.038 4, by its coding groups. */
static void data_coding_schemes(void **state)
{
    (void)state;

    static const struct {
        uint8_t dcs;
        enum sms_alphabet alphabet;
        int class;
    } cases[] = {
        { 0x00, SMS_GSM, -1 },  { 0x04, SMS_8BIT, -1 }, { 0x08, SMS_UCS2, -1 },
        { 0x0C, SMS_GSM, -1 },  { 0x10, SMS_GSM, 0 },   { 0x11, SMS_GSM, 1 },
        { 0x1A, SMS_UCS2, 2 },  { 0x17, SMS_8BIT, 3 },  { 0x20, SMS_8BIT, -1 },
        { 0x48, SMS_UCS2, -1 }, { 0x80, SMS_GSM, -1 },  { 0xC0, SMS_GSM, -1 },
        { 0xD0, SMS_GSM, -1 },  { 0xE0, SMS_UCS2, -1 }, { 0xF0, SMS_GSM, 0 },
        { 0xF2, SMS_GSM, 2 },   { 0xF5, SMS_8BIT, 1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(sms_alphabet(cases[i].dcs), cases[i].alphabet);
        assert_int_equal(sms_class(cases[i].dcs), cases[i].class);
    }
}

static void time_stamps(void **state)
{
    (void)state;
    static const char *const times[] = { "22/08/08,12:01:40+08", "99/12/31,23:59:59-48",
                                         "00/01/01,00:00:00+00" };
    uint8_t stamp[SMS_TIME_OCTETS];
    char text[24];
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        sms_time_set(stamp, times[i]);
        sms_time_text(stamp, text);
        assert_string_equal(text, times[i]);
    }
    sms_time_set(stamp, "22/08/08,12:01:40-08");
    assert_memory_equal(stamp, "\x22\x80\x80\x21\x10\x04\x88", sizeof stamp);
    /* what no service centre sends */
    memset(stamp, 0xFF, sizeof stamp);
    sms_time_text(stamp, text);
    assert_string_equal(text, "55/55/55,55:55:55-75");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_octets),        cmocka_unit_test(lengths_must_fit),
        cmocka_unit_test(not_a_tpdu),          cmocka_unit_test(the_longest_fit),
        cmocka_unit_test(addresses),           cmocka_unit_test(service_centre),
        cmocka_unit_test(data_coding_schemes), cmocka_unit_test(time_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
