#include "broker/statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARN_FIELDS_BEFORE_RESOURCE = 5 /* arn:partition:service:region:account: */
};

int statement_no_memory(struct statement_loader *loader)
{
    json_doc_fail(loader->doc, &loader->path, false, loader->error, "out of memory");
    return -ENOMEM;
}

static int fail_compile(struct statement_loader *loader, enum pattern_result result,
                        const char *rest)
{
    if (result == PATTERN_NO_MEMORY) {
        return statement_no_memory(loader);
    }
    if (result == PATTERN_UNCLOSED_VARIABLE) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "the policy variable %.40s has no closing }", rest);
    }
    int length = (int)(strcspn(rest, "}") + 1);
    return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                         "%.*s is no policy variable this broker can evaluate",
                         length < 80 ? length : 80, rest);
}

static int add_pattern(struct statement_loader *loader, struct pattern_list *list, const char *text,
                       enum pattern_syntax syntax)
{
    const char *rest = text;
    enum pattern_result result = pattern_compile(text, syntax, &list->item[list->count], &rest);
    if (result != PATTERN_OK) {
        return fail_compile(loader, result, rest);
    }
    list->count++;
    return 0;
}

static int add_action(struct statement_loader *loader, struct pattern_list *list, const char *text)
{
    const char *colon = strchr(text, ':');
    if (strcmp(text, "*") != 0 && (colon == NULL || colon == text || colon[1] == '\0')) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "\"%.80s\" is no action; write it as \"iot:Connect\" or \"iot:*\"",
                             text);
    }
    return add_pattern(loader, list, text, PATTERN_WILDCARDS);
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

static int add_resource(struct statement_loader *loader, struct pattern_list *list,
                        const char *text)
{
    if (!loader->variables && strstr(text, "${") != NULL) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "policy variables need \"Version\": \"2012-10-17\"");
    }
    if (strcmp(text, "*") == 0) {
        return add_pattern(loader, list, text, PATTERN_WILDCARDS);
    }
    bool is_arn = strncmp(text, "arn:", 4) == 0;
    const char *resource = is_arn ? resource_of_arn(text) : NULL;
    if (resource == NULL) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "\"%.80s\" is no resource; write it as "
                             "\"arn:aws:iot:REGION:ACCOUNT:topic/NAME\" or \"*\"",
                             text);
    }
    if (!is_iot_arn(text)) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "\"%.80s\" is not a resource of AWS IoT (arn:aws:iot:…)", text);
    }
    return add_pattern(loader, list, resource,
                       loader->variables ? PATTERN_WILDCARDS_VARIABLES : PATTERN_WILDCARDS);
}

typedef int add_fn(struct statement_loader *loader, struct pattern_list *list, const char *text);

/* Reads Action or Resource: a string or an array of strings. */
static int read_list(struct statement_loader *loader, const cJSON *element,
                     struct pattern_list *list, add_fn *add)
{
    bool is_array = cJSON_IsArray(element);
    size_t most = is_array ? (size_t)cJSON_GetArraySize(element) : 1;
    if (most == 0) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error, "%s is empty",
                             element->string);
    }
    list->item = calloc(most, sizeof(struct pattern *));
    if (list->item == NULL) {
        return statement_no_memory(loader);
    }
    const cJSON *value = is_array ? element->child : element;
    size_t level = loader->path.depth;
    for (size_t i = 0; i < most; i++) {
        if (is_array) {
            loader->path.ordinal[level] = i;
            loader->path.depth = level + 1;
        }
        const char *text = cJSON_GetStringValue(value);
        if (text == NULL) {
            return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                                 "%s must be a string or an array of strings", element->string);
        }
        int rc = add(loader, list, text);
        if (rc != 0) {
            return rc;
        }
        value = value->next;
    }
    loader->path.depth = level;
    return 0;
}

static int read_effect(struct statement_loader *loader, const cJSON *element,
                       struct statement *statement)
{
    const char *effect = cJSON_GetStringValue(element);
    if (effect == NULL || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0)) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "Effect must be \"Allow\" or \"Deny\"");
    }
    statement->deny = effect[0] == 'D';
    return 0;
}

static int read_sid(struct statement_loader *loader, const cJSON *element,
                    struct statement *statement)
{
    const char *sid = cJSON_GetStringValue(element);
    if (sid == NULL) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "Sid must be a string");
    }
    statement->sid = strdup(sid);
    return statement->sid == NULL ? statement_no_memory(loader) : 0;
}

static int read_action(struct statement_loader *loader, const cJSON *element,
                       struct statement *statement)
{
    return read_list(loader, element, &statement->actions, add_action);
}

static int read_resource(struct statement_loader *loader, const cJSON *element,
                         struct statement *statement)
{
    return read_list(loader, element, &statement->resources, add_resource);
}

/* The value of {"Bool": {"iot:Connection.Thing.IsAttached": …}}, as a string or an array of one
 * string, which is how AWS's samples for things write it. NULL: any other condition. */
static const char *is_attached_value(const cJSON *condition)
{
    const cJSON *test = cJSON_GetObjectItemCaseSensitive(condition, "Bool");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(test, "iot:Connection.Thing.IsAttached");
    if (value == NULL || condition->child->next != NULL || test->child->next != NULL) {
        return NULL;
    }
    bool single = cJSON_IsArray(value) && cJSON_GetArraySize(value) == 1;
    return cJSON_GetStringValue(single ? value->child : value);
}

/* A certificate that this broker knows is attached to its thing, and one that it does not know has
 * no policy: so "true" is always met and "false" never. */
static int read_condition(struct statement_loader *loader, const cJSON *element,
                          struct statement *statement)
{
    const char *value = is_attached_value(element);
    if (value == NULL || (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)) {
        return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                             "Condition is not supported by this broker, but for "
                             "{\"Bool\": {\"iot:Connection.Thing.IsAttached\": [\"true\"]}}");
    }
    statement->never = strcmp(value, "false") == 0;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(struct statement_loader *loader, const cJSON *element, struct statement *statement);
    bool required;
} element_row[] = {
    { "Sid", read_sid, false },
    { "Effect", read_effect, true },
    { "Action", read_action, true },
    { "Resource", read_resource, true },
    { "Condition", read_condition, false },
};

enum { ELEMENT_COUNT = sizeof element_row / sizeof element_row[0] };

static int fail_element(struct statement_loader *loader, const char *name)
{
    static const char *const aws_only[] = { "NotAction", "NotResource", "Principal",
                                            "NotPrincipal" };
    for (size_t i = 0; i < sizeof aws_only / sizeof aws_only[0]; i++) {
        if (strcmp(name, aws_only[i]) == 0) {
            return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                                 "%s is not supported by this broker", name);
        }
    }
    return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                         "a statement has no element \"%.40s\"; "
                         "it has Sid, Effect, Action, Resource and Condition",
                         name);
}

static int read_element(struct statement_loader *loader, const cJSON *element,
                        struct statement *statement, bool *seen)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (strcmp(element->string, element_row[i].name) != 0) {
            continue;
        }
        if (seen[i]) {
            return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                                 "%s stands here a second time", element->string);
        }
        seen[i] = true;
        return element_row[i].read(loader, element, statement);
    }
    return fail_element(loader, element->string);
}

int statement_parse(struct statement_loader *loader, const cJSON *element,
                    struct statement *statement)
{
    if (!cJSON_IsObject(element)) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "a statement is a JSON object");
    }
    bool seen[ELEMENT_COUNT] = { false };
    size_t level = loader->path.depth;
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, element)
    {
        loader->path.ordinal[level] = ordinal++;
        loader->path.depth = level + 1;
        int rc = read_element(loader, member, statement, seen);
        if (rc != 0) {
            return rc;
        }
    }
    loader->path.depth = level;
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (element_row[i].required && !seen[i]) {
            return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                                 "the statement has no %s", element_row[i].name);
        }
    }
    return 0;
}

static void free_list(struct pattern_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        pattern_free(&list->item[i]);
    }
    free(list->item);
    *list = (struct pattern_list){ 0 };
}

void statement_fini(struct statement *statement)
{
    free(statement->sid);
    statement->sid = NULL;
    free_list(&statement->actions);
    free_list(&statement->resources);
}

bool statement_applies(const struct statement *statement, const char *action, const char *resource,
                       const struct policy_values *values)
{
    bool action_fits = false;
    if (statement->never) {
        return false;
    }
    for (size_t i = 0; i < statement->actions.count && !action_fits; i++) {
        action_fits = pattern_match_any_case(statement->actions.item[i], action);
    }
    for (size_t i = 0; i < statement->resources.count && action_fits; i++) {
        if (pattern_match(statement->resources.item[i], values, resource)) {
            return true;
        }
    }
    return false;
}
