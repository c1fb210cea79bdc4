#include "broker/pattern.h"

#include <stdlib.h>
#include <string.h>

enum part_kind { PART_LITERAL, PART_ANY_ONE, PART_ANY_MANY, PART_VARIABLE };

struct part {
    enum part_kind kind;
    const char *literal; /* of a PART_LITERAL, of a PART_VARIABLE as written: inside
                          * struct pattern.text */
    size_t length;
    struct policy_key key; /* of a PART_VARIABLE */
};

struct pattern {
    bool any_case;
    char *text; /* the pattern as written; literals point into it */
    size_t count;
    struct part part[];
};

/* A place in a pattern: a part, and how many bytes of its text are already used. */
struct cursor {
    size_t part;
    size_t used;
};

static enum pattern_result compile_variable(const char **text, struct part *ret_part)
{
    const char *name = *text + 2;
    const char *end = strchr(name, '}');
    if (end == NULL) {
        return PATTERN_UNCLOSED_VARIABLE;
    }
    size_t length = (size_t)(end - name);
    *text = end + 1;
    if (length == 1 && strchr("*?$", name[0]) != NULL) {
        *ret_part = (struct part){ .kind = PART_LITERAL, .literal = name, .length = 1 };
        return PATTERN_OK;
    }
    *ret_part = (struct part){ .kind = PART_VARIABLE, .literal = name - 2, .length = length + 3 };
    if (policy_key_parse(name, length, &ret_part->key) != 0 || ret_part->key.all) {
        return PATTERN_UNKNOWN_VARIABLE; /* all of several values are no text */
    }
    return PATTERN_OK;
}

static enum pattern_result compile_part(const char **text, unsigned syntax, struct part *ret_part)
{
    static const char *const special[] = { "", "*?", "$", "*?$" };
    const char *at = *text;
    if ((syntax & PATTERN_WILDCARDS) != 0 && (*at == '*' || *at == '?')) {
        *ret_part = (struct part){ .kind = *at == '*' ? PART_ANY_MANY : PART_ANY_ONE };
        *text = at + 1;
        return PATTERN_OK;
    }
    if ((syntax & PATTERN_VARIABLES) != 0 && at[0] == '$' && at[1] == '{') {
        return compile_variable(text, ret_part);
    }
    size_t length = 1 + strcspn(at + 1, special[syntax & (PATTERN_WILDCARDS | PATTERN_VARIABLES)]);
    *ret_part = (struct part){ .kind = PART_LITERAL, .literal = at, .length = length };
    *text = at + length;
    return PATTERN_OK;
}

enum pattern_result pattern_compile(const char *text, unsigned syntax, struct pattern **ret_pattern,
                                    const char **ret_rest)
{
    size_t length = strlen(text); /* a part takes at least one character */
    struct pattern *pattern = malloc(sizeof *pattern + length * sizeof pattern->part[0]);
    char *copy = malloc(length + 1);
    if (pattern == NULL || copy == NULL) {
        free(pattern);
        free(copy);
        return PATTERN_NO_MEMORY;
    }
    memcpy(copy, text, length + 1);
    pattern->text = copy;
    pattern->count = 0;
    pattern->any_case = (syntax & PATTERN_ANY_CASE) != 0;
    for (const char *at = copy; *at != '\0';) {
        const char *begin = at;
        enum pattern_result result = compile_part(&at, syntax, &pattern->part[pattern->count]);
        if (result != PATTERN_OK) {
            *ret_rest = text + (begin - copy);
            pattern_free(&pattern);
            return result;
        }
        pattern->count++;
    }
    *ret_pattern = pattern;
    return PATTERN_OK;
}

void pattern_free(struct pattern **pattern)
{
    if (*pattern == NULL) {
        return;
    }
    free((*pattern)->text);
    free(*pattern);
    *pattern = NULL;
}

static const char *part_text(const struct part *part, const struct policy_values *values,
                             size_t *ret_length)
{
    if (part->kind == PART_LITERAL) {
        *ret_length = part->length;
        return part->literal;
    }
    const char *value = policy_variable_value(values, &part->key);
    *ret_length = value == NULL ? 0 : strlen(value);
    return value;
}

/* Steps over parts whose text is used up. */
static struct cursor settle(const struct pattern *pattern, const struct policy_values *values,
                            struct cursor at)
{
    while (at.part < pattern->count) {
        const struct part *part = &pattern->part[at.part];
        if (part->kind == PART_ANY_ONE || part->kind == PART_ANY_MANY) {
            break;
        }
        size_t length = 0;
        part_text(part, values, &length);
        if (at.used < length) {
            break;
        }
        at = (struct cursor){ .part = at.part + 1 };
    }
    return at;
}

/* The next character, not byte: topics are UTF-8. */
static const char *next_character(const char *at)
{
    at++;
    while (((unsigned char)*at & 0xC0U) == 0x80U) {
        at++;
    }
    return at;
}

/* Of ASCII only, whatever the locale. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b, bool any_case)
{
    return any_case ? lower(a) == lower(b) : a == b;
}

/* Consumes one character or byte of *subject with what stands at *at, a settled cursor before the
 * end of the pattern that is not a *. */
static bool step(const struct pattern *pattern, const struct policy_values *values,
                 struct cursor *at, const char **subject)
{
    const struct part *part = &pattern->part[at->part];
    if (part->kind == PART_ANY_ONE) {
        *subject = next_character(*subject);
        *at = (struct cursor){ .part = at->part + 1 };
        return true;
    }
    size_t length = 0;
    const char *text = part_text(part, values, &length);
    if (!same(text[at->used], **subject, pattern->any_case)) {
        return false;
    }
    at->used++;
    (*subject)++;
    return true;
}

const char *pattern_missing(const struct pattern *pattern, const struct policy_values *values,
                            size_t *ret_length)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const struct part *part = &pattern->part[i];
        if (part->kind == PART_VARIABLE && policy_variable_value(values, &part->key) == NULL) {
            *ret_length = part->length;
            return part->literal;
        }
    }
    return NULL;
}

/* Only the last * ever needs to take one character more, so no recursion and no stack. */
bool pattern_match(const struct pattern *pattern, const struct policy_values *values,
                   const char *subject)
{
    size_t length = 0;
    if (pattern_missing(pattern, values, &length) != NULL) {
        return false;
    }
    struct cursor at = { 0 };
    struct cursor after_star = { 0 };
    const char *star_end = NULL; /* how far the last * reaches at present */
    for (;;) {
        at = settle(pattern, values, at);
        bool more = at.part < pattern->count;
        if (more && pattern->part[at.part].kind == PART_ANY_MANY) {
            at = (struct cursor){ .part = at.part + 1 };
            after_star = at;
            star_end = subject;
            continue;
        }
        if (*subject == '\0') {
            return !more;
        }
        if (more && step(pattern, values, &at, &subject)) {
            continue;
        }
        if (star_end == NULL) {
            return false;
        }
        star_end = next_character(star_end);
        subject = star_end;
        at = after_star;
    }
}

/* What a part looks like in pattern_text(). */
static const char *shown(const struct part *part, const struct policy_values *values,
                         size_t *ret_length)
{
    if (part->kind == PART_ANY_ONE || part->kind == PART_ANY_MANY) {
        *ret_length = 1;
        return part->kind == PART_ANY_ONE ? "?" : "*";
    }
    const char *text = part_text(part, values, ret_length);
    if (text == NULL) {
        *ret_length = part->length;
        text = part->literal;
    }
    return text;
}

char *pattern_text(const struct pattern *pattern, const struct policy_values *values)
{
    size_t size = 1;
    size_t length = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        shown(&pattern->part[i], values, &length);
        size += length;
    }
    char *text = malloc(size);
    if (text == NULL) {
        return NULL;
    }
    char *at = text;
    for (size_t i = 0; i < pattern->count; i++) {
        const char *part = shown(&pattern->part[i], values, &length);
        memcpy(at, part, length);
        at += length;
    }
    *at = '\0';
    return text;
}
