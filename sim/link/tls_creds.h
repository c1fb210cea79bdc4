/* The certificates and the key of one TLS connection, parsed from what AT+CCERTDOWN stored: PEM (LF
 * or CR LF) or DER, RSA or EC, chains, encrypted keys. Owned by the connection; its file contents
 * are not kept. */
#ifndef SIM_LINK_TLS_CREDS_H
#define SIM_LINK_TLS_CREDS_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "sim/link/dial.h"

#define TLS_DETAIL_SIZE 320

struct tls_creds {
    mbedtls_x509_crt ca, cert;
    mbedtls_pk_context key;
};

void tls_creds_init(struct tls_creds *c);

/* Parses what 'p' asks for. Returns false with a text naming the file at fault (cacert, clientcert,
 * clientkey). */
bool tls_creds_load(struct tls_creds *c, const struct tls_params *p,
                    char ret_detail[TLS_DETAIL_SIZE]);

/* Frees everything parsed; the contexts stay valid and empty. */
void tls_creds_drop(struct tls_creds *c);

#endif
