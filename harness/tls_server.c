/* See tls_server.h. */
#include "harness/tls_server.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/x509_crt.h>

#define PEM_MAX   (1u << 20)
#define DER_MAX   8192 /* of a certificate: a message of the handshake must hold it */
#define NAME_CAP  128
#define ALPN_CAP  256         /* of a name with its NUL: RFC 7301 3.1 */
#define BYTES_MAX (64u << 20) /* waiting in one direction */

struct tls_server {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt chain;
    mbedtls_x509_buf
        own_raw; /* of the first certificate, while other bytes are sent in its place */
    unsigned char *der;
    mbedtls_x509_crt ca;
    mbedtls_pk_context key;
    int ciphers[TLS_CIPHERS_MAX + 1];
    char alpn_text[TLS_ALPN_MAX][ALPN_CAP];
    const char *alpn_names[TLS_ALPN_MAX + 1];
    struct buf in;
    struct buf out;
};

int tls_server_cipher(const char *name)
{
    char own[NAME_CAP];
    size_t n = strlen(name);

    if (n >= sizeof(own)) {
        return 0;
    }
    for (size_t i = 0; i <= n; i++) {
        own[i] = name[i] == '_' ? '-' : name[i];
    }
    return mbedtls_ssl_get_ciphersuite_id(own);
}

static int take_input(void *context, unsigned char *ret_buf, size_t cap)
{
    struct tls_server *server = context;
    const size_t n = server->in.n < cap ? server->in.n : cap;

    if (n == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(ret_buf, server->in.p, n);
    buf_drop(&server->in, n);
    return (int)n;
}

static int add_output(void *context, const unsigned char *bytes, size_t len)
{
    struct tls_server *server = context;

    return buf_add(&server->out, (struct span){ bytes, len }) ? (int)len
                                                              : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

/* mbedTLS wants PEM with a NUL behind it. */
static int parse_pem(struct tls_bytes pem, struct tls_bytes password,
                     int (*parse)(struct tls_server *server, const unsigned char *pem, size_t size,
                                  struct tls_bytes password),
                     struct tls_server *server)
{
    if (pem.len > PEM_MAX) {
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    }
    unsigned char *copy = xcalloc(1, pem.len + 1);
    if (pem.len > 0) {
        memcpy(copy, pem.at, pem.len);
    }
    const int rc = parse(server, copy, pem.len + 1, password);
    memset(copy, 0, pem.len);
    free(copy);
    return rc;
}

/* mbedtls_x509_crt_parse counts what it could not read; for us any is too many. */
static int parse_all(mbedtls_x509_crt *crt, const unsigned char *pem, size_t size)
{
    const int rc = mbedtls_x509_crt_parse(crt, pem, size);

    return rc > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : rc;
}

static int parse_chain(struct tls_server *server, const unsigned char *pem, size_t size,
                       struct tls_bytes password)
{
    (void)password;
    const int rc = parse_all(&server->chain, pem, size);
    /* A correct server would not serve with a certificate whose usage forbids it; a hostile one
     * does. Only the parsed copy forgets the usage, the bytes that are sent stay. */
    server->chain.ext_types &= ~(MBEDTLS_X509_EXT_KEY_USAGE | MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE);
    return rc;
}

static int parse_ca(struct tls_server *server, const unsigned char *pem, size_t size,
                    struct tls_bytes password)
{
    (void)password;
    return parse_all(&server->ca, pem, size);
}

static int parse_key(struct tls_server *server, const unsigned char *pem, size_t size,
                     struct tls_bytes password)
{
    return mbedtls_pk_parse_key(&server->key, pem, size, (const unsigned char *)password.at,
                                password.len);
}

/* What mbedTLS would refuse to load is sent all the same: it looks at the parsed fields, and writes
 * the raw bytes. Those fields point into the real bytes, which therefore stay. */
static int replace_first(struct tls_server *server, struct tls_bytes der)
{
    if (der.len == 0 || der.len > DER_MAX) {
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    }
    server->der = xcalloc(1, der.len);
    memcpy(server->der, der.at, der.len);
    server->own_raw = server->chain.raw;
    server->chain.raw.p = server->der;
    server->chain.raw.len = der.len;
    return 0;
}

static int load_files(struct tls_server *server, const struct tls_options *options)
{
    int rc = parse_pem(options->certificate, options->password, parse_chain, server);

    if (rc == 0 && options->der.at != NULL) {
        rc = replace_first(server, options->der);
    }
    if (rc == 0) {
        rc = parse_pem(options->key, options->password, parse_key, server);
    }
    if (rc == 0 && options->ca.at != NULL) {
        rc = parse_pem(options->ca, options->password, parse_ca, server);
    }
    return rc;
}

static int set_lists(struct tls_server *server, const struct tls_options *options)
{
    memcpy(server->ciphers, options->ciphers, sizeof(server->ciphers));
    if (server->ciphers[0] != 0) {
        mbedtls_ssl_conf_ciphersuites(&server->config, server->ciphers);
    }
    for (size_t i = 0; options->alpn[i] != NULL; i++) {
        const size_t len = strlen(options->alpn[i]);
        if (len == 0 || len >= ALPN_CAP) {
            return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
        }
        memcpy(server->alpn_text[i], options->alpn[i], len);
        server->alpn_names[i] = server->alpn_text[i];
    }
    return 0;
}

static int configure(struct tls_server *server, const struct tls_options *options)
{
    static const int demands[] = { MBEDTLS_SSL_VERIFY_NONE, MBEDTLS_SSL_VERIFY_OPTIONAL,
                                   MBEDTLS_SSL_VERIFY_REQUIRED };
    mbedtls_ssl_config *config = &server->config;
    int rc = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER,
                                         MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

    if (rc != 0) {
        return rc;
    }
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &server->random);
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, options->min);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, options->max);
    mbedtls_ssl_conf_authmode(config, demands[options->client_certificate]);
    if (options->ca.at != NULL) {
        mbedtls_ssl_conf_ca_chain(config, &server->ca, NULL);
    }
    rc = set_lists(server, options);
    if (rc == 0) {
        rc = mbedtls_ssl_conf_own_cert(config, &server->chain, &server->key);
    }
    if (rc == 0 && server->alpn_names[0] != NULL) {
        rc = mbedtls_ssl_conf_alpn_protocols(config, server->alpn_names);
    }
    return rc;
}

static int open_server(struct tls_server *server, const struct tls_options *options)
{
    int rc =
        mbedtls_ctr_drbg_seed(&server->random, mbedtls_entropy_func, &server->entropy, NULL, 0);

    if (rc == 0) {
        rc = load_files(server, options);
    }
    if (rc == 0) {
        rc = configure(server, options);
    }
    if (rc == 0) {
        rc = mbedtls_ssl_setup(&server->ssl, &server->config);
    }
    mbedtls_ssl_set_bio(&server->ssl, server, add_output, take_input, NULL);
    return rc;
}

int tls_server_open(const struct tls_options *options, struct tls_server **ret_server)
{
    struct tls_server *server = xcalloc(1, sizeof(*server));

    mbedtls_ssl_init(&server->ssl);
    mbedtls_ssl_config_init(&server->config);
    mbedtls_entropy_init(&server->entropy);
    mbedtls_ctr_drbg_init(&server->random);
    mbedtls_x509_crt_init(&server->chain);
    mbedtls_x509_crt_init(&server->ca);
    mbedtls_pk_init(&server->key);
    buf_init(&server->in, BYTES_MAX);
    buf_init(&server->out, BYTES_MAX);
    const int rc = open_server(server, options);
    if (rc != 0) {
        tls_server_close(&server);
    }
    *ret_server = server;
    return rc;
}

int tls_server_input(struct tls_server *server, const void *bytes, size_t len)
{
    return buf_add(&server->in, (struct span){ bytes, len }) ? 0 : -1;
}

const void *tls_server_output(struct tls_server *server, size_t *ret_len)
{
    *ret_len = server->out.n;
    return server->out.n > 0 ? (const void *)server->out.p : "";
}

void tls_server_sent(struct tls_server *server)
{
    buf_clear(&server->out);
}

int tls_server_handshake(struct tls_server *server)
{
    const int rc = mbedtls_ssl_handshake(&server->ssl);

    return rc == MBEDTLS_ERR_SSL_WANT_READ ? 1 : rc;
}

int tls_server_read(struct tls_server *server, void *ret_buf, size_t cap)
{
    const int n = mbedtls_ssl_read(&server->ssl, ret_buf, cap);

    if (n == MBEDTLS_ERR_SSL_WANT_READ) {
        return 0;
    }
    /* 0 is the end of the connection, which the caller sees for itself. */
    return n;
}

int tls_server_write(struct tls_server *server, const void *bytes, size_t len, size_t size)
{
    const unsigned char *at = bytes;

    while (len > 0) {
        const int n = mbedtls_ssl_write(&server->ssl, at, len < size ? len : size);
        if (n < 0) {
            return n;
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int tls_server_alert(struct tls_server *server, uint8_t level, uint8_t code)
{
    return mbedtls_ssl_send_alert_message(&server->ssl, level, code);
}

void tls_server_alert_received(const struct tls_server *server, uint8_t *ret_level,
                               uint8_t *ret_code)
{
    *ret_level = server->ssl.in_msg[0];
    *ret_code = server->ssl.in_msg[1];
}

void tls_server_info(const struct tls_server *server, struct tls_info *ret_info)
{
    ret_info->version = mbedtls_ssl_get_version(&server->ssl);
    ret_info->cipher = mbedtls_ssl_get_ciphersuite(&server->ssl);
    ret_info->alpn = mbedtls_ssl_get_alpn_protocol(&server->ssl);
    ret_info->verify = mbedtls_ssl_get_verify_result(&server->ssl);
}

void tls_server_close(struct tls_server **server)
{
    struct tls_server *s = *server;

    if (s == NULL) {
        return;
    }
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->config);
    mbedtls_ctr_drbg_free(&s->random);
    mbedtls_entropy_free(&s->entropy);
    if (s->der != NULL) {
        s->chain.raw = s->own_raw;
        free(s->der);
    }
    mbedtls_x509_crt_free(&s->chain);
    mbedtls_x509_crt_free(&s->ca);
    mbedtls_pk_free(&s->key);
    buf_wipe(&s->in);
    buf_wipe(&s->out);
    free(s);
    *server = NULL;
}
