/* The messages of the Device Shadow service, as AWS IoT Core writes them ("Response state
 * documents" and "Error response document"; the order of the members is that of its examples).
 * Pure.
 *
 * Each function returns a message that is the caller's, or NULL without memory. 'token' is the
 * client token of the request; NULL: it had none, and the message has none. */
#ifndef BROKER_SHADOW_MESSAGE_H
#define BROKER_SHADOW_MESSAGE_H

#include "broker/shadow_doc.h"

#include <cjson/cJSON.h>

/* update/accepted: of the state only what the request ('state') named, nulls too. */
cJSON *shadow_message_updated(const struct shadow_doc *doc, const cJSON *state, const char *token);

/* update/delta. NULL also when desired does not differ from reported: then there is no message. */
cJSON *shadow_message_delta(const struct shadow_doc *doc, const char *token);

/* update/documents: the whole document before and after. A shadow that was not there has version 0
 * or, within 48 hours of its deletion, the version it had. */
cJSON *shadow_message_documents(const struct shadow_doc *before, const struct shadow_doc *after,
                                const char *token);

/* get/accepted: the whole document, and in its state the delta if there is one. */
cJSON *shadow_message_got(const struct shadow_doc *doc, int64_t now, const char *token);

/* delete/accepted: version and time. */
cJSON *shadow_message_deleted(const struct shadow_doc *doc, const char *token);

/* rejected. No timestamp: AWS says that not every error has one, and none of its examples does. */
cJSON *shadow_message_rejected(int code, const char *text, const char *token);

#endif
