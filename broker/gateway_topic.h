/* What AWS IoT Core's rules ask of a topic or topic filter. Pure. */
#ifndef BROKER_GATEWAY_TOPIC_H
#define BROKER_GATEWAY_TOPIC_H

#include "base/span.h"

/* The part that AWS counts: without the three mandatory levels of Basic Ingest
 * ("$aws/rules/NAME/") and of a shared subscription ("$share/GROUP/"). */
struct span gateway_topic_counted(struct span topic);

size_t gateway_topic_slashes(struct span topic);

/* Fit to be published to: not empty, no wildcard. */
bool gateway_topic_is_plain(struct span topic);

/* Not reserved: does not begin with '$', or is one of the topics of AWS's services that clients may
 * use. A filter may also be a shared subscription to an open one. */
bool gateway_topic_is_open(struct span topic, bool is_filter);

#endif
