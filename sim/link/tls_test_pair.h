/* A TLS client and a server with a wire between them, for the two TLS tests. One pki and one random
 * generator per program. */
#ifndef SIM_LINK_TLS_TEST_PAIR_H
#define SIM_LINK_TLS_TEST_PAIR_H

#include "sim/link/tls.h"
#include "sim/link/tls_test_pki.h"

#define YEAR_2030 1893456000
#define ALL_BYTES ((size_t)1000000)

extern struct pki pki;

struct pair {
    struct tls *client;
    struct buf out;   /* of the client */
    struct buf plain; /* what the client received */
    struct peer server;
};

/* cmocka's group set-up and tear-down. */
int pair_group_set_up(void **state);
int pair_group_tear_down(void **state);

void pair_init(struct pair *w, const struct tls_params *p, const struct peer_setup *s,
               const char *host);
void pair_fini(struct pair *w);

/* Moves at most 'chunk' bytes at a time until neither side has anything to say; 'limit' bytes of
 * the server at most. Returns how many bytes of the server the client got. */
size_t exchange(struct pair *w, size_t chunk, size_t limit);

/* Parameters and server of a mutual TLS connection that works, for the client 'rng'. */
struct tls_params good_params(void);
struct peer_setup good_server(void);

/* A client for the same, without a server. */
struct tls *lone_client(struct buf *out);

#endif
