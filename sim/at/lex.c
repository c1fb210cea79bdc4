#include "sim/at/lex.h"

static bool is_letter(uint8_t c)
{
    c = (uint8_t)ascii_upper((char)c);
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* V.250 5.4.1: characters of an extended command's name behind the prefix. */
static bool is_name_char(uint8_t c)
{
    return is_letter(c) || is_digit(c) || (c != 0 && strchr("!%-./:_", c) != NULL);
}

static bool is_prefix(uint8_t c)
{
    return c != 0 && strchr("+$*^", c) != NULL;
}

/* Index of the first ';' outside quotes, or t.n; -1 when a quote stays open. */
static ptrdiff_t find_separator(struct span t)
{
    bool quoted = false;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"') {
            quoted = !quoted;
        } else if (t.p[i] == ';' && !quoted) {
            return (ptrdiff_t)i;
        }
    }
    return quoted ? -1 : (ptrdiff_t)t.n;
}

static size_t digits_at(struct span t, size_t from)
{
    size_t n = 0;
    while (from + n < t.n && is_digit(t.p[from + n])) {
        n++;
    }
    return n;
}

static int read_tail(struct span tail, struct at_word *ret)
{
    if (tail.n == 0) {
        ret->form = AT_EXEC;
        return 1;
    }
    if (tail.p[0] == '?') {
        ret->form = AT_READ;
        return tail.n == 1 ? 1 : -1;
    }
    if (tail.p[0] != '=') {
        return -1;
    }
    ret->args = span_from(tail, 1);
    ret->form = span_eq(ret->args, SPAN_LIT("?")) ? AT_TEST : AT_SET;
    return 1;
}

static int lex_extended(struct span *rest, struct at_word *ret)
{
    ptrdiff_t end = find_separator(*rest);
    if (end < 0) {
        return -1;
    }
    struct span text = span_of(rest->p, (size_t)end);
    size_t n = 1;
    while (n < text.n && is_name_char(text.p[n])) {
        n++;
    }
    if (n == 1) {
        return -1;
    }
    ret->name = span_of(text.p, n);
    ret->text = text;
    *rest = span_from(*rest, (size_t)end);
    return read_tail(span_from(text, n), ret);
}

/* S3=13, S3? (V.250 5.3.2). A register number alone is no command. */
static int lex_s_register(struct span *rest, struct at_word *ret)
{
    size_t n = 1 + digits_at(*rest, 1);
    ret->name = span_of(rest->p, n);
    bool complete = n > 1 && n < rest->n && (rest->p[n] == '?' || rest->p[n] == '=');
    if (n < rest->n && rest->p[n] == '?') {
        ret->form = AT_READ;
        n++;
    } else if (n < rest->n && rest->p[n] == '=') {
        size_t value = digits_at(*rest, n + 1);
        ret->form = AT_SET;
        ret->args = span_of(rest->p + n + 1, value);
        n += 1 + value;
    }
    ret->text = span_of(rest->p, n);
    *rest = span_from(*rest, n);
    return complete ? 1 : -1;
}

/* One letter, or '&' or '\' and a letter, then an optional number (V.250 5.3.1). */
static int lex_basic(struct span *rest, struct at_word *ret)
{
    size_t n = rest->p[0] == '&' || rest->p[0] == '\\' ? 2 : 1;
    if (rest->n < n || !is_letter(rest->p[n - 1])) {
        return -1;
    }
    if (n == 1 && ascii_upper((char)rest->p[0]) == 'S') {
        return lex_s_register(rest, ret);
    }
    if (rest->n > 1 && span_eq_nocase(span_of(rest->p, 2), SPAN_LIT("AT"))) {
        return -1; /* a second prefix: a mistake, and not an answered call (general-commands.md A2)
                    */
    }
    ret->name = span_of(rest->p, n);
    size_t value = digits_at(*rest, n);
    if (n == 1 && ascii_upper((char)rest->p[0]) == 'D') {
        ptrdiff_t end = find_separator(*rest); /* the dial string; ';' ends it and belongs to it */
        if (end < 0) {
            return -1;
        }
        value = (size_t)end - n + ((size_t)end < rest->n ? 1 : 0);
    }
    ret->args = span_of(rest->p + n, value);
    ret->form = value > 0 ? AT_SET : AT_EXEC;
    ret->text = span_of(rest->p, n + value);
    *rest = span_from(*rest, n + value);
    return 1;
}

int lex_next(struct span *rest, struct at_word *ret)
{
    while (rest->n > 0 && rest->p[0] == ';') {
        *rest = span_from(*rest, 1);
    }
    if (rest->n == 0) {
        return 0;
    }
    *ret = (struct at_word){ 0 };
    return is_prefix(rest->p[0]) ? lex_extended(rest, ret) : lex_basic(rest, ret);
}

void lex_strip(struct span body, struct buf *out)
{
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] == '"') {
            quoted = !quoted;
        } else if (body.p[i] == ' ' && !quoted) {
            (void)buf_add(out, span_of(body.p + from, i - from));
            from = i + 1;
        }
    }
    (void)buf_add(out, span_from(body, from));
}

struct span lex_arg(struct span *rest, bool *ret_more)
{
    bool quoted = false;
    size_t i = 0;
    while (i < rest->n && (quoted || rest->p[i] != ',')) {
        quoted ^= rest->p[i] == '"';
        i++;
    }
    struct span arg = span_of(rest->p, i);
    *ret_more = i < rest->n;
    *rest = span_from(*rest, i + 1);
    return arg;
}

unsigned lex_count(struct span args)
{
    unsigned n = 0;
    bool more = args.n > 0;
    while (more) {
        (void)lex_arg(&args, &more);
        n++;
    }
    return n;
}

static bool all_hex(struct span t)
{
    for (size_t i = 0; i < t.n; i++) {
        uint8_t c = (uint8_t)ascii_upper((char)t.p[i]);
        if (!is_digit(c) && (c < 'A' || c > 'F')) {
            return false;
        }
    }
    return t.n % 2 == 0;
}

/* Text without quotes: no quote inside and no 8-bit byte (typographic quotes from a PDF are refused
 * on hardware, general-commands.md A4). */
static bool plain_text(struct span t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"' || t.p[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static bool read_string(struct span text, bool unquoted, struct value *v)
{
    struct span mark = SPAN_LIT("{non-ascii}");
    v->non_ascii = text.n > mark.n && span_eq_nocase(span_of(text.p, mark.n), mark);
    struct span t = v->non_ascii ? span_from(text, mark.n) : text;
    v->quoted = t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"';
    v->str = v->quoted ? span_of(t.p + 1, t.n - 2) : t;
    if (v->non_ascii) {
        return v->quoted && all_hex(v->str);
    }
    if (v->quoted) {
        return memchr(v->str.p, '"', v->str.n) == NULL;
    }
    return unquoted && plain_text(v->str);
}

static enum lex_error read_value(struct span text, const struct param *p, bool unquoted,
                                 struct value *v, int *ret_code)
{
    v->present = text.n > 0;
    v->num = p->def;
    if (!v->present) {
        return (p->flags & PARAM_OPTIONAL) != 0 ? LEX_OK : LEX_SYNTAX;
    }
    if ((p->flags & PARAM_RAW) != 0) {
        v->str = text;
        return LEX_OK;
    }
    bool number = (p->flags & PARAM_OR_NUMBER) != 0 && digits_at(text, 0) == text.n;
    if (p->type == PARAM_STR) {
        bool bare = unquoted || number || (p->flags & PARAM_UNQUOTED) != 0;
        bool ok =
            read_string(text, bare, v) && (!v->non_ascii || (p->flags & PARAM_NON_ASCII) != 0);
        return ok ? LEX_OK : LEX_SYNTAX;
    }
    if (p->type == PARAM_WORD && number) {
        bool ok = schema_number(text, false, &v->num) && schema_word(p, v->num).n > 0;
        v->num = ok ? v->num : -1;
        return LEX_OK;
    }
    if (p->type == PARAM_WORD) {
        bool ok = read_string(text, unquoted, v) && !v->non_ascii;
        v->num = ok ? schema_word_place(p, v->str) : -1;
        return ok ? LEX_OK : LEX_SYNTAX;
    }
    if (schema_number(text, (p->flags & PARAM_HEX) != 0, &v->num)) {
        return LEX_OK;
    }
    if (p->refuse_type != 0 && text.p[0] == '"') {
        *ret_code = p->refuse_type;
        return LEX_WRONG_TYPE;
    }
    return LEX_SYNTAX;
}

/* The next argument; of a parameter that takes it, everything that is left. */
static struct span next_arg(struct span *args, const struct param *p, bool *ret_more)
{
    if ((p->flags & PARAM_RAW) == 0) {
        return lex_arg(args, ret_more);
    }
    struct span all = *args;
    *args = span_of(NULL, 0);
    *ret_more = false;
    return all;
}

enum lex_error lex_values(struct span args, const struct param *params, unsigned n_params,
                          bool unquoted, struct at_call *call, int *ret_code)
{
    enum lex_error outcome = LEX_OK;
    bool more = args.n > 0;
    call->argc = 0;
    for (unsigned i = 0; i < n_params; i++) {
        struct span text = more ? next_arg(&args, &params[i], &more) : (struct span){ NULL, 0 };
        call->argc += text.n > 0 || more ? 1 : 0;
        enum lex_error e = read_value(text, &params[i], unquoted, &call->arg[i], ret_code);
        if (e == LEX_SYNTAX) {
            return e;
        }
        outcome = e != LEX_OK ? e : outcome;
    }
    return more ? LEX_SYNTAX : outcome;
}
