/* What a libmosquitto client reported, as a queue: its callbacks put events in, the binding takes
 * them out when Lua asks. The queue owns its events. Must not know Lua; never calls back.
 */
#ifndef HARNESS_MQTT_EVENTS_H
#define HARNESS_MQTT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct mosquitto;

enum event_type { EVENT_CONNECT, EVENT_DISCONNECT, EVENT_SUBSCRIBE, EVENT_PUBLISH, EVENT_MESSAGE };

/* One node per event; the bytes of topic and payload follow the struct. */
struct event {
    struct event *next;
    enum event_type type;
    int number; /* CONNACK or error code, or message id */
    int qos;    /* of a message, or granted to a subscription (128: refused) */
    bool retain;
    size_t topic_len;
    size_t payload_len;
    char bytes[];
};

struct event_queue {
    struct event *first, **last;
    bool lost; /* out of memory while noting an event */
};

void events_init(struct event_queue *q);

/* Sets the callbacks of 'mosq', whose user pointer must be 'q'; q must live as long as mosq. */
void events_watch(struct mosquitto *mosq);

/* Frees the oldest event; nothing when there is none. */
void events_drop_first(struct event_queue *q);

/* Frees all events. The queue stays usable. */
void events_clear(struct event_queue *q);

#endif
