/* Keys of the profile on the control socket: get, set, and what other verbs do with keys. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/modem/modem.h"
#include "sim/modem/profile.h"
#include "sim/mqtt/utf8.h"

#define VALUE_MAX    160 /* of one profile key, escapes included */
#define PROFILE_JSON ((size_t)256 * 1024)

/* The value of a key as it would stand in a profile file. */
static bool key_text(const cJSON *key, const char *verb, char *text, size_t size,
                     struct reason *why)
{
    int n = -1;
    if (cJSON_IsString(key)) {
        n = snprintf(text, size, "%s", key->valuestring);
    } else if (cJSON_IsNumber(key) && (double)key->valueint == key->valuedouble) {
        n = snprintf(text, size, "%d", key->valueint);
    } else {
        return reason_set(why, "%s: %.60s: takes a string or a whole number", verb, key->string);
    }
    return (size_t)n < size ||
           reason_set(why, "%s: %.60s: longer than any value", verb, key->string);
}

/* PINs are in no log. */
static const char *const secret_keys[] = { "sim.pin", "sim.puk" };

static bool is_secret(const char *key)
{
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(secret_keys); i++) {
        found = found || strcmp(key, secret_keys[i]) == 0;
    }
    return found;
}

void control_keys_hide(cJSON *keys)
{
    for (size_t i = 0; i < ARRAY_LEN(secret_keys); i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(keys, secret_keys[i]);
    }
}

static void trace_set(const struct trace *t, const char *key, const char *text)
{
    trace_emit(t, "control", TRACE_STR("verb", "set"), TRACE_STR("key", key),
               TRACE_STR("value", is_secret(key) ? "(not shown)" : text));
}

bool control_keys_try(struct profile *p, const cJSON *keys, const char *verb, struct reason *why)
{
    char text[VALUE_MAX];
    char error[256];
    const cJSON *key = NULL;
    cJSON_ArrayForEach(key, keys)
    {
        if (!key_text(key, verb, text, sizeof text, why)) {
            return false;
        }
        if (!profile_set_live(p, span_str(key->string), span_str(text), error, sizeof error)) {
            return reason_set(why, "%s: %s", verb, error);
        }
    }
    return true;
}

void control_keys_set(struct modem *m, const struct trace *trace, const cJSON *keys)
{
    char text[VALUE_MAX];
    char error[256];
    struct reason why;
    const cJSON *key = NULL;
    cJSON_ArrayForEach(key, keys)
    {
        CHECK(key_text(key, "set", text, sizeof text, &why));
        trace_set(trace, key->string, text);
        CHECK(modem_set(m, span_str(key->string), span_str(text), error, sizeof error));
    }
}

/* All keys are tried on a copy before the first one is changed. */
bool control_set(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct modem *m = r->modem->modem;
    struct profile tried;
    (void)answer;
    profile_copy(&tried, modem_profile(m));
    if (!control_keys_try(&tried, r->object[1], "set", why)) {
        return false;
    }
    control_keys_set(m, r->modem->trace, r->object[1]);
    return true;
}

bool control_keys_text(const cJSON *keys, const char *verb, struct buf *out, struct reason *why)
{
    char text[VALUE_MAX];
    const cJSON *key = NULL;
    cJSON_ArrayForEach(key, keys)
    {
        if (!key_text(key, verb, text, sizeof text, why)) {
            return false;
        }
        if (strpbrk(key->string, "\r\n=#") != NULL) {
            return reason_set(why, "%s: there is no key '%.60s'; 'get' shows all", verb,
                              key->string);
        }
        if (strpbrk(text, "\r\n") != NULL) {
            return reason_set(why, "%s: %.60s: a value has no line end; write \\r and \\n", verb,
                              key->string);
        }
        (void)buf_addf(out, "%s = %s\n", key->string, text);
    }
    return true;
}

bool control_get(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct buf text;
    (void)why;
    buf_init(&text, PROFILE_JSON);
    profile_dump_json(modem_profile(r->modem->modem), &text);
    bool is_text = utf8_valid(buf_span(&text));
    for (size_t i = 0; i < text.n && !is_text; i++) {
        text.p[i] = text.p[i] < 0x80 ? text.p[i] : '?'; /* a profile file may hold any bytes */
    }
    cJSON *keys = cJSON_ParseWithLength((const char *)text.p, text.n);
    buf_fini(&text);
    CHECK(keys != NULL);
    (void)cJSON_AddItemToObject(answer, "keys", keys);
    return true;
}
