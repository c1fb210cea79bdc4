/* A TLS server over memory, for scripted peers: mbedTLS, TLS 1.0 to 1.2, without the checks of its
 * own configuration that a correct server would make: a key that is not the certificate's, an
 * upside-down chain, a certificate whose key usage forbids it. Nothing of the emulator's TLS is
 * shared. Functions return 0 or more, or a negative error of mbedTLS.
 */
#ifndef HARNESS_TLS_SERVER_H
#define HARNESS_TLS_SERVER_H

#include <stddef.h>
#include <stdint.h>

#define TLS_CIPHERS_MAX 64
#define TLS_ALPN_MAX    16

/* Bytes of the caller, read while the function runs. Not there: at is NULL. */
struct tls_bytes {
    const char *at;
    size_t len;
};

struct tls_options {
    struct tls_bytes certificate; /* PEM blocks, sent in this order */
    struct tls_bytes der;         /* sent in place of the first one, whatever it is */
    struct tls_bytes key;         /* PEM */
    struct tls_bytes password;    /* of the key */
    struct tls_bytes ca;          /* PEM; for the client's certificate */
    int min;                      /* 1: TLS 1.0 ... 3: TLS 1.2 */
    int max;
    int client_certificate;             /* 0: none, 1: optional, 2: required */
    int ciphers[TLS_CIPHERS_MAX + 1];   /* numbers, then 0; none: mbedTLS's own list */
    const char *alpn[TLS_ALPN_MAX + 1]; /* names, then NULL; none: ALPN is not spoken */
};

struct tls_info {
    const char *version; /* "TLSv1.2"; meaningful behind the handshake */
    const char *cipher;  /* the RFC's name with '-', NULL before there is one */
    const char *alpn;    /* NULL: none */
    uint32_t verify;     /* flags of mbedTLS; 0: nothing is wrong; UINT32_MAX: nothing to say */
};

struct tls_server;

/* The number of a cipher suite, by the name of its RFC, with '-' or '_'; 0 for one that mbedTLS
 * does not have. */
int tls_server_cipher(const char *name);

/* The caller owns *ret_server until tls_server_close(); nothing of the options is kept. */
int tls_server_open(const struct tls_options *options, struct tls_server **ret_server);

/* What came from the client, copied. -1 when memory is out. */
int tls_server_input(struct tls_server *server, const void *bytes, size_t len);

/* What must go to the client; valid until the next call. tls_server_sent() forgets it. */
const void *tls_server_output(struct tls_server *server, size_t *ret_len);
void tls_server_sent(struct tls_server *server);

/* 0: the handshake is over; 1: it needs more bytes. */
int tls_server_handshake(struct tls_server *server);

/* The number of bytes read; 0: none now. */
int tls_server_read(struct tls_server *server, void *ret_buf, size_t cap);

/* Application data in records of at most 'size' bytes. */
int tls_server_write(struct tls_server *server, const void *bytes, size_t len, size_t size);

int tls_server_alert(struct tls_server *server, uint8_t level, uint8_t code);

/* Behind MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE only. */
void tls_server_alert_received(const struct tls_server *server, uint8_t *ret_level,
                               uint8_t *ret_code);

void tls_server_info(const struct tls_server *server, struct tls_info *ret_info);

/* Sets *server to NULL; NULL there is fine. */
void tls_server_close(struct tls_server **server);

#endif
