#include "sim/link/tls.h"

#include <stdio.h>
#include <stdlib.h>

#include <mbedtls/error.h>
#include <mbedtls/ssl.h>

#include "base/check.h"
#include "sim/link/tls_creds.h"
#include "sim/link/tls_dates.h"
#include "sim/link/tls_records.h"
#include "sim/link/tls_rng.h"
#include "sim/link/tls_text.h"

#define ALERT_RECORD_BYTES 7 /* type, version, length, level, description (RFC 5246 6.2.1, 7.2) */
#define ALERT_NONE         (-1)

struct tls {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    struct tls_creds creds;
    int suites[2]; /* the one suite allowed and the terminating 0; the library keeps the pointer */
    struct span in;
    struct buf *out;
    const struct trace *trace;
    unsigned link;
    struct tls_records upstream, downstream;
    bool check_dates, send_cert;
    int64_t now;
    bool got_plaintext;
    int alert_sent; /* description, or ALERT_NONE */
    enum tls_state state;
    enum link_end why;
    char detail[TLS_DETAIL_SIZE];
};

/* A modem of this generation accepts what servers of its time used: SHA-1 signatures and 1024-bit
 * RSA too. */
static const mbedtls_x509_crt_profile profile = {
    .allowed_mds = MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA1) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA224) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    .allowed_pks = 0xFFFFFFF,
    .allowed_curves = 0xFFFFFFF,
    .rsa_min_bitlen = 1024,
};

static void end(struct tls *t, enum link_end why, const char *detail)
{
    t->state = TLS_ENDED;
    t->why = why;
    t->in = (struct span){ NULL, 0 };
    if (detail != t->detail) {
        (void)snprintf(t->detail, sizeof t->detail, "%s", detail);
    }
    trace_emit(t->trace, "tls", TRACE_NUM("link", t->link), TRACE_STR("step", "ended"),
               TRACE_STR("detail", t->detail));
}

/* ---- what mbedTLS calls ---- */

static void trace_records(const struct tls *t, struct tls_records *r, struct span bytes,
                          const char *direction)
{
    uint32_t length;
    while (trace_on(t->trace) && tls_records_next(r, &bytes, &length)) {
        trace_emit(t->trace, "tls", TRACE_NUM("link", t->link), TRACE_STR("step", "record"),
                   TRACE_STR("direction", direction),
                   TRACE_STR("type", tls_records_type(r->head[0])), TRACE_NUM("length", length));
    }
}

static int bio_send(void *ctx, const unsigned char *bytes, size_t len)
{
    struct tls *t = ctx;
    /* Ours are readable until ChangeCipherSpec, and that is where we have reasons to send one. */
    if (len == ALERT_RECORD_BYTES && bytes[0] == MBEDTLS_SSL_MSG_ALERT &&
        t->state == TLS_HANDSHAKING) {
        t->alert_sent = bytes[ALERT_RECORD_BYTES - 1];
        trace_emit(t->trace, "tls", TRACE_NUM("link", t->link), TRACE_STR("step", "alert sent"),
                   TRACE_STR("alert", tls_alert_name(bytes[ALERT_RECORD_BYTES - 1])));
    }
    if (!buf_add(t->out, span_of(bytes, len))) {
        return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    }
    trace_records(t, &t->upstream, span_of(bytes, len), "upstream");
    return (int)len; /* a record: at most 16 KiB and its overhead */
}

static int bio_recv(void *ctx, unsigned char *bytes, size_t len)
{
    struct tls *t = ctx;
    if (t->in.n == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    size_t n = len < t->in.n ? len : t->in.n;
    memcpy(bytes, t->in.p, n);
    t->in = span_from(t->in, n);
    trace_records(t, &t->downstream, span_of(bytes, n), "downstream");
    return (int)n;
}

/* What is wrong with a certificate, in mbedTLS's words, in one line. */
static void verify_words(char *words, size_t size, uint32_t flags)
{
    words[0] = '\0';
    (void)mbedtls_x509_crt_verify_info(words, size, "", flags);
    size_t n = strlen(words);
    for (size_t i = 0; i < n; i++) {
        words[i] = words[i] == '\n' ? (i + 1 < n ? ';' : '\0') : words[i];
    }
}

static void trace_certificate(const struct tls *t, const mbedtls_x509_crt *crt, int depth,
                              uint32_t flags)
{
    char subject[256] = "";
    char words[200];
    if (flags == 0 || !trace_on(t->trace)) {
        return;
    }
    (void)mbedtls_x509_dn_gets(subject, sizeof subject, &crt->subject);
    verify_words(words, sizeof words, flags);
    trace_emit(t->trace, "tls", TRACE_NUM("link", t->link),
               TRACE_STR("step", "certificate not accepted"), TRACE_STR("subject", subject),
               TRACE_NUM("depth", depth), TRACE_STR("problem", words));
}

static int on_verify(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct tls *t = ctx;
    /* The chain only, never the name: a modem of this family has no setting for it (5.1). */
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    *flags = tls_dates_flags(*flags, crt, t->check_dates, t->now);
    trace_certificate(t, crt, depth, *flags);
    return 0;
}

/* ---- set-up ---- */

static bool is_address_literal(struct span host)
{
    bool digits_and_dots = true;
    for (size_t i = 0; i < host.n; i++) {
        if (host.p[i] == ':') {
            return true;
        }
        bool digit = host.p[i] >= '0' && host.p[i] <= '9';
        digits_and_dots = digits_and_dots && (digit || host.p[i] == '.');
    }
    return digits_and_dots;
}

static int set_server_name(struct tls *t, const struct tls_params *p, struct span host)
{
    if (!p->sni || host.n == 0 || is_address_literal(host)) { /* RFC 6066 3: no literals */
        return 0;
    }
    char name[MBEDTLS_SSL_MAX_HOST_NAME_LEN + 1];
    if (host.n >= sizeof name) {
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    }
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    return mbedtls_ssl_set_hostname(&t->ssl, name);
}

static bool set_versions(struct tls *t, const struct tls_params *p)
{
    enum tls_version min = p->min_version < TLS_1_0 ? TLS_1_0 : p->min_version;
    enum tls_version max = p->max_version > TLS_1_2 ? TLS_1_2 : p->max_version;
    if (min > max) {
        const char *what = max == TLS_SSL_3_0
                               ? "SSL 3.0 alone is not possible: the TLS library does not have it"
                               : "no protocol version is left between sslversion's limits";
        end(t, LINK_TLS_SETUP, what);
        return false;
    }
    mbedtls_ssl_conf_min_version(&t->conf, MBEDTLS_SSL_MAJOR_VERSION_3, (int)min);
    mbedtls_ssl_conf_max_version(&t->conf, MBEDTLS_SSL_MAJOR_VERSION_3, (int)max);
    return true;
}

static bool set_suites(struct tls *t, uint16_t suite)
{
    if (suite == 0 || suite == 0xFFFF) {
        return true;
    }
    if (mbedtls_ssl_ciphersuite_from_id(suite) == NULL) {
        (void)snprintf(t->detail, sizeof t->detail, "ciphersuite 0x%04X is not in the TLS library",
                       suite);
        end(t, LINK_TLS_SETUP, t->detail);
        return false;
    }
    t->suites[0] = suite;
    mbedtls_ssl_conf_ciphersuites(&t->conf, t->suites);
    return true;
}

static int set_credentials(struct tls *t, const struct tls_params *p)
{
    mbedtls_ssl_conf_authmode(&t->conf, p->verify_server ? MBEDTLS_SSL_VERIFY_REQUIRED
                                                         : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_cert_profile(&t->conf, &profile);
    mbedtls_ssl_conf_verify(&t->conf, on_verify, t);
    if (p->verify_server) {
        mbedtls_ssl_conf_ca_chain(&t->conf, &t->creds.ca, NULL);
    }
    return p->send_cert ? mbedtls_ssl_conf_own_cert(&t->conf, &t->creds.cert, &t->creds.key) : 0;
}

static void end_with_code(struct tls *t, enum link_end why, int rc)
{
    char text[128];
    mbedtls_strerror(rc, text, sizeof text);
    end(t, why, text);
}

static void set_up(struct tls *t, const struct tls_params *p, struct span host, struct tls_rng *rng)
{
    int rc = mbedtls_ssl_config_defaults(&t->conf, MBEDTLS_SSL_IS_CLIENT,
                                         MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (rc != 0) {
        end_with_code(t, LINK_TLS_SETUP, rc);
        return;
    }
    if (!set_versions(t, p) || !set_suites(t, p->ciphersuite)) {
        return;
    }
    if (!tls_creds_load(&t->creds, p, t->detail)) {
        end(t, LINK_TLS_SETUP, t->detail);
        return;
    }
    mbedtls_ssl_conf_rng(&t->conf, tls_rng_fill, rng);
    mbedtls_ssl_conf_renegotiation(&t->conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_session_tickets(&t->conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    rc = set_credentials(t, p);
    rc = rc != 0 ? rc : mbedtls_ssl_setup(&t->ssl, &t->conf);
    rc = rc != 0 ? rc : set_server_name(t, p, host);
    if (rc != 0) {
        end_with_code(t, LINK_TLS_SETUP, rc);
        return;
    }
    mbedtls_ssl_set_bio(&t->ssl, t, bio_send, bio_recv, NULL);
}

/* ---- handshake and records ---- */

static void describe_verify(struct tls *t)
{
    char words[200];
    verify_words(words, sizeof words, mbedtls_ssl_get_verify_result(&t->ssl));
    (void)snprintf(t->detail, sizeof t->detail, "server certificate not accepted: %s", words);
}

static void describe_failure(struct tls *t, int rc)
{
    char text[128];
    mbedtls_strerror(rc, text, sizeof text);
    if (t->alert_sent != ALERT_NONE) {
        (void)snprintf(t->detail, sizeof t->detail, "waiting for %s: %s; alert sent: %s",
                       tls_step_name(t->ssl.state), text, tls_alert_name((uint8_t)t->alert_sent));
        return;
    }
    (void)snprintf(t->detail, sizeof t->detail, "waiting for %s: %s", tls_step_name(t->ssl.state),
                   text);
}

static void describe_alert(struct tls *t, uint8_t alert)
{
    (void)snprintf(t->detail, sizeof t->detail, "alert received: %s (%u)", tls_alert_name(alert),
                   alert);
    trace_emit(t->trace, "tls", TRACE_NUM("link", t->link), TRACE_STR("step", "alert received"),
               TRACE_STR("alert", tls_alert_name(alert)));
}

static void handshake_failed(struct tls *t, int rc)
{
    enum link_end why = LINK_TLS_HANDSHAKE;
    switch (rc) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        describe_alert(t, t->ssl.in_msg[1]);
        break;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
    case MBEDTLS_ERR_SSL_CONN_EOF:
        why = LINK_TLS_CLOSED;
        describe_failure(t, rc);
        break;
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
        describe_verify(t);
        break;
    default:
        describe_failure(t, rc);
        break;
    }
    end(t, why, t->detail);
}

/* The peer closed an open connection. One that asked for a client certificate, got none, and says
 * nothing at all before it closes refuses the client in the way of AWS IoT (p10: code 26, not 6).
 */
static void closed_by_peer(struct tls *t, const char *detail)
{
    bool no_cert = t->ssl.client_auth != 0 && !t->send_cert && !t->got_plaintext;
    end(t, no_cert ? LINK_CLOSED_NO_CERT : LINK_CLOSED, detail);
}

static void record_failed(struct tls *t, int rc)
{
    if (rc == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        closed_by_peer(t, "close_notify received");
        return;
    }
    if (rc != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        end_with_code(t, LINK_BROKEN, rc);
        return;
    }
    uint8_t alert = t->ssl.in_msg[1];
    describe_alert(t, alert);
    /* A server may refuse our certificate only after our Finished: still a refused handshake. */
    bool refused = !t->got_plaintext && tls_alert_refuses_handshake(alert);
    end(t, refused ? LINK_TLS_HANDSHAKE : LINK_BROKEN, t->detail);
}

static void handshake(struct tls *t)
{
    int rc = mbedtls_ssl_handshake(&t->ssl);
    if (rc == MBEDTLS_ERR_SSL_WANT_READ || rc == MBEDTLS_ERR_SSL_WANT_WRITE) {
        return;
    }
    if (rc != 0) {
        handshake_failed(t, rc);
        return;
    }
    t->state = TLS_OPEN;
    char verify[128] = "not verified";
    if (t->conf.authmode == MBEDTLS_SSL_VERIFY_REQUIRED) {
        (void)snprintf(verify, sizeof verify, "chain accepted");
    }
    trace_emit(t->trace, "tls", TRACE_NUM("link", t->link), TRACE_STR("step", "handshake done"),
               TRACE_STR("version", mbedtls_ssl_get_version(&t->ssl)),
               TRACE_STR("ciphersuite", mbedtls_ssl_get_ciphersuite(&t->ssl)),
               TRACE_STR("verify", verify),
               TRACE_STR("client_certificate", t->ssl.client_auth == 0 ? "not asked for"
                                               : t->send_cert          ? "sent"
                                                                       : "asked for, none sent"));
    /* Nothing looks at certificates and key again: renegotiation is off. */
    mbedtls_ssl_conf_ca_chain(&t->conf, NULL, NULL);
    tls_creds_drop(&t->creds);
}

struct tls *tls_new(const struct tls_params *p, struct span host, struct buf *out,
                    struct tls_rng *rng, const struct trace *trace, unsigned link)
{
    struct tls *t = xcalloc(1, sizeof *t);
    mbedtls_ssl_init(&t->ssl);
    mbedtls_ssl_config_init(&t->conf);
    tls_creds_init(&t->creds);
    t->out = out;
    t->trace = trace;
    t->link = link;
    t->check_dates = p->check_dates;
    t->send_cert = p->send_cert;
    t->now = p->now;
    t->alert_sent = ALERT_NONE;
    trace_emit(trace, "tls", TRACE_NUM("link", link), TRACE_STR("step", "start"),
               TRACE_SPAN("host", host), TRACE_NUM("sni", p->sni),
               TRACE_NUM("verify_server", p->verify_server), TRACE_NUM("send_cert", p->send_cert),
               TRACE_NUM("min_version", p->min_version), TRACE_NUM("max_version", p->max_version),
               TRACE_NUM("check_dates", p->check_dates), TRACE_NUM("now", p->now));
    set_up(t, p, host, rng);
    if (t->state == TLS_HANDSHAKING) {
        handshake(t);
    }
    return t;
}

void tls_free(struct tls **tp)
{
    struct tls *t = *tp;
    if (t == NULL) {
        return;
    }
    mbedtls_ssl_free(&t->ssl);
    mbedtls_ssl_config_free(&t->conf);
    tls_creds_drop(&t->creds);
    free(t);
    *tp = NULL;
}

void tls_feed(struct tls *t, struct span in)
{
    CHECK(t->in.n == 0);
    if (t->state != TLS_ENDED) {
        t->in = in;
    }
}

size_t tls_read(struct tls *t, uint8_t *ret_plain, size_t cap)
{
    if (t->state == TLS_HANDSHAKING) {
        handshake(t);
    }
    while (t->state == TLS_OPEN) {
        size_t before = t->in.n;
        int rc = mbedtls_ssl_read(&t->ssl, ret_plain, cap);
        if (rc > 0) {
            t->got_plaintext = true;
            return (size_t)rc;
        }
        if (rc == 0) {
            rc = MBEDTLS_ERR_SSL_CONN_EOF;
        }
        if (rc != MBEDTLS_ERR_SSL_WANT_READ && rc != MBEDTLS_ERR_SSL_WANT_WRITE) {
            record_failed(t, rc);
            return 0;
        }
        /* WANT_READ with bytes left: a record that was no application data (HelloRequest). */
        if (t->in.n == 0 || t->in.n == before) {
            return 0;
        }
    }
    return 0;
}

void tls_feed_end(struct tls *t, bool reset)
{
    if (t->state == TLS_OPEN && reset) {
        end(t, LINK_RESET, "TCP connection reset");
        return;
    }
    if (t->state == TLS_OPEN) {
        closed_by_peer(t, "TCP connection closed without close_notify");
        return;
    }
    if (t->state == TLS_HANDSHAKING) {
        (void)snprintf(t->detail, sizeof t->detail, "TCP connection %s while waiting for %s",
                       reset ? "reset" : "closed", tls_step_name(t->ssl.state));
        end(t, LINK_TLS_CLOSED, t->detail);
    }
}

void tls_abort(struct tls *t, enum link_end why, const char *detail)
{
    if (t->state != TLS_ENDED) {
        end(t, why, detail);
    }
}

void tls_write(struct tls *t, struct span plain)
{
    while (t->state == TLS_OPEN && plain.n > 0) {
        int rc = mbedtls_ssl_write(&t->ssl, plain.p, plain.n);
        if (rc <= 0) {
            end_with_code(t, LINK_BROKEN, rc);
            return;
        }
        plain = span_from(plain, (size_t)rc);
    }
}

void tls_close(struct tls *t)
{
    if (t->state == TLS_OPEN) {
        (void)mbedtls_ssl_close_notify(&t->ssl);
    }
}

enum tls_state tls_state(const struct tls *t)
{
    return t->state;
}

enum link_end tls_why(const struct tls *t)
{
    return t->why;
}

const char *tls_detail(const struct tls *t)
{
    return t->detail;
}
