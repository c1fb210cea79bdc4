#include "sim/modem/dump.h"

#include "sim/modem/modem_int.h"

static const char *const evidence_names[] = { "inferred", "client code", "manual", "log" };

/* --- commands --- */

static void forms(const struct at_cmd *c, struct buf *out)
{
    bool schema =
        c->n_params > 0 || c->n_variants > 0 || c->setting != NULL || c->test_quirk != NULL;
    bool extended = c->name[0] == '+';
    bool test = extended && (c->flags & AT_ROW_NO_TEST) == 0 &&
                (schema || (c->flags & AT_ROW_TEST_OK) != 0);
    bool bare = c->exec != NULL || (c->setting != NULL &&
                                    (!extended || (c->setting->flags & AT_SET_BARE_DEFAULT) != 0));
    (void)buf_addf(
        out, "%s%s%s%s", test ? "T" : "", c->read != NULL || c->setting != NULL ? "R" : "",
        c->set != NULL || c->setting != NULL || c->n_variants > 0 ? "W" : "", bare ? "X" : "");
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
    unsigned offers = profile_offers(p);
    (void)buf_addf(out, "### AT%s\n\n%s Forms: ", c->name, c->doc);
    forms(c, out);
    (void)buf_addf(out, ". Evidence: %s (%s).\n", evidence_names[c->evidence], c->clause);
    if (c->reply != NULL) {
        (void)buf_addf(out, "Answer: `%s`\n", c->reply);
    }
    (void)buf_addf(out, "\n");
    params(c->params, schema_offered(c->params, c->n_params, offers), ranges, out);
    if (c->setting != NULL) {
        params(c->setting->params, c->setting->n, ranges, out);
    }
    for (unsigned i = 0; i < c->n_variants; i++) {
        const struct at_variant *v = &c->variants[i];
        if (v->offered == 0 || (v->offered & offers) != 0) {
            (void)buf_addf(out, "- `\"%s\"`: %s\n", v->key, v->doc);
            params(v->params, v->n_params, ranges, out);
        }
    }
    (void)buf_addf(out, "\n");
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
            if (c->offered == 0 || (c->offered & profile_offers(p)) != 0) {
                command_md(c, p, out);
            }
        }
    }
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
        (void)buf_addf(out, ",\"optional\":%s,\"refuse\":%d,\"doc\":",
                       (p[i].flags & PARAM_OPTIONAL) != 0 ? "true" : "false", (int)p[i].refuse);
        buf_add_quoted(out, span_str(p[i].doc));
        (void)buf_addf(out, "}");
        buf_fini(&range);
    }
    (void)buf_addf(out, "]");
}

static void command_json(const struct at_cmd *c, const struct profile *p, struct buf *out)
{
    (void)buf_addf(out, "{\"name\":");
    buf_add_quoted(out, span_str(c->name));
    (void)buf_addf(out, ",\"forms\":\"");
    forms(c, out);
    (void)buf_addf(out, "\",\"evidence\":\"%s\",\"clause\":", evidence_names[c->evidence]);
    buf_add_quoted(out, span_str(c->clause));
    (void)buf_addf(out, ",\"doc\":");
    buf_add_quoted(out, span_str(c->doc));
    (void)buf_addf(out, ",\"reply\":");
    buf_add_quoted(out, span_str(c->reply));
    (void)buf_addf(out, ",\"parameters\":");
    params_json(c->setting != NULL ? c->setting->params : c->params,
                c->setting != NULL ? c->setting->n : c->n_params, p->ranges, out);
    (void)buf_addf(out, ",\"keys\":{");
    for (unsigned i = 0; i < c->n_variants; i++) {
        (void)buf_addf(out, "%s\"%s\":", i == 0 ? "" : ",", c->variants[i].key);
        params_json(c->variants[i].params, c->variants[i].n_params, p->ranges, out);
    }
    (void)buf_addf(out, "}}");
}

static void commands_json(const struct profile *p, struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t s = 0; s < modem_table.n; s++) {
        for (size_t r = 0; r < modem_table.services[s]->n; r++) {
            (void)buf_addf(out, "%s\n", s + r == 0 ? "" : ",");
            command_json(&modem_table.services[s]->rows[r], p, out);
        }
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

static const char rx_format[] = "+CMQTTRXSTART, +CMQTTRXTOPIC, +CMQTTRXPAYLOAD, +CMQTTRXEND";
static const char rx_doc[] = "a received message, counted blocks [L]";

static void urcs_md(struct buf *out)
{
    (void)buf_addf(out,
                   "# Unsolicited result codes\n\nMade by `sim7600 --dump urcs:md`. %%u and %%d "
                   "are numbers, %%s is a word.\n\n| URC | Meaning |\n| --- | --- |\n");
    for (size_t i = 0; i < ARRAY_LEN(urcs); i++) {
        (void)buf_addf(out, "| `%s` | %s |\n", urcs[i].format, urcs[i].doc);
    }
    (void)buf_addf(out, "| `%s` | %s |\n", rx_format, rx_doc);
}

static void urcs_json(struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t i = 0; i < ARRAY_LEN(urcs); i++) {
        (void)buf_addf(out, "\n{\"format\":\"%s\",\"doc\":\"%s\"},", urcs[i].format, urcs[i].doc);
    }
    (void)buf_addf(out, "\n{\"format\":\"%s\",\"doc\":\"%s\"}\n]\n", rx_format, rx_doc);
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
        (void)buf_addf(out, json ? "[]\n" : "# Faults\n\nThis version has no faults to inject.\n");
    } else if (strcmp(what, "profile") == 0) {
        (json ? profile_dump_json : (md ? profile_dump_md : profile_dump_text))(p, out);
    } else {
        return false;
    }
    return true;
}
