#include "sim/at/cmd.h"

#include <stdlib.h>

/* Open addressing over the upper-cased names; rows of one name stay in table order. */
struct at_index {
    size_t mask;
    const struct at_cmd **slot;
    uint32_t (*hits)[AT_FORMS][AT_VERDICTS]; /* of the row in the same slot */
};

static size_t hash_name(struct span name)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < name.n; i++) {
        h = (h ^ (uint8_t)ascii_upper((char)name.p[i])) * 16777619U;
    }
    return h;
}

static void put(struct at_index *ix, const struct at_cmd *row)
{
    size_t i = hash_name(span_str(row->name)) & ix->mask;
    while (ix->slot[i] != NULL) {
        i = (i + 1) & ix->mask;
    }
    ix->slot[i] = row;
}

struct at_index *at_index_new(const struct at_table *t)
{
    size_t rows = 0;
    for (size_t s = 0; s < t->n; s++) {
        rows += t->services[s]->n;
    }
    size_t size = 16;
    while (size < rows * 2) {
        size *= 2;
    }
    struct at_index *ix = xcalloc(1, sizeof *ix);
    ix->mask = size - 1;
    ix->slot = xcalloc(size, sizeof *ix->slot); /* NOLINT(bugprone-sizeof-expression): pointers */
    ix->hits = xcalloc(size, sizeof *ix->hits);
    for (size_t s = 0; s < t->n; s++) {
        for (size_t r = 0; r < t->services[s]->n; r++) {
            put(ix, &t->services[s]->rows[r]);
        }
    }
    return ix;
}

void at_index_free(struct at_index **ip)
{
    if (*ip != NULL) {
        free(*ip == NULL ? NULL : (void *)(*ip)->slot);
        free((*ip)->hits);
        free(*ip);
        *ip = NULL;
    }
}

static size_t slot_of(const struct at_index *ix, const struct at_cmd *row)
{
    size_t i = hash_name(span_str(row->name)) & ix->mask;
    while (ix->slot[i] != row) {
        CHECK(ix->slot[i] != NULL);
        i = (i + 1) & ix->mask;
    }
    return i;
}

void at_index_hit(struct at_index *ix, const struct at_cmd *row, enum at_form form,
                  enum at_verdict verdict)
{
    ix->hits[slot_of(ix, row)][form][verdict]++;
}

uint32_t at_index_hits(const struct at_index *ix, const struct at_cmd *row, enum at_form form,
                       enum at_verdict verdict)
{
    return ix->hits[slot_of(ix, row)][form][verdict];
}

unsigned at_max_args(const struct at_cmd *cmd)
{
    return cmd->n_params;
}

unsigned at_min_args(const struct at_cmd *cmd)
{
    unsigned n = cmd->n_params;
    while (n > 0 && (cmd->params[n - 1].flags & PARAM_OPTIONAL) != 0) {
        n--;
    }
    return n;
}

static bool takes(const struct at_cmd *cmd, int argc)
{
    if (argc < 0 || cmd->setting != NULL) {
        return true;
    }
    if (cmd->n_variants > 0) {
        return argc >= 2; /* the key and a value; AT+CSSLCFG=0 is another row */
    }
    return (unsigned)argc >= at_min_args(cmd) && (unsigned)argc <= at_max_args(cmd);
}

const struct at_cmd *at_index_find(const struct at_index *ix, struct span name, int argc,
                                   bool *ret_known)
{
    *ret_known = false;
    for (size_t i = hash_name(name) & ix->mask; ix->slot[i] != NULL; i = (i + 1) & ix->mask) {
        if (span_eq_nocase(span_str(ix->slot[i]->name), name)) {
            *ret_known = true;
            if (takes(ix->slot[i], argc)) {
                return ix->slot[i];
            }
        }
    }
    return NULL;
}

/* S3, S0 …: written S3=13 or S3?, never bare (V.250 5.3.2). */
static bool is_s_register(const char *name)
{
    return name[0] == 'S' && name[1] != '\0';
}

static bool has_test(const struct at_cmd *cmd)
{
    bool schema =
        cmd->n_params > 0 || cmd->n_variants > 0 || cmd->setting != NULL || cmd->test_quirk != NULL;
    return cmd->test != NULL ||
           ((cmd->flags & AT_ROW_NO_TEST) == 0 && (schema || (cmd->flags & AT_ROW_TEST_OK) != 0));
}

bool at_has_form(const struct at_cmd *cmd, enum at_form form)
{
    const struct at_setting *setting = cmd->setting;
    bool extended = at_is_extended(cmd->name[0]);
    switch (form) {
    case AT_TEST:
        return extended && has_test(cmd);
    case AT_READ: /* of basic commands only the S-registers have one (V.250 5.3.1) */
        return (cmd->read != NULL || setting != NULL) && (extended || is_s_register(cmd->name));
    case AT_SET:
        return cmd->set != NULL || setting != NULL || cmd->n_variants > 0;
    case AT_EXEC:
        return !is_s_register(cmd->name) &&
               (cmd->exec != NULL ||
                (setting != NULL && (!extended || (setting->flags & AT_SET_BARE_DEFAULT) != 0)));
    }
    return false;
}

enum at_evidence at_evidence_of(const struct at_cmd *cmd, enum at_form form)
{
    enum at_evidence own = cmd->form_evidence[form];
    return own != EV_UNSTATED ? own : cmd->evidence;
}

static void params_text(const struct param *params, unsigned n, schema_ranges ranges, bool lead,
                        struct buf *out)
{
    for (unsigned i = 0; i < n; i++) {
        if ((params[i].flags & PARAM_HIDDEN) == 0) {
            (void)buf_addf(out, "%s", lead ? "," : "");
            schema_range_text(&params[i], ranges, out);
            lead = true;
        }
    }
}

void at_test_text(const struct at_cmd *cmd, schema_ranges ranges, unsigned offered, bool colon,
                  struct buf *out)
{
    if (cmd->test_quirk != NULL) {
        (void)buf_addf(out, "%s", cmd->test_quirk);
        return;
    }
    const char *mark = colon || (cmd->flags & AT_ROW_NO_COLON) == 0 ? ":" : "";
    bool first = true;
    for (unsigned i = 0; i < cmd->n_variants; i++) {
        const struct at_variant *v = &cmd->variants[i];
        if (v->offered == 0 || (v->offered & offered) != 0) {
            (void)buf_addf(out, "%s%s: \"%s\"", first ? "" : "\r\n", cmd->name, v->key);
            params_text(v->params, v->n_params, ranges, true, out);
            first = false;
        }
    }
    const struct param *params = cmd->setting != NULL ? cmd->setting->params : cmd->params;
    unsigned n = cmd->setting != NULL ? cmd->setting->n : cmd->n_params;
    if (cmd->n_variants == 0 && n > 0) {
        (void)buf_addf(out, "%s%s ", cmd->name, mark);
        params_text(params, schema_offered(params, n, offered), ranges, false, out);
    }
}
