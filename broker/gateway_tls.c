#include "broker/gateway_tls.h"
#include "base/check.h"
#include "broker/gateway_identity.h"
#include "broker/gateway_tls_hello.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLAIN_STEP = 16384 }; /* the most a TLS record carries */

struct gateway_tls_context {
    struct gateway_tls_settings settings;
    SSL_CTX *ssl;
};

struct gateway_tls {
    const struct gateway_tls_settings *settings;
    SSL *ssl;
    BIO *from_client, *to_client; /* owned by 'ssl' */
    enum gateway_tls_state state;
    struct gateway_hello hello;
    struct gateway_identity identity;
    int alert;          /* received from the client, -1: none */
    unsigned long code; /* OpenSSL's error when it failed */
};

static void on_info(const SSL *ssl, int where, int value)
{
    struct gateway_tls *tls = SSL_get_app_data(ssl);
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        tls->alert = value & 255;
    }
}

static int on_hello(SSL *ssl, int *ret_alert, void *arg)
{
    (void)arg;
    struct gateway_tls *tls = SSL_get_app_data(ssl);
    gateway_hello_read(ssl, &tls->hello);
    if (tls->settings->sni_required && tls->hello.server_name[0] == '\0') {
        tls->hello.refused = RULE_TLS_SNI;
        *ret_alert = SSL_AD_HANDSHAKE_FAILURE;
        return SSL_CLIENT_HELLO_ERROR;
    }
    if (tls->settings->alpn_required && !tls->hello.offers_mqtt) {
        tls->hello.refused = RULE_TLS_ALPN;
        *ret_alert = SSL_AD_NO_APPLICATION_PROTOCOL;
        return SSL_CLIENT_HELLO_ERROR;
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length,
                   const unsigned char *in, unsigned in_length, void *arg)
{
    (void)ssl;
    (void)arg;
    return gateway_hello_choose(span_of(in, in_length), out, out_length) ? SSL_TLSEXT_ERR_OK
                                                                         : SSL_TLSEXT_ERR_NOACK;
}

static int version_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } version_row[] = { { "tlsv1.1", TLS1_1_VERSION },
                        { "tlsv1.2", TLS1_2_VERSION },
                        { "tlsv1.3", TLS1_3_VERSION } };

    for (size_t i = 0; i < ARRAY_LEN(version_row); i++) {
        if (strcmp(name, version_row[i].name) == 0) {
            return version_row[i].number;
        }
    }
    return 0;
}

/* Returns NULL, or what could not be done. */
static const char *set_up(SSL_CTX *ssl, const struct gateway_tls_settings *settings)
{
    int lowest = version_number(settings->lowest_version);
    /* what OpenSSL 3 and Debian's settings otherwise forbid */
    const char *ciphers = lowest == TLS1_1_VERSION
                              ? "DEFAULT:@SECLEVEL=0"
                              : "DEFAULT:!aNULL:!eNULL:!LOW:!EXPORT:!SSLv2:@STRENGTH";
    if (lowest == 0 || SSL_CTX_set_min_proto_version(ssl, lowest) != 1 ||
        SSL_CTX_set_cipher_list(ssl, ciphers) != 1) {
        return "cannot set the TLS version";
    }
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_dh_auto(ssl, 1);
    if (SSL_CTX_use_certificate_chain_file(ssl, settings->certificate_file) != 1) {
        return settings->certificate_file;
    }
    if (SSL_CTX_use_PrivateKey_file(ssl, settings->key_file, SSL_FILETYPE_PEM) != 1) {
        return settings->key_file;
    }
    if (SSL_CTX_check_private_key(ssl) != 1) {
        return "the server's key does not belong to its certificate";
    }
    if (SSL_CTX_load_verify_locations(ssl, settings->ca_file, NULL) != 1) {
        return settings->ca_file;
    }
    /* A client without a certificate completes the handshake; AWS closes behind it. */
    SSL_CTX_set_verify(ssl, settings->ask_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_client_hello_cb(ssl, on_hello, NULL);
    SSL_CTX_set_alpn_select_cb(ssl, on_alpn, NULL);
    SSL_CTX_set_info_callback(ssl, on_info);
    return NULL;
}

struct gateway_tls_context *gateway_tls_context_new(const struct gateway_tls_settings *settings,
                                                    char *error, size_t size)
{
    struct gateway_tls_context *context = xcalloc(1, sizeof *context);
    context->settings = *settings;
    context->ssl = SSL_CTX_new(TLS_server_method());
    CHECK(context->ssl != NULL);
    ERR_clear_error();
    const char *wrong = set_up(context->ssl, settings);
    if (wrong != NULL) {
        const char *why = ERR_reason_error_string(ERR_peek_last_error());
        snprintf(error, size, "%s: %s", wrong, why == NULL ? "not usable" : why);
        gateway_tls_context_free(context);
        return NULL;
    }
    return context;
}

void gateway_tls_context_free(struct gateway_tls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(context->ssl);
        free(context);
    }
}

struct gateway_tls *gateway_tls_new(struct gateway_tls_context *context)
{
    struct gateway_tls *tls = xcalloc(1, sizeof *tls);
    tls->settings = &context->settings;
    tls->alert = -1;
    tls->ssl = SSL_new(context->ssl);
    tls->from_client = BIO_new(BIO_s_mem());
    tls->to_client = BIO_new(BIO_s_mem());
    CHECK(tls->ssl != NULL && tls->from_client != NULL && tls->to_client != NULL);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_bio(tls->ssl, tls->from_client, tls->to_client);
    SSL_set_accept_state(tls->ssl);
    gateway_identity_none(&tls->identity);
    return tls;
}

void gateway_tls_free(struct gateway_tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        gateway_identity_fini(&tls->identity);
        free(tls);
    }
}

/* What an OpenSSL call that gave 'rc' means for the connection. */
static void note_result(struct gateway_tls *tls, int rc)
{
    switch (SSL_get_error(tls->ssl, rc)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        tls->state = TLS_CLOSED;
        break;
    default:
        tls->code = ERR_peek_error();
        tls->state = TLS_FAILED;
        break;
    }
}

static void handshake(struct gateway_tls *tls)
{
    int rc = SSL_do_handshake(tls->ssl);
    if (rc != 1) {
        note_result(tls, rc);
        return;
    }
    tls->state = TLS_OPEN;
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    if (certificate != NULL) {
        gateway_identity_of(&tls->identity, certificate);
        gateway_identity_server_name(&tls->identity, tls->hello.server_name);
    }
}

enum gateway_tls_state gateway_tls_receive(struct gateway_tls *tls, struct span cipher,
                                           struct buf *plain)
{
    ERR_clear_error();
    CHECK(cipher.n <= INT32_MAX);
    if (cipher.n > 0) {
        CHECK(BIO_write(tls->from_client, cipher.p, (int)cipher.n) == (int)cipher.n);
    }
    if (tls->state == TLS_HANDSHAKE) {
        handshake(tls);
    }
    while (tls->state == TLS_OPEN) {
        uint8_t step[PLAIN_STEP];
        int rc = SSL_read(tls->ssl, step, sizeof step);
        if (rc <= 0) {
            note_result(tls, rc);
            break;
        }
        CHECK(buf_add(plain, span_of(step, (size_t)rc)));
    }
    return tls->state;
}

void gateway_tls_send(struct gateway_tls *tls, struct span plain)
{
    while (tls->state == TLS_OPEN && plain.n > 0) {
        ERR_clear_error();
        int rc = SSL_write(tls->ssl, plain.p, plain.n > PLAIN_STEP ? PLAIN_STEP : (int)plain.n);
        if (rc <= 0) {
            note_result(tls, rc);
            return;
        }
        plain = span_from(plain, (size_t)rc);
    }
}

void gateway_tls_close(struct gateway_tls *tls)
{
    if (tls->state == TLS_OPEN || tls->state == TLS_CLOSED) {
        ERR_clear_error();
        SSL_shutdown(tls->ssl);
        tls->state = TLS_CLOSED;
    }
}

void gateway_tls_take(struct gateway_tls *tls, struct buf *cipher)
{
    uint8_t step[PLAIN_STEP];
    int n = 0;
    while ((n = BIO_read(tls->to_client, step, sizeof step)) > 0) {
        CHECK(buf_add(cipher, span_of(step, (size_t)n)));
    }
}

static enum gateway_rule rule_of_code(unsigned long code)
{
    switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
        return RULE_TLS_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
        return RULE_TLS_CIPHER;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return RULE_TLS_CERTIFICATE;
    default:
        return RULE_TLS_BROKEN;
    }
}

static void say(struct gateway_verdict *verdict, enum gateway_rule rule, const char *text)
{
    verdict->rule = rule;
    snprintf(verdict->detail, sizeof verdict->detail, "%s", text);
}

void gateway_tls_verdict(const struct gateway_tls *tls, bool ended,
                         struct gateway_verdict *ret_verdict)
{
    *ret_verdict = (struct gateway_verdict){ .rule = RULE_NONE, .close = true };
    char offers[160];
    if (tls->state == TLS_OPEN) {
        bool nameless = tls->settings->ask_certificate && tls->identity.certificate_id[0] == '\0';
        if (nameless) {
            say(ret_verdict, RULE_TLS_NO_CERTIFICATE,
                "the handshake was completed, then the connection closed");
        }
        return;
    }
    if (tls->state == TLS_CLOSED || (tls->state == TLS_HANDSHAKE && !ended)) {
        return;
    }
    if (tls->hello.refused != RULE_NONE) {
        say(ret_verdict, tls->hello.refused,
            gateway_hello_describe(&tls->hello, offers, sizeof offers));
    } else if (tls->alert >= 0) {
        say(ret_verdict, RULE_TLS_ALERT, gateway_hello_alert(tls->alert, offers, sizeof offers));
    } else if (tls->state == TLS_HANDSHAKE) {
        say(ret_verdict, RULE_TLS_ENDED, SSL_state_string_long(tls->ssl));
    } else {
        const char *why = ERR_reason_error_string(tls->code);
        enum gateway_rule rule = rule_of_code(tls->code);
        long verified = SSL_get_verify_result(tls->ssl);
        if (rule == RULE_TLS_CERTIFICATE) {
            why = X509_verify_cert_error_string(verified);
        } else if (rule == RULE_TLS_VERSION || rule == RULE_TLS_CIPHER) {
            why = gateway_hello_describe(&tls->hello, offers, sizeof offers);
        }
        say(ret_verdict, rule, why == NULL ? "the client sent no TLS" : why);
    }
}

const char *gateway_tls_user(const struct gateway_tls *tls)
{
    return tls->identity.user;
}

const char *gateway_tls_password(const struct gateway_tls *tls)
{
    return tls->identity.password;
}

const char *gateway_tls_certificate_id(const struct gateway_tls *tls)
{
    return tls->identity.certificate_id[0] == '\0' ? NULL : tls->identity.certificate_id;
}

const char *gateway_tls_describe(const struct gateway_tls *tls, char *text, size_t size)
{
    snprintf(text, size, "%s, %s, %s%s", SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl),
             tls->hello.server_name[0] == '\0' ? "no server name" : "server name ",
             tls->hello.server_name);
    return text;
}
