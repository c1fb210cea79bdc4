#include "sim/modem/dump.h"

#include "sim/modem/modem_int.h"

static const char *const evidence_names[] = { "unstated", "inferred", "client code", "manual",
                                              "capture" };

/* The letters of general-commands.md 0.2, in the order that documents use. */
static const struct {
    enum at_form form;
    char letter;
} form_letters[] = { { AT_TEST, 'T' }, { AT_READ, 'R' }, { AT_SET, 'W' }, { AT_EXEC, 'X' } };

/* What the rows do not have: commands that are refused, and what clients send. */
static const struct {
    const char *name, *kind, *why;
} refused[] = {

#define REFUSED(name, kind, why) { (name), #kind, (why) },
#include "sim/modem/refused.def"
#undef REFUSED
};

static const struct {
    const char *name;
    unsigned clients;
} surveyed[] = {

#define SURVEYED(name, clients) { (name), (clients) },
#include "sim/modem/surveyed.def"
#undef SURVEYED
};

/* Is this offered by the profile? 'bits' as in struct at_variant. */
static bool offers(const struct profile *p, unsigned bits)
{
    return bits == 0 || (bits & profile_offers(p)) != 0;
}

/* --- commands, Markdown --- */

static void forms(const struct at_cmd *c, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(form_letters); i++) {
        if (at_has_form(c, form_letters[i].form)) {
            (void)buf_add_byte(out, (uint8_t)form_letters[i].letter);
        }
    }
}

static void evidence_md(const struct at_cmd *c, struct buf *out)
{
    (void)buf_addf(out, " Evidence: %s", evidence_names[c->evidence]);
    for (size_t i = 0; i < ARRAY_LEN(form_letters); i++) {
        enum at_evidence of_form = at_evidence_of(c, form_letters[i].form);
        if (at_has_form(c, form_letters[i].form) && of_form != c->evidence) {
            (void)buf_addf(out, ", %c %s", form_letters[i].letter, evidence_names[of_form]);
        }
    }
    (void)buf_addf(out, " (%s).\n", c->clause);
}

static void params(const struct param *p, unsigned n, schema_ranges ranges, struct buf *out)
{
    for (unsigned i = 0; i < n; i++) {
        bool optional = (p[i].flags & PARAM_OPTIONAL) != 0;
        (void)buf_addf(out, "  - `%s` %s", p[i].name, p[i].type == PARAM_STR ? "text, bytes " : "");
        schema_range_text(&(struct param){ .type = p[i].type,
                                           .lo = p[i].lo,
                                           .hi = p[i].hi,
                                           .list = p[i].list,
                                           .vary = p[i].vary },
                          ranges, out);
        (void)buf_addf(out, "%s", optional ? ", optional" : "");
        if (p[i].refuse != 0) {
            (void)buf_addf(out, ", out of range: %d", (int)p[i].refuse);
        }
        (void)buf_addf(out, ": %s\n", p[i].doc);
    }
}

static void command_md(const struct at_cmd *c, const struct profile *p, struct buf *out)
{
    schema_ranges ranges = p->ranges;
    (void)buf_addf(out, "### AT%s\n\n%s Forms: ", c->name, c->doc);
    forms(c, out);
    (void)buf_addf(out, ".");
    evidence_md(c, out);
    if (c->reply != NULL) {
        (void)buf_addf(out, "Answer: `%s`\n", c->reply);
    }
    (void)buf_addf(out, "\n");
    params(c->params, schema_offered(c->params, c->n_params, profile_offers(p)), ranges, out);
    if (c->setting != NULL) {
        params(c->setting->params, c->setting->n, ranges, out);
    }
    for (unsigned i = 0; i < c->n_variants; i++) {
        const struct at_variant *v = &c->variants[i];
        if (offers(p, v->offered)) {
            (void)buf_addf(out, "- `\"%s\"`: %s\n", v->key, v->doc);
            params(v->params, v->n_params, ranges, out);
        }
    }
    (void)buf_addf(out, "\n");
}

static void refused_md(struct buf *out)
{
    (void)buf_addf(out,
                   "## Refused\n\nThese answer `ERROR`: *hardware*, as a SIM7600 does; *later*, "
                   "because they are not modelled yet.\n\n"
                   "| Command | Kind | Why |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        (void)buf_addf(out, "| AT%s | %s | %s |\n", refused[i].name, refused[i].kind,
                       refused[i].why);
    }
}

static void commands_md(const struct profile *p, struct buf *out)
{
    (void)buf_addf(
        out,
        "# AT commands\n\nMade by `sim7600 --dump commands:md` from the rows of the program, "
        "profile "
        "%s. Forms: T test `=?`, R read `?`, W write `=`, X execution.\nWhat is not listed "
        "here answers `ERROR`, as an unknown command does on hardware.\n\n",
        p->name);
    for (size_t s = 0; s < modem_table.n; s++) {
        (void)buf_addf(out, "## %s\n\n", modem_table.services[s]->title);
        for (size_t r = 0; r < modem_table.services[s]->n; r++) {
            const struct at_cmd *c = &modem_table.services[s]->rows[r];
            if (offers(p, c->offered)) {
                command_md(c, p, out);
            }
        }
    }
    refused_md(out);
}

/* --- commands, JSON --- */

static void part_json(void *arg, int32_t lo, int32_t hi)
{
    struct buf *out = arg;
    (void)buf_addf(out, "%s[%d,%d]", out->p[out->n - 1] == '[' ? "" : ",", (int)lo, (int)hi);
}

static const char *const type_names[] = {
    [PARAM_INT] = "number", [PARAM_STR] = "string", [PARAM_WORD] = "word"
};

static void params_json(const struct param *p, unsigned n, schema_ranges ranges, struct buf *out)
{
    (void)buf_addf(out, "[");
    for (unsigned i = 0; i < n; i++) {
        struct buf range;
        buf_init(&range, 256);
        schema_range_text(&p[i], ranges, &range);
        (void)buf_addf(out, "%s{\"name\":\"%s\",\"type\":\"%s\",\"range\":", i == 0 ? "" : ",",
                       p[i].name, type_names[p[i].type]);
        buf_add_quoted(out, buf_span(&range));
        (void)buf_addf(out, ",\"parts\":[");
        schema_each_part(&p[i], ranges, part_json, out);
        (void)buf_addf(out,
                       "],\"optional\":%s,\"early\":%s,\"default\":%d,\"refuse\":%d,"
                       "\"refuse_type\":%d,\"doc\":",
                       (p[i].flags & PARAM_OPTIONAL) != 0 ? "true" : "false",
                       (p[i].flags & PARAM_EARLY) != 0 ? "true" : "false", (int)p[i].def,
                       (int)p[i].refuse, (int)p[i].refuse_type);
        buf_add_quoted(out, span_str(p[i].doc));
        (void)buf_addf(out, "}");
        buf_fini(&range);
    }
    (void)buf_addf(out, "]");
}

static void variants_json(const struct at_cmd *c, const struct profile *p, struct buf *out)
{
    const char *before = "";
    (void)buf_addf(out, ",\"keys\":{");
    for (unsigned i = 0; i < c->n_variants; i++) {
        if (offers(p, c->variants[i].offered)) {
            (void)buf_addf(out, "%s\"%s\":", before, c->variants[i].key);
            params_json(c->variants[i].params, c->variants[i].n_params, p->ranges, out);
            before = ",";
        }
    }
    before = "";
    (void)buf_addf(out, "},\"refused_keys\":[");
    for (unsigned i = 0; i < c->n_variants; i++) {
        if (!offers(p, c->variants[i].offered)) {
            (void)buf_addf(out, "%s\"%s\"", before, c->variants[i].key);
            before = ",";
        }
    }
    (void)buf_addf(out, "]");
}

/* The beginning of every entry: its name, and how many of the surveyed clients send it. */
static void entry_json(const char *name, struct buf *out)
{
    unsigned clients = 0;
    for (size_t i = 0; i < ARRAY_LEN(surveyed); i++) {
        clients = strcmp(surveyed[i].name, name) == 0 ? surveyed[i].clients : clients;
    }
    (void)buf_addf(out, "%s\n{\"name\":", out->p[out->n - 1] == '[' ? "" : ",");
    buf_add_quoted(out, span_str(name));
    (void)buf_addf(out, ",\"clients\":%u", clients);
}

static void command_json(const struct at_cmd *c, const struct profile *p, struct buf *out)
{
    entry_json(c->name, out);
    (void)buf_addf(out, ",\"forms\":\"");
    forms(c, out);
    (void)buf_addf(out, "\",\"evidence\":{");
    const char *before = "";
    for (size_t i = 0; i < ARRAY_LEN(form_letters); i++) {
        if (at_has_form(c, form_letters[i].form)) {
            (void)buf_addf(out, "%s\"%c\":\"%s\"", before, form_letters[i].letter,
                           evidence_names[at_evidence_of(c, form_letters[i].form)]);
            before = ",";
        }
    }
    (void)buf_addf(out, "},\"clause\":");
    buf_add_quoted(out, span_str(c->clause));
    (void)buf_addf(out, ",\"doc\":");
    buf_add_quoted(out, span_str(c->doc));
    (void)buf_addf(out, ",\"reply\":");
    buf_add_quoted(out, span_str(c->reply));
    (void)buf_addf(out, ",\"prompt\":%s,\"depends_on_state\":%s,\"parameters\":",
                   c->data != NULL ? "true" : "false",
                   c->group != NULL && c->group->check != NULL ? "true" : "false");
    unsigned n = c->setting != NULL ? c->setting->n : c->n_params;
    const struct param *list = c->setting != NULL ? c->setting->params : c->params;
    params_json(list, schema_offered(list, n, profile_offers(p)), p->ranges, out);
    variants_json(c, p, out);
    (void)buf_addf(out, "}");
}

/* The entry of a command that this profile refuses. */
static void refused_json(const char *name, const char *kind, const char *why, struct buf *out)
{
    entry_json(name, out);
    (void)buf_addf(out, ",\"forms\":\"\",\"refused\":\"%s\",\"doc\":", kind);
    buf_add_quoted(out, span_str(why));
    (void)buf_addf(out, "}");
}

static void commands_json(const struct profile *p, struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t s = 0; s < modem_table.n; s++) {
        for (size_t r = 0; r < modem_table.services[s]->n; r++) {
            const struct at_cmd *c = &modem_table.services[s]->rows[r];
            if (offers(p, c->offered)) {
                command_json(c, p, out);
            } else {
                refused_json(c->name, "profile", "not in this firmware", out);
            }
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        refused_json(refused[i].name, refused[i].kind, refused[i].why, out);
    }
    (void)buf_addf(out, "\n]\n");
}

/* --- URCs --- */

#define FIRST(f, ...)      f
#define FORMAT_OF(m, ...)  FIRST(__VA_ARGS__, 0)
#define URC(n, p, call, d) { FORMAT_OF call, d },

static const struct {
    const char *format, *doc;
} urcs[] = {

#include "sim/modem/urc.def"
};
#undef URC

/* Units of several lines, put together by the code that has their content. */
static const struct {
    const char *format, *doc;
} blocks[] = {
    { "+CMT: \"<oa>\",\"\",\"<scts>\"", "a message, its text on the next line, CNMI mt=2 [M]" },
    { "+CMT: ,<length>", "the same in PDU mode, the PDU on the next line [M]" },
    { "+CDS: <fo>,<mr>,\"<ra>\",<tora>,\"<scts>\",\"<dt>\",<st>",
      "a status report, CNMI ds=1 [M]" },
    { "+CDS: <length>", "the same in PDU mode, the PDU on the next line [M]" },
    { "+CMQTTRXSTART, +CMQTTRXTOPIC, +CMQTTRXPAYLOAD, +CMQTTRXEND",
      "a received message, counted blocks [L]" },
};

static void urcs_md(struct buf *out)
{
    (void)buf_addf(out,
                   "# Unsolicited result codes\n\nMade by `sim7600 --dump urcs:md`. %%u and %%d "
                   "are numbers, %%s is a word.\n\n| URC | Meaning |\n| --- | --- |\n");
    for (size_t i = 0; i < ARRAY_LEN(urcs); i++) {
        (void)buf_addf(out, "| `%s` | %s |\n", urcs[i].format, urcs[i].doc);
    }
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        (void)buf_addf(out, "| `%s` | %s |\n", blocks[i].format, blocks[i].doc);
    }
}

static void urc_json(struct buf *out, const char *before, const char *format, const char *doc)
{
    (void)buf_addf(out, "%s\n{\"format\":", before);
    buf_add_quoted(out, span_str(format));
    (void)buf_addf(out, ",\"doc\":");
    buf_add_quoted(out, span_str(doc));
    (void)buf_addf(out, "}");
}

static void urcs_json(struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t i = 0; i < ARRAY_LEN(urcs); i++) {
        urc_json(out, i == 0 ? "" : ",", urcs[i].format, urcs[i].doc);
    }
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        urc_json(out, ",", blocks[i].format, blocks[i].doc);
    }
    (void)buf_addf(out, "\n]\n");
}

bool modem_dump(const char *what, const char *format, const struct profile *p, struct buf *out)
{
    bool json = strcmp(format, "json") == 0;
    bool md = strcmp(format, "md") == 0;
    if (!json && !md && strcmp(format, "text") != 0) {
        return false;
    }
    if (strcmp(what, "commands") == 0) {
        (json ? commands_json : commands_md)(p, out);
    } else if (strcmp(what, "urcs") == 0) {
        (json ? urcs_json : urcs_md)(out);
    } else if (strcmp(what, "faults") == 0) {
        (json ? faults_dump_json : faults_dump_md)(out);
    } else if (strcmp(what, "profile") == 0) {
        (json ? profile_dump_json : (md ? profile_dump_md : profile_dump_text))(p, out);
    } else {
        return false;
    }
    return true;
}
