/* A set of packet identifiers (1 to 65535): those of the QoS 2 messages received but not yet
 * released. A peer may leave every one of them open, so this is a bit map with a fixed worst case
 * (8 KiB), which exists only while the set is not empty. The owner embeds it and calls id_set_clear
 * at the end. */
#ifndef SIM_MQTT_ID_SET_H
#define SIM_MQTT_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
    uint8_t *bits; /* NULL while n == 0 */
    size_t n;
};

/* Adds id. False when it was in the set already. */
bool id_set_add(struct id_set *set, uint16_t id);

/* Takes id out. False when it was not in the set. */
bool id_set_remove(struct id_set *set, uint16_t id);

/* Empties the set and releases its memory. An all-zero struct is an empty set. */
void id_set_clear(struct id_set *set);

#endif
