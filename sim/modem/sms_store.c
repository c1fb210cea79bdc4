/* The memories of messages, and their file: lines "SM3=1,<pdu>" (memory, index, <stat>, hexadecimal
 * digits), the service centre and the reference of the next message. */
#include <stdio.h>

#include "sim/modem/charset.h"
#include "sim/modem/modem_int.h"

#define MESSAGES_FILE "messages"
#define FILE_MAX      (64U * 1024)

enum { CMS_MEMORY_FAILURE = 320, CMS_MEMORY_FULL = 322 };

/* --- memories --- */

const char *sms_memory_name(enum sms_memory memory)
{
    static const char *const names[] = {
        [SMS_ME] = "ME", [SMS_MT] = "MT", [SMS_SM] = "SM", [SMS_SR] = "SR"
    };
    return names[memory];
}

enum sms_memory sms_chosen(const struct modem *m, unsigned which)
{
    int32_t word = m->set.cpms[which];
    if (which == 2) {
        return word == 0 ? SMS_ME : SMS_SM; /* its list is ("ME","SM") */
    }
    return (enum sms_memory)word;
}

int32_t sms_capacity(enum sms_memory memory)
{
    static const int32_t places[] = { [SMS_ME] = SMS_ME_PLACES,
                                      [SMS_MT] = SMS_SM_PLACES + SMS_ME_PLACES,
                                      [SMS_SM] = SMS_SM_PLACES,
                                      [SMS_SR] = SMS_SR_PLACES };
    return places[memory];
}

struct sms_message *sms_place(struct modem *m, enum sms_memory memory, int32_t index)
{
    if (index < 0 || index >= sms_capacity(memory) || memory == SMS_SR) {
        return NULL;
    }
    if (memory == SMS_MT && index >= SMS_SM_PLACES) {
        return &m->sms.me[index - SMS_SM_PLACES];
    }
    return memory == SMS_ME ? &m->sms.me[index] : &m->sms.sm[index];
}

static int32_t count(const struct sms_message *places, size_t n)
{
    int32_t used = 0;
    for (size_t i = 0; i < n; i++) {
        used += places[i].n > 0 ? 1 : 0;
    }
    return used;
}

int32_t sms_used(const struct modem *m, enum sms_memory memory)
{
    bool card = memory == SMS_SM || memory == SMS_MT;
    bool module = memory == SMS_ME || memory == SMS_MT;
    return (card ? count(m->sms.sm, SMS_SM_PLACES) : 0) +
           (module ? count(m->sms.me, SMS_ME_PLACES) : 0);
}

uint32_t sms_keep(struct modem *m, enum sms_memory memory, const struct sms_message *msg,
                  int32_t *ret_index)
{
    for (int32_t i = 0; i < sms_capacity(memory); i++) {
        struct sms_message *place = sms_place(m, memory, i);
        if (place != NULL && place->n == 0) {
            *place = *msg;
            if (!sms_store(m)) {
                place->n = 0;
                return CMS_MEMORY_FAILURE;
            }
            *ret_index = i;
            return 0;
        }
    }
    return CMS_MEMORY_FULL;
}

/* --- messages --- */

void sms_message_set(struct sms_message *msg, const struct sms_address *centre, struct span tpdu)
{
    struct buf pdu;
    buf_init(&pdu, SMS_PDU_MAX);
    sms_centre_add(centre, &pdu);
    CHECK(buf_add(&pdu, tpdu));
    memcpy(msg->pdu, pdu.p, pdu.n);
    msg->n = (uint8_t)pdu.n;
    buf_fini(&pdu);
}

void sms_message_read(const struct sms_message *msg, struct sms_address *ret_centre,
                      struct sms_tpdu *ret, size_t *ret_tpdu_octets)
{
    struct span pdu = span_of(msg->pdu, msg->n);
    CHECK(sms_centre_take(&pdu, ret_centre));
    CHECK(sms_tpdu_decode(pdu, ret));
    *ret_tpdu_octets = pdu.n;
}

/* --- the file --- */

static void add_memory(struct modem *m, enum sms_memory memory, struct buf *text)
{
    for (int32_t i = 0; i < sms_capacity(memory); i++) {
        const struct sms_message *msg = sms_place(m, memory, i);
        if (msg->n > 0) {
            (void)buf_addf(text, "%s%d=%d,", sms_memory_name(memory), (int)i, (int)msg->state);
            hex_add(span_of(msg->pdu, msg->n), text);
            (void)buf_add_byte(text, '\n');
        }
    }
}

bool sms_store(struct modem *m)
{
    struct buf text;
    buf_init(&text, FILE_MAX);
    (void)buf_addf(&text, "centre=%d,%s\nreference=%d\n", (int)m->sms.centre.type,
                   m->sms.centre.text, (int)m->sms.reference);
    add_memory(m, SMS_SM, &text);
    add_memory(m, SMS_ME, &text);
    bool ok = nvram_put(m, MESSAGES_FILE, buf_span(&text));
    buf_fini(&text);
    return ok;
}

/* "<number>,<rest>" */
static bool number_first(struct span *value, int32_t lo, int32_t hi, int32_t *ret)
{
    const uint8_t *comma = value->n == 0 ? NULL : memchr(value->p, ',', value->n);
    if (comma == NULL) {
        return false;
    }
    size_t n = (size_t)(comma - value->p);
    bool ok = schema_number(span_of(value->p, n), false, ret) && *ret >= lo && *ret <= hi;
    *value = span_from(*value, n + 1);
    return ok;
}

static void load_centre(struct modem *m, struct span value)
{
    int32_t type = 0;
    struct sms_address a = { .type = SMS_TOA_UNKNOWN };
    bool ok = number_first(&value, SMS_TOA_UNKNOWN - 1, UINT8_MAX, &type);
    if (ok &&
        (value.n == 0 || (sms_is_number(value) && sms_address_set(&a, value, (uint8_t)type)))) {
        m->sms.centre = a;
    }
}

/* A message as this program wrote it: what does not decode is left out. */
static void load_message(struct sms_message *place, struct span value)
{
    int32_t state = 0;
    struct sms_address centre;
    struct sms_tpdu t;
    struct buf pdu;
    buf_init(&pdu, SMS_PDU_MAX);
    bool ok = number_first(&value, SMS_REC_UNREAD, SMS_STO_SENT, &state) &&
              value.n <= (size_t)2 * SMS_PDU_MAX && hex_read(value, &pdu);
    struct span tpdu = buf_span(&pdu);
    if (ok && sms_centre_take(&tpdu, &centre) && sms_tpdu_decode(tpdu, &t)) {
        place->state = (uint8_t)state;
        place->n = (uint8_t)pdu.n;
        memcpy(place->pdu, pdu.p, pdu.n);
    }
    buf_fini(&pdu);
}

static void load_line(struct modem *m, struct span name, struct span value)
{
    int32_t number = 0;
    if (span_eq(name, SPAN_LIT("centre"))) {
        load_centre(m, value);
    } else if (span_eq(name, SPAN_LIT("reference"))) {
        bool ok = schema_number(value, false, &number) && number >= 0 && number <= UINT8_MAX;
        m->sms.reference = ok ? (uint8_t)number : m->sms.reference;
    } else if (name.n > 2 && schema_number(span_from(name, 2), false, &number)) {
        enum sms_memory memory = span_eq(span_of(name.p, 2), SPAN_LIT("ME")) ? SMS_ME : SMS_SM;
        struct sms_message *place = sms_place(m, memory, number);
        if (place != NULL) {
            load_message(place, value);
        }
    }
}

/* --- life --- */

void sms_init(struct modem *m)
{
    CHECK(sms_address_set(&m->sms.centre, SPAN_LIT(SMS_CENTRE), 0));
    struct buf file;
    buf_init(&file, FILE_MAX);
    nvram_get(m, MESSAGES_FILE, &file);
    struct span rest = buf_span(&file);
    struct span name;
    struct span value;
    while (nvram_line(&rest, &name, &value)) {
        load_line(m, name, value);
    }
    buf_fini(&file);
}

void sms_reset(struct modem *m)
{
    timer_stop(&m->sms.timer);
    m->sms.untold_n = 0;
    m->sms.unacknowledged = 0;
}

void sms_fini(struct modem *m)
{
    timer_stop(&m->sms.timer);
}
