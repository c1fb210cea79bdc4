#include "sim/link/tls_text.h"

#include <stddef.h>

#include <mbedtls/ssl.h>

#include "base/check.h"

static const struct {
    uint8_t description;
    const char *name;
} alerts[] = {
    { 0, "close_notify" },
    { 10, "unexpected_message" },
    { 20, "bad_record_mac" },
    { 21, "decryption_failed" },
    { 22, "record_overflow" },
    { 30, "decompression_failure" },
    { 40, "handshake_failure" },
    { 41, "no_certificate" },
    { 42, "bad_certificate" },
    { 43, "unsupported_certificate" },
    { 44, "certificate_revoked" },
    { 45, "certificate_expired" },
    { 46, "certificate_unknown" },
    { 47, "illegal_parameter" },
    { 48, "unknown_ca" },
    { 49, "access_denied" },
    { 50, "decode_error" },
    { 51, "decrypt_error" },
    { 60, "export_restriction" },
    { 70, "protocol_version" },
    { 71, "insufficient_security" },
    { 80, "internal_error" },
    { 86, "inappropriate_fallback" },
    { 90, "user_canceled" },
    { 100, "no_renegotiation" },
    { 109, "missing_extension" },
    { 110, "unsupported_extension" },
    { 112, "unrecognized_name" },
    { 115, "unknown_psk_identity" },
    { 116, "certificate_required" },
    { 120, "no_application_protocol" },
};

const char *tls_alert_name(uint8_t description)
{
    for (size_t i = 0; i < ARRAY_LEN(alerts); i++) {
        if (alerts[i].description == description) {
            return alerts[i].name;
        }
    }
    return "unknown alert";
}

bool tls_alert_refuses_handshake(uint8_t description)
{
    return (description >= 40 && description <= 49) || description == 51 || description == 70 ||
           description == 71 || description == 116;
}

const char *tls_step_name(int state)
{
    switch (state) {
    case MBEDTLS_SSL_HELLO_REQUEST:
    case MBEDTLS_SSL_CLIENT_HELLO:
        return "ClientHello";
    case MBEDTLS_SSL_SERVER_HELLO:
        return "ServerHello";
    case MBEDTLS_SSL_SERVER_CERTIFICATE:
        return "server Certificate";
    case MBEDTLS_SSL_SERVER_KEY_EXCHANGE:
        return "ServerKeyExchange";
    case MBEDTLS_SSL_CERTIFICATE_REQUEST:
    case MBEDTLS_SSL_SERVER_HELLO_DONE:
        return "ServerHelloDone";
    case MBEDTLS_SSL_CLIENT_CERTIFICATE:
        return "client Certificate";
    case MBEDTLS_SSL_CLIENT_KEY_EXCHANGE:
        return "ClientKeyExchange";
    case MBEDTLS_SSL_CERTIFICATE_VERIFY:
        return "CertificateVerify";
    case MBEDTLS_SSL_CLIENT_CHANGE_CIPHER_SPEC:
    case MBEDTLS_SSL_CLIENT_FINISHED:
        return "client Finished";
    case MBEDTLS_SSL_SERVER_NEW_SESSION_TICKET:
    case MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC:
    case MBEDTLS_SSL_SERVER_FINISHED:
        return "server Finished";
    default:
        return "end of the handshake";
    }
}
