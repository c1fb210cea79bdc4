/* What the gateway needs to know of a TLS client beside OpenSSL's verdict: what its ClientHello
 * offers, and what its alerts mean. */
#ifndef BROKER_GATEWAY_TLS_HELLO_H
#define BROKER_GATEWAY_TLS_HELLO_H

#include "base/span.h"
#include "broker/gateway_rules.h"

#include <openssl/ssl.h>

struct gateway_hello {
    char server_name[256]; /* SNI, empty if there is none */
    bool seen;
    bool offers_alpn;
    bool offers_mqtt;         /* ALPN x-amzn-mqtt-ca */
    unsigned highest_version; /* e.g. 0x0303 for TLS 1.2 */
    unsigned cipher_count;
    enum gateway_rule refused; /* set by who refuses it */
};

/* Reads the ClientHello of a handshake; within OpenSSL's ClientHello callback only. */
void gateway_hello_read(SSL *ssl, struct gateway_hello *ret_hello);

/* The protocol of an ALPN list that the gateway speaks; false if there is none. */
bool gateway_hello_choose(struct span list, const unsigned char **ret_name,
                          unsigned char *ret_length);

/* What it offers, in words. Returns 'text'. */
const char *gateway_hello_describe(const struct gateway_hello *hello, char *text, size_t size);

/* What an alert of the client means, in words. Returns 'text'. */
const char *gateway_hello_alert(int alert, char *text, size_t size);

#endif
