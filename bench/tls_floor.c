#include "bench/tls_floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>

#include "bench/fail.h"
#include "bench/stats.h"

#define PATIENCE_S 10

struct tls_floor {
    char ca_path[PATH_MAX], cert_path[PATH_MAX], key_path[PATH_MAX];
    unsigned port;
    int fd;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context drbg;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt ca, cert;
    mbedtls_pk_context key;
};

static void check(int rc, const char *what)
{
    if (rc < 0) {
        char text[128];
        mbedtls_strerror(rc, text, sizeof text);
        fail("TLS floor: %s: %s", what, text);
    }
}

static void path_of(char ret[PATH_MAX], const struct bench *b, const char *file)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", b->certs, file) >= PATH_MAX) {
        fail("%s: path too long", b->certs);
    }
}

struct tls_floor *tls_floor_new(const struct bench *b)
{
    struct tls_floor *f = calloc(1, sizeof *f);
    if (f == NULL) {
        fail("out of memory");
    }
    path_of(f->ca_path, b, "AmazonRootCA1.pem");
    path_of(f->cert_path, b, "thing1-certificate.pem.crt");
    path_of(f->key_path, b, "thing1-private.pem.key");
    f->port = b->port;
    f->fd = -1;
    mbedtls_entropy_init(&f->entropy);
    mbedtls_ctr_drbg_init(&f->drbg);
    check(mbedtls_ctr_drbg_seed(&f->drbg, mbedtls_entropy_func, &f->entropy, NULL, 0), "seed");
    return f;
}

void tls_floor_free(struct tls_floor *f)
{
    mbedtls_ctr_drbg_free(&f->drbg);
    mbedtls_entropy_free(&f->entropy);
    free(f);
}

static int bio_send(void *ctx, const unsigned char *bytes, size_t len)
{
    const struct tls_floor *f = ctx;
    ssize_t n = send(f->fd, bytes, len, MSG_NOSIGNAL);
    return n < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)n;
}

static int bio_recv(void *ctx, unsigned char *bytes, size_t len)
{
    const struct tls_floor *f = ctx;
    ssize_t n = recv(f->fd, bytes, len, 0);
    return n < 0 ? MBEDTLS_ERR_SSL_TIMEOUT : (int)n;
}

static void connect_tcp(struct tls_floor *f)
{
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    const int on = 1;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)f->port) };
    (void)inet_pton(AF_INET, BROKER_HOST, &to.sin_addr);
    f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (f->fd < 0 || setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        connect(f->fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        fail("TLS floor: cannot connect to %s:%u: %s", BROKER_HOST, f->port, strerror(errno));
    }
}

static void set_up_tls(struct tls_floor *f)
{
    mbedtls_ssl_init(&f->ssl);
    mbedtls_ssl_config_init(&f->conf);
    mbedtls_x509_crt_init(&f->ca);
    mbedtls_x509_crt_init(&f->cert);
    mbedtls_pk_init(&f->key);
    check(mbedtls_x509_crt_parse_file(&f->ca, f->ca_path), f->ca_path);
    check(mbedtls_x509_crt_parse_file(&f->cert, f->cert_path), f->cert_path);
    check(mbedtls_pk_parse_keyfile(&f->key, f->key_path, NULL), f->key_path);
    check(mbedtls_ssl_config_defaults(&f->conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT),
          "defaults");
    mbedtls_ssl_conf_rng(&f->conf, mbedtls_ctr_drbg_random, &f->drbg);
    mbedtls_ssl_conf_authmode(&f->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&f->conf, &f->ca, NULL);
    mbedtls_ssl_conf_session_tickets(&f->conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    check(mbedtls_ssl_conf_own_cert(&f->conf, &f->cert, &f->key), "certificate and key");
    check(mbedtls_ssl_setup(&f->ssl, &f->conf), "set-up");
    mbedtls_ssl_set_bio(&f->ssl, f, bio_send, bio_recv, NULL);
}

/* MQTT 3.1.1 (3.1, 3.2): clean session, keep-alive 60 s, client id "floor"; accepted without a
 * session. */
static void connect_mqtt(struct tls_floor *f)
{
    static const unsigned char request[] = { 0x10, 17,   0, 4, 'M', 'Q', 'T', 'T', 4,  2,
                                             0,    0x3C, 0, 5, 'f', 'l', 'o', 'o', 'r' };
    static const unsigned char accepted[] = { 0x20, 2, 0, 0 };
    unsigned char answer[sizeof accepted];
    check(mbedtls_ssl_write(&f->ssl, request, sizeof request), "CONNECT");
    for (size_t got = 0; got < sizeof answer;) {
        int n = mbedtls_ssl_read(&f->ssl, answer + got, sizeof answer - got);
        check(n, "CONNACK");
        if (n == 0) {
            fail("TLS floor: the broker closed instead of CONNACK");
        }
        got += (size_t)n;
    }
    if (memcmp(answer, accepted, sizeof accepted) != 0) {
        fail("TLS floor: the broker refused the connection with code %u", answer[3]);
    }
}

double tls_floor_connect(struct tls_floor *f)
{
    uint64_t from = clock_ns();
    set_up_tls(f);
    connect_tcp(f);
    check(mbedtls_ssl_handshake(&f->ssl), "handshake");
    connect_mqtt(f);
    return (double)(clock_ns() - from);
}

void tls_floor_disconnect(struct tls_floor *f)
{
    static const unsigned char bye[] = { 0xE0, 0 };
    check(mbedtls_ssl_write(&f->ssl, bye, sizeof bye), "DISCONNECT");
    check(mbedtls_ssl_close_notify(&f->ssl), "close_notify");
    (void)close(f->fd);
    f->fd = -1;
    mbedtls_ssl_free(&f->ssl);
    mbedtls_ssl_config_free(&f->conf);
    mbedtls_x509_crt_free(&f->ca);
    mbedtls_x509_crt_free(&f->cert);
    mbedtls_pk_free(&f->key);
}
