/* The floor under AT+CMQTTCONNECT: a plain blocking client of mbedTLS that does the same against
 * the same broker: reads and parses CA, certificate and key, TCP, mutual TLS, MQTT CONNECT,
 * CONNACK. The same protocol version, cipher suites and extensions as the emulator's; its random
 * generator is seeded before the first connection. Fails (fail.h) when the broker does not accept
 * it. */
#ifndef BENCH_TLS_FLOOR_H
#define BENCH_TLS_FLOOR_H

#include "bench/measure.h"

struct tls_floor;

struct tls_floor *tls_floor_new(const struct bench *b);
void tls_floor_free(struct tls_floor *f);

/* Connects and returns the nanoseconds that took. */
double tls_floor_connect(struct tls_floor *f);

/* DISCONNECT, close_notify, FIN. */
void tls_floor_disconnect(struct tls_floor *f);

#endif
