#include "broker/policy.h"
#include "broker/statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct policy {
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
static int read_version(struct statement_loader *loader)
{
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, loader->doc->root)
    {
        loader->path = (struct json_path){ .ordinal = { ordinal++ }, .depth = 1 };
        if (strcmp(member->string, "Version") != 0) {
            continue;
        }
        const char *version = cJSON_GetStringValue(member);
        if (version != NULL && strcmp(version, "2012-10-17") == 0) {
            loader->variables = true;
            return 0;
        }
        if (version != NULL && strcmp(version, "2008-10-17") == 0) {
            return 0;
        }
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "Version must be \"2012-10-17\" or \"2008-10-17\"");
    }
    return 0;
}

/* Finds the Statement element and refuses what does not belong beside it. */
static int read_top_level(struct statement_loader *loader, const cJSON **ret_statement,
                          size_t *ret_ordinal)
{
    static const char *const known[] = { "Version", "Id", "Statement" };
    const cJSON *found[sizeof known / sizeof known[0]] = { NULL };
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, loader->doc->root)
    {
        loader->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && strcmp(member->string, known[i]) != 0) {
            i++;
        }
        if (i == sizeof known / sizeof known[0]) {
            return json_doc_fail(
                loader->doc, &loader->path, true, loader->error,
                "a policy has no element \"%.40s\"; it has Version, Id and Statement",
                member->string);
        }
        if (found[i] != NULL) {
            return json_doc_fail(loader->doc, &loader->path, true, loader->error,
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
        loader->path = (struct json_path){ 0 };
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "the policy has no Statement");
    }
    return 0;
}

static int read_statements(struct statement_loader *loader, const cJSON *element, size_t ordinal,
                           struct policy *policy)
{
    loader->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
    if (cJSON_IsObject(element)) {
        policy->count = 1;
        return statement_parse(loader, element, &policy->statement[0]);
    }
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, element)
    {
        loader->path = (struct json_path){ .ordinal = { ordinal, policy->count }, .depth = 2 };
        policy->count++; /* also of a half-read statement: policy_free() releases it */
        int rc = statement_parse(loader, item, &policy->statement[policy->count - 1]);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int load(struct statement_loader *loader, struct policy **ret_policy)
{
    const cJSON *element = NULL;
    size_t ordinal = 0;
    if (!cJSON_IsObject(loader->doc->root)) {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "a policy document is a JSON object");
    }
    int rc = read_version(loader);
    if (rc == 0) {
        rc = read_top_level(loader, &element, &ordinal);
    }
    if (rc != 0) {
        return rc;
    }
    if (!cJSON_IsObject(element) && !cJSON_IsArray(element)) {
        loader->path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "Statement must be an object or an array of objects");
    }
    size_t most = cJSON_IsObject(element) ? 1 : (size_t)cJSON_GetArraySize(element);
    struct policy *policy = calloc(1, sizeof *policy + most * sizeof policy->statement[0]);
    if (policy == NULL) {
        return statement_no_memory(loader);
    }
    rc = read_statements(loader, element, ordinal, policy);
    if (rc != 0) {
        policy_free(&policy);
        return rc;
    }
    *ret_policy = policy;
    return 0;
}

int policy_parse(const char *text, size_t length, struct policy **ret_policy,
                 struct json_error *ret_error)
{
    struct json_doc doc = { 0 };
    int rc = json_doc_parse(&doc, text, length, ret_error);
    if (rc != 0) {
        return rc;
    }
    struct statement_loader loader = { .doc = &doc, .error = ret_error };
    rc = load(&loader, ret_policy);
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
    free(*policy);
    *policy = NULL;
}

static struct policy_decision decide(const struct policy *policy, const char *action,
                                     const char *resource, const struct policy_values *values)
{
    struct policy_decision decision = { .verdict = POLICY_NO_ALLOW };
    for (size_t i = 0; i < policy->count; i++) {
        const struct statement *statement = &policy->statement[i];
        if (decision.verdict == POLICY_ALLOWED && !statement->deny) {
            continue; /* only a deny can still change it */
        }
        if (!statement_applies(statement, action, resource, values)) {
            continue;
        }
        decision.verdict = statement->deny ? POLICY_DENIED : POLICY_ALLOWED;
        decision.statement = i + 1;
        decision.sid = statement->sid;
        if (statement->deny) {
            break;
        }
    }
    return decision;
}

struct policy_decision policy_decide(const struct policy *policy, enum policy_action action,
                                     const char *name, const struct policy_values *values)
{
    const char *type = action_row[action].resource_type;
    size_t size = strlen(type) + 1 + strlen(name) + 1;
    char *resource = malloc(size);
    if (resource == NULL) {
        return (struct policy_decision){ .verdict = POLICY_NO_MEMORY };
    }
    snprintf(resource, size, "%s/%s", type, name);
    struct policy_decision decision = decide(policy, action_row[action].name, resource, values);
    free(resource);
    return decision;
}
