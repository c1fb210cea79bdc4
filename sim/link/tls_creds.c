#include "sim/link/tls_creds.h"

#include <stdio.h>

#include <mbedtls/error.h>

#include "base/buf.h"
#include "sim/link/tls_pkcs8.h"

/* CCERTDOWN stores at most 10240 bytes (mqtt-ssl-commands.md 5.2); the rest is room for other ways
 * in. */
#define CREDS_FILE_MAX ((size_t)256 * 1024)

void tls_creds_init(struct tls_creds *c)
{
    mbedtls_x509_crt_init(&c->ca);
    mbedtls_x509_crt_init(&c->cert);
    mbedtls_pk_init(&c->key);
}

void tls_creds_drop(struct tls_creds *c)
{
    mbedtls_x509_crt_free(&c->ca);
    mbedtls_x509_crt_free(&c->cert);
    mbedtls_pk_free(&c->key);
}

static bool contains(struct span where, struct span what)
{
    for (size_t i = 0; i + what.n <= where.n; i++) {
        if (memcmp(where.p + i, what.p, what.n) == 0) {
            return true;
        }
    }
    return false;
}

/* mbedTLS takes PEM only with its terminating NUL, DER only without. */
static bool copy_for_parser(struct buf *b, struct span file)
{
    return file.n < CREDS_FILE_MAX && buf_set(b, file) && buf_add_byte(b, 0);
}

static size_t parser_length(struct span file)
{
    return file.n + (contains(file, SPAN_LIT("-----BEGIN")) ? 1 : 0);
}

static bool fail(char detail[TLS_DETAIL_SIZE], const char *file, int rc)
{
    char text[160];
    mbedtls_strerror(rc, text, sizeof text);
    (void)snprintf(detail, TLS_DETAIL_SIZE, "%s cannot be used: %s", file, text);
    return false;
}

static bool fail_text(char detail[TLS_DETAIL_SIZE], const char *text)
{
    (void)snprintf(detail, TLS_DETAIL_SIZE, "%s", text);
    return false;
}

static int parse_crt(mbedtls_x509_crt *crt, struct span file)
{
    struct buf b;
    buf_init(&b, CREDS_FILE_MAX);
    int rc = MBEDTLS_ERR_X509_BUFFER_TOO_SMALL;
    if (copy_for_parser(&b, file)) {
        rc = mbedtls_x509_crt_parse(crt, b.p, parser_length(file));
    }
    buf_fini(&b);
    return rc;
}

static bool load_ca(struct tls_creds *c, struct span file, char detail[TLS_DETAIL_SIZE])
{
    if (file.n == 0) {
        return fail_text(detail, "cacert is missing or empty");
    }
    /* > 0: so many certificates of the file were unusable; the others stand. */
    int rc = parse_crt(&c->ca, file);
    return rc >= 0 || fail(detail, "cacert", rc);
}

/* An encrypted PKCS#8 key that is open now goes to the library as a plain one. */
static bool parse_key(struct tls_creds *c, const struct tls_params *p, struct span file,
                      struct buf *opened, char detail[TLS_DETAIL_SIZE])
{
    const struct span password = p->key_password;
    int rc = MBEDTLS_ERR_PK_KEY_INVALID_FORMAT;
    switch (tls_pkcs8_open(file, password, opened)) {
    case TLS_PKCS8_OPENED:
        rc = mbedtls_pk_parse_key(&c->key, opened->p, opened->n, NULL, 0);
        break;
    case TLS_PKCS8_LOCKED:
        rc = password.n > 0 ? MBEDTLS_ERR_PK_PASSWORD_MISMATCH : MBEDTLS_ERR_PK_PASSWORD_REQUIRED;
        break;
    case TLS_PKCS8_SLOW:
        (void)snprintf(detail, TLS_DETAIL_SIZE,
                       "clientkey cannot be used: it asks for more than %d iterations of its "
                       "password; encrypt it anew with fewer (openssl pkcs8 -topk8 -iter 2048)",
                       TLS_PKCS8_ITERATIONS_MAX);
        return false;
    case TLS_PKCS8_OTHER:
        rc = mbedtls_pk_parse_key(&c->key, file.p, file.n, password.n > 0 ? password.p : NULL,
                                  password.n);
        break;
    }
    return rc == 0 || fail(detail, "clientkey", rc);
}

static bool load_key(struct tls_creds *c, const struct tls_params *p, char detail[TLS_DETAIL_SIZE])
{
    struct buf b, opened;
    buf_init(&b, CREDS_FILE_MAX);
    buf_init(&opened, CREDS_FILE_MAX);
    bool good = copy_for_parser(&b, p->key)
                    ? parse_key(c, p, (struct span){ b.p, parser_length(p->key) }, &opened, detail)
                    : fail(detail, "clientkey", MBEDTLS_ERR_PK_KEY_INVALID_FORMAT);
    buf_wipe(&opened);
    buf_wipe(&b);
    return good;
}

static bool load_own(struct tls_creds *c, const struct tls_params *p, char detail[TLS_DETAIL_SIZE])
{
    if (p->cert.n == 0) {
        return fail_text(detail, "clientcert is missing or empty");
    }
    if (p->key.n == 0) {
        return fail_text(detail, "clientkey is missing or empty");
    }
    int rc = parse_crt(&c->cert, p->cert);
    if (rc != 0) {
        return fail(detail, "clientcert", rc > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : rc);
    }
    if (!load_key(c, p, detail)) {
        return false;
    }
    if (mbedtls_pk_check_pair(&c->cert.pk, &c->key) != 0) {
        return fail_text(detail, "clientkey does not belong to clientcert");
    }
    return true;
}

bool tls_creds_load(struct tls_creds *c, const struct tls_params *p,
                    char ret_detail[TLS_DETAIL_SIZE])
{
    if (p->verify_server && !load_ca(c, p->ca, ret_detail)) {
        return false;
    }
    return !p->send_cert || load_own(c, p, ret_detail);
}
