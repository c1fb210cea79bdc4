#include "broker/statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The actions of AWS IoT Core's policies. Those that are no use of MQTT are never asked for here.
 */
static const char *const known_action[] = {
    "iot:Connect",
    "iot:DeleteConnection",
    "iot:GetRetainedMessage",
    "iot:ListRetainedMessages",
    "iot:Publish",
    "iot:Receive",
    "iot:RetainPublish",
    "iot:Subscribe",
    "iot:DeleteThingShadow",
    "iot:GetThingShadow",
    "iot:ListNamedShadowsForThing",
    "iot:UpdateThingShadow",
    "iot:DescribeJobExecution",
    "iot:GetPendingJobExecutions",
    "iot:StartNextPendingJobExecution",
    "iot:UpdateJobExecution",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether one text becomes the other by one letter put in, left out, changed or swapped with its
 * neighbour; upper and lower case are the same. */
static bool is_slip(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    if (*a == '\0' && *b == '\0') {
        return false; /* the same */
    }
    if (*a != '\0' && *b != '\0' && a[1] != '\0' && lower(a[0]) == lower(b[1]) &&
        lower(a[1]) == lower(b[0]) && strcasecmp(a + 2, b + 2) == 0) {
        return true;
    }
    return (*a != '\0' && strcasecmp(a + 1, b) == 0) || (*b != '\0' && strcasecmp(a, b + 1) == 0) ||
           (*a != '\0' && *b != '\0' && strcasecmp(a + 1, b + 1) == 0);
}

/* The action that was probably meant, where what stands there is none; or NULL. */
static const char *meant_action(const char *text)
{
    const char *meant = NULL;
    if (strpbrk(text, "*?") != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof known_action / sizeof known_action[0]; i++) {
        if (strcasecmp(known_action[i], text) == 0) {
            return NULL;
        }
        if (is_slip(text, known_action[i])) {
            meant = known_action[i];
        }
    }
    return meant;
}

static int add_action(struct loading *loading, void *into, const char *text)
{
    const char *colon = strchr(text, ':');
    if (strcmp(text, "*") != 0 && (colon == NULL || colon == text || colon[1] == '\0')) {
        return LOADING_FAIL(
            loading, "\"%.80s\" is no action; write it as \"iot:Connect\" or \"iot:*\"", text);
    }
    const char *meant = meant_action(text);
    if (meant != NULL) {
        return LOADING_FAIL(loading, "\"%.80s\" is no action of AWS IoT Core; write \"%s\"", text,
                            meant);
    }
    return loading_pattern(loading, into, text, PATTERN_WILDCARDS | PATTERN_ANY_CASE);
}

static int add_resource(struct loading *loading, void *into, const char *text)
{
    return loading_resource(loading, into, text);
}

/* Reads Action or Resource: a string or an array of strings. */
static int read_list(struct loading *loading, const cJSON *element, struct pattern_list *list,
                     loading_text_fn *add)
{
    if (list->item != NULL) {
        return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                             "a statement has either %s or %s, not both",
                             strncmp(element->string, "Not", 3) == 0 ? element->string + 3
                                                                     : element->string,
                             element->string);
    }
    size_t count = loading_count(element);
    if (count == 0) {
        return LOADING_FAIL(loading, "%s is empty", element->string);
    }
    int rc = pattern_list_init(loading, list, count);
    return rc != 0 ? rc : loading_each(loading, element, false, add, list);
}

static int read_effect(struct loading *loading, const cJSON *element, struct statement *statement)
{
    const char *effect = cJSON_GetStringValue(element);
    if (effect == NULL || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0)) {
        return LOADING_FAIL(loading, "Effect must be \"Allow\" or \"Deny\"");
    }
    statement->deny = effect[0] == 'D';
    return 0;
}

static int read_sid(struct loading *loading, const cJSON *element, struct statement *statement)
{
    const char *sid = cJSON_GetStringValue(element);
    if (sid == NULL) {
        return LOADING_FAIL(loading, "Sid must be a string");
    }
    statement->sid = strdup(sid);
    return statement->sid == NULL ? loading_no_memory(loading) : 0;
}

static int read_action(struct loading *loading, const cJSON *element, struct statement *statement)
{
    return read_list(loading, element, &statement->actions, add_action);
}

static int read_not_action(struct loading *loading, const cJSON *element,
                           struct statement *statement)
{
    statement->not_actions = true;
    return read_list(loading, element, &statement->actions, add_action);
}

static int read_resource(struct loading *loading, const cJSON *element, struct statement *statement)
{
    return read_list(loading, element, &statement->resources, add_resource);
}

static int read_not_resource(struct loading *loading, const cJSON *element,
                             struct statement *statement)
{
    statement->not_resources = true;
    return read_list(loading, element, &statement->resources, add_resource);
}

static int read_condition(struct loading *loading, const cJSON *element,
                          struct statement *statement)
{
    return condition_parse(loading, element, &statement->condition);
}

static const struct {
    const char *name;
    int (*read)(struct loading *loading, const cJSON *element, struct statement *statement);
    const char *instead; /* of a required element: what may stand in its place */
} element_row[] = {
    { "Sid", read_sid, NULL },
    { "Effect", read_effect, "Effect" },
    { "Action", read_action, "NotAction" },
    { "NotAction", read_not_action, NULL },
    { "Resource", read_resource, "NotResource" },
    { "NotResource", read_not_resource, NULL },
    { "Condition", read_condition, NULL },
};

enum { ELEMENT_COUNT = sizeof element_row / sizeof element_row[0] };

static int fail_element(struct loading *loading, const char *name)
{
    bool principal = strcmp(name, "Principal") == 0 || strcmp(name, "NotPrincipal") == 0;
    return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                         principal ? "%.40s has no place in a policy of AWS IoT Core: the "
                                     "certificate it is attached to is the principal"
                                   : "a statement has no element \"%.40s\"; it has Sid, Effect, "
                                     "Action, NotAction, Resource, NotResource and Condition",
                         name);
}

static int read_element(struct loading *loading, const cJSON *element, struct statement *statement,
                        bool *seen)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (strcmp(element->string, element_row[i].name) != 0) {
            continue;
        }
        if (seen[i]) {
            return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                                 "%s stands here a second time", element->string);
        }
        seen[i] = true;
        return element_row[i].read(loading, element, statement);
    }
    return fail_element(loading, element->string);
}

static bool was_seen(const bool *seen, const char *name)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (seen[i] && strcmp(element_row[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

int statement_parse(struct loading *loading, const cJSON *element, struct statement *statement)
{
    if (!cJSON_IsObject(element)) {
        return LOADING_FAIL(loading, "a statement is a JSON object");
    }
    bool seen[ELEMENT_COUNT] = { false };
    size_t level = loading->path.depth;
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, element)
    {
        loading->path.ordinal[level] = ordinal++;
        loading->path.depth = level + 1;
        int rc = read_element(loading, member, statement, seen);
        if (rc != 0) {
            return rc;
        }
    }
    loading->path.depth = level;
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        const char *instead = element_row[i].instead;
        if (instead != NULL && !seen[i] && !was_seen(seen, instead)) {
            return LOADING_FAIL(loading, "the statement has no %s", element_row[i].name);
        }
    }
    return 0;
}

void statement_fini(struct statement *statement)
{
    free(statement->sid);
    statement->sid = NULL;
    pattern_list_fini(&statement->actions);
    pattern_list_fini(&statement->resources);
    condition_fini(&statement->condition);
}

static bool any_fits(const struct pattern_list *list, const struct policy_values *values,
                     const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (pattern_match(list->item[i], values, text)) {
            return true;
        }
    }
    return false;
}

bool statement_has_action(const struct statement *statement, const char *action)
{
    static const struct policy_values none = { 0 };
    return any_fits(&statement->actions, &none, action) != statement->not_actions;
}

bool statement_has_resource(const struct statement *statement, const char *resource,
                            const struct policy_values *values)
{
    for (size_t i = 0; i < statement->resources.count && statement->not_resources; i++) {
        size_t length = 0;
        if (pattern_missing(statement->resources.item[i], values, &length) != NULL) {
            return false;
        }
    }
    return any_fits(&statement->resources, values, resource) != statement->not_resources;
}
