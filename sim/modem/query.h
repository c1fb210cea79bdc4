/* What a modem asks the network for: names, echoes, the time. Plain data, shared by the modem
 * (which asks on behalf of AT commands) and by the host, which asks the real network. */
#ifndef SIM_MODEM_QUERY_H
#define SIM_MODEM_QUERY_H

#include "base/span.h"

enum query_kind {
    QUERY_RESOLVE, /* the IPv4 address of a host name */
    QUERY_REVERSE, /* the host name of an IPv4 address */
    QUERY_PING,    /* one ICMP echo to an IPv4 address */
    QUERY_SNTP,    /* the time of an NTP server, port 123 */
};

struct query {
    enum query_kind kind;
    struct span target; /* host name, or IPv4 address in dotted form */
    uint32_t limit_ms;  /* real time; without an answer until then the outcome is QUERY_TIMEOUT */
    uint16_t bytes;     /* PING: data behind the ICMP header */
    uint8_t ttl;        /* PING: time to live of the request */
};

/* How a query can end; the names are traced as they stand. */
#define QUERY_END_LIST(X)                                                                          \
    X(ANSWERED, "answered")                                                                        \
    X(NO_NAME, "no such name or address")                                                          \
    X(UNREACHABLE, "cannot be sent, or refused")                                                   \
    X(TIMEOUT, "no answer in time")
#define QUERY_END_ENUM_(name, text) QUERY_##name,

enum query_end { QUERY_END_LIST(QUERY_END_ENUM_) };

#undef QUERY_END_ENUM_

/* The rest counts when it was answered. */
struct query_result {
    enum query_end end;
    struct span text; /* RESOLVE: dotted address; REVERSE: name, as foreign as a name server is */
    uint32_t ms;      /* PING: round trip */
    uint8_t ttl;      /* PING: time to live that was left of the reply */
    int64_t utc;      /* SNTP: seconds since 1970 */
};

#endif
