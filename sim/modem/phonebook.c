#include "sim/modem/phonebook.h"

#include "sim/modem/modem_int.h"

#define FILE_MAX (64U * 1024)

enum { CME_NOT_ALLOWED = 3, CME_PIN2 = 17, CME_INDEX = 21, CME_MEMORY = 23 };

/* Emergency numbers of the card's file 6FB7 (svc_sim.c). */
static const char *const emergency[] = { "112", "911" };

static bool is_written(enum pb_memory memory)
{
    return memory == PB_SM || memory == PB_ME;
}

static const struct pb_entry *place(const struct modem *m, enum pb_memory memory, unsigned i)
{
    const struct phonebook *b = &m->phonebook;
    switch (memory) {
    case PB_SM:
        return &b->sm[i];
    case PB_ME:
        return &b->me[i];
    case PB_DC:
    case PB_LD:
        return &b->dialled[i];
    case PB_MC:
        return &b->missed[i];
    case PB_RC:
        return &b->received[i];
    case PB_FD:
    case PB_EN:
    case PB_ON:
        break;
    }
    return NULL;
}

unsigned phonebook_total(enum pb_memory memory)
{
    static const unsigned total[] = {
        [PB_SM] = PB_ENTRIES, [PB_ME] = PB_ENTRIES,
        [PB_DC] = PB_CALLS,   [PB_LD] = PB_CALLS,
        [PB_MC] = PB_CALLS,   [PB_RC] = PB_CALLS,
        [PB_FD] = 10,         [PB_EN] = ARRAY_LEN(emergency),
        [PB_ON] = 1,
    };
    return total[memory];
}

bool phonebook_make(struct pb_entry *e, struct span number, int32_t type, struct span name)
{
    bool plus = number.n > 0 && number.p[0] == '+';
    struct span digits = plus ? span_from(number, 1) : number;
    if (digits.n == 0 || digits.n > PB_NUMBER_MAX || name.n > PB_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i++) {
        if (!voice_is_digit(digits.p[i])) {
            return false;
        }
    }
    *e = (struct pb_entry){ .type = plus ? 145 : type };
    size_t at = 0;
    if (e->type == 145) {
        e->number[at++] = '+';
    }
    memcpy(e->number + at, digits.p, digits.n);
    if (name.n > 0) {
        memcpy(e->name, name.p, name.n);
    }
    return true;
}

bool phonebook_get(const struct modem *m, enum pb_memory memory, unsigned index,
                   struct pb_entry *ret)
{
    if (index == 0 || index > phonebook_total(memory)) {
        return false;
    }
    const struct pb_entry *e = place(m, memory, index - 1);
    if (e != NULL && e->number[0] != '\0') {
        *ret = *e;
        return true;
    }
    struct span number = memory == PB_EN   ? span_str(emergency[index - 1])
                         : memory == PB_ON ? span_str(m->profile->sim_msisdn)
                                           : span_of(NULL, 0);
    return phonebook_make(ret, number, 129, span_of(NULL, 0));
}

unsigned phonebook_used(const struct modem *m, enum pb_memory memory)
{
    struct pb_entry e;
    unsigned used = 0;
    for (unsigned i = 1; i <= phonebook_total(memory); i++) {
        used += phonebook_get(m, memory, i, &e) ? 1 : 0;
    }
    return used;
}

unsigned phonebook_free(const struct modem *m, enum pb_memory memory)
{
    struct pb_entry e;
    for (unsigned i = 1; is_written(memory) && i <= phonebook_total(memory); i++) {
        if (!phonebook_get(m, memory, i, &e)) {
            return i;
        }
    }
    return 0;
}

bool phonebook_find(const struct modem *m, enum pb_memory memory, struct span name,
                    struct pb_entry *ret)
{
    for (unsigned i = 1; i <= phonebook_total(memory); i++) {
        if (phonebook_get(m, memory, i, ret) && span_eq(span_str(ret->name), name)) {
            return true;
        }
    }
    return false;
}

const char *phonebook_name(const struct modem *m, const char *number)
{
    const struct phonebook *b = &m->phonebook;
    for (unsigned i = 0; number[0] != '\0' && i < PB_ENTRIES; i++) {
        if (strcmp(b->sm[i].number, number) == 0) {
            return b->sm[i].name;
        }
        if (strcmp(b->me[i].number, number) == 0) {
            return b->me[i].name;
        }
    }
    return "";
}

void phonebook_note(struct modem *m, enum pb_memory list, const char *number, int32_t type)
{
    struct phonebook *b = &m->phonebook;
    struct pb_entry *calls = list == PB_MC ? b->missed : list == PB_RC ? b->received : b->dialled;
    struct pb_entry e;
    const char *name = phonebook_name(m, number);
    if (phonebook_make(&e, span_str(number), type, span_str(name))) {
        memmove(calls + 1, calls, (PB_CALLS - 1) * sizeof *calls);
        calls[0] = e;
    }
}

/* --- NVRAM: lines "index=number,type,name" --- */

static const char *file_of(enum pb_memory memory)
{
    return memory == PB_SM ? "phonebook-sim" : "phonebook-modem";
}

static bool store(struct modem *m, enum pb_memory memory)
{
    struct buf text;
    buf_init(&text, FILE_MAX);
    struct pb_entry e;
    for (unsigned i = 1; i <= PB_ENTRIES; i++) {
        if (phonebook_get(m, memory, i, &e)) {
            (void)buf_addf(&text, "%u=%s,%d,%s\n", i, e.number, (int)e.type, e.name);
        }
    }
    bool ok = nvram_put(m, file_of(memory), buf_span(&text));
    buf_fini(&text);
    return ok;
}

/* Takes the text up to the next comma off *rest. */
static struct span field(struct span *rest)
{
    const uint8_t *comma = rest->n == 0 ? NULL : memchr(rest->p, ',', rest->n);
    struct span part = span_of(rest->p, comma == NULL ? rest->n : (size_t)(comma - rest->p));
    *rest = span_from(*rest, part.n + 1);
    return part;
}

static bool printable(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < ' ' || name.p[i] == '"') {
            return false;
        }
    }
    return true;
}

static void load(struct modem *m, enum pb_memory memory, struct pb_entry *entries)
{
    struct buf text;
    buf_init(&text, FILE_MAX);
    nvram_get(m, file_of(memory), &text);
    struct span rest = buf_span(&text);
    struct span key;
    struct span value;
    while (nvram_line(&rest, &key, &value)) {
        int32_t index = 0;
        int32_t type = 0;
        struct pb_entry e;
        struct span number = field(&value);
        bool ok = schema_number(key, false, &index) && index >= 1 && index <= PB_ENTRIES &&
                  schema_number(field(&value), false, &type) && printable(value);
        if (ok && phonebook_make(&e, number, type, value)) {
            entries[index - 1] = e;
        }
    }
    buf_fini(&text);
}

uint32_t phonebook_put(struct modem *m, enum pb_memory memory, unsigned index,
                       const struct pb_entry *entry)
{
    if (memory == PB_FD) {
        return CME_PIN2;
    }
    if (!is_written(memory)) {
        return CME_NOT_ALLOWED;
    }
    if (index == 0 || index > PB_ENTRIES) {
        return CME_INDEX;
    }
    struct pb_entry *e =
        memory == PB_SM ? &m->phonebook.sm[index - 1] : &m->phonebook.me[index - 1];
    struct pb_entry old = *e;
    *e = entry == NULL ? (struct pb_entry){ 0 } : *entry;
    if (!store(m, memory)) {
        *e = old;
        return CME_MEMORY;
    }
    return 0;
}

/* --- life --- */

void phonebook_init(struct modem *m)
{
    load(m, PB_SM, m->phonebook.sm);
    load(m, PB_ME, m->phonebook.me);
}

void phonebook_reset(struct modem *m)
{
    struct phonebook *b = &m->phonebook;
    memset(b->dialled, 0, sizeof b->dialled);
    memset(b->missed, 0, sizeof b->missed);
    memset(b->received, 0, sizeof b->received);
}
