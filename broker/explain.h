/* A decision in the words of the person who waits for it: reason, remedy, and the JSON object that
 * the broker records. Pure. */
#ifndef BROKER_EXPLAIN_H
#define BROKER_EXPLAIN_H

#include "broker/policy.h"
#include "broker/registry.h"

#include <cjson/cJSON.h>

/* What was asked, and the answer. All borrowed. */
struct explain_question {
    enum policy_action action;
    const char *name; /* client id, topic or topic filter */
    const char *thing;
    const char *certificate_id;
    const char *client_id;
    const struct policy_decision *decision;
    const struct policy_comparison *comparison;
};

/* One line: 'statement 2 "NoSecrets" of p.json denies it'. At most 'size' bytes with the NUL. */
void explain_reason(const struct explain_question *question, char *ret_text, size_t size);

/* The object of one decision, without time and source; NULL without memory. The caller's, to be
 * released with cJSON_Delete(). */
cJSON *explain_json(const struct explain_question *question);

/* The object of a CONNECT refused before any policy is asked. Absent texts are NULL. */
struct explain_certificate {
    const char *rule; /* "NO_CERTIFICATE", "CERTIFICATE_NOT_REGISTERED", "CERTIFICATE_NOT_ACTIVE" */
    const char *client_id;
    const char *thing;
    const char *certificate_id;
    const char *status;
};

cJSON *explain_certificate_json(const struct explain_certificate *refused);

#endif
