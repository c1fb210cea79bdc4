/* The dial string of ATD (V.250 6.3.1; 27.007 6.2 to 6.5; general-commands.md B4.8). */
#include "sim/modem/gates.h"

enum { CME_INDEX = 21, CME_NOT_FOUND = 22 };

static bool is_one_of(uint8_t c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

/* CLIR of this call alone; closed user groups are not modelled. */
static void read_suffix(uint8_t c, struct dialled *ret)
{
    ret->clir = c == 'I' ? 1 : c == 'i' ? 2 : ret->clir;
}

/* Digits are taken; pauses, and how to dial in a network of wires, mean nothing here; I and G stand
 * behind the number (27.007 6.2). */
static bool read_number(struct span text, struct dialled *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        bool digit = voice_is_digit(c) || (c == '+' && n == 0);
        bool suffix = n > 0 && is_one_of(c, "IiGg");
        if (digit && n < VOICE_NUMBER_MAX) {
            ret->number[n++] = ascii_upper((char)c);
        } else if (suffix) {
            read_suffix(c, ret);
        } else if (!is_one_of(c, ",TtPpWw!@- ")) {
            return false;
        }
    }
    ret->number[n] = '\0';
    return true;
}

/* What stands behind '>': a name in quotes, a place, or a memory and a place: "Bob", 3, SM3,
 * "SM"3. */
struct from_book {
    enum pb_memory memory;
    struct span name; /* empty: by place */
    int32_t index;
};

static bool read_place(struct span text, int32_t *ret)
{
    return schema_number(text, false, ret) && *ret >= 0;
}

/* The memory that 'text' begins with, in quotes or not: its place in the list, or -1. */
static int32_t read_memory(struct span text, struct span *ret_behind)
{
    static const struct param memories = { .list = PB_MEMORIES };
    bool quoted = text.n >= 4 && text.p[0] == '"' && text.p[3] == '"';
    size_t n = quoted ? 4 : 2;
    if (text.n < n) {
        return -1;
    }
    *ret_behind = span_from(text, n);
    return schema_word_place(&memories, span_of(text.p + (quoted ? 1 : 0), 2));
}

static bool read_book(const struct modem *m, struct span text, struct from_book *ret)
{
    bool name = text.n > 2 && text.p[0] == '"' && text.p[text.n - 1] == '"';
    struct span behind = { NULL, 0 };
    int32_t memory = read_memory(text, &behind);
    if (name) {
        ret->name = span_of(text.p + 1, text.n - 2);
        return memchr(ret->name.p, '"', ret->name.n) == NULL;
    }
    ret->memory = (enum pb_memory)(memory < 0 ? m->set.cpbs : memory);
    return read_place(memory < 0 ? text : behind, &ret->index);
}

static bool find_name(const struct modem *m, struct span name, struct pb_entry *ret)
{
    return phonebook_find(m, (enum pb_memory)m->set.cpbs, name, ret) ||
           phonebook_find(m, PB_SM, name, ret) || phonebook_find(m, PB_ME, name, ret);
}

static struct at_result from_phonebook(struct modem *m, struct span text, struct dialled *ret)
{
    struct from_book where = { .memory = PB_SM };
    struct pb_entry e;
    while (text.n > 0 && is_one_of(text.p[text.n - 1], "IiGg")) {
        read_suffix(text.p[--text.n], ret);
    }
    if (!read_book(m, text, &where)) {
        return AT_ERROR;
    }
    int busy = gate_phonebook.check(m->ch, NULL);
    if (busy != 0) {
        return AT_CME((uint32_t)busy);
    }
    if (where.name.n == 0 &&
        (where.index < 1 || (unsigned)where.index > phonebook_total(where.memory))) {
        return AT_CME(CME_INDEX);
    }
    bool found = where.name.n > 0 ? find_name(m, where.name, &e)
                                  : phonebook_get(m, where.memory, (unsigned)where.index, &e);
    if (!found) {
        return AT_CME(CME_NOT_FOUND);
    }
    voice_copy_number(ret->number, span_str(e.number));
    return AT_OK;
}

struct at_result dial_read(struct modem *m, struct span text, struct dialled *ret)
{
    *ret = (struct dialled){ .voice = text.n > 0 && text.p[text.n - 1] == ';' };
    text.n -= ret->voice ? 1 : 0;
    if (text.n > 0 && text.p[0] == '>') {
        return from_phonebook(m, span_from(text, 1), ret);
    }
    bool ok = read_number(text, ret) && (ret->number[0] != '\0' || !ret->voice);
    return ok ? AT_OK : AT_ERROR;
}
