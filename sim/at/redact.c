#include "sim/at/redact.h"

#include "sim/at/lex.h"

static bool any_secret(const struct param *params, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if ((params[i].flags & PARAM_SECRET) != 0) {
            return true;
        }
    }
    return false;
}

static bool row_has_secret(const struct at_cmd *row)
{
    for (unsigned i = 0; i < row->n_variants; i++) {
        if (any_secret(row->variants[i].params, row->variants[i].n_params)) {
            return true;
        }
    }
    return any_secret(row->params, row->n_params);
}

/* The schema that the arguments follow, or NULL when that cannot be told; *ret_skip is 1 behind a
 * key. */
static const struct param *schema_of(const struct at_cmd *row, struct span args, unsigned *ret_n,
                                     unsigned *ret_skip)
{
    *ret_skip = row->n_variants > 0 ? 1 : 0;
    if (row->n_variants == 0) {
        *ret_n = row->n_params;
        return row->params;
    }
    bool more = false;
    struct span key = lex_arg(&args, &more);
    if (key.n >= 2 && key.p[0] == '"') {
        key = span_of(key.p + 1, key.n - 2);
    }
    for (unsigned i = 0; i < row->n_variants; i++) {
        if (span_eq_nocase(key, span_str(row->variants[i].key))) {
            *ret_n = row->variants[i].n_params;
            return row->variants[i].params;
        }
    }
    return NULL;
}

/* No quotes, or one pair around everything ({non-ascii} may stand before it). */
static bool well_quoted(struct span arg)
{
    unsigned quotes = 0;
    for (size_t i = 0; i < arg.n; i++) {
        quotes += arg.p[i] == '"' ? 1 : 0;
    }
    return quotes == 0 ||
           (quotes == 2 && arg.p[arg.n - 1] == '"' && (arg.p[0] == '"' || arg.p[0] == '{'));
}

/* True when the argument can stand where it stands. Behind one that cannot, places say nothing. */
static bool fits(const struct param *p, struct span arg)
{
    int32_t number = 0;
    if (p->type != PARAM_INT || arg.n == 0) {
        return well_quoted(arg);
    }
    return schema_number(arg, (p->flags & PARAM_HEX) != 0, &number);
}

static void redact_args(const struct at_cmd *row, struct span args, struct buf *out)
{
    unsigned n = 0;
    unsigned skip = 0;
    const struct param *params = schema_of(row, args, &n, &skip);
    bool more = args.n > 0;
    bool lost = params == NULL; /* an unknown key, a surplus or misplaced argument: hide the rest */
    for (unsigned i = 0; more; i++) {
        struct span arg = lex_arg(&args, &more);
        const struct param *p = !lost && i >= skip && i - skip < n ? &params[i - skip] : NULL;
        lost = lost || (i >= skip && (p == NULL || !fits(p, arg)));
        bool hide = lost || (p != NULL && (p->flags & PARAM_SECRET) != 0);
        (void)buf_addf(out, "%s", i == 0 ? "" : ",");
        (void)buf_add(out, hide && arg.n > 0 ? SPAN_LIT("***") : arg);
    }
}

/* A dial string takes whatever follows it: another command and its password, that came behind a D
 * without its CR; the line of a key in which ATD happens to stand. What a number is made of is
 * shown. */
static void redact_raw(struct span text, struct buf *out)
{
    size_t n = 1; /* D */
    while (n < text.n && text.p[n] != 0 && strchr("0123456789*#+,;> ITPitp", text.p[n]) != NULL) {
        n++;
    }
    (void)buf_add(out, span_of(text.p, n));
    if (n < text.n) {
        (void)buf_addf(out, "<%zu characters>", text.n - n);
    }
}

static void redact_word(const struct at_cmd *row, const struct at_word *w, struct buf *out)
{
    if (w->form == AT_SET && row->n_params > 0 && (row->params[0].flags & PARAM_RAW) != 0) {
        redact_raw(w->text, out);
        return;
    }
    if (w->form != AT_SET || !row_has_secret(row)) {
        (void)buf_add(out, w->text);
        return;
    }
    (void)buf_add(out, w->name);
    (void)buf_add_byte(out, '=');
    redact_args(row, w->args, out);
}

static bool is_prefix(uint8_t c)
{
    return c == '+' || c == '$' || c == '*' || c == '^';
}

/* The rest of a line from the first thing that is no command of ours. Its name may be shown (a typo
 * should be seen), what follows may hold anything: a password behind a misspelt command, too. */
static void redact_rest(struct span rest, bool careful, struct buf *out)
{
    size_t n = 0;
    if (!careful && rest.n > 0) {
        n = rest.p[0] == '&' || rest.p[0] == '\\' ? 2 : 1;
        n = n > rest.n ? rest.n : n;
        while (is_prefix(rest.p[0]) && n < rest.n &&
               (ascii_upper((char)rest.p[n]) >= 'A' && ascii_upper((char)rest.p[n]) <= 'Z')) {
            n++;
        }
        n += n < rest.n && (rest.p[n] == '=' || rest.p[n] == '?') ? 1 : 0;
    }
    (void)buf_add(out, span_of(rest.p, n));
    if (n < rest.n) {
        (void)buf_addf(out, "<%zu characters>", rest.n - n);
    }
}

bool redact_line(const struct at_index *index, struct span body, bool wary, struct buf *out)
{
    bool careful = wary; /* only what is surely a command is shown */
    bool extended = false;
    (void)buf_addf(out, "AT");
    for (bool first = true;; first = false) {
        struct at_word w;
        bool divided = body.n > 0 && body.p[0] == ';';
        while (body.n > 0 && body.p[0] == ';') {
            body = span_from(body, 1);
        }
        struct span rest = body;
        int rc = lex_next(&body, &w);
        if (rc == 0) {
            return extended;
        }
        bool known = false;
        const struct at_cmd *row = rc > 0 ? at_index_find(index, w.name, -1, &known) : NULL;
        bool plus = rest.n > 0 && is_prefix(rest.p[0]);
        (void)buf_addf(out, "%s", !first && divided ? ";" : "");
        if (row == NULL || (careful && !plus)) {
            redact_rest(rest, careful, out);
            return false;
        }
        redact_word(row, &w, out);
        extended = extended || plus;
        careful = careful || (w.form == AT_SET && row_has_secret(row));
    }
}
