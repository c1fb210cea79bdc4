#include "broker/gateway_tls_hello.h"
#include "base/check.h"

#include <stdio.h>

#define MQTT_PROTOCOL "x-amzn-mqtt-ca"

bool gateway_hello_choose(struct span list, const unsigned char **ret_name,
                          unsigned char *ret_length)
{
    while (list.n > 0 && list.p[0] < list.n) {
        struct span name = span_of(list.p + 1, list.p[0]);
        if (span_eq(name, SPAN_LIT(MQTT_PROTOCOL))) {
            *ret_name = name.p;
            *ret_length = (unsigned char)name.n;
            return true;
        }
        list = span_from(list, name.n + 1);
    }
    return false;
}

static struct span extension(SSL *ssl, unsigned type)
{
    const unsigned char *bytes = NULL;
    size_t length = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &bytes, &length) != 1) {
        return (struct span){ NULL, 0 };
    }
    return span_of(bytes, length);
}

/* RFC 6066, 3: a list of names, of which the first is taken, of type host_name. */
static void read_server_name(struct span ext, struct gateway_hello *hello)
{
    if (ext.n < 5 || ext.p[2] != 0) {
        return;
    }
    size_t length = (size_t)ext.p[3] << 8 | ext.p[4];
    struct span name = span_from(ext, 5);
    if (length > name.n || length >= sizeof hello->server_name) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        char c = (char)name.p[i];
        hello->server_name[i] = (char)(c > ' ' && c < 127 ? c : '?');
    }
    hello->server_name[length] = '\0';
}

/* RFC 8446, 4.2.1: one byte of length, then versions. */
static void read_versions(struct span ext, struct gateway_hello *hello)
{
    for (size_t i = 1; i + 1 < ext.n; i += 2) {
        unsigned version = (unsigned)ext.p[i] << 8 | ext.p[i + 1];
        if (version <= TLS1_3_VERSION && version > hello->highest_version) {
            hello->highest_version = version;
        }
    }
}

void gateway_hello_read(SSL *ssl, struct gateway_hello *ret_hello)
{
    const unsigned char *bytes = NULL;
    *ret_hello = (struct gateway_hello){ .seen = true, .refused = RULE_NONE };
    ret_hello->highest_version = SSL_client_hello_get0_legacy_version(ssl);
    ret_hello->cipher_count = (unsigned)SSL_client_hello_get0_ciphers(ssl, &bytes) / 2;
    read_server_name(extension(ssl, TLSEXT_TYPE_server_name), ret_hello);
    read_versions(extension(ssl, TLSEXT_TYPE_supported_versions), ret_hello);
    struct span alpn = extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation);
    unsigned char length = 0;
    ret_hello->offers_alpn = alpn.n > 0;
    ret_hello->offers_mqtt =
        alpn.n > 2 && gateway_hello_choose(span_from(alpn, 2), &bytes, &length);
}

const char *gateway_hello_describe(const struct gateway_hello *hello, char *text, size_t size)
{
    unsigned version = hello->highest_version;
    if (!hello->seen) {
        snprintf(text, size, "its ClientHello could not be read");
    } else if (hello->refused == RULE_TLS_ALPN) {
        snprintf(text, size,
                 hello->offers_alpn ? "it offers other protocols" : "it offers no ALPN");
    } else if (version >= SSL3_VERSION && version <= TLS1_3_VERSION) {
        snprintf(text, size, "the client offers %s %u.%u at most, %u cipher suites%s%.80s",
                 version == SSL3_VERSION ? "SSL" : "TLS", version == SSL3_VERSION ? 3 : 1,
                 version == SSL3_VERSION ? 0 : (version & 255) - 1, hello->cipher_count,
                 hello->server_name[0] == '\0' ? ", no server name" : ", server name ",
                 hello->server_name);
    } else {
        snprintf(text, size, "the client offers version 0x%04x", version);
    }
    return text;
}

/* RFC 5246, 7.2.2 and RFC 8446, 6.2: what a client most likely means by it here. */
static const struct {
    int alert;
    const char *meaning;
} alert_row[] = {
    { SSL_AD_UNKNOWN_CA, "the client does not trust our server certificate: give it "
                         "AmazonRootCA1.pem of the broker's certificates" },
    { SSL_AD_BAD_CERTIFICATE,
      "the client finds our server certificate bad: wrong CA, wrong name or "
      "wrong dates; compare its CA, its clock and the address it connects to" },
    { SSL_AD_CERTIFICATE_EXPIRED,
      "our server certificate is outside its dates by the client's clock" },
    { SSL_AD_CERTIFICATE_UNKNOWN, "the client could not verify our server certificate" },
    { SSL_AD_UNSUPPORTED_CERTIFICATE, "the client cannot use our kind of server certificate" },
    { SSL_AD_HANDSHAKE_FAILURE, "the client could not agree on the parameters" },
    { SSL_AD_PROTOCOL_VERSION, "the client does not take our TLS version" },
    { SSL_AD_DECRYPT_ERROR, "a signature of ours did not fit: server key and certificate differ" },
    { SSL_AD_INTERNAL_ERROR, "the client failed by itself, e.g. over its own key" },
    { SSL_AD_USER_CANCELLED, "the client gave up" },
    { SSL_AD_CLOSE_NOTIFY, "the client closed in order" },
};

const char *gateway_hello_alert(int alert, char *text, size_t size)
{
    const char *meaning = NULL;
    for (size_t i = 0; i < ARRAY_LEN(alert_row); i++) {
        meaning = alert_row[i].alert == alert ? alert_row[i].meaning : meaning;
    }
    snprintf(text, size, "alert %d (%s)%s%s", alert, SSL_alert_desc_string_long(alert),
             meaning == NULL ? "" : ": ", meaning == NULL ? "" : meaning);
    return text;
}
