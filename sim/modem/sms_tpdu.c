#include "sim/modem/sms_tpdu.h"

#include <stdio.h>

#include "base/check.h"
#include "sim/modem/charset.h"

#define NAME_SEPTETS_MAX 11 /* 9.1.2.5: what fits into 10 octets */

/* --- reading octet by octet --- */

/* What is left; once something was missing, 'bad' stays and everything reads as 0. */
struct reader {
    struct span rest;
    bool bad;
};

static void take(struct reader *r, uint8_t *to, size_t n)
{
    r->bad = r->bad || r->rest.n < n;
    if (r->bad) {
        memset(to, 0, n);
        return;
    }
    if (n > 0) {
        memcpy(to, r->rest.p, n);
        r->rest = span_from(r->rest, n);
    }
}

static uint8_t take_octet(struct reader *r)
{
    uint8_t octet = 0;
    take(r, &octet, 1);
    return octet;
}

/* --- addresses --- */

static const char digits[] = "0123456789*#abc";
#define KEYS 12 /* of them a telephone has */

static bool is_alphanumeric(uint8_t type)
{
    return (type & 0x70U) == 0x50; /* type of number (9.1.2.5) */
}

static bool is_international(uint8_t type)
{
    return (type & 0x70U) == 0x10;
}

bool sms_is_number(struct span text)
{
    size_t from = text.n > 0 && text.p[0] == '+' ? 1 : 0;
    for (size_t i = from; i < text.n; i++) {
        if (memchr(digits, text.p[i], KEYS) == NULL) {
            return false;
        }
    }
    return text.n > from;
}

static void set_text(struct sms_address *a, struct span text)
{
    if (text.n > 0) {
        memcpy(a->text, text.p, text.n);
    }
    a->text[text.n] = '\0';
}

static bool set_name(struct sms_address *a, struct span name)
{
    struct buf ucs2;
    struct buf septets;
    struct buf text;
    buf_init(&ucs2, (size_t)2 * SMS_SEPTETS_MAX);
    buf_init(&septets, NAME_SEPTETS_MAX);
    buf_init(&text, SMS_ADDRESS_MAX - 1);
    ucs2_from_utf8(name, &ucs2);
    (void)ucs2_to_gsm(buf_span(&ucs2), &septets); /* cut to what fits */
    buf_clear(&ucs2);
    ucs2_from_gsm(buf_span(&septets), &ucs2);
    ucs2_to_utf8(buf_span(&ucs2), &text);
    a->type = SMS_TOA_ALPHANUMERIC;
    set_text(a, buf_span(&text));
    buf_fini(&ucs2);
    buf_fini(&septets);
    buf_fini(&text);
    return true;
}

bool sms_address_set(struct sms_address *a, struct span text, uint8_t toda)
{
    *a = (struct sms_address){ 0 };
    if (text.n == 0 || memchr(text.p, 0, text.n) != NULL) {
        return false;
    }
    if (!sms_is_number(text)) {
        return set_name(a, text);
    }
    bool plus = text.p[0] == '+';
    struct span number = span_from(text, plus ? 1 : 0);
    if (number.n > SMS_DIGITS_MAX) {
        return false;
    }
    a->type = toda != 0 && !is_alphanumeric(toda) ? toda
              : plus                              ? SMS_TOA_INTERNATIONAL
                                                  : SMS_TOA_UNKNOWN;
    (void)snprintf(a->text, sizeof a->text, "%s%.*s", is_international(a->type) ? "+" : "",
                   (int)number.n, (const char *)number.p);
    return true;
}

static const char *number_of(const struct sms_address *a)
{
    return a->text + (a->text[0] == '+' ? 1 : 0);
}

/* Semi-octets, the first digit in the lower half; a half to spare is 1111 (9.1.2.3). */
static void add_semi_octets(const char *number, struct buf *to)
{
    for (size_t i = 0; number[i] != '\0'; i += 2) {
        unsigned low = (unsigned)(strchr(digits, number[i]) - digits);
        unsigned high =
            number[i + 1] == '\0' ? 0xF : (unsigned)(strchr(digits, number[i + 1]) - digits);
        (void)buf_add_byte(to, (uint8_t)(high << 4 | low));
        if (number[i + 1] == '\0') {
            break;
        }
    }
}

static void add_address(const struct sms_address *a, struct buf *to)
{
    struct buf value;
    buf_init(&value, SMS_UD_MAX);
    size_t semi_octets = strlen(number_of(a));
    if (is_alphanumeric(a->type)) {
        struct buf ucs2;
        struct buf septets;
        buf_init(&ucs2, SMS_ADDRESS_MAX * 2);
        buf_init(&septets, NAME_SEPTETS_MAX);
        ucs2_from_utf8(span_str(a->text), &ucs2);
        (void)ucs2_to_gsm(buf_span(&ucs2), &septets);
        gsm_pack(buf_span(&septets), 0, &value);
        semi_octets = (septets.n * 7 + 3) / 4;
        buf_fini(&ucs2);
        buf_fini(&septets);
    } else {
        add_semi_octets(number_of(a), &value);
    }
    (void)buf_add_byte(to, (uint8_t)semi_octets);
    (void)buf_add_byte(to, a->type);
    (void)buf_add(to, buf_span(&value));
    buf_fini(&value);
}

static bool read_number(struct sms_address *a, const uint8_t *octets, size_t n)
{
    size_t at = 0;
    if (is_international(a->type) && n > 0) {
        a->text[at++] = '+';
    }
    for (size_t i = 0; i < n; i++) {
        unsigned digit = i % 2 == 0 ? octets[i / 2] & 0xFU : octets[i / 2] >> 4;
        if (digit >= sizeof digits - 1) {
            return false;
        }
        a->text[at++] = digits[digit];
    }
    a->text[at] = '\0';
    return true;
}

static void read_name(struct sms_address *a, struct span octets, size_t semi_octets)
{
    struct buf septets;
    struct buf ucs2;
    struct buf text;
    buf_init(&septets, NAME_SEPTETS_MAX);
    buf_init(&ucs2, (size_t)2 * NAME_SEPTETS_MAX);
    buf_init(&text, SMS_ADDRESS_MAX - 1);
    gsm_unpack(octets, 0, semi_octets * 4 / 7, &septets);
    ucs2_from_gsm(buf_span(&septets), &ucs2);
    ucs2_to_utf8(buf_span(&ucs2), &text);
    set_text(a, buf_span(&text));
    buf_fini(&septets);
    buf_fini(&ucs2);
    buf_fini(&text);
}

/* The value of an address of so many semi-octets. */
static void take_address(struct reader *r, size_t semi_octets, struct sms_address *ret)
{
    uint8_t octets[SMS_DIGITS_MAX / 2] = { 0 };
    *ret = (struct sms_address){ .type = take_octet(r) };
    r->bad = r->bad || semi_octets > SMS_DIGITS_MAX;
    if (r->bad) {
        return;
    }
    size_t n = (semi_octets + 1) / 2;
    take(r, octets, n);
    if (is_alphanumeric(ret->type)) {
        read_name(ret, span_of(octets, n), semi_octets);
    } else {
        r->bad = !read_number(ret, octets, semi_octets) || r->bad;
    }
}

void sms_centre_add(const struct sms_address *a, struct buf *pdu)
{
    size_t n = strlen(number_of(a));
    if (n == 0) {
        (void)buf_add_byte(pdu, 0);
        return;
    }
    (void)buf_add_byte(pdu, (uint8_t)(1 + (n + 1) / 2));
    (void)buf_add_byte(pdu, a->type);
    add_semi_octets(number_of(a), pdu);
}

bool sms_centre_take(struct span *pdu, struct sms_address *ret)
{
    struct reader r = { .rest = *pdu };
    size_t n = take_octet(&r);
    *ret = (struct sms_address){ .type = SMS_TOA_UNKNOWN };
    if (n == 0 || n > SMS_SCA_MAX - 1 || r.rest.n < n || n == 1) {
        *pdu = r.rest;
        return !r.bad && n == 0;
    }
    size_t semi_octets = (n - 1) * 2;
    semi_octets -= r.rest.p[n - 1] >> 4 == 0xF ? 1 : 0;
    take_address(&r, semi_octets, ret);
    *pdu = r.rest;
    return !r.bad && !is_alphanumeric(ret->type);
}

/* --- data coding scheme (23.038 4) --- */

enum sms_alphabet sms_alphabet(uint8_t dcs)
{
    unsigned group = dcs >> 4;
    if (group < 8) { /* general data coding, automatic deletion; compressed text is octets */
        unsigned alphabet = dcs >> 2 & 3U;
        bool octets = (dcs & 0x20U) != 0 || alphabet == 1;
        return octets ? SMS_8BIT : alphabet == 2 ? SMS_UCS2 : SMS_GSM;
    }
    if (group == 0xF) {
        return (dcs & 4U) != 0 ? SMS_8BIT : SMS_GSM;
    }
    return group == 0xE ? SMS_UCS2 : SMS_GSM; /* message waiting; reserved groups */
}

int sms_class(uint8_t dcs)
{
    unsigned group = dcs >> 4;
    bool has_class = group == 0xF || (group < 8 && (dcs & 0x10U) != 0);
    return has_class ? dcs & 3 : -1;
}

/* --- user data --- */

static size_t octets_of(uint8_t dcs, size_t length)
{
    return sms_alphabet(dcs) == SMS_GSM ? (length * 7 + 7) / 8 : length;
}

static size_t header_of(const struct sms_tpdu *t)
{
    return (t->first & SMS_HEADER) != 0 && t->length > 0 ? t->ud[0] + 1U : 0;
}

/* Septets that the header takes with its fill bits, so that text begins at a septet (9.2.3.24). */
static size_t header_septets(size_t header)
{
    return (header * 8 + 6) / 7;
}

static void take_user_data(struct reader *r, struct sms_tpdu *t)
{
    t->length = take_octet(r);
    size_t n = octets_of(t->dcs, t->length);
    r->bad = r->bad || n > sizeof t->ud;
    if (r->bad) {
        return;
    }
    take(r, t->ud, n);
    bool header = (t->first & SMS_HEADER) != 0;
    r->bad = r->bad || (header && (t->length == 0 || header_of(t) > n));
    if (!r->bad && header && sms_alphabet(t->dcs) == SMS_GSM) {
        r->bad = header_septets(header_of(t)) > t->length;
    }
}

void sms_content(const struct sms_tpdu *t, struct buf *content)
{
    size_t header = header_of(t);
    if (sms_alphabet(t->dcs) != SMS_GSM) {
        (void)buf_add(content, span_of(t->ud + header, t->length - header));
        return;
    }
    size_t before = header_septets(header);
    size_t bit = before * 7;
    gsm_unpack(span_of(t->ud + bit / 8, sizeof t->ud - bit / 8), (unsigned)(bit % 8),
               t->length - before, content);
}

bool sms_content_set(struct sms_tpdu *t, struct span header, struct span content)
{
    bool text = sms_alphabet(t->dcs) == SMS_GSM;
    size_t before = text ? header_septets(header.n) : header.n;
    size_t most = text ? SMS_SEPTETS_MAX : SMS_UD_MAX;
    if (before > most || content.n > most - before) {
        return false;
    }
    struct buf ud;
    buf_init(&ud, SMS_UD_MAX);
    (void)buf_add(&ud, header);
    if (text) {
        gsm_pack(content, (unsigned)(before * 7 - header.n * 8), &ud);
    } else {
        (void)buf_add(&ud, content);
    }
    t->length = (uint8_t)(before + content.n);
    t->first = (uint8_t)(header.n > 0 ? t->first | SMS_HEADER : t->first & ~SMS_HEADER);
    if (ud.n > 0) {
        memcpy(t->ud, ud.p, ud.n);
    }
    buf_fini(&ud);
    return true;
}

/* --- the three TPDUs --- */

static size_t validity_octets(const struct sms_tpdu *t)
{
    unsigned form = t->first & SMS_VPF;
    return form == 0 ? 0 : form == SMS_VPF_RELATIVE ? 1 : SMS_TIME_OCTETS;
}

bool sms_tpdu_decode(struct span tpdu, struct sms_tpdu *ret)
{
    struct reader r = { .rest = tpdu };
    *ret = (struct sms_tpdu){ 0 };
    ret->first = take_octet(&r);
    if (r.bad || (ret->first & SMS_MTI) > SMS_STATUS_REPORT) {
        return false;
    }
    enum sms_type type = sms_type(ret);
    if (type != SMS_DELIVER) {
        ret->reference = take_octet(&r);
    }
    size_t semi_octets = take_octet(&r);
    take_address(&r, semi_octets, &ret->address);
    if (type == SMS_STATUS_REPORT) {
        take(&r, ret->scts, SMS_TIME_OCTETS);
        take(&r, ret->ended, SMS_TIME_OCTETS);
        ret->status = take_octet(&r);
        return !r.bad && r.rest.n == 0;
    }
    ret->pid = take_octet(&r);
    ret->dcs = take_octet(&r);
    if (type == SMS_DELIVER) {
        take(&r, ret->scts, SMS_TIME_OCTETS);
    } else {
        take(&r, ret->vp, validity_octets(ret));
    }
    take_user_data(&r, ret);
    return !r.bad && r.rest.n == 0;
}

void sms_tpdu_encode(const struct sms_tpdu *t, struct buf *tpdu)
{
    enum sms_type type = sms_type(t);
    (void)buf_add_byte(tpdu, t->first);
    if (type != SMS_DELIVER) {
        (void)buf_add_byte(tpdu, t->reference);
    }
    add_address(&t->address, tpdu);
    if (type == SMS_STATUS_REPORT) {
        (void)buf_add(tpdu, span_of(t->scts, SMS_TIME_OCTETS));
        (void)buf_add(tpdu, span_of(t->ended, SMS_TIME_OCTETS));
        (void)buf_add_byte(tpdu, t->status);
        return;
    }
    (void)buf_add_byte(tpdu, t->pid);
    (void)buf_add_byte(tpdu, t->dcs);
    if (type == SMS_DELIVER) {
        (void)buf_add(tpdu, span_of(t->scts, SMS_TIME_OCTETS));
    } else {
        (void)buf_add(tpdu, span_of(t->vp, validity_octets(t)));
    }
    (void)buf_add_byte(tpdu, t->length);
    (void)buf_add(tpdu, span_of(t->ud, octets_of(t->dcs, t->length)));
}

/* --- time stamps --- */

/* Digits of each octet swapped, the zone's sign in bit 3 (9.2.3.11). */
void sms_time_set(uint8_t octets[SMS_TIME_OCTETS], const char *text)
{
    for (size_t i = 0; i < SMS_TIME_OCTETS; i++) {
        const char *two = text + i * 3;
        octets[i] = (uint8_t)((two[1] - '0') << 4 | (two[0] - '0'));
    }
    if (text[17] == '-') {
        octets[6] |= 0x08U;
    }
}

void sms_time_text(const uint8_t octets[SMS_TIME_OCTETS], char text[24])
{
    static const char separators[] = "//,::";
    size_t n = 0;
    for (size_t i = 0; i < SMS_TIME_OCTETS; i++) {
        unsigned first = i == 6 ? octets[i] & 0x7U : octets[i] & 0xFU;
        unsigned second = octets[i] >> 4;
        if (i == 6) {
            text[n++] = (octets[i] & 0x08U) != 0 ? '-' : '+';
        }
        text[n++] = (char)('0' + first % 10); /* foreign octets need not be decimal */
        text[n++] = (char)('0' + second % 10);
        if (i < 5) {
            text[n++] = separators[i];
        }
    }
    text[n] = '\0';
}
