/* Encrypted private keys as today's OpenSSL writes them: PKCS#8 with PBES2 (RFC 8018), AES-CBC.
 * mbedTLS 2.28 opens PBES2 with DES only, and takes any number of iterations. The caller owns file,
 * password and result; nothing is kept. */
#ifndef SIM_LINK_TLS_PKCS8_H
#define SIM_LINK_TLS_PKCS8_H

#include "base/buf.h"

/* More iterations than this would hold up the whole program; OpenSSL's default is 2048. */
#define TLS_PKCS8_ITERATIONS_MAX 1000000

enum tls_pkcs8 {
    TLS_PKCS8_OTHER,  /* something else: for mbedTLS to try */
    TLS_PKCS8_OPENED, /* the plain PrivateKeyInfo is in the buffer */
    TLS_PKCS8_LOCKED, /* wrong or no password, damaged, unsupported */
    TLS_PKCS8_SLOW,   /* more than TLS_PKCS8_ITERATIONS_MAX, or a number of them that cannot be */
};

/* Opens the key file 'file', PEM (with a terminating NUL inside file.n) or DER, with 'password'.
 * Replaces the content of 'ret_der', which holds secrets afterwards: wipe it. */
enum tls_pkcs8 tls_pkcs8_open(struct span file, struct span password, struct buf *ret_der);

#endif
