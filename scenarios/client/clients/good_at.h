/* The AT dialogue: one command at a time, its answer told apart from echo, URCs and received
 * messages; and how to find the thread again where bytes were lost. */
#ifndef GOOD_AT_H
#define GOOD_AT_H

#include <stdbool.h>
#include <stddef.h>

#include "good_port.h"
#include "good_reader.h"

enum at_result {
    AT_OK,
    AT_ERROR, /* ERROR, +CME ERROR, or a result line with a code that is not 0 */
    AT_NO_ANSWER,
    AT_REBOOTED, /* RDY: everything but the stored certificates is gone */
    AT_HUNG_UP,  /* the port went away */
    AT_STOPPED   /* the client is asked to end */
};

#define AT_NO_CODE (-1)

struct at {
    struct port port;
    const char *name; /* of the port */
    long percent;     /* TIME_PERCENT: all waits are scaled by it */
    struct reader reader;
    struct port_bytes chunk;
    size_t chunk_at;
    long last_byte;
    bool in_command; /* a request to stop waits for its end */
    bool stopping;   /* it was noticed: no further command but those of a goodbye */
    bool goodbye;
    long ends_at; /* of a stop: no wait goes on after this time (port_now); 0: no such time */
    const char *answer_prefix;
    size_t owed; /* bytes of data that the modem may still wait for */
    bool echoed; /* the modem repeated a command */
    bool connection_lost;
    char lost_why[64]; /* the line that said so */
    bool message_ends_idle;
    void (*on_message)(void *context, const char *topic, const char *payload, size_t payload_n);
    void *message_context;
};

/* One command. What is not named stays 0. */
struct at_call {
    const char *text;   /* without CR */
    const char *prefix; /* its answer lines begin so: "+CPIN:"; NULL: it has none */
    bool has_result;    /* "+CMQTTPUB: 0,CODE" belongs to it, before or after OK */
    long limit_ms;      /* for the final result, or for the result line behind OK; 0: 10 s */
    const char *data;   /* what follows the prompt */
    size_t data_n;
    void (*on_answer)(void *context, const char *rest); /* each answer line, behind its prefix */
    void *context;
    long ret_code; /* of the result line, or AT_NO_CODE */
};

/* Milliseconds scaled by TIME_PERCENT, but not below the least. */
long at_scaled(const struct at *at, long ms, long least);

/* Opens the port, waiting until it is there. AT_OK or AT_STOPPED. */
enum at_result at_open(struct at *at);

/* Finds the beginning of a command again, however the dialogue stands: whole lines are answered,
 * data that the modem still waits for is filled up, answers of earlier commands have gone by; echo
 * is off. Takes as long as the modem is mute. AT_OK, AT_HUNG_UP or AT_STOPPED. */
enum at_result at_sync(struct at *at);

/* The client ends: a few commands more, for a few seconds in all. False: the modem is not to be
 * spoken to. */
bool at_begin_goodbye(struct at *at);

/* Sends a command and waits for all of its answer. */
enum at_result at_run(struct at *at, struct at_call *call);

/* A command without answer lines and data. */
enum at_result at_simple(struct at *at, const char *text);

/* Takes what comes by itself until the deadline (port_now): AT_NO_ANSWER when it came, at once
 * AT_ERROR when the connection was lost, else why it ended. */
enum at_result at_idle(struct at *at, long deadline);

/* The same, and a message ends it as the deadline does: it may want an answer. */
enum at_result at_idle_for_message(struct at *at, long deadline);

#endif
