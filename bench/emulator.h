/* A sim7600 of our own, with a client on the pty of its first modem: echo off, certificates stored,
 * MQTT started, so that AT+CMQTTCONNECT works. Fails (fail.h) when the emulator does not answer as
 * it should. */
#ifndef BENCH_EMULATOR_H
#define BENCH_EMULATOR_H

#include "bench/measure.h"
#include "bench/process.h"

struct emulator {
    struct process process;
    int fd; /* the client's terminal; -1: none */
};

/* Starts 'count' modems (a number as text) with a profile and waits until they are ready. */
void emulator_start(struct emulator *e, const struct bench *b, const char *profile,
                    const char *count);

/* Opens the pty of the only modem, echo off. */
void emulator_talk(struct emulator *e, const struct bench *b);

/* Stores CA, certificate and key of the thing and makes both MQTT clients ready to connect with
 * them. */
void emulator_prepare(struct emulator *e, const struct bench *b);

/* Connects MQTT client 0 or 1. Returns the nanoseconds from the command to its result. */
double emulator_connect(struct emulator *e, const struct bench *b, unsigned client);
void emulator_disconnect(struct emulator *e, unsigned client);

/* Closes the terminal and ends the emulator. */
void emulator_stop(struct emulator *e);

#endif
