/* The broker's share of a publish cycle: libmosquitto straight to the same broker, over the same
 * mutual TLS 1.2. Fails (fail.h) when the broker does not take it. */
#ifndef BENCH_MQTT_FLOOR_H
#define BENCH_MQTT_FLOOR_H

#include "base/span.h"
#include "bench/measure.h"

struct mqtt_floor;

/* Connects. */
struct mqtt_floor *mqtt_floor_new(const struct bench *b);

/* Publishes and waits: QoS 0 until it is written, QoS 1 until PUBACK. Returns the nanoseconds that
 * took. 'topic' is NUL-terminated. */
double mqtt_floor_publish(struct mqtt_floor *f, const char *topic, struct span payload, int qos);

/* Disconnects and frees it. */
void mqtt_floor_free(struct mqtt_floor *f);

#endif
