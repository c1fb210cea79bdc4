/* Inside of struct tls_rng, for tls.c only: an mbedTLS CTR_DRBG that is seeded when first used. */
#ifndef SIM_LINK_TLS_RNG_H
#define SIM_LINK_TLS_RNG_H

#include <stddef.h>

/* mbedTLS's f_rng; 'rng' is a struct tls_rng. Returns 0 or an mbedTLS error. */
int tls_rng_fill(void *rng, unsigned char *out, size_t len);

#endif
