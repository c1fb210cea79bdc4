/* The rows of the hook "link", for the code that moves the bytes of connections
 * (sim/host/conn_fault.c), and how one asks for them. */
#ifndef SIM_MODEM_FAULT_LINK_H
#define SIM_MODEM_FAULT_LINK_H

#include "sim/modem/fault.h"

enum fault_link {
    LINK_FAULT_DOWN,
    LINK_FAULT_DNS,
    LINK_FAULT_CLOSE,
    LINK_FAULT_LIMIT_DATA,
    LINK_FAULT_RESET_PEER,
    LINK_FAULT_TIMEOUT,
    LINK_FAULT_STALL,
    LINK_FAULT_HALF_OPEN,
    LINK_FAULT_LATENCY,
    LINK_FAULT_BANDWIDTH,
    LINK_FAULT_SLICER,
    LINK_FAULT_SLOW_CLOSE,
    LINK_FAULTS,
};

enum link_direction { LINK_UPSTREAM, LINK_DOWNSTREAM, LINK_DIRECTIONS };

/* The faults with a place that a connection has come to, by number; the last of them. */
struct link_places {
    uint32_t fault[FAULTS_MAX];
    unsigned n;
};

/* A moment of a connection: bytes and whole TLS records that passed in a direction. */
struct link_moment {
    unsigned link;
    enum link_direction direction;
    uint64_t bytes;
    uint32_t records;
    struct link_places *places; /* of the connection, from its beginning on */
};

/* True while a fault of this hook is armed. */
bool fault_link_armed(const struct modem *m);

/* A fault without a place that strikes this connection now; NULL: none. */
const struct fault *fault_link_hit(struct modem *m, enum fault_link what, unsigned link);

/* One of that row waits for its turn. */
bool fault_link_awake(const struct modem *m, enum fault_link what);

/* A fault with a place that is reached strikes now; NULL: none. Each is one opportunity for a
 * connection, whatever comes behind it. Then *ret_bytes is how many bytes
 * of that direction may pass before one is reached, SIZE_MAX: no place is known. */
const struct fault *fault_link_reached(struct modem *m, const struct link_moment *now,
                                       size_t *ret_bytes);

/* Which one it is, and its numbers. */
enum fault_link fault_link_which(const struct fault *f);
uint32_t fault_link_number(const struct fault *f, const char *parameter);

#endif
