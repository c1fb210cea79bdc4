/* Phonebook commands (general-commands.md B4.8; 27.007 8.11-8.14). */
#include "sim/modem/gates.h"

#define PB_TEXT_MAX (4 * PB_NAME_MAX) /* as UCS2 is written */

enum { CME_MEMORY_FULL = 20, CME_INDEX = 21, CME_DIAL_CHARACTERS = 27 };

static enum pb_memory selected(const struct modem *m)
{
    return (enum pb_memory)m->set.cpbs;
}

static struct at_result cpbs_read(struct at_chan *ch, const struct at_call *call)
{
    const struct modem *m = modem_of(ch);
    struct span word = schema_word(&call->cmd->setting->params[0], m->set.cpbs);
    at_info(ch, "+CPBS: \"%.*s\",%u,%u", (int)word.n, (const char *)word.p,
            phonebook_used(m, selected(m)), phonebook_total(selected(m)));
    return AT_OK;
}

static void print_entry(struct at_chan *ch, const char *name, unsigned index,
                        const struct pb_entry *e)
{
    char text[HOST_TEXT_SIZE];
    at_info(ch, "%s: %u,\"%s\",%d,\"%s\"", name, index, e->number, (int)e->type,
            host_text(modem_of(ch), e->name, text));
}

/* The name that the host wrote; false: none that an entry can hold. */
static bool read_name(const struct modem *m, struct span text, char ret[PB_NAME_MAX + 1])
{
    struct buf name;
    buf_init(&name, (size_t)3 * PB_TEXT_MAX);
    bool ok = host_text_read(m, text, &name) && name.n <= PB_NAME_MAX;
    memset(ret, 0, PB_NAME_MAX + 1);
    if (ok && name.n > 0) {
        memcpy(ret, name.p, name.n);
    }
    buf_fini(&name);
    return ok;
}

static struct at_result cpbr_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CPBR: (1-%u),%d,%d", phonebook_total(selected(modem_of(ch))), PB_NUMBER_MAX,
            PB_NAME_MAX);
    return AT_OK;
}

static struct at_result cpbr_set(struct at_chan *ch, const struct at_call *call)
{
    const struct modem *m = modem_of(ch);
    unsigned first = (unsigned)call->arg[0].num;
    unsigned last = call->arg[1].present ? (unsigned)call->arg[1].num : first;
    if (first > last) {
        return AT_ERROR;
    }
    if (last > phonebook_total(selected(m))) {
        return AT_CME(CME_INDEX);
    }
    struct pb_entry e;
    for (unsigned i = first; i <= last; i++) {
        if (phonebook_get(m, selected(m), i, &e)) {
            print_entry(ch, "+CPBR", i, &e);
        }
    }
    return AT_OK;
}

static struct at_result cpbf_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CPBF: %d,%d", PB_NUMBER_MAX, PB_NAME_MAX);
    return AT_OK;
}

/* Entries whose name begins with the text; none is no error. */
static struct at_result cpbf_set(struct at_chan *ch, const struct at_call *call)
{
    const struct modem *m = modem_of(ch);
    char name[PB_NAME_MAX + 1];
    struct pb_entry e;
    if (!read_name(m, call->arg[0].str, name)) {
        return AT_ERROR;
    }
    struct span text = span_str(name);
    for (unsigned i = 1; i <= phonebook_total(selected(m)); i++) {
        if (phonebook_get(m, selected(m), i, &e) && strlen(e.name) >= text.n &&
            span_eq_nocase(span_of(e.name, text.n), text)) {
            print_entry(ch, "+CPBF", i, &e);
        }
    }
    return AT_OK;
}

static struct at_result cpbw_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CPBW: (1-%u),%d,(129,145,161),%d", phonebook_total(selected(modem_of(ch))),
            PB_NUMBER_MAX, PB_NAME_MAX);
    return AT_OK;
}

/* With a number it writes, at the first empty place when there is no index; without one it
 * deletes. */
static struct at_result cpbw_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    const struct value *index = &call->arg[0];
    const struct value *number = &call->arg[1];
    if (!index->present && !number->present) {
        return AT_ERROR;
    }
    struct pb_entry e;
    char name[PB_NAME_MAX + 1];
    if (!read_name(m, call->arg[3].str, name)) {
        return AT_ERROR;
    }
    bool write = number->present && number->str.n > 0;
    if (write && !phonebook_make(&e, number->str, call->arg[2].num, span_str(name))) {
        return AT_CME(CME_DIAL_CHARACTERS);
    }
    unsigned at = index->present ? (unsigned)index->num : phonebook_free(m, selected(m));
    if (at == 0 && phonebook_total(selected(m)) == PB_ENTRIES) {
        return AT_CME(CME_MEMORY_FULL);
    }
    uint32_t error = phonebook_put(m, selected(m), at, write ? &e : NULL);
    return error == 0 ? AT_OK : AT_CME(error);
}

/* clang-format off */
#define CLAUSE .clause = "general-commands.md B4.8"
#define INDEX(n, d, f) P_INT(n, 1, PB_ENTRIES, d, .flags = (f))

static const struct at_cmd rows[] = {
    { .name = "+CPBS", .doc = "Selects the memory that the other phonebook commands work on.", CLAUSE, .evidence = EV_MANUAL,
      .read = cpbs_read, .group = &gate_phonebook,
      AT_SETTING(struct settings, cpbs, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_WORD("storage", PB_MEMORIES, "memory")), .reply = "+CPBS: \"<storage>\",<used>,<total>" },
    { .name = "+CPBR", .doc = "Reads entries of the phonebook.", CLAUSE, .evidence = EV_MANUAL, .test = cpbr_test, .set = cpbr_set, .group = &gate_phonebook,
      AT_PARAMS(INDEX("index1", "first entry", 0), INDEX("index2", "last entry", PARAM_OPTIONAL)), .reply = "+CPBR: <index>,\"<number>\",<type>,\"<text>\"" },
    { .name = "+CPBF", .doc = "Finds entries of the phonebook by the beginning of their text.", CLAUSE, .evidence = EV_MANUAL, .test = cpbf_test, .set = cpbf_set, .group = &gate_phonebook,
      AT_PARAMS(P_STR("findtext", 0, PB_TEXT_MAX, "beginning of the text")), .reply = "+CPBF: <index>,\"<number>\",<type>,\"<text>\"" },
    { .name = "+CPBW", .doc = "Writes an entry of the phonebook, or deletes it.", CLAUSE, .evidence = EV_MANUAL, .test = cpbw_test, .set = cpbw_set, .group = &gate_phonebook,
      AT_PARAMS(INDEX("index", "place; absent: the first empty one", PARAM_OPTIONAL), P_STR("number", 0, PB_NUMBER_MAX + 1, "absent: the entry is deleted", .flags = PARAM_OPTIONAL),
                P_INT("type", 129, 161, "145: international", .list = "129,145,161", .def = 129, .flags = PARAM_OPTIONAL), P_STR("text", 0, PB_TEXT_MAX, "name", .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */

const struct at_service service_phonebook = { "Phonebook", rows, ARRAY_LEN(rows) };
