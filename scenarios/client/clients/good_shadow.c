#include "good_shadow.h"

#include <stdbool.h>
#include <string.h>

#include <cjson/cJSON.h>

/* ---- the state
 * ------------------------------------------------------------------------------------- */

static bool merge(cJSON *old, const cJSON *new);

/* What a member becomes. A new object, too, is made member by member: its names may repeat. */
static bool set_member(cJSON *old, const cJSON *new)
{
    const char *name = new->string;
    cJSON *value = cJSON_GetObjectItemCaseSensitive(old, name);
    if (cJSON_IsObject(new) && cJSON_IsObject(value)) {
        return merge(value, new);
    }
    cJSON *made = cJSON_IsObject(new) ? cJSON_CreateObject() : cJSON_Duplicate(new, true);
    if (made == NULL || (cJSON_IsObject(new) && !merge(made, new)) ||
        !(value != NULL ? cJSON_ReplaceItemInObjectCaseSensitive(old, name, made)
                        : cJSON_AddItemToObject(old, name, made))) {
        cJSON_Delete(made);
        return false;
    }
    return true;
}

/* What is named becomes so; everything else stays. */
static bool merge(cJSON *old, const cJSON *new)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, new)
    {
        if (!set_member(old, member)) {
            return false;
        }
    }
    return true;
}

void shadow_init(struct shadow *s)
{
    static const char FIRST[] = "{\"client\":\"client-good\"}";
    memset(s, 0, sizeof(*s));
    memcpy(s->state, FIRST, sizeof(FIRST));
}

static enum shadow_result apply(struct shadow *s, const cJSON *delta)
{
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(delta, "state");
    if (!cJSON_IsObject(delta) || !cJSON_IsObject(state)) {
        return SHADOW_NO_STATE;
    }
    cJSON *now = cJSON_Parse(s->state);
    struct shadow changed;
    bool ok = now != NULL && merge(now, state) &&
              cJSON_PrintPreallocated(now, changed.state, sizeof(changed.state), false);
    cJSON_Delete(now);
    if (ok) {
        *s = changed;
    }
    return ok ? SHADOW_TAKEN : SHADOW_TOO_LONG;
}

/* NULL for what is not one JSON value with white space around it. */
static cJSON *parse(const char *bytes, size_t n)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(bytes, n, &end, false);
    if (value == NULL) {
        return NULL;
    }
    while (end < bytes + n && strchr(" \t\r\n", *end) != NULL && *end != '\0') {
        end++;
    }
    if (end < bytes + n) {
        cJSON_Delete(value);
        value = NULL;
    }
    return value;
}

enum shadow_result shadow_apply(struct shadow *s, const char *bytes, size_t n)
{
    cJSON *delta = parse(bytes, n);
    enum shadow_result result = delta == NULL ? SHADOW_UNREADABLE : apply(s, delta);
    cJSON_Delete(delta);
    return result;
}

const char *shadow_words(enum shadow_result result)
{
    switch (result) {
    case SHADOW_TAKEN:
        break;
    case SHADOW_UNREADABLE:
        return "it is no JSON, or nested too deep";
    case SHADOW_NO_STATE:
        return "it has no object \"state\"";
    case SHADOW_TOO_LONG:
        return "there is no room for its state";
    }
    return "it is taken";
}
