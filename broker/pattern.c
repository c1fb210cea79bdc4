#include "broker/pattern.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum part_kind { PART_LITERAL, PART_ANY_ONE, PART_ANY_MANY, PART_VARIABLE };

struct part {
    enum part_kind kind;
    enum policy_variable variable; /* of a PART_VARIABLE */
    const char *literal;           /* of a PART_LITERAL, inside struct pattern.text */
    size_t length;
};

struct pattern {
    char *text; /* the pattern as written; literals point into it */
    size_t count;
    struct part part[];
};

/* A place in a pattern: a part, and how many bytes of its text are already used. */
struct cursor {
    size_t part;
    size_t used;
};

#define POLICY_VARIABLE_NAME(id, name) [POLICY_##id] = (name),
static const char *const variable_name[] = { POLICY_VARIABLES(POLICY_VARIABLE_NAME) };
#undef POLICY_VARIABLE_NAME

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
    for (int i = 0; i < POLICY_VARIABLE_COUNT; i++) {
        if (strlen(variable_name[i]) == length &&
            strncasecmp(variable_name[i], name, length) == 0) {
            *ret_part = (struct part){ .kind = PART_VARIABLE, .variable = (enum policy_variable)i };
            return PATTERN_OK;
        }
    }
    return PATTERN_UNKNOWN_VARIABLE;
}

static enum pattern_result compile_part(const char **text, bool variables, struct part *ret_part)
{
    const char *at = *text;
    if (*at == '*' || *at == '?') {
        *ret_part = (struct part){ .kind = *at == '*' ? PART_ANY_MANY : PART_ANY_ONE };
        *text = at + 1;
        return PATTERN_OK;
    }
    if (variables && at[0] == '$' && at[1] == '{') {
        return compile_variable(text, ret_part);
    }
    size_t length = 1 + strcspn(at + 1, variables ? "*?$" : "*?");
    *ret_part = (struct part){ .kind = PART_LITERAL, .literal = at, .length = length };
    *text = at + length;
    return PATTERN_OK;
}

enum pattern_result pattern_compile(const char *text, enum pattern_syntax syntax,
                                    struct pattern **ret_pattern, const char **ret_rest)
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
    bool variables = syntax == PATTERN_WILDCARDS_VARIABLES;
    for (const char *at = copy; *at != '\0';) {
        const char *begin = at;
        enum pattern_result result = compile_part(&at, variables, &pattern->part[pattern->count]);
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
    const char *value = values->value[part->variable];
    *ret_length = strlen(value);
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
static bool step(const struct pattern *pattern, const struct policy_values *values, bool any_case,
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
    if (!same(text[at->used], **subject, any_case)) {
        return false;
    }
    at->used++;
    (*subject)++;
    return true;
}

static bool all_values_known(const struct pattern *pattern, const struct policy_values *values)
{
    for (size_t i = 0; i < pattern->count; i++) {
        if (pattern->part[i].kind == PART_VARIABLE &&
            values->value[pattern->part[i].variable] == NULL) {
            return false;
        }
    }
    return true;
}

/* Only the last * ever needs to take one character more, so no recursion and no stack. */
static bool match(const struct pattern *pattern, const struct policy_values *values, bool any_case,
                  const char *subject)
{
    if (!all_values_known(pattern, values)) {
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
        if (more && step(pattern, values, any_case, &at, &subject)) {
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

bool pattern_match(const struct pattern *pattern, const struct policy_values *values,
                   const char *subject)
{
    return match(pattern, values, false, subject);
}

bool pattern_match_any_case(const struct pattern *pattern, const char *subject)
{
    static const struct policy_values none = { { NULL } };
    return match(pattern, &none, true, subject);
}
