/* What the gateway remembers by client id, across connections: when it last connected, which
 * connection is its present one, and what a persistent session is subscribed to. Pure. */
#ifndef BROKER_GATEWAY_CLIENTS_H
#define BROKER_GATEWAY_CLIENTS_H

#include "base/buf.h"
#include "base/span.h"

enum { GATEWAY_FILTERS_MAX = 50, GATEWAY_CLIENTS_MAX = 4096 };

struct gateway_filter {
    struct buf text;
    bool exact;        /* without a wildcard */
    bool retained_due; /* subscribed, and its retained message not yet seen */
};

struct gateway_filters {
    struct gateway_filter *item[GATEWAY_FILTERS_MAX];
    size_t count;
};

/* The filter with that text, or NULL. */
struct gateway_filter *gateway_filters_find(const struct gateway_filters *filters,
                                            struct span text);

/* Adds it, or finds it; its retained message is due. Returns false where there is no room. */
bool gateway_filters_add(struct gateway_filters *filters, struct span text);

/* Removes it; a text that is not there is fine. */
void gateway_filters_remove(struct gateway_filters *filters, struct span text);

void gateway_filters_clear(struct gateway_filters *filters);

struct gateway_session;

struct gateway_client {
    struct gateway_client *next;
    struct buf id;
    uint64_t connected_ms; /* of its last CONNECT that was not throttled */
    bool connected_before;
    bool keeps;                      /* its session is persistent */
    struct gateway_session *current; /* NULL: not connected */
    struct gateway_filters filters;
};

struct gateway_clients {
    struct gateway_client *first; /* latest used first */
    size_t count;
};

/* The client of that id, made if it is not there. When too many are known, one that is not
 * connected is forgotten. The entry stays in place as long as 'current' is set. */
struct gateway_client *gateway_clients_get(struct gateway_clients *clients, struct span id);

void gateway_clients_fini(struct gateway_clients *clients);

#endif
