/* What the modem asks for when it opens a connection, and how a connection can end. Plain data,
 * shared by the modem (which fills it from AT commands) and by the code that opens real
 * connections. */
#ifndef SIM_LINK_DIAL_H
#define SIM_LINK_DIAL_H

#include "base/span.h"

/* Protocol versions in the numbering of AT+CSSLCFG="sslversion" (mqtt-ssl-commands.md 5.1). */
enum tls_version { TLS_SSL_3_0 = 0, TLS_1_0 = 1, TLS_1_1 = 2, TLS_1_2 = 3 };

/* One TLS client connection. File contents are PEM or DER as they were stored by AT+CCERTDOWN. */
struct tls_params {
    enum tls_version min_version, max_version;
    bool verify_server; /* authmode 1, 2: the chain must lead to 'ca' */
    bool send_cert;     /* authmode 2, 3: present 'cert' with 'key' when the server asks */
    bool check_dates;   /* ignorelocaltime 0: validity periods against 'now' */
    int64_t now;        /* the modem's own clock, seconds since 1970-01-01 UTC */
    uint32_t handshake_ms;
    struct span ca, cert, key;
    struct span key_password; /* empty: none */
    bool sni;                 /* send 'host' of the dial as server name */
    uint16_t ciphersuite;     /* IANA number; 0 or 0xFFFF: every suite the library offers */
};

struct dial {
    struct span host; /* name or address as the client typed it */
    uint16_t port;
    uint32_t connect_ms;          /* limit for name resolution and TCP connect together */
    const struct tls_params *tls; /* NULL: plain TCP */
};

/* How a connection attempt or a connection ended; the names are traced as they stand. */
#define LINK_END_LIST(X)                                                                           \
    X(DNS, "name not resolved")                                                                    \
    X(REFUSED, "TCP connection refused or host unreachable")                                       \
    X(CONNECT_TIMEOUT, "no TCP connection in time")                                                \
    X(TLS_SETUP, "TLS could not be set up locally")                                                \
    X(TLS_HANDSHAKE, "TLS handshake failed")                                                       \
    X(TLS_CLOSED, "peer closed the connection during the TLS handshake")                           \
    X(TLS_TIMEOUT, "TLS handshake not finished in time")                                           \
    X(CLOSED, "peer closed the connection")                                                        \
    X(CLOSED_NO_CERT,                                                                              \
      "peer asked for a client certificate, got none, and closed after the handshake")             \
    X(RESET, "connection reset")                                                                   \
    X(BROKEN, "the stream became unusable (bad TLS record, write error)")
#define LINK_END_ENUM_(name, text) LINK_##name,

enum link_end { LINK_END_LIST(LINK_END_ENUM_) };

#undef LINK_END_ENUM_

#endif
