/* A pattern of a policy document: text with the wildcards * (any characters) and ? (one character)
 * and policy variables such as ${iot:ClientId}. Compiled once when the document is loaded; a match
 * allocates nothing. The value of a variable is always compared literally, so a client cannot widen
 * a policy with a * in its client id; + and # have no meaning here, as in AWS.
 * Knows nothing of statements, ARNs or MQTT. */
#ifndef BROKER_PATTERN_H
#define BROKER_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
/* The policy variables that can be used in a Resource; any other is refused when the document is
 * loaded, because a statement that silently never matches is hard to find. */
#define POLICY_VARIABLES(X)                                                                        \
    X(CLIENT_ID,                    "iot:ClientId")                                                \
    X(THING_NAME,                   "iot:Connection.Thing.ThingName")                              \
    X(SUBJECT_COMMON_NAME,          "iot:Certificate.Subject.CommonName")                          \
    X(SUBJECT_ORGANIZATION,         "iot:Certificate.Subject.Organization")                        \
    X(SUBJECT_ORGANIZATIONAL_UNIT,  "iot:Certificate.Subject.OrganizationalUnit")                  \
    X(SUBJECT_STATE,                "iot:Certificate.Subject.State")                               \
    X(SUBJECT_COUNTRY,              "iot:Certificate.Subject.Country")                             \
    X(SUBJECT_SERIAL_NUMBER,        "iot:Certificate.Subject.SerialNumber")                        \
    X(ISSUER_COMMON_NAME,           "iot:Certificate.Issuer.CommonName")                           \
    X(ISSUER_ORGANIZATION,          "iot:Certificate.Issuer.Organization")                         \
    X(ISSUER_ORGANIZATIONAL_UNIT,   "iot:Certificate.Issuer.OrganizationalUnit")                   \
    X(ISSUER_STATE,                 "iot:Certificate.Issuer.State")                                \
    X(ISSUER_COUNTRY,               "iot:Certificate.Issuer.Country")                              \
    X(ISSUER_SERIAL_NUMBER,         "iot:Certificate.Issuer.SerialNumber")

#define POLICY_VARIABLE_ID(id, name) POLICY_##id,
enum policy_variable { POLICY_VARIABLES(POLICY_VARIABLE_ID) POLICY_VARIABLE_COUNT };
#undef POLICY_VARIABLE_ID

/* clang-format on */

/* One value per variable; NULL where this client has none, then no pattern with it matches. */
struct policy_values {
    const char *value[POLICY_VARIABLE_COUNT];
};

enum pattern_syntax {
    PATTERN_WILDCARDS,          /* * and ? */
    PATTERN_WILDCARDS_VARIABLES /* * and ?, ${variable}, and ${*} ${?} ${$} for the bare character
                                 */
};

enum pattern_result {
    PATTERN_OK,
    PATTERN_NO_MEMORY,
    PATTERN_UNKNOWN_VARIABLE,
    PATTERN_UNCLOSED_VARIABLE
};

struct pattern;

/* Compiles 'text'. On PATTERN_OK *ret_pattern is the caller's, to be released with pattern_free();
 * otherwise *ret_rest is the place in 'text' where the wrong variable begins. */
enum pattern_result pattern_compile(const char *text, enum pattern_syntax syntax,
                                    struct pattern **ret_pattern, const char **ret_rest);

/* Releases *pattern and sets it to NULL. NULL is fine. */
void pattern_free(struct pattern **pattern);

/* Whether the whole of 'subject' fits. */
bool pattern_match(const struct pattern *pattern, const struct policy_values *values,
                   const char *subject);

/* The same, with ASCII letters of either case equal (names of actions). A pattern with a variable
 * does not fit anything here. */
bool pattern_match_any_case(const struct pattern *pattern, const char *subject);

#endif
