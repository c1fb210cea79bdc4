#include "broker/shadow_request.h"

#include "broker/shadow_doc.h"
#include "broker/shadow_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int code;
    const char *text;
} reason_row[SHADOW_REASON_COUNT] = {

#define SHADOW_REASON_ROW(id, code, text) [SHADOW_##id] = { code, text },
    SHADOW_REASONS(SHADOW_REASON_ROW)
#undef SHADOW_REASON_ROW
};

enum {
    /* AWS's message broker takes no longer payload. */
    PAYLOAD_MAX_LENGTH = 128 * 1024
};

int shadow_reason_code(enum shadow_reason reason)
{
    return reason_row[reason].code;
}

void shadow_reason_text(enum shadow_reason reason, const char *name, char *ret_text, size_t size)
{
    const char *text = reason_row[reason].text;
    const char *place = strstr(text, "%s");
    if (place == NULL) {
        snprintf(ret_text, size, "%s", text);
    } else {
        snprintf(ret_text, size, "%.*s%s%s", (int)(place - text), text, name, place + 2);
    }
}

void shadow_request_fini(struct shadow_request *request)
{
    cJSON_Delete(request->root);
    *request = (struct shadow_request){ 0 };
}

static enum shadow_reason parse(const char *payload, size_t length, struct shadow_request *request)
{
    if (length > PAYLOAD_MAX_LENGTH) {
        return SHADOW_TOO_LARGE;
    }
    switch (shadow_json_parse(payload, length, &request->root, &request->invalid_offset)) {
    case SHADOW_JSON_OK:
        return SHADOW_OK;
    case SHADOW_JSON_NOT_UTF8:
        return SHADOW_NOT_UTF8;
    case SHADOW_JSON_TOO_DEEP:
        return SHADOW_TOO_DEEP;
    case SHADOW_JSON_NO_MEMORY:
        return SHADOW_INTERNAL;
    default:
        return SHADOW_INVALID_JSON;
    }
}

static enum shadow_reason read_token(struct shadow_request *request)
{
    const cJSON *token = shadow_json_member(request->root, "clientToken");
    if (token == NULL) {
        return SHADOW_OK;
    }
    if (!cJSON_IsString(token) || strlen(token->valuestring) > SHADOW_TOKEN_MAX_LENGTH) {
        return SHADOW_INVALID_TOKEN;
    }
    request->client_token = token->valuestring;
    return SHADOW_OK;
}

static enum shadow_reason read_version(struct shadow_request *request)
{
    const cJSON *version = shadow_json_member(request->root, "version");
    if (version == NULL) {
        return SHADOW_OK;
    }
    const double exact =
        9007199254740992.0; /* 2^53: above it a double does not tell numbers apart */
    if (!cJSON_IsNumber(version) || version->valuedouble < 0 || version->valuedouble > exact ||
        floor(version->valuedouble) < version->valuedouble) {
        return SHADOW_INVALID_VERSION;
    }
    request->has_version = true;
    request->version = (int64_t)version->valuedouble;
    return SHADOW_OK;
}

/* Checks what stands 'level' names or brackets below desired or reported. */
static enum shadow_reason check_value(const cJSON *value, int level, bool in_array,
                                      const char **ret_node)
{
    if (level > SHADOW_STATE_MAX_NESTING) {
        return SHADOW_TOO_DEEP;
    }
    if (cJSON_IsNull(value) && in_array) {
        return SHADOW_INVALID_NODE; /* null means "remove", which an array has no place for */
    }
    if (cJSON_IsNumber(value) && !isfinite(value->valuedouble)) {
        return SHADOW_INVALID_NODE;
    }
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, value)
    {
        if (child->string != NULL) {
            *ret_node = child->string;
        }
        enum shadow_reason reason =
            check_value(child, level + 1, in_array || cJSON_IsArray(value), ret_node);
        if (reason != SHADOW_OK) {
            return reason;
        }
    }
    return SHADOW_OK;
}

enum shadow_reason shadow_request_check_state(const cJSON *state, const char **ret_node)
{
    if (state == NULL) {
        return SHADOW_MISSING_STATE;
    }
    if (cJSON_IsNull(state)) {
        return SHADOW_OK;
    }
    if (!cJSON_IsObject(state)) {
        return SHADOW_STATE_NO_OBJECT;
    }
    const cJSON *section = NULL;
    cJSON_ArrayForEach(section, state)
    {
        bool is_desired = strcmp(section->string, "desired") == 0;
        *ret_node = section->string;
        if (!is_desired && strcmp(section->string, "reported") != 0) {
            return SHADOW_INVALID_NODE;
        }
        if (!cJSON_IsObject(section) && !cJSON_IsNull(section)) {
            return is_desired ? SHADOW_DESIRED_NO_OBJECT : SHADOW_REPORTED_NO_OBJECT;
        }
        enum shadow_reason reason = check_value(section, 0, false, ret_node);
        if (reason != SHADOW_OK) {
            return reason;
        }
    }
    return SHADOW_OK;
}

bool shadow_request_fits(const cJSON *state, bool *ret_fits)
{
    char *text = cJSON_PrintUnformatted(state);
    *ret_fits = text != NULL && strlen(text) <= SHADOW_STATE_MAX_LENGTH;
    cJSON_free(text);
    return text != NULL;
}

static enum shadow_reason read_state(struct shadow_request *request)
{
    cJSON *state = shadow_json_member(request->root, "state");
    bool fits = true;
    if (state != NULL && !shadow_request_fits(state, &fits)) {
        return SHADOW_INTERNAL;
    }
    if (!fits) {
        return SHADOW_TOO_LARGE;
    }
    if (state != NULL) {
        shadow_json_keep_last(state);
    }
    request->state = state;
    return shadow_request_check_state(state, &request->invalid_node);
}

enum shadow_reason shadow_request_read_update(const char *payload, size_t length,
                                              struct shadow_request *ret_request)
{
    enum shadow_reason reason = parse(payload, length, ret_request);
    if (reason != SHADOW_OK) {
        return reason;
    }
    if (!cJSON_IsObject(ret_request->root)) {
        return SHADOW_INVALID_JSON;
    }
    reason = read_token(ret_request);
    if (reason == SHADOW_OK) {
        reason = read_version(ret_request);
    }
    return reason == SHADOW_OK ? read_state(ret_request) : reason;
}

enum shadow_reason shadow_request_read_token(const char *payload, size_t length,
                                             struct shadow_request *ret_request)
{
    return parse(payload, length, ret_request) == SHADOW_OK ? read_token(ret_request) : SHADOW_OK;
}
