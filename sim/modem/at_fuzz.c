/* Any bytes into the command-line reader, and every complete line through lexer, arguments and the
 * trace's text, over all rows of the modem's table. Nothing runs: what is checked is that each step
 * ends, stays inside its bytes, and that what the line editor gives is what the lexer may get. */
#include "base/check.h"
#include "sim/at/lex.h"
#include "sim/at/line.h"
#include "sim/at/redact.h"
#include "sim/modem/modem_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span part, struct span whole)
{
    CHECK(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_value(const struct param *p, const struct value *v, struct span args)
{
    inside(v->str, args);
    CHECK(v->present || (p->flags & PARAM_OPTIONAL) != 0);
    CHECK(!v->non_ascii || v->str.n % 2 == 0);
    (void)schema_in_range(p, NULL, v);
}

static void try_values(const struct param *params, unsigned n, struct span args)
{
    for (int unquoted = 0; unquoted < 2; unquoted++) {
        struct at_call call = { .argc = 0 };
        int code = 0;
        enum lex_error e = lex_values(args, params, n, unquoted != 0, &call, &code);
        bool code_fits = e == LEX_SYNTAX || (e == LEX_WRONG_TYPE) == (code != 0);
        CHECK(code_fits);
        for (unsigned i = 0; i < n && e == LEX_OK; i++) {
            check_value(&params[i], &call.arg[i], args);
        }
    }
}

static void try_word(const struct at_index *index, const struct at_word *w, struct span line)
{
    inside(w->name, line);
    inside(w->args, line);
    inside(w->text, line);
    CHECK(w->name.n > 0 && w->text.n >= w->name.n);
    bool known = false;
    const struct at_cmd *row = at_index_find(index, w->name, (int)lex_count(w->args), &known);
    row = row == NULL ? at_index_find(index, w->name, -1, &known) : row;
    CHECK((row != NULL) == known);
    if (row == NULL) {
        return;
    }
    try_values(row->params, row->n_params, w->args);
    if (row->setting != NULL) {
        try_values(row->setting->params, row->setting->n, w->args);
    }
    for (unsigned i = 0; i < row->n_variants; i++) {
        try_values(row->variants[i].params, row->variants[i].n_params, w->args);
    }
}

static void try_line(const struct at_index *index, struct span body)
{
    struct buf stripped;
    buf_init(&stripped, body.n + 1);
    lex_strip(body, &stripped);
    CHECK(stripped.n <= body.n);
    struct span line = buf_span(&stripped);
    struct span rest = line;
    struct at_word w;
    while (lex_next(&rest, &w) > 0) {
        inside(rest, line);
        try_word(index, &w, line);
    }
    for (int wary = 0; wary < 2; wary++) {
        struct buf shown;
        buf_init(&shown, (size_t)64 * 1024);
        (void)redact_line(index, line, wary != 0, &shown);
        CHECK(shown.n >= 2 && shown.n < 64 + 4 * body.n);
        buf_fini(&shown);
    }
    buf_fini(&stripped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct at_settings set = { .echo = 1, .verbose = 1, .s3 = 13, .s4 = 10, .s5 = 8 };
    struct at_index *index = at_index_new(&modem_table);
    struct line l;
    struct out out;
    line_init(&l, 559);
    out_init(&out, &set, NULL);
    for (size_t i = 0; i < size; i++) {
        if (line_feed(&l, data[i], &out) == LINE_READY) {
            try_line(index, buf_span(&l.body));
        }
    }
    CHECK(l.body.n <= 559);
    out_fini(&out);
    line_fini(&l);
    try_line(index, span_of(data, size < 4096 ? size : 4096)); /* also what no line reader gives */
    at_index_free(&index);
    return 0;
}
