/* Certificates, keys and a TLS server for tls_test.c, all made at run time with mbedTLS itself, so
 * that nothing is stored and nothing depends on certs/make-certs. Everything stays in memory. */
#ifndef SIM_LINK_TLS_TEST_PKI_H
#define SIM_LINK_TLS_TEST_PKI_H

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "base/buf.h"

#define PKI_TEXT_SIZE 4096

/* A file as the modem would store it, or the server load it. */
struct pki_file {
    unsigned char bytes[PKI_TEXT_SIZE];
    size_t n;
};

struct pki {
    struct pki_file ca, other_ca;
    struct pki_file server_ec, server_ec_key, server_rsa, server_rsa_key;
    struct pki_file server_2001; /* valid in the year 2001 only, key of server_ec */
    struct pki_file client_ec, client_ec_key, client_rsa, client_rsa_key;
    struct pki_file client_ec_der, client_ec_key_der, client_crlf, client_ec_key_locked;
};

#define PKI_PASSWORD "not the PIN"

void pki_make(struct pki *p);

static inline struct span pki_span(const struct pki_file *f)
{
    return (struct span){ f->bytes, f->n };
}

/* A server over two buffers. */
struct peer {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt cert, ca;
    mbedtls_pk_context key;
    struct buf in, out;
    bool done; /* its handshake is complete */
    int error; /* mbedTLS's, after which it says nothing more */
    char sni[64];
    char client[64]; /* subject of the client's certificate, empty: none */
    struct buf plain;
};

struct peer_setup {
    const struct pki_file *cert, *key;
    bool demands_cert, asks_for_cert; /* the second: and is content without one */
    int min_minor, max_minor;         /* 0: the library's own limits */
};

void peer_init(struct peer *s, const struct pki *p, const struct peer_setup *setup);
void peer_fini(struct peer *s);

/* Lets it work on what is in 'in'. */
void peer_run(struct peer *s);
void peer_write(struct peer *s, const void *bytes, size_t n);

#endif
