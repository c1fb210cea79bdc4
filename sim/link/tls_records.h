/* Where the records in one direction of a TLS connection end (RFC 5246 6.2.1), for the trace: they
 * are numbered, so that a fault can strike at the n-th. Pure. */
#ifndef SIM_LINK_TLS_RECORDS_H
#define SIM_LINK_TLS_RECORDS_H

#include "base/span.h"

#define TLS_RECORD_HEAD 5 /* type, version, length */

/* A direction, from its first byte on. Zero: at its beginning. */
struct tls_records {
    uint8_t head[TLS_RECORD_HEAD];
    unsigned n;    /* bytes of the head that came */
    uint32_t left; /* bytes of the body that are still to come */
};

/* Reads on in 'bytes', which become what is left of them. True: a record ended there, whose body
 * has *ret_length bytes; its type is in r->head[0]. False: there is nothing left. */
bool tls_records_next(struct tls_records *r, struct span *bytes, uint32_t *ret_length);

/* "handshake"; "unknown" for a type that TLS does not have. */
const char *tls_records_type(uint8_t type);

#endif
