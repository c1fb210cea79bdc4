#include "broker/loading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARN_FIELDS_BEFORE_RESOURCE = 5 /* arn:partition:service:region:account: */
};

int loading_no_memory(struct loading *loading)
{
    LOADING_FAIL(loading, "out of memory");
    return -ENOMEM;
}

static int fail_compile(struct loading *loading, enum pattern_result result, const char *rest)
{
    if (result == PATTERN_NO_MEMORY) {
        return loading_no_memory(loading);
    }
    if (result == PATTERN_UNCLOSED_VARIABLE) {
        return LOADING_FAIL(loading, "the policy variable %.40s has no closing }", rest);
    }
    int length = (int)(strcspn(rest, "}") + 1);
    const char *hint = "";
    if (strncmp(rest, "${iot:Thing.", 12) == 0) {
        hint = "; thing variables begin with ${iot:Connection.Thing.";
    } else if (strstr(rest, ".List}") != NULL ||
               strstr(rest, "iot:ConnectAttributes") == rest + 2) {
        hint = "; all values at once can only stand in a Condition";
    }
    return LOADING_FAIL(loading, "%.*s is no policy variable this broker can evaluate%s",
                        length < 80 ? length : 80, rest, hint);
}

int loading_pattern(struct loading *loading, struct pattern_list *list, const char *text,
                    unsigned syntax)
{
    if (!loading->variables && (syntax & PATTERN_VARIABLES) != 0) {
        if (strstr(text, "${") != NULL) {
            return LOADING_FAIL(loading, "policy variables need \"Version\": \"2012-10-17\"");
        }
        syntax &= ~(unsigned)PATTERN_VARIABLES;
    }
    const char *rest = text;
    enum pattern_result result = pattern_compile(text, syntax, &list->item[list->count], &rest);
    if (result != PATTERN_OK) {
        return fail_compile(loading, result, rest);
    }
    list->count++;
    return 0;
}

/* The part of an ARN after the account. Returns NULL if 'arn' is none. */
static const char *resource_of_arn(const char *arn)
{
    const char *at = arn;
    for (int field = 0; field < ARN_FIELDS_BEFORE_RESOURCE; field++) {
        const char *colon = strchr(at, ':');
        if (colon == NULL) {
            /* "arn:aws:iot:*": the wildcard covers all that would follow */
            return field > 0 && strcmp(at, "*") == 0 ? at : NULL;
        }
        at = colon + 1;
    }
    return *at == '\0' ? NULL : at;
}

/* Whether the SERVICE field of an ARN can mean AWS IoT. */
static bool is_iot_arn(const char *arn)
{
    const char *service = arn;
    for (int field = 0; field < 2 && service != NULL; field++) {
        service = strchr(service, ':');
        service = service == NULL ? NULL : service + 1;
    }
    return service == NULL || strncmp(service, "iot:", 4) == 0 || *service == '*';
}

int loading_resource(struct loading *loading, struct pattern_list *list, const char *text)
{
    if (strcmp(text, "*") == 0) {
        return loading_pattern(loading, list, text, PATTERN_WILDCARDS);
    }
    bool is_arn = strncmp(text, "arn:", 4) == 0;
    const char *resource = is_arn ? resource_of_arn(text) : NULL;
    if (resource == NULL) {
        return LOADING_FAIL(loading,
                            "\"%.80s\" is no resource; write it as "
                            "\"arn:aws:iot:REGION:ACCOUNT:topic/NAME\" or \"*\"",
                            text);
    }
    if (!is_iot_arn(text)) {
        return LOADING_FAIL(loading, "\"%.80s\" is not a resource of AWS IoT (arn:aws:iot:…)",
                            text);
    }
    return loading_pattern(loading, list, resource, PATTERN_WILDCARDS | PATTERN_VARIABLES);
}

size_t loading_count(const cJSON *element)
{
    return cJSON_IsArray(element) ? (size_t)cJSON_GetArraySize(element) : 1;
}

/* A value as text, in 'buffer' if it is no string; NULL if it is none. */
static const char *scalar(const cJSON *value, bool scalars, char *buffer, size_t size)
{
    if (cJSON_IsString(value) || !scalars) {
        return cJSON_GetStringValue(value);
    }
    if (cJSON_IsBool(value)) {
        return cJSON_IsTrue(value) ? "true" : "false";
    }
    if (cJSON_IsNumber(value)) {
        snprintf(buffer, size, "%.15g", value->valuedouble);
        return buffer;
    }
    return NULL;
}

int loading_each(struct loading *loading, const cJSON *element, bool scalars, loading_text_fn *read,
                 void *into)
{
    bool is_array = cJSON_IsArray(element);
    const cJSON *value = is_array ? element->child : element;
    size_t level = loading->path.depth;
    size_t count = loading_count(element);
    for (size_t i = 0; i < count; i++) {
        if (is_array) {
            loading->path.ordinal[level] = i;
            loading->path.depth = level + 1;
        }
        char buffer[40];
        const char *text = scalar(value, scalars, buffer, sizeof buffer);
        if (text == NULL) {
            return LOADING_FAIL(loading, "%s must be a string or an array of strings",
                                element->string);
        }
        int rc = read(loading, into, text);
        if (rc != 0) {
            return rc;
        }
        value = value->next;
    }
    loading->path.depth = level;
    return 0;
}

int pattern_list_init(struct loading *loading, struct pattern_list *list, size_t count)
{
    list->item =
        calloc(count + 1, sizeof(struct pattern *)); /* an empty list has an address, too */
    return list->item == NULL ? loading_no_memory(loading) : 0;
}

void pattern_list_fini(struct pattern_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        pattern_free(&list->item[i]);
    }
    free(list->item);
    *list = (struct pattern_list){ 0 };
}
