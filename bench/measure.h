/* The measurements; each adds its rows to the table. All of them take ours and its floor in turns
 * (ours, floor, ours, floor, ...), so that what else the machine does meets both alike. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#define BROKER_HOST "127.0.0.1"

/* What the runner gives us. */
struct bench {
    const char *emulator, *echo, *hello; /* programs */
    const char *certs;                   /* made by certs/make-certs, with thing1 */
    const char *tmp;                     /* a folder that is ours */
    unsigned port;                       /* of the broker's TLS listener at BROKER_HOST */
    bool quick;                          /* only as many rounds as show that it works */
};

struct table;

/* A full number of rounds, or the few of a quick run. */
size_t bench_rounds(const struct bench *b, size_t full);

void measure_at(const struct bench *b, struct table *t);
void measure_dispatch(const struct bench *b, struct table *t);
void measure_connect(const struct bench *b, struct table *t);
void measure_publish(const struct bench *b, struct table *t);
void measure_start(const struct bench *b, struct table *t);
void measure_memory(const struct bench *b, struct table *t);

#endif
