/* A pattern of a policy document: text with the wildcards * (any characters) and ? (one character)
 * and policy variables such as ${iot:ClientId}. Compiled once when the document is loaded; a match
 * allocates nothing. The value of a variable is always compared literally, so a client cannot widen
 * a policy with a * in its client id; + and # have no meaning here, as in AWS.
 * Knows nothing of statements, ARNs or MQTT. */
#ifndef BROKER_PATTERN_H
#define BROKER_PATTERN_H

#include "broker/keys.h"

#include <stdbool.h>
#include <stddef.h>

/* What a pattern's text may have, and how it is compared; to be combined. */
enum pattern_syntax {
    PATTERN_WILDCARDS = 1, /* * and ? */
    PATTERN_VARIABLES = 2, /* ${variable}, and ${*} ${?} ${$} for the bare character */
    PATTERN_ANY_CASE = 4   /* ASCII letters of either case are equal */
};

enum pattern_result {
    PATTERN_OK,
    PATTERN_NO_MEMORY,
    PATTERN_UNKNOWN_VARIABLE,
    PATTERN_UNCLOSED_VARIABLE
};

struct pattern;

/* Compiles 'text'. 'syntax' is of enum pattern_syntax. On PATTERN_OK *ret_pattern is the caller's,
 * to be released with pattern_free(); otherwise *ret_rest is the place in 'text' where the wrong
 * variable begins. */
enum pattern_result pattern_compile(const char *text, unsigned syntax, struct pattern **ret_pattern,
                                    const char **ret_rest);

/* Releases *pattern and sets it to NULL. NULL is fine. */
void pattern_free(struct pattern **pattern);

/* Whether the whole of 'subject' fits. A pattern with a variable that has no value fits nothing. */
bool pattern_match(const struct pattern *pattern, const struct policy_values *values,
                   const char *subject);

/* The pattern as a person reads it: variables with a value filled in, the others as written. The
 * text is the caller's, to be released with free(); NULL if there is no memory. */
char *pattern_text(const struct pattern *pattern, const struct policy_values *values);

/* The first variable of the pattern that has no value, as written ("${iot:ClientId}", not ended by
 * a NUL byte, *ret_length bytes), or NULL. */
const char *pattern_missing(const struct pattern *pattern, const struct policy_values *values,
                            size_t *ret_length);

#endif
