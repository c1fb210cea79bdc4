#include <string.h>

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/host/trace_file.h"
#include "sim/mqtt/utf8.h"

#define NESTING_MAX 32 /* cJSON recurses on nesting; no request needs more than a few levels */
#define NAME_SHOWN  "%.64s"

static cJSON *answer_error(const struct reason *why)
{
    struct buf text;
    cJSON *answer = cJSON_CreateObject();
    buf_init(&text, sizeof why->text * 4 + 1);
    (void)trace_escape(&text, span_str(why->text)); /* what the peer wrote may stand in it */
    (void)buf_add_byte(&text, 0);
    (void)cJSON_AddStringToObject(answer, "error", (const char *)text.p);
    buf_fini(&text);
    return answer;
}

/* --- what a row takes, in words --- */

static void add_verbs(struct buf *out)
{
    for (size_t i = 0; i < control_verbs_n; i++) {
        (void)buf_addf(out, "%s%s", i == 0 ? "" : ", ", control_verbs[i].name);
    }
}

static void add_fields(const struct control_verb *v, struct buf *out)
{
    if (v->field[0].kind == CONTROL_NONE) {
        (void)buf_addf(out, "nothing");
    }
    for (size_t i = 0; i < CONTROL_FIELDS_MAX && v->field[i].kind != CONTROL_NONE; i++) {
        (void)buf_addf(out, "%s%s", i == 0 ? "" : ", ", v->field[i].param.name);
    }
}

static void add_modems(const struct control_facts *f, struct buf *out)
{
    (void)buf_addf(out, "%s", f->modems[0].name);
    if (f->n > 1) {
        (void)buf_addf(out, " to %s", f->modems[f->n - 1].name);
    }
}

static void add_words(const struct param *p, struct buf *out)
{
    for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
        struct span word = schema_word(p, n);
        (void)buf_addf(out, "%s%.*s", n == 0 ? "" : ", ", (int)word.n, (const char *)word.p);
    }
}

static void add_takes(const struct control_facts *f, const struct control_field *field,
                      struct buf *out)
{
    const struct param *p = &field->param;
    if (field->kind == CONTROL_MODEM) {
        add_modems(f, out);
    } else if (field->kind == CONTROL_OBJECT || field->kind == CONTROL_LIST) {
        (void)buf_addf(out, "%s: %s", field->kind == CONTROL_LIST ? "a list" : "an object", p->doc);
    } else if (p->type == PARAM_WORD) {
        add_words(p, out);
    } else if (p->type == PARAM_INT) {
        (void)buf_addf(out, "a whole number from %d to %d", (int)p->lo, (int)p->hi);
    } else {
        (void)buf_addf(out, "a string of %d to %d bytes", (int)p->lo, (int)p->hi);
    }
}

/* "power: field 'action' " and what is wrong with it, and what it takes. */
static bool wrong_field(const struct control_request *r, const struct control_verb *v,
                        const struct control_field *field, const char *what, struct reason *why)
{
    struct buf takes;
    buf_init(&takes, sizeof why->text);
    add_takes(r->facts, field, &takes);
    (void)reason_set(why, "%s: field '%s' %s %.*s", v->name, field->param.name, what, (int)takes.n,
                     (const char *)takes.p);
    buf_fini(&takes);
    return false;
}

/* --- a request against its row --- */

static const struct control_field *field_of(const struct control_verb *v, const char *name)
{
    for (size_t i = 0; i < CONTROL_FIELDS_MAX && v->field[i].kind != CONTROL_NONE; i++) {
        if (strcmp(v->field[i].param.name, name) == 0) {
            return &v->field[i];
        }
    }
    return NULL;
}

/* Every member of the request belongs to the verb, and only once. */
static bool known_members(const struct control_verb *v, const cJSON *request, struct reason *why)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, request)
    {
        if (cJSON_GetObjectItemCaseSensitive(request, member->string) != member) {
            return reason_set(why, "%s: field '" NAME_SHOWN "' is there twice", v->name,
                              member->string);
        }
        if (strcmp(member->string, "verb") != 0 && field_of(v, member->string) == NULL) {
            struct buf fields;
            buf_init(&fields, sizeof why->text);
            add_fields(v, &fields);
            (void)reason_set(why, "%s: unknown field '" NAME_SHOWN "'; it takes %.*s", v->name,
                             member->string, (int)fields.n, (const char *)fields.p);
            buf_fini(&fields);
            return false;
        }
    }
    return true;
}

static const struct control_modem *modem_named(const struct control_facts *f, const cJSON *name)
{
    if (name == NULL) {
        return f->n == 1 ? &f->modems[0] : NULL;
    }
    for (size_t i = 0; cJSON_IsString(name) && i < f->n; i++) {
        if (strcmp(f->modems[i].name, name->valuestring) == 0) {
            return &f->modems[i];
        }
    }
    return NULL;
}

static bool take_param(struct control_request *r, const struct param *p, size_t at,
                       const cJSON *given)
{
    struct value *v = &r->value[at];
    if (p->type == PARAM_INT) {
        v->present = cJSON_IsNumber(given) && (double)given->valueint == given->valuedouble;
        v->num = v->present ? given->valueint : 0;
        return v->present && schema_in_range(p, NULL, v);
    }
    if (!cJSON_IsString(given)) {
        return false;
    }
    v->present = v->quoted = true;
    v->str = span_str(given->valuestring);
    if (p->type == PARAM_WORD) {
        v->num = schema_word_place(p, v->str);
    }
    return schema_in_range(p, NULL, v);
}

static bool take_field(struct control_request *r, const struct control_field *field, size_t at,
                       const cJSON *given)
{
    switch (field->kind) {
    case CONTROL_MODEM:
        r->modem = modem_named(r->facts, given);
        return r->modem != NULL;
    case CONTROL_LIST:
        r->object[at] = given;
        return cJSON_IsArray(given) && given->child != NULL;
    case CONTROL_OBJECT:
        r->object[at] = given;
        return cJSON_IsObject(given) &&
               (given->child != NULL || (field->param.flags & PARAM_OPTIONAL) != 0);
    case CONTROL_PARAM:
        return take_param(r, &field->param, at, given);
    case CONTROL_NONE:
        break;
    }
    return false;
}

static bool take_fields(struct control_request *r, const struct control_verb *v,
                        const cJSON *request, struct reason *why)
{
    for (size_t i = 0; i < CONTROL_FIELDS_MAX && v->field[i].kind != CONTROL_NONE; i++) {
        const struct control_field *field = &v->field[i];
        const cJSON *given = cJSON_GetObjectItemCaseSensitive(request, field->param.name);
        bool may_lack = (field->param.flags & PARAM_OPTIONAL) != 0;
        if (given == NULL && may_lack && field->kind != CONTROL_MODEM) {
            r->value[i].num = field->param.def;
            continue;
        }
        if (given == NULL && !may_lack) {
            return wrong_field(r, v, field, "is missing; it takes", why);
        }
        if (!take_field(r, field, i, given)) {
            return wrong_field(r, v, field, given == NULL ? "must say which:" : "takes", why);
        }
    }
    return true;
}

static bool answer_row(struct control_request *r, const struct control_verb *v,
                       const cJSON *request, cJSON *answer, struct reason *why)
{
    return known_members(v, request, why) && take_fields(r, v, request, why) &&
           v->run(r, answer, why);
}

static bool answer_verb(struct control_request *r, const cJSON *request, cJSON *answer,
                        struct reason *why)
{
    const cJSON *verb = cJSON_GetObjectItemCaseSensitive(request, "verb");
    if (!cJSON_IsObject(request) || !cJSON_IsString(verb)) {
        return reason_set(why, "expected a JSON object with a member \"verb\" on one line");
    }
    for (size_t i = 0; i < control_verbs_n; i++) {
        if (strcmp(verb->valuestring, control_verbs[i].name) == 0) {
            return answer_row(r, &control_verbs[i], request, answer, why);
        }
    }
    struct buf verbs;
    buf_init(&verbs, sizeof why->text);
    add_verbs(&verbs);
    (void)reason_set(why, "unknown verb '" NAME_SHOWN "'; known: %.*s", verb->valuestring,
                     (int)verbs.n, (const char *)verbs.p);
    buf_fini(&verbs);
    return false;
}

/* --- a line --- */

static bool nests_too_deep(struct span s)
{
    int depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '[' || s.p[i] == '{') {
            depth++;
        }
        if (depth > NESTING_MAX) {
            return true;
        }
        if (s.p[i] == ']' || s.p[i] == '}') {
            depth--;
        }
    }
    return false;
}

/* The escape of U+0000, which would cut a C string short. */
static bool has_nul(struct span s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '\\') {
            continue;
        }
        if (i + 6 <= s.n && memcmp(s.p + i + 1, "u0000", 5) == 0) {
            return true;
        }
        i++;
    }
    return false;
}

/* NULL for what is not exactly one JSON value in UTF-8 with blanks around it. */
static cJSON *parse(struct span s)
{
    const char *end = NULL;
    if (nests_too_deep(s) || has_nul(s) || !utf8_valid(s)) {
        return NULL;
    }
    cJSON *value = cJSON_ParseWithLengthOpts((const char *)s.p, s.n, &end, 0);
    size_t i = value == NULL ? s.n : (size_t)(end - (const char *)s.p);
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r')) {
        i++;
    }
    if (i < s.n) {
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

static cJSON *answer_line(struct control_request *r, struct span request)
{
    struct reason why;
    cJSON *answer = cJSON_CreateObject();
    cJSON *parsed = parse(request);
    bool ok = parsed == NULL ? reason_set(&why, "not a line of JSON")
                             : answer_verb(r, parsed, answer, &why);
    cJSON_Delete(parsed);
    if (ok) {
        return answer;
    }
    cJSON_Delete(answer);
    return answer_error(&why);
}

void control_answer(const struct control_facts *f, struct span request,
                    struct control_subscription *subscription, struct buf *out)
{
    struct control_request r = { .facts = f, .subscription = subscription };
    cJSON *answer = answer_line(&r, request);
    char *text = cJSON_PrintUnformatted(answer);
    if (text != NULL) {
        (void)buf_add(out, span_str(text));
        (void)buf_add_byte(out, '\n');
        cJSON_free(text);
    }
    cJSON_Delete(answer);
}
