#include "sim/link/tls_test_pki.h"

#include <mbedtls/aes.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/md5.h>
#include <mbedtls/pem.h>
#include <mbedtls/platform.h>
#include <stdio.h>

#include "base/check.h"

#define RSA_BITS 1024 /* the least our client accepts; larger ones take too long to make */

static mbedtls_ctr_drbg_context drbg;
static mbedtls_entropy_context entropy;

static int rng(void *ctx, unsigned char *out, size_t n)
{
    static int seeded;
    (void)ctx;
    if (!seeded) {
        mbedtls_entropy_init(&entropy);
        mbedtls_ctr_drbg_init(&drbg);
        CHECK(mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0) == 0);
        seeded = 1;
    }
    return mbedtls_ctr_drbg_random(&drbg, out, n);
}

static void make_key(mbedtls_pk_context *k, bool rsa)
{
    mbedtls_pk_init(k);
    CHECK(mbedtls_pk_setup(k, mbedtls_pk_info_from_type(rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY)) ==
          0);
    if (rsa) {
        CHECK(mbedtls_rsa_gen_key(mbedtls_pk_rsa(*k), rng, NULL, RSA_BITS, 65537) == 0);
        return;
    }
    CHECK(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*k), rng, NULL) == 0);
}

struct cert_spec {
    const char *subject, *issuer, *from, *to;
    mbedtls_pk_context *key, *issuer_key;
    bool ca;
};

static void write_cert(mbedtls_x509write_cert *w, const struct cert_spec *c)
{
    static int serial;
    mbedtls_mpi number;
    mbedtls_mpi_init(&number);
    CHECK(mbedtls_mpi_lset(&number, ++serial) == 0);
    mbedtls_x509write_crt_init(w);
    mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(w, c->key);
    mbedtls_x509write_crt_set_issuer_key(w, c->issuer_key);
    CHECK(mbedtls_x509write_crt_set_subject_name(w, c->subject) == 0);
    CHECK(mbedtls_x509write_crt_set_issuer_name(w, c->issuer) == 0);
    CHECK(mbedtls_x509write_crt_set_serial(w, &number) == 0);
    CHECK(mbedtls_x509write_crt_set_validity(w, c->from, c->to) == 0);
    CHECK(mbedtls_x509write_crt_set_basic_constraints(w, c->ca, -1) == 0);
    mbedtls_mpi_free(&number);
}

static void cert_pem(struct pki_file *f, const struct cert_spec *c)
{
    mbedtls_x509write_cert w;
    write_cert(&w, c);
    CHECK(mbedtls_x509write_crt_pem(&w, f->bytes, sizeof f->bytes, rng, NULL) == 0);
    f->n = strlen((char *)f->bytes);
    mbedtls_x509write_crt_free(&w);
}

/* mbedTLS writes DER to the end of the buffer. */
static void keep_end(struct pki_file *f, int n)
{
    CHECK(n > 0);
    memmove(f->bytes, f->bytes + sizeof f->bytes - n, (size_t)n);
    f->n = (size_t)n;
}

static void cert_der(struct pki_file *f, const struct cert_spec *c)
{
    mbedtls_x509write_cert w;
    write_cert(&w, c);
    keep_end(f, mbedtls_x509write_crt_der(&w, f->bytes, sizeof f->bytes, rng, NULL));
    mbedtls_x509write_crt_free(&w);
}

static void key_pem(struct pki_file *f, mbedtls_pk_context *k)
{
    CHECK(mbedtls_pk_write_key_pem(k, f->bytes, sizeof f->bytes) == 0);
    f->n = strlen((char *)f->bytes);
}

/* The encrypted PEM of RFC 1421 as OpenSSL writes it: key = MD5(password, first 8 bytes of the IV).
 */
static void lock_key(struct pki_file *f, const struct pki_file *der)
{
    unsigned char iv[16] = "0123456789abcde";
    unsigned char header[160];
    unsigned char salted[sizeof PKI_PASSWORD - 1 + 8];
    unsigned char key[16];
    unsigned char bytes[512];
    unsigned char running_iv[16];
    char hex[33];
    memcpy(salted, PKI_PASSWORD, sizeof PKI_PASSWORD - 1);
    memcpy(salted + sizeof PKI_PASSWORD - 1, iv, 8);
    CHECK(mbedtls_md5_ret(salted, sizeof salted, key) == 0);
    size_t pad = 16 - der->n % 16;
    CHECK(der->n + pad <= sizeof bytes);
    memcpy(bytes, der->bytes, der->n);
    memset(bytes + der->n, (int)pad, pad);
    memcpy(running_iv, iv, sizeof iv);
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    CHECK(mbedtls_aes_setkey_enc(&aes, key, 128) == 0);
    CHECK(mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_ENCRYPT, der->n + pad, running_iv, bytes,
                                bytes) == 0);
    mbedtls_aes_free(&aes);
    for (size_t i = 0; i < sizeof iv; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02X", iv[i]);
    }
    (void)snprintf(
        (char *)header, sizeof header,
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%s\n\n",
        hex);
    size_t n;
    CHECK(mbedtls_pem_write_buffer((char *)header, "-----END EC PRIVATE KEY-----\n", bytes,
                                   der->n + pad, f->bytes, sizeof f->bytes, &n) == 0);
    f->n = n - 1;
}

static void to_crlf(struct pki_file *f, const struct pki_file *from)
{
    f->n = 0;
    for (size_t i = 0; i < from->n; i++) {
        if (from->bytes[i] == '\n') {
            f->bytes[f->n++] = '\r';
        }
        f->bytes[f->n++] = from->bytes[i];
    }
}

void pki_make(struct pki *p)
{
    static const char from[] = "20200101000000";
    static const char to[] = "20400101000000";
    mbedtls_pk_context ca;
    mbedtls_pk_context other;
    mbedtls_pk_context ec;
    mbedtls_pk_context rsa;
    make_key(&ca, false);
    make_key(&other, false);
    make_key(&ec, false);
    make_key(&rsa, true);
    cert_pem(&p->ca, &(struct cert_spec){ "CN=Test CA", "CN=Test CA", "20000101000000", to, &ca,
                                          &ca, true });
    cert_pem(&p->other_ca,
             &(struct cert_spec){ "CN=Other CA", "CN=Other CA", from, to, &other, &other, true });
    cert_pem(&p->server_ec,
             &(struct cert_spec){ "CN=server", "CN=Test CA", from, to, &ec, &ca, false });
    cert_pem(&p->server_rsa,
             &(struct cert_spec){ "CN=server", "CN=Test CA", from, to, &rsa, &ca, false });
    cert_pem(&p->server_2001, &(struct cert_spec){ "CN=server", "CN=Test CA", "20010101000000",
                                                   "20011231235959", &ec, &ca, false });
    key_pem(&p->server_ec_key, &ec);
    key_pem(&p->server_rsa_key, &rsa);
    struct cert_spec client = { "CN=thing1", "CN=Test CA", from, to, &ec, &ca, false };
    cert_pem(&p->client_ec, &client);
    cert_der(&p->client_ec_der, &client);
    to_crlf(&p->client_crlf, &p->client_ec);
    key_pem(&p->client_ec_key, &ec);
    keep_end(&p->client_ec_key_der, mbedtls_pk_write_key_der(&ec, p->client_ec_key_der.bytes,
                                                             sizeof p->client_ec_key_der.bytes));
    lock_key(&p->client_ec_key_locked, &p->client_ec_key_der);
    client.key = &rsa;
    cert_pem(&p->client_rsa, &client);
    key_pem(&p->client_rsa_key, &rsa);
    mbedtls_pk_free(&ca);
    mbedtls_pk_free(&other);
    mbedtls_pk_free(&ec);
    mbedtls_pk_free(&rsa);
}

/* ---- the server ---- */

static int peer_send(void *ctx, const unsigned char *bytes, size_t n)
{
    struct peer *s = ctx;
    CHECK(buf_add(&s->out, span_of(bytes, n)));
    return (int)n;
}

static int peer_recv(void *ctx, unsigned char *bytes, size_t n)
{
    struct peer *s = ctx;
    if (s->in.n == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    n = n < s->in.n ? n : s->in.n;
    memcpy(bytes, s->in.p, n);
    buf_drop(&s->in, n);
    return (int)n;
}

static int on_sni(void *ctx, mbedtls_ssl_context *ssl, const unsigned char *name, size_t n)
{
    struct peer *s = ctx;
    (void)ssl;
    (void)snprintf(s->sni, sizeof s->sni, "%.*s", (int)n, (const char *)name);
    return 0;
}

void peer_init(struct peer *s, const struct pki *p, const struct peer_setup *setup)
{
    *s = (struct peer){ .done = false };
    buf_init(&s->in, 1 << 20);
    buf_init(&s->out, 1 << 20);
    buf_init(&s->plain, 1 << 20);
    mbedtls_ssl_init(&s->ssl);
    mbedtls_ssl_config_init(&s->conf);
    mbedtls_x509_crt_init(&s->cert);
    mbedtls_x509_crt_init(&s->ca);
    mbedtls_pk_init(&s->key);
    CHECK(mbedtls_ssl_config_defaults(&s->conf, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT) == 0);
    CHECK(mbedtls_x509_crt_parse(&s->cert, setup->cert->bytes, setup->cert->n + 1) == 0);
    CHECK(mbedtls_x509_crt_parse(&s->ca, p->ca.bytes, p->ca.n + 1) == 0);
    CHECK(mbedtls_pk_parse_key(&s->key, setup->key->bytes, setup->key->n + 1, NULL, 0) == 0);
    mbedtls_ssl_conf_rng(&s->conf, rng, NULL);
    static mbedtls_x509_crt_profile any;
    any = mbedtls_x509_crt_profile_default;
    any.rsa_min_bitlen = RSA_BITS;
    mbedtls_ssl_conf_cert_profile(&s->conf, &any);
    mbedtls_ssl_conf_authmode(&s->conf, setup->demands_cert    ? MBEDTLS_SSL_VERIFY_REQUIRED
                                        : setup->asks_for_cert ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                                               : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_ca_chain(&s->conf, &s->ca, NULL);
    mbedtls_ssl_conf_sni(&s->conf, on_sni, s);
    CHECK(mbedtls_ssl_conf_own_cert(&s->conf, &s->cert, &s->key) == 0);
    if (setup->max_minor != 0) {
        mbedtls_ssl_conf_min_version(&s->conf, MBEDTLS_SSL_MAJOR_VERSION_3, setup->min_minor);
        mbedtls_ssl_conf_max_version(&s->conf, MBEDTLS_SSL_MAJOR_VERSION_3, setup->max_minor);
    }
    CHECK(mbedtls_ssl_setup(&s->ssl, &s->conf) == 0);
    mbedtls_ssl_set_bio(&s->ssl, s, peer_send, peer_recv, NULL);
}

void peer_fini(struct peer *s)
{
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->conf);
    mbedtls_x509_crt_free(&s->cert);
    mbedtls_x509_crt_free(&s->ca);
    mbedtls_pk_free(&s->key);
    buf_fini(&s->in);
    buf_fini(&s->out);
    buf_fini(&s->plain);
}

static void shake(struct peer *s)
{
    int rc = mbedtls_ssl_handshake(&s->ssl);
    if (rc == 0) {
        s->done = true;
        const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(&s->ssl);
        if (crt != NULL) {
            (void)mbedtls_x509_dn_gets(s->client, sizeof s->client, &crt->subject);
        }
        return;
    }
    s->error = rc == MBEDTLS_ERR_SSL_WANT_READ ? 0 : rc;
    if (rc == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) {
        /* mbedTLS just stops here; other servers (OpenSSL) say so. */
        (void)mbedtls_ssl_send_alert_message(&s->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                             MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
    }
}

void peer_run(struct peer *s)
{
    unsigned char plain[1000];
    if (s->error == 0 && !s->done) {
        shake(s);
    }
    while (s->error == 0 && s->done) {
        int n = mbedtls_ssl_read(&s->ssl, plain, sizeof plain);
        if (n <= 0) {
            s->error = n == MBEDTLS_ERR_SSL_WANT_READ ? 0 : n;
            return;
        }
        CHECK(buf_add(&s->plain, span_of(plain, (size_t)n)));
    }
}

void peer_write(struct peer *s, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    while (n > 0) {
        int done = mbedtls_ssl_write(&s->ssl, p, n);
        CHECK(done > 0);
        p += done;
        n -= (size_t)done;
    }
}
