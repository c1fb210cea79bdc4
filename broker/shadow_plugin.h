/* The Device Shadow service (shadow.h) inside Mosquitto: hears what clients publish to the request
 * topics and publishes the answers in the broker's name, with QoS 1. The messages pass on to those
 * who subscribed to the request topic, as in AWS, but are never retained.
 *
 * Who may publish and receive is decided elsewhere, by the policy: iot:Publish on the request
 * topic, iot:Subscribe and iot:Receive on the topics of the answers. A will is not heard: Mosquitto
 * does not offer it, and AWS's service takes no notice of wills either. */
#ifndef BROKER_SHADOW_PLUGIN_H
#define BROKER_SHADOW_PLUGIN_H

#include "broker/shadow.h"

#include <mosquitto_broker.h> /* mosquitto_plugin.h needs its types */
#include <mosquitto_plugin.h>

struct shadow_plugin;

/* Is told of each rejected request, besides the log. */
typedef void shadow_rejected_fn(void *user, const struct mosquitto *client,
                                const struct shadow_rejection *rejection);

/* Starts the service with the documents of 'folder'; NULL: in memory only. 'rejected' may be NULL.
 * Returns a MOSQ_ERR value; on success *ret_plugin is the caller's. */
int shadow_plugin_start(mosquitto_plugin_id_t *id, const char *folder, shadow_rejected_fn *rejected,
                        void *user, struct shadow_plugin **ret_plugin);

/* Ends the service and sets *plugin to NULL. NULL is fine. */
void shadow_plugin_stop(struct shadow_plugin **plugin);

#endif
