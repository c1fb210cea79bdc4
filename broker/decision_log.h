/* Records decisions: one JSON object a line appended to the file of plugin_opt_decisions, and the
 * same published on the topic $aws-iot/decisions, which only the plain listener can read. */
#ifndef BROKER_DECISION_LOG_H
#define BROKER_DECISION_LOG_H

#include "broker/explain.h"

/* Adds time and source to 'object', records it and releases it. NULL, from a builder without
 * memory, is fine. 'path' may be NULL: then it is published only. 'source' is
 * "policy" or "shadow". */
void decision_log(const char *path, const char *source, cJSON *object);

#endif
