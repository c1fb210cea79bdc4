#include "base/schema.h"

#include <stdio.h>

unsigned schema_offered(const struct param *p, unsigned n, unsigned offered)
{
    unsigned i = 0;
    while (i < n && (p[i].offered == 0 || (p[i].offered & offered) != 0)) {
        i++;
    }
    return i;
}

static int digit_of(uint8_t c, int base)
{
    int d = 99;
    if (c >= '0' && c <= '9') {
        d = c - '0';
    } else if (c >= 'a' && c <= 'f') {
        d = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
        d = c - 'A' + 10;
    }
    return d < base ? d : -1;
}

bool schema_number(struct span text, bool hex, int32_t *ret_num)
{
    bool negative = text.n > 1 && text.p[0] == '-';
    struct span t = negative ? span_from(text, 1) : text;
    int base = 10;
    if (hex && t.n > 2 && t.p[0] == '0' && (t.p[1] == 'x' || t.p[1] == 'X')) {
        base = 16;
        t = span_from(t, 2);
    }
    if (t.n == 0) {
        return false;
    }
    int64_t sum = 0;
    for (size_t i = 0; i < t.n; i++) {
        int d = digit_of(t.p[i], base);
        if (d < 0) {
            return false;
        }
        sum = sum * base + d;
        if (sum > INT32_MAX) {
            return false;
        }
    }
    *ret_num = (int32_t)(negative ? -sum : sum);
    return true;
}

bool schema_decimal(struct span text, unsigned places, int64_t *ret_num)
{
    bool negative = text.n > 1 && text.p[0] == '-';
    struct span t = negative ? span_from(text, 1) : text;
    const uint8_t *point = t.n == 0 ? NULL : memchr(t.p, '.', t.n);
    size_t whole = point == NULL ? t.n : (size_t)(point - t.p);
    struct span fraction = span_from(t, whole + 1);
    if (whole == 0 || whole + places > 18 || fraction.n > 18 ||
        (point != NULL && fraction.n == 0)) {
        return false;
    }
    int64_t sum = 0;
    for (size_t i = 0; i < whole; i++) {
        int d = digit_of(t.p[i], 10);
        if (d < 0) {
            return false;
        }
        sum = sum * 10 + d;
    }
    int up = 0;
    for (size_t i = 0; i < fraction.n || i < places; i++) {
        int d = i < fraction.n ? digit_of(fraction.p[i], 10) : 0;
        if (d < 0) {
            return false;
        }
        sum = i < places ? sum * 10 + d : sum;
        up = i == places && d >= 5 ? 1 : up;
    }
    sum += up;
    *ret_num = negative ? -sum : sum;
    return true;
}

static bool read_part(struct span part, int32_t *ret_lo, int32_t *ret_hi)
{
    for (size_t i = 1; i < part.n; i++) { /* from 1: a leading '-' is a sign */
        if (part.p[i] == '-') {
            return schema_number(span_of(part.p, i), true, ret_lo) &&
                   schema_number(span_from(part, i + 1), true, ret_hi) && *ret_lo <= *ret_hi;
        }
    }
    bool ok = schema_number(part, true, ret_lo);
    *ret_hi = *ret_lo;
    return ok;
}

bool schema_each_range(const char *text, void (*each)(void *arg, int32_t lo, int32_t hi), void *arg)
{
    struct span rest = span_str(text);
    for (;;) {
        const uint8_t *comma = rest.n == 0 ? NULL : memchr(rest.p, ',', rest.n);
        size_t n = comma == NULL ? rest.n : (size_t)(comma - rest.p);
        int32_t lo = 0;
        int32_t hi = 0;
        if (!read_part(span_of(rest.p, n), &lo, &hi)) {
            return false;
        }
        if (each != NULL) {
            each(arg, lo, hi);
        }
        if (comma == NULL) {
            return true;
        }
        rest = span_from(rest, n + 1);
    }
}

struct wanted {
    int64_t num;
    bool found;
};

static void look_in(void *arg, int32_t lo, int32_t hi)
{
    struct wanted *w = arg;
    w->found = w->found || (w->num >= lo && w->num <= hi);
}

static const char *list_of(const struct param *p, schema_ranges vary)
{
    return p->vary != 0 && vary != NULL ? vary[p->vary] : p->list;
}

struct span schema_word(const struct param *p, int32_t n)
{
    const char *word = p->list;
    while (n >= 0 && word != NULL && *word == '"') {
        const char *end = strchr(word + 1, '"');
        if (end == NULL) {
            break;
        }
        if (n-- == 0) {
            return span_of(word + 1, (size_t)(end - word - 1));
        }
        word = end[1] == ',' ? end + 2 : NULL;
    }
    return (struct span){ NULL, 0 };
}

int32_t schema_word_place(const struct param *p, struct span word)
{
    for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
        if (span_eq_nocase(schema_word(p, n), word)) {
            return n;
        }
    }
    return -1;
}

void schema_each_part(const struct param *p, schema_ranges vary,
                      void (*each)(void *arg, int32_t lo, int32_t hi), void *arg)
{
    const char *list = list_of(p, vary);
    if (list == NULL) {
        each(arg, p->lo, p->hi);
    } else {
        (void)schema_each_range(list, each, arg);
    }
}

bool schema_in_range(const struct param *p, schema_ranges vary, const struct value *v)
{
    if (!v->present) {
        return true;
    }
    if (p->type == PARAM_WORD) {
        return v->num >= 0;
    }
    size_t length = v->non_ascii ? v->str.n / 2 : v->str.n;
    struct wanted w = { .num = p->type == PARAM_INT ? v->num : (int64_t)length };
    schema_each_part(p, vary, look_in, &w);
    return w.found;
}

void schema_range_text(const struct param *p, schema_ranges vary, struct buf *out)
{
    const char *list = list_of(p, vary);
    if ((p->flags & PARAM_LITERAL) != 0) {
        (void)buf_addf(out, "\"%s\"", p->name);
    } else if (list != NULL) {
        (void)buf_addf(out, "(%s)", list);
    } else if (p->lo == p->hi) {
        (void)buf_addf(out, "(%d)", (int)p->lo);
    } else {
        (void)buf_addf(out, "(%d-%d)", (int)p->lo, (int)p->hi);
    }
}
