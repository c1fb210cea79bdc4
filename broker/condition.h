/* The Condition of a statement: tests that must all be met. Operators are IAM's, on the keys of
 * keys.h. What a missing key means is IAM's rule: a positive test is not met, a negated one
 * (…Not…) is, …IfExists is; ForAllValues: is met by no value at all, ForAnyValue: is not. */
#ifndef BROKER_CONDITION_H
#define BROKER_CONDITION_H

#include "broker/loading.h"

#include <stdbool.h>
#include <stddef.h>

struct condition_test;

struct condition {
    struct condition_test *test;
    size_t count;
};

/* Reads the Condition element at loading->path. Returns 0, or -EINVAL or -ENOMEM with the error
 * filled; in either case condition_fini() releases what was read. *condition must be zeroed. */
int condition_parse(struct loading *loading, const cJSON *element, struct condition *condition);

/* Releases what the condition owns. */
void condition_fini(struct condition *condition);

/* Whether all tests are met; then *ret_unmet is not changed, else it is the first that is not. */
bool condition_met(const struct condition *condition, const struct policy_values *values,
                   const struct condition_test **ret_unmet);

/* A test and what it found, in words: 'Bool iot:Connection.Thing.IsAttached "true" (it is
 * "false")'. The text is the caller's, to be released with free(); NULL without memory. */
char *condition_text(const struct condition_test *test, const struct policy_values *values);

#endif
