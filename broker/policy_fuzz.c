/* Input: a policy document, a NUL byte, a name. Whatever the document, loading it ends, and every
 * decision over it names a statement that exists. The same text is also read as a registry. */
#include "broker/policy.h"
#include "broker/registry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decide_all(const struct policy *policy, const char *name)
{
    const struct policy_values with_values = {
        .value = { [POLICY_CLIENT_ID] = { "id*?" },
                   [POLICY_SOURCE_IP] = { "10.0.0.1" },
                   [POLICY_CURRENT_TIME] = { "2030-01-31T12:00:00Z" },
                   [POLICY_EPOCH_TIME] = { "1896091200" },
                   [POLICY_CONNECT_ATTRIBUTES] = { "PersistentConnect", "LastWill" },
                   [POLICY_THING_IS_ATTACHED] = { "true" },
                   [POLICY_THING_NAME] = { "thing1" } }
    };
    const struct policy_values without_values = { 0 };
    const struct policy_list policies = { .item = &policy, .count = 1 };
    for (int action = 0; action < POLICY_ACTION_COUNT; action++) {
        struct policy_decision decision =
            policy_decide(policies, (enum policy_action)action, name, &with_values);
        bool decided = decision.verdict == POLICY_ALLOWED || decision.verdict == POLICY_DENIED;
        if (decided != (decision.statement > 0)) {
            abort();
        }
        struct policy_comparison comparison =
            policy_compare(policies, (enum policy_action)action, name, &with_values, &decision);
        policy_comparison_fini(&comparison);
        policy_decide(policies, (enum policy_action)action, name, &without_values);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    size_t length = strlen(text);
    const char *name = length < size ? text + length + 1 : "thing1/a";
    struct json_error error = { 0 };
    struct policy *policy = NULL;
    if (policy_parse("fuzz", text, length, &policy, &error) == 0) {
        decide_all(policy, name);
    } else if (error.line == 0 || error.column == 0 || error.what[0] == '\0') {
        abort();
    }
    policy_free(&policy);
    struct registry *registry = NULL;
    if (registry_parse(text, length, &registry, &error) == 0) {
        registry_find(registry, name);
        for (size_t i = 0; i < registry_count(registry); i++) {
            struct policy_values values = { 0 };
            registry_values(registry_at(registry, i), name, &values);
        }
    }
    registry_free(&registry);
    free(text);
    return 0;
}
