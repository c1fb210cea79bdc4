/* TLS as AWS IoT Core's device gateway ends it, over OpenSSL and memory: ciphertext in, plaintext
 * out and the other way round. No descriptor, no clock but OpenSSL's own for certificates. */
#ifndef BROKER_GATEWAY_TLS_H
#define BROKER_GATEWAY_TLS_H

#include "base/buf.h"
#include "broker/gateway_rules.h"
#include "broker/registry.h"

struct gateway_tls_settings {
    const char *ca_file, *certificate_file, *key_file; /* PEM */
    const char *lowest_version;                        /* "tlsv1.1", "tlsv1.2", "tlsv1.3" */
    bool ask_certificate;                              /* and refuse clients that have none */
    bool sni_required;
    bool alpn_required; /* "x-amzn-mqtt-ca" */
};

struct gateway_tls_context;

/* Returns a context, or NULL with the reason in 'error'. The settings are copied, not their texts,
 * which must stay. */
struct gateway_tls_context *gateway_tls_context_new(const struct gateway_tls_settings *settings,
                                                    char *error, size_t size);
void gateway_tls_context_free(struct gateway_tls_context *context);

enum gateway_tls_state {
    TLS_HANDSHAKE,
    TLS_OPEN,
    TLS_CLOSED, /* the client said close_notify */
    TLS_FAILED  /* gateway_tls_verdict() tells why */
};

struct gateway_tls;

struct gateway_tls *gateway_tls_new(struct gateway_tls_context *context);
void gateway_tls_free(struct gateway_tls *tls);

/* Takes what came from the client and appends its plaintext. After every call there may be
 * ciphertext to send. */
enum gateway_tls_state gateway_tls_receive(struct gateway_tls *tls, struct span cipher,
                                           struct buf *plain);

/* Encrypts plaintext for the client; only in state TLS_OPEN, anything else is dropped. */
void gateway_tls_send(struct gateway_tls *tls, struct span plain);

/* Says close_notify to the client. Nothing can be sent after it. */
void gateway_tls_close(struct gateway_tls *tls);

/* Appends the ciphertext that waits to be sent. */
void gateway_tls_take(struct gateway_tls *tls, struct buf *cipher);

/* Why the handshake or the connection failed, or RULE_NONE. 'ended': the client's TCP connection is
 * over, which within the handshake is a failure of its own. Also after a handshake without the
 * client's certificate where one is asked for. */
void gateway_tls_verdict(const struct gateway_tls *tls, bool ended,
                         struct gateway_verdict *ret_verdict);

/* Who the client is, for its CONNECT: "aws-iot/" and its certificate id, or "none"; and the
 * certificate's DER form in base64, or "". Valid until gateway_tls_free(). */
const char *gateway_tls_user(const struct gateway_tls *tls);
const char *gateway_tls_password(const struct gateway_tls *tls);

/* The certificate id, or NULL. */
const char *gateway_tls_certificate_id(const struct gateway_tls *tls);

/* One line on what was agreed: version, cipher suite, server name. Returns 'text'. */
const char *gateway_tls_describe(const struct gateway_tls *tls, char *text, size_t size);

#endif
