#include <string.h>

#include <cjson/cJSON.h>

#include "base/check.h"
#include "sim/host/control.h"
#include "sim/host/trace_file.h"

#define VERB_SHOWN_MAX 64
#define NESTING_MAX    32 /* cJSON recurses on nesting; no request needs more than a few levels */

static cJSON *answer_version(const struct control_facts *f)
{
    cJSON *answer = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(answer, "version", f->version);
    return answer;
}

static cJSON *answer_list(const struct control_facts *f)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *modems = cJSON_AddArrayToObject(answer, "modems");
    for (size_t i = 0; i < f->n; i++) {
        cJSON *m = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(m, "name", f->modems[i].name);
        (void)cJSON_AddStringToObject(m, "path", f->modems[i].path);
        (void)cJSON_AddStringToObject(m, "profile", f->modems[i].profile);
        (void)cJSON_AddItemToArray(modems, m);
    }
    return answer;
}

static const struct {
    const char *name;
    cJSON *(*answer)(const struct control_facts *f);
} verbs[] = {
    { "list", answer_list },
    { "version", answer_version },
};

static cJSON *answer_error(const char *text)
{
    cJSON *answer = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(answer, "error", text);
    return answer;
}

static cJSON *answer_unknown(const char *verb)
{
    struct buf text;
    buf_init(&text, CONTROL_LINE_MAX * 2);
    struct span shown = span_str(verb);
    shown.n = shown.n < VERB_SHOWN_MAX ? shown.n : VERB_SHOWN_MAX;
    (void)buf_add(&text, SPAN_LIT("unknown verb '"));
    (void)trace_escape(&text, shown);
    (void)buf_add(&text, SPAN_LIT("'; known:"));
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        (void)buf_addf(&text, "%s %s", i == 0 ? "" : ",", verbs[i].name);
    }
    (void)buf_add_byte(&text, 0);
    cJSON *answer = answer_error((const char *)text.p);
    buf_fini(&text);
    return answer;
}

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

static cJSON *answer_to(const struct control_facts *f, const cJSON *request)
{
    const cJSON *verb = cJSON_GetObjectItemCaseSensitive(request, "verb");
    if (!cJSON_IsObject(request) || !cJSON_IsString(verb)) {
        return answer_error("expected a JSON object with a member \"verb\" on one line");
    }
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verb->valuestring, verbs[i].name) == 0) {
            return verbs[i].answer(f);
        }
    }
    return answer_unknown(verb->valuestring);
}

/* NULL for what is not exactly one JSON value with blanks around it. */
static cJSON *parse(struct span s)
{
    const char *end = NULL;
    if (nests_too_deep(s)) {
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

void control_answer(const struct control_facts *f, struct span request, struct buf *out)
{
    cJSON *parsed = parse(request);
    cJSON *answer = parsed == NULL ? answer_error("not a line of JSON") : answer_to(f, parsed);
    char *text = cJSON_PrintUnformatted(answer);
    if (text != NULL) {
        (void)buf_add(out, span_str(text));
        (void)buf_add_byte(out, '\n');
        cJSON_free(text);
    }
    cJSON_Delete(answer);
    cJSON_Delete(parsed);
}
