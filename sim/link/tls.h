/* A TLS 1.0-1.2 client as a transformer over memory: ciphertext of the peer goes in, ciphertext for
 * the peer is appended to a buffer of the caller, plaintext goes the other way. It holds no socket,
 * no timer and no file; whoever owns it moves the bytes, watches the time limit of the handshake
 * and tells it about the end of the stream. The only code that knows mbedTLS.
 *
 * What struct tls_params asks for is done literally (mqtt-ssl-commands.md 5.1): the server's chain
 * is verified but never its name, validity dates are compared with the modem's clock and not the
 * machine's, SNI is sent only when asked for. Renegotiation is refused. */
#ifndef SIM_LINK_TLS_H
#define SIM_LINK_TLS_H

#include "base/buf.h"
#include "base/span.h"
#include "base/trace.h"
#include "sim/link/dial.h"

struct tls;
struct tls_rng;

/* Fills 'len' bytes at 'out' with entropy and returns 0. */
typedef int tls_entropy_fn(void *ctx, unsigned char *out, size_t len);

enum tls_state {
    TLS_HANDSHAKING,
    TLS_OPEN,
    TLS_ENDED, /* see tls_why and tls_detail */
};

/* One random generator for all connections of a process. Nothing is seeded before the first
 * handshake, so that it costs a start nothing. 'entropy' NULL: the system's. */
struct tls_rng *tls_rng_new(tls_entropy_fn *entropy);
void tls_rng_free(struct tls_rng **rp);

/* Sets a client connection up and appends its ClientHello to 'out'. What 'p' and 'host' point to is
 * needed only during the call; 'out', 'rng' and 'trace' (may be NULL) must outlive the connection.
 * 'link' is only a number for the trace. Never fails as a function: where the parameters cannot be
 * used (a certificate that cannot be parsed, a key that does not belong to it, …) the result is
 * already TLS_ENDED with LINK_TLS_SETUP. */
struct tls *tls_new(const struct tls_params *p, struct span host, struct buf *out,
                    struct tls_rng *rng, const struct trace *trace, unsigned link);

/* Frees it and sets *tp to NULL; keys are overwritten. Sends nothing. */
void tls_free(struct tls **tp);

/* Hands over ciphertext from the peer. It is worked on by tls_read, which must be called until it
 * returns 0 before 'in' becomes invalid. Must not be called while an earlier 'in' is unread. */
void tls_feed(struct tls *t, struct span in);

/* Advances handshake and records as far as the fed bytes allow; returns plaintext of the peer, at
 * most 'cap' bytes of it, and 0 when everything fed is used up or the connection has ended. */
size_t tls_read(struct tls *t, uint8_t *ret_plain, size_t cap);

/* The stream ended (FIN, or RST where 'reset'): during the handshake LINK_TLS_CLOSED, afterwards
 * LINK_CLOSED, LINK_CLOSED_NO_CERT or LINK_RESET. Does nothing when the connection has already
 * ended. */
void tls_feed_end(struct tls *t, bool reset);

/* Ends the connection from outside, for the owner's time limit. Does nothing when it has ended. */
void tls_abort(struct tls *t, enum link_end why, const char *detail);

/* Encrypts and appends to 'out'. Only in TLS_OPEN; otherwise the bytes are dropped. */
void tls_write(struct tls *t, struct span plain);

/* Appends close_notify to 'out' when the handshake has got that far. */
void tls_close(struct tls *t);

enum tls_state tls_state(const struct tls *t);

/* How it ended, and the cause in words (alert, verification flags, the library's text). Valid in
 * TLS_ENDED, until tls_free. */
enum link_end tls_why(const struct tls *t);
const char *tls_detail(const struct tls *t);

#endif
