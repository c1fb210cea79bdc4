/* A rejected request to the Device Shadow service as the JSON object that the broker records with
 * its decisions. Pure. */
#ifndef BROKER_SHADOW_DECISION_H
#define BROKER_SHADOW_DECISION_H

#include "broker/shadow.h"

#include <cjson/cJSON.h>

/* The object without time and source: action and rule are AWS's names of the operation and of the
 * exception its REST interface has for the code. 'certificate_id' may be NULL. NULL without memory;
 * else the caller's. */
cJSON *shadow_decision_json(const struct shadow_rejection *rejection, const char *client_id,
                            const char *certificate_id);

/* The object of a publish to a topic where only the service publishes; ownership as above. */
cJSON *shadow_decision_reserved_json(const char *topic, const char *client_id,
                                     const char *certificate_id);

#endif
