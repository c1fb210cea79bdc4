/* The reserved MQTT topics of the Device Shadow service (AWS IoT Core developer guide, "Device
 * Shadow MQTT topics" and "Reserved topics"):
 *   $aws/things/THING/shadow/OPERATION                 the classic shadow
 *   $aws/things/THING/shadow/name/SHADOW/OPERATION     a named shadow
 * with OPERATION update, get or delete, and behind it /accepted, /rejected, and for update /delta
 * and /documents. Clients publish to the topics that end with the operation; on the others only the
 * service publishes. Pure. */
#ifndef BROKER_SHADOW_TOPIC_H
#define BROKER_SHADOW_TOPIC_H

#include <stdbool.h>

enum {
    SHADOW_THING_MAX_LENGTH = 128,
    SHADOW_NAME_MAX_LENGTH = 64,
    SHADOW_TOPIC_SIZE = 256 /* room for each topic of a shadow, with a NUL byte */
};

enum shadow_operation { SHADOW_UPDATE, SHADOW_GET, SHADOW_DELETE, SHADOW_OPERATION_COUNT };

enum shadow_topic_kind {
    SHADOW_TOPIC_NONE,    /* not of this service, or with a name that no thing or shadow can have */
    SHADOW_TOPIC_REQUEST, /* a client asks for something */
    SHADOW_TOPIC_ANSWER   /* only the service publishes here */
};

enum shadow_answer {
    SHADOW_ACCEPTED,
    SHADOW_REJECTED,
    SHADOW_DELTA,
    SHADOW_DOCUMENTS,
    SHADOW_ANSWER_COUNT
};

/* Whose shadow it is, and what shall be done with it. */
struct shadow_topic {
    enum shadow_topic_kind kind;
    enum shadow_operation operation;
    char thing[SHADOW_THING_MAX_LENGTH + 1];
    char name[SHADOW_NAME_MAX_LENGTH + 1]; /* empty: the classic shadow */
};

/* Takes a topic apart. Names are 1 to 128 (things) or 64 (shadows) of a-z, A-Z, 0-9, ':', '_', '-'.
 * With SHADOW_TOPIC_NONE the rest of the result is empty. */
struct shadow_topic shadow_topic_parse(const char *topic);

/* Writes the topic of an answer to 'request'. */
void shadow_topic_answer(const struct shadow_topic *request, enum shadow_answer answer,
                         char ret_topic[SHADOW_TOPIC_SIZE]);

/* "update" and so on. */
const char *shadow_operation_name(enum shadow_operation operation);

#endif
