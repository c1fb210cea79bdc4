#include <stdio.h>

#include "sim/at/chan_int.h"

static int32_t *setting_field(const struct at_chan *ch, const struct at_setting *s)
{
    return (int32_t *)(void *)((char *)ch->cfg.settings + s->offset);
}

/* What a setting becomes that is given no number: a basic command's missing number is 0
 * (general-commands.md A4), everything else means the default. */
static int32_t bare_value(const struct at_cmd *row, enum at_form form, unsigned i)
{
    bool zero = form == AT_EXEC && !at_is_extended(row->name[0]) &&
                (row->setting->flags & AT_SET_BARE_DEFAULT) == 0;
    return zero ? 0 : row->setting->params[i].def;
}

void at_setting_text(const struct at_chan *ch, const struct at_cmd *row, struct buf *out)
{
    const struct at_setting *s = row->setting;
    const int32_t *field = setting_field(ch, s);
    for (unsigned i = 0; i < s->n; i++) {
        (void)buf_addf(out, "%s", i == 0 ? "" : ",");
        if (s->params[i].type == PARAM_WORD) {
            buf_add_quoted(out, schema_word(&s->params[i], field[i]));
        } else {
            (void)buf_addf(out, (s->flags & AT_SET_3DIGITS) != 0 ? "%03d" : "%d", (int)field[i]);
        }
    }
}

static void read_setting(struct at_chan *ch, const struct at_cmd *row)
{
    struct buf text;
    buf_init(&text, CHAN_ANSWER_MAX);
    if ((row->setting->flags & AT_SET_3DIGITS) == 0) {
        (void)buf_addf(&text, "%s: ", row->name);
    }
    at_setting_text(ch, row, &text);
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
}

static struct at_result run_setting(struct at_chan *ch, const struct at_cmd *row,
                                    const struct at_call *call)
{
    const struct at_setting *s = row->setting;
    if (call->form == AT_READ) {
        read_setting(ch, row);
        return AT_OK;
    }
    int32_t *field = setting_field(ch, s);
    for (unsigned i = 0; i < s->n; i++) {
        if (call->form == AT_SET && call->arg[i].present) {
            field[i] = call->arg[i].num;
        } else if (call->form != AT_SET || s->n == 1) {
            field[i] = bare_value(row, call->form, i);
        }
    }
    if (s->changed != NULL) {
        s->changed(ch);
    }
    if ((s->flags & AT_SET_AUTO) != 0 && ch->cfg.store_settings != NULL) {
        ch->cfg.store_settings(ch->cfg.owner);
    }
    return AT_OK;
}

bool chan_instead(struct at_chan *ch, bool data, struct at_result *ret)
{
    return ch->cfg.instead != NULL && ch->cfg.instead(ch, &ch->call, data, ret);
}

static struct at_result carry_out(struct at_chan *ch, const struct at_cmd *row, at_fn *fn)
{
    struct at_result instead;
    ch->put_off = fn;
    if (chan_instead(ch, false, &instead)) {
        return instead;
    }
    return fn == NULL ? run_setting(ch, row, &ch->call) : fn(ch, &ch->call);
}

struct at_result chan_carry_out(struct at_chan *ch)
{
    return ch->put_off == NULL ? run_setting(ch, ch->call.cmd, &ch->call)
                               : ch->put_off(ch, &ch->call);
}

static struct at_result run_test(struct at_chan *ch, const struct at_cmd *row,
                                 const struct at_call *call)
{
    if (row->test != NULL) {
        return row->test(ch, call);
    }
    if (!at_has_form(row, AT_TEST)) {
        return AT_ERROR;
    }
    if ((row->flags & AT_ROW_TEST_OK) == 0) {
        struct buf text;
        buf_init(&text, CHAN_ANSWER_MAX);
        at_test_text(row, ch->cfg.rules.ranges, ch->cfg.rules.offered, ch->cfg.rules.test_colon,
                     &text);
        at_info_secret(ch, buf_span(&text), buf_span(&text));
        buf_fini(&text);
    }
    return AT_OK;
}

static struct at_result refuse(struct at_chan *ch, const struct at_call *call, int code)
{
    if (code <= 0 || call->cmd->group == NULL || call->cmd->group->refuse == NULL) {
        return AT_ERROR;
    }
    return call->cmd->group->refuse(ch, call, code);
}

/* The first parameter out of range; -1 when all are in range. */
static int out_of_range(const struct at_chan *ch, const struct param *params, unsigned n,
                        const struct at_call *call, bool early)
{
    for (unsigned i = 0; i < n; i++) {
        bool is_early = (params[i].flags & PARAM_EARLY) != 0;
        if (is_early == early &&
            !schema_in_range(&params[i], ch->cfg.rules.ranges, &call->arg[i])) {
            return (int)i;
        }
    }
    return -1;
}

/* What is looked at before the values, in the order of mqtt-ssl-commands.md 2.1: the index, then
 * the state. False: *ret_code is the code to refuse with, 0 for a bare ERROR. */
static bool may_run(struct at_chan *ch, const struct param *params, unsigned n, int *ret_code)
{
    int bad = out_of_range(ch, params, n, &ch->call, true);
    if (bad >= 0) {
        *ret_code = params[bad].refuse;
        return false;
    }
    const struct at_group *group = ch->call.cmd->group;
    *ret_code = group != NULL && group->check != NULL ? group->check(ch, &ch->call) : 0;
    return *ret_code == 0;
}

static struct at_result check_and_set(struct at_chan *ch, const struct param *params, unsigned n,
                                      at_fn *set)
{
    struct at_call *call = &ch->call;
    int code = 0;
    if (!may_run(ch, params, n, &code)) {
        return refuse(ch, call, code);
    }
    int bad = out_of_range(ch, params, n, call, false);
    if (bad >= 0) {
        return refuse(ch, call, params[bad].refuse);
    }
    const struct at_setting *s = call->cmd->setting;
    code = set != NULL || s->check == NULL ? 0 : s->check(ch, call);
    return code == 0 ? carry_out(ch, call->cmd, set) : refuse(ch, call, code);
}

/* A type with a code of its own (a topic string in SUB) is a bad value, 2.1 step 6; any other wrong
 * type is a syntax error, step 1. */
static struct at_result refuse_type(struct at_chan *ch, const struct param *params, unsigned n,
                                    int code)
{
    int earlier = 0;
    if (code != 0 && !may_run(ch, params, n, &earlier)) {
        code = earlier;
    }
    return refuse(ch, &ch->call, code);
}

static const struct at_variant *find_variant(const struct at_chan *ch, const struct at_cmd *row,
                                             struct span key)
{
    bool quoted = key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"';
    if (!quoted && !ch->cfg.rules.unquoted_strings) {
        return NULL;
    }
    key = quoted ? span_of(key.p + 1, key.n - 2) : key;
    for (unsigned i = 0; i < row->n_variants; i++) {
        const struct at_variant *v = &row->variants[i];
        bool offered = v->offered == 0 || (v->offered & ch->cfg.rules.offered) != 0;
        if (offered && span_eq_nocase(key, span_str(v->key))) {
            return v;
        }
    }
    return NULL;
}

static struct at_result run_set(struct at_chan *ch, const struct at_cmd *row, struct span args)
{
    const struct param *params = row->params;
    unsigned n = row->n_params;
    at_fn *set = row->set;
    bool more = false;
    struct span rest = args;
    const struct at_variant *v =
        row->n_variants == 0 ? NULL : find_variant(ch, row, lex_arg(&rest, &more));
    if (v != NULL) {
        params = v->params;
        n = v->n_params;
        set = v->set;
        args = rest;
        ch->call.variant = v;
    } else if (row->setting != NULL) {
        params = row->setting->params;
        n = row->setting->n;
    }
    if (set == NULL && row->setting == NULL) {
        return AT_ERROR;
    }
    int code = 0;
    n = schema_offered(params, n, ch->cfg.rules.offered);
    enum lex_error e =
        lex_values(args, params, n, ch->cfg.rules.unquoted_strings, &ch->call, &code);
    if (e == LEX_WRONG_TYPE) {
        return refuse_type(ch, params, n, code);
    }
    return e == LEX_OK ? check_and_set(ch, params, n, set) : AT_ERROR;
}

static struct at_result run_plain(struct at_chan *ch, const struct at_cmd *row, at_fn *fn)
{
    if (!at_has_form(row, ch->call.form)) {
        return AT_ERROR;
    }
    int code =
        row->group != NULL && row->group->check != NULL ? row->group->check(ch, &ch->call) : 0;
    if (code != 0) {
        return refuse(ch, &ch->call, code);
    }
    return carry_out(ch, row, fn);
}

struct at_result chan_run_word(struct at_chan *ch, const struct at_word *w)
{
    bool known = false;
    bool counted = w->form == AT_SET && at_is_extended((char)w->name.p[0]);
    int argc = counted ? (int)lex_count(w->args) : -1;
    const struct at_cmd *row = at_index_find(ch->cfg.index, w->name, argc, &known);
    if (row != NULL && row->offered != 0 && (row->offered & ch->cfg.rules.offered) == 0) {
        row = NULL; /* a command of other firmware */
        known = false;
    }
    if (row == NULL) {
        ch->call.cmd = NULL;
        trace_emit(ch->cfg.trace, "at.refused",
                   TRACE_STR("why", known ? "wrong number of parameters" : "unknown command"));
        return AT_ERROR;
    }
    ch->call = (struct at_call){ .cmd = row, .form = w->form };
    switch (w->form) {
    case AT_TEST:
        return run_test(ch, row, &ch->call);
    case AT_READ:
        return run_plain(ch, row, row->read);
    case AT_EXEC:
        return run_plain(ch, row, row->exec);
    case AT_SET:
        return run_set(ch, row, w->args);
    }
    return AT_ERROR;
}

void at_settings_default(struct at_chan *ch, const struct at_table *table, unsigned flags)
{
    for (size_t s = 0; s < table->n; s++) {
        for (size_t r = 0; r < table->services[s]->n; r++) {
            const struct at_setting *set = table->services[s]->rows[r].setting;
            bool meant = set != NULL && (flags == 0 || (set->flags & flags) != 0);
            for (unsigned i = 0; meant && i < set->n; i++) {
                setting_field(ch, set)[i] = set->params[i].def;
            }
        }
    }
}

bool at_setting_load(struct at_chan *ch, const struct at_cmd *row, struct span text)
{
    const struct at_setting *s = row->setting;
    struct at_call call = { .cmd = row, .form = AT_SET };
    int code = 0;
    if (lex_values(text, s->params, s->n, true, &call, &code) != LEX_OK ||
        out_of_range(ch, s->params, s->n, &call, false) >= 0) {
        return false;
    }
    for (unsigned i = 0; i < s->n; i++) {
        setting_field(ch, s)[i] = call.arg[i].present ? call.arg[i].num : s->params[i].def;
    }
    return true;
}
