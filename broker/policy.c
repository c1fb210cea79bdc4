#include "broker/policy.h"
#include "broker/statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct policy {
    char *name;
    size_t count;
    struct statement statement[];
};

static const struct {
    const char *name;
    const char *resource_type;
} action_row[POLICY_ACTION_COUNT] = {
    [POLICY_CONNECT] = { "iot:Connect", "client" },
    [POLICY_PUBLISH] = { "iot:Publish", "topic" },
    [POLICY_RETAIN_PUBLISH] = { "iot:RetainPublish", "topic" },
    [POLICY_RECEIVE] = { "iot:Receive", "topic" },
    [POLICY_SUBSCRIBE] = { "iot:Subscribe", "topicfilter" },
};

const char *policy_action_name(enum policy_action action)
{
    return action_row[action].name;
}

const char *policy_resource_type(enum policy_action action)
{
    return action_row[action].resource_type;
}

/* The document's Version decides whether ${…} is a variable, so it is wanted before the rest. */
static int read_version(struct loading *loading)
{
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, loading->doc->root)
    {
        loading->path = (struct json_path){ .ordinal = { ordinal++ }, .depth = 1 };
        if (strcmp(member->string, "Version") != 0) {
            continue;
        }
        const char *version = cJSON_GetStringValue(member);
        if (version != NULL && strcmp(version, "2012-10-17") == 0) {
            loading->variables = true;
            return 0;
        }
        if (version != NULL && strcmp(version, "2008-10-17") == 0) {
            return 0;
        }
        return LOADING_FAIL(loading, "Version must be \"2012-10-17\" or \"2008-10-17\"");
    }
    return 0;
}

/* Finds the Statement element and refuses what does not belong beside it. */
static int read_top_level(struct loading *loading, const cJSON **ret_statement, size_t *ret_ordinal)
{
    static const char *const known[] = { "Version", "Id", "Statement" };
    const cJSON *found[sizeof known / sizeof known[0]] = { NULL };
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, loading->doc->root)
    {
        loading->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && strcmp(member->string, known[i]) != 0) {
            i++;
        }
        if (i == sizeof known / sizeof known[0]) {
            return json_doc_fail(
                loading->doc, &loading->path, true, loading->error,
                "a policy has no element \"%.40s\"; it has Version, Id and Statement",
                member->string);
        }
        if (found[i] != NULL) {
            return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                                 "%s stands here a second time", known[i]);
        }
        found[i] = member;
        if (i == 2) {
            *ret_statement = member;
            *ret_ordinal = ordinal;
        }
        ordinal++;
    }
    if (*ret_statement == NULL) {
        loading->path = (struct json_path){ 0 };
        return LOADING_FAIL(loading, "the policy has no Statement");
    }
    return 0;
}

static int read_statements(struct loading *loading, const cJSON *element, size_t ordinal,
                           struct policy *policy)
{
    loading->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
    if (cJSON_IsObject(element)) {
        policy->count = 1;
        return statement_parse(loading, element, &policy->statement[0]);
    }
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, element)
    {
        loading->path = (struct json_path){ .ordinal = { ordinal, policy->count }, .depth = 2 };
        policy->count++; /* also of a half-read statement: policy_free() releases it */
        int rc = statement_parse(loading, item, &policy->statement[policy->count - 1]);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int load(struct loading *loading, const char *name, struct policy **ret_policy)
{
    const cJSON *element = NULL;
    size_t ordinal = 0;
    if (!cJSON_IsObject(loading->doc->root)) {
        return LOADING_FAIL(loading, "a policy document is a JSON object");
    }
    int rc = read_version(loading);
    if (rc == 0) {
        rc = read_top_level(loading, &element, &ordinal);
    }
    if (rc != 0) {
        return rc;
    }
    if (!cJSON_IsObject(element) && !cJSON_IsArray(element)) {
        loading->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
        return LOADING_FAIL(loading, "Statement must be an object or an array of objects");
    }
    size_t most = cJSON_IsObject(element) ? 1 : (size_t)cJSON_GetArraySize(element);
    struct policy *policy = calloc(1, sizeof *policy + most * sizeof policy->statement[0]);
    if (policy == NULL) {
        return loading_no_memory(loading);
    }
    policy->name = strdup(name);
    if (policy->name == NULL) {
        rc = loading_no_memory(loading);
    } else {
        rc = read_statements(loading, element, ordinal, policy);
    }
    if (rc != 0) {
        policy_free(&policy);
        return rc;
    }
    *ret_policy = policy;
    return 0;
}

int policy_parse(const char *name, const char *text, size_t length, struct policy **ret_policy,
                 struct json_error *ret_error)
{
    struct json_doc doc = { 0 };
    int rc = json_doc_parse(&doc, text, length, ret_error);
    if (rc != 0) {
        return rc;
    }
    struct loading loading = { .doc = &doc, .error = ret_error };
    rc = load(&loading, name, ret_policy);
    json_doc_free(&doc);
    return rc;
}

void policy_free(struct policy **policy)
{
    if (*policy == NULL) {
        return;
    }
    for (size_t i = 0; i < (*policy)->count; i++) {
        statement_fini(&(*policy)->statement[i]);
    }
    free((*policy)->name);
    free(*policy);
    *policy = NULL;
}

const char *policy_name(const struct policy *policy)
{
    return policy->name;
}

static bool applies(const struct statement *statement, const char *action, const char *resource,
                    const struct policy_values *values)
{
    const struct condition_test *unmet = NULL;
    return statement_has_action(statement, action) &&
           statement_has_resource(statement, resource, values) &&
           condition_met(&statement->condition, values, &unmet);
}

/* Lets the statements of one document change the decision. Returns true if it is final. */
static bool decide(const struct policy *policy, const char *action, const char *resource,
                   const struct policy_values *values, struct policy_decision *decision)
{
    for (size_t i = 0; i < policy->count; i++) {
        const struct statement *statement = &policy->statement[i];
        if (decision->verdict == POLICY_ALLOWED && !statement->deny) {
            continue; /* only a deny can still change it */
        }
        if (!applies(statement, action, resource, values)) {
            continue;
        }
        *decision =
            (struct policy_decision){ .verdict = statement->deny ? POLICY_DENIED : POLICY_ALLOWED,
                                      .policy = policy,
                                      .statement = i + 1,
                                      .sid = statement->sid };
        if (statement->deny) {
            return true;
        }
    }
    return false;
}

char *policy_resource_text(enum policy_action action, const char *name)
{
    const char *type = action_row[action].resource_type;
    size_t size = strlen(type) + 1 + strlen(name) + 1;
    char *resource = malloc(size);
    if (resource != NULL) {
        snprintf(resource, size, "%s/%s", type, name);
    }
    return resource;
}

struct policy_decision policy_decide(struct policy_list policies, enum policy_action action,
                                     const char *name, const struct policy_values *values)
{
    struct policy_decision decision = { .verdict = POLICY_NO_ALLOW };
    char *resource = policy_resource_text(action, name);
    if (resource == NULL) {
        return (struct policy_decision){ .verdict = POLICY_NO_MEMORY };
    }
    for (size_t i = 0; i < policies.count; i++) {
        if (decide(policies.item[i], action_row[action].name, resource, values, &decision)) {
            break;
        }
    }
    free(resource);
    return decision;
}

/* Adds a statement's resource patterns, once each. */
static void add_compared(const struct statement *statement, const struct policy_values *values,
                         struct policy_comparison *comparison)
{
    for (size_t i = 0; i < statement->resources.count; i++) {
        const struct pattern *pattern = statement->resources.item[i];
        size_t length = 0;
        const char *missing = pattern_missing(pattern, values, &length);
        if (missing != NULL && comparison->missing == NULL) {
            comparison->missing = strndup(missing, length);
        }
        char *text = pattern_text(pattern, values);
        for (size_t k = 0; k < comparison->count && text != NULL; k++) {
            if (strcmp(text, comparison->resource[k]) == 0) {
                free(text);
                text = NULL;
            }
        }
        if (text != NULL && comparison->count < POLICY_COMPARED_MAX) {
            comparison->resource[comparison->count++] = text;
        } else if (text != NULL) {
            comparison->more = true;
            free(text);
        }
    }
}

/* A statement that would allow it, were its condition met. */
static void add_unmet(const struct statement *statement, size_t number, const char *resource,
                      const struct policy_values *values, struct policy_comparison *comparison)
{
    const struct condition_test *unmet = NULL;
    if (comparison->unmet == NULL && !statement->deny &&
        statement_has_resource(statement, resource, values) &&
        !condition_met(&statement->condition, values, &unmet)) {
        comparison->unmet = condition_text(unmet, values);
        comparison->unmet_statement = number;
    }
}

struct policy_comparison policy_compare(struct policy_list policies, enum policy_action action,
                                        const char *name, const struct policy_values *values,
                                        const struct policy_decision *decision)
{
    struct policy_comparison comparison = { .count = 0 };
    char *resource = policy_resource_text(action, name);
    for (size_t p = 0; p < policies.count && resource != NULL; p++) {
        const struct policy *policy = policies.item[p];
        for (size_t i = 0; i < policy->count; i++) {
            const struct statement *statement = &policy->statement[i];
            bool deciding = decision->policy == policy && decision->statement == i + 1;
            if (!statement_has_action(statement, action_row[action].name) ||
                (decision->policy != NULL && !deciding) || (statement->deny && !deciding)) {
                continue;
            }
            comparison.has_allow = comparison.has_allow || !statement->deny;
            add_compared(statement, values, &comparison);
            add_unmet(statement, i + 1, resource, values, &comparison);
        }
    }
    free(resource);
    return comparison;
}

void policy_comparison_fini(struct policy_comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        free(comparison->resource[i]);
    }
    free(comparison->missing);
    free(comparison->unmet);
    *comparison = (struct policy_comparison){ .count = 0 };
}
