/* From a modem that answers AT to a connection that carries messages, and back. */
#ifndef GOOD_SESSION_H
#define GOOD_SESSION_H

#include <stdbool.h>

#include "good_at.h"
#include "good_certificates.h"
#include "good_settings.h"
#include "good_shadow.h"

struct session {
    const struct settings *settings;
    struct at at;
    struct certificates certificates;
    long counter;      /* of the message to be published next, from 1 */
    long acknowledged; /* publishes */
    bool repeated;     /* the message was published once without an acknowledgement */
    struct shadow shadow;
    bool report_due;      /* the service does not know what is in the shadow's state */
    bool report_repeated; /* it was published once without an acknowledgement */
    char why[128];        /* the reason of the last failure, for people */
};

/* The steps in their order. Each is AT_OK, or s->why says why not. */
enum at_result session_wait_network(struct session *s);
enum at_result session_set_up_tls(struct session *s);
/* DISC, REL, STOP as far as there is something to end: the modem's MQTT state outlives this
 * program. */
enum at_result session_tear_down(struct session *s);
enum at_result session_connect(struct session *s);
enum at_result session_subscribe(struct session *s);

/* Publishes the next message. AT_OK also where it must be tried again later: see acknowledged. */
enum at_result session_publish(struct session *s);

/* A message has come: a delta of the shadow changes its state. */
void session_take_message(struct session *s, const char *topic, const char *payload, size_t n);

/* Publishes the state of the shadow. AT_OK also where it must be tried again later: see report_due.
 */
enum at_result session_report(struct session *s);

/* Asks whether the connection still stands: the line that tells its end may be lost. */
enum at_result session_check(struct session *s);

/* Waits until the deadline or a message. AT_OK: it came, and the connection stands. */
enum at_result session_idle(struct session *s, long deadline);

/* Sets s->why for the result of a step; the code where there is one. Returns r. */
enum at_result session_failed(struct session *s, enum at_result r, const char *step, long code);

#endif
