/* The Device Shadow service: takes the message a client published to a request topic and publishes
 * the answers AWS IoT Core gives, in this order: accepted, delta, documents; or rejected. It knows
 * neither Mosquitto nor the clock; both are reached through struct shadow_host. */
#ifndef BROKER_SHADOW_H
#define BROKER_SHADOW_H

#include "broker/shadow_request.h"
#include "broker/shadow_store.h"
#include "broker/shadow_topic.h"

#include <stddef.h>
#include <stdint.h>

/* A request that was rejected, and why. */
struct shadow_rejection {
    const struct shadow_topic *topic;
    int code;            /* AWS's: 400 and so on */
    const char *message; /* what the client is told */
    const char *detail;  /* more than the client is told: where the JSON is wrong, which version
                            there is; empty if there is no more to say */
};

/* What the service needs; 'user' is passed on. */
struct shadow_host {
    void *user;
    int64_t (*now)(void *user); /* seconds since 1970 */
    /* Publishes a message; 'payload' is text and only valid during the call. */
    void (*publish)(void *user, const char *topic, const char *payload);
    /* Learns of each rejection before it is published. */
    void (*rejected)(void *user, const struct shadow_rejection *rejection);
};

/* Answers one message published to 'topic', which must be a SHADOW_TOPIC_REQUEST. 'payload' has
 * 'length' bytes. */
void shadow_answer(struct shadow_store *store, const struct shadow_host *host,
                   const struct shadow_topic *topic, const void *payload, size_t length);

#endif
